"""A form on portrait A4: head, title, paragraphs and blanks, signers. Slips and minutes, which have no table.

Source of the layout: Decree 30/2020/NĐ-CP Appendix I (boxes 1, 2, 4, 5a, 6, 7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import BinaryIO

from reportlab.lib.enums import TA_JUSTIFY, TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from lienthong.trust.pdf.drawing import (
    BOLD,
    ITALIC,
    REGULAR,
    CentredLine,
    issuer_box,
    nation_box,
    paragraph,
    register_fonts,
    style,
)
from lienthong.webkit.papers.lines import broken, width_of
from lienthong.webkit.papers.model import PrintMark, Signer, long_date

LEFT: float = 30 * mm
RIGHT: float = 15 * mm
EDGE: float = 20 * mm
_WIDTH: float = A4[0] - LEFT - RIGHT
_ISSUER: float = 68 * mm
_INDENT = 28.0
_BARE = TableStyle(
    [(name, (0, 0), (-1, -1), 0) for name in ("LEFTPADDING", "RIGHTPADDING")] + [("VALIGN", (0, 0), (-1, -1), "TOP")]
)


class PartKind(Enum):
    """How a part stands: running text, a heading, text in italics (legal bases), or one item of a list."""

    TEXT = "text"
    HEADING = "heading"
    BASIS = "basis"
    ITEM = "item"


def _dots(label: str) -> str:
    """Points to write on: to the end of the line, or a whole line when little is left of it."""
    left = _WIDTH - _INDENT - width_of(f"- {label}: ", REGULAR, 13)
    length = left if left > _WIDTH / 4 else left + _WIDTH
    return "." * max(10, int(length / width_of(".", REGULAR, 13)) - 1)


@dataclass(frozen=True, slots=True)
class Part:
    """One paragraph. ``label``: before it, with a colon. A part of label alone is a blank to write on."""

    text: str = ""
    label: str = ""
    kind: PartKind = PartKind.TEXT

    def line(self) -> str:
        """What stands on the paper."""
        if not self.label:
            return self.text
        return f"{self.label}: {self.text or _dots(self.label)}"


@dataclass(frozen=True, slots=True)
class Form:
    """A form. ``about``: lines below the title. ``on``: nothing leaves the day to be written."""

    title: str
    parts: tuple[Part, ...]
    agency: str
    superior: str = ""
    place: str = ""
    on: date | None = None
    about: tuple[str, ...] = ()
    signers: tuple[Signer, ...] = ()
    mark: PrintMark | None = None


def write_form(form: Form, out: BinaryIO) -> None:
    """The form as PDF. The same form gives the same bytes."""
    register_fonts()
    frame = Frame(LEFT, EDGE, _WIDTH, A4[1] - 2 * EDGE, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)

    def foot(canvas: Canvas, document: BaseDocTemplate) -> None:
        _foot(canvas, int(document.page), form.mark)

    document = BaseDocTemplate(
        out, pagesize=A4, title=form.title, author=form.agency, lang="vi-VN", invariant=1, initialFontName=REGULAR,
        pageTemplates=[PageTemplate(frames=[frame], onPage=foot)],
    )  # fmt: skip
    parts: list[Flowable] = [_part(part) for part in form.parts]
    # Signatures never stand alone on a page: the last paragraph goes with them.
    end = KeepTogether([*parts[-1:], *_signers(form.signers)])
    document.build([*_head(form), *_title(form), *parts[:-1], end])


def _head(form: Form) -> Sequence[Flowable]:
    rows: list[list[list[Flowable]]] = [[issuer_box(form.superior, form.agency, _ISSUER * 0.4), nation_box()]]
    if form.place:
        day = long_date(form.on) if form.on else "ngày ..... tháng ..... năm ......."
        rows.append([[], [paragraph(f"{form.place}, {day}", style(ITALIC))]])
    return [Table(rows, colWidths=[_ISSUER, _WIDTH - _ISSUER], style=_BARE), Spacer(1, 10)]


def _title(form: Form) -> Sequence[Flowable]:
    lines = [paragraph(form.title, style(BOLD, 14)), *(paragraph(each, style(BOLD)) for each in form.about)]
    return [*lines, CentredLine(_WIDTH * 0.25), Spacer(1, 10)]


def _part(part: Part) -> Paragraph:
    align = TA_LEFT if part.label and not part.text else TA_JUSTIFY
    font = {PartKind.HEADING: BOLD, PartKind.BASIS: ITALIC}.get(part.kind, REGULAR)
    above = 3.0 if part.kind is PartKind.HEADING else 0.0
    sign = "- " if part.kind is PartKind.ITEM else ""
    form = style(font, align=align, spaceBefore=above, spaceAfter=4, firstLineIndent=_INDENT, splitLongWords=1)
    return paragraph(f"{sign}{part.line()}", form)


def _signers(signers: Sequence[Signer]) -> Sequence[Flowable]:
    if not signers:
        return []
    boxes: list[list[Flowable]] = [
        [paragraph(each.position, style(BOLD)), paragraph(each.note, style(ITALIC, 12)), Spacer(1, 60),
         paragraph(each.name, style(BOLD))] for each in signers
    ]  # fmt: skip
    if len(boxes) == 1:
        boxes.insert(0, [])
    share = _WIDTH / len(boxes)
    return [Spacer(1, 10), Table([boxes], colWidths=[share] * len(boxes), style=_BARE)]


def _foot(canvas: Canvas, page: int, mark: PrintMark | None) -> None:
    if page > 1:
        canvas.setFont(REGULAR, 13)
        canvas.drawCentredString(A4[0] / 2, A4[1] - 12 * mm, str(page))
    if mark is not None:
        canvas.setFont(ITALIC, 9)
        for index, line in enumerate(broken(mark.line(), _WIDTH, ITALIC, 9)[:2]):
            canvas.drawString(LEFT, 11 * mm - index * 10.5, line)
