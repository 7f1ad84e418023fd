"""Uploads that survive interruptions: a system brings large bytes piece by piece before it names them.

A piece counts only when its digest fits, so it is written beside first and then appended; memory stays flat.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from lienthong.base.errors import Refused
from lienthong.base.ids import Sha256, SystemId, uuid7
from lienthong.exchange.errors import DOCUMENT_TOO_LARGE, REQUEST_MALFORMED
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.store import uploads as store
from lienthong.exchange.store.connection import Connection
from lienthong.infra.blobs import CHUNK, Upload
from lienthong.infra.database import database_errors
from lienthong.infra.errors import STORAGE_FULL, UPLOAD_OFFSET, UPLOAD_UNKNOWN
from lienthong.infra.resumable import Uploads


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload is; ``offset``: where the next piece begins."""

    id: UUID
    offset: int
    size: int
    complete: bool

    def members(self) -> dict[str, object]:
        return {"id": str(self.id), "offset": self.offset, "size": self.size, "complete": self.complete}


class Uploading:
    """The verbs of one process."""

    def __init__(self, ctx: AxisContext) -> None:
        self._ctx = ctx
        self.files = Uploads(ctx.blobs)

    async def begin(self, system: SystemId, sha256: Sha256, size: int) -> Progress:
        """Begin, or continue what this system began for the same digest.

        Refuses: DOCUMENT_TOO_LARGE, STORAGE_FULL, REQUEST_MALFORMED (another size was declared before).
        """
        limits = self._ctx.limits
        if size > limits.document:
            raise Refused(DOCUMENT_TOO_LARGE, size=size, limit=limits.document)
        if self._ctx.blobs.free_bytes() < limits.spare_disk + size:
            raise Refused(STORAGE_FULL)
        with database_errors():
            async with self._ctx.require_pool().connection() as conn:
                row = await store.begin(conn, uuid7(), system, sha256, size, self._ctx.clock.now())
                if row.size != size:
                    raise Refused(REQUEST_MALFORMED, member="size", why=f"{row.size} was declared before")
                if row.complete and self._ctx.blobs.size(sha256) == size:
                    return Progress(row.id, size, size, complete=True)
                await asyncio.to_thread(self.files.create, row.id)
        return Progress(row.id, self.files.offset(row.id), size, complete=False)

    async def look(self, system: SystemId, upload: UUID) -> Progress:
        """Where to continue. Refuses UPLOAD_UNKNOWN, also for an upload of another system."""
        row = await self._row(system, upload)
        if row.complete:
            return Progress(row.id, row.size, row.size, complete=True)
        # A crash after the last piece took the file away and left the row: the bytes come again from the start. That
        # they are stored already is no reason to count them; only a system that brought them may name them.
        await asyncio.to_thread(self.files.create, row.id)
        return Progress(row.id, self.files.offset(row.id), row.size, complete=False)

    def begin_piece(self) -> Upload:
        """Where the bytes of one piece wait until their digest is known."""
        return self._ctx.blobs.begin(self._ctx.limits.piece)

    async def append(self, system: SystemId, upload: UUID, offset: int, piece: Upload) -> Progress:
        """Append a piece that was verified; the last one makes the whole a blob that the system may name.

        Refuses: UPLOAD_UNKNOWN, UPLOAD_OFFSET, UPLOAD_BUSY, BLOB_TOO_LARGE, UPLOAD_DIGEST (the bytes are dropped).
        """
        row = await self._row(system, upload)
        if row.complete:
            raise Refused(UPLOAD_OFFSET, offset=row.size)
        await asyncio.to_thread(self.files.create, row.id)
        reached = await asyncio.to_thread(self._append, row, offset, piece)
        complete = reached == row.size
        with database_errors():
            async with self._ctx.require_pool().connection() as conn:
                await store.touch(conn, upload, self._ctx.clock.now(), complete=complete)
        return Progress(upload, reached, row.size, complete)

    def _append(self, row: store.UploadRow, offset: int, piece: Upload) -> int:
        """(In a thread.) Copy the piece behind what is there; durable when it returns."""
        with self.files.open(row.id, offset, row.size) as target, open(piece.saved(), "rb") as source:  # noqa: PTH123
            while data := source.read(CHUNK):
                target.write(data)
            if target.size == row.size:
                target.finish(row.sha256)
            return target.size

    async def _row(self, system: SystemId, upload: UUID) -> store.UploadRow:
        with database_errors():
            async with self._ctx.require_pool().connection() as conn:
                row = await store.find(conn, upload, system)
        if row is None:
            raise Refused(UPLOAD_UNKNOWN)
        return row


def sweep_uploads(ctx: AxisContext, conn: Connection, keep: timedelta) -> int:
    """Forget uploads that nobody touched for ``keep``; how many. For the worker."""
    files, swept = Uploads(ctx.blobs), 0
    for upload in store.sweep(conn, ctx.clock.now() - keep):
        files.drop(upload)
        swept += 1
    return swept
