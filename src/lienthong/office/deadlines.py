"""Working-day arithmetic for people: how many working days are left, by the agency's own calendar."""

from __future__ import annotations

from datetime import date, timedelta

from lienthong.vocabulary.working_calendar import WorkingCalendar, from_json, vietnam
from lienthong.webkit.look.parts import Deadline
from lienthong.webkit.people.models import Agency


def calendar_of(agency: Agency) -> WorkingCalendar:
    """The packaged calendar, corrected by the days that the agency's administrator has entered."""
    own = agency.settings.get("calendar")
    if not own:
        return vietnam()
    return vietnam().corrected(from_json(own.encode()))


def days_left(calendar: WorkingCalendar, today: date, due: date) -> int:
    """Working days from today to the due day: 0 today, negative when it has passed."""
    if due == today:
        return 0
    first, last, sign = (today, due, 1) if due > today else (due, today, -1)
    count = sum(
        1 for n in range(1, (last - first).days + 1) if calendar.is_working_day(date.fromordinal(first.toordinal() + n))
    )
    # A deadline that passed on a holiday is late all the same.
    return sign * max(count, 1)


def working_day_before(calendar: WorkingCalendar, day: date, count: int) -> date:
    """The ``count``-th working day before a day; with 0 the day itself."""
    while count > 0:
        day -= timedelta(days=1)
        count -= calendar.is_working_day(day)
    return day


def deadline(calendar: WorkingCalendar, today: date, due: date | None, *, met: bool = False) -> Deadline | None:
    """A deadline as the look shows it; None when there is none."""
    return Deadline(due, None if met else days_left(calendar, today, due), met) if due is not None else None
