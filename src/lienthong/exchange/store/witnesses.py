"""What this axis, as a witness, last cosigned; and small facts about its own log: alarms, patience with others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from psycopg.types.json import Jsonb

from lienthong.exchange.store.connection import Connection

Fact: TypeAlias = Mapping[str, str | int | None]

# The row must exist before it can be locked: two first submissions at once must also wait for each other.
_ENSURE = """
INSERT INTO witnessed (origin, size, root, at) VALUES (%s, 0, %s, %s) ON CONFLICT (origin) DO NOTHING"""
_LOCK = "SELECT size, root FROM witnessed WHERE origin = %s FOR UPDATE"
_KNOWN = "SELECT size FROM witnessed WHERE origin = %s"
_REMEMBER = "UPDATE witnessed SET size = %s, root = %s, at = %s WHERE origin = %s"
_READ_FACT = "SELECT value FROM axis_fact WHERE name = %s"
_WRITE_FACT = """
INSERT INTO axis_fact (name, value, at) VALUES (%s, %s, %s)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at"""
_DROP_FACT = "DELETE FROM axis_fact WHERE name = %s"


@dataclass(frozen=True, slots=True)
class Witnessed:
    """The last checkpoint of a log that this axis cosigned; size 0 before the first."""

    size: int
    root: bytes


def lock_witnessed(conn: Connection, origin: str, empty_root: bytes, at: datetime) -> Witnessed:
    """What was last cosigned for a log; nobody else can change it before this transaction ends."""
    conn.execute(_ENSURE, (origin, empty_root, at))
    row = conn.execute(_LOCK, (origin,)).fetchone()
    if row is None:
        raise LookupError(origin)
    return Witnessed(row[0], bytes(row[1]))


def known_size(conn: Connection, origin: str) -> int:
    row = conn.execute(_KNOWN, (origin,)).fetchone()
    return 0 if row is None else int(row[0])


def remember(conn: Connection, origin: str, witnessed: Witnessed, at: datetime) -> None:
    conn.execute(_REMEMBER, (witnessed.size, witnessed.root, at, origin))


def read_fact(conn: Connection, name: str) -> dict[str, Any] | None:
    """A small fact by its name."""
    row = conn.execute(_READ_FACT, (name,)).fetchone()
    return None if row is None else dict(row[0])


def write_fact(conn: Connection, name: str, value: Fact, at: datetime) -> None:
    conn.execute(_WRITE_FACT, (name, Jsonb(dict(value)), at))


def drop_fact(conn: Connection, name: str) -> None:
    conn.execute(_DROP_FACT, (name,))
