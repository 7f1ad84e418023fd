"""Read what happened: one envelope with everything that belongs to it, and a sender's outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from lienthong.exchange.store.connection import AsyncConnection


@dataclass(frozen=True, slots=True)
class Traced:
    """An accepted envelope. ``business``: 0 new, 1 recall, 2 update, 3 replacement, -1 status."""

    number: int
    id: UUID
    sender: str
    digest: bytes
    kind: str
    business: int
    document_id: str
    document_code: str
    issued_date: Any
    system: str
    urgency: int
    recipients: int
    size: int
    accepted_at: datetime
    expires_at: datetime
    origin_no: int | None


_ENVELOPE = """envelope_no, envelope_id, sender, digest, kind, business, document_id, document_code, issued_date,
    system_id, urgency, recipients, size, accepted_at, expires_at, origin_no"""


@dataclass(frozen=True, slots=True)
class TracedDelivery:
    """Where one delivery stands."""

    number: int
    envelope_no: int
    addressed_to: str
    agency: str
    state: str
    attempts: int
    created_at: datetime
    expires_at: datetime
    blocked_by: int | None
    status_code: int | None
    finished_at: datetime | None
    reason: str | None


_DELIVERY = """delivery_no, envelope_no, addressed_to, agency, state, attempts, created_at, expires_at, blocked_by,
    status_code, finished_at, reason"""


async def by_id(conn: AsyncConnection, sender: str, envelope_id: UUID) -> Traced | None:
    """The envelope with this identifier of this sender."""
    return await _envelope(conn, "sender = %s AND envelope_id = %s", (sender, envelope_id))


async def by_number(conn: AsyncConnection, number: int) -> Traced | None:
    """The envelope with this number."""
    return await _envelope(conn, "envelope_no = %s", (number,))


async def by_document(conn: AsyncConnection, sender: str, document_id: str) -> Traced | None:
    """The newest sending of this document by this sender; an update or recall of the same name only without one."""
    return await _envelope(
        conn,
        """sender = %s AND document_id = %s AND kind = 'document'
           ORDER BY (business IN (1, 2)), envelope_no DESC LIMIT 1""",
        (sender, document_id),
    )


async def _envelope(conn: AsyncConnection, condition: str, values: tuple[object, ...]) -> Traced | None:
    cursor = await conn.execute(f"SELECT {_ENVELOPE} FROM envelope WHERE {condition}", values)
    row = await cursor.fetchone()
    return None if row is None else Traced(*row)


async def deliveries(conn: AsyncConnection, envelopes: Sequence[int]) -> list[TracedDelivery]:
    """All deliveries of these envelopes, in the order of their numbers."""
    cursor = await conn.execute(
        f"SELECT {_DELIVERY} FROM delivery WHERE envelope_no = ANY(%s) ORDER BY delivery_no", (list(envelopes),)
    )
    return [TracedDelivery(*row) for row in await cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class TracedEvent:
    """One event with its place in the log, when it has one already."""

    number: int
    delivery: int | None
    jws: bytes
    leaf: int | None


async def events(conn: AsyncConnection, envelope_no: int) -> list[TracedEvent]:
    """All events of an envelope, in order."""
    cursor = await conn.execute(
        """SELECT v.event_no, v.delivery_no, v.jws, l.leaf_index FROM event v LEFT JOIN leaf l USING (event_no)
           WHERE v.envelope_no = %s ORDER BY v.at, v.event_no""",
        (envelope_no,),
    )
    return [TracedEvent(row[0], row[1], bytes(row[2]), row[3]) for row in await cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class TracedStatus:
    """A business status and the envelope that brought it."""

    delivery: int
    code: int
    at: datetime
    outcome: str
    id: UUID
    sender: str
    accepted_at: datetime


async def statuses(conn: AsyncConnection, deliveries: Sequence[int]) -> list[TracedStatus]:
    """What was reported on these deliveries, in order of arrival."""
    cursor = await conn.execute(
        """SELECT s.delivery_no, s.code, s.at, s.outcome, e.envelope_id, e.sender, e.accepted_at
           FROM business_status s JOIN envelope e ON e.envelope_no = s.status_envelope_no
           WHERE s.delivery_no = ANY(%s) ORDER BY s.status_envelope_no""",
        (list(deliveries),),
    )
    return [TracedStatus(*row) for row in await cursor.fetchall()]


async def linked(conn: AsyncConnection, number: int, origin_no: int | None) -> list[Traced]:
    """The envelope that this one refers to, and those that refer to it, oldest first."""
    cursor = await conn.execute(
        f"SELECT {_ENVELOPE} FROM envelope WHERE origin_no = %s OR envelope_no = %s ORDER BY envelope_no LIMIT 10000",
        (number, origin_no),
    )
    return [Traced(*row) for row in await cursor.fetchall()]


async def outbox(conn: AsyncConnection, sender: str, before: int | None, at_most: int) -> list[Traced]:
    """A sender's envelopes with numbers below ``before``, newest first."""
    cursor = await conn.execute(
        f"""SELECT {_ENVELOPE} FROM envelope WHERE sender = %s AND envelope_no < %s
            ORDER BY envelope_no DESC LIMIT %s""",
        (sender, (1 << 62) if before is None else before, at_most),
    )
    return [Traced(*row) for row in await cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Content:
    """What is needed to hand out a delivery's content."""

    number: int
    agency: str
    state: str
    fence: int
    lease_until: datetime | None
    finished_at: datetime | None
    jws: bytes
    header: bytes


async def content(conn: AsyncConnection, delivery: int) -> Content | None:
    """A delivery with its envelope's raw bytes."""
    cursor = await conn.execute(
        """SELECT d.delivery_no, d.agency, d.state, d.fence, d.lease_until, d.finished_at, e.jws, e.header
           FROM delivery d JOIN envelope e USING (envelope_no) WHERE d.delivery_no = %s""",
        (delivery,),
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    number, agency, state, fence, lease_until, finished_at, token, header = row
    return Content(number, agency, state, fence, lease_until, finished_at, bytes(token), bytes(header))
