"""Carry business statuses back: find the document, see who may say so, record, and draw the consequences.

A status is never lost for being late or doubled; it is recorded with what it did. 02 ends the delivery as refused,
15 after a recall ends it as recalled, 13 takes back at once what was not handed over.

Source: exchange facts §1.5 (matching), §3; PR-NATIVE §7; PR-EVIDENCE §1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from lienthong.base.errors import Refused
from lienthong.base.text import nfc, one_line
from lienthong.edxml.model import DocumentPacket, StatusPacket
from lienthong.edxml.reader import read_header
from lienthong.edxml.stream import read_front
from lienthong.exchange.model.delivery import Delivery, State
from lienthong.exchange.service.agencies import all_codes, same_agency
from lienthong.exchange.service.changing import Changes
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.errors import STATUS_NOT_PARTY, STATUS_TOO_EARLY, STATUS_UNMATCHED
from lienthong.exchange.service.incoming import Incoming
from lienthong.exchange.service.recalling import recalled, take_back
from lienthong.exchange.store import deliveries as delivery_store
from lienthong.exchange.store import statuses, threads
from lienthong.exchange.store.connection import Connection
from lienthong.exchange.store.statuses import StatusRow
from lienthong.exchange.store.threads import Asking, Original
from lienthong.vocabulary import history, number
from lienthong.vocabulary.history import History, Outcome, Request
from lienthong.vocabulary.matching import Candidate, Match, Reported, match, repaired
from lienthong.vocabulary.status import StatusCode, normalise
from lienthong.wire.canonical import Json
from lienthong.wire.event import EnvelopeRef, EventName

_WORDS = {
    Outcome.ADVANCED: "advanced",
    Outcome.REPEATED: "repeated",
    Outcome.LATE: "late",
    Outcome.ILLEGAL: "illegal",
    Outcome.IGNORED_DUPLICATE: "ignored",
}
_COUNTED = {Outcome.ADVANCED, Outcome.REPEATED}


def report(ctx: AxisContext, conn: Connection, changes: Changes, incoming: Incoming, packet: StatusPacket) -> list[int]:
    """Record a status for every delivery that it speaks of; the number of the document's envelope.

    The parties are those of the signed envelope; the packet's own fields only say which document is meant.
    Refuses: STATUS_CODE_UNKNOWN, STATUS_UNMATCHED, STATUS_NOT_PARTY, STATUS_TOO_EARLY.
    """
    code = normalise(packet.status_code)
    sender = incoming.envelope.sender
    issuers, receivers = ([sender], incoming.agencies) if code.sent_by_issuer else (incoming.agencies, [sender])
    original = _find(ctx, conn, incoming, packet, code, issuers, receivers)
    codes = all_codes(ctx.directory.state, receivers, incoming.day)
    held = changes.hold(delivery_store.lock_of_envelopes(conn, [original.envelope_no], codes))
    newest = {delivery.agency: delivery for delivery in held}
    threads.lock_thread(conn, original.envelope_no)
    for delivery in newest.values():
        if delivery.state.pending and code is not StatusCode.RECALL_ASKED:
            raise Refused(STATUS_TOO_EARLY, agency=sender, status=code.value)
    rows = [_record(ctx, conn, changes, incoming, packet, code, delivery) for delivery in newest.values()]
    for row in rows:
        statuses.insert(conn, row)
    return [original.envelope_no]


def _record(
    ctx: AxisContext,
    conn: Connection,
    changes: Changes,
    incoming: Incoming,
    packet: StatusPacket,
    code: StatusCode,
    delivery: Delivery,
) -> StatusRow:
    claimed = packet.timestamp or incoming.accepted_at
    if code is StatusCode.RECALL_ASKED and take_back(changes, delivery, incoming.ref):
        return StatusRow(incoming.envelope_no, delivery.number, int(code.value), claimed, "advanced")
    past, requests = _history(ctx, conn, delivery)
    pending = [asked for asked in past.pending if asked.what is not Request.UPDATE]
    at = min(claimed, incoming.accepted_at)
    applied = past.apply(history.Event(code, at, incoming.envelope_no))
    outcome = _WORDS[applied.outcome]
    reporter = delivery.agency if code.sent_by_issuer else incoming.envelope.sender
    details: dict[str, Json] = {"status": code.value, "outcome": outcome, "by": incoming.ref.members()}
    changes.record_about(delivery, EventName.BUSINESS_STATUS, reporter, details, status_code=_newest(past))
    current = changes.get(delivery.number)
    if current is not None and current.state is State.DELIVERED:
        if past.state is history.State.REFUSED:
            _refuse(changes, current, incoming, packet)
        elif past.state is history.State.WITHDRAWN and pending:
            recalled(changes, current, requests[pending[0].arrival], before_handover=False)
    return StatusRow(incoming.envelope_no, delivery.number, int(code.value), claimed, outcome)


def _refuse(changes: Changes, delivery: Delivery, incoming: Incoming, packet: StatusPacket) -> None:
    """The agency sends the document back (02) after its system had taken it."""
    reason: dict[str, Json] = {"code": "STATUS_02", "text": one_line(packet.description, 1000) or "-"}
    details: dict[str, Json] = {"reason": reason, "status_envelope": incoming.ref.digest.hex()}
    changes.record_about(
        delivery, EventName.CONSIGNMENT_REJECTION, delivery.agency, details, state=State.REFUSED, reason="STATUS_02"
    )


def _newest(past: History) -> int | None:
    """The newest status that counts."""
    counted = [e.event.what for e in past.entries if e.outcome in _COUNTED and isinstance(e.event.what, StatusCode)]
    return int(counted[-1].value) if counted else None


def _history(ctx: AxisContext, conn: Connection, delivery: Delivery) -> tuple[History, dict[int, EnvelopeRef]]:
    """What is known of one delivery, and which envelope stands behind each request, by its order of arrival."""
    requests: dict[int, EnvelopeRef] = {}
    events: list[history.Event] = []
    for reported in statuses.of_delivery(conn, [delivery.number]):
        code = StatusCode(f"{reported.row.code:02d}")
        at: datetime = min(reported.row.at, reported.accepted_at)
        events.append(history.Event(code, at, reported.row.status_envelope_no))
        requests[reported.row.status_envelope_no] = reported.by
    for asking in threads.askings(conn, delivery.envelope_no, [delivery.agency, delivery.addressed_to]):
        what = _request(ctx, asking, delivery)
        events.append(history.Event(what, asking.accepted_at, asking.envelope_no, reference=str(asking.ref.id)))
        requests[asking.envelope_no] = asking.ref
    return History(events), requests


def _request(ctx: AxisContext, asking: Asking, delivery: Delivery) -> Request:
    """An update that takes the receiver off the list asks for its copy back."""
    if asking.business == 1:
        return Request.RECALL
    packet = _packet(ctx, asking)
    own = {delivery.agency, delivery.addressed_to}
    removed = isinstance(packet, DocumentPacket) and any(
        change.organ_id in own and not change.added for change in packet.business.receivers
    )
    return Request.RECALL if removed else Request.UPDATE


def _packet(ctx: AxisContext, asking: Asking) -> DocumentPacket | StatusPacket:
    if asking.header or asking.packet is None:
        return read_header(asking.header).packet
    return read_front(ctx.blobs.read_verified(asking.packet)).packet


def _find(
    ctx: AxisContext,
    conn: Connection,
    incoming: Incoming,
    packet: StatusPacket,
    code: StatusCode,
    issuers: Sequence[str],
    receivers: Sequence[str],
) -> Original:
    """The one document that is meant. Refuses STATUS_UNMATCHED, STATUS_NOT_PARTY."""
    directory, day, about = ctx.directory.state, incoming.day, packet.response_for
    wanted_id = about.document_id or incoming.envelope.document_id
    issuer = about.organ_id or issuers[0]
    written = repaired(Reported(issuer, receivers[0], wanted_id, about.code, about.promulgation_date))
    named = replace(written, issuer=issuers[0])
    found = threads.find_originals(
        conn,
        all_codes(directory, issuers, day),
        list({wanted_id, nfc(wanted_id).strip(), incoming.envelope.document_id}),
        _spellings(named),
    )
    theirs = threads.went_to(conn, [o.envelope_no for o in found], all_codes(directory, receivers, day))
    result = match(
        named, _candidates([o for o in found if o.envelope_no in theirs]),
        lambda one, other: same_agency(directory, one, other, day),
    )  # fmt: skip
    if result.found is not None:
        return next(o for o in found if str(o.envelope_no) == result.found.reference)
    if found and not theirs:
        raise Refused(STATUS_NOT_PARTY, agency=receivers[0], status=code.value)
    raise _unmatched(result)


def _unmatched(result: Match) -> Refused:
    if result.rivals:
        return Refused(
            STATUS_UNMATCHED,
            why_vi=f"có {len(result.rivals)} văn bản cùng số, ký hiệu",
            why_en=f"{len(result.rivals)} documents have that number and symbol",
        )
    return Refused(STATUS_UNMATCHED, why_vi="không có văn bản như vậy", why_en="there is no such document")


def _candidates(originals: Sequence[Original]) -> list[Candidate]:
    """One candidate for each document: what was sent again counts as its newest sending, updates come last."""
    newest: dict[tuple[str, str], Original] = {}
    for original in sorted(originals, key=lambda o: (o.business == 2, -o.envelope_no)):
        newest.setdefault((original.ref.sender, nfc(original.document_id).strip()), original)
    return [
        Candidate(str(o.envelope_no), o.ref.sender, o.document_id, o.document_code, o.issued_date)
        for o in newest.values()
    ]


def _spellings(named: Reported) -> list[str]:
    """The number and symbol as reported, in its usual form, and as the identifier has it."""
    found = {named.number, number.normalise(named.number)}
    try:
        parsed = number.parse_document_id(named.document_id)
    except Refused:
        parsed = None
    if parsed is not None and parsed.number is not None:
        found.add(parsed.number.text)
    return [text for text in found if text]
