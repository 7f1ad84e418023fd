"""Lend deliveries to a recipient's system: fair, fenced, and by long poll.

Source: PR-NATIVE §4 (``/v1/inbox/leases``).
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol

from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode, SystemId
from lienthong.directory.state import DirectoryState
from lienthong.exchange.service.changing import now_of
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.errors import AGENCY_NOT_SERVED
from lienthong.exchange.service.notifying import Notifier
from lienthong.exchange.store.connection import AsyncConnection
from lienthong.exchange.store.leases import Lease, Shares, lease, with_something
from lienthong.infra.steps import reached

PROMOTED_AFTER = timedelta(minutes=10)
"""A delivery that waited longer counts among the promoted, whatever its urgency."""

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 1.0
"""Seconds between two looks at the database while a long poll waits; the notifier only makes it sooner."""

MOST_AGENCIES = 2000
"""Agencies that one question may name; a system that names none gets what waits for any of its own."""

AT_ONCE = 200
"""Agencies among which one lease is divided."""


_turns = itertools.count()


class ConnectionPool(Protocol):
    """Where connections for a short moment come from."""

    def connection(self) -> AbstractAsyncContextManager[AsyncConnection]: ...


def shares_of(most: int, turn: int, now: datetime) -> Shares:
    """Divide a lease: a quarter for the oldest, half for those that wait too long, the rest by urgency.

    A share smaller than one delivery is given out in turns, so that the quarter holds for leases of one as well.
    """
    return Shares(most, (most + turn % 4) // 4, (most + turn % 2) // 2, now - PROMOTED_AFTER)


def agencies_of(directory: DirectoryState, system: SystemId, wanted: Sequence[str] | None) -> list[str]:
    """The agencies whose inboxes are meant: those asked for, or all that the system acts for.

    Refuses AGENCY_NOT_SERVED for one that it does not act for.
    """
    if wanted is not None:
        for code in wanted:
            if not directory.may_act(system, code):
                raise Refused(AGENCY_NOT_SERVED, system=system, agency=code)
        return list(dict.fromkeys(wanted))
    row = directory.system(system)
    if row is None:
        return []
    codes: dict[str, None] = {}
    for scope in row.agencies:
        for code in _below(directory, scope.code) if scope.subtree else (scope.code,):
            codes[code] = None
    return list(codes)


def _below(directory: DirectoryState, code: AgencyCode) -> Iterator[str]:
    yield code
    for child in directory.children(code):
        yield from _below(directory, child.code)


async def lease_now(
    ctx: AxisContext, conn: AsyncConnection, system: SystemId, agencies: Sequence[str], most: int, seconds: int
) -> list[Lease]:
    """One look at the inboxes: one statement, which commits by itself on a connection in autocommit mode."""
    now = now_of(ctx)
    if len(agencies) > AT_ONCE:
        # A system of a whole branch: look where something waits, each time from another place, so that none is last.
        start = random.randrange(len(agencies))
        agencies = await with_something(conn, [*agencies[start:], *agencies[:start]], now, AT_ONCE)
    found = await lease(
        conn, agencies, system, shares_of(most, next(_turns), now), now, now + timedelta(seconds=seconds)
    )
    if found:
        reached("lease.committed")
    return found


async def lease_or_wait(
    ctx: AxisContext,
    pool: ConnectionPool,
    notifier: Notifier,
    system: SystemId,
    agencies: Sequence[str],
    most: int,
    seconds: int,
    wait: float,
    gone: Callable[[], Awaitable[bool]],
) -> list[Lease]:
    """Look, and look again until something comes or ``wait`` seconds are over.

    No connection is held while waiting; nothing is leased to whoever is ``gone``.
    What another node accepted is found by looking, within a second.
    """
    pause = FIRST_PAUSE
    with notifier.listening(agencies) as bell:
        ends = bell.now() + wait
        while True:
            bell.clear()
            if await gone():
                return []
            async with pool.connection() as conn:
                found = await lease_now(ctx, conn, system, agencies, most, seconds)
            left = ends - bell.now()
            if found or left <= 0:
                return found
            await bell.rings(min(left, pause * (0.75 + random.random() / 2)))
            pause = min(pause * 2, LONGEST_PAUSE)
