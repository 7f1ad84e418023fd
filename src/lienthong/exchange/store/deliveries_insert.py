"""Write the deliveries of accepted envelopes: one row a recipient, thousands in one message."""

from __future__ import annotations

from collections.abc import Sequence

from lienthong.exchange.model.delivery import State
from lienthong.exchange.model.submission import EnvelopeRow
from lienthong.exchange.store.connection import Connection

_TYPES = (
    "int8", "int8", "text", "text", "text", "int2", "timestamptz", "timestamptz", "timestamptz", "int8", "bytea",
    "timestamptz",
)  # fmt: skip

_COPY = """
COPY delivery (delivery_no, envelope_no, addressed_to, agency, state, urgency, created_at, available_at, expires_at,
    blocked_by, last_event, last_event_at)
FROM STDIN (FORMAT BINARY)"""


def insert(conn: Connection, rows: Sequence[EnvelopeRow]) -> None:
    """One delivery for each recipient: available, or waiting for the one that blocks it."""
    with conn.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(_TYPES)
        for row in rows:
            at, urgency = row.accepted_at, row.submission.envelope.urgency
            for one in row.deliveries:
                state = State.AVAILABLE if one.blocked_by is None else State.WAITING
                copy.write_row(
                    (one.number, row.number, one.recipient.addressed_to, one.recipient.agency, state.value, urgency,
                     at, at, row.expires_at, one.blocked_by, one.last_event, at)
                )  # fmt: skip
