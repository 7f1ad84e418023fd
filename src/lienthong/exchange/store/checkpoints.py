"""Signed checkpoints with what others added to them: a timestamp, cosignatures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from lienthong.exchange.store.connection import Connection

_COLUMNS: LiteralString = "size, root, at, note, token, token_at, cosignatures"
_INSERT = "INSERT INTO checkpoint (size, root, at, note) VALUES (%s, %s, %s, %s)"
_NEWEST: LiteralString = f"SELECT {_COLUMNS} FROM checkpoint ORDER BY size DESC LIMIT 1"
_BY_SIZE: LiteralString = f"SELECT {_COLUMNS} FROM checkpoint WHERE size = %s"
# Backwards along the primary key: the walk is as long as the debt of timestamps, usually a few rows.
_STAMPED: LiteralString = f"""
SELECT {_COLUMNS} FROM checkpoint WHERE size >= %s AND token IS NOT NULL ORDER BY size DESC LIMIT 1"""
_COVERING: LiteralString = f"""
SELECT {_COLUMNS} FROM checkpoint WHERE size >= %s AND token IS NOT NULL AND cosignatures <> ''
ORDER BY size DESC LIMIT 1"""
_STAMP = "UPDATE checkpoint SET token = %s, token_at = %s WHERE size = %s"
# In one statement, so that two witnesses that answer at once both stay.
_ADD_COSIGNATURES = """
UPDATE checkpoint SET cosignatures = cosignatures || %(lines)s
WHERE size = %(size)s AND position(%(lines)s in cosignatures) = 0"""
_UNSTAMPED = """
SELECT count(*), min(at) FROM checkpoint
WHERE size > coalesce((SELECT size FROM checkpoint WHERE token IS NOT NULL ORDER BY size DESC LIMIT 1), -1)"""
_LAST_COSIGNED = """
SELECT size, at FROM checkpoint WHERE cosignatures <> '' ORDER BY size DESC LIMIT 1"""
# A newer checkpoint proves all that an older one proved; only what others signed is worth keeping for ever.
_PRUNE = """
DELETE FROM checkpoint WHERE token IS NULL AND cosignatures = ''
AND size < (SELECT size FROM checkpoint WHERE token IS NOT NULL ORDER BY size DESC LIMIT 1)"""


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """One checkpoint. ``note``: signed by this log alone. ``cosignatures``: lines of witnesses, maybe none."""

    size: int
    root: bytes
    at: datetime
    note: str
    token: bytes | None = None
    token_at: datetime | None = None
    cosignatures: str = ""

    @property
    def whole_note(self) -> bytes:
        """The note with every signature, as it is published."""
        return (self.note + self.cosignatures).encode("utf-8")


@dataclass(frozen=True, slots=True)
class Debt:
    """Checkpoints newer than the newest timestamp, and since when the oldest of them waits."""

    count: int
    oldest_at: datetime | None


def insert(conn: Connection, row: CheckpointRow) -> None:
    conn.execute(_INSERT, (row.size, row.root, row.at, row.note))


def newest(conn: Connection) -> CheckpointRow | None:
    return _one(conn, _NEWEST, ())


def of_size(conn: Connection, size: int) -> CheckpointRow | None:
    return _one(conn, _BY_SIZE, (size,))


def best_for(conn: Connection, size: int) -> CheckpointRow | None:
    """The checkpoint that proves most about the first ``size`` leaves: time-stamped and cosigned if there is one that
    has them all, else time-stamped, else the newest.
    """
    return _one(conn, _COVERING, (size,)) or _one(conn, _STAMPED, (size,)) or newest(conn)


def set_token(conn: Connection, size: int, token: bytes, at: datetime) -> None:
    conn.execute(_STAMP, (token, at, size))


def add_cosignatures(conn: Connection, size: int, lines: str) -> None:
    """Add a witness's lines; the same lines again change nothing."""
    conn.execute(_ADD_COSIGNATURES, {"size": size, "lines": lines})


def unstamped(conn: Connection) -> Debt:
    """The debt of timestamps."""
    row = conn.execute(_UNSTAMPED).fetchone()
    return Debt(row[0], row[1]) if row is not None else Debt(0, None)


def last_cosigned(conn: Connection) -> tuple[int, datetime] | None:
    """Size and time of the newest checkpoint that any witness cosigned."""
    row = conn.execute(_LAST_COSIGNED).fetchone()
    return None if row is None else (row[0], row[1])


def prune(conn: Connection) -> int:
    """Remove checkpoints that a newer, time-stamped one makes superfluous; how many."""
    return conn.execute(_PRUNE).rowcount


def _one(conn: Connection, statement: LiteralString, values: tuple[int, ...]) -> CheckpointRow | None:
    row = conn.execute(statement, values).fetchone()
    if row is None:
        return None
    size, root, at, note, token, token_at, cosignatures = row
    return CheckpointRow(size, bytes(root), at, note, None if token is None else bytes(token), token_at, cosignatures)
