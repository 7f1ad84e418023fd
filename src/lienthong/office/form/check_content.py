"""The content: addressees, legal bases, numbers of articles, clauses and points, the end, names of agencies.

Source: Decree 30/2020/NĐ-CP Appendix I part II.6 and 9, Appendix II (capitals).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lienthong.office.form import check_type as types
from lienthong.office.form.body import ENDING as END
from lienthong.office.form.body import POINTS as LETTERS
from lienthong.office.form.check_layout import Layout, is_upper
from lienthong.office.form.check_names import misspelt_agencies
from lienthong.office.form.check_rules import (
    ADDRESSEES,
    AGENCY_CAPITALS,
    ARTICLES,
    BASES,
    CLAUSES,
    ENDING,
    POINTS,
    Finding,
)
from lienthong.office.form.check_type import check_type
from lienthong.office.form.expected import Expected
from lienthong.trust.pdf.lines import Line

_ARTICLE = re.compile(r"Điều (\d+)\.")
_CLAUSE = re.compile(r"(\d{1,2})\. ")
_SECTION = re.compile(r"([IVX]+)\. ")
_POINT = re.compile(r"([a-zđ])\) ")
_INDENTED = 8.0
"""Points right of the margin from which a line begins a paragraph: wrapped lines stand at the margin."""


def check_content(found: Layout, expected: Expected) -> Iterator[Finding]:
    """Every rule on the content."""
    yield from _addressees(found, expected)
    yield from _bases(found, expected)
    yield from _numbers(found)
    main = [line for line in found.content if line.page < min(found.part_starts, default=1 << 30)]
    if main and not any(line.text.endswith(END) for line in main):
        yield ENDING.at(_last(main))
    for line in (*found.content, *found.addressees, *found.recipients, *found.abstract, *found.letter_abstract):
        for text, wanted in misspelt_agencies(line.text):
            yield AGENCY_CAPITALS.at(line, text=text, wanted=wanted)


def _last(main: Sequence[Line]) -> Line:
    return min(main, key=lambda line: (-line.page, line.box.bottom))


def _addressees(found: Layout, expected: Expected) -> Iterator[Finding]:
    lines = found.addressees
    if not lines:
        if expected.is_letter:
            yield ADDRESSEES.at(None, what_vi="không tìm thấy", what_en="is not found")
        return
    for line in lines:
        yield from check_type(line, types.ADDRESSEE)
    if not lines[0].text.startswith("Kính gửi:"):
        yield ADDRESSEES.at(
            lines[0], what_vi="thiếu dấu hai chấm sau «Kính gửi»", what_en="has no colon behind «Kính gửi»"
        )
    rows = [line for line in lines[1:] if line.text.startswith("-")]
    if lines[0].text.rstrip() == "Kính gửi:" and rows:
        yield from _list_marks(lines[1:])


def _list_marks(lines: Sequence[Line]) -> Iterator[Finding]:
    for line, after in zip(lines, (*lines[1:], None), strict=True):
        if after is None and not line.text.endswith("."):
            yield ADDRESSEES.at(line, what_vi="thiếu dấu chấm ở dòng cuối", what_en="has no full stop at its last line")
        elif after is not None and after.text.startswith("-") and not line.text.endswith((";", ",")):
            yield ADDRESSEES.at(line, what_vi="thiếu dấu chấm phẩy cuối dòng", what_en="has a line without a semicolon")


def _bases(found: Layout, expected: Expected) -> Iterator[Finding]:
    if expected.decides and not found.bases:
        yield BASES.at(found.kind, what_vi="không tìm thấy", what_en="is not found")
    for base in found.bases:
        upright = [line for line in base if not line.italic]
        if upright:
            yield BASES.at(upright[0], what_vi="không phải chữ nghiêng", what_en="is not in italics")
        mark = "." if base is found.bases[-1] else ";"
        if not base[-1].text.endswith(mark):
            yield BASES.at(base[-1], what_vi=f"không kết thúc bằng «{mark}»", what_en=f"does not end with «{mark}»")


@dataclass(slots=True)
class _Counting:
    """The last article, section, clause and point seen; 0 before the first of each."""

    article: int = 0
    section: int = 0
    clause: int = 0
    point: int = -1


def _numbers(found: Layout) -> Iterator[Finding]:
    counting = _Counting()
    margins: dict[int, float] = {}
    for line in found.content:
        margins[line.page] = min(margins.get(line.page, 1e9), line.box.left)
    page = -1
    for line in found.content:
        if line.page != page:
            page = line.page
            if page in found.part_starts:
                counting = _Counting()
        if line.bold or line.box.left >= margins[page] + _INDENTED:
            yield from _number(line, counting)


def _number(line: Line, at: _Counting) -> Iterator[Finding]:
    if hit := _ARTICLE.match(line.text):
        value, before = int(hit[1]), at.article
        at.article, at.clause, at.point = value, 0, -1
        if value != before + 1:
            yield ARTICLES.at(line, text=f"Điều {value}", before=f"Điều {before}" if before else "(đầu văn bản)")
    elif (hit := _SECTION.match(line.text)) and (value := _arabic(hit[1])):
        before = at.section
        at.section, at.clause, at.point = value, 0, -1
        if value != before + 1:
            yield CLAUSES.at(line, text=f"{hit[1]}.", before=before or "—")
    elif hit := _CLAUSE.match(line.text):
        value, before = int(hit[1]), at.clause
        at.clause, at.point = value, -1
        if value != before + 1:
            yield CLAUSES.at(line, text=f"{value}.", before=f"{before}." if before else "—")
    elif hit := _POINT.match(line.text):
        place, last = LETTERS.find(hit[1]), at.point
        at.point = place
        if place != last + 1:
            yield POINTS.at(line, text=f"{hit[1]})", before=f"{LETTERS[last]})" if last >= 0 else "—")
    elif is_upper(line.text) and line.bold:
        at.clause, at.point = 0, -1


def _arabic(text: str) -> int:
    """The value of a Roman numeral, 0 for what is none."""
    values = {"I": 1, "V": 5, "X": 10}
    total = 0
    for sign, after in zip(text, text[1:] + " ", strict=True):
        value = values[sign]
        total += -value if values.get(after, 0) > value else value
    return total
