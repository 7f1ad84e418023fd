"""What the courier says of deliveries: only the answer of the newest sending counts, and thousands are few queries."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from lienthong.office.models import Delivery, Document, Message, Notice
from lienthong.office.ports import Event, JobFacts, RecipientFacts
from lienthong.office.services import sending
from lienthong.office.services.dispatching import follow
from lienthong.office.services.draft_content import Recipient
from lienthong.office.states import DeliveryState, Direction, Outgoing
from lienthong.roles.office_exchange import Exchange
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import OfficeAgency, make_agency, visit_of_worker, working_as
from outgoing_world import OutgoingAgency, make_outgoing

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)


@pytest.fixture
def made(agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


def issued(made: OfficeAgency, *codes: str) -> Document:
    """An issued document that was handed to the courier for these recipients."""
    with acting_for(made.agency.pk):
        document = Document.objects.create(
            agency=made.agency, direction=Direction.OUTGOING.value, state=Outgoing.ISSUED.value, kind="Công văn",
            issuer_name=made.agency.name, abstract="Về việc thử", created_at=NOW, issued_at=NOW,
            drafter=made.people[Duty.CASE_OFFICER],
        )  # fmt: skip
        Delivery.objects.bulk_create(
            Delivery(agency=made.agency, document=document, code=code, name=f"Cơ quan {code}", channel="axis",
                     state=DeliveryState.SENDING.value)
            for code in codes
        )  # fmt: skip
        Message.objects.create(
            agency=made.agency, key=f"document-{document.pk}", document=document, kind="document", state="handed",
            members={"to": list(codes), "files": []}, made_at=NOW,
        )  # fmt: skip
    return document


def job(made: OfficeAgency, key: str, state: str = "sent", **recipients: str) -> JobFacts:
    told = tuple(RecipientFacts(code, delivery) for code, delivery in recipients.items())
    return JobFacts(f"job-{key}", made.agency.code, key, "document", state, "x", "vì", "why", NOW, told)


def told(made: OfficeAgency, facts: JobFacts) -> None:
    with visit_of_worker(made) as visit, transaction.atomic():
        follow(visit, facts)


def states(made: OfficeAgency, document: Document) -> dict[str, str]:
    with acting_for(made.agency.pk):
        return dict(Delivery.objects.filter(document=document).values_list("code", "state"))


def resend(made: OfficeAgency, document: Document) -> str:
    with working_as(made, Duty.REGISTRAR) as visit:
        sending.resend(visit, document.pk)
        return Message.objects.filter(document=document).latest("pk").key


def test_a_late_answer_of_the_first_job_does_not_undo_what_was_sent_again(made: OfficeAgency) -> None:
    document = issued(made, "H1", "H2")
    first = f"document-{document.pk}"
    told(made, job(made, first, H1="expired", H2="accepted"))
    again = resend(made, document)
    told(made, job(made, first, H1="expired", H2="delivered"))
    assert states(made, document) == {"H1": "sending", "H2": "delivered"}
    told(made, job(made, again, H1="delivered"))
    told(made, job(made, first, H1="recalled", H2="delivered"))
    assert states(made, document) == {"H1": "delivered", "H2": "delivered"}


def test_a_first_job_that_is_refused_late_does_not_fail_what_was_sent_again(made: OfficeAgency) -> None:
    document = issued(made, "H1", "H2")
    with acting_for(made.agency.pk):
        Delivery.objects.filter(document=document, code="H1").update(state=DeliveryState.FAILED.value)
    resend(made, document)
    told(made, job(made, f"document-{document.pk}", "refused"))
    assert states(made, document) == {"H1": "sending", "H2": "failed"}


def test_a_refusal_ends_with_the_delivery_that_was_refused(made: OfficeAgency) -> None:
    document = issued(made, "H1")
    told(made, job(made, f"document-{document.pk}", H1="delivered"))
    with acting_for(made.agency.pk):
        Delivery.objects.filter(document=document).update(
            state=DeliveryState.REFUSED.value,
            status=2,
            status_text="Sai nơi nhận",
            status_at=NOW,
            reason="Sai nơi nhận",
        )
    again = resend(made, document)
    with acting_for(made.agency.pk):
        row = Delivery.objects.get(document=document)
        assert (row.state, row.status, row.status_text, row.reason) == ("sending", 0, "", "")
        assert (row.status_at, row.accepted_at, row.delivered_at) == (None, None, None)
        assert row.sent_at == NOW, "it was sent in time, whatever became of it"
    told(made, job(made, again, H1="delivered"))
    assert states(made, document) == {"H1": "delivered"}


def test_following_asks_no_more_for_fifty_recipients_than_for_five(made: OfficeAgency) -> None:
    counts = []
    for number in (5, 50):
        codes = [f"H{each}" for each in range(number)]
        document = issued(made, *codes)
        with visit_of_worker(made) as visit, transaction.atomic(), CaptureQueriesContext(connection) as asked:
            follow(visit, job(made, f"document-{document.pk}", **dict.fromkeys(codes, "expired")))
        assert set(states(made, document).values()) == {"failed"}
        counts.append(len(asked))
    assert counts[0] == counts[1]
    with acting_for(made.agency.pk):
        registrar = Notice.objects.filter(account=made.people[Duty.REGISTRAR]).order_by("pk")
        assert ["(và 4 nơi" in registrar[0].text, "(và 49 nơi" in registrar[1].text] == [True, True]


class Journal:
    """A carrier of one job with an event for each of its recipients."""

    def __init__(self, facts: JobFacts) -> None:
        self.facts, self.agencies, self.asked = facts, [facts.agency], 0

    def last_event(self) -> int:
        return len(self.facts.recipients)

    def events(self, after: int, limit: int) -> list[Event]:
        numbers = range(after + 1, min(after + limit, self.last_event()) + 1)
        return [Event(each, "delivery.delivered", self.facts.agency, self.facts.id) for each in numbers]

    def job(self, _: str) -> JobFacts:
        self.asked += 1
        return self.facts


def test_a_job_is_followed_once_for_all_events_of_a_round(made: OfficeAgency, tmp_path: Path) -> None:
    codes = [f"H{each}" for each in range(40)]
    document = issued(made, *codes)
    carrier = Journal(job(made, f"document-{document.pk}", **dict.fromkeys(codes, "delivered")))
    Exchange(carrier, tmp_path / "exchange.json").receive()  # type: ignore[arg-type]
    assert set(states(made, document).values()) == {"delivered"}
    assert carrier.asked == 1


def test_issuing_asks_no_more_for_fifty_recipients_than_for_five(office_installation, agency_number: int) -> None:
    world: OutgoingAgency = make_outgoing(agency_number)
    document = world.draft()
    world.to_signers(document)
    world.sign(document)
    world.number(document)
    world.seal(document)
    counts = []
    for number in (5, 50):
        recipients = tuple(Recipient(f"Cơ quan {each}", "axis", f"H{each}") for each in range(number))
        content = world.fields(recipients=recipients).to_json()
        with world.visit(Duty.REGISTRAR) as visit, transaction.atomic():
            Document.objects.filter(pk=document).update(content=content)
            with CaptureQueriesContext(connection) as asked:
                sending.issue(visit, document)
            assert Delivery.objects.filter(document=document, state="sending").count() == number
            counts.append(len(asked))
            transaction.set_rollback(True)
    assert counts[0] == counts[1]
