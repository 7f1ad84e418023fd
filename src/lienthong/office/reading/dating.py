"""Place and date (địa danh và thời gian ban hành), and dates written in a text.

Source: Decree 30/2020 Appendix I part II.4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from lienthong.office.reading.layout import NEAR, Sheet, Text, follows, text_of
from lienthong.office.reading.proposals import Caution, Confidence, Proposal, Reason, Warned, around
from lienthong.office.reading.spelling import digits
from lienthong.vocabulary.number import FIRST_YEAR

_DAY = r"([0-9oliqsbz|]{1,2})"
WRITTEN = re.compile(
    rf"\bn\w{{1,3}}y\s*[.:]?\s*{_DAY}\s*[.,]?\s*th.{{1,2}}ng\s*[.:]?\s*{_DAY}\s*[.,]?\s*n.{{1,2}}m\s*[.:]?\s*"
    r"([0-9oliqsbz|]{4})(?![0-9])"
)
"""Of a flat text: ngày …, tháng …, năm … ."""
_NUMERIC = re.compile(r"(?:\bngay\s*[:.]?\s*|^|,\s*)(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})(?!\d)")
_UNFINISHED = re.compile(r"\bngay\b[\s._…-]*(?:\d{1,2})?[\s._…-]*\bthang\b[\s._…-]*(?:\d{1,2})?[\s._…-]*\bnam\b")
_BROKEN = re.compile(r"\bngay\b(?!.*\bnam\s*[0-9]{4})")
_PLACE = re.compile(r"[^\W\d_](?:[\w'’. -]*[^\W_])?")
_NO_PLACE = re.compile(r"(can cu|kem theo|den|theo|ban hanh|so|hom nay|vao hoi|tu|truoc|ngay|kinh gui|v/v)\b")


@dataclass(frozen=True, slots=True)
class Dated:
    """What the row of place and date gave."""

    issued_date: Proposal[date] | None = None
    place: Proposal[str] | None = None
    cautions: tuple[Warned, ...] = ()


def dated(sheet: Sheet, later: Iterable[Text]) -> Dated:
    """The row of place and date: of the heading, else alone in a row below it or on a ``later`` page."""
    unfinished: Dated | None = None
    for rows, usual in ((sheet.right, True), (sheet.left, True), (sheet.rows, False), (later, False)):
        listed = list(rows)
        for at, text in enumerate(listed):
            found = _read(_whole(text, listed[at + 1 :]), usual)
            if found is None:
                continue
            if found.issued_date is not None:
                return found
            if unfinished is None and usual:
                unfinished = found
    return unfinished or Dated()


def day_of(plain: str, hit: re.Match[str]) -> tuple[date | None, bool]:
    """The day found in the flat form of a text, and whether its digits are digits; none when there is no such day."""
    parts = [plain[slice(*hit.span(part))] for part in (1, 2, 3)]
    try:
        day, month, year = (int(digits(part)) for part in parts)
        found = date(year, month, day)
    except ValueError:
        return None, False
    return (found if found.year >= FIRST_YEAR else None), all(part.isdigit() for part in parts)


def _whole(text: Text, below: Sequence[Text]) -> Text:
    """A row of place and date that a narrow column broke, as one."""
    if _BROKEN.search(text.flat) is None:
        return text
    under = next(
        (other for other in below if follows(text, other) and abs(other.middle - text.middle) < 3 * NEAR), None
    )
    if under is None or WRITTEN.search(f"{text.flat} {under.flat}") is None:
        return text
    line = replace(text.line, text=f"{text.plain} {under.plain}", box=around(text.box, under.box))
    return text_of(line)


def _read(text: Text, usual: bool) -> Dated | None:
    hit = WRITTEN.search(text.flat) or _NUMERIC.search(text.flat)
    if hit is None:
        blank = _UNFINISHED.search(text.flat)
        if blank is None or not usual:
            return None
        place = _place(text, blank.start(), usual)
        if place is None and blank.start() > 2:
            return None
        return Dated(None, place, (Warned(Caution.NOT_DATED, text.box),))
    if re.search(r"\w", text.plain[hit.end() :]):
        return None
    place = _place(text, hit.start(), usual)
    alone = not re.search(r"\w", text.plain[: hit.start()])
    if place is None and (not alone or hit.re is _NUMERIC):
        return None
    found, exact = day_of(text.plain, hit)
    if found is None:
        return Dated(None, place, (Warned(Caution.IMPOSSIBLE_DATE, text.box),)) if usual else None
    if not exact:
        reason, confidence = Reason.DATE_REPAIRED, Confidence.LIKELY
    elif not usual:
        reason, confidence = Reason.DATE_ELSEWHERE, Confidence.LIKELY
    else:
        reason = Reason.DATE_LINE
        confidence = Confidence.CERTAIN if hit.re is WRITTEN and place is not None else Confidence.LIKELY
    return Dated(Proposal(found, confidence, reason, text.box), place)


def _place(text: Text, end: int, usual: bool) -> Proposal[str] | None:
    before = text.plain[:end].strip(" ,.;:-_*'’‘`|\"")
    if not 2 <= len(before) <= 50 or _PLACE.fullmatch(before) is None or not before[0].isupper():
        return None
    if _NO_PLACE.match(text.flat.lstrip(" ,.;:-_*'’‘`|\"")) is not None:
        return None
    reason, confidence = (Reason.DATE_LINE, Confidence.CERTAIN) if usual else (Reason.DATE_ELSEWHERE, Confidence.LIKELY)
    return Proposal(before, confidence, reason, text.box)
