"""Connections to PostgreSQL, and what a failure of theirs means to whoever asked.

Every connection carries the name of the role (seen in ``pg_stat_activity``), a statement time-out, and UTC. A
failure of the database itself leaves here as one of three transient refusals; every other error of psycopg is a
programming error or a broken rule of the schema and passes unchanged.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import AsyncConnection, errors
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from lienthong.base.errors import ErrorCode, Refused
from lienthong.infra.postgres.errors import DATABASE_AWAY, DATABASE_BUSY, DATABASE_FULL

POOL_SIZE = 8
STATEMENT_SECONDS = 30.0
CONNECT_SECONDS = 5

Rows = tuple[Any, ...]
AsyncPool = AsyncConnectionPool[psycopg.AsyncConnection[Rows]]

_AWAY_STATES = frozenset({"57P01", "57P02", "57P03", "57P04", "57P05", "25P03"})
"""Shutdown, crash, recovery, dropped or idle session (PostgreSQL manual, appendix A, class 57)."""
_BUSY_STATES = frozenset({"40001", "40P01", "55P03", "57014", "53300", "25P04"})
"""Serialization failure, deadlock, lock or statement time-out, too many connections."""
_FULL_STATES = frozenset({"53000", "53100", "53200", "53400"})


def conninfo(dsn: str, application_name: str, *, statement_seconds: float = STATEMENT_SECONDS) -> str:
    """The DSN with what every connection of ours carries; values that the DSN itself sets win."""
    ours = {
        "application_name": application_name,
        "connect_timeout": str(CONNECT_SECONDS),
        # A dead network peer is noticed within a minute instead of two hours.
        "keepalives_idle": "30",
        "keepalives_interval": "10",
        "keepalives_count": "3",
        "options": f"-c statement_timeout={round(statement_seconds * 1000)} -c TimeZone=UTC",
    }
    given = psycopg.conninfo.conninfo_to_dict(dsn)
    return make_conninfo("", **{**ours, **{name: str(value) for name, value in given.items() if value is not None}})


def connect(
    dsn: str,
    application_name: str,
    *,
    statement_seconds: float = STATEMENT_SECONDS,
    autocommit: bool = True,
) -> psycopg.Connection[Rows]:
    """One connection for a thread of its own. Autocommit: a transaction begins where the code says so.

    Refuses: DATABASE_AWAY, DATABASE_BUSY (too many connections).
    """
    with database_errors():
        text = conninfo(dsn, application_name, statement_seconds=statement_seconds)
        return psycopg.connect(text, autocommit=autocommit)


def make_pool(
    dsn: str,
    application_name: str,
    *,
    size: int = POOL_SIZE,
    statement_seconds: float = STATEMENT_SECONDS,
    wait_seconds: float = 5.0,
) -> AsyncPool:
    """A pool of ``size`` asynchronous connections, not open yet (``await pool.open()`` or :func:`open_pool`).

    A broken connection is noticed when it is handed out (see :class:`RecentCheck`) and replaced; a request waits at
    most ``wait_seconds``.
    """
    return AsyncConnectionPool(
        conninfo(dsn, application_name, statement_seconds=statement_seconds),
        min_size=size,
        max_size=size,
        open=False,
        kwargs={"autocommit": True},
        name=application_name,
        timeout=wait_seconds,
        max_waiting=size * 64,
        reconnect_timeout=60,
        check=RecentCheck(),
    )


@asynccontextmanager
async def open_pool(dsn: str, application_name: str, *, size: int = POOL_SIZE) -> AsyncIterator[AsyncPool]:
    """A pool that is open inside the block. Refuses DATABASE_AWAY when no connection comes up."""
    pool = make_pool(dsn, application_name, size=size)
    with database_errors():
        try:
            await pool.open(wait=True, timeout=CONNECT_SECONDS * 2)
        except BaseException:
            await pool.close()
            raise
    try:
        yield pool
    finally:
        await pool.close()


class RecentCheck:
    """Ask a pooled connection whether it still lives, unless it answered within ``seconds``.

    A connection that broke since then fails its first statement, which is refused as transient and repeated by the
    caller; asking before every statement would be one more round trip each.
    """

    def __init__(self, seconds: float = 1.0) -> None:
        self._seconds = seconds
        self._alive_at: WeakKeyDictionary[AsyncConnection[Any], float] = WeakKeyDictionary()

    async def __call__(self, connection: AsyncConnection[Any]) -> None:
        now = time.monotonic()
        if now - self._alive_at.get(connection, float("-inf")) < self._seconds:
            return
        await AsyncConnectionPool.check_connection(connection)
        self._alive_at[connection] = now


def transient_code(error: psycopg.Error) -> ErrorCode | None:
    """The refusal for a failure of the database itself; None for errors that another try cannot cure."""
    if isinstance(error, (PoolTimeout, TooManyRequests)):
        return DATABASE_BUSY if isinstance(error, TooManyRequests) else DATABASE_AWAY
    state = error.sqlstate
    if state is None:
        # No word from the server: the connection was refused, cut or timed out on the way.
        return DATABASE_AWAY if isinstance(error, psycopg.OperationalError) else None
    if state in _AWAY_STATES or state.startswith(("08", "58")):
        return DATABASE_AWAY
    if state in _BUSY_STATES:
        return DATABASE_BUSY
    return DATABASE_FULL if state in _FULL_STATES else None


def may_repeat(error: psycopg.Error) -> bool:
    """Whether the transaction may be run again at once: it met another one and left nothing behind."""
    return isinstance(error, (errors.SerializationFailure, errors.DeadlockDetected))


@contextmanager
def database_errors() -> Iterator[None]:
    """Turn failures of the database inside the block into DATABASE_AWAY, DATABASE_BUSY or DATABASE_FULL.

    After a cut connection the outcome of a COMMIT is unknown; the caller's verbs are idempotent, so that
    repeating with the same identifiers gives the first answer.
    """
    try:
        yield
    except psycopg.Error as error:
        code = transient_code(error)
        if code is None:
            raise
        raise Refused(code) from error
