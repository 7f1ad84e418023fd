"""A delivery (lượt giao): one envelope for one recipient, the states it may be in, and the ways between them.

Source: PR-NATIVE §6.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from lienthong.base.ids import AgencyCode, DeliveryId, Sha256, SystemId
from lienthong.wire.event import EnvelopeRef


class State(Enum):
    """Where a delivery stands. WAITING: an earlier message of the same thread is not finished."""

    WAITING = "waiting"
    AVAILABLE = "available"
    LEASED = "leased"
    DELIVERED = "delivered"
    REFUSED = "refused"
    EXPIRED = "expired"
    RECALLED = "recalled"
    QUARANTINED = "quarantined"

    @property
    def pending(self) -> bool:
        """Whether the axis still owes the recipient something."""
        return self in PENDING


PENDING = frozenset({State.WAITING, State.AVAILABLE, State.LEASED, State.QUARANTINED})

_FINISHED_EARLY = frozenset({State.EXPIRED, State.RECALLED})
_WAYS: dict[State, frozenset[State]] = {
    State.WAITING: frozenset({State.AVAILABLE}) | _FINISHED_EARLY,
    # A recipient that acknowledges after its lease ran out still holds the newest fence: it counts.
    State.AVAILABLE: frozenset({State.LEASED, State.DELIVERED, State.REFUSED, State.QUARANTINED}) | _FINISHED_EARLY,
    State.LEASED: frozenset({State.AVAILABLE, State.DELIVERED, State.REFUSED, State.QUARANTINED}) | _FINISHED_EARLY,
    State.QUARANTINED: frozenset({State.AVAILABLE}) | _FINISHED_EARLY,
    State.DELIVERED: frozenset({State.REFUSED, State.RECALLED}),
    State.REFUSED: frozenset(),
    State.EXPIRED: frozenset(),
    State.RECALLED: frozenset(),
}


def may_become(before: State, after: State) -> bool:
    """Whether the change is one of PR-NATIVE §6."""
    return after in _WAYS[before]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row of the table ``delivery``, with the name of its envelope.

    ``addressed_to``: code that the sender wrote; ``agency``: the one that receives. ``fence`` grows with every lease.
    ``last_event``: digest of the newest event of this delivery's chain. ``status_code``: newest business status that
    counts. ``lease_system``: who has or last had the lease.
    """

    number: DeliveryId
    envelope_no: int
    envelope: EnvelopeRef
    addressed_to: AgencyCode
    agency: AgencyCode
    state: State
    urgency: int
    created_at: datetime
    available_at: datetime
    expires_at: datetime
    attempts: int
    fence: int
    lease_until: datetime | None
    lease_system: SystemId | None
    blocked_by: DeliveryId | None
    last_event: Sha256
    last_event_at: datetime
    status_code: int | None
    finished_at: datetime | None
    reason: str | None
