"""The quarantine: deliveries that failed too often, for people to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lienthong.exchange.store.connection import AsyncConnection


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One delivery in quarantine. ``since``: time of its D.2."""

    delivery: int
    agency: str
    sender: str
    envelope_id: UUID
    document_id: str
    reason: str
    attempts: int
    since: datetime
    expires_at: datetime


async def page(conn: AsyncConnection, after: int, at_most: int) -> list[Quarantined]:
    """Deliveries in quarantine with numbers above ``after``, in their order."""
    cursor = await conn.execute(
        """SELECT d.delivery_no, d.agency, e.sender, e.envelope_id, e.document_id, coalesce(d.reason, '?'), d.attempts,
                  d.last_event_at, d.expires_at
           FROM delivery d JOIN envelope e USING (envelope_no)
           WHERE d.state = 'quarantined' AND d.delivery_no > %s ORDER BY d.delivery_no LIMIT %s""",
        (after, at_most),
    )
    return [Quarantined(*row) for row in await cursor.fetchall()]
