"""Aliases and succession of agency codes: which code stands for an agency on a given day.
 Documents to an old code must reach the successor with a note. An *alias* is a second name of the same
agency (its code in the other system); a *succession* is one agency taking over from another. Both carry
dates and are data. Source: Decision 20/2020/QĐ-TTg (two code systems side by side; closed codes stay
resolvable), Decision 28/2018/QĐ-TTg art. 16 and 19 (codes are updated on reorganisation).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from itertools import combinations

from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode
from lienthong.vocabulary.errors import ALIAS_CONFLICT, SUCCESSION_AMBIGUOUS, SUCCESSION_CYCLE


class SuccessionKind(Enum):
    """Why one code follows another."""

    MERGE = "merge"
    SPLIT = "split"
    RENAME = "rename"
    CODE_CHANGE = "code_change"


_KIND_VI = {
    SuccessionKind.MERGE: "sáp nhập",
    SuccessionKind.SPLIT: "chia tách",
    SuccessionKind.RENAME: "đổi tên",
    SuccessionKind.CODE_CHANGE: "đổi mã",
}
_KIND_EN = {
    SuccessionKind.MERGE: "merger",
    SuccessionKind.SPLIT: "split",
    SuccessionKind.RENAME: "renaming",
    SuccessionKind.CODE_CHANGE: "change of code",
}


@dataclass(frozen=True, slots=True)
class Alias:
    """A second code (mã tương đương) of one agency; ``valid_to`` is the last day, open when absent."""

    alias: AgencyCode
    code: AgencyCode
    valid_from: date | None = None
    valid_to: date | None = None

    def holds(self, at: date) -> bool:
        """Whether the alias may be used on this day."""
        return (self.valid_from is None or self.valid_from <= at) and (self.valid_to is None or at <= self.valid_to)

    def overlaps(self, other: Alias) -> bool:
        """Whether some day belongs to both."""
        begins = max(self.valid_from or date.min, other.valid_from or date.min)
        ends = min(self.valid_to or date.max, other.valid_to or date.max)
        return begins <= ends


@dataclass(frozen=True, slots=True)
class Succession:
    """One agency takes over from another (kế thừa).

    ``valid_from``: first day on which documents to ``old`` go to ``new`` (a local date of Vietnam).
    ``principal``: of several successors, the one that receives what is addressed to the old code.
    """

    old: AgencyCode
    new: AgencyCode
    kind: SuccessionKind
    valid_from: date
    note: str = ""
    principal: bool = False


@dataclass(frozen=True, slots=True)
class Resolution:
    """Where a code leads on a day.

    ``canonical``: the agency's own code. ``final``: the code to deliver to. ``steps``: the way.
    """

    asked: AgencyCode
    canonical: AgencyCode
    final: AgencyCode
    steps: tuple[Succession, ...]

    @property
    def moved(self) -> bool:
        """Whether the document goes to another agency than the one addressed."""
        return bool(self.steps)

    @property
    def notes_vi(self) -> tuple[str, ...]:
        """One Vietnamese sentence for each step."""
        return tuple(
            f"Mã {s.old} được thay bằng mã {s.new} từ ngày {s.valid_from:%d/%m/%Y} ({_KIND_VI[s.kind]})."
            + (f" {s.note}" if s.note else "")
            for s in self.steps
        )

    @property
    def notes_en(self) -> tuple[str, ...]:
        """One English sentence for each step."""
        return tuple(
            f"Code {s.old} was replaced by {s.new} from {s.valid_from.isoformat()} ({_KIND_EN[s.kind]})."
            + (f" {s.note}" if s.note else "")
            for s in self.steps
        )


class SuccessionTable:
    """All aliases and successions, ready for look-up. Never changes; :meth:`changed` gives a new table."""

    def __init__(self, successions: Iterable[Succession] = (), aliases: Iterable[Alias] = ()) -> None:
        """Refuses SUCCESSION_CYCLE and ALIAS_CONFLICT: a table that cannot answer is not built."""
        self._by_old: dict[AgencyCode, tuple[Succession, ...]] = {}
        self._by_alias: dict[AgencyCode, tuple[Alias, ...]] = {}
        for succession in successions:
            self._put(succession)
        for alias in aliases:
            self._put_alias(alias)
        self._require_no_conflict(self._by_alias)
        self._require_no_cycle(self._by_old)

    def __len__(self) -> int:
        return sum(map(len, self._by_old.values()))

    @property
    def successions(self) -> tuple[Succession, ...]:
        """Every succession, in the order of old and new codes."""
        rows = (row for group in self._by_old.values() for row in group)
        return tuple(sorted(rows, key=lambda row: (row.old, row.new)))

    @property
    def aliases(self) -> tuple[Alias, ...]:
        """Every alias, in the order of alias, code and first day."""
        rows = (row for group in self._by_alias.values() for row in group)
        return tuple(sorted(rows, key=lambda row: (row.alias, row.code, row.valid_from or date.min)))

    def changed(
        self,
        put: Iterable[Succession] = (),
        removed: Iterable[tuple[AgencyCode, AgencyCode]] = (),
        put_aliases: Iterable[Alias] = (),
        removed_aliases: Iterable[tuple[AgencyCode, AgencyCode]] = (),
    ) -> SuccessionTable:
        """A new table with rows put or removed; this one stays.

        A succession is named by its old and new code, an alias by itself and the code it stands for.
        """
        table = SuccessionTable()
        table._by_old = dict(self._by_old)
        table._by_alias = dict(self._by_alias)
        for old, new in removed:
            table._by_old[old] = tuple(row for row in table._by_old.get(old, ()) if row.new != new)
        for alias, code in removed_aliases:
            table._by_alias[alias] = tuple(row for row in table._by_alias.get(alias, ()) if row.code != code)
        rows = tuple(put)
        for row in rows:
            table._put(row)
        renamed = tuple(put_aliases)
        for row_alias in renamed:
            table._put_alias(row_alias)
        table._require_no_conflict({row_alias.alias for row_alias in renamed})
        table._require_no_cycle(row.old for row in rows)
        return table

    def canonical(self, code: AgencyCode, at: date) -> AgencyCode:
        """The agency's own code for one of its aliases on a day; any other code as it is."""
        for alias in self._by_alias.get(code, ()):
            if alias.holds(at):
                return alias.code
        return code

    def resolve(self, code: AgencyCode, at: date) -> Resolution:
        """Follow aliases and successions in force on ``at`` to the code that receives now.

        Refuses SUCCESSION_AMBIGUOUS when a split has not exactly one principal successor.
        """
        canonical = self.canonical(code, at)
        final, steps = canonical, list[Succession]()
        # A successor may be named by an alias of its own; the bound holds even if aliases and successions
        # interlock.
        while len(steps) <= len(self._by_old):
            step = self._successor(final, at)
            if step is None:
                return Resolution(code, canonical, final, tuple(steps))
            steps.append(step)
            final = self.canonical(step.new, at)
        raise Refused(SUCCESSION_CYCLE, agency=code)

    def _successor(self, code: AgencyCode, at: date) -> Succession | None:
        rows = [row for row in self._by_old.get(code, ()) if row.valid_from <= at]
        if len(rows) <= 1:
            return rows[0] if rows else None
        principal = [row for row in rows if row.principal]
        if len(principal) != 1:
            raise Refused(SUCCESSION_AMBIGUOUS, agency=code, successors=", ".join(sorted(row.new for row in rows)))
        return principal[0]

    def _put(self, row: Succession) -> None:
        others = tuple(other for other in self._by_old.get(row.old, ()) if other.new != row.new)
        self._by_old[row.old] = (*others, row)

    def _put_alias(self, row: Alias) -> None:
        others = tuple(other for other in self._by_alias.get(row.alias, ()) if other.code != row.code)
        self._by_alias[row.alias] = (*others, row)

    def _require_no_conflict(self, aliases: Iterable[AgencyCode]) -> None:
        """Checked once all rows are in: one change may shorten an alias and give it to another agency."""
        for alias in aliases:
            for one, other in combinations(self._by_alias[alias], 2):
                if one.overlaps(other):
                    codes = ", ".join(sorted((one.code, other.code)))
                    raise Refused(ALIAS_CONFLICT, agency=alias, codes=codes)

    def _require_no_cycle(self, starts: Iterable[AgencyCode]) -> None:
        """Depth-first walk without recursion; dates are ignored, since a circle would close some day."""
        done: set[AgencyCode] = set()
        for start in starts:
            path: dict[AgencyCode, None] = {}
            stack = [(start, False)]
            while stack:
                code, leaving = stack.pop()
                if leaving:
                    del path[code]
                    done.add(code)
                elif code in path:
                    raise Refused(SUCCESSION_CYCLE, agency=code)
                elif code not in done:
                    path[code] = None
                    stack.append((code, True))
                    stack.extend((row.new, False) for row in self._by_old.get(code, ()))
