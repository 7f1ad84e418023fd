"""Let time do its work: deadlines that passed, leases that ran out.

Expiry is evidence against a recipient, so it is never signed before the deadline, and not at all while the clock
cannot be trusted. Source: PR-EVIDENCE §1 (C.5); PR-NATIVE §6.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from lienthong.base.clock import Clock, to_text
from lienthong.directory.model import KeyHolder
from lienthong.exchange.model.delivery import Delivery, State
from lienthong.exchange.service.changing import Changes, now_of
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.handing_over import give_back
from lienthong.exchange.store import deliveries as store
from lienthong.exchange.store.connection import Connection
from lienthong.infra import telemetry
from lienthong.infra.steps import reached
from lienthong.wire.acknowledgement import Reason
from lienthong.wire.event import EventName

BATCH = 500
RUN_OUT = Reason("LEASE_RAN_OUT", "the lease ended without an acknowledgement")


class ClockGuard:
    """Notices a wall clock that jumped: since the start it must have moved as far as the monotonic one.

    ``monotonic``: seconds of the monotonic clock at the same moment as the first reading of ``clock``.
    """

    def __init__(self, clock: Clock, monotonic: float, tolerance: timedelta) -> None:
        self._clock, self._tolerance = clock, tolerance
        self._wall, self._monotonic = clock.now(), monotonic

    def drift(self, monotonic: float) -> timedelta:
        """How far the wall clock ran ahead (or, negative, behind) since the start."""
        return (self._clock.now() - self._wall) - timedelta(seconds=monotonic - self._monotonic)

    def trusted(self, monotonic: float, database: datetime) -> bool:
        """Whether expiry may be signed: the clock did not jump, and the database's clock says the same.

        A jump that is real (the clock was wrong at the start and is right now) is believed after a restart.
        """
        apart = abs(self._clock.now() - database)
        return abs(self.drift(monotonic)) <= self._tolerance and apart <= self._tolerance


def expire(ctx: AxisContext, conn: Connection) -> int:
    """End up to :data:`BATCH` deliveries whose deadline has passed, in one transaction; how many there were."""
    with conn.transaction():
        now = now_of(ctx)
        changes = Changes(ctx, conn)
        late = changes.hold(store.lock_past_deadline(conn, now, BATCH))
        for delivery in late:
            details = {"expires_at": to_text(delivery.expires_at)}
            changes.record_about(
                delivery, EventName.EXPIRY, delivery.agency, details, state=State.EXPIRED, reason="EXPIRED"
            )
        changes.write()
        reached("expiry.before_commit")
    return len(late)


def expire_all(ctx: AxisContext, conn: Connection, guard: ClockGuard, monotonic: float) -> int:
    """Expire everything that is due, unless the clock cannot be trusted; how many deliveries ended."""
    if not guard.trusted(monotonic, store.database_time(conn)):
        telemetry.error("expiry.clock_not_trusted", duration_ms=round(guard.drift(monotonic).total_seconds() * 1000))
        return 0
    done = 0
    while count := expire(ctx, conn):
        done += count
    if done:
        telemetry.info("deliveries.expired", count=done)
    return done


def _holds_its_own_key(ctx: AxisContext, delivery: Delivery) -> bool:
    """Whether the system that had the lease speaks the native protocol."""
    system = ctx.directory.state.system(delivery.lease_system or "")
    return system is None or any(key.held_by is KeyHolder.SYSTEM for key in system.keys)


def sweep_leases(ctx: AxisContext, conn: Connection) -> int:
    """Offer again what was leased and not acknowledged in time; how many leases ended."""
    done = 0
    while True:
        with conn.transaction():
            changes = Changes(ctx, conn)
            ended = changes.hold(store.lock_run_out(conn, now_of(ctx), BATCH))
            for delivery in ended:
                if _holds_its_own_key(ctx, delivery):
                    give_back(ctx, changes, delivery, RUN_OUT)
                else:
                    # A system that polls a list knows no leases: its item is simply on the list again.
                    changes.update(delivery, state=State.AVAILABLE, available_at=now_of(ctx))
            changes.write()
        done += len(ended)
        if len(ended) < BATCH:
            return done
