"""Pushed notices reach the devices of the right people, over TLS, once, and say nothing of any document."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.utils import ProgrammingError

from lienthong.base.clock import VIETNAM
from lienthong.infra import steps
from lienthong.infra.office_config import OfficeConfig
from lienthong.office.models import Notice, PushKey, PushSending
from lienthong.office.push import vapid
from lienthong.office.services.push_key import push_key
from lienthong.office.services.push_sending import Answer, Outgoing, post
from lienthong.office.states import NoticeKind
from lienthong.roles.office_works import periodic_works
from lienthong.webkit.people.models import Account, Appointment, PushDevice
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import OfficeAgency, make_agency
from push_server import Browser, PushServer, push_server
from push_world import LATER, WORKING, allowing, push, switched_on, told

SATURDAY = datetime(2026, 11, 28, 9, 0, tzinfo=VIETNAM)
MONDAY = datetime(2026, 11, 30, 7, 0, tzinfo=VIETNAM)


@pytest.fixture
def made(agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushServer]:
    with push_server(tmp_path) as found:
        monkeypatch.setenv("SSL_CERT_FILE", str(found.certificate))
        allowing(monkeypatch, "127.0.0.1")
        yield found


@pytest.fixture
def browser(made: OfficeAgency, server: PushServer) -> Browser:
    """The leader's browser, switched on."""
    return switched_on(made.client(Duty.LEADER), server)


def devices(made: OfficeAgency) -> list[PushDevice]:
    with acting_for(made.agency.pk):
        return list(PushDevice.objects.order_by("pk"))


def waiting(made: OfficeAgency) -> list[PushSending]:
    with acting_for(made.agency.pk):
        return list(PushSending.objects.order_by("pk"))


def test_an_urgent_notice_reaches_the_device_encrypted_and_signed_and_only_once(
    made: OfficeAgency, server: PushServer, browser: Browser
) -> None:
    notice = told(made, Duty.LEADER, NoticeKind.SIGNATURE, where="/signing")
    assert push(made, WORKING + timedelta(minutes=1)) == 0, "whoever sits at the page is left in peace"
    assert push(made, WORKING + LATER) == 1
    assert push(made, WORKING + 2 * LATER) == 0
    ((said,), (headers,)) = browser.pushed, browser.headers
    assert (said["title"], said["body"], said["where"]) == ("Văn bản chờ ký", made.agency.name, "/signing")
    assert notice.text not in json.dumps(said, ensure_ascii=False)
    assert (headers["urgency"], headers["topic"]) == ("high", said["tag"])
    assert 0 < int(headers["ttl"]) <= 3 * 86_400
    assert len(headers["topic"]) <= 32
    assert server.senders == {vapid.public(push_key())}
    (device,) = devices(made)
    assert (device.sent_at, device.trouble, waiting(made)) == (WORKING + LATER, "", [])


def test_somebody_who_has_read_the_notice_in_the_page_is_not_told_again(made: OfficeAgency, browser: Browser) -> None:
    told(made, Duty.LEADER, NoticeKind.SIGNATURE)
    with acting_for(made.agency.pk):
        Notice.objects.update(read_at=WORKING)
    assert push(made, WORKING + LATER) == 0
    assert (browser.pushed, waiting(made)) == ([], [])


def test_what_is_not_urgent_waits_for_the_working_day_and_comes_as_one(made: OfficeAgency, browser: Browser) -> None:
    for kind in (NoticeKind.HANDLING, NoticeKind.SUBMISSION, NoticeKind.FINISHED):
        told(made, Duty.LEADER, kind, at=SATURDAY)
    told(made, Duty.LEADER, NoticeKind.RECALL, at=SATURDAY)
    assert push(made, SATURDAY + LATER) == 1
    assert [each["title"] for each in browser.pushed] == ["Yêu cầu thu hồi"]
    assert push(made, MONDAY - timedelta(minutes=1)) == 0
    assert push(made, MONDAY) == 1
    assert browser.pushed[1]["title"] == "3 thông báo"
    assert browser.pushed[1]["body"] == "Việc được giao: 2; Việc đã hoàn thành: 1"
    assert (browser.pushed[1]["where"], browser.headers[1]["urgency"]) == ("/notices", "normal")
    told(made, Duty.LEADER, NoticeKind.FINISHED)
    push(made, WORKING + LATER)
    assert browser.headers[2]["urgency"] == "low"


def test_in_the_evening_and_before_a_long_break_it_waits_for_the_next_working_morning(
    made: OfficeAgency, browser: Browser
) -> None:
    evening = WORKING.replace(hour=18)
    told(made, Duty.LEADER, NoticeKind.DUE, at=evening)
    assert push(made, evening + timedelta(hours=12)) == 0
    assert push(made, (evening + timedelta(days=1)).replace(hour=7)) == 1
    eve = datetime(2027, 2, 4, 19, 0, tzinfo=VIETNAM)
    told(made, Duty.LEADER, NoticeKind.DUE, at=eve)
    (row,) = waiting(made)
    assert row.due_at - eve > timedelta(days=3)
    assert push(made, row.due_at) == 1, "a break does not make it too old"


def test_a_person_reads_it_in_his_own_language(made: OfficeAgency, browser: Browser) -> None:
    with acting_for(made.agency.pk):
        Account.objects.filter(pk=made.people[Duty.LEADER].pk).update(language="en")
    told(made, Duty.LEADER, NoticeKind.SIGNATURE)
    push(made, WORKING + LATER)
    assert (browser.pushed[0]["title"], browser.pushed[0]["language"]) == ("Documents to be signed", "en")


def test_messages_of_any_content_have_the_same_length_on_the_way(made: OfficeAgency, browser: Browser) -> None:
    sizes = list[int]()

    def measured(message: Outgoing) -> Answer:
        sizes.append(len(message.body))
        return post(message)

    told(made, Duty.LEADER, NoticeKind.SIGNATURE)
    push(made, WORKING + LATER, measured)
    for kind in (NoticeKind.HANDLING, NoticeKind.DUE, NoticeKind.REMINDED, NoticeKind.WITHDRAWN):
        told(made, Duty.LEADER, kind)
    push(made, WORKING + LATER, measured)
    assert len(browser.pushed) == 2
    assert len(set(sizes)) == 1
    assert sizes[0] <= 4096


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone_takes_its_device_and_what_waits_for_it_away(
    made: OfficeAgency, server: PushServer, browser: Browser, status: int
) -> None:
    other = switched_on(made.client(Duty.LEADER), server)
    told(made, Duty.LEADER, NoticeKind.SIGNATURE)
    told(made, Duty.LEADER, NoticeKind.RECALL)
    server.answers = [(status, {})]
    assert push(made, WORKING + LATER) == 2, "the other device has both"
    assert [each.endpoint for each in devices(made)] == [other.endpoint]
    assert waiting(made) == []


def test_a_service_that_asks_for_patience_gets_it_for_all_that_waits_for_the_device(
    made: OfficeAgency, server: PushServer, browser: Browser
) -> None:
    told(made, Duty.LEADER, NoticeKind.SIGNATURE)
    told(made, Duty.LEADER, NoticeKind.RECALL)
    at = WORKING + LATER
    server.answers = [(429, {"Retry-After": "600"})]
    assert push(made, at) == 0
    assert server.count == 1, "the second message is not even tried"
    assert devices(made)[0].trouble == "HTTP 429"
    assert push(made, at + timedelta(seconds=590)) == 0
    assert push(made, at + timedelta(seconds=601)) == 2
    assert devices(made)[0].trouble == ""
    assert len(browser.pushed) == 2


def test_a_service_that_fails_is_tried_again_at_growing_intervals_and_given_up_after_three_days(
    made: OfficeAgency, server: PushServer, browser: Browser
) -> None:
    told(made, Duty.LEADER, NoticeKind.SIGNATURE)
    at, tries = WORKING + LATER, list[datetime]()
    server.answers = [(503, {})] * 100
    while rows := waiting(made):
        at = max(at, rows[0].next_at)
        before = server.count
        push(made, at)
        tries += [at] * (server.count - before)
    pauses = [second - first for first, second in zip(tries, tries[1:], strict=False)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(seconds=30), timedelta(hours=6))
    assert tries[-1] - WORKING <= timedelta(days=3, minutes=2)
    assert len(tries) < 25
    assert (browser.pushed, devices(made)[0].trouble) == ([], "HTTP 503")


@pytest.mark.parametrize("status", [301, 307, 400, 403, 413])
def test_what_a_service_refuses_for_ever_is_not_repeated_and_the_page_tells(
    made: OfficeAgency, server: PushServer, status: int
) -> None:
    client = made.client(Duty.LEADER)
    browser = switched_on(client, server)
    told(made, Duty.LEADER, NoticeKind.SIGNATURE)
    server.answers = [(status, {"Location": browser.endpoint})]
    assert push(made, WORKING + LATER) == 0
    assert (server.count, browser.pushed, waiting(made)) == (1, [], [])
    assert f"máy chủ thông báo trả lời HTTP {status}" in client.get("/notices/ways").content.decode()


def test_a_service_that_cannot_be_reached_or_shows_a_foreign_certificate_waits(
    made: OfficeAgency, server: PushServer, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(made, Duty.LEADER, NoticeKind.SIGNATURE)
    monkeypatch.delenv("SSL_CERT_FILE")
    assert push(made, WORKING + LATER) == 0
    assert (server.count, devices(made)[0].trouble, len(waiting(made))) == (0, "offline", 1)


def test_a_worker_that_is_killed_between_sending_and_noting_sends_the_same_again_with_the_same_topic(
    made: OfficeAgency, browser: Browser
) -> None:
    told(made, Duty.LEADER, NoticeKind.SIGNATURE)
    # The child must have a connection of its own.
    connection.close()
    child = os.fork()
    if child == 0:
        try:
            steps.arm("office.pushed")
            push(made, WORKING + LATER)
        finally:
            os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert (len(browser.pushed), len(waiting(made))) == (1, 1)
    assert push(made, WORKING + LATER + timedelta(minutes=9)) == 0, "the claim of the dead still holds"
    told(made, Duty.LEADER, NoticeKind.RECALL)
    assert push(made, WORKING + LATER + timedelta(minutes=11)) == 2
    tags, topics = [each["tag"] for each in browser.pushed], [each["topic"] for each in browser.headers]
    assert (tags[1], topics[1]) == (tags[0], topics[0])
    assert tags[2] != tags[0]
    assert waiting(made) == []


def test_the_worker_pushes_only_where_the_operator_has_listed_a_service(
    made: OfficeAgency, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    works = list[bool]()
    for hosts in ((), ("push.example",)):
        allowing(monkeypatch, *hosts)
        found = periodic_works(OfficeConfig(data_dir=tmp_path), "", None)
        works.append("office.pushes" in [each.name for each in found])
    assert works == [False, True]


def test_two_workers_at_once_send_one_message(made: OfficeAgency, browser: Browser) -> None:
    told(made, Duty.LEADER, NoticeKind.SIGNATURE)
    together, counts = threading.Barrier(2), list[int]()

    def work() -> None:
        together.wait()
        counts.append(push(made, WORKING + LATER))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert (sorted(counts), len(browser.pushed)) == ([0, 1], 1)


def test_two_agencies_never_cross(made: OfficeAgency, server: PushServer, browser: Browser, agency_number: int) -> None:
    other = make_agency(agency_number + 600_000)
    theirs = switched_on(other.client(Duty.LEADER), server)
    told(made, Duty.LEADER, NoticeKind.SIGNATURE)
    told(other, Duty.LEADER, NoticeKind.RECALL)
    assert push(made, WORKING + LATER) == 1
    assert (len(browser.pushed), theirs.pushed) == (1, [])
    assert push(other, WORKING + LATER) == 1
    assert [each["body"] for each in theirs.pushed] == [other.agency.name]
    assert len(browser.pushed) == 1


def test_a_person_without_any_duty_left_and_a_closed_account_get_nothing(
    made: OfficeAgency, server: PushServer, browser: Browser
) -> None:
    closed = switched_on(made.client(Duty.REGISTRAR), server)
    for duty in (Duty.LEADER, Duty.REGISTRAR):
        told(made, duty, NoticeKind.RECALL)
    with acting_for(made.agency.pk):
        Appointment.objects.filter(account=made.people[Duty.LEADER]).update(
            valid_until=WORKING.date() - timedelta(days=1)
        )
        Account.objects.filter(pk=made.people[Duty.REGISTRAR].pk).update(disabled_at=WORKING)
    assert push(made, WORKING + LATER) == 0
    assert (browser.pushed, closed.pushed, waiting(made)) == ([], [], [])
    assert [each.account_id for each in devices(made)] == [made.people[Duty.LEADER].pk]


def test_a_service_that_the_operator_has_taken_off_the_list_is_not_called(
    made: OfficeAgency, server: PushServer, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(made, Duty.LEADER, NoticeKind.SIGNATURE)
    allowing(monkeypatch, "push.example")
    assert push(made, WORKING + LATER) == 0
    assert server.count == 0


def test_a_service_at_a_private_address_is_called_only_where_the_operator_lists_the_network(
    made: OfficeAgency, server: PushServer, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(made, Duty.LEADER, NoticeKind.SIGNATURE)
    monkeypatch.setitem(site().context, "webhook_targets", ())
    assert push(made, WORKING + LATER) == 0
    assert server.count == 0


def test_where_nothing_is_pushed_no_notice_waits_for_it(
    made: OfficeAgency, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowing(monkeypatch)
    told(made, Duty.LEADER, NoticeKind.SIGNATURE)
    assert waiting(made) == []


def test_the_key_of_the_installation_stays_and_lies_sealed_where_no_page_can_change_it(made: OfficeAgency) -> None:
    key = push_key()
    scalar = key.private_numbers().private_value.to_bytes(32, "big")
    assert push_key().private_numbers() == key.private_numbers()
    kept = PushKey.objects.get()
    assert scalar not in bytes(kept.sealed)
    for statement in ("update office_pushkey set sealed = ''", "delete from office_pushkey"):
        with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
            cursor.execute(statement)


def test_two_that_need_the_key_at_one_moment_have_the_same(made: OfficeAgency) -> None:
    together, found = threading.Barrier(4), list[int]()

    def ask() -> None:
        together.wait()
        found.append(push_key().private_numbers().private_value)
        connection.close()

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for each in askers:
        each.start()
    for each in askers:
        each.join()
    assert len(found) == 4
    assert len(set(found)) == 1
