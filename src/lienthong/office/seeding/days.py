"""The days of two years on which documents come and go, and deadlines counted in working days."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from lienthong.vocabulary.working_calendar import vietnam

SPAN = timedelta(days=730)
_AHEAD = timedelta(days=120)
_OPENS, _OPEN_SECONDS = time(0, 40), 9 * 3600
"""In UTC: work in Vietnam goes from 7.40 to 16.40, so that a moment has the same date in both."""


class Days:
    """Working days until ``until``. Moments grow with the share of the whole span that has passed."""

    def __init__(self, until: date) -> None:
        self.until = until
        self._days = _working(until)
        self._count = bisect_right(self._days, until)

    def moment(self, share: float) -> datetime:
        """A moment of work; ``share`` from 0 (two years ago) to below 1 (the last day)."""
        at = share * self._count
        day = self._days[min(int(at), self._count - 1)]
        return datetime.combine(day, _OPENS, UTC) + timedelta(seconds=int((at % 1) * _OPEN_SECONDS))

    def after(self, day: date, count: int) -> date:
        """The ``count``-th working day after a day."""
        return self._days[min(bisect_right(self._days, day) + count - 1, len(self._days) - 1)]

    def before(self, day: date, count: int) -> date:
        """The ``count``-th working day before a day."""
        return self._days[max(bisect_left(self._days, day) - count, 0)]

    def later(self, moment: datetime, working_days: int, minutes: int) -> datetime:
        """Some working days and minutes after a moment."""
        day = self.after(moment.date(), working_days) if working_days else moment.date()
        return datetime.combine(day, moment.timetz()) + timedelta(minutes=minutes)


@lru_cache(maxsize=4)
def _working(until: date) -> list[date]:
    calendar, first = vietnam(), until - SPAN - timedelta(days=30)
    found = [first + timedelta(days=n) for n in range((until + _AHEAD - first).days)]
    return [day for day in found if calendar.is_working_day(day)]
