"""Keeping a node's directory new: one thread asks the database for its version and applies what changed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lienthong.base.errors import Refused
from lienthong.exchange.service.directory import HeldDirectory, brought_up_to_date
from lienthong.exchange.store.directory import Connection
from lienthong.infra.database import database_errors

EVERY_SECONDS = 1.0

_log = logging.getLogger(__name__)


class KeptConnection:
    """One connection that threads take in turns; a broken one is replaced at the next use."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._turn = threading.Lock()
        self._held: Connection | None = None

    @contextmanager
    def use(self) -> Iterator[Connection]:
        """The connection for one block. Refuses DATABASE_AWAY, DATABASE_BUSY, DATABASE_FULL."""
        with self._turn, database_errors():
            if self._held is None or self._held.closed:
                self._held = self._connect()
            yield self._held

    def close(self) -> None:
        with self._turn:
            if self._held is not None:
                self._held.close()
                self._held = None


class Refresher:
    """The thread that keeps ``directory`` no more than about a second behind the database.

    While the database is away the node goes on with the directory that it has.
    """

    def __init__(self, directory: HeldDirectory, connection: KeptConnection, every: float = EVERY_SECONDS) -> None:
        self._directory = directory
        self._connection = connection
        self._every = every
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="directory", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stopping.set()
        self._thread.join()

    def refresh(self) -> None:
        """Look once, now. Refuses DATABASE_AWAY and its like."""
        # The state is read before the version: a version below it can then only mean a restored database.
        state = self._directory.state
        with self._connection.use() as connection:
            newer = brought_up_to_date(connection, state)
        if newer.version < state.version:
            _log.warning("directory went back from version %d to %d", state.version, newer.version)
            self._directory.replace(newer)
        else:
            self._directory.take(newer)

    def _run(self) -> None:
        away = False
        while not self._stopping.wait(self._every):
            try:
                self.refresh()
                away = False
            except Refused as refused:
                if not away:
                    _log.warning("directory cannot be refreshed: %s", refused)
                away = True
