"""The writer and those who gave up waiting: what was handed in is written, and nobody beside it is harmed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from lienthong.exchange.service.committing import Writer
from lienthong.exchange.store.connection import Connection
from lienthong.infra.blobs import SMALL, BlobStore, Upload
from lienthong.infra.database import connect
from lienthong.infra.metrics import Registry


@dataclass(frozen=True)
class Note:
    name: str
    blobs: Sequence[Upload]


def insert(conn: Connection, notes: Sequence[Note]) -> list[str]:
    for note in notes:
        conn.execute("insert into note values (%s)", (note.name,))
    return [note.name for note in notes]


async def request(writer: Writer, store: BlobStore, name: str, content: bytes) -> str:
    """A request as the API serves it: whatever ends it drops its own bytes."""
    upload = store.begin()
    try:
        upload.write(content)
        return str(await writer.submit(Note(name, [upload])))
    except BaseException:
        upload.abandon()
        raise


@pytest.mark.parametrize("size", [100, SMALL + 1], ids=["in-memory", "in-a-file"])
def test_a_request_cancelled_while_the_writer_holds_its_bytes_is_written_and_harms_nobody(
    database, tmp_path: Path, size: int
) -> None:
    store = BlobStore(tmp_path / "blobs")
    gone, stays = b"a" * size, b"b" * size

    async def story() -> str:
        writer = Writer(database.dsn, store, Registry())
        writer.register(Note, insert)
        busy, go_on = threading.Event(), threading.Event()

        def occupy(_: Connection) -> None:
            busy.set()
            go_on.wait(20)

        occupied = asyncio.create_task(writer.run(occupy))
        await asyncio.to_thread(busy.wait, 20)
        cancelled = asyncio.create_task(request(writer, store, "gone", gone))
        waiting = asyncio.create_task(request(writer, store, "stays", stays))
        await asyncio.sleep(0.05)
        cancelled.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cancelled
        go_on.set()
        await occupied
        try:
            return await asyncio.wait_for(waiting, 20)
        finally:
            await writer.close()

    with connect(database.dsn, "test") as conn:
        conn.execute("create table note (name text)")
        assert asyncio.run(story()) == "stays"
        assert sorted(name for (name,) in conn.execute("select name from note").fetchall()) == ["gone", "stays"]
    held = {path.read_bytes() for path in (tmp_path / "blobs" / "sha256").rglob("*") if path.is_file()}
    assert held == {gone, stays}
    assert not list((tmp_path / "blobs" / "tmp").iterdir())


def test_a_request_cancelled_while_its_bytes_are_synced_takes_no_handle_away(database, tmp_path: Path) -> None:
    """Each sync meets its own file: a handle closed by somebody else would be missing, or another file's."""
    store = BlobStore(tmp_path / "blobs")
    contents = [bytes([number]) * (SMALL + 1 + number) for number in range(40)]

    async def story() -> list[str | BaseException]:
        writer = Writer(database.dsn, store, Registry())
        writer.register(Note, insert)
        tasks = [asyncio.create_task(request(writer, store, str(n), each)) for n, each in enumerate(contents)]
        await asyncio.sleep(0)
        for number, task in enumerate(tasks):
            if number % 2:
                await asyncio.sleep(0.001)
                task.cancel()
        try:
            return await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 30)
        finally:
            await writer.close()

    with connect(database.dsn, "test") as conn:
        conn.execute("create table note (name text)")
        results = asyncio.run(story())
        written = {name for (name,) in conn.execute("select name from note").fetchall()}
    assert all(result == str(n) for n, result in enumerate(results) if n % 2 == 0)
    assert written == {str(n) for n in range(40)}
    held = {path.read_bytes() for path in (tmp_path / "blobs" / "sha256").rglob("*") if path.is_file()}
    assert held == set(contents)
