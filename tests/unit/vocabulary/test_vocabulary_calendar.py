"""Working days and the sending deadline."""

import json
import math
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.vocabulary.deadline import Timeliness, sending_deadline
from lienthong.vocabulary.errors import CALENDAR_MALFORMED
from lienthong.vocabulary.urgency import Urgency
from lienthong.vocabulary.working_calendar import Confidence, DayKind, WorkingCalendar, from_json, vietnam

CALENDAR = vietnam()


def new_moon(k):
    """Date in Viet Nam of the k-th new moon from January 2000 (Meeus, Astronomical Algorithms, 49)."""
    t = k / 1236.85
    jde = 2451550.09766 + 29.530588861 * k + 0.00015437 * t * t
    sun, moon = math.radians(2.5534 + 29.1053567 * k), math.radians(201.5643 + 385.81693528 * k)
    lat, node = math.radians(160.7108 + 390.67050284 * k), math.radians(124.7746 - 1.56375588 * k)
    jde += -0.4072 * math.sin(moon) + 0.17241 * math.sin(sun) + 0.01608 * math.sin(2 * moon)
    jde += 0.01039 * math.sin(2 * lat) + 0.00739 * math.sin(moon - sun) - 0.00514 * math.sin(moon + sun)
    jde += 0.00208 * math.sin(2 * sun) - 0.00111 * math.sin(moon - 2 * lat) - 0.00017 * math.sin(node)
    moment = datetime(2000, 1, 1, 12, tzinfo=UTC) + timedelta(days=jde - 2451545.0, seconds=-69)
    return moment.astimezone(VIETNAM).date()


def first_days_of_lunar_months(around):
    k = round((around - date(2000, 1, 6)).days / 29.530588861)
    return new_moon(k - 1), new_moon(k), new_moon(k + 1), new_moon(k + 2)


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_lunar_holidays_agree_with_an_astronomical_computation(year):
    tet = {e.day for e in CALENDAR.entries if e.day.year == year and e.en == "Lunar New Year"}
    hung = next(e.day for e in CALENDAR.entries if e.day.year == year and e.en.startswith("Hùng"))
    months = first_days_of_lunar_months(hung)
    assert hung - timedelta(days=9) in months, "the tenth day of a lunar month"
    third = hung - timedelta(days=9)
    second = max(day for day in first_days_of_lunar_months(third - timedelta(days=25)) if day < third)
    first = max(day for day in first_days_of_lunar_months(second - timedelta(days=25)) if day < second)
    assert first in tet, "the third month is two months after the new year"
    assert len(tet) == 5


def test_the_law_gives_eleven_days_each_year_and_weekend_ones_are_compensated():
    for year in (2025, 2026, 2027):
        holidays = [e for e in CALENDAR.entries if e.day.year == year and e.kind is DayKind.HOLIDAY]
        assert len(holidays) == 11
        on_weekends = sum(e.day.weekday() >= 5 for e in holidays)
        extra = [e for e in CALENDAR.entries if e.day.year == year and e.kind is DayKind.COMPENSATION]
        assert len(extra) == on_weekends
        assert all(e.day.weekday() < 5 for e in extra)


def test_swaps_exchange_one_weekday_for_one_saturday():
    off = [e for e in CALENDAR.entries if e.kind is DayKind.SWAPPED_OFF]
    work = [e for e in CALENDAR.entries if e.kind is DayKind.SWAPPED_WORK]
    assert len(off) == len(work) == 3
    assert all(e.day.weekday() < 5 for e in off) and all(e.day.weekday() == 5 for e in work)


def test_every_entry_has_a_source_and_uncertain_ones_say_so():
    assert all(e.source and e.vi and e.en for e in CALENDAR.entries)
    assert {e.confidence for e in CALENDAR.entries if e.day.year == 2027 and e.en == "Lunar New Year"} == {
        Confidence.UNCERTAIN
    }


def test_a_proposed_holiday_changes_nothing_until_an_operator_confirms_it():
    day = date(2026, 11, 24)
    assert CALENDAR.entry(day).kind is DayKind.PROPOSED
    assert CALENDAR.is_working_day(day)
    own = {"date": "2026-11-24", "kind": "holiday", "vi": "x", "en": "x", "confidence": "law", "source": "y"}
    confirmed = CALENDAR.corrected(from_json(json.dumps({"years": [], "days": [own]}).encode()))
    assert not confirmed.is_working_day(day)
    assert CALENDAR.is_working_day(day)


def test_working_days_around_a_long_holiday_and_swapped_days():
    assert CALENDAR.next_working_day(date(2026, 2, 13)) == date(2026, 2, 23)
    assert CALENDAR.is_working_day(date(2026, 1, 10)) and not CALENDAR.is_working_day(date(2026, 1, 2))
    assert CALENDAR.next_working_day(date(2026, 8, 28)) == date(2026, 9, 3)
    assert CALENDAR.add_working_days(date(2026, 8, 20), 3) == date(2026, 8, 24)
    assert CALENDAR.add_working_days(date(2026, 8, 23), 0) == date(2026, 8, 23)


def test_a_year_without_a_list_uses_weekends_and_fixed_holidays_and_is_not_covered():
    assert not CALENDAR.covers(date(2030, 5, 1))
    assert not CALENDAR.is_working_day(date(2030, 5, 1))
    assert CALENDAR.is_working_day(date(2030, 5, 2))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"years":[2025],"days":[{}]}',
        b'{"years":["x"],"days":[]}',
        b"\xff",
        b'{"years":1,"days":2}',
    ],
)
def test_a_broken_calendar_is_refused(data):
    with pytest.raises(Refused) as refusal:
        from_json(data)
    assert refusal.value.code is CALENDAR_MALFORMED


def test_a_calendar_with_two_entries_for_one_day_is_refused():
    row = {"date": "2026-01-01", "kind": "holiday", "vi": "x", "en": "x", "confidence": "law", "source": "y"}
    with pytest.raises(Refused):
        from_json(json.dumps({"years": [2026], "days": [row, row]}).encode())


@given(st.dates(date(2025, 1, 1), date(2028, 12, 31)), st.integers(0, 40))
def test_adding_working_days_counts_exactly_the_working_days_between(day, count):
    end = CALENDAR.add_working_days(day, count)
    between = sum(CALENDAR.is_working_day(day + timedelta(days=n)) for n in range(1, (end - day).days + 1))
    assert between == count
    assert count == 0 or CALENDAR.is_working_day(end)


def local(year, month, day, hour=0, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=VIETNAM)


def test_a_document_is_on_time_on_its_day_tolerated_until_noon_and_then_overdue():
    limit = sending_deadline(local(2026, 3, 6, 16), Urgency.NORMAL, CALENDAR)
    assert limit.due_at == local(2026, 3, 9, 12)
    assert limit.classify(local(2026, 3, 6, 23, 59)) is Timeliness.ON_TIME
    assert limit.classify(local(2026, 3, 7)) is Timeliness.LATE_TOLERATED
    assert limit.classify(local(2026, 3, 9, 12)) is Timeliness.LATE_TOLERATED
    assert limit.classify(local(2026, 3, 9, 12, 1)) is Timeliness.OVERDUE


def test_the_day_of_signing_is_vietnams_and_not_that_of_utc():
    limit = sending_deadline(datetime(2026, 3, 2, 17, 30, tzinfo=UTC), Urgency.NORMAL, CALENDAR)
    assert limit.due_at == local(2026, 3, 4, 12)


def test_an_urgent_document_is_due_immediately_also_on_a_holiday():
    limit = sending_deadline(local(2026, 2, 17, 8), Urgency.URGENT, CALENDAR, immediately=timedelta(minutes=15))
    assert limit.classify(local(2026, 2, 17, 8, 15)) is Timeliness.ON_TIME
    assert limit.classify(local(2026, 2, 17, 8, 16)) is Timeliness.OVERDUE
    assert limit.minutes_waited(local(2026, 2, 17, 8, 16)) == 16
    assert limit.minutes_waited(local(2026, 2, 17, 7)) == 0


def test_the_end_of_the_morning_is_a_setting_and_an_unknown_year_is_told():
    limit = sending_deadline(local(2027, 12, 31, 9), Urgency.NORMAL, CALENDAR, morning_end=time(11, 30))
    assert limit.due_at == local(2028, 1, 3, 11, 30)
    assert not limit.certain
    assert sending_deadline(local(2026, 3, 2), Urgency.NORMAL, CALENDAR).certain


def test_an_instant_without_zone_is_a_programming_error():
    with pytest.raises(ValueError, match="zone"):
        sending_deadline(datetime(2026, 3, 2), Urgency.NORMAL, CALENDAR)


def test_a_calendar_without_any_working_day_is_refused_instead_of_searching_for_ever():
    row = {"kind": "holiday", "vi": "x", "en": "x", "confidence": "law", "source": "y"}
    days = [row | {"date": str(date(2026, 1, 1) + timedelta(days=n))} for n in range(400)]
    closed = from_json(json.dumps({"years": [2026], "days": days}).encode())
    with pytest.raises(Refused):
        closed.next_working_day(date(2026, 1, 1))
    assert isinstance(closed, WorkingCalendar)
