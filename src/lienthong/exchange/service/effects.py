"""What an envelope does to earlier ones, and which of its deliveries must wait for earlier messages.

Called inside the transaction that accepts the envelope, before its rows are written, for every envelope that refers
to an earlier one (a status, a recall, an update, a replacement). Source: PR-NATIVE §7.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lienthong.base.ids import AgencyCode, DeliveryId
from lienthong.edxml.model import BusinessKind, DocumentPacket, StatusPacket
from lienthong.exchange.service.changing import Changes
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.incoming import Incoming
from lienthong.exchange.service.recalling import recall, replace, update
from lienthong.exchange.service.status_reporting import report
from lienthong.exchange.store import threads
from lienthong.exchange.store.connection import Connection


@dataclass(frozen=True, slots=True)
class Consequences:
    """What the accepted envelope's rows must say, and whom to wake.

    ``origin_no``: the document that it refers to. ``blocked_by``: for a receiving agency, the delivery that its own
    must wait for; such a delivery is written as *waiting*, without D.1 (it is signed when it becomes available).
    ``woken``: agencies whose inboxes have something new, to be woken after the commit.
    """

    origin_no: int | None
    blocked_by: Mapping[AgencyCode, DeliveryId]
    woken: frozenset[str]


def has_effects(packet: DocumentPacket | StatusPacket) -> bool:
    """Whether :func:`apply_effects` must be asked; everything else stays on the fast path."""
    return isinstance(packet, StatusPacket) or packet.business.kind is not BusinessKind.NEW


def apply_effects(ctx: AxisContext, conn: Connection, incoming: Incoming) -> Consequences:
    """Carry out the effects and put the envelope's own deliveries in their place.

    Refuses (and then has written nothing): STATUS_UNMATCHED, STATUS_NOT_PARTY, STATUS_TOO_EARLY, ORIGINAL_UNKNOWN,
    NOT_THE_ISSUER, ADDED_RECEIVER_UNKNOWN, STATUS_CODE_UNKNOWN.
    """
    changes = Changes(ctx, conn)
    origins = _carry_out(ctx, conn, changes, incoming)
    woken = changes.write()
    if not origins:
        return Consequences(None, {}, woken)
    blocked = threads.predecessors(conn, origins, incoming.envelope.sender, incoming.agencies)
    return Consequences(origins[0], {a: DeliveryId(number) for a, number in blocked.items()}, woken)


def _carry_out(ctx: AxisContext, conn: Connection, changes: Changes, incoming: Incoming) -> list[int]:
    """Numbers of the originals, the one that the envelope refers to first."""
    packet = incoming.packet
    if isinstance(packet, StatusPacket):
        return report(ctx, conn, changes, incoming, packet)
    if packet.business.kind is BusinessKind.RECALL:
        return recall(ctx, conn, changes, incoming, packet)
    if packet.business.kind is BusinessKind.UPDATE:
        return update(ctx, conn, changes, incoming, packet)
    return replace(ctx, conn, changes, incoming, packet)
