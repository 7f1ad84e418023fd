"""The directory's tables: the newest row of everything, and every change with its version, kept for ever.

All functions take a connection inside the caller's transaction and never commit. A version belongs to one
transaction; its changes are numbered by ``ordinal``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import psycopg

from lienthong.directory.delta import Change, ChangeKind
from lienthong.directory.model import Row, RowType, canonical, from_object, to_object

Connection = psycopg.Connection[tuple[Any, ...]]
AsyncConnection = psycopg.AsyncConnection[tuple[Any, ...]]

LOCK = 0x6C74_0002
"""Key of the advisory lock that the one changing transaction holds: versions follow each other without gaps."""


def lock(connection: Connection) -> None:
    """Wait until no other transaction changes the directory; held to the end of this transaction."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))


def newest_version(connection: Connection) -> int:
    """The version that the last change made; 0 when the directory is empty."""
    row = connection.execute("SELECT version FROM directory_change ORDER BY version DESC LIMIT 1").fetchone()
    return int(row[0]) if row is not None else 0


def all_rows(connection: Connection) -> list[Row]:
    """Every row as it is now, in no particular order."""
    with connection.cursor(binary=True) as cursor:
        cursor.execute("SELECT row_type, key, row FROM directory_row")
        return [from_object(row, f"{kind} {key}") for kind, key, row in cursor]


def changes_between(connection: Connection, base: int, version: int) -> list[Change]:
    """The changes of the versions after ``base`` up to ``version``, in the order in which they were made."""
    rows = connection.execute(
        "SELECT version, row_type, key, row FROM directory_change"
        " WHERE version > %s AND version <= %s ORDER BY version, ordinal",
        (base, version),
    )
    return [_change(*row) for row in rows]


async def changed_agencies(conn: AsyncConnection, base: int, version: int) -> list[tuple[str, int, datetime]]:
    """Code, version and time of every change of an agency after ``base``, in the order in which they were made."""
    cursor = await conn.execute(
        "SELECT key, version, at FROM directory_change"
        " WHERE version > %s AND version <= %s AND row_type = 'agency' ORDER BY version, ordinal",
        (base, version),
    )
    return [(str(row[0]), int(row[1]), row[2]) async for row in cursor]


def write_version(connection: Connection, version: int, changes: Sequence[Change], at: datetime, by: str) -> None:
    """Keep the changes under one version and bring the newest rows up to date.

    No row may be changed twice within a version. ``by``: the system that asked, or ``local`` on the axis's own machine.
    """
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY directory_change (version, ordinal, row_type, key, row, at, by) FROM STDIN") as copy,
    ):
        for ordinal, change in enumerate(changes, 1):
            copy.write_row((version, ordinal, change.row_type.value, change.key, _json(change.row), at, by))
    connection.execute(
        "INSERT INTO directory_row (row_type, key, version, row)"
        " SELECT row_type, key, version, row FROM directory_change WHERE version = %s AND row IS NOT NULL"
        " ON CONFLICT (row_type, key) DO UPDATE SET version = EXCLUDED.version, row = EXCLUDED.row",
        (version,),
    )
    connection.execute(
        "DELETE FROM directory_row USING directory_change AS gone"
        " WHERE gone.version = %s AND gone.row IS NULL"
        " AND directory_row.row_type = gone.row_type AND directory_row.key = gone.key",
        (version,),
    )


def keep_key_change(connection: Connection, version: int, system: str, key_id: str, at: datetime, token: bytes) -> None:
    """Keep what a system has signed to change one of its keys."""
    connection.execute(
        "INSERT INTO directory_key_change (version, system, key_id, at, token) VALUES (%s, %s, %s, %s, %s)",
        (version, system, key_id, at, token),
    )


def history(connection: Connection, kind: RowType, keys: Iterable[str]) -> list[tuple[Change, datetime, str]]:
    """Every change of some rows, oldest first, with its time and who made it."""
    rows = connection.execute(
        "SELECT version, row_type, key, row, at, by FROM directory_change"
        " WHERE row_type = %s AND key = ANY(%s) ORDER BY version, ordinal",
        (kind.value, list(keys)),
    )
    return [(_change(*row[:4]), row[4], str(row[5])) for row in rows]


def _json(row: Row | None) -> str | None:
    return None if row is None else canonical(to_object(row)).decode()


def _change(version: int, kind: str, key: str, row: Any) -> Change:
    if row is None:
        return Change(version, ChangeKind.DELETE, RowType(kind), key)
    return Change(version, ChangeKind.PUT, RowType(kind), key, from_object(row, f"{kind} {key}"))
