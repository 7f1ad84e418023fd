"""Deliveries that a system may take or holds, without lending any: for systems that list, fetch and confirm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lienthong.base.ids import AgencyCode, DeliveryId, SystemId
from lienthong.exchange.store.connection import AsyncConnection

_COLUMNS = "d.delivery_no, e.envelope_id, e.kind, e.sender, d.agency, d.state, d.created_at, d.last_event_at"
_FILTER = """AND e.kind = %(kind)s AND d.expires_at > %(now)s AND (%(sender)s = '' OR e.sender = %(sender)s)
        AND (%(before)s::timestamptz IS NULL OR d.created_at < %(before)s)"""

# Each agency through its own partial index; what this system holds through another.
_OPEN = f"""
SELECT w.* FROM (
    SELECT r.* FROM unnest(%(agencies)s::text[]) AS a (agency) CROSS JOIN LATERAL (
        SELECT {_COLUMNS} FROM delivery d JOIN envelope e USING (envelope_no)
        WHERE d.state = 'available' AND d.agency = a.agency AND d.available_at <= %(now)s {_FILTER}
        ORDER BY d.delivery_no LIMIT %(most)s) r
    UNION ALL
    SELECT {_COLUMNS} FROM delivery d JOIN envelope e USING (envelope_no)
    WHERE d.state = 'leased' AND d.lease_system = %(system)s AND d.agency = ANY(%(agencies)s) {_FILTER}) AS w
ORDER BY w.delivery_no OFFSET %(skip)s LIMIT %(page)s"""

_COUNT = f"SELECT count(*) FROM ({_OPEN}) AS counted"

# The lease of whoever has it, or of nobody, becomes this system's; a lease that it has already is only prolonged.
_TAKE = """
UPDATE delivery d SET state = 'leased', lease_system = %(system)s, lease_until = least(%(until)s, d.expires_at),
    fence = CASE WHEN d.state = 'leased' THEN d.fence ELSE d.fence + 1 END
WHERE d.delivery_no = %(delivery)s AND d.expires_at > %(now)s
    AND (d.state = 'available' OR (d.state = 'leased' AND d.lease_system = %(system)s))
RETURNING d.fence"""

_HELD = """
SELECT d.delivery_no, d.agency, d.state, d.fence, d.lease_system, e.envelope_id, e.sender, e.digest
FROM delivery d JOIN envelope e USING (envelope_no) WHERE d.delivery_no = %s"""


@dataclass(frozen=True, slots=True)
class OpenDelivery:
    """A delivery that the system has not confirmed yet."""

    delivery: DeliveryId
    envelope: UUID
    kind: str
    sender: AgencyCode
    agency: AgencyCode
    state: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """Who has a delivery, and the name of its envelope. ``system``: who has or last had the lease."""

    delivery: DeliveryId
    agency: AgencyCode
    state: str
    fence: int
    system: SystemId | None
    envelope: UUID
    sender: AgencyCode
    digest: bytes


@dataclass(frozen=True, slots=True)
class Question:
    """Which deliveries are asked for. ``sender``: ``""`` for any. ``skip``, ``page``: which part of the list.

    ``before``: only what was accepted before, None for everything.
    """

    system: SystemId
    agencies: Sequence[str]
    kind: str
    now: datetime
    sender: str = ""
    skip: int = 0
    page: int = 1000
    before: datetime | None = None

    @property
    def values(self) -> dict[str, object]:
        return {
            "system": self.system,
            "agencies": list(self.agencies),
            "kind": self.kind,
            "now": self.now,
            "sender": self.sender,
            "skip": self.skip,
            "page": self.page,
            "before": self.before,
            "most": self.skip + self.page,
        }


async def open_deliveries(conn: AsyncConnection, question: Question) -> list[OpenDelivery]:
    """A part of the list, oldest first."""
    rows = await (await conn.execute(_OPEN, question.values)).fetchall()
    return [
        OpenDelivery(DeliveryId(row[0]), row[1], row[2], AgencyCode(row[3]), AgencyCode(row[4]), *row[5:])
        for row in rows
    ]


async def count_open(conn: AsyncConnection, question: Question) -> int:
    """How many there are, at most a page."""
    row = await (await conn.execute(_COUNT, question.values)).fetchone()
    return 0 if row is None else int(row[0])


async def take(
    conn: AsyncConnection, delivery: DeliveryId, system: SystemId, now: datetime, until: datetime
) -> int | None:
    """Lend one delivery to a system, or prolong its lease: the fence; None when it is not free for it."""
    values = {"delivery": delivery, "system": system, "now": now, "until": until}
    row = await (await conn.execute(_TAKE, values)).fetchone()
    return None if row is None else int(row[0])


async def held(conn: AsyncConnection, delivery: DeliveryId) -> Held | None:
    """A delivery and who has it."""
    row = await (await conn.execute(_HELD, (delivery,))).fetchone()
    if row is None:
        return None
    number, agency, state, fence, system, envelope, sender, digest = row
    return Held(
        DeliveryId(number), AgencyCode(agency), state, fence, None if system is None else SystemId(system), envelope,
        AgencyCode(sender), bytes(digest),
    )  # fmt: skip
