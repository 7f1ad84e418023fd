"""The heading of a document: national name and motto, issuer, number, place and date, kind and abstract, marks.

Source: Decree 30/2020/NĐ-CP Appendix I part II.1–5, 8, 10, 11 and the layout of part IV.
"""

from __future__ import annotations

from docx.document import Document
from docx.table import _Cell

from lienthong.base.errors import Refused
from lienthong.office.form.errors import DRAFT_INCOMPLETE
from lienthong.office.form.metrics import (
    CONTENT,
    DATE,
    LETTER_ABSTRACT,
    MARK,
    MILLIMETRE,
    MOTTO,
    NATIONAL_MOTTO,
    NATIONAL_NAME,
    NUMBER,
    STATE,
    TEXT_WIDTH,
    TITLE,
    width,
)
from lienthong.office.form.model import Draft, Enclosed
from lienthong.office.form.word import BRIGHT_RED, Look, add, framed, grid, rule
from lienthong.vocabulary.urgency import Urgency

_RIGHT, _WIDEST = 276.0, 318.0
"""Points of the right column: as wide as national name and motto want; wider for a place with a long name."""
_BLANK = "\u00a0"
_NUMBER_ROOM, _DATE_ROOM, _LEAST_ROOM = 11, 7, 6
"""Blanks that are left free: five digits of number, two of day and of month (at least 18 points each)."""

_MARKS = {
    Urgency.URGENT: ("KHẨN", 20),
    Urgency.VERY_URGENT: ("THƯỢNG KHẨN", 40),
    Urgency.IMMEDIATE: ("HỎA TỐC", 30),
    Urgency.IMMEDIATE_TIMED: ("HỎA TỐC", 30),
}
"""Mark and its width in millimetres; all are 8 mm high."""


def write_heading(document: Document, draft: Draft) -> None:
    """Boxes 1–5, 10 and 11. Refuses: DRAFT_INCOMPLETE when the date line does not fit into one row."""
    date_line = _date_line(draft)
    right = max(_RIGHT, width(date_line, DATE, "italic") + 2)
    table = grid(document, [TEXT_WIDTH - right, right], rows=2)
    _issuer(table.cell(0, 0), draft, TEXT_WIDTH - right)
    _national(table.cell(0, 1), right)
    left = table.cell(1, 0)
    add(left, f"Số:{_BLANK * _NUMBER_ROOM}/{draft.symbol}", Look(NUMBER, "centre", before=4))
    if draft.is_letter:
        add(left, f"V/v {draft.abstract}", Look(LETTER_ABSTRACT, "centre", before=6))
    _marks(left, draft)
    add(table.cell(1, 1), date_line, Look(DATE, "centre", italic=True, before=4))
    if not draft.is_letter:
        _kind(document, draft.heading, draft.abstract)


def write_enclosed_heading(document: Document, draft: Draft, enclosed: Enclosed) -> None:
    """The heading of a text that this document issues (sample form 1.3); in the same file its note may stay blank."""
    table = grid(document, [TEXT_WIDTH - _RIGHT, _RIGHT])
    _issuer(table.cell(0, 0), draft, TEXT_WIDTH - _RIGHT)
    _national(table.cell(0, 1), _RIGHT)
    _kind(document, enclosed.kind_name.upper(), enclosed.abstract, line=False)
    blank = _BLANK * _DATE_ROOM
    number = f"số{blank}/{draft.symbol} ngày{blank}tháng{blank}năm {draft.year}"
    note = f"(Ban hành kèm theo {draft.heading.capitalize()} {number} của {draft.authority or draft.issuer})"
    add(document, note, Look(CONTENT, "centre", italic=True))
    rule(document, TEXT_WIDTH, TEXT_WIDTH / 5)


def _issuer(cell: _Cell, draft: Draft, room: float) -> None:
    if draft.superior:
        add(cell, draft.superior.upper(), Look(STATE, "centre"))
    issuer = draft.issuer.upper()
    add(cell, issuer, Look(STATE, "centre", bold=True))
    # One third to one half of the text; a name of two lines is measured by what one of them can hold.
    rule(cell, room, min(width(issuer, STATE, "bold"), room) * 0.4)


def _national(cell: _Cell, room: float) -> None:
    add(cell, NATIONAL_NAME, Look(STATE, "centre", bold=True))
    add(cell, NATIONAL_MOTTO, Look(MOTTO, "centre", bold=True))
    rule(cell, room, width(NATIONAL_MOTTO, MOTTO, "bold"))


def _date_line(draft: Draft) -> str:
    for room in range(_DATE_ROOM, _LEAST_ROOM - 1, -1):
        blank = _BLANK * room
        line = f"{draft.place}, ngày{blank}tháng{blank}năm {draft.year}"
        if width(line, DATE, "italic") <= (_RIGHT if room > _LEAST_ROOM else _WIDEST):
            return line
    why_vi = f"địa danh «{draft.place}» quá dài cho dòng địa danh và ngày tháng"
    raise Refused(DRAFT_INCOMPLETE, why_vi=why_vi, why_en=f"the place “{draft.place}” is too long for the date line")


def _marks(cell: _Cell, draft: Draft) -> None:
    look = Look(MARK, "centre", bold=True)
    mark = _MARKS.get(draft.urgency)
    if mark is not None:
        framed(cell, mark[0], (mark[1] * MILLIMETRE, 8 * MILLIMETRE), look, BRIGHT_RED)
    if draft.circulation is not None:
        text = draft.circulation.value
        framed(cell, text, (width(text, MARK, "bold") + 12, 8 * MILLIMETRE), look, "000000")


def _kind(document: Document, kind: str, abstract: str, *, line: bool = True) -> None:
    add(document, kind, Look(TITLE, "centre", bold=True, before=18, together=True, outline=0))
    if abstract:
        add(document, abstract, Look(TITLE, "centre", bold=True, together=True))
        if line:
            rule(document, TEXT_WIDTH, min(width(abstract, TITLE, "bold"), TEXT_WIDTH) * 0.4)
