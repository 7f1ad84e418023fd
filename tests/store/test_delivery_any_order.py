"""Whatever order things happen in, nothing is lost, nothing is done twice, and the evidence has no gap."""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from delivery_world import Sent, World, open_world
from fixtures_pg import Database
from lienthong.base.errors import Refused
from lienthong.edxml.model import DocumentPacket
from lienthong.exchange.model.delivery import State, may_become
from lienthong.exchange.service.conserving import check_conservation
from lienthong.exchange.service.expiring import expire, sweep_leases
from lienthong.exchange.service.quarantining import RequeueUnit, requeue_batch
from lienthong.exchange.store.leases import Lease
from lienthong.wire.acknowledgement import Outcome

RECIPIENTS = ("B.00", "C.00")
AGENCIES = st.sampled_from(RECIPIENTS)
TABLES = "envelope, part, delivery, event, leaf_pending, business_status, axis_fact"


def machine(world: World) -> type[RuleBasedStateMachine]:
    class Interleaving(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            world.conn.execute(f"TRUNCATE {TABLES}")
            self.sent: list[Sent] = []
            self.leases: list[Lease] = []
            self.evidence: dict[int, bytes] = {}
            self.known: dict[int, State] = {}

        @rule(both=st.booleans(), urgency=st.integers(0, 4), minutes=st.integers(2, 60))
        def send(self, both: bool, urgency: int, minutes: int) -> None:
            to = list(RECIPIENTS) if both else ["B.00"]
            self.sent.append(world.send("A.00", to, urgency, timedelta(minutes=minutes)))

        @rule(agency=st.sampled_from(("A.00", *RECIPIENTS)), most=st.integers(1, 4))
        def lease(self, agency: str, most: int) -> None:
            self.leases += world.lease(agency, most, 30)

        @precondition(lambda self: self.leases)
        @rule(place=st.integers(0, 50), outcome=st.sampled_from(Outcome))
        def acknowledge(self, place: int, outcome: Outcome) -> None:
            lease = self.leases[place % len(self.leases)]
            try:
                done = world.acknowledge(world.statement(lease, outcome))[0]
            except Refused as refused:
                assert refused.code.http == 409, refused
                return
            if outcome is Outcome.TAKEN:
                assert done.evidence is not None
                assert self.evidence.setdefault(lease.delivery, done.evidence) == done.evidence

        @rule(seconds=st.sampled_from((1, 20, 90, 1200)))
        def time_passes(self, seconds: int) -> None:
            world.clock.move(timedelta(seconds=seconds))
            sweep_leases(world.ctx, world.conn)
            expire(world.ctx, world.conn)

        @precondition(lambda self: self.sent)
        @rule(place=st.integers(0, 50), code=st.sampled_from((1, 2, 3, 5, 6, 15, 16)), agency=AGENCIES)
        def report(self, place: int, code: int, agency: str) -> None:
            self._about(lambda original: world.status(original, code, agency, "A.00"), place)

        @precondition(lambda self: self.sent)
        @rule(place=st.integers(0, 50), agency=AGENCIES)
        def ask_back(self, place: int, agency: str) -> None:
            self._about(lambda original: world.status(original, 13, "A.00", agency), place)

        @precondition(lambda self: self.sent)
        @rule(place=st.integers(0, 50), agency=AGENCIES)
        def recall(self, place: int, agency: str) -> None:
            self._about(lambda original: world.recall(original, [agency]), place)

        @precondition(lambda self: self.sent)
        @rule(place=st.integers(0, 50), added=st.booleans())
        def update(self, place: int, added: bool) -> None:
            change = {"added": ("D.00",)} if added else {"removed": ("B.00",)}
            self._about(lambda original: world.update(original, ["B.00"], **change), place)

        @rule()
        def requeue_all(self) -> None:
            rows = world.conn.execute("SELECT delivery_no FROM delivery WHERE state = 'quarantined'").fetchall()
            with world.conn.transaction():
                requeue_batch(
                    world.ctx,
                    world.conn,
                    [RequeueUnit(row[0], world.holder.state.systems_for("D.00")[0].system_id) for row in rows],
                )

        def _about(self, send: object, place: int) -> None:
            original = self.sent[place % len(self.sent)]
            assert isinstance(original.packet, DocumentPacket)
            world.clock.move(timedelta(milliseconds=1500))
            try:
                send(original)  # type: ignore[operator]
            except Refused as refused:
                assert refused.code.name in {
                    "STATUS_TOO_EARLY",
                    "STATUS_NOT_PARTY",
                    "STATUS_UNMATCHED",
                    "ORIGINAL_UNKNOWN",
                }

        @invariant()
        def nothing_is_lost_and_nothing_goes_back(self) -> None:
            found = check_conservation(world.ctx, world.conn)
            assert found.holds, found
            for number, text in world.conn.execute("SELECT delivery_no, state FROM delivery").fetchall():
                before, after = self.known.get(number), State(text)
                if before is not None and not before.pending and before is not after:
                    assert may_become(before, after), (before, after)
                self.known[number] = after

        @invariant()
        def whoever_waits_waits_for_something_unfinished(self) -> None:
            stuck = world.conn.execute(
                """SELECT w.delivery_no FROM delivery w LEFT JOIN delivery b ON b.delivery_no = w.blocked_by
                   WHERE w.state = 'waiting'
                     AND coalesce(b.state, '-') NOT IN ('waiting', 'available', 'leased', 'quarantined')"""
            ).fetchall()
            assert stuck == []

        def teardown(self) -> None:
            world.assert_chains()
            twice = world.conn.execute(
                "SELECT delivery_no FROM event WHERE name = 'ContentHandover' GROUP BY 1 HAVING count(*) > 1"
            ).fetchall()
            assert twice == []

    return Interleaving


@pytest.mark.slow
def test_any_order_of_events_keeps_conservation_and_the_chains(database18: Database) -> None:
    blobs = Path(tempfile.mkdtemp(prefix="lt-"))
    try:
        with open_world(database18.dsn, blobs) as world:
            world.ctx.limits = type(world.ctx.limits)(attempts=3)
            run_state_machine_as_test(
                machine(world),
                settings=settings(
                    max_examples=30, stateful_step_count=30, deadline=None, derandomize=True, database=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )  # fmt: skip
    finally:
        shutil.rmtree(blobs)
