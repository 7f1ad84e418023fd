"""Which outgoing document does a report speak of?
 A status packet names its document by identifier, by number and date, or by number alone, and some systems
fill these fields wrongly. The rules are tried from the strictest; two candidates are never guessed between.
Source: QCVN 102:2016/BTTTT practice (``ResponseFor``); matching order of connected systems.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from lienthong.base.errors import Refused
from lienthong.base.text import nfc
from lienthong.vocabulary import agency, number


class MatchRule(Enum):
    """What identified the document."""

    DOCUMENT_ID = "document_id"
    NUMBER_AND_DATE = "number_and_date"
    NUMBER_IN_YEAR = "number_in_year"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document that a report might speak of; ``reference`` is the caller's own key."""

    reference: str
    issuer: str
    document_id: str
    number: str
    issue_date: date | None


@dataclass(frozen=True, slots=True)
class Reported:
    """The document as the report names it; ``receiver`` is the other party of the report."""

    issuer: str
    receiver: str
    document_id: str = ""
    number: str = ""
    issue_date: date | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """``found`` and the ``rule`` that found it; else ``rivals`` are the candidates it is open between."""

    found: Candidate | None
    rule: MatchRule | None
    rivals: tuple[Candidate, ...] = ()


def match(
    reported: Reported, candidates: Sequence[Candidate], same_agency: Callable[[str, str], bool] = str.__eq__
) -> Match:
    """Find the one document: by identifier; by issuer, number and date; by issuer and number in the year.

    ``same_agency`` lets a caller compare codes through the directory (old and new code of one agency).
    """
    named = repaired(reported)
    wanted = nfc(named.document_id).strip()
    by_id = [c for c in candidates if wanted and nfc(c.document_id).strip() == wanted]
    if len(by_id) > 1:
        by_id = [c for c in by_id if same_agency(c.issuer, named.issuer)] or by_id
    if len(by_id) == 1:
        return Match(by_id[0], MatchRule.DOCUMENT_ID)
    rivals = tuple(by_id)
    pool: Sequence[Candidate] = by_id or candidates
    key, day, year = _number_date_year(named)
    if not key:
        return Match(None, None, rivals)
    alike = [c for c in pool if same_agency(c.issuer, named.issuer) and _key(c.number) == key]
    if day is not None:
        same_day = [c for c in alike if c.issue_date == day]
        if len(same_day) == 1:
            return Match(same_day[0], MatchRule.NUMBER_AND_DATE)
        if same_day:
            return Match(None, None, tuple(same_day))
    # Without a year in the report, "unique in the year" can only be honoured as "unique at all".
    in_year = [c for c in alike if year is None or c.issue_date is None or c.issue_date.year == year]
    if len(in_year) == 1:
        return Match(in_year[0], MatchRule.NUMBER_IN_YEAR)
    return Match(None, None, tuple(in_year) or rivals)


def repaired(reported: Reported) -> Reported:
    """Undo the known mistake of exchanged fields: agency code and number of the document swapped."""
    if "/" in reported.issuer and reported.number and "/" not in reported.number:
        try:
            return replace(reported, issuer=agency.parse(reported.number).text, number=reported.issuer)
        except Refused:
            return reported
    return reported


def _number_date_year(reported: Reported) -> tuple[str, date | None, int | None]:
    """Number, date and year from the fields, completed from the identifier (also when it bears a wrong
    agency).
    """
    key, day, year = _key(reported.number), reported.issue_date, None
    if reported.document_id.strip():
        try:
            parsed = number.parse_document_id(reported.document_id)
        except Refused:
            return key, day, day.year if day else None
        if parsed.form is number.IdForm.CODE_DATE_NUMBER and parsed.number is not None:
            key = key or parsed.number.key
        day, year = day or parsed.issue_date, parsed.year
    return key, day, day.year if day else year


def _key(text: str) -> str:
    try:
        return number.parse(text).key
    except Refused:
        return ""
