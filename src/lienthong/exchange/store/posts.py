"""What systems posted that sign nothing themselves: names fixed before the envelope is made, and what was sent.

``digest`` is over the request's signature and the content: a library that posts the same bytes again, a millisecond
or an hour later and perhaps on another node, finds the name that the first post got.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from lienthong.base.ids import AgencyCode, EnvelopeId, Sha256, SystemId
from lienthong.exchange.store.connection import AsyncConnection

_FORGET = "UPDATE post SET digest = NULL WHERE system_id = %s AND digest = %s AND created_at < %s"

# No wait for the disk: the commit of the envelope, which is written later, makes this row durable too, and a row that
# a crash takes with it has named nothing yet.
_CLAIM = """
WITH light AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO post (envelope_id, system_id, digest, sender, title, created_at)
SELECT %s::uuid, %s::text, %s::bytea, %s::text, %s::text, %s::timestamptz FROM light
ON CONFLICT (system_id, digest) DO NOTHING RETURNING envelope_id"""

_FIND = """
SELECT p.envelope_id, p.sender, p.created_at,
    EXISTS (SELECT FROM envelope e WHERE e.sender = p.sender AND e.envelope_id = p.envelope_id)
FROM post p WHERE p.system_id = %s AND p.digest = %s AND p.created_at >= %s"""

_SENT = """
SELECT p.envelope_id, p.title, e.kind, e.sender, e.document_code, e.accepted_at, d.delivery_no, d.addressed_to,
    d.state, d.finished_at, d.status_code, d.reason
FROM post p JOIN envelope e ON e.sender = p.sender AND e.envelope_id = p.envelope_id
    JOIN delivery d USING (envelope_no)
WHERE p.system_id = %(system)s AND p.created_at BETWEEN %(since)s AND %(until)s AND e.kind = %(kind)s
ORDER BY p.created_at DESC, d.delivery_no LIMIT %(most)s"""


@dataclass(frozen=True, slots=True)
class Post:
    """The name of a posted envelope. ``accepted``: the envelope is in already, the post is a repetition."""

    envelope: EnvelopeId
    sender: AgencyCode
    created_at: datetime
    accepted: bool


@dataclass(frozen=True, slots=True)
class SentRow:
    """One delivery of a posted envelope."""

    envelope: EnvelopeId
    title: str
    kind: str
    sender: str
    document_code: str
    accepted_at: datetime
    delivery: int
    addressed_to: str
    state: str
    finished_at: datetime | None
    status_code: int | None
    reason: str | None


async def find(conn: AsyncConnection, system: SystemId, digest: Sha256, not_before: datetime) -> Post | None:
    """What was posted with this digest within the window."""
    row = await (await conn.execute(_FIND, (system, digest, not_before))).fetchone()
    return None if row is None else Post(EnvelopeId(row[0]), AgencyCode(row[1]), row[2], bool(row[3]))


async def claim(
    conn: AsyncConnection, system: SystemId, digest: Sha256, new: Post, title: str, not_before: datetime
) -> Post:
    """The post of this digest: the one within the window, or ``new`` from now on; one of several at once wins."""
    values = (new.envelope, system, digest, new.sender, title, new.created_at)
    while True:
        if await (await conn.execute(_CLAIM, values)).fetchone() is not None:
            return new
        found = await find(conn, system, digest, not_before)
        if found is not None:
            return found
        await conn.execute(_FORGET, (system, digest, not_before))


async def sent(
    conn: AsyncConnection, system: SystemId, kind: str, since: datetime, until: datetime, most: int
) -> list[SentRow]:
    """Deliveries of what a system posted, newest first."""
    values: dict[str, Any] = {"system": system, "kind": kind, "since": since, "until": until, "most": most}
    rows = await (await conn.execute(_SENT, values)).fetchall()
    return [_row(row) for row in rows]


def _row(row: Sequence[Any]) -> SentRow:
    return SentRow(EnvelopeId(UUID(str(row[0]))), *row[1:])
