"""Sign what happened. An event is never earlier than the one it follows."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lienthong.base.clock import Clock
from lienthong.base.errors import Refused
from lienthong.base.ids import Sha256, uuid7
from lienthong.exchange.errors import CLOCK_WRONG
from lienthong.exchange.service.context import AxisContext
from lienthong.trust import jws
from lienthong.wire.canonical import Json
from lienthong.wire.event import TYP, EnvelopeRef, Event, EventName, encode_event, entry


@dataclass(frozen=True, slots=True)
class SignedEvent:
    """An event as it will be kept for ever; ``digest`` is its log entry and its name in the chain."""

    jws: bytes
    digest: Sha256
    at: datetime
    name: EventName


def event_time(clock: Clock, not_before: datetime) -> datetime:
    """Now in whole milliseconds, as events write it, but never before ``not_before``."""
    now = clock.now()
    return max(now.replace(microsecond=now.microsecond // 1000 * 1000), not_before)


class HighWaterMark:
    """The latest instant of any event that this process knows. A clock that was set back does not undo it."""

    def __init__(self, at: datetime, tolerance: timedelta) -> None:
        self._at, self._tolerance = at, tolerance
        self._lock = threading.Lock()

    @property
    def at(self) -> datetime:
        return self._at

    def event_time(self, clock: Clock) -> datetime:
        """The time for a new event: now, or the mark when the clock stands a little behind it.

        Refuses CLOCK_WRONG when the clock stands further behind than the tolerance: events that all carried the
        mark's time would say nothing about when they happened.
        """
        with self._lock:
            self.require_sane(clock)
            self._at = event_time(clock, self._at)
            return self._at

    def require_sane(self, clock: Clock) -> None:
        """Refuse CLOCK_WRONG when the clock stands too far behind the mark."""
        behind = self._at - clock.now()
        if behind > self._tolerance:
            raise Refused(CLOCK_WRONG, seconds=round(behind.total_seconds()))


def sign_event(
    ctx: AxisContext,
    name: EventName,
    envelope: EnvelopeRef,
    at: datetime,
    previous: Sha256 | None,
    details: Mapping[str, Json],
) -> SignedEvent:
    """One signed event about one envelope (PR-EVIDENCE §1)."""
    event = Event(uuid7(int(at.timestamp() * 1000)), name, at, ctx.name, envelope, previous, details)
    token = jws.sign(encode_event(event), ctx.receipt_signer, TYP)
    return SignedEvent(token, entry(token), at, name)
