"""One agency in the middle of its work, with at least one real object for every part of every address."""

from __future__ import annotations

import io
import itertools
import re
import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from incoming_world import arrived, registered
from lienthong.office import urls
from lienthong.office.models import (
    CopyLoan,
    Delivery,
    DeviceCertificate,
    ImportRun,
    Phrase,
    Register,
    SavedView,
    StoredFile,
)
from lienthong.office.services import (
    assigning,
    calendars,
    drafting,
    filing,
    importing,
    lending,
    planning,
    quick_phrases,
    reviewing,
    routing,
    saving_views,
    webhooks,
)
from lienthong.office.services.assigning import TaskFields
from lienthong.office.services.books import BOOKS
from lienthong.office.services.filing import DossierFields
from lienthong.office.services.receiving import at_counter
from lienthong.office.services.reviewing import Check
from lienthong.office.services.routing import Order, Target
from lienthong.office.services.tasks import Owner
from lienthong.office.states import Direction, Role
from lienthong.webkit.administration import delegating, tokens
from lienthong.webkit.door.access import Route
from lienthong.webkit.people.models import ApiToken, Appointment, Delegation, Passkey, PushDevice
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import OfficeAgency, working_as
from outgoing_world import OutgoingAgency, make_outgoing

TABLE = (
    "Số đến;Ngày đến;Số ký hiệu;Ngày văn bản;Cơ quan ban hành;Trích yếu;Loại văn bản\n"
    "1;05/01/2019;12/UBND-TH;02/01/2019;UBND tỉnh Thử;Về việc thứ nhất;Công văn\n"
).encode()


@dataclass
class Whole:
    """``numbers``: by the name that addresses have for it, keys of objects of this agency."""

    world: OutgoingAgency
    numbers: dict[str, list[int]] = field(default_factory=dict)
    drafts: list[int] = field(default_factory=list)

    @property
    def made(self) -> OfficeAgency:
        return self.world.made

    def addresses(self, route: Route) -> list[str]:
        """The route with each of the objects that it may mean; one of each other thing that its address names."""
        parts = re.findall(r"<(\w+):(\w+)>", route.pattern)
        known: list[list[str]] = []
        for kind, name in parts:
            if name == "document" and route.pattern.startswith(("drafts/", "api/")):
                known.append([str(each) for each in self.drafts])
            elif kind == "int":
                known.append([str(each) for each in self.numbers[name]])
            else:
                known.append(_WORDS.get((route.name, name), _WORDS.get(("", name), ["khong-co"])))
        made = []
        for chosen in itertools.product(*known):
            where, rest = route.pattern, list(chosen)
            where = re.sub(r"<\w+:\w+>", lambda _: rest.pop(0), where)  # noqa: B023
            made.append(f"/{where}")
        return made


_WORDS = {
    ("", "ending"): ["xlsx"], ("dossier_export", "ending"): ["pdf"], ("", "form"): ["indicators"], ("", "key"): ["arrived"],
    ("", "book"): list(BOOKS), ("", "day"): [f"{date.today().year}-12-31"], ("", "reference"): ["a" * 32],
}  # fmt: skip


def make_whole(number: int) -> Whole:
    """An agency with documents in every state, dossiers, a plan, tasks, and whatever else has an address."""
    whole = Whole(make_outgoing(number))
    _people(whole)
    _incoming(whole)
    _outgoing(whole)
    _dossiers(whole)
    _rest(whole)
    missing = {
        name for each in urls.ALL for name in re.findall(r"<int:(\w+)>", each.pattern) if not whole.numbers.get(name)
    }
    assert not missing, missing
    return whole


def _people(whole: Whole) -> None:
    made, world = whole.made, whole.world
    with working_as(made, Duty.LEADER) as visit:
        begin = visit.now - timedelta(hours=1)
        delegating.delegate(
            visit, world.account(Duty.LEADER), world.account(Duty.OFFICE_CHIEF), [Duty.LEADER], begin,
            begin + timedelta(days=5), "Đi công tác",
        )  # fmt: skip
        tokens.make_token(visit, "Phần mềm một cửa", 30, may_write=True)
        officer = made.people[Duty.CASE_OFFICER]
        Passkey.objects.create(
            agency=made.agency, account=made.people[Duty.LEADER], credential=f"k{made.agency.pk}".encode(),
            public_key=b"k", name="Máy tính cơ quan",
        )  # fmt: skip
        whole.numbers |= {
            "account": [officer.pk], "unit": [made.unit.pk], "number": [1], "dpi": [110], "size": [192],
            "year": [visit.today.year],
            "appointment": [Appointment.objects.filter(account=officer).first().pk],  # type: ignore[union-attr]
            "delegation": list(Delegation.objects.values_list("pk", flat=True)),
            "token": list(ApiToken.objects.values_list("pk", flat=True)),
            "passkey": list(Passkey.objects.filter(agency=made.agency).values_list("pk", flat=True)),
        }  # fmt: skip


def _incoming(whole: Whole) -> None:
    """In the tray (from the axis, from the counter), fresh, submitted, directed, with its officer."""
    made = whole.made
    waiting = arrived(made, urgency=2)
    with working_as(made, Duty.REGISTRAR) as visit:
        counter = at_counter(visit, f"{made.agency.pk:032x}", [])
    fresh, submitted, handled = registered(made), registered(made), registered(made)
    with working_as(made, Duty.REGISTRAR) as visit:
        routing.submit(visit, submitted, made.people[Duty.LEADER].pk, "Đề nghị giao Phòng Tổng hợp chủ trì.")
        order = Order((Target(Owner(unit=made.unit.pk), Role.LEAD),))
        (unit,) = routing.pass_directly(visit, handled, order, "Điều 5 Quy chế")
    with working_as(made, Duty.UNIT_HEAD) as visit:
        officer = Order((Target(Owner(account=made.people[Duty.CASE_OFFICER].pk), Role.LEAD),))
        routing.assign(visit, unit.pk, officer)
    with working_as(made, Duty.LEADER) as visit:
        (task,) = assigning.create(
            visit, TaskFields("Chuẩn bị báo cáo chuyên đề", "Làm rõ số liệu.", (Owner(unit=made.unit.pk),), days=2)
        )
    whole.numbers |= {
        "arrival": [waiting.pk, counter.pk], "document": [fresh.pk, submitted.pk, handled.pk], "task": [task.pk],
    }  # fmt: skip


def _outgoing(whole: Whole) -> None:
    """A draft in each state, from its first word to the issued document."""
    world = whole.world
    draft, content, form, signing, signed, numbered = (world.draft(abstract=f"Về việc thứ {n}") for n in range(1, 7))
    for each in (content, form, signing, signed, numbered):
        world.submit(each)
    for each in (form, signing, signed, numbered):
        world.approve(each, Check.CONTENT, Duty.UNIT_HEAD)
    for each in (signing, signed, numbered):
        world.approve(each, Check.FORM, Duty.REGISTRAR)
    for each in (signed, numbered):
        world.sign(each)
    world.number(numbered)
    issued = world.issued()
    with world.visit(Duty.CASE_OFFICER) as visit:
        drafting.attach(visit, draft, io.BytesIO(b"Bieu mau\n"), "phu-luc.txt")
        reviewing.ask_opinions(visit, draft, [Owner(world.account(Duty.ARCHIVIST).pk)], None)
    with world.visit(Duty.REGISTRAR) as visit:
        lending.lend(visit, issued, "Phòng Tổng hợp", "Chánh Văn phòng", visit.today)
    with acting_for(world.made.agency.pk):
        whole.drafts = [draft, content, form, signing, signed, numbered, issued]
        main = StoredFile.objects.filter(document=issued, role="document").order_by("-version")[:1]
        whole.numbers |= {
            "file": [each.pk for each in main],
            "loan": list(CopyLoan.objects.values_list("pk", flat=True)),
            "delivery": list(Delivery.objects.filter(document=issued).values_list("pk", flat=True))[:1],
            "register": list(Register.objects.order_by("pk").values_list("pk", flat=True))[:2],
        }  # fmt: skip


def _dossiers(whole: Whole) -> None:
    with working_as(whole.made, Duty.REGISTRAR) as visit:
        dossier = filing.open_dossier(visit, DossierFields("Hồ sơ về kiểm soát thủ tục", "10 năm", visit.today.year))
        filing.file_document(visit, dossier, whole.numbers["document"][0])
        plan = planning.begin(visit, visit.today.year)
        heading = planning.add_heading(visit, plan, "Tổ chức cán bộ", "TCCB")
        small = planning.add_heading(visit, plan, "Công tác cán bộ", parent=heading.pk)
        planning.plan_dossier(visit, plan, small.pk, DossierFields("Tập quyết định", "Vĩnh viễn", 0))
        saving_views.save_view(visit, "search", "Của tôi", "q=a", shared=False)
        whole.numbers |= {"dossier": [dossier.pk], "view": list(SavedView.objects.values_list("pk", flat=True))}


def _rest(whole: Whole) -> None:
    with working_as(whole.made, Duty.ADMINISTRATOR) as visit:
        quick_phrases.add(visit, "Văn phòng tổng hợp, báo cáo Giám đốc.", agency=True)
        hook, _ = webhooks.subscribe(visit, "http://127.0.0.1:9/nhan", ["document.registered"])
        day = visit.today.replace(month=12, day=31)
        calendars.set_day(visit, day, next(iter(calendars.KINDS)).value, "Thông báo số 12/TB-STN")
        run = importing.start(visit, "cu.csv", TABLE, "Hệ cũ", Direction.INCOMING)
        if run.state == "mapping":
            importing.confirm(visit, run.pk, run.mapping)
        whole.numbers |= {
            "webhook": [hook.pk], "run": list(ImportRun.objects.values_list("pk", flat=True)),
            "phrase": list(Phrase.objects.values_list("pk", flat=True)), **_devices(whole, visit.now),
        }  # fmt: skip


def _devices(whole: Whole, now: datetime) -> dict[str, list[int]]:
    """A browser that is pushed to, and a certificate on a signing device that waits for its confirmation."""
    agency, officer = whole.made.agency, whole.made.people[Duty.CASE_OFFICER]
    pushed = PushDevice.objects.create(
        agency=agency, account=officer, digest=secrets.token_bytes(32), endpoint="https://push.example/a",
        point=bytes(65), auth=bytes(16), name="Chromium trên Linux", made_at=now,
    )  # fmt: skip
    asked = DeviceCertificate.objects.create(
        agency=agency, account=officer, sha256=secrets.token_bytes(32), subject="CN=Nguyễn Thử", issuer="CN=CA thử",
        serial="01", ends_at=now + timedelta(days=300), asked_at=now,
    )  # fmt: skip
    return {"device": [pushed.pk], "certificate": [asked.pk]}
