"""Deadlines, leases that ran out, quarantine, damaged content, conservation, trace: what time and people do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from delivery_world import World, open_world, system_of
from fixtures_pg import Database
from lienthong.base.errors import Refused
from lienthong.base.ids import Sha256
from lienthong.directory.model import KeyHolder
from lienthong.exchange.model.delivery import State
from lienthong.exchange.service.conserving import check_conservation
from lienthong.exchange.service.downloading import open_download, packet_content, part_content
from lienthong.exchange.service.expiring import ClockGuard, expire, expire_all, sweep_leases
from lienthong.exchange.service.quarantining import (
    CORRUPT,
    QuarantineUnit,
    RequeueUnit,
    quarantine_batch,
    requeue_batch,
)
from lienthong.exchange.service.tracing import Reader, outbox, trace
from lienthong.exchange.store import deliveries as delivery_store
from lienthong.exchange.store import quarantine
from lienthong.wire.acknowledgement import Outcome
from lienthong.wire.envelope import Envelope, Part, Role, decode_envelope
from lienthong.wire.event import EventName
from lienthong.wire.packet import PacketReader

SIX = {"accepted", "delivered", "pending", "refused", "expired", "recalled"}


@pytest.fixture
def world(database: Database, tmp_path: Path) -> Iterator[World]:
    with open_world(database.dsn, tmp_path) as opened:
        yield opened


def balance(world: World) -> dict[str, int]:
    found = check_conservation(world.ctx, world.conn)
    assert found.holds, found
    return {name: getattr(found, name) for name in SIX if getattr(found, name)}


def test_expiry_is_evidence_and_never_before_the_deadline(world: World) -> None:
    sent = world.send("A.00", ["B.00", "C.00"], life=timedelta(minutes=5))
    world.take("B.00")
    world.clock.move(timedelta(minutes=5) - timedelta(milliseconds=1))
    assert expire(world.ctx, world.conn) == 0
    world.clock.move(timedelta(milliseconds=1))
    assert expire(world.ctx, world.conn) == 1
    number = sent.deliveries["C.00"]
    event = world.events(number)[-1]
    assert event.name is EventName.EXPIRY and event.at >= world.column(number, "expires_at")
    assert balance(world) == {"accepted": 2, "delivered": 1, "expired": 1}
    world.assert_chains()


def test_nothing_expires_while_the_clock_cannot_be_trusted(world: World) -> None:
    sent = world.send("A.00", ["B.00"], life=timedelta(minutes=5))
    now = world.clock.now()
    assert ClockGuard(world.clock, 100.0, timedelta(seconds=60)).trusted(101.0, now)
    guard = ClockGuard(world.clock, 100.0, timedelta(seconds=60))
    world.clock.move(timedelta(days=1))
    assert not guard.trusted(101.0, world.clock.now()), "the wall clock jumped"
    fresh = ClockGuard(world.clock, 100.0, timedelta(seconds=60))
    assert not fresh.trusted(100.0, now), "the database says another time"
    assert expire_all(world.ctx, world.conn, guard, 101.0) == 0
    assert world.state(sent.deliveries["B.00"]) is State.AVAILABLE


def test_a_lease_that_ran_out_is_offered_again_and_counts_as_an_attempt(world: World) -> None:
    sent = world.send("A.00", ["B.00"])
    first = world.lease("B.00", seconds=10)[0]
    assert sweep_leases(world.ctx, world.conn) == 0
    world.clock.move(timedelta(seconds=11))
    assert sweep_leases(world.ctx, world.conn) == 1
    assert world.column(sent.deliveries["B.00"], "attempts") == 1
    world.clock.move(timedelta(seconds=30))
    second = world.lease("B.00")[0]
    assert second.fence == first.fence + 1
    with pytest.raises(Refused, match="LEASE_LOST"):
        world.acknowledge(world.statement(first))


def test_what_waited_for_an_expired_message_goes_on(world: World) -> None:
    sent = world.send("A.00", ["B.00"])
    world.take("B.00")
    first = world.accept(world.status(sent, 1, "B.00", "A.00").packet, to=["A.00"], life=timedelta(minutes=1))
    later = world.status(sent, 3, "B.00", "A.00")
    assert world.state(later.deliveries["A.00"]) is State.WAITING
    world.take("A.00")
    world.clock.move(timedelta(minutes=2))
    assert expire(world.ctx, world.conn) == 1
    assert world.state(first.deliveries["A.00"]) is State.EXPIRED
    assert world.state(later.deliveries["A.00"]) is State.AVAILABLE


def test_quarantine_lists_the_reason_and_one_command_lets_go_with_evidence(world: World) -> None:
    sent = world.send("A.00", ["B.00"])
    lease = world.lease("B.00")[0]
    with world.conn.transaction():
        results, _ = quarantine_batch(world.ctx, world.conn, [QuarantineUnit(lease.delivery, lease.fence, CORRUPT)])
        again, _ = quarantine_batch(world.ctx, world.conn, [QuarantineUnit(lease.delivery, 99, CORRUPT)])
    assert results[0] is not None and again == [None]
    rows = world.run(quarantine.page(world.aconn, 0, 10))
    assert [(row.delivery, row.reason) for row in rows] == [(lease.delivery, "BLOB_CORRUPT")]
    assert balance(world) == {"accepted": 1, "pending": 1}
    unit = RequeueUnit(lease.delivery, system_of("D.00"))
    with world.conn.transaction():
        results, woken = requeue_batch(world.ctx, world.conn, [unit])
        twice, _ = requeue_batch(world.ctx, world.conn, [unit])
    assert isinstance(twice[0], Refused) and twice[0].code.name == "NOT_IN_QUARANTINE"
    assert woken == {"B.00"}
    assert world.events(lease.delivery)[-1].details["requeued_by"] == "sys-D"
    world.take("B.00")
    assert world.state(sent.deliveries["B.00"]) is State.DELIVERED
    world.assert_chains()


def test_conservation_counts_added_receivers_and_every_end(world: World) -> None:
    sent = world.send("A.00", ["B.00", "C.00"])
    world.update(sent, ["B.00"], added=("D.00",))
    refused = world.lease("C.00")[0]
    world.acknowledge(world.statement(refused, Outcome.REFUSED))
    world.take("D.00")
    world.recall(sent, ["B.00"])
    assert balance(world) == {"accepted": 5, "delivered": 1, "pending": 2, "refused": 1, "recalled": 1}


def test_a_delivery_that_vanished_and_one_without_evidence_break_the_law(world: World) -> None:
    sent = world.send("A.00", ["B.00", "C.00"])
    world.take("B.00")
    assert check_conservation(world.ctx, world.conn).holds
    world.conn.execute("DELETE FROM event WHERE name = 'ContentHandover'")
    broken = check_conservation(world.ctx, world.conn)
    assert not broken.holds and not broken.evidence_holds
    world.conn.execute("DELETE FROM delivery WHERE delivery_no = %s", (sent.deliveries["C.00"],))
    lost = check_conservation(world.ctx, world.conn)
    assert (lost.accepted, lost.delivered + lost.pending, lost.holds) == (2, 1, False)


def stored(world: World, data: bytes) -> Part:
    blob = world.ctx.blobs.put(data)
    return Part(Role.ATTACHMENT, "att-1", "van-ban.pdf", "application/pdf", len(data), blob.sha256)


class Collected:
    """A packet as its reader sees it."""

    def __init__(self) -> None:
        self.parts: dict[int, bytearray] = {}

    def on_envelope(self, token: bytes) -> Envelope:
        from delivery_world import jws_payload

        return decode_envelope(jws_payload(token))

    def on_part(self, index: int, part: Part) -> Collected._Sink:
        self.parts[index] = bytearray()
        return Collected._Sink(self.parts[index])

    class _Sink:
        def __init__(self, into: bytearray) -> None:
            self.into = into

        def write(self, data: bytes | memoryview) -> object:
            self.into += data
            return None


def test_the_lease_holder_downloads_exactly_the_bytes_and_may_do_so_again_after_taking(world: World) -> None:
    data = bytes(range(256)) * 12_000
    world.accept(world.document("A.00", ["B.00"]), attachments=(stored(world, data),))
    lease = world.lease("B.00")[0]
    download = world.run(open_download(world.ctx, world.aconn, system_of("B.00"), lease.delivery, lease.fence))
    collected = Collected()
    reader = PacketReader(b"boundary-1", collected)
    size, pieces = packet_content(world.ctx, download, "boundary-1")
    total = 0
    for piece in pieces:
        total += len(piece)
        reader.feed(piece)
    reader.close()
    assert total == size and bytes(collected.parts[1]) == data and bytes(collected.parts[0]) == download.header
    assert b"".join(part_content(world.ctx, download, 1, 1_500_000, 100)) == data[1_500_000:1_500_100]
    for system, fence, code in (
        ("C.00", lease.fence, "DELIVERY_UNKNOWN"),
        ("B.00", 9, "LEASE_LOST"),
        ("B.00", None, "LEASE_LOST"),
    ):
        with pytest.raises(Refused, match=code):
            world.run(open_download(world.ctx, world.aconn, system_of(system), lease.delivery, fence))
    world.acknowledge(world.statement(lease))
    world.clock.move(timedelta(days=29))
    world.run(open_download(world.ctx, world.aconn, system_of("B.00"), lease.delivery, None))
    world.clock.move(timedelta(days=2))
    with pytest.raises(Refused, match="DELIVERY_FINISHED"):
        world.run(open_download(world.ctx, world.aconn, system_of("B.00"), lease.delivery, None))


@pytest.mark.parametrize(("start", "length"), [(0, None), (100, 50), (3_000_000, None)])
def test_damaged_content_never_arrives_complete(world: World, start: int, length: int | None) -> None:
    data = bytes(3_100_000)
    part = stored(world, data)
    world.accept(world.document("A.00", ["B.00"]), attachments=(part,))
    path = world.ctx.blobs.path(part.sha256)
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.seek(3_050_000)
        file.write(b"!")
    lease = world.lease("B.00")[0]
    download = world.run(open_download(world.ctx, world.aconn, system_of("B.00"), lease.delivery, lease.fence))
    given = 0
    with pytest.raises(Refused, match="BLOB_CORRUPT"):
        for piece in part_content(world.ctx, download, 1, start, length):
            given += len(piece)
    assert given < (len(data) - start if length is None else length)
    with path.open("ab") as file:
        file.write(b"longer")
    with pytest.raises(Refused, match="BLOB_CORRUPT"):
        part_content(world.ctx, download, 1)


def story(world: World, reader: str, sent_id: object, operator: bool = False) -> dict[str, object]:
    found = world.run(trace(world.ctx, world.aconn, Reader(system_of(reader), operator), "A.00", sent_id, None))  # type: ignore[arg-type]
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]


def test_a_trace_tells_the_sender_everything_and_a_recipient_its_own_part(world: World) -> None:
    sent = world.send("A.00", ["B.00", "C.00"])
    world.take("B.00")
    world.clock.move(timedelta(seconds=2))
    world.status(sent, 3, "B.00", "A.00")
    whole = story(world, "A.00", sent.ref.id)
    assert [row["agency"] for row in whole["recipients"]] == ["B.00", "C.00"]
    first, second = whole["recipients"]
    assert first["acknowledgements"]["handed_over"] and first["acknowledgements"]["status"]
    assert second["acknowledgements"]["available"] and second["acknowledgements"]["handed_over"] is None
    assert first["acknowledgements"]["relayed"] is None
    assert [row["name"] for row in whole["events"]][-2:] == ["ContentHandover", "BusinessStatus"]
    assert whole["events"][-1]["vi"] == "Trạng thái xử lý 03: Đã tiếp nhận"
    assert [(row["code"], row["agency"], row["outcome"]) for row in whole["statuses"]] == [("03", "B.00", "advanced")]
    assert [row["relation"] for row in whole["linked"]] == ["status"]
    other = story(world, "C.00", sent.ref.id)
    assert [row["agency"] for row in other["recipients"]] == ["C.00"]
    assert other["statuses"] == [] and other["linked"] == []
    assert not any(row["agency"] == "B.00" for row in other["events"])
    with pytest.raises(Refused, match="NOT_FOUND"):
        story(world, "D.00", sent.ref.id)
    assert len(story(world, "D.00", sent.ref.id, operator=True)["recipients"]) == 2


def test_the_outbox_pages_newest_first_without_gap_or_repetition(world: World) -> None:
    sent = [str(world.send("A.00", ["B.00"]).ref.id) for _ in range(5)]
    world.send("C.00", ["B.00"])
    seen: list[str] = []
    before: int | None = None
    while True:
        page = json.loads(json.dumps(world.run(outbox(world.aconn, "A.00", before, 2))))
        seen += [row["id"] for row in page["envelopes"]]
        assert all(row["deliveries"][0]["state"] == "available" for row in page["envelopes"])
        if "next" not in page:
            break
        before = int(page["next"])
    assert seen == sent[::-1]


def test_the_chain_of_a_delivery_names_the_newest_event(world: World) -> None:
    sent = world.send("A.00", ["B.00"])
    world.take("B.00")
    row = delivery_store.lock(world.conn, [sent.deliveries["B.00"]])[sent.deliveries["B.00"]]
    assert len(Sha256(row.last_event)) == 32 and row.finished_at == row.last_event_at


def test_a_lease_that_ran_out_costs_a_polling_system_no_attempt(world: World) -> None:
    """A system whose key the axis holds knows no leases; its item is on the list again and never in quarantine."""
    sent = world.send("A.00", ["B.00"])
    system = world.holder.state.system(system_of("B.00"))
    assert system is not None
    held = replace(system, keys=tuple(replace(key, held_by=KeyHolder.AXIS) for key in system.keys))
    world.holder.state = world.holder.state.changed(8, [held], [])
    for _ in range(world.ctx.limits.attempts + 2):
        world.lease("B.00", seconds=10)
        world.clock.move(timedelta(seconds=11))
        assert sweep_leases(world.ctx, world.conn) == 1
    assert world.state(sent.deliveries["B.00"]) is State.AVAILABLE
    assert world.column(sent.deliveries["B.00"], "attempts") == 0
