"""Periods of reports: month, quarter, half-year, nine months, year, or any days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from lienthong.base.clock import VIETNAM

KINDS = {
    "month": "Tháng", "quarter": "Quý", "half": "6 tháng", "nine": "9 tháng", "year": "Cả năm", "range": "Khoảng ngày",
}  # fmt: skip
_PARTS = {"month": 12, "quarter": 4, "half": 2, "nine": 1, "year": 1, "range": 1}
_ROMAN = ("I", "II", "III", "IV")


@dataclass(frozen=True, slots=True)
class Period:
    """From one day to another, both within. ``vi``/``en``: its name."""

    first: date
    last: date
    vi: str
    en: str

    @property
    def begins(self) -> datetime:
        """The first instant, in Vietnam's time."""
        return datetime.combine(self.first, time.min, VIETNAM)

    @property
    def ends(self) -> datetime:
        """The first instant after it."""
        return datetime.combine(self.last + timedelta(days=1), time.min, VIETNAM)


def period(kind: str, year: int, part: int = 1, first: date | None = None, last: date | None = None) -> Period:
    """The period of a kind. ``part``: which month, quarter or half, from 1; what does not exist counts as the nearest.

    ``range`` takes ``first`` and ``last`` in either order; without them it is the year.
    """
    if kind == "range" and first is not None and last is not None:
        first, last = min(first, last), max(first, last)
        said = f"{first:%d/%m/%Y} – {last:%d/%m/%Y}"
        return Period(first, last, f"từ {first:%d/%m/%Y} đến {last:%d/%m/%Y}", said)
    part = min(max(part, 1), _PARTS.get(kind, 1))
    months = {"month": 1, "quarter": 3, "half": 6, "nine": 9}.get(kind, 12)
    start = (part - 1) * months + 1 if kind in {"month", "quarter", "half"} else 1
    return Period(date(year, start, 1), _last_day(year, start + months - 1), *_names(kind, year, part))


def _last_day(year: int, month: int) -> date:
    return (date(year + month // 12, month % 12 + 1, 1)) - timedelta(days=1)


def _names(kind: str, year: int, part: int) -> tuple[str, str]:
    if kind == "month":
        return f"tháng {part}/{year}", f"{part}/{year}"
    if kind == "quarter":
        return f"quý {_ROMAN[part - 1]}/{year}", f"Q{part} {year}"
    if kind == "half":
        return f"6 tháng {'đầu' if part == 1 else 'cuối'} năm {year}", f"H{part} {year}"
    if kind == "nine":
        return f"9 tháng đầu năm {year}", f"nine months of {year}"
    return f"năm {year}", str(year)
