"""The directory in memory: any code to its agency in microseconds, and who may act for whom.
 A state never changes. An update makes a new state that shares what did not change, so that a reader that
holds the old one never sees half an update.

Source: project decision; succession after Decision 28/2018/QĐ-TTg art. 16 and 19.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode, SystemId
from lienthong.directory.errors import DIRECTORY_ROW_INVALID
from lienthong.directory.model import (
    CMS_ENCRYPT,
    Agency,
    KeyPurpose,
    Row,
    RowType,
    System,
    SystemKey,
    SystemStatus,
)
from lienthong.vocabulary.alias import Alias, Resolution, Succession, SuccessionTable
from lienthong.vocabulary.errors import ALIAS_CONFLICT

_V = TypeVar("_V")

MAX_DEPTH = 32
"""No real tree is deeper; a circle of parents in bad data ends here."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where a code leads: ``resolution`` is the way, ``agency`` its end, absent when nobody has the code."""

    resolution: Resolution
    agency: Agency | None


class DirectoryState:
    """One version of the directory (danh bạ cơ quan), ready for look-ups."""

    def __init__(self, axis: str, version: int, rows: Iterable[Row] = ()) -> None:
        """Refuses DIRECTORY_ROW_INVALID (two systems with one key), SUCCESSION_CYCLE, ALIAS_CONFLICT."""
        self.axis = axis
        self.version = version
        self._agencies: dict[AgencyCode, Agency] = {}
        self._other_codes: dict[AgencyCode, tuple[AgencyCode, ...]] = {}
        self._children: dict[AgencyCode | None, tuple[AgencyCode, ...]] = {}
        self._systems: dict[SystemId, System] = {}
        self._acting: dict[AgencyCode, tuple[SystemId, ...]] = {}
        self._acting_below: dict[AgencyCode, tuple[SystemId, ...]] = {}
        self._keys: dict[str, tuple[SystemId, SystemKey]] = {}
        self._table = SuccessionTable()
        self._fill(rows, ())

    def changed(self, version: int, put: Iterable[Row], removed: Iterable[tuple[RowType, str]]) -> DirectoryState:
        """A new state with rows put and removed; this one stays as it is."""
        new = DirectoryState.__new__(DirectoryState)
        new.axis, new.version = self.axis, version
        new._agencies = self._agencies.copy()
        new._other_codes = self._other_codes.copy()
        new._children = self._children.copy()
        new._systems = self._systems.copy()
        new._acting = self._acting.copy()
        new._acting_below = self._acting_below.copy()
        new._keys = self._keys.copy()
        new._table = self._table
        new._fill(put, removed)
        return new

    def __len__(self) -> int:
        return len(self._agencies)

    def rows(self) -> Iterator[Row]:
        """Every row, in the order of a snapshot: by kind, then by key."""
        for code in sorted(self._agencies):
            yield self._agencies[code]
        yield from sorted(self._table.aliases, key=lambda row: f"{row.alias}>{row.code}")
        yield from sorted(self._table.successions, key=lambda row: f"{row.old}>{row.new}")
        for system_id in sorted(self._systems):
            yield self._systems[system_id]

    def agency(self, code: str) -> Agency | None:
        """The agency whose present code this is."""
        return self._agencies.get(AgencyCode(code))

    def find(self, code: str, at: date) -> Agency | None:
        """The agency that this code names on a day: its present code, its code of the other system, an
        alias, or an old code. Succession is not followed.

        Refuses ALIAS_CONFLICT when several agencies once had the code and none has it now.
        """
        wanted = AgencyCode(code)
        found = self._agencies.get(wanted)
        if found is not None:
            return found
        canonical = self._table.canonical(wanted, at)
        if canonical != wanted:
            return self._agencies.get(canonical)
        owners = self._other_codes.get(wanted, ())
        if len(owners) > 1:
            owners = tuple(o for o in owners if self._agencies[o].code102 == wanted) or owners
        if len(owners) > 1:
            raise Refused(ALIAS_CONFLICT, agency=code, codes=", ".join(sorted(owners)))
        return self._agencies[owners[0]] if owners else None

    def resolve(self, code: str, at: date) -> Resolved:
        """Follow any code, then successions in force, to the agency that receives on ``at``.

        Refuses SUCCESSION_AMBIGUOUS, ALIAS_CONFLICT.
        """
        wanted = AgencyCode(code)
        direct = self._table.resolve(wanted, at)
        if direct.moved:
            return Resolved(direct, self.find(direct.final, at))
        named = self.find(code, at)
        if named is None:
            return Resolved(direct, None)
        onward = self._table.resolve(named.code, at)
        resolution = Resolution(wanted, named.code, onward.final, onward.steps)
        return Resolved(resolution, self.find(onward.final, at) if onward.moved else named)

    def children(self, code: str | None) -> tuple[Agency, ...]:
        """Agencies directly below one (``None``: those at the top), by code."""
        below = self._children.get(None if code is None else AgencyCode(code), ())
        return tuple(self._agencies[child] for child in sorted(below))

    def ancestors(self, code: str) -> tuple[Agency, ...]:
        """The agencies above one, nearest first."""
        return tuple(self._agencies[above] for above in self._upwards(AgencyCode(code)) if above != code)

    def system(self, system_id: str) -> System | None:
        """A system by its identifier."""
        return self._systems.get(SystemId(system_id))

    def agencies(self) -> Iterator[Agency]:
        """Every agency, in no particular order."""
        yield from self._agencies.values()

    def systems(self) -> Iterator[System]:
        """Every system, in no particular order."""
        yield from self._systems.values()

    def links(self) -> Iterator[Alias | Succession]:
        """Every alias and every succession, in no particular order."""
        yield from self._table.aliases
        yield from self._table.successions

    def systems_for(self, code: str) -> tuple[System, ...]:
        """Active systems that may act for an agency, directly or by a rule on its branch; by identifier."""
        wanted = AgencyCode(code)
        found = set(self._acting.get(wanted, ()))
        for above in self._upwards(wanted):
            found.update(self._acting_below.get(above, ()))
        systems = (self._systems[system_id] for system_id in sorted(found))
        return tuple(system for system in systems if system.status is SystemStatus.ACTIVE)

    def may_act(self, system_id: str, code: str) -> bool:
        """Whether an active system may act for the agency with this present code."""
        wanted = SystemId(system_id)
        system = self._systems.get(wanted)
        own = AgencyCode(code)
        if system is None or system.status is not SystemStatus.ACTIVE or own not in self._agencies:
            return False
        return wanted in self._acting.get(own, ()) or any(
            wanted in self._acting_below.get(above, ()) for above in self._upwards(own)
        )

    def key(self, key_id: str, at: datetime) -> SystemKey | None:
        """The key, if a signature made with it at ``at`` counts."""
        held = self._keys.get(key_id)
        signs = held is not None and held[1].purpose is KeyPurpose.SIGN and held[1].holds(at)
        return held[1] if held is not None and signs else None

    def encryption_keys(self, code: str, at: datetime) -> tuple[SystemKey, ...]:
        """Keys for which content to an agency is encrypted at ``at``: those of every active system that acts for it.

        None when the agency does not say that its systems decrypt (capability ``cms-encrypt``).
        """
        agency = self._agencies.get(AgencyCode(code))
        if agency is None or CMS_ENCRYPT not in agency.capabilities:
            return ()
        keys = (key for system in self.systems_for(code) for key in system.keys)
        return tuple(key for key in keys if key.purpose is KeyPurpose.ENCRYPT and key.holds(at))

    def key_owner(self, key_id: str) -> System | None:
        """The system to which a key belongs, also when the key has ended."""
        held = self._keys.get(key_id)
        return self._systems[held[0]] if held is not None else None

    def _upwards(self, code: AgencyCode) -> Iterator[AgencyCode]:
        """The agency itself and those above it, as far as they are in the directory."""
        here = self._agencies.get(code)
        for _ in range(MAX_DEPTH):
            if here is None:
                return
            yield here.code
            here = self._agencies.get(here.parent) if here.parent is not None else None

    def _fill(self, put: Iterable[Row], removed: Iterable[tuple[RowType, str]]) -> None:
        by_kind: dict[type, list[Row]] = {Agency: [], Alias: [], Succession: [], System: []}
        for row in put:
            by_kind[type(row)].append(row)
        gone: dict[RowType, list[str]] = {kind: [] for kind in RowType}
        for kind, key in removed:
            gone[kind].append(key)
        self._change_agencies(
            [row for row in by_kind[Agency] if isinstance(row, Agency)],
            [AgencyCode(key) for key in gone[RowType.AGENCY]],
        )
        self._change_systems(
            [row for row in by_kind[System] if isinstance(row, System)],
            [SystemId(key) for key in gone[RowType.SYSTEM]],
        )
        successions = [row for row in by_kind[Succession] if isinstance(row, Succession)]
        aliases = [row for row in by_kind[Alias] if isinstance(row, Alias)]
        ended = [_pair(key) for key in gone[RowType.SUCCESSION]]
        ended_aliases = [_pair(key) for key in gone[RowType.ALIAS]]
        if successions or aliases or ended or ended_aliases:
            self._table = self._table.changed(successions, ended, aliases, ended_aliases)

    def _change_agencies(self, put: list[Agency], removed: list[AgencyCode]) -> None:
        lost: dict[AgencyCode | None, set[AgencyCode]] = {}
        won: dict[AgencyCode | None, dict[AgencyCode, None]] = {}
        for code in (*removed, *(row.code for row in put)):
            before = self._agencies.pop(code, None)
            if before is None:
                continue
            lost.setdefault(before.parent, set()).add(code)
            for other in _codes_besides(before):
                _without(self._other_codes, other, code)
        for row in put:
            self._agencies[row.code] = row
            lost.get(row.parent, set()).discard(row.code)
            won.setdefault(row.parent, {})[row.code] = None
            for other in _codes_besides(row):
                self._other_codes[other] = (*self._other_codes.get(other, ()), row.code)
        for parent in {**dict.fromkeys(lost), **dict.fromkeys(won)}:
            old = dict.fromkeys(self._children.get(parent, ()))
            for code in lost.get(parent, ()):
                old.pop(code, None)
            left = tuple(old | won.get(parent, {}))
            if left:
                self._children[parent] = left
            else:
                self._children.pop(parent, None)

    def _change_systems(self, put: list[System], removed: list[SystemId]) -> None:
        for system_id in (*removed, *(row.system_id for row in put)):
            before = self._systems.pop(system_id, None)
            if before is None:
                continue
            for scope in set(before.agencies):
                _without(self._acting_below if scope.subtree else self._acting, scope.code, system_id)
            for key in before.keys:
                self._keys.pop(key.key_id, None)
        for row in put:
            self._systems[row.system_id] = row
            for scope in set(row.agencies):
                index = self._acting_below if scope.subtree else self._acting
                index[scope.code] = (*index.get(scope.code, ()), row.system_id)
            for key in row.keys:
                # One key under two systems would let one of them sign as the other.
                if key.key_id in self._keys:
                    why = ("mã khóa đã thuộc hệ thống khác", "its key identifier is taken already")
                    raise Refused(DIRECTORY_ROW_INVALID, row=row.system_id, why_vi=why[0], why_en=why[1])
                self._keys[key.key_id] = (row.system_id, key)


def _codes_besides(row: Agency) -> set[AgencyCode]:
    return {code for code in (row.code102, *row.old_codes) if code is not None and code != row.code}


def _without(index: dict[AgencyCode, tuple[_V, ...]], key: AgencyCode, value: _V) -> None:
    left = tuple(other for other in index.get(key, ()) if other != value)
    if left:
        index[key] = left
    else:
        index.pop(key, None)


def _pair(key: str) -> tuple[AgencyCode, AgencyCode]:
    first, _, second = key.partition(">")
    return AgencyCode(first), AgencyCode(second)
