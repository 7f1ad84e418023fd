"""The conservation law: accepted = delivered + pending + refused + expired + recalled, checked every minute.

The two sides come from different tables: envelopes say how many were addressed, deliveries say where each stands.
A third side is evidence: a delivery that ended has exactly the event that says so. Source: PR-NATIVE §6.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from lienthong.exchange.model.delivery import State
from lienthong.exchange.service.changing import now_of
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.store import conservation as store
from lienthong.exchange.store.connection import Connection
from lienthong.exchange.store.conservation import Counts
from lienthong.infra import telemetry
from lienthong.trust import jws
from lienthong.wire.event import EventName, decode_event

FACT = "conservation"


@dataclass(frozen=True, slots=True)
class Conservation:
    """One check, in deliveries. ``evidence_holds``: events and states agree. ``holds``: both laws do."""

    accepted: int
    delivered: int
    pending: int
    refused: int
    expired: int
    recalled: int
    holds: bool
    evidence_holds: bool
    oldest_pending_seconds: int
    states: dict[str, int]
    events: dict[str, int]


def judge(counts: Counts, added: int, now: datetime) -> Conservation:
    """The law over counted figures; ``added``: receivers that updates added."""
    states = {state.value: counts.states.get(state.value, 0) for state in State}
    pending = sum(states[state.value] for state in State if state.pending)
    ended = [states[s.value] for s in (State.DELIVERED, State.REFUSED, State.EXPIRED, State.RECALLED)]
    delivered, refused, expired, recalled = ended
    accepted = counts.addressed + added
    evidence = _evidence_holds(counts.events, delivered, refused, expired, recalled) and counts.alone == 0
    oldest = counts.oldest_pending_at
    age = 0 if oldest is None else max(0, int((now - oldest).total_seconds()))
    whole = accepted == pending + sum(ended)
    return Conservation(
        accepted, delivered, pending, refused, expired, recalled, whole and evidence, evidence, age, states,
        dict(counts.events),
    )  # fmt: skip


def _evidence_holds(events: dict[str, int], delivered: int, refused: int, expired: int, recalled: int) -> bool:
    """Each ended delivery has its one event. A hand-over may be followed by a refusal or a recall."""
    handed_over = events.get(EventName.CONTENT_HANDOVER.short, 0)
    return (
        events.get(EventName.EXPIRY.short, 0) == expired
        and events.get(EventName.RECALL.short, 0) == recalled
        and events.get(EventName.CONSIGNMENT_REJECTION.short, 0) == refused
        and delivered <= handed_over <= delivered + refused + recalled
    )


def check_conservation(ctx: AxisContext, conn: Connection) -> Conservation:
    """Count, judge, keep the result for everybody to see, and raise the alarm when the law is broken."""
    counts = store.count(conn)
    now = now_of(ctx)
    added = sum(_is_added(token) for token in counts.added)
    result = judge(counts, added, now)
    store.keep(conn, FACT, asdict(result), now)
    if not result.holds:
        telemetry.error(
            "conservation.broken", count=result.accepted, deliveries=sum(result.states.values()), state="broken"
        )
    return result


def _is_added(token: bytes) -> bool:
    """Whether a D.1 names the update that caused it. The bytes are our own, read from our own table."""
    return "by" in decode_event(jws.unverified_payload(token)).details
