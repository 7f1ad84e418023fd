"""Lease and acknowledge on both servers: exactly one hand-over, fenced, evidenced, fair."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from delivery_world import World, open_world
from fixtures_pg import Database
from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode, Sha256
from lienthong.exchange.model.delivery import State
from lienthong.wire.acknowledgement import Outcome
from lienthong.wire.event import EventName, decode_event


@pytest.fixture
def world(database: Database, tmp_path: Path) -> Iterator[World]:
    with open_world(database.dsn, tmp_path) as opened:
        yield opened


def code_of(refused: pytest.ExceptionInfo[Refused]) -> str:
    return refused.value.code.name


def test_a_taken_delivery_is_delivered_with_the_recipients_statement_as_evidence(world: World) -> None:
    sent = world.send("A.00", ["B.00", "C.00"])
    lease = world.lease("B.00")[0]
    token = world.statement(lease)
    result = world.acknowledge(token)[0]
    assert result.state is State.DELIVERED
    assert result.evidence is not None
    event = decode_event(world.verified(result.evidence))
    assert event.name is EventName.CONTENT_HANDOVER
    assert event.envelope == sent.ref
    assert event.details == {
        "delivery": sent.deliveries["B.00"], "agency": "B.00", "system": "sys-B", "acknowledgement": token.decode(),
    }  # fmt: skip
    assert world.state(sent.deliveries["C.00"]) is State.AVAILABLE
    world.assert_chains()


def test_the_same_acknowledgement_gets_the_same_evidence_bytes_for_ever(world: World) -> None:
    world.send("A.00", ["B.00"])
    lease = world.lease("B.00")[0]
    first, twin = world.statement(lease), world.statement(lease)
    in_one_batch = world.acknowledge(first, twin)
    world.clock.move(timedelta(days=3))
    again = world.acknowledge(world.statement(lease))
    assert len({result.evidence for result in (*in_one_batch, *again)}) == 1
    assert len(world.events(lease.delivery)) == 1


def test_nobody_leases_what_is_leased_and_the_fence_grows_with_every_lease(world: World) -> None:
    world.send("A.00", ["B.00"])
    first = world.lease("B.00")[0]
    assert world.lease("B.00") == []
    assert world.acknowledge(world.statement(first, Outcome.FAILED))[0].state is State.AVAILABLE
    assert world.lease("B.00") == [], "a failed delivery pauses"
    world.clock.move(timedelta(minutes=1))
    second = world.lease("B.00")[0]
    assert (first.fence, second.fence, second.attempt) == (1, 2, 2)
    with pytest.raises(Refused) as refused:
        world.acknowledge(world.statement(first))
    assert code_of(refused) == "LEASE_LOST"
    assert world.acknowledge(world.statement(second))[0].state is State.DELIVERED


def test_a_refusal_is_final_evidence_with_its_reason(world: World) -> None:
    world.send("A.00", ["B.00"])
    lease = world.lease("B.00")[0]
    result = world.acknowledge(world.statement(lease, Outcome.REFUSED))[0]
    assert result.state is State.REFUSED and result.evidence is not None
    event = decode_event(world.verified(result.evidence))
    assert event.name is EventName.CONSIGNMENT_REJECTION
    assert event.details["reason"] == {"code": "MAU", "text": "Lý do mẫu"}
    with pytest.raises(Refused) as refused:
        world.acknowledge(world.statement(lease, Outcome.TAKEN))
    assert code_of(refused) == "DELIVERY_FINISHED"


def test_a_delivery_that_fails_eight_times_goes_to_quarantine(world: World) -> None:
    sent = world.send("A.00", ["B.00"])
    for attempt in range(1, 9):
        lease = world.lease("B.00")[0]
        assert lease.attempt == attempt
        result = world.acknowledge(world.statement(lease, Outcome.FAILED))[0]
        world.clock.move(timedelta(hours=2))
    assert result.state is State.QUARANTINED and result.evidence is not None
    assert decode_event(world.verified(result.evidence)).name is EventName.CONTENT_CONSIGNMENT_FAILURE
    assert world.column(sent.deliveries["B.00"], "reason") == "MAU"
    assert world.lease("B.00") == []
    again = world.acknowledge(world.statement(lease, Outcome.FAILED))[0]
    assert again == result


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"digest": Sha256(b"x" * 32)}, "ACKNOWLEDGEMENT_MISMATCH"),
        ({"sender": AgencyCode("C.00")}, "ACKNOWLEDGEMENT_MISMATCH"),
        ({"fence": 9}, "LEASE_LOST"),
        ({"delivery": 999_999}, "DELIVERY_UNKNOWN"),
    ],
)
def test_an_acknowledgement_of_something_else_changes_nothing(
    world: World, other: dict[str, object], code: str
) -> None:
    world.send("A.00", ["B.00"])
    lease = world.lease("B.00")[0]
    with pytest.raises(Refused) as refused:
        world.acknowledge(world.statement(lease, **other))
    assert code_of(refused) == code
    assert world.state(lease.delivery) is State.LEASED


def test_only_a_system_of_the_recipient_may_acknowledge(world: World) -> None:
    world.send("A.00", ["B.00"])
    lease = world.lease("B.00")[0]
    with pytest.raises(Refused) as refused:
        world.acknowledge(world.statement(lease, signer="C.00"))
    assert code_of(refused) == "ACKNOWLEDGEMENT_NOT_YOURS"
    with pytest.raises(Refused) as refused:
        world.acknowledge(world.statement(lease, signer="C.00", agency=AgencyCode("C.00")))
    assert code_of(refused) == "DELIVERY_UNKNOWN"


def test_a_flood_of_urgent_deliveries_slows_others_down_and_never_stops_them(world: World) -> None:
    normal = world.send("A.00", ["B.00"]).deliveries["B.00"]
    later = world.send("A.00", ["B.00"]).deliveries["B.00"]
    for _ in range(12):
        world.send("A.00", ["B.00"], urgency=4)
    order = []
    for _ in range(10):
        world.send("A.00", ["B.00"], urgency=4)
        lease = world.lease("B.00", most=1)[0]
        order.append(lease.delivery)
        world.acknowledge(world.statement(lease))
    assert normal in order and later in order, "one lease in four goes to the oldest"
    assert sum(number not in (normal, later) for number in order) >= 6, "the urgent ones still come first"


def test_a_large_lease_is_mostly_urgent_and_a_quarter_oldest(world: World) -> None:
    old = [world.send("A.00", ["B.00"]).deliveries["B.00"] for _ in range(8)]
    urgent = [world.send("A.00", ["B.00"], urgency=3).deliveries["B.00"] for _ in range(8)]
    got = [lease.delivery for lease in world.lease("B.00", most=8)]
    assert got == [*urgent[:6], *old[:2]]
    world.clock.move(timedelta(minutes=11))
    for _ in range(8):
        world.send("A.00", ["B.00"], urgency=3)
    got = [lease.delivery for lease in world.lease("B.00", most=8)]
    assert set(old[2:6]) <= set(got), "who waited long gets half of the lease"


def test_a_late_acknowledgement_counts_while_nobody_else_leased(world: World) -> None:
    world.send("A.00", ["B.00"])
    lease = world.lease("B.00", seconds=10)[0]
    world.acknowledge(world.statement(lease, Outcome.FAILED))
    assert world.acknowledge(world.statement(lease))[0].state is State.DELIVERED


def test_a_lease_never_outlives_the_deadline(world: World) -> None:
    sent = world.send("A.00", ["B.00"], life=timedelta(seconds=30))
    lease = world.lease("B.00", seconds=3600)[0]
    assert lease.until == world.column(sent.deliveries["B.00"], "expires_at")
