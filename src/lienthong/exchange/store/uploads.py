"""Which system may name which uploaded bytes: nobody gets content by knowing a digest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lienthong.base.ids import Sha256, SystemId
from lienthong.exchange.store.connection import AsyncConnection, Connection

# The same digest of the same system continues its upload; the newer claim keeps it from being swept.
_BEGIN = """
INSERT INTO upload (upload_id, system_id, sha256, size, touched_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (system_id, sha256) DO UPDATE SET touched_at = EXCLUDED.touched_at
RETURNING upload_id, size, complete"""

_FIND = "SELECT upload_id, sha256, size, complete FROM upload WHERE upload_id = %s AND system_id = %s"
_TOUCH = "UPDATE upload SET touched_at = %s, complete = complete OR %s WHERE upload_id = %s"
_CLAIMED = "SELECT sha256, size FROM upload WHERE system_id = %s AND complete AND sha256 = ANY(%s)"
_RENEW = "UPDATE upload SET touched_at = %s WHERE system_id = %s AND sha256 = ANY(%s)"
_SWEEP = "DELETE FROM upload WHERE touched_at < %s RETURNING upload_id"
_REFERENCED = """
SELECT EXISTS (SELECT FROM part WHERE sha256 = %(digest)s)
    OR EXISTS (SELECT FROM upload WHERE sha256 = %(digest)s AND complete)"""


@dataclass(frozen=True, slots=True)
class UploadRow:
    """One upload of one system: what it will be, and whether all of it has come."""

    id: UUID
    sha256: Sha256
    size: int
    complete: bool


async def begin(
    conn: AsyncConnection, new: UUID, system: SystemId, sha256: Sha256, size: int, at: datetime
) -> UploadRow:
    """A new upload, or the one that this system began before for the same digest."""
    cursor = await conn.execute(_BEGIN, (new, system, sha256, size, at))
    row = await cursor.fetchone()
    if row is None:
        raise RuntimeError("an upsert returned nothing")
    return UploadRow(row[0], sha256, row[1], row[2])


async def find(conn: AsyncConnection, upload: UUID, system: SystemId) -> UploadRow | None:
    """An upload of this very system."""
    row = await (await conn.execute(_FIND, (upload, system))).fetchone()
    return None if row is None else UploadRow(row[0], Sha256(row[1]), row[2], row[3])


async def touch(conn: AsyncConnection, upload: UUID, at: datetime, *, complete: bool = False) -> None:
    """Note that something came, and whether that was all."""
    await conn.execute(_TOUCH, (at, complete, upload))


async def claimed(
    conn: AsyncConnection, system: SystemId, digests: Sequence[Sha256], at: datetime
) -> dict[Sha256, int]:
    """Which of these bytes the system has uploaded whole, with their sizes; their claims are renewed."""
    rows = await (await conn.execute(_CLAIMED, (system, list(digests)))).fetchall()
    await conn.execute(_RENEW, (at, system, list(digests)))
    return {Sha256(bytes(row[0])): int(row[1]) for row in rows}


def sweep(conn: Connection, before: datetime) -> Iterable[UUID]:
    """Forget uploads and claims untouched since; their identifiers."""
    return [row[0] for row in conn.execute(_SWEEP, (before,)).fetchall()]


def is_referenced(conn: Connection, sha256: Sha256) -> bool:
    """Whether an envelope or a claim still needs a blob."""
    row = conn.execute(_REFERENCED, {"digest": sha256}).fetchone()
    return row is None or bool(row[0])
