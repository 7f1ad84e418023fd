"""Every page that a link opens asks the database as often for many rows as for few, whoever opens it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Model

from incoming_world import arrived, registered
from lienthong.office.models import (
    CopyLoan,
    Delivery,
    Document,
    Dossier,
    DossierDocument,
    DossierReader,
    FilePlan,
    FilePlanHeading,
    ImportRun,
    Message,
    Notice,
    NumberEntry,
    Opinion,
    Phrase,
    Register,
    Review,
    SavedView,
    SigningStep,
    StatusEvent,
    StoredFile,
    Task,
    Webhook,
    WebhookCall,
)
from lienthong.office.services import indexing, tasks
from lienthong.office.services.books import BOOKS
from lienthong.office.services.facts import FACTS
from lienthong.office.services.tasks import Owner
from lienthong.office.states import Role, TaskKind
from lienthong.office.urls import ALL
from lienthong.webkit.door.access import Route
from lienthong.webkit.door.entering import digest_of
from lienthong.webkit.people.models import Account, ApiToken, Appointment, Delegation, Unit
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import OfficeClient, working_as
from outgoing_world import OutgoingAgency, make_outgoing

FEW, MANY = 5, 40
"""Fewer than a page of any list, so that both counts are of whole lists."""
NOW = datetime.now(UTC)
NOT_PAGES = {"single", "single_return", "calendar_feed", "draft_compared", "draft_marked", "look", "page"}
"""Addresses of a single sign-on that is not set up, of a secret, of two chosen files, of pictures and resources."""


def rows(number: int, row: Model, **changes: Callable[[int], Any]) -> list[Any]:
    """A row this many times over, with what has to differ."""
    made = []
    for each in range(number):
        copy = type(row).objects.get(pk=row.pk)
        copy.pk = None
        for name, value in changes.items():
            setattr(copy, name, value(each))
        copy.save(force_insert=True)
        made.append(copy)
    return made


class World:
    """An agency in which everything stands in a list with its like, and belongs to one thing with its like."""

    def __init__(self, number: int) -> None:
        self.out: OutgoingAgency = make_outgoing(number)
        self.made = self.out.made
        self.count, self.tokens = 0, set[Duty]()
        self._papers()
        with acting_for(self.made.agency.pk), transaction.atomic():
            self._desk()

    def _papers(self) -> None:
        """One of each document, by the ways that documents go."""
        self.arrival = arrived(self.made)
        self.incoming = registered(self.made)
        draft, signing, signed, sealed, issued = (self.out.draft() for _ in range(5))
        for each in (signing, signed, sealed, issued):
            self.out.to_signers(each)
        for each in (signed, sealed, issued):
            self.out.sign(each)
        for each in (sealed, issued):
            self.out.number(each)
            self.out.seal(each)
        self.out.issue(issued)
        self.drafts = [draft, signing, signed, sealed, issued]

    def _desk(self) -> None:
        agency, leader, head = self.made.agency, self.made.people[Duty.LEADER], self.made.people[Duty.UNIT_HEAD]
        officer, day = self.made.people[Duty.CASE_OFFICER], NOW.date()
        with working_as(self.made, Duty.LEADER) as visit:
            above = tasks.give(
                visit, self.incoming, Owner(unit=self.made.unit.pk), TaskKind.HANDLING, Role.LEAD, due=day
            )
            below = tasks.give(
                visit, self.incoming, Owner(officer.pk), TaskKind.HANDLING, Role.LEAD, parent=above, due=day
            )
            self.task = tasks.give(
                visit, None, Owner(unit=self.made.unit.pk), TaskKind.HANDLING, Role.LEAD, title="Việc", due=day
            )
            child = tasks.give(
                visit, None, Owner(officer.pk), TaskKind.HANDLING, Role.LEAD, parent=self.task, title="Con", due=day
            )
        self.tasks = [above, below, child, self.task]
        by = {"agency": agency, "at": NOW}
        self.opinions = [
            Opinion.objects.create(
                document=self.incoming, task=below, author=leader, kind="reminder", text="Nhắc", **by
            ),
            Opinion.objects.create(
                document=self.incoming, author=head, for_whom=leader, kind="directive", text="Giao", **by
            ),
            Opinion.objects.create(document_id=self.drafts[0], author=head, kind="opinion", text="Góp ý", **by),
        ]
        self.status = StatusEvent.objects.create(document=self.incoming, outward=True, code=3, party="H1", **by)
        self.plan = FilePlan.objects.create(agency=agency, year=day.year)
        self.heading = FilePlanHeading.objects.create(agency=agency, plan=self.plan, order=1, title="Tổ chức")
        self.dossier = Dossier.objects.create(
            agency=agency, plan=self.plan, heading=self.heading, year=day.year, code="01.TC", title="Hồ sơ", creator=officer,
            unit=self.made.unit, state="open", starts_on=day,
        )  # fmt: skip
        self.reader = DossierReader.objects.create(
            agency=agency, dossier=self.dossier, principal=-self.made.unit.pk, asked_at=NOW, asked_by=officer, confirmed_at=NOW,
        )  # fmt: skip
        self.run = ImportRun.objects.create(
            agency=agency, system="cu", direction="incoming", name="bang.xlsx", header=["a"], rows=b"0" * 32, count=1, made_at=NOW,
            made_by=officer,
        )  # fmt: skip
        self.webhook = Webhook.objects.create(
            agency=agency, url="https://x.example", secret=b"1", made_at=NOW, made_by=officer
        )
        self.call = WebhookCall.objects.create(
            agency=agency, webhook=self.webhook, event="document.issued", key="k", body="{}", made_at=NOW, next_at=NOW
        )
        self.loan = CopyLoan.objects.create(
            agency=agency, document_id=self.drafts[-1], used_on=day, user="Người mượn", allowed_by="Người cho", noted_by=officer,
            returned_on=day,
        )  # fmt: skip
        self.delegation = Delegation.objects.create(
            agency=agency, principal=leader, substitute=head, duties=["leader"], starts_at=NOW - timedelta(1),
            ends_at=NOW + timedelta(9), reason="Đi công tác", made_by=leader,
        )  # fmt: skip

    def grow(self, to: int) -> None:
        """Until there are so many of everything."""
        number, base = to - self.count, self.count
        with acting_for(self.made.agency.pk), transaction.atomic():
            self._grow_documents(number, base)
            self._grow_desks(number, base)
            self._grow_agency(number, base)
        self.count = to

    def _grow_documents(self, number: int, base: int) -> None:
        received = rows(
            number, self.incoming, arrival_number=lambda each: 1000 + base + each, identifier=lambda _: "",
            answers=lambda _: None,
        )  # fmt: skip
        rows(number, self.arrival, reference=lambda each: f"n{base + each}")
        rows(number, self.arrival, reference=lambda each: f"s{base + each}", source=lambda _: "scan")
        copies = []
        for first in self.drafts:
            shown = Document.objects.get(pk=first)
            numbered = shown.number_value is not None
            made = rows(
                number, shown, number_value=lambda each, n=numbered, of=first: of * 5000 + base + each if n else None
            )
            for each in made:
                for row in (
                    *SigningStep.objects.filter(document=shown),
                    *StoredFile.objects.filter(document=shown, slot=0),
                ):
                    rows(1, row, document=lambda _, each=each: each)
                if numbered:
                    NumberEntry.objects.create(
                        agency=self.made.agency, register=each.register, number=each.number_value, document=each, given_at=NOW,
                        given_by=self.made.people[Duty.REGISTRAR],
                    )  # fmt: skip
            copies += made
            for kind in (Review, SigningStep, Delivery, Message):
                for row in list(kind.objects.filter(document=shown)[:1]):
                    keyed = {"key": lambda each, first=first: f"m{first}-{base + each}"} if kind is Message else {}
                    rows(number, row, **keyed)
            for each in made:
                for row in Delivery.objects.filter(document=shown)[:2]:
                    rows(1, row, document=lambda _, each=each: each)
        Document.objects.filter(pk__in=[each.pk for each in copies[:number]]).update(answers=self.incoming)
        for each in (self.incoming, *(Document.objects.get(pk=pk) for pk in self.drafts)):
            file = StoredFile.objects.filter(document=each).first()
            assert file is not None
            rows(number, file, slot=lambda place: 10 + base + place, role=lambda _: "attachment")
            rows(number, file, version=lambda place: 10 + base + place)
        for place, each in enumerate((*received, *copies)):
            indexing.index(each, "quyết định")
            DossierDocument.objects.create(
                agency=self.made.agency, dossier=self.dossier, document=each, ordinal=base * 6 + place + 1, filed_at=NOW,
                filed_by=self.made.people[Duty.CASE_OFFICER],
            )  # fmt: skip
        self.received = received

    def _grow_desks(self, number: int, base: int) -> None:
        for each in self.tasks:
            again = rows(number, each)
            if each.document_id is not None:
                for one, document in zip(again, self.received, strict=True):
                    rows(1, one, document=lambda _, document=document: document, parent=lambda _: None)
        for each in self.opinions:
            rows(number, each)
        for each in (self.status, self.run, self.webhook, self.call, self.loan, self.delegation):
            rows(number, each)
        for account in self.made.people.values():
            for place in range(number):
                n = base + place
                Notice.objects.create(
                    agency=self.made.agency, account=account, kind="draft", text="Báo", where="/", at=NOW
                )
                SavedView.objects.create(
                    agency=self.made.agency, owner=account, page="search", name=f"v{n}", query="q=a"
                )
                SavedView.objects.create(
                    agency=self.made.agency, owner=account, page="incoming", name=f"v{n}", query="q=a"
                )
                Phrase.objects.create(agency=self.made.agency, owner=account, text=f"Câu {n}", order=n)
                ApiToken.objects.create(
                    agency=self.made.agency, account=account, digest=f"{account.pk}-{n}".encode().ljust(32), name="m",
                    created_at=NOW, ends_at=NOW + timedelta(9),
                )  # fmt: skip

    def _grow_agency(self, number: int, base: int) -> None:
        agency, day = self.made.agency, date(2020, 1, 1)
        for place in range(number):
            n = base + place
            unit = Unit.objects.create(agency=agency, name=f"Phòng {n}", abbreviation=f"P{n}", valid_from=day)
            person = Account.objects.create(agency=agency, login=f"n{n}.{agency.code.lower()}", full_name=f"Người {n}")
            heading = FilePlanHeading.objects.create(
                agency=agency, plan=self.plan, order=n + 2, title=f"Mục {n}", unit=unit
            )
            FilePlanHeading.objects.create(agency=agency, plan=self.plan, parent=self.heading, order=n, title="Nhỏ")
            dossier = rows(
                1, self.dossier, code=lambda _, n=n: f"{n + 10}.TC", heading=lambda _, heading=heading: heading
            )[0]
            rows(1, self.reader, dossier=lambda _, dossier=dossier: dossier)
            rows(1, self.reader, principal=lambda _, person=person: person.pk)
            for duty in (Duty.CASE_OFFICER, Duty.LEADER):
                Appointment.objects.create(
                    agency=agency, account=person, unit=unit, duty=duty.value, position=f"CHỨC VỤ {n}", valid_from=day
                )
            Task.objects.filter(document=self.received[place], account__isnull=False).update(giver=person)
            entry = DossierDocument.objects.filter(document=self.received[place]).first()
            assert entry is not None
            rows(1, entry, dossier=lambda _, dossier=dossier: dossier)

    def token(self, duty: Duty) -> str:
        """What a program of this person shows; pages do not look at it."""
        account = self.made.people[duty]
        if duty not in self.tokens:
            self.tokens.add(duty)
            with acting_for(self.made.agency.pk):
                ApiToken.objects.create(
                    agency=self.made.agency, account=account, digest=digest_of(account.login), name="m", created_at=NOW,
                    ends_at=NOW + timedelta(9),
                )  # fmt: skip
        return account.login

    def addresses(self, route: Route) -> Iterator[str]:
        """The addresses of a route for the things that grow, two for what is either incoming or outgoing."""
        with acting_for(self.made.agency.pk):
            register = Register.objects.filter(direction="outgoing").values_list("pk", flat=True)[0]
            incoming_register = Register.objects.filter(direction="incoming").values_list("pk", flat=True)[0]
            file = StoredFile.objects.filter(document=self.incoming).values_list("pk", flat=True)[0]
        year = str(NOW.year)
        known = {
            "document": list(map(str, self.drafts)) if route.pattern.startswith("drafts") else [str(self.incoming.pk)], "arrival": [str(self.arrival.pk)], "task": [str(self.task.pk)],
            "dossier": [str(self.dossier.pk)], "run": [str(self.run.pk)], "file": [str(file)], "year": [year],
            "register": [str(register), str(incoming_register)], "account": [str(self.made.people[Duty.CASE_OFFICER].pk)],
            "ending": ["xlsx"], "form": ["indicators", "handling", "sending"], "book": list(BOOKS),
            "key": list(FACTS), "name": ["x"], "size": ["192"], "number": ["1"],
        }  # fmt: skip
        found = [route.pattern]
        for name in re.findall(r"<\w+:(\w+)>", route.pattern):
            found = [re.sub(rf"<\w+:{name}>", value, each, count=1) for each in found for value in known[name]]
        yield from (f"/{each}" for each in found)


def opened_by(route: Route) -> tuple[Duty, ...]:
    """Everybody whom the rule lets in; of papers, which are slow to make and the same for all, the first of them."""
    if not route.rule.signed_in:
        return (Duty.CASE_OFFICER,)
    duties = route.rule.duties or tuple(Duty)
    return duties[:1] if re.search(r"\.(pdf|png|<)|export|slip|paper", route.pattern) else duties


@pytest.fixture(scope="module")
def world(office_installation: object) -> World:
    return World(970_001)


def asked_by(world: World, clients: dict[Duty, OfficeClient]) -> dict[str, Counter[str]]:
    """The questions to the database of every page, by who opens it, without their values."""
    found = {}
    for route in ALL:
        if "GET" not in route.methods or route.name in NOT_PAGES or route.rule.unfinished:
            continue
        for where, duty in product(world.addresses(route), opened_by(route)):
            asked = Counter[str]()

            def note(execute: Callable[..., Any], sql: str, *more: Any, asked: Counter[str] = asked) -> Any:
                asked[re.sub(r"\d+", "?", sql)] += 1
                return execute(sql, *more)

            with connection.execute_wrapper(note):
                answer = clients[duty].get(where, HTTP_AUTHORIZATION=f"Bearer {world.token(duty)}")
                data = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert answer.status_code in {200, 303, 403, 404}, (where, data[-2000:])
            found[f"{duty.value} {where}"] = asked
    return found


@pytest.mark.timeout(1500)
def test_no_page_asks_more_for_many_rows_than_for_few(world: World) -> None:
    clients = {duty: world.made.client(duty) for duty in Duty}
    world.grow(FEW)
    few = asked_by(world, clients)
    world.grow(MANY)
    many = asked_by(world, clients)
    # Whether there are more rows than a page shows is asked once when it is full.
    worse = [
        (page, few[page].total(), asked.total(), (asked - few[page]).most_common(2))
        for page, asked in many.items()
        if asked.total() > few[page].total() + 1
    ]
    assert worse == []
    assert len(many) > 600
