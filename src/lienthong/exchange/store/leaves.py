"""Leaves of the evidence log: what waits for its place, and which place each event has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lienthong.exchange.store.connection import Connection

# One sequencer in the whole cluster; the lock belongs to the session, so it also covers the files.
_LOCK = "SELECT pg_try_advisory_lock(hashtext('evidence_log'))"
_UNLOCK = "SELECT pg_advisory_unlock(hashtext('evidence_log'))"
_PENDING = "SELECT event_no, entry FROM leaf_pending ORDER BY event_no LIMIT %s"
_REMOVE = "DELETE FROM leaf_pending WHERE event_no = ANY(%s)"
_PLACES = "SELECT event_no, leaf_index FROM leaf WHERE event_no = ANY(%s)"
_BACKLOG = """
SELECT (SELECT count(*) FROM leaf_pending),
       (SELECT at FROM event WHERE event_no = (SELECT min(event_no) FROM leaf_pending))"""


@dataclass(frozen=True, slots=True)
class Pending:
    """An entry that is not in the tree yet: the event's number and the SHA-256 of its JWS."""

    event_no: int
    entry: bytes


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many entries wait for the tree, and since when the oldest event of them exists."""

    count: int
    oldest_at: datetime | None


def lock(conn: Connection) -> bool:
    """Become the only sequencer of this log, until :func:`unlock` or the end of the session."""
    return conn.execute(_LOCK).fetchone() == (True,)


def unlock(conn: Connection) -> None:
    conn.execute(_UNLOCK)


def pending(conn: Connection, at_most: int) -> list[Pending]:
    """The entries to log next, in the order of their events."""
    return [Pending(row[0], bytes(row[1])) for row in conn.execute(_PENDING, (at_most,))]


def place(conn: Connection, events: Sequence[int], first_index: int) -> None:
    """Give pending entries their places, rising from ``first_index``; they wait no longer.

    All of them must still be pending: a row that is gone would be logged twice (RuntimeError).
    """
    removed = conn.execute(_REMOVE, (list(events),)).rowcount
    if removed != len(events):
        raise RuntimeError("an entry that was to be logged is pending no longer")
    with conn.cursor() as cursor, cursor.copy("COPY leaf (event_no, leaf_index) FROM STDIN") as copy:
        for index, event_no in enumerate(events, first_index):
            copy.write_row((event_no, index))


def places(conn: Connection, events: Sequence[int]) -> dict[int, int]:
    """Leaf index by event number, for those that are in the tree."""
    return dict(conn.execute(_PLACES, (list(events),)).fetchall()) if events else {}


def backlog(conn: Connection) -> Backlog:
    row = conn.execute(_BACKLOG).fetchone()
    return Backlog(row[0], row[1]) if row is not None else Backlog(0, None)
