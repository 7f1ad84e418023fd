"""Single values as packets write them: dates, instants, whole numbers, flags, content ids.

Every reader returns the value and the text it *should* have had; a difference is a repair.

Source: exchange facts §1.1 (``yyyy/MM/dd``, ``yyyy/MM/dd HH:mm:ss`` local time), §1.9 traps 1, 3, 6, 7.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from lienthong.base.clock import VIETNAM

_DATE = re.compile(r"([0-9]{4})/([0-9]{2})/([0-9]{2})")
_LOOSE_DATE = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:[ T][0-9:.]{4,12})?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})(?:[ T][0-9:.]{4,12})?")
_MOMENT = re.compile(r"([0-9]{4})/([0-9]{2})/([0-9]{2}) ([0-9]{2}):([0-9]{2}):([0-9]{2})")
_LOOSE_MOMENT = re.compile(
    r"(?:([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})|([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4}))"
    r"[ T]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_INTEGER = re.compile(r"[+-]?[0-9]{1,9}")
_FLAGS = {"true": True, "false": False, "1": True, "0": False}


def date_text(day: date) -> str:
    """``yyyy/MM/dd``."""
    return f"{day.year:04d}/{day.month:02d}/{day.day:02d}"


def moment_text(moment: datetime) -> str:
    """``yyyy/MM/dd HH:mm:ss`` in Vietnam's time, without a zone; fractions of a second are cut."""
    local = moment.astimezone(VIETNAM)
    return f"{date_text(local)} {local.hour:02d}:{local.minute:02d}:{local.second:02d}"


def read_date(text: str) -> date | None:
    """A date in the prescribed form or in one that leaves no doubt (year first or year last); else ``None``.

    Day before month when the year is last: nobody in Vietnam writes the month first.
    """
    try:
        if found := _DATE.fullmatch(text) or _LOOSE_DATE.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _DAY_FIRST.fullmatch(text):
            return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None
    return None


def read_moment(text: str) -> datetime | None:
    """An instant, local when no zone is written; ``None`` when it cannot be understood."""
    try:
        if found := _MOMENT.fullmatch(text):
            return datetime(*map(int, found.groups()), tzinfo=VIETNAM)  # type: ignore[misc, arg-type]  # six integers, none of them the zone
        found = _LOOSE_MOMENT.fullmatch(text)
        if found is None:
            return None
        year, month, day = (found[1], found[2], found[3]) if found[1] else (found[6], found[5], found[4])
        zone = found[10]
        days = f"{int(year):04d}-{int(month):02d}-{int(day):02d}"
        hours = f"{int(found[7]):02d}:{found[8]}:{found[9] or '00'}"
        return datetime.fromisoformat(f"{days}T{hours}{zone or '+07:00'}").astimezone(VIETNAM)
    except (ValueError, OverflowError):
        return None


def read_integer(text: str) -> int | None:
    """A whole number in ASCII digits, at most nine of them."""
    return int(text) if _INTEGER.fullmatch(text) else None


def read_flag(text: str) -> bool | None:
    """``true``/``false`` or ``1``/``0``."""
    return _FLAGS.get(text.lower())


def bare_content_id(text: str) -> str:
    """A content id without its ``cid:``, which some writers put on one side only."""
    return text[4:].strip() if text[:4].lower() == "cid:" else text
