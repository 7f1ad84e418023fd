"""Refusals of submissions, kept with their evidence so that the same refusal has the same bytes."""

from __future__ import annotations

from datetime import datetime

from lienthong.exchange.store.connection import Connection
from lienthong.wire.event import EnvelopeRef

_FIND = """
SELECT event.jws FROM refusal JOIN event USING (event_no)
WHERE refusal.sender = %s AND refusal.envelope_id = %s AND refusal.digest = %s AND refusal.code = %s
ORDER BY event_no LIMIT 1"""

_INSERT = "INSERT INTO refusal (event_no, sender, envelope_id, digest, code, at) VALUES (%s, %s, %s, %s, %s, %s)"


def find(conn: Connection, envelope: EnvelopeRef, code: str) -> bytes | None:
    """The evidence of the same refusal given before."""
    row = conn.execute(_FIND, (envelope.sender, envelope.id, envelope.digest, code)).fetchone()
    return None if row is None else bytes(row[0])


def insert(conn: Connection, event_no: int, envelope: EnvelopeRef, code: str, at: datetime) -> None:
    """Note which envelope was refused, why and when."""
    conn.execute(_INSERT, (event_no, envelope.sender, envelope.id, envelope.digest, code, at))
