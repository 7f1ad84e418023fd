"""Recall, update and replace documents that were sent before (thu hồi, cập nhật, thay thế).

A copy that was not handed over is taken back at once, with evidence. A copy that was handed over belongs to its
recipient: the message asks for it, and the recipient answers with status 15 or 16.

Source: PR-NATIVE §7; Decision 28/2018/QĐ-TTg art. 8(2), 9(2); exchange facts §1.8.4, §3.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode, DeliveryId
from lienthong.base.text import nfc
from lienthong.edxml.model import DocumentPacket
from lienthong.exchange.model.delivery import Delivery, State
from lienthong.exchange.service.agencies import all_codes, same_agency
from lienthong.exchange.service.changing import Changes
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.errors import ADDED_RECEIVER_UNKNOWN, NOT_THE_ISSUER, ORIGINAL_UNKNOWN
from lienthong.exchange.service.incoming import Incoming
from lienthong.exchange.store import deliveries as delivery_store
from lienthong.exchange.store import threads
from lienthong.exchange.store.connection import Connection
from lienthong.exchange.store.events import draw
from lienthong.exchange.store.threads import Original
from lienthong.vocabulary.number import parse_document_id
from lienthong.wire.canonical import Json
from lienthong.wire.event import EnvelopeRef, EventName, entry


def recall(
    ctx: AxisContext, conn: Connection, changes: Changes, incoming: Incoming, packet: DocumentPacket
) -> list[int]:
    """Take back what was not handed over to the recipients of this recall. Refuses ORIGINAL_UNKNOWN, NOT_THE_ISSUER."""
    originals = _originals(ctx, conn, incoming, packet.business.document_id or packet.document_id)
    found = _deliveries(ctx, conn, changes, incoming, originals, incoming.agencies)
    if not found:
        raise Refused(ORIGINAL_UNKNOWN, document=packet.business.document_id, agency=incoming.envelope.sender)
    for delivery in found:
        take_back(changes, delivery, incoming.ref)
    return _numbers(originals)


def update(
    ctx: AxisContext, conn: Connection, changes: Changes, incoming: Incoming, packet: DocumentPacket
) -> list[int]:
    """Take back from removed receivers and offer the original to added ones; changed content travels as the message.

    Refuses: ORIGINAL_UNKNOWN, NOT_THE_ISSUER, ADDED_RECEIVER_UNKNOWN.
    """
    originals = _originals(ctx, conn, incoming, packet.business.document_id or packet.document_id)
    if not originals:
        raise Refused(ORIGINAL_UNKNOWN, document=packet.business.document_id, agency=incoming.envelope.sender)
    removed = [change.organ_id for change in packet.business.receivers if not change.added]
    added = [change.organ_id for change in packet.business.receivers if change.added]
    if removed:
        for delivery in _deliveries(ctx, conn, changes, incoming, originals, removed):
            take_back(changes, delivery, incoming.ref)
    if added:
        _add_receivers(ctx, conn, changes, incoming, originals[0], added)
    return _numbers(originals)


def replace(
    ctx: AxisContext, conn: Connection, changes: Changes, incoming: Incoming, packet: DocumentPacket
) -> list[int]:
    """Take back copies of the replaced documents that were not handed over. What never came over the axis is no matter.

    Refuses: NOT_THE_ISSUER.
    """
    replaced: dict[int, None] = {}
    for replacement in packet.business.replacements:
        originals = _originals(ctx, conn, incoming, replacement.document_id)
        whom: Sequence[str] = replacement.organ_ids or incoming.agencies
        for delivery in _deliveries(ctx, conn, changes, incoming, originals, whom):
            take_back(changes, delivery, incoming.ref)
        replaced |= dict.fromkeys(_numbers(originals))
    return list(replaced)


def take_back(changes: Changes, delivery: Delivery, by: EnvelopeRef) -> bool:
    """Recall a copy that was not handed over; False when it is out of the axis's hands already."""
    if not delivery.state.pending:
        return False
    recalled(changes, delivery, by, before_handover=True)
    return True


def recalled(changes: Changes, delivery: Delivery, by: EnvelopeRef, *, before_handover: bool) -> None:
    """The delivery ends as recalled, with its evidence."""
    details: dict[str, Json] = {"by": by.members(), "before_handover": before_handover}
    changes.record_about(delivery, EventName.RECALL, delivery.agency, details, state=State.RECALLED, reason="RECALLED")


def _numbers(originals: Iterable[Original]) -> list[int]:
    return [original.envelope_no for original in originals]


def _originals(ctx: AxisContext, conn: Connection, incoming: Incoming, document_id: str) -> list[Original]:
    """Everything this issuer sent under an identifier: the document itself first, then updates that share it.

    The identifier begins with the issuer's code of its day, so a successor finds its predecessor's documents.
    """
    directory, sender = ctx.directory.state, incoming.envelope.sender
    senders = all_codes(directory, (sender, *_issuer_in(document_id)), incoming.day)
    found = threads.find_originals(conn, senders, list({document_id, nfc(document_id).strip()}))
    own = [o for o in found if same_agency(directory, o.ref.sender, sender, incoming.day)]
    if found and not own:
        raise Refused(NOT_THE_ISSUER, issuer=found[0].ref.sender)
    own.sort(key=lambda original: original.business == 2)
    if own:
        threads.lock_thread(conn, own[0].envelope_no)
    return own


def _issuer_in(document_id: str) -> list[str]:
    try:
        code = parse_document_id(document_id).code
    except Refused:
        return []
    return [] if code is None else [code.text]


def _deliveries(
    ctx: AxisContext,
    conn: Connection,
    changes: Changes,
    incoming: Incoming,
    originals: Sequence[Original],
    agencies: Sequence[str],
) -> list[Delivery]:
    codes = all_codes(ctx.directory.state, agencies, incoming.day)
    return changes.hold(delivery_store.lock_of_envelopes(conn, _numbers(originals), codes))


def _add_receivers(
    ctx: AxisContext, conn: Connection, changes: Changes, incoming: Incoming, original: Original, added: Sequence[str]
) -> None:
    """New deliveries of the original, each chained to the original's receipt; who has it or will get it is left out."""
    directory = ctx.directory.state
    wanted: dict[AgencyCode, AgencyCode] = {}
    for code in added:
        found = directory.resolve(code, incoming.day).agency
        if found is None or not found.takes_part(incoming.day):
            raise Refused(ADDED_RECEIVER_UNKNOWN, agency=code)
        wanted.setdefault(found.code, AgencyCode(code))
    for delivery in _deliveries(ctx, conn, changes, incoming, [original], list(chain(wanted, wanted.values()))):
        if delivery.state.pending or delivery.state is State.DELIVERED:
            wanted.pop(delivery.agency, None)
    numbers = draw(conn, "delivery_no", len(wanted))
    for number, (agency, addressed_to) in zip(numbers, wanted.items(), strict=True):
        delivery = Delivery(
            number=DeliveryId(number),
            envelope_no=original.envelope_no,
            envelope=original.ref,
            addressed_to=addressed_to,
            agency=agency,
            state=State.AVAILABLE,
            urgency=original.urgency,
            created_at=incoming.accepted_at,
            available_at=incoming.accepted_at,
            expires_at=incoming.expires_at,
            attempts=0,
            fence=0,
            lease_until=None,
            lease_system=None,
            blocked_by=None,
            last_event=entry(original.receipt),
            last_event_at=max(original.accepted_at, incoming.accepted_at),
            status_code=None,
            finished_at=None,
            reason=None,
        )
        changes.add(delivery, incoming.ref.members(), directory.version)
