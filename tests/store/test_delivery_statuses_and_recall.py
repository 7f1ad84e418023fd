"""Statuses to the right party, recall by both channels, update, replacement, and their order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from delivery_world import Sent, World, open_world
from fixtures_pg import Database
from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode, DocumentId
from lienthong.exchange.model.delivery import State
from lienthong.wire.acknowledgement import Outcome
from lienthong.wire.event import EventName


@pytest.fixture
def world(database: Database, tmp_path: Path) -> Iterator[World]:
    with open_world(database.dsn, tmp_path) as opened:
        yield opened


def refusal(world: World, *args: object, **members: object) -> str:
    before = world.conn.execute("SELECT count(*) FROM envelope").fetchone()
    with pytest.raises(Refused) as refused:
        world.status(*args, **members)  # type: ignore[arg-type]
    assert world.conn.execute("SELECT count(*) FROM envelope").fetchone() == before
    return refused.value.code.name


def handed_over(world: World, to: str = "B.00") -> Sent:
    sent = world.send("A.00", [to])
    world.take(to)
    world.clock.move(timedelta(seconds=1))
    return sent


def report(world: World, sent: Sent, code: int, reporter: str = "B.00") -> Sent:
    done = world.status(sent, code, reporter, "A.00")
    world.clock.move(timedelta(seconds=1))
    return done


def outcomes(world: World) -> list[tuple[int, str]]:
    return world.conn.execute("SELECT code, outcome FROM business_status ORDER BY status_envelope_no").fetchall()


def test_statuses_travel_back_in_order_and_each_is_an_event(world: World) -> None:
    sent = handed_over(world)
    reports = [report(world, sent, code) for code in (1, 3, 4, 5, 5, 6)]
    number = sent.deliveries["B.00"]
    events = world.events(number)
    assert [e.details["status"] for e in events[1:]] == ["01", "03", "04", "05", "05", "06"]
    assert events[1].details["by"] == reports[0].ref.members()
    assert outcomes(world) == [
        (1, "advanced"), (3, "advanced"), (4, "advanced"), (5, "advanced"), (5, "repeated"), (6, "advanced"),
    ]  # fmt: skip
    assert world.column(number, "status_code") == 6
    came = []
    while leases := world.take("A.00"):
        came += [lease.delivery for lease in leases]
    assert came == [r.deliveries["A.00"] for r in reports]
    assert len(came) == 6
    world.assert_chains()


def test_a_later_status_waits_until_the_earlier_one_is_finished(world: World) -> None:
    sent = handed_over(world)
    first, second = report(world, sent, 1), report(world, sent, 3)
    assert world.state(second.deliveries["A.00"]) is State.WAITING
    lease = world.lease("A.00")
    assert [row.delivery for row in lease] == [first.deliveries["A.00"]]
    world.acknowledge(world.statement(lease[0]))
    assert world.state(second.deliveries["A.00"]) is State.AVAILABLE
    assert world.names(second.deliveries["A.00"]) == [EventName.CONTENT_CONSIGNMENT]
    world.assert_chains()


def test_statuses_of_different_recipients_do_not_wait_for_each_other(world: World) -> None:
    sent = world.send("A.00", ["B.00", "C.00"])
    world.take("B.00")
    world.take("C.00")
    report(world, sent, 1, "B.00")
    other = report(world, sent, 1, "C.00")
    assert world.state(other.deliveries["A.00"]) is State.AVAILABLE


def test_late_and_doubled_statuses_are_recorded_and_move_nothing_back(world: World) -> None:
    sent = handed_over(world)
    for code in (3, 5, 1, 3):
        report(world, sent, code)
    assert outcomes(world) == [(3, "advanced"), (5, "advanced"), (1, "late"), (3, "ignored")]
    assert world.column(sent.deliveries["B.00"], "status_code") == 5


def test_status_02_after_hand_over_refuses_the_delivery_with_its_reason(world: World) -> None:
    sent = handed_over(world)
    by = report(world, sent, 2)
    number = sent.deliveries["B.00"]
    assert world.state(number) is State.REFUSED
    assert world.names(number) == [
        EventName.CONTENT_HANDOVER, EventName.BUSINESS_STATUS, EventName.CONSIGNMENT_REJECTION,
    ]  # fmt: skip
    assert world.events(number)[-1].details["status_envelope"] == by.ref.digest.hex()
    assert world.events(number)[-1].details["reason"] == {"code": "STATUS_02", "text": "Lý do mẫu"}
    world.assert_chains()


@pytest.mark.parametrize(
    "about",
    [
        {"document_id": DocumentId("")},
        {"document_id": DocumentId("3f0e7a52-0000-4000-8000-000000000001")},
        {"document_id": DocumentId(""), "promulgation_date": None},
        {"document_id": DocumentId("A.00,2026-11-24,1/SM-VP"), "code": ""},
        {"document_id": DocumentId(""), "organ_id": AgencyCode("1/SM-VP"), "code": "A.00"},
    ],
    ids=["number and date", "foreign identifier", "number alone", "identifier with dashes", "swapped fields"],
)
def test_a_status_finds_its_document_by_weaker_names_too(world: World, about: dict[str, object]) -> None:
    sent = handed_over(world)
    world.status(sent, 1, "B.00", "A.00", **about)
    assert world.column(sent.deliveries["B.00"], "status_code") == 1


def test_a_status_that_fits_no_document_is_refused_and_leaves_nothing(world: World) -> None:
    sent = handed_over(world)
    nowhere = {"document_id": DocumentId("A.00,2026/11/24,77/SM-VP"), "code": "77/SM-VP"}
    assert refusal(world, sent, 1, "B.00", "A.00", **nowhere) == "STATUS_UNMATCHED"
    other_day = {"document_id": DocumentId(""), "promulgation_date": date(2020, 1, 1)}
    assert refusal(world, sent, 1, "B.00", "A.00", **other_day) == "STATUS_UNMATCHED"


def test_only_a_party_may_report(world: World) -> None:
    sent = handed_over(world)
    assert refusal(world, sent, 1, "C.00", "A.00") == "STATUS_NOT_PARTY"
    assert refusal(world, sent, 13, "C.00", "B.00") == "STATUS_UNMATCHED"
    assert refusal(world, sent, 13, "B.00", "A.00") == "STATUS_UNMATCHED"


def test_a_status_before_the_hand_over_is_asked_to_come_again(world: World) -> None:
    sent = world.send("A.00", ["B.00"])
    assert refusal(world, sent, 1, "B.00", "A.00") == "STATUS_TOO_EARLY"
    world.take("B.00")
    report(world, sent, 1)


def test_status_13_takes_back_at_once_what_was_not_handed_over(world: World) -> None:
    sent = world.send("A.00", ["B.00"])
    lease = world.lease("B.00")[0]
    asked = world.status(sent, 13, "A.00", "B.00")
    number = sent.deliveries["B.00"]
    assert world.state(number) is State.RECALLED
    event = world.events(number)[-1]
    assert (event.name, event.details["before_handover"]) == (EventName.RECALL, True)
    assert event.details["by"] == asked.ref.members()
    with pytest.raises(Refused) as refused:
        world.acknowledge(world.statement(lease))
    assert refused.value.code.name == "DELIVERY_RECALLED"
    assert [row.delivery for row in world.lease("B.00")] == [asked.deliveries["B.00"]]
    world.assert_chains()


def test_status_13_after_hand_over_is_answered_with_15_and_ends_as_recalled(world: World) -> None:
    sent = handed_over(world)
    asked = world.status(sent, 13, "A.00", "B.00")
    number = sent.deliveries["B.00"]
    assert world.state(number) is State.DELIVERED
    world.take("B.00")
    world.clock.move(timedelta(seconds=5))
    report(world, sent, 15)
    assert world.state(number) is State.RECALLED
    event = world.events(number)[-1]
    assert (event.name, event.details["before_handover"]) == (EventName.RECALL, False)
    assert event.details["by"] == asked.ref.members()
    world.assert_chains()


def test_a_recall_document_reaches_those_who_have_the_copy_and_stops_the_others(world: World) -> None:
    sent = world.send("A.00", ["B.00", "C.00", "D.00"])
    world.take("B.00")
    recalled = world.recall(sent, ["B.00", "C.00"])
    assert world.state(sent.deliveries["B.00"]) is State.DELIVERED
    assert world.state(sent.deliveries["C.00"]) is State.RECALLED
    assert world.state(sent.deliveries["D.00"]) is State.AVAILABLE, "not among the recipients of the recall"
    assert recalled.consequences.origin_no == sent.number
    world.take("B.00")
    world.clock.move(timedelta(seconds=5))
    report(world, sent, 16)
    assert world.state(sent.deliveries["B.00"]) is State.DELIVERED
    world.recall(sent, ["B.00"])
    world.clock.move(timedelta(seconds=5))
    report(world, sent, 15)
    assert world.state(sent.deliveries["B.00"]) is State.RECALLED
    assert [code for code, outcome in outcomes(world) if outcome == "advanced"] == [16, 15]
    world.assert_chains()


def test_only_the_issuer_recalls_and_only_what_exists(world: World) -> None:
    sent = world.send("A.00", ["B.00"])
    with pytest.raises(Refused) as refused:
        world.recall(sent, ["B.00"], sender="C.00")
    assert refused.value.code.name == "NOT_THE_ISSUER"
    with pytest.raises(Refused) as refused:
        world.recall(sent, ["C.00"])
    assert refused.value.code.name == "ORIGINAL_UNKNOWN"
    assert world.state(sent.deliveries["B.00"]) is State.AVAILABLE


def test_an_update_offers_the_original_to_added_receivers_before_the_update_itself(world: World) -> None:
    sent = world.send("A.00", ["B.00"])
    update = world.update(sent, ["B.00", "C.00"], added=("C.00",))
    lease = world.lease("C.00")
    assert len(lease) == 1
    assert world.column(lease[0].delivery, "envelope_no") == sent.number
    assert world.events(lease[0].delivery)[0].details["by"] == update.ref.members()
    assert world.state(update.deliveries["C.00"]) is State.WAITING
    world.acknowledge(world.statement(lease[0]))
    assert [row.delivery for row in world.lease("C.00")] == [update.deliveries["C.00"]]
    world.update(sent, ["B.00"], added=("C.00", "B.00"))
    count = world.conn.execute("SELECT count(*) FROM delivery WHERE envelope_no = %s", (sent.number,)).fetchone()
    assert count == (2,), "who has it already does not get it twice"
    world.assert_chains()


def test_an_update_takes_back_from_removed_receivers(world: World) -> None:
    sent = world.send("A.00", ["B.00", "C.00"])
    world.take("B.00")
    world.update(sent, ["B.00", "C.00"], removed=("B.00", "C.00"))
    assert world.state(sent.deliveries["C.00"]) is State.RECALLED
    assert world.state(sent.deliveries["B.00"]) is State.DELIVERED
    world.clock.move(timedelta(seconds=5))
    report(world, sent, 15)
    assert world.state(sent.deliveries["B.00"]) is State.RECALLED, "the removed receiver gave its copy back"


def test_agreeing_to_an_update_does_not_give_the_copy_back(world: World) -> None:
    sent = handed_over(world)
    world.update(sent, ["B.00"])
    world.clock.move(timedelta(seconds=5))
    report(world, sent, 15)
    assert world.state(sent.deliveries["B.00"]) is State.DELIVERED


def test_a_replacement_takes_back_undelivered_copies_and_follows(world: World) -> None:
    sent = world.send("A.00", ["B.00", "C.00"])
    world.take("B.00")
    new = world.replace(sent, ["B.00", "C.00"])
    assert world.state(sent.deliveries["C.00"]) is State.RECALLED
    assert [row.delivery for row in world.lease("C.00")] == [new.deliveries["C.00"]]
    assert [row.delivery for row in world.lease("B.00")] == [new.deliveries["B.00"]]


def test_a_recall_of_a_refused_copy_changes_nothing(world: World) -> None:
    sent = world.send("A.00", ["B.00"])
    lease = world.lease("B.00")[0]
    world.acknowledge(world.statement(lease, Outcome.REFUSED))
    world.recall(sent, ["B.00"])
    assert world.state(sent.deliveries["B.00"]) is State.REFUSED
