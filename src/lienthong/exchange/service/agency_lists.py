"""The directory as lists, for systems that do not read signed snapshots: everything, or what changed since last time.

Source: docs/protocols/vxp.md §6; exchange facts §2.1 (``getAgenciesList``, ``getSynchronizeUnit``), §5.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from lienthong.base.clock import VIETNAM
from lienthong.directory.model import Agency, AgencyStatus
from lienthong.directory.state import DirectoryState
from lienthong.exchange.service.connections import FaceCaller
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.store import connected
from lienthong.exchange.store import directory as directory_store
from lienthong.exchange.store.connection import AsyncConnection
from lienthong.infra.database import database_errors


@dataclass(frozen=True, slots=True)
class UnitChange:
    """An agency as it is now, or one that is gone. ``agency``: None when its row was removed.

    ``version``: of the directory. ``at``: when it changed, None when the whole directory is given.
    """

    code: str
    agency: Agency | None
    version: int
    at: datetime | None

    def gone(self, today: date) -> bool:
        """Whether nobody can be reached under this code of its own any more."""
        if self.agency is None or self.agency.status is AgencyStatus.CLOSED:
            return True
        return self.agency.valid_to is not None and self.agency.valid_to < today


def reachable(ctx: AxisContext) -> Iterator[Agency]:
    """Agencies that documents can be sent to today, by code. One state is read, however long it takes."""
    state, today = ctx.directory.state, today_of(ctx)
    found = [agency for agency in state.agencies() if agency.is_agency and agency.takes_part(today)]
    found.sort(key=lambda agency: agency.code)
    return iter(found)


async def changed_units(ctx: AxisContext, caller: FaceCaller, since: int | None) -> Iterator[UnitChange]:
    """What changed since the last but one answer that the system was given; everything at first.

    So every change is given twice, and one lost answer loses nothing: the next one begins where the last but one
    ended. ``since``: another beginning, which moves nothing.
    """
    system, state = caller.system.system_id, ctx.directory.state
    with database_errors():
        async with ctx.require_pool().connection() as conn:
            before, _ = await connected.given_versions(conn, system)
            base = before if since is None else since
            rows = await _changes(conn, base, state) if 0 < base <= state.version else None
            if since is None:
                await connected.gave_version(conn, system, state.version)
    if rows is not None:
        return iter(rows)
    return _everything(state)


def _everything(state: DirectoryState) -> Iterator[UnitChange]:
    """Every agency, by code; sorted when the first is asked for."""
    for agency in sorted(state.agencies(), key=lambda each: each.code):
        yield UnitChange(agency.code, agency, state.version, None)


class Centers:
    """The codes at the tops of branches; each agency's own is found once for all those beside it."""

    def __init__(self, state: DirectoryState) -> None:
        self._state = state
        self._above: dict[str, str] = {}

    def of(self, code: str, parent: str | None) -> str:
        """The code at the top of an agency's branch."""
        if parent is None:
            return code
        found = self._above.get(parent)
        if found is None:
            above = self._state.ancestors(parent)
            found = self._above[parent] = above[-1].code if above else parent
        return found


def today_of(ctx: AxisContext) -> date:
    """The date in Vietnam."""
    return ctx.clock.now().astimezone(VIETNAM).date()


async def _changes(conn: AsyncConnection, base: int, state: DirectoryState) -> list[UnitChange]:
    """The newest change of every agency that changed after ``base``, up to the state's version."""
    last: dict[str, UnitChange] = {}
    for key, version, at in await directory_store.changed_agencies(conn, base, state.version):
        last[key] = UnitChange(key, state.agency(key), version, at)
    return [last[key] for key in sorted(last)]
