"""Threads: the documents that later messages name, and who must wait for whom.

A *thread* is an original document with everything that refers to it. For one recipient the messages of one sender in
one thread are made available in their order; senders do not wait for each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from lienthong.base.ids import AgencyCode, EnvelopeId, Sha256
from lienthong.exchange.store.connection import Connection
from lienthong.wire.event import EnvelopeRef


@dataclass(frozen=True, slots=True)
class Original:
    """An accepted document that a later message may speak of. ``business``: 0 new, 2 update, 3 replacement."""

    envelope_no: int
    ref: EnvelopeRef
    business: int
    document_id: str
    document_code: str
    issued_date: date | None
    accepted_at: datetime
    expires_at: datetime
    urgency: int
    receipt: bytes


_COLUMNS = """e.envelope_no, e.envelope_id, e.sender, e.digest, e.business, e.document_id, e.document_code,
    e.issued_date, e.accepted_at, e.expires_at, e.urgency, e.receipt"""


def find_originals(
    conn: Connection, senders: Sequence[str], document_ids: Sequence[str], codes: Sequence[str] = ()
) -> list[Original]:
    """Documents of these senders with one of these identifiers, or numbers and symbols; newest first.

    Recalls are letters about a document and never the document itself; they are left out.
    """
    rows = conn.execute(
        f"""SELECT {_COLUMNS} FROM envelope e
            WHERE e.sender = ANY(%(senders)s) AND e.kind = 'document' AND e.business <> 1
              AND (e.document_id = ANY(%(ids)s) OR e.document_code = ANY(%(codes)s))
            ORDER BY e.envelope_no DESC LIMIT 500""",
        {"senders": list(senders), "ids": list(document_ids), "codes": list(codes)},
    )
    return [
        Original(
            row[0], EnvelopeRef(EnvelopeId(row[1]), AgencyCode(row[2]), Sha256(row[3])), row[4], row[5], row[6], row[7],
            row[8], row[9], row[10], bytes(row[11]),
        )
        for row in rows
    ]  # fmt: skip


def went_to(conn: Connection, envelopes: Sequence[int], agencies: Sequence[str]) -> set[int]:
    """Those of the envelopes that have a delivery to one of the agencies, by either code."""
    rows = conn.execute(
        """SELECT DISTINCT envelope_no FROM delivery WHERE envelope_no = ANY(%(envelopes)s)
           AND (agency = ANY(%(agencies)s) OR addressed_to = ANY(%(agencies)s))""",
        {"envelopes": list(envelopes), "agencies": list(agencies)},
    )
    return {row[0] for row in rows}


def lock_thread(conn: Connection, origin: int) -> None:
    """Keep others from adding to the same thread until this transaction ends; the order of a thread is decided here."""
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('lienthong.thread', %s))", (origin,))


def predecessors(
    conn: Connection, origins: Sequence[int], sender: str, agencies: Sequence[str]
) -> dict[AgencyCode, int]:
    """For each agency, its newest unfinished delivery in the thread: of an original, or of what the same sender sent
    about it. The rows are held until the transaction ends, so that none of them finishes unseen.
    """
    rows = conn.execute(
        """SELECT d.agency, d.delivery_no FROM delivery d JOIN envelope e USING (envelope_no)
           WHERE (e.envelope_no = ANY(%(origins)s) OR (e.origin_no = ANY(%(origins)s) AND e.sender = %(sender)s))
             AND d.agency = ANY(%(agencies)s) AND d.state IN ('waiting', 'available', 'leased', 'quarantined')
           ORDER BY d.delivery_no FOR UPDATE OF d""",
        {"origins": list(origins), "sender": sender, "agencies": list(agencies)},
    )
    return {AgencyCode(row[0]): row[1] for row in rows}


@dataclass(frozen=True, slots=True)
class Asking:
    """A packet that asked an agency to give back or change its copy. ``business``: 1 recall, 2 update.

    ``header``: empty when the packet came whole; then ``packet`` is the digest of its blob.
    """

    envelope_no: int
    ref: EnvelopeRef
    business: int
    accepted_at: datetime
    header: bytes
    packet: Sha256 | None


def askings(conn: Connection, origin: int, agencies: Sequence[str]) -> list[Asking]:
    """Recalls and updates of an original that went to one of the agencies, in order of acceptance."""
    rows = conn.execute(
        """SELECT e.envelope_no, e.envelope_id, e.sender, e.digest, e.business, e.accepted_at, e.header,
               (SELECT p.sha256 FROM part p WHERE p.envelope_no = e.envelope_no AND p.part_no = 0)
           FROM envelope e WHERE e.origin_no = %(origin)s AND e.business IN (1, 2)
             AND EXISTS (SELECT 1 FROM delivery d WHERE d.envelope_no = e.envelope_no
                         AND (d.agency = ANY(%(agencies)s) OR d.addressed_to = ANY(%(agencies)s)))
           ORDER BY e.envelope_no""",
        {"origin": origin, "agencies": list(agencies)},
    )
    return [
        Asking(
            row[0],
            EnvelopeRef(EnvelopeId(row[1]), AgencyCode(row[2]), Sha256(row[3])),
            row[4],
            row[5],
            bytes(row[6]),
            None if row[7] is None else Sha256(bytes(row[7])),
        )
        for row in rows
    ]
