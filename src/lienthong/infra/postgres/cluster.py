"""One private cluster shared by the processes of an installation."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from lienthong.base.errors import Refused
from lienthong.infra.postgres import process
from lienthong.infra.postgres.account import Account, Say, account_for, silent
from lienthong.infra.postgres.binaries import Binaries, find_binaries
from lienthong.infra.postgres.errors import POSTGRES_DID_NOT_START, POSTGRES_DID_NOT_STOP
from lienthong.infra.postgres.home import Home, make_root, prepare
from lienthong.infra.postgres.launch import SUPERUSER, log_since, log_size, make_cluster, start_server
from lienthong.infra.postgres.locks import exclusive, open_lock, shared, try_exclusive
from lienthong.infra.postgres.settings import Settings

Progress = Callable[[float, str, str], None]
"""Told about once a second while something takes long: seconds so far, one sentence in Vietnamese and in English."""

_PAUSE = 0.01


def unwatched(seconds: float, vi: str, en: str) -> None:
    """Nobody is watching."""


class Cluster:
    """The cluster in ``<data_dir>/pg``: one server, several databases, several processes.

    ``binaries``: None finds them at the first start. States: *left* (after construction or :meth:`stop`) and
    *joined* (after :meth:`ensure_running`). The settings of the process that starts the server hold for all.
    ``say`` takes sentences about what is done to the machine (a system account is made). Methods may be called
    from several threads; after a fork only the parent may call :meth:`stop`.
    """

    def __init__(
        self,
        data_dir: Path,
        binaries: Binaries | None = None,
        settings: Settings | None = None,
        *,
        say: Say = silent,
    ) -> None:
        self.home = Home(data_dir.absolute() / "pg")
        self.settings = settings or Settings()
        self._binaries = binaries
        self._say = say
        self._account: Account | None = None
        self._membership: int | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._guard = threading.Lock()

    def ensure_running(self, progress: Progress = unwatched) -> None:
        """Join the cluster: make it when it is new, start the server when it is down, wait until it is ready.

        Waits without limit while the server recovers, telling ``progress``; a crash recovery may take minutes and
        interrupting it starts it again from the beginning. May be called again at any time.
        Refuses: the codes of ``infra.postgres.errors``.
        """
        with self._guard:
            make_root(self.home)
            account = self._account = account_for(self.home.data, self._say)
            with self._changing(account, progress):
                prepare(self.home, account)
                joined_before = self._membership is not None
                if self._membership is None:
                    self._membership = open_lock(self.home.lock("users"), account)
                shared(self._membership)
                try:
                    self._start_if_down(account, progress)
                except BaseException:
                    if not joined_before:
                        self._leave()
                    raise

    def stop(self, seconds: float = 60) -> None:
        """Leave the cluster; the last process that leaves stops the server (fast: open transactions roll back).

        Harmless when not joined. Refuses POSTGRES_DID_NOT_STOP when the last checkpoint takes longer than
        ``seconds``; the server goes on stopping.
        """
        with self._guard:
            if self._membership is None or self._account is None:
                return
            with self._changing(self._account, unwatched):
                alone = try_exclusive(self._membership)
                try:
                    if alone:
                        self._stop_server(self._account, seconds)
                finally:
                    self._leave()

    def dsn(self, database: str = "postgres") -> str:
        """Connection string of one database of this cluster.

        ``requirepeer`` makes the client refuse any server that does not run under the expected account.
        """
        account = self._account or account_for(self.home.data, self._say)
        return make_conninfo(host=str(self.home.sockets), user=SUPERUSER, dbname=database, requirepeer=account.name)

    def create_database(self, name: str, template: str = "template0") -> str:
        """Make a database unless it exists; its DSN. The server must be running."""
        command = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
            if exists is None:
                # Another process may make it between the two statements.
                with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                    connection.execute(command)
        return self.dsn(name)

    def drop_database(self, name: str) -> None:
        """Remove a database and what is in it, disconnecting its users."""
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def server_pid(self) -> int | None:
        """Process number of the running server, ready or not; None when it is down."""
        pid = process.recorded_pid(self.home.data)
        return pid if pid is not None and process.is_alive(pid) else None

    @property
    def binaries(self) -> Binaries:
        """The programs this cluster runs on."""
        if self._binaries is None:
            self._binaries = find_binaries(self.home.root)
        return self._binaries

    def __enter__(self) -> Cluster:
        self.ensure_running()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @contextmanager
    def _changing(self, account: Account, progress: Progress) -> Iterator[None]:
        """Only one process at a time starts or stops the server."""

        def waiting(seconds: float) -> None:
            progress(
                seconds,
                "Một tiến trình khác đang khởi động hoặc dừng cơ sở dữ liệu; đang chờ.",
                "Another process is starting or stopping the database; waiting.",
            )

        with exclusive(self.home.lock("change"), account, waiting):
            yield

    def _leave(self) -> None:
        if self._membership is not None:
            os.close(self._membership)
            self._membership = None

    def _start_if_down(self, account: Account, progress: Progress) -> None:
        lock = open_lock(self.home.lock("server"), account)
        try:
            if self._lives(lock, progress):
                self._wait_ready(None, 0, progress)
                return
            binaries = self.binaries
            if not self.home.data.exists():
                progress(0.0, "Tạo cơ sở dữ liệu mới.", "Making a new database.")
                make_cluster(self.home, binaries, account)
            process.remove_stale(self.home.data, self.home.sockets)
            said = log_size(self.home.log)
            self._child = start_server(self.home, binaries, account, self.settings, lock)
            self._wait_ready(self._child, said, progress)
        finally:
            os.close(lock)

    def _lives(self, lock: int, progress: Progress) -> bool:
        """Whether a server is up; waits for the children of a killed one to end, and takes ``server.lock`` if not.

        They notice within seconds; starting beside them would be refused by PostgreSQL.
        """
        began = told = time.monotonic()
        while not try_exclusive(lock):
            if self.server_pid() is not None:
                return True
            time.sleep(_PAUSE)
            if time.monotonic() - told >= 1:
                told = time.monotonic()
                progress(
                    told - began,
                    "Đang chờ các tiến trình cũ của cơ sở dữ liệu kết thúc.",
                    "Waiting for the database's old processes to end.",
                )
        return process.started_by_others(self.home.data) is not None

    def _wait_ready(self, child: subprocess.Popen[bytes] | None, said: int, progress: Progress) -> None:
        began = told = time.monotonic()
        while not process.is_ready(self.home.data):
            ended = child.poll() is not None if child else self.server_pid() is None
            if ended and not process.is_ready(self.home.data):
                reason = log_since(self.home.log, said)
                raise Refused(POSTGRES_DID_NOT_START, reason=reason or "ended", log=self.home.log)
            time.sleep(_PAUSE)
            if time.monotonic() - told >= 1:
                told = time.monotonic()
                line = log_since(self.home.log, said)
                progress(
                    told - began,
                    f"Cơ sở dữ liệu đang khởi động hoặc khôi phục; đang chờ. {line}",
                    f"The database is starting or recovering; waiting. {line}",
                )

    def _stop_server(self, account: Account, seconds: float) -> None:
        pid = self.server_pid()
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
        lock = open_lock(self.home.lock("server"), account)
        try:
            deadline = time.monotonic() + seconds
            while not self._is_down(lock):
                if time.monotonic() > deadline:
                    raise Refused(POSTGRES_DID_NOT_STOP, pid=pid, seconds=seconds, log=self.home.log)
                time.sleep(_PAUSE)
        finally:
            os.close(lock)

    def _is_down(self, lock: int) -> bool:
        if self._child is not None:
            self._child.poll()
        return try_exclusive(lock) and process.started_by_others(self.home.data) is None
