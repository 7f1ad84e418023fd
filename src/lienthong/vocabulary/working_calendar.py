"""Working days (ngày làm việc): weekends, public holidays and the days that the State swaps each year.
 The days are dated configuration, not constants: a packaged list for 2025–2027, each entry with its source
and how sure it is, to be corrected or extended by an operator's own table, which wins. Source: Labour Code
45/2019/QH14 art. 111 (compensation) and 112 (holidays); yearly Government notices (swaps).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache
from importlib import resources
from typing import Any

from lienthong.base.errors import Refused
from lienthong.vocabulary.errors import CALENDAR_MALFORMED

_SATURDAY = 5
_LONGEST_BREAK = 366


class DayKind(Enum):
    """Why a day differs from its weekday. PROPOSED is recorded and changes nothing until an operator
    confirms it.
    """

    HOLIDAY = "holiday"
    COMPENSATION = "compensation"
    SWAPPED_OFF = "swapped_off"
    SWAPPED_WORK = "swapped_work"
    PROPOSED = "proposed"

    @property
    def working(self) -> bool | None:
        """Whether the day is worked; absent when the entry does not decide."""
        return {DayKind.SWAPPED_WORK: True, DayKind.PROPOSED: None}.get(self, False)


class Confidence(Enum):
    """How sure an entry is: fixed by law, announced for that year, computed by us, or uncertain."""

    LAW = "law"
    ANNOUNCED = "announced"
    COMPUTED = "computed"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class DayEntry:
    """One dated entry of the calendar; ``source`` says where it comes from."""

    day: date
    kind: DayKind
    vi: str
    en: str
    confidence: Confidence
    source: str


class WorkingCalendar:
    """Which days are worked. Years without a list: weekends and the fixed holidays of the law."""

    def __init__(self, years: Iterable[int], entries: Iterable[DayEntry]) -> None:
        self.years = frozenset(years)
        self._entries: dict[date, DayEntry] = {entry.day: entry for entry in entries}

    @property
    def entries(self) -> tuple[DayEntry, ...]:
        """Every entry by day."""
        return tuple(self._entries[day] for day in sorted(self._entries))

    def covers(self, day: date) -> bool:
        """Whether the list of that year is known; otherwise answers rest on weekdays and fixed holidays
        alone.
        """
        return day.year in self.years

    def entry(self, day: date) -> DayEntry | None:
        """What is special about a day: the answer to "why?"."""
        return self._entries.get(day)

    def is_working_day(self, day: date) -> bool:
        """Whether state agencies work on this day."""
        entry = self._entries.get(day)
        if entry is not None and entry.kind.working is not None:
            return entry.kind.working
        if day.weekday() >= _SATURDAY:
            return False
        return self.covers(day) or (day.month, day.day) not in _FIXED_HOLIDAYS

    def next_working_day(self, day: date) -> date:
        """First working day after ``day``."""
        for ahead in range(1, _LONGEST_BREAK):
            later = day + timedelta(days=ahead)
            if self.is_working_day(later):
                return later
        raise Refused(CALENDAR_MALFORMED, why_vi="cả năm không có ngày làm việc", why_en="a year has no working day")

    def add_working_days(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day``; with 0 the day itself. ``count`` must not be
        negative.
        """
        if count < 0:
            raise ValueError("working days are counted forward")
        for _ in range(count):
            day = self.next_working_day(day)
        return day

    def corrected(self, own: WorkingCalendar) -> WorkingCalendar:
        """This calendar with the entries of an operator's own table, which win day by day."""
        return WorkingCalendar(self.years | own.years, {**self._entries, **own._entries}.values())


_FIXED_HOLIDAYS = {(1, 1), (4, 30), (5, 1), (9, 2)}


def from_json(data: bytes) -> WorkingCalendar:
    """Read a calendar: ``{"years": [...], "days": [{date, kind, vi, en, confidence, source}]}``.

    Refuses CALENDAR_MALFORMED.
    """
    try:
        table = json.loads(data)
        years = [int(year) for year in table["years"]]
        entries = [_entry(row) for row in table["days"]]
    except (ValueError, KeyError, TypeError) as problem:
        why = f"{type(problem).__name__} {problem}"[:120]
        raise Refused(CALENDAR_MALFORMED, why_vi=why, why_en=why) from problem
    if len({entry.day for entry in entries}) != len(entries):
        raise Refused(CALENDAR_MALFORMED, why_vi="một ngày có hai dòng", why_en="a day has two entries")
    return WorkingCalendar(years, entries)


@lru_cache(maxsize=1)
def vietnam() -> WorkingCalendar:
    """The packaged calendar of Vietnam's state agencies, 2025–2027."""
    return from_json(resources.files(__package__).joinpath("data/working_calendar_vn.json").read_bytes())


def _entry(row: Any) -> DayEntry:
    return DayEntry(
        date.fromisoformat(row["date"]),
        DayKind(row["kind"]),
        str(row["vi"]),
        str(row["en"]),
        Confidence(row["confidence"]),
        str(row["source"]),
    )
