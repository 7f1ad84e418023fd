"""The time limit that a text sets for an answer (hạn trả lời): «trước ngày …», «chậm nhất ngày …»."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from lienthong.office.reading.dating import day_of
from lienthong.office.reading.layout import Text, follows
from lienthong.office.reading.proposals import Confidence, Proposal, Reason
from lienthong.office.reading.spelling import digits

_LIMIT = (
    r"(?:truoc|cham nhat|muon nhat|han chot|han cuoi|thoi han|khong qua|den het|het|tre nhat|xong truoc)"
    r"(?:\s+(?:la|vao|den|het|truoc|trong|cuoi|sang|chieu|luc|gio|ngay lam viec|nop|gui|[0-9]{1,2}:[0-9]{2}|[,:(]|"
    r"[0-9]{1,2}\s?(?:gio|h|g)\s?[0-9]{0,2}(?:\s?phut)?))*\s*[,:(]?\s*"
)
_D = r"([0-9oli|]{1,2})"
_WITH_YEAR = re.compile(
    rf"\b{_LIMIT}(?:ngay\s*)?{_D}\s*(?:[/.-]|thang)\s*{_D}\s*(?:[/.-]|,?\s*nam)\s*([0-9oli|]{{4}})(?![0-9])"
)
_WITHOUT = re.compile(rf"\b{_LIMIT}ngay\s*{_D}\s*(?:[/-]|thang)\s*{_D}(?![0-9]|\s*[/-]\s*[0-9]|,?\s*nam\s*[0-9])")
_ANSWER = re.compile(
    r"\b(?:gui|bao cao|tra loi|phan hoi|gop y|co y kien|y kien|dang ky|cung cap|tong hop|nop|hoan thanh|xac nhan|"
    r"thong tin|tham muu|cho biet|trinh (?:uy ban|ubnd|lanh dao|thu tuong|bo truong|chinh phu|chu tich)|van ban)\b"
)
_BASIS = re.compile(r"\b(?:can cu|sinh|ban hanh|duoc cap|co hieu luc|hieu luc)\b[^.;]*$")
_REACH = 260
_MOST_DAYS = 730


def reply_deadline(texts: Sequence[Text], issued_on: date | None) -> Proposal[date] | None:
    """The first time limit that goes with a demand, else the first one mentioned; only days after the document's."""
    mentioned: Proposal[date] | None = None
    for plain, flat, rows in _paragraphs(texts):
        for hit in (*_WITH_YEAR.finditer(flat), *_WITHOUT.finditer(flat)):
            found = _day(plain, hit, issued_on)
            if found is None or not _possible(found, issued_on):
                continue
            before = re.split(r"[.;]\s", flat[max(0, hit.start() - _REACH) : hit.start()])[-1]
            if _BASIS.search(before):
                continue
            box = next(text for start, text in reversed(rows) if start <= hit.start()).box
            without_year = hit.re is _WITHOUT
            if _ANSWER.search(before) or _ANSWER.search(flat[hit.end() : hit.end() + 80]):
                reason = Reason.DEADLINE_YEAR if without_year else Reason.DEADLINE_REPLY
                return Proposal(found, Confidence.LIKELY, reason, box)
            reason = Reason.DEADLINE_YEAR if without_year else Reason.DEADLINE_MENTIONED
            mentioned = mentioned or Proposal(found, Confidence.GUESS, reason, box)
    return mentioned


def _day(plain: str, hit: re.Match[str], issued_on: date | None) -> date | None:
    if hit.re is _WITH_YEAR:
        return day_of(plain, hit)[0]
    if issued_on is None:
        return None
    day, month = (int(digits(plain[slice(*hit.span(part))])) for part in (1, 2))
    for year in (issued_on.year, issued_on.year + 1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found >= issued_on:
            return found
    return None


def _possible(found: date, issued_on: date | None) -> bool:
    return issued_on is None or 0 <= (found - issued_on).days <= _MOST_DAYS


def _paragraphs(texts: Sequence[Text]) -> Iterator[tuple[str, str, list[tuple[int, Text]]]]:
    """Rows that follow one another as one text, with the place where each begins in it."""
    plain = flat = ""
    rows: list[tuple[int, Text]] = []
    for text in texts:
        if not any(character.isalpha() for character in text.plain) and len(text.plain) < 5:
            continue  # a page number between two parts of a sentence
        if rows and not follows(rows[-1][1], text, 2.6) and text.box.page == rows[-1][1].box.page:
            yield plain, flat, rows
            plain, flat, rows = "", "", []
        rows.append((len(plain), text))
        plain, flat = f"{plain}{text.plain} ", f"{flat}{text.flat} "
    if rows:
        yield plain, flat, rows
