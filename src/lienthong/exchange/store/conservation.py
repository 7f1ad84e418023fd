"""Count from independent sides: what was accepted, where deliveries stand, and what evidence says.

All figures of one check come from one snapshot of the database.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lienthong.base.clock import to_text
from lienthong.exchange.store.connection import AsyncConnection, Connection


@dataclass(frozen=True, slots=True)
class Counts:
    """``addressed``: recipients of all accepted envelopes. ``added``: D.1 events that name an update as their cause.
    ``states``: deliveries by state. ``events``: events that name one delivery, by short name. ``oldest_pending_at``:
    creation of the oldest pending delivery. ``alone``: deliveries whose envelope does not exist.
    """

    addressed: int
    added: list[bytes]
    states: dict[str, int]
    events: dict[str, int]
    oldest_pending_at: datetime | None
    alone: int


def count(conn: Connection) -> Counts:
    """All sides of the conservation law, read without disturbing anybody."""
    with conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        addressed = _one(conn, "SELECT coalesce(sum(recipients), 0)::bigint FROM envelope")
        states = conn.execute("SELECT state, count(*) FROM delivery GROUP BY state").fetchall()
        events = conn.execute("SELECT name, count(*) FROM event WHERE delivery_no IS NOT NULL GROUP BY name").fetchall()
        # Receivers can only be added to documents that an update speaks of; those are few.
        consigned = conn.execute(
            """SELECT v.jws FROM event v WHERE v.name = 'ContentConsignment' AND v.delivery_no IS NOT NULL
                 AND v.envelope_no IN (SELECT origin_no FROM envelope WHERE business = 2 AND origin_no IS NOT NULL)"""
        ).fetchall()
        oldest = _one(
            conn,
            """SELECT min(created_at) FROM delivery
               WHERE state IN ('waiting', 'available', 'leased', 'quarantined')""",
        )
        alone = _one(
            conn,
            """SELECT count(*) FROM delivery d
               WHERE NOT EXISTS (SELECT 1 FROM envelope e WHERE e.envelope_no = d.envelope_no)""",
        )
    return Counts(
        addressed, [bytes(row[0]) for row in consigned], {row[0]: row[1] for row in states},
        {row[0]: row[1] for row in events}, oldest, alone,
    )  # fmt: skip


def keep(conn: Connection, name: str, value: dict[str, Any], at: datetime) -> None:
    """Remember the newest value of a fact of the axis."""
    conn.execute(
        """INSERT INTO axis_fact (name, value, at) VALUES (%s, %s::jsonb, %s)
           ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at""",
        (name, json.dumps(value), at),
    )


async def newest(conn: AsyncConnection, name: str) -> dict[str, Any] | None:
    """The newest value of a fact of the axis, with the time of it as ``checked_at``."""
    cursor = await conn.execute("SELECT value, at FROM axis_fact WHERE name = %s", (name,))
    row = await cursor.fetchone()
    return None if row is None else {**row[0], "checked_at": to_text(row[1])}


def _one(conn: Connection, query: str) -> Any:
    row = conn.execute(query).fetchone()
    if row is None:
        raise LookupError("a query without a row")
    return row[0]
