"""What a proof file is made of, as rows: envelope, deliveries, events, statuses, and keys that once were registered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

from lienthong.exchange.store.connection import Connection

_FIND = "SELECT envelope_no FROM envelope WHERE sender = %s AND envelope_id = %s"
_ENVELOPE = "SELECT sender, envelope_id, digest, jws, header FROM envelope WHERE envelope_no = %s"
_DELIVERIES = "SELECT delivery_no, addressed_to, agency FROM delivery WHERE envelope_no = %s"
_EVENTS: LiteralString = """
SELECT event.event_no, event.delivery_no, event.jws, leaf.leaf_index
FROM event LEFT JOIN leaf USING (event_no) WHERE event.envelope_no = %s"""
_EVENTS_ALL: LiteralString = _EVENTS + " ORDER BY event.event_no"
_EVENTS_SOME: LiteralString = (
    _EVENTS + " AND (event.delivery_no IS NULL OR event.delivery_no = ANY(%s)) ORDER BY event.event_no"
)
_STATUSES = """
SELECT DISTINCT envelope.envelope_no, envelope.sender, envelope.digest, envelope.jws, envelope.header
FROM business_status JOIN envelope ON envelope.envelope_no = business_status.status_envelope_no
WHERE business_status.delivery_no = ANY(%s) ORDER BY envelope.envelope_no"""
_PARTS = "SELECT part_no, sha256 FROM part WHERE envelope_no = %s ORDER BY part_no"
_OLD_SYSTEM = """
SELECT row FROM directory_change WHERE row_type = 'system' AND row @> jsonb_build_object(
    'keys', jsonb_build_array(jsonb_build_object('key_id', %s::text)))
ORDER BY version DESC, ordinal DESC LIMIT 1"""


@dataclass(frozen=True, slots=True)
class EnvelopeRow:
    """One accepted envelope; ``header`` is empty when its part is a blob."""

    sender: str
    envelope_id: UUID
    digest: bytes
    jws: bytes
    header: bytes


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """For whom one delivery is."""

    delivery_no: int
    addressed_to: str
    agency: str


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event; ``delivery_no`` None for the whole envelope, ``leaf_index`` None before it is in the log."""

    event_no: int
    delivery_no: int | None
    jws: bytes
    leaf_index: int | None


@dataclass(frozen=True, slots=True)
class StatusRow:
    """An envelope that reported a status of some delivery."""

    envelope_no: int
    sender: str
    digest: bytes
    jws: bytes
    header: bytes


def find_envelope(conn: Connection, sender: str, envelope_id: UUID) -> int | None:
    row = conn.execute(_FIND, (sender, envelope_id)).fetchone()
    return None if row is None else int(row[0])


def envelope(conn: Connection, envelope_no: int) -> EnvelopeRow | None:
    row = conn.execute(_ENVELOPE, (envelope_no,)).fetchone()
    return None if row is None else EnvelopeRow(row[0], row[1], bytes(row[2]), bytes(row[3]), bytes(row[4]))


def deliveries(conn: Connection, envelope_no: int) -> list[DeliveryRow]:
    return [DeliveryRow(*row) for row in conn.execute(_DELIVERIES, (envelope_no,))]


def events(conn: Connection, envelope_no: int, of: Sequence[int] | None) -> list[EventRow]:
    """Events in their order: all of them, or those of the whole envelope and of some deliveries."""
    if of is None:
        rows = conn.execute(_EVENTS_ALL, (envelope_no,))
    else:
        rows = conn.execute(_EVENTS_SOME, (envelope_no, list(of)))
    return [EventRow(row[0], row[1], bytes(row[2]), row[3]) for row in rows]


def statuses(conn: Connection, of: Sequence[int]) -> list[StatusRow]:
    """Status envelopes about these deliveries, in the order of their acceptance."""
    rows = conn.execute(_STATUSES, (list(of),))
    return [StatusRow(row[0], row[1], bytes(row[2]), bytes(row[3]), bytes(row[4])) for row in rows]


def parts(conn: Connection, envelope_no: int) -> dict[int, bytes]:
    """Digests of the parts that are blobs, by part number."""
    return {int(row[0]): bytes(row[1]) for row in conn.execute(_PARTS, (envelope_no,))}


def old_system(conn: Connection, key_id: str) -> dict[str, Any] | None:
    """The newest row of the directory, current or past, of a system that had this key."""
    row = conn.execute(_OLD_SYSTEM, (key_id,)).fetchone()
    return None if row is None else dict(row[0])
