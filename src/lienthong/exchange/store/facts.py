"""Small facts of the whole axis: the high-water mark of its time."""

from __future__ import annotations

from datetime import datetime

from psycopg.types.json import Jsonb

from lienthong.base.clock import from_text, to_text
from lienthong.exchange.store.connection import Connection

_PUT = """
INSERT INTO axis_fact (name, value, at) VALUES (%s, %s, %s)
ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value, at = EXCLUDED.at WHERE axis_fact.at <= EXCLUDED.at"""

# The mark is written once a second; the newest events tell what came after it.
_LATEST = """
SELECT greatest(
    (SELECT at FROM axis_fact WHERE name = 'clock'),
    (SELECT max(at) FROM (SELECT at FROM event ORDER BY event_no DESC LIMIT 2000) AS newest))"""


def put_clock_mark(conn: Connection, at: datetime) -> None:
    """Remember the latest instant of any event; it never goes back."""
    conn.execute(_PUT, ("clock", Jsonb({"mark": to_text(at)}), at))


def latest_instant(conn: Connection) -> datetime:
    """The latest instant of any event of this axis; the year 2000 on a new one."""
    row = conn.execute(_LATEST).fetchone()
    return row[0] if row is not None and row[0] is not None else from_text("2000-01-01T00:00:00.000Z")
