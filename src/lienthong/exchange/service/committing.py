"""The writer: many small pieces of work, one durable commit.

A commit costs the disk the same for one row and for two hundred. So whoever wants something written hands in a
*unit* and waits; the writer collects what has come while the last group was being written, makes the blobs of the
new group durable, runs one transaction, and only then answers everybody. A row that fails makes the group run again
one by one, so it harms nobody else.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

import psycopg

from lienthong.base.errors import Refused
from lienthong.exchange.errors import AXIS_BUSY, AXIS_FAULT
from lienthong.exchange.store.connection import Connection
from lienthong.infra import telemetry
from lienthong.infra.blobs import BlobStore, Upload
from lienthong.infra.database import connect, may_repeat, transient_code
from lienthong.infra.metrics import Registry
from lienthong.infra.steps import reached

R = TypeVar("R")
GROUP = 200
BUSY_SECONDS = 2


class WriteUnit(Protocol):
    """Work that wants to be committed; ``blobs`` become durable before its transaction begins."""

    @property
    def blobs(self) -> Sequence[Upload]: ...


Batch = Callable[[Connection, Sequence[Any]], Sequence[Any]]
"""Writes units of one kind inside a transaction: their results in order, ``Refused`` for those that are refused.

A ``Refused`` that is raised refuses the whole group.
"""


class Writer:
    """One thread with one connection. ``submit`` and ``start`` belong to the event loop.

    ``dsn``: the database. ``queue``: units that may wait before AXIS_BUSY. ``pause``: seconds that a first unit waits
    for company when the writer is idle.
    """

    def __init__(self, dsn: str, blobs: BlobStore, metrics: Registry, queue: int = 2000, pause: float = 0.0) -> None:
        self._dsn, self._blobs, self._limit, self._pause = dsn, blobs, queue, pause
        self._kinds: dict[type, Batch] = {}
        self._waiting: deque[tuple[WriteUnit, asyncio.Future[Any]]] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._connection: Connection | None = None
        self._running = False
        self._closed = False
        self.listeners: list[Callable[[Sequence[Any]], None]] = []
        """Called on the event loop after each commit with the group's results."""
        self._groups = metrics.histogram(
            "lienthong_group_size", "Units in one commit.", buckets=(1, 2, 5, 10, 20, 50, 100, 200)
        )
        self._seconds = metrics.histogram("lienthong_group_seconds", "Duration of one group commit.")
        metrics.gauge("lienthong_writer_waiting", "Units waiting for the writer.").set(lambda: len(self._waiting))

    def register(self, kind: type, batch: Batch) -> None:
        """Say who writes units of one kind; kinds are written in the order of registration."""
        self._kinds[kind] = batch

    async def run(self, function: Callable[[Connection], R]) -> R:
        """Run something once on the writer's thread and connection, outside any group."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: function(self._connected()))

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def require_room(self) -> None:
        """Refuse AXIS_BUSY when too much waits already; asked before a body is read."""
        if len(self._waiting) >= self._limit or self._closed:
            raise Refused(AXIS_BUSY, seconds=BUSY_SECONDS)

    def submit(self, unit: WriteUnit) -> asyncio.Future[Any]:
        """Hand in a unit; the future has its result after the commit, or the refusal.

        The unit is written even when nobody waits any more; its blobs belong to the writer from now on. Refuses
        AXIS_BUSY, and then drops the unit's blobs.
        """
        try:
            self.require_room()
        except Refused:
            for upload in unit.blobs:
                upload.abandon()
            raise
        for upload in unit.blobs:
            upload.hand_over()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._waiting.append((unit, future))
        if not self._running:
            self._running = True
            if self._pause:
                loop.call_later(self._pause, self._next)
            else:
                loop.call_soon(self._next)
        return future

    async def close(self) -> None:
        """Finish what was handed in and stop."""
        self._closed = True
        while self._running:
            await asyncio.sleep(0.005)
        self._thread.shutdown()
        if self._connection is not None:
            self._connection.close()

    def _next(self) -> None:
        group = [self._waiting.popleft() for _ in range(min(GROUP, len(self._waiting)))]
        if not group:
            self._running = False
            return
        work = asyncio.get_running_loop().run_in_executor(self._thread, self._write, [unit for unit, _ in group])
        work.add_done_callback(lambda done: self._answer(group, done))

    def _answer(self, group: Sequence[tuple[WriteUnit, asyncio.Future[Any]]], done: asyncio.Future[list[Any]]) -> None:
        try:
            self._tell(group, done)
        finally:
            # Whatever went wrong with this group, the next one must not wait for ever.
            self._next()

    def _tell(self, group: Sequence[tuple[WriteUnit, asyncio.Future[Any]]], done: asyncio.Future[list[Any]]) -> None:
        fault = done.exception()
        if fault is not None:
            telemetry.fault("writer.fault", fault, count=len(group))
        results = [fault] * len(group) if fault is not None else done.result()
        for (_, future), result in zip(group, results, strict=True):
            if future.cancelled():
                continue
            if isinstance(result, BaseException):
                future.set_exception(result)
            else:
                future.set_result(result)
        if fault is None:
            # Before the next group begins: what it notes for its own commit must not be told with this one.
            for listener in self.listeners:
                listener(results)

    def _write(self, units: Sequence[WriteUnit]) -> list[Any]:
        """(Writer's thread.) One group: blobs, then rows. A result or a ``Refused`` for each unit."""
        began = time.monotonic()
        uploads = [upload for unit in units for upload in unit.blobs]
        try:
            if uploads:
                self._blobs.finish_many(uploads)
            reached("accept.blobs_durable")
            results = self._commit(units)
        except Refused as refusal:
            results = [refusal] * len(units)
        except psycopg.Error as error:
            results = self._after(error, units)
        self._groups.observe(len(units))
        self._seconds.observe(time.monotonic() - began)
        return results

    def _after(self, error: psycopg.Error, units: Sequence[WriteUnit]) -> list[Any]:
        """The group failed: the database's own failure is everybody's; anything else is searched one by one."""
        code = transient_code(error)
        if code is not None and not may_repeat(error):
            return [Refused(code)] * len(units)
        return [self._alone(unit) for unit in units]

    def _alone(self, unit: WriteUnit) -> Any:
        try:
            return self._commit([unit])[0]
        except Refused as refusal:
            return refusal
        except psycopg.Error as error:
            code = transient_code(error)
            if code is not None:
                return Refused(code)
            telemetry.fault("writer.row_failed", error, kind=type(unit).__name__)
            return Refused(AXIS_FAULT, trace=telemetry.new_trace_id())

    def _commit(self, units: Sequence[WriteUnit]) -> list[Any]:
        connection = self._connected()
        results: list[Any] = [None] * len(units)
        with connection.transaction():
            for kind, batch in self._kinds.items():
                places = [place for place, unit in enumerate(units) if type(unit) is kind]
                if places:
                    for place, result in zip(places, batch(connection, [units[p] for p in places]), strict=True):
                        results[place] = result
            reached("accept.before_commit")
        reached("accept.committed")
        return results

    def _connected(self) -> Connection:
        """The connection, made again after it broke."""
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._dsn, "lienthong writer")
        return self._connection
