"""Which agencies the worker goes to: those in which something waits, found by one question whatever their number."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incoming_world import arrived
from lienthong.office.models import Arrival, ImportRun, Message, Notice, PushSending, Webhook, WebhookCall
from lienthong.office.services.mail_intake import Mailbox, set_mailbox
from lienthong.office.services.waiting import Work, agencies_here, agencies_waiting_for
from lienthong.roles.office_exchange import Turns, for_each_agency
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.models import PushDevice
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import OfficeAgency, make_agency, working_as


@pytest.fixture
def made(agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


def put(visit: Visit, work: Work) -> None:
    agency, by, now = visit.agency, visit.who.account, visit.now
    if work is Work.SENDING:
        Message.objects.create(agency=agency, kind="status", key="a", members={}, made_at=now)
    elif work is Work.IMPORTS:
        ImportRun.objects.create(
            agency=agency, system="cu", direction="incoming", name="a", count=1, made_at=now, rows=b"\1" * 32,
            made_by=by, state="checking",
        )  # fmt: skip
    elif work is Work.NOTICES:
        Notice.objects.create(agency=agency, account=by, kind="task.due", text="a", where="/", at=now)
    elif work is Work.PUSHES:
        device = PushDevice.objects.create(
            agency=agency, account=by, digest=b"d" * 28 + agency.pk.to_bytes(4, "big"), endpoint="https://a.example/",
            point=b"", auth=b"", name="a", made_at=now,
        )  # fmt: skip
        PushSending.objects.create(agency=agency, device=device, due_at=now, next_at=now - timedelta(seconds=1))
    elif work is Work.MAILBOXES:
        set_mailbox(visit, Mailbox("imap.example", "van-thu", "mat khau"))
    elif work is Work.WEBHOOKS:
        hook = Webhook.objects.create(agency=agency, url="https://a.example/", events=[], made_at=now, made_by=by)
        WebhookCall.objects.create(
            agency=agency, webhook=hook, event="a", key="a", body="{}", made_at=now, next_at=now - timedelta(seconds=1)
        )


def check_again(made: OfficeAgency) -> int:
    """The number of an arrival that waits to be examined."""
    arrival = arrived(made)
    with acting_for(made.agency.pk):
        Arrival.objects.filter(pk=arrival.pk).update(state="checking")
    return arrival.pk


def waits(made: OfficeAgency, work: Work) -> bool:
    return (made.agency.pk, made.agency.code) in agencies_waiting_for(work)


@pytest.mark.parametrize("work", list(Work))
def test_an_agency_is_named_for_exactly_the_work_that_waits_in_it(made: OfficeAgency, work: Work) -> None:
    assert not any(waits(made, each) for each in Work)
    if work is Work.CHECKING:
        check_again(made)
    else:
        with working_as(made, Duty.ADMINISTRATOR) as visit:
            put(visit, work)
    assert [each for each in Work if waits(made, each)] == [work]


def test_what_is_done_waits_no_longer_and_a_call_that_is_not_due_does_not_wait(made: OfficeAgency) -> None:
    arrival = check_again(made)
    with working_as(made, Duty.ADMINISTRATOR) as visit:
        for work in (Work.SENDING, Work.IMPORTS, Work.NOTICES, Work.WEBHOOKS, Work.PUSHES):
            put(visit, work)
        Arrival.objects.filter(pk=arrival).update(state="ready")
        Message.objects.update(state="sent")
        ImportRun.objects.update(state="checked")
        Notice.objects.update(read_at=visit.now)
        WebhookCall.objects.update(next_at=visit.now + timedelta(hours=1))
        PushSending.objects.update(next_at=visit.now + timedelta(hours=1))
    assert not any(waits(made, each) for each in Work)


def test_many_idle_agencies_cost_one_question(made: OfficeAgency) -> None:
    idle = {made.agency.pk} | {
        make_agency(made.agency.pk + 30_000_000 + n, code=f"Z{n}{made.agency.code}").agency.pk for n in range(5)
    }
    seen = list[int]()
    with CaptureQueriesContext(connection) as asked:
        turn = agencies_waiting_for(Work.IMPORTS)
    for_each_agency(Turns(), lambda visit: seen.append(visit.agency.pk), turn)
    assert len(asked) == 1
    assert {number for number, _ in agencies_here()} > idle
    assert not idle & set(seen)


def test_a_round_sees_one_agency_at_a_time(made: OfficeAgency) -> None:
    other = make_agency(made.agency.pk + 30_000_000, code=f"Z{made.agency.code}")
    for each in (made, other):
        with working_as(each, Duty.ADMINISTRATOR) as visit:
            put(visit, Work.SENDING)
    seen = list[tuple[int, list[int]]]()
    mine = {made.agency.pk, other.agency.pk}
    turn = [each for each in agencies_waiting_for(Work.SENDING) if each[0] in mine]
    for_each_agency(
        Turns(),
        lambda visit: seen.append((visit.agency.pk, list(Message.objects.values_list("agency_id", flat=True)))),
        turn,
    )
    assert sorted(seen) == sorted((each, [each]) for each in mine)
    with acting_for(made.agency.pk):
        assert Message.objects.count() == 1
