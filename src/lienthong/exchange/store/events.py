"""Signed events and the log entries that they owe, written together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lienthong.base.ids import DeliveryId, Sha256
from lienthong.exchange.store.connection import Connection
from lienthong.wire.event import EventName

# Binary, as envelopes are written: it spares the hexadecimal form of the raw bytes on both sides.
_COPY_EVENT = "COPY event (event_no, envelope_no, delivery_no, name, at, jws) FROM STDIN (FORMAT BINARY)"
_COPY_PENDING = "COPY leaf_pending (event_no, entry) FROM STDIN (FORMAT BINARY)"


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event to write. ``envelope_no`` is None for the refusal of something that was never accepted;
    ``delivery`` is None for events of the whole envelope. ``entry``: SHA-256 of ``jws``.
    """

    envelope_no: int | None
    delivery: DeliveryId | None
    name: EventName
    at: datetime
    jws: bytes
    entry: Sha256


def draw(conn: Connection, sequence: str, count: int) -> list[int]:
    """``count`` new numbers of a sequence, rising."""
    rows = conn.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", (sequence, count)).fetchall()
    return [int(row[0]) for row in rows]


def insert_events(conn: Connection, rows: Sequence[EventRow], drawn: Sequence[int] = ()) -> Sequence[int]:
    """Write events with their pending log entries; their numbers, in the same order.

    ``drawn``: numbers that were drawn for them in this transaction, as many as there are events; else they are drawn
    here.
    """
    if not rows:
        return []
    numbers = drawn or draw(conn, "event_no", len(rows))
    with conn.cursor() as cursor:
        with cursor.copy(_COPY_EVENT) as copy:
            copy.set_types(("int8", "int8", "int8", "text", "timestamptz", "bytea"))
            for number, row in zip(numbers, rows, strict=True):
                copy.write_row((number, row.envelope_no, row.delivery, row.name.short, row.at, row.jws))
        with cursor.copy(_COPY_PENDING) as copy:
            copy.set_types(("int8", "bytea"))
            for number, row in zip(numbers, rows, strict=True):
                copy.write_row((number, row.entry))
    return numbers
