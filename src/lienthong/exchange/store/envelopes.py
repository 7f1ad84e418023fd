"""Write accepted envelopes in groups, and find those that were accepted before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from lienthong.base.ids import AgencyCode, DocumentId, EnvelopeId, Sha256
from lienthong.exchange.model.submission import EnvelopeRow
from lienthong.exchange.store.connection import Connection

Key = tuple[AgencyCode, EnvelopeId]

_ENVELOPE_TYPES = (
    "int8", "text", "uuid", "bytea", "text", "int2", "text", "text", "date", "text",
    "int2", "int4", "int8", "timestamptz", "timestamptz", "int8", "bytea", "bytea", "bytea",
)  # fmt: skip

# A binary COPY writes many rows in one message and spares the hexadecimal form of the raw bytes.
_COPY_ENVELOPE = """
COPY envelope (envelope_no, sender, envelope_id, digest, kind, business, document_id, document_code, issued_date,
    system_id, urgency, recipients, size, accepted_at, expires_at, origin_no, jws, header, receipt)
FROM STDIN (FORMAT BINARY)"""

_COPY_PART = "COPY part (envelope_no, part_no, sha256, size) FROM STDIN (FORMAT BINARY)"

# One index look-up for each key of the batch.
_FIND = """
SELECT e.sender, e.envelope_id, e.envelope_no, e.digest, e.receipt
FROM unnest(%s::text[], %s::uuid[]) AS wanted (sender, envelope_id)
JOIN envelope e USING (sender, envelope_id)"""

# Earlier new documents under the same identifier, oldest first; the caller compares the raw bytes.
_FIND_DOCUMENTS = """
SELECT e.sender, e.document_id, e.envelope_no, e.envelope_id, e.jws, e.header
FROM unnest(%s::text[], %s::text[]) AS wanted (sender, document_id)
JOIN envelope e USING (sender, document_id)
WHERE e.business = 0
ORDER BY e.envelope_no"""

# A document counts as given back when no recipient has it or may still get it.
_ANYBODY_HAS = """
SELECT EXISTS (SELECT FROM delivery WHERE envelope_no = ANY(%s) AND state NOT IN ('refused', 'expired', 'recalled'))"""

# Numbers for a whole group in one round trip.
_DRAW = """
SELECT nextval('envelope_no') FROM generate_series(1, %s)
UNION ALL SELECT nextval('delivery_no') FROM generate_series(1, %s)
UNION ALL SELECT nextval('event_no') FROM generate_series(1, %s)"""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the axis knows of an envelope that it accepted. ``receipt``: the same bytes for ever."""

    number: int
    digest: Sha256
    receipt: bytes


@dataclass(frozen=True, slots=True)
class EarlierDocument:
    """An accepted new document; ``jws`` and ``header`` as they were received."""

    number: int
    envelope_id: UUID
    jws: bytes
    header: bytes


def find(conn: Connection, keys: Sequence[Key]) -> dict[Key, Accepted]:
    """Which of the envelopes were accepted before."""
    senders, ids = [key[0] for key in keys], [key[1] for key in keys]
    rows = conn.execute(_FIND, (senders, ids), binary=True).fetchall()
    return {(row[0], row[1]): Accepted(row[2], row[3], row[4]) for row in rows}


def find_documents(
    conn: Connection, wanted: Sequence[tuple[AgencyCode, DocumentId]]
) -> dict[tuple[AgencyCode, DocumentId], list[EarlierDocument]]:
    """New documents accepted before under the same sender and document identifier, oldest first."""
    if not wanted:
        return {}
    found: dict[tuple[AgencyCode, DocumentId], list[EarlierDocument]] = {}
    senders, ids = [key[0] for key in wanted], [key[1] for key in wanted]
    for row in conn.execute(_FIND_DOCUMENTS, (senders, ids), binary=True).fetchall():
        found.setdefault((row[0], row[1]), []).append(EarlierDocument(row[2], row[3], row[4], row[5]))
    return found


def anybody_has(conn: Connection, numbers: Sequence[int]) -> bool:
    """Whether some recipient of these envelopes has the document or may still get it."""
    row = conn.execute(_ANYBODY_HAS, (list(numbers),)).fetchone()
    return row is not None and bool(row[0])


def draw_numbers(
    conn: Connection, envelopes: int, deliveries: int, events: int = 0
) -> tuple[list[int], list[int], list[int]]:
    """New numbers for envelopes, for deliveries and for events, rising."""
    rows = conn.execute(_DRAW, (envelopes, deliveries, events), binary=True).fetchall()
    numbers, first_event = [int(row[0]) for row in rows], envelopes + deliveries
    return numbers[:envelopes], numbers[envelopes:first_event], numbers[first_event:]


def insert(conn: Connection, rows: Sequence[EnvelopeRow]) -> None:
    """Write envelopes and the list of their blobs. A repeated (sender, id) is a ``UniqueViolation``."""
    with conn.cursor() as cursor:
        with cursor.copy(_COPY_ENVELOPE) as copy:
            copy.set_types(_ENVELOPE_TYPES)
            for row in rows:
                copy.write_row(_columns(row))
        blobs = [(row.number, *blob) for row in rows for blob in row.blobs()]
        if blobs:
            with cursor.copy(_COPY_PART) as copy:
                copy.set_types(("int8", "int2", "bytea", "int8"))
                for blob in blobs:
                    copy.write_row(blob)


def _columns(row: EnvelopeRow) -> tuple[object, ...]:
    submission, envelope = row.submission, row.submission.envelope
    return (
        row.number,
        envelope.sender,
        envelope.id,
        submission.digest,
        envelope.kind.value,
        submission.business,
        envelope.document_id,
        submission.document_code,
        submission.issued_date,
        submission.system,
        envelope.urgency,
        len(row.deliveries),
        envelope.size,
        row.accepted_at,
        row.expires_at,
        row.origin_no,
        submission.token,
        submission.header,
        row.receipt,
    )
