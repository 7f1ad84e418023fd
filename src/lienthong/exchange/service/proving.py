"""Collect the evidence of one envelope for one reader, and hand it out as a proof file. Source: PR-EVIDENCE §3."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode, EnvelopeId, Sha256
from lienthong.directory.model import KeyHolder, System, from_object
from lienthong.directory.model import SystemKey as DirectoryKey
from lienthong.exchange.errors import NOT_FOUND
from lienthong.exchange.service.log_context import LogContext, certificates_pem
from lienthong.exchange.store import checkpoints, evidence_rows
from lienthong.exchange.store.connection import Connection
from lienthong.exchange.store.evidence_rows import EnvelopeRow, EventRow
from lienthong.ledger.tiles import TileReader
from lienthong.packages.evidence import (
    Evidence,
    Keys,
    LogProof,
    StatusEvidence,
    SystemKey,
    make_statement,
)
from lienthong.packages.proof import build_proof, header_parts
from lienthong.trust import jws
from lienthong.wire.acknowledgement import TYP as ACK_TYP
from lienthong.wire.acknowledgement import decode_acknowledgement
from lienthong.wire.envelope import TYP as ENVELOPE_TYP
from lienthong.wire.envelope import decode_envelope
from lienthong.wire.event import EnvelopeRef, Event, EventName, decode_event, entry

MEDIA_TYPE = "application/vnd.etsi.asic-e+zip"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks: the operator of the axis sees everything, others what concerns the agencies they act for."""

    is_operator: bool
    acts_for: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class _Event:
    row: EventRow
    event: Event


def viewer(log: LogContext, system_id: str) -> Viewer:
    """The viewer that a system of the directory is."""
    state = log.axis.directory.state
    system = state.system(system_id)
    return Viewer(system is not None and system.operator, lambda code: state.may_act(system_id, code))


def find_envelope(conn: Connection, sender: str, envelope_id: UUID) -> int:
    """The number of an envelope. Refuses: NOT_FOUND."""
    number = evidence_rows.find_envelope(conn, sender, envelope_id)
    if number is None:
        raise Refused(NOT_FOUND)
    return number


def collect_evidence(conn: Connection, log: LogContext, envelope_no: int, reader: Viewer) -> Evidence:
    """Everything that the reader may see of one envelope, with the axis's statement that it is everything.

    A sender and the operator see all deliveries, a recipient its own. The log's part is of the checkpoint that proves
    most. Refuses: NOT_FOUND (also when the reader may see nothing), LEDGER_TILE_MISSING, LEDGER_TILE_DAMAGED.
    """
    with conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        envelope = evidence_rows.envelope(conn, envelope_no)
        if envelope is None:
            raise Refused(NOT_FOUND)
        seen = _visible(conn, envelope_no, envelope, reader)
        events = _events(conn, envelope_no, seen)
        statuses = _statuses(conn, log, envelope, events)
        keys = _keys(conn, log, envelope, events, statuses)
        evidence = Evidence(envelope.jws, tuple(each.row.jws for each in events), keys, statuses)
        evidence = _with_log(conn, log, evidence, events)
    ref = EnvelopeRef(EnvelopeId(envelope.envelope_id), AgencyCode(envelope.sender), Sha256(envelope.digest))
    at = max([log.clock.now(), *(each.event.at for each in events)])
    return replace(evidence, statement=make_statement(evidence, ref, at, log.axis.receipt_signer))


def proof_stream(
    conn: Connection, log: LogContext, envelope_no: int, reader: Viewer, *, content: bool
) -> Iterator[bytes]:
    """The proof file in pieces; the database is not needed any more once this returns.

    ``content``: with the attachments. Refuses as :func:`collect_evidence`; while it runs, BLOB_MISSING, BLOB_CORRUPT.
    """
    evidence = collect_evidence(conn, log, envelope_no, reader)
    read_part = part_reader(conn, log, envelope_no)
    envelope = decode_envelope(jws.unverified_payload(evidence.envelope))
    wanted: Collection[int] = range(len(envelope.parts)) if content else header_parts(envelope)
    return build_proof(evidence, wanted, read_part)


def part_reader(conn: Connection, log: LogContext, envelope_no: int) -> Callable[[int], Iterable[bytes]]:
    """Reads parts of an envelope: the header from its row, everything else from the blobs."""
    envelope = evidence_rows.envelope(conn, envelope_no)
    blobs = evidence_rows.parts(conn, envelope_no)

    def read(index: int) -> Iterable[bytes]:
        if index in blobs:
            return log.axis.blobs.read_verified(blobs[index])
        return (envelope.header,) if index == 0 and envelope is not None else ()

    return read


def _visible(conn: Connection, envelope_no: int, envelope: EnvelopeRow, reader: Viewer) -> list[int] | None:
    """Numbers of the deliveries that the reader may see; None for all of them."""
    if reader.is_operator or reader.acts_for(envelope.sender):
        return None
    rows = evidence_rows.deliveries(conn, envelope_no)
    codes = {code: reader.acts_for(code) for row in rows for code in (row.agency, row.addressed_to)}
    seen = [row.delivery_no for row in rows if codes[row.agency] or codes[row.addressed_to]]
    if not seen:
        raise Refused(NOT_FOUND)
    return seen


def _events(conn: Connection, envelope_no: int, seen: list[int] | None) -> list[_Event]:
    """The events in their order. Of the lists of recipients, a recipient gets those that name it; what an event
    follows is always there.
    """
    rows = evidence_rows.events(conn, envelope_no, seen)
    found = [_Event(row, decode_event(jws.unverified_payload(row.jws))) for row in rows]
    if seen is None:
        return found
    own = set(seen)
    kept = {entry(each.row.jws) for each in found if each.row.delivery_no in own or _names(each.event, own)}
    by_digest = {entry(each.row.jws): each.event for each in found}
    waiting = list(kept)
    while waiting:
        previous = by_digest[waiting.pop()].previous
        if previous is not None and previous in by_digest and previous not in kept:
            kept.add(previous)
            waiting.append(previous)
    return [each for each in found if entry(each.row.jws) in kept]


def _names(event: Event, deliveries: Collection[int]) -> bool:
    """Whether an event of the whole envelope is the receipt, or names one of these deliveries."""
    if event.name is not EventName.CONTENT_CONSIGNMENT:
        return True
    to = event.details.get("to")
    return isinstance(to, list) and any(isinstance(row, dict) and row.get("delivery") in deliveries for row in to)


def _statuses(
    conn: Connection, log: LogContext, envelope: EnvelopeRow, events: list[_Event]
) -> tuple[StatusEvidence, ...]:
    """What recipients themselves signed about the document, as far as the events name it."""
    named: dict[str, None] = {}
    for each in events:
        by = each.event.details.get("by")
        for digest in (by.get("digest") if isinstance(by, dict) else None, each.event.details.get("status_envelope")):
            if isinstance(digest, str):
                named[digest] = None
    if not named:
        return ()
    about = sorted({each.row.delivery_no for each in events if each.row.delivery_no is not None})
    found: list[StatusEvidence] = []
    for row in evidence_rows.statuses(conn, about):
        to = decode_envelope(jws.unverified_payload(row.jws)).recipients
        # What the issuer itself asks of its recipients (status 13) is not a report about the document.
        if row.digest.hex() in named and envelope.sender in to:
            header = row.header or b"".join(part_reader(conn, log, row.envelope_no)(0))
            found.append(StatusEvidence(row.jws, header))
    return tuple(found)


def _with_log(conn: Connection, log: LogContext, evidence: Evidence, events: list[_Event]) -> Evidence:
    places = {i: each.row.leaf_index for i, each in enumerate(events) if each.row.leaf_index is not None}
    if not places:
        return evidence
    row = checkpoints.best_for(conn, max(places.values()) + 1)
    if row is None:
        return evidence
    reader = TileReader(row.size, log.files.read)
    proofs = {i: LogProof(at, row.size, tuple(reader.inclusion(at))) for i, at in places.items() if at < row.size}
    return replace(evidence, checkpoint=row.whole_note, proofs=proofs, timestamp=row.token)


def _keys(
    conn: Connection,
    log: LogContext,
    envelope: EnvelopeRow,
    events: list[_Event],
    statuses: tuple[StatusEvidence, ...],
) -> Keys:
    """The keys under everything, each with the agencies for which the axis accepted it in this very matter."""
    used: dict[str, dict[str, None]] = {}

    def note(token: bytes, typ: str, agency: str) -> None:
        used.setdefault(jws.unverified_key_id(token, typ), {})[agency] = None

    note(envelope.jws, ENVELOPE_TYP, envelope.sender)
    for each in events:
        token = each.event.details.get("acknowledgement")
        if isinstance(token, str):
            signed = token.encode("ascii")
            note(signed, ACK_TYP, decode_acknowledgement(jws.unverified_payload(signed)).agency)
    for status in statuses:
        note(status.envelope, ENVELOPE_TYP, decode_envelope(jws.unverified_payload(status.envelope)).sender)
    systems = (_system_key(conn, log, kid, tuple(agencies)) for kid, agencies in used.items())
    return Keys(
        axis=log.name,
        receipt=log.receipt_pems,
        note=log.note_public.to_text(),
        tsa=certificates_pem(log.authority.chain),
        systems=tuple(key for key in systems if key is not None),
    )


def _system_key(conn: Connection, log: LogContext, kid: str, agencies: tuple[str, ...]) -> SystemKey | None:
    """A key as the directory has it or once had it; None when it never did, which a verifier will say."""
    system = log.axis.directory.state.key_owner(kid)
    if system is None:
        row = evidence_rows.old_system(conn, kid)
        old = None if row is None else from_object(row)
        system = old if isinstance(old, System) else None
    key = next((each for each in system.keys if each.key_id == kid), None) if system is not None else None
    if system is None or key is None:
        return None
    codes = tuple(AgencyCode(code) for code in agencies)
    held = key.held_by is KeyHolder.AXIS
    return SystemKey(kid, system.system_id, codes, key.public_key_pem, key.valid_from, _ended(key), held)


def _ended(key: DirectoryKey) -> datetime | None:
    ends = [at for at in (key.valid_to, key.revoked_at) if at is not None]
    return min(ends) if ends else None
