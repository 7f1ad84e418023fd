"""What the axis decides from bytes, directory and clock alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.base.clock import FixedClock
from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode, DocumentId, EnvelopeId, Sha256, SystemId, uuid7
from lienthong.directory.model import Agency, AgencyStatus, Scope, System
from lienthong.directory.state import DirectoryState
from lienthong.exchange.api.auth import NonceMemory
from lienthong.exchange.service.checking import check_envelope, resolve_recipients
from lienthong.exchange.service.context import Limits
from lienthong.exchange.service.signing import HighWaterMark, event_time
from lienthong.vocabulary.alias import Alias, Succession, SuccessionKind
from lienthong.wire.envelope import Envelope, Kind, Part, Role

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
DAY = date(2026, 11, 24)
LIMITS = Limits()


def code(text: str) -> AgencyCode:
    return AgencyCode(text)


def directory(*more: Agency | Alias | Succession | System) -> DirectoryState:
    rows = [
        Agency(code("H01"), "Sở Một"),
        Agency(code("H02"), "Sở Hai"),
        Agency(code("H03"), "Sở Ba", status=AgencyStatus.LOCKED),
        Agency(code("H04"), "Phòng Bốn", is_agency=False),
        Agency(code("H05"), "Sở Năm"),
        System(SystemId("s1"), "Phần mềm", (Scope(code("H01")), Scope(code("H02")))),
        *more,
    ]
    return DirectoryState("axis.example", 7, rows)


def envelope(**changes: object) -> Envelope:
    part = Part(Role.HEADER, "header", "header.edxml", "application/xml", 10, Sha256(bytes(32)))
    values: dict[str, object] = {
        "id": EnvelopeId(uuid7()), "kind": Kind.DOCUMENT, "sender": code("H01"), "recipients": (code("H02"),),
        "document_id": DocumentId("H01,2026/11/20,1"), "created_at": NOW, "expires_at": None, "urgency": 0, "parts": (part,),
    }  # fmt: skip
    return Envelope(**{**values, **changes})  # type: ignore[arg-type]


def refusal(function: object, *arguments: object) -> str:
    with pytest.raises(Refused) as caught:
        function(*arguments)  # type: ignore[operator]
    return caught.value.code.name


def test_a_recipient_is_found_under_its_own_code_without_a_note() -> None:
    [to], warnings = resolve_recipients([code("H02")], directory(), DAY)
    assert (to.addressed_to, to.agency, to.note, warnings) == ("H02", "H02", None, ())


def test_the_code_of_the_other_system_reaches_the_agency_with_a_note() -> None:
    [to], _ = resolve_recipients([code("000.00.00.X02")], directory(Alias(code("000.00.00.X02"), code("H02"))), DAY)
    assert to.agency == "H02"
    assert to.note is not None


def test_an_old_code_reaches_the_successor_from_its_first_day_on() -> None:
    state = directory(Succession(code("H05"), code("H02"), SuccessionKind.MERGE, date(2026, 11, 24), "", False))
    [after], _ = resolve_recipients([code("H05")], state, DAY)
    [before], _ = resolve_recipients([code("H05")], state, DAY - timedelta(days=1))
    assert (after.agency, before.agency) == ("H02", "H05")
    assert after.note is not None
    assert "H05" in after.note


def test_two_codes_of_one_agency_make_one_delivery() -> None:
    state = directory(Alias(code("X02"), code("H02")))
    recipients, _ = resolve_recipients([code("X02"), code("H02")], state, DAY)
    assert [to.addressed_to for to in recipients] == ["X02"]


def test_every_recipient_that_cannot_be_reached_is_listed() -> None:
    with pytest.raises(Refused) as caught:
        resolve_recipients([code("H02"), code("H03"), code("H04"), code("Z9")], directory(), DAY)
    assert caught.value.code.name == "RECIPIENTS_REFUSED"
    assert [problem.path for problem in caught.value.problems] == ["to[1]", "to[2]", "to[3]"]
    assert caught.value.params["count"] == "3"


def test_an_agency_that_no_system_serves_gives_a_warning() -> None:
    assert resolve_recipients([code("H05")], directory(), DAY)[1] == ("RECIPIENT_NOT_CONNECTED",)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"sender": code("H03")}, "SENDER_NOT_ACTIVE"),
        ({"created_at": NOW + timedelta(minutes=11)}, "CREATED_AT_NOT_PLAUSIBLE"),
        ({"created_at": NOW - timedelta(days=8)}, "CREATED_AT_NOT_PLAUSIBLE"),
        ({"expires_at": NOW + timedelta(seconds=59)}, "EXPIRES_TOO_SOON"),
    ],
)
def test_an_envelope_of_impossible_times_or_sender_is_refused(changes: dict[str, object], expected: str) -> None:
    assert refusal(check_envelope, envelope(**changes), directory(), LIMITS, NOW) == expected


def test_an_ordinary_envelope_passes() -> None:
    check_envelope(envelope(), directory(), LIMITS, NOW)


def test_a_document_larger_than_the_limit_is_refused() -> None:
    head = Part(Role.HEADER, "header", "header.edxml", "application/xml", 10, Sha256(bytes(32)))
    large = Part(Role.ATTACHMENT, "a", "a.pdf", "application/pdf", LIMITS.document, Sha256(bytes(32)))
    assert refusal(check_envelope, envelope(parts=(head, large)), directory(), LIMITS, NOW) == "DOCUMENT_TOO_LARGE"


@given(st.lists(st.integers(-59_000, 100_000), min_size=1, max_size=30))
@settings(deadline=None)
def test_events_never_go_back_in_time(steps: list[int]) -> None:
    clock = FixedClock(NOW)
    mark = HighWaterMark(NOW, timedelta(days=1))
    times = []
    for step in steps:
        clock.move(timedelta(milliseconds=step))
        times.append(mark.event_time(clock))
    assert times == sorted(times)
    assert all(at >= NOW for at in times)


def test_a_clock_far_behind_the_newest_event_stops_signing() -> None:
    mark = HighWaterMark(NOW, timedelta(seconds=60))
    assert mark.event_time(FixedClock(NOW - timedelta(seconds=60))) == NOW
    assert refusal(mark.event_time, FixedClock(NOW - timedelta(seconds=61))) == "CLOCK_WRONG"


def test_event_times_are_whole_milliseconds() -> None:
    assert event_time(FixedClock(NOW.replace(microsecond=1999)), NOW) == NOW.replace(microsecond=1000)


def test_a_nonce_is_taken_once_as_long_as_its_request_could_be_valid() -> None:
    memory = NonceMemory(keep=600)
    memory.take("key", "n", 0)
    for later in (0, 300, 599, 600, 660):
        assert refusal(memory.take, "key", "n", later) == "NONCE_REPLAYED"
    memory.take("other", "n", 660)
    memory.take("key", "n", 1900)


def test_a_full_memory_of_nonces_refuses_instead_of_forgetting() -> None:
    memory = NonceMemory(at_most=2)
    memory.take("key", "1", 0)
    memory.take("key", "2", 0)
    assert refusal(memory.take, "key", "3", 0) == "AXIS_BUSY"
    assert refusal(memory.take, "key", "1", 0) == "NONCE_REPLAYED"
