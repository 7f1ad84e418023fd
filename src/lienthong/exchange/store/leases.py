"""Lease deliveries: the urgent first, the oldest never last for ever.

A share of every lease goes to the oldest deliveries whatever their urgency, so that a flood of urgent ones slows the
others down and never stops them. Rows that another transaction holds are skipped, never waited for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lienthong.base.ids import AgencyCode, DeliveryId, SystemId
from lienthong.exchange.store.connection import AsyncConnection

# Each agency's share is found through its own partial index; the lateral limit keeps a long backlog from being sorted.
_READY = """
    SELECT r.* FROM unnest(%(agencies)s::text[]) AS a (agency) CROSS JOIN LATERAL (
        SELECT d.delivery_no, d.urgency FROM delivery d
        WHERE d.state = 'available' AND d.agency = a.agency AND d.available_at <= %(now)s AND d.expires_at > %(now)s
            {but}
        ORDER BY {order} LIMIT {limit} FOR UPDATE SKIP LOCKED) r
    ORDER BY {outer} LIMIT {limit}"""

_LEASE = f"""
WITH promoted AS MATERIALIZED ({
    _READY.format(
        but="AND d.created_at <= %(promote_before)s",
        order="d.delivery_no", outer="r.delivery_no", limit="%(promoted)s",
    )
}), oldest AS MATERIALIZED ({
    _READY.format(
        but="AND d.delivery_no NOT IN (SELECT delivery_no FROM promoted)",
        order="d.delivery_no", outer="r.delivery_no",
        limit="(SELECT greatest(%(oldest)s - count(*), 0) FROM promoted)",
    )
}), urgent AS MATERIALIZED ({
    _READY.format(
        but="AND d.delivery_no NOT IN (SELECT delivery_no FROM promoted UNION ALL SELECT delivery_no FROM oldest)",
        order="d.urgency DESC, d.delivery_no", outer="r.urgency DESC, r.delivery_no",
        limit="(SELECT %(most)s - (SELECT count(*) FROM promoted) - (SELECT count(*) FROM oldest))",
    )
}), picked AS (
    SELECT delivery_no FROM promoted UNION ALL SELECT delivery_no FROM oldest UNION ALL SELECT delivery_no FROM urgent
)
UPDATE delivery d SET state = 'leased', fence = d.fence + 1, lease_system = %(system)s,
    lease_until = least(%(until)s, d.expires_at)
FROM picked p, envelope e WHERE d.delivery_no = p.delivery_no AND e.envelope_no = d.envelope_no
RETURNING d.delivery_no, d.fence, d.lease_until, d.agency, d.addressed_to, d.attempts, d.urgency, e.jws, e.receipt
"""  # fmt: skip


_WAITING = """
SELECT a.agency FROM unnest(%s::text[]) AS a (agency)
WHERE EXISTS (SELECT FROM delivery d WHERE d.state = 'available' AND d.agency = a.agency AND d.available_at <= %s)
LIMIT %s"""


async def with_something(conn: AsyncConnection, agencies: Sequence[str], now: datetime, at_most: int) -> list[str]:
    """The first of these agencies, in their order, that have something to take: one look at an index for each."""
    rows = await conn.execute(_WAITING, (list(agencies), now, at_most))
    return [str(row[0]) async for row in rows]


@dataclass(frozen=True, slots=True)
class Lease:
    """One delivery lent to a system until ``until``. ``attempt`` counts from 1; envelope and receipt are JWS."""

    delivery: DeliveryId
    fence: int
    until: datetime
    agency: AgencyCode
    addressed_to: AgencyCode
    attempt: int
    urgency: int
    envelope: bytes
    receipt: bytes


@dataclass(frozen=True, slots=True)
class Shares:
    """How a lease of ``most`` is divided: ``promoted`` for those waiting since ``promote_before``, at least
    ``oldest`` in all for the oldest, the rest by urgency.
    """

    most: int
    oldest: int
    promoted: int
    promote_before: datetime


async def lease(
    conn: AsyncConnection, agencies: Sequence[str], system: SystemId, shares: Shares, now: datetime, until: datetime
) -> list[Lease]:
    """Take up to ``shares.most`` deliveries for one system, listed by urgency and then by age."""
    cursor = await conn.execute(
        _LEASE,
        {
            "agencies": list(agencies),
            "system": system,
            "now": now,
            "until": until,
            "most": shares.most,
            "oldest": shares.oldest,
            "promoted": shares.promoted,
            "promote_before": shares.promote_before,
        },
        binary=True,
    )
    rows = [
        Lease(
            DeliveryId(row[0]), row[1], row[2], AgencyCode(row[3]), AgencyCode(row[4]), row[5] + 1, row[6],
            bytes(row[7]), bytes(row[8]),
        )
        for row in await cursor.fetchall()
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row.urgency, row.delivery))
