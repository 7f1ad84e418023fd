"""One batch of changes to deliveries: the rows, the signed events that say so, and what goes on because of it.

Everything is collected in memory while rows are locked and written by a few statements at the end, so that a batch
of two hundred costs little more than one. Every finished or newly available delivery has its event; a delivery that
waited for a finished one becomes available in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from lienthong.exchange.model.delivery import Delivery, State, may_become
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.signing import SignedEvent, event_time, sign_event
from lienthong.exchange.store import deliveries as store
from lienthong.exchange.store.connection import Connection
from lienthong.exchange.store.events import EventRow, insert_events
from lienthong.wire.canonical import Json
from lienthong.wire.event import EventName


class Changes:
    """What one transaction does to deliveries that it has locked."""

    def __init__(self, ctx: AxisContext, conn: Connection) -> None:
        self._ctx, self._conn = ctx, conn
        self._held: dict[int, Delivery] = {}
        self._touched: dict[int, None] = {}
        self._new: dict[int, Delivery] = {}
        self._events: list[EventRow] = []
        self._signed: dict[tuple[int, EventName], bytes] = {}

    def hold(self, deliveries: Iterable[Delivery]) -> list[Delivery]:
        """Take over locked rows; those known already come back as this batch has changed them."""
        return [self._held.setdefault(delivery.number, delivery) for delivery in deliveries]

    def get(self, number: int) -> Delivery | None:
        """A held delivery as it stands in this batch."""
        return self._held.get(number)

    def evidence(self, delivery: Delivery, name: EventName) -> bytes | None:
        """The newest event of this name for a delivery, of this batch or of earlier ones."""
        signed = self._signed.get((delivery.number, name))
        return signed or store.evidence_of(self._conn, delivery.envelope_no, delivery.number, name.short)

    def update(self, delivery: Delivery, **columns: Any) -> Delivery:
        """Change columns without an event: nothing happened that others must be able to prove."""
        current = self._held[delivery.number]
        state = columns.get("state", current.state)
        if state is not current.state:
            if not may_become(current.state, state):
                raise ValueError(f"a delivery does not go from {current.state.value} to {state.value}")
            if state is not State.LEASED:
                columns["lease_until"] = None
            if state is not State.WAITING:
                columns["blocked_by"] = None
        changed = replace(current, **columns)
        self._held[delivery.number] = changed
        self._touched[delivery.number] = None
        return changed

    def record(self, delivery: Delivery, name: EventName, details: Mapping[str, Json], **columns: Any) -> SignedEvent:
        """Change a delivery and sign the event that says so, as the next link of its chain.

        Entering a final state for the first time sets ``finished_at``.
        """
        current = self._held[delivery.number]
        at = event_time(self._ctx.clock, current.last_event_at)
        event = sign_event(self._ctx, name, current.envelope, at, current.last_event, details)
        if not columns.get("state", State.AVAILABLE).pending:
            columns.setdefault("finished_at", at)
        self.update(current, last_event=event.digest, last_event_at=at, **columns)
        self._events.append(EventRow(current.envelope_no, current.number, name, at, event.jws, event.digest))
        self._signed[current.number, name] = event.jws
        return event

    def record_about(
        self, delivery: Delivery, name: EventName, reporter: str, details: Mapping[str, Json], **columns: Any
    ) -> SignedEvent:
        """As :meth:`record`, with the members that name the delivery and the agency."""
        return self.record(delivery, name, {"delivery": delivery.number, "agency": reporter, **details}, **columns)

    def add(self, delivery: Delivery, by: Mapping[str, Json], version: int) -> None:
        """A new delivery of an accepted envelope to a receiver that an update adds; available at once."""
        self._new[delivery.number] = self._held[delivery.number] = delivery
        to: list[Json] = [
            {"delivery": delivery.number, "addressed_to": delivery.addressed_to, "agency": delivery.agency}
        ]
        self.record(delivery, EventName.CONTENT_CONSIGNMENT, {"to": to, "directory": version, "by": dict(by)})
        self._new[delivery.number] = self._held[delivery.number]

    def write(self) -> frozenset[str]:
        """Write everything, let the waiting ones go on, and give the agencies that have something available now."""
        store.insert(self._conn, (self._held[number] for number in self._new))
        self._release()
        store.save(self._conn, (self._held[number] for number in self._touched if number not in self._new))
        insert_events(self._conn, self._events)
        changed = (self._held[number] for number in self._touched)
        return frozenset(d.agency for d in changed if d.state is State.AVAILABLE)

    def _release(self) -> None:
        """Whoever waited for a delivery that is finished now becomes available, with its D.1."""
        done = [n for n in self._touched if not self._held[n].state.pending]
        version = self._ctx.directory.state.version
        for waiting in self.hold(store.lock_blocked_by(self._conn, done)):
            if waiting.state is not State.WAITING:
                continue
            to: list[Json] = [
                {"delivery": waiting.number, "addressed_to": waiting.addressed_to, "agency": waiting.agency}
            ]
            details: dict[str, Json] = {"to": to, "directory": version}
            self.record(
                waiting, EventName.CONTENT_CONSIGNMENT, details, state=State.AVAILABLE,
                available_at=event_time(self._ctx.clock, waiting.last_event_at),
            )  # fmt: skip


def back_off(ctx: AxisContext, attempts: int, jitter: float) -> float:
    """Seconds until the next try: doubling from the first pause to the longest; ``jitter`` in [0, 1) spreads it."""
    pause = ctx.limits.back_off.total_seconds() * (1 << min(max(attempts - 1, 0), 20))
    return min(pause, ctx.limits.longest_back_off.total_seconds()) * (0.75 + jitter / 2)


def now_of(ctx: AxisContext) -> datetime:
    """Now in whole milliseconds."""
    now = ctx.clock.now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
