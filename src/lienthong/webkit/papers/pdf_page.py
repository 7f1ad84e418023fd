"""What stands on the pages of a table besides its rows: margins, foot, cover, head, title, signers.

Sizes and the place of each box follow Decree 30/2020/NĐ-CP Appendix I; a register lies across the page.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from reportlab.lib.enums import TA_CENTER, TA_LEFT
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName, PDFStream
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

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
from lienthong.webkit.papers.ink import Ink
from lienthong.webkit.papers.lines import broken
from lienthong.webkit.papers.model import Head, PrintMark, Signer, Table

SIDE: float = 15 * mm
TOP: float = 15 * mm
BOTTOM: float = 17 * mm
_ISSUER_SHARE = 0.4
_SIGNATURE_ROOM = 60.0
"""Points between position and name: room for a signature by hand."""
_TOTAL = "total-of-pages"
_FOOT_SIZE = 9.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """The size of a page in points; the body lies between ``top`` and ``bottom``."""

    width: float
    height: float

    @property
    def left(self) -> float:
        """Left edge of the body."""
        return SIDE

    @property
    def body_width(self) -> float:
        """Width of the body."""
        return self.width - 2 * SIDE

    @property
    def top(self) -> float:
        """Upper edge of the body."""
        return self.height - TOP

    @property
    def bottom(self) -> float:
        """Lower edge of the body."""
        return BOTTOM


class Pages:
    """Pages that are drawn one after another. Each is packed as soon as it ends, so that memory stays small.

    ``at``: where the next thing is drawn, from above.
    """

    def __init__(self, out: BinaryIO, sheet: Sheet, table: Table) -> None:
        register_fonts()
        self.sheet = sheet
        self.canvas = Canvas(out, pagesize=(sheet.width, sheet.height), pageCompression=1, invariant=1,
                             initialFontName=REGULAR, lang="vi-VN")  # fmt: skip
        self.canvas.setTitle(table.title)
        self.canvas.setAuthor(table.agency)
        self.ink = Ink(self.canvas)
        self.at = sheet.top
        self.count = 0
        self._mark: PrintMark | None = table.mark

    def end_page(self, *, numbered: bool = True) -> None:
        """Close the page with its foot, and begin the next."""
        self.count += 1
        self._foot(numbered=numbered)
        self.canvas.showPage()
        _pack_last_page(self.canvas)
        self.at = self.sheet.top

    def finish(self) -> int:
        """Close the last page and write everything; how many pages there are."""
        self.end_page()
        self.canvas.beginForm(_TOTAL, 0, -4, 60, 12)
        self.canvas.setFont(REGULAR, _FOOT_SIZE)
        self.canvas.drawString(0, 0, str(self.count))
        self.canvas.endForm()
        self.canvas.save()
        return self.count

    def _foot(self, *, numbered: bool) -> None:
        low = self.sheet.bottom - 8 * mm
        if self._mark is not None:
            self.canvas.setFont(ITALIC, _FOOT_SIZE)
            # A long name takes a second line rather than running into the number of the page.
            for index, line in enumerate(broken(self._mark.line(), self.sheet.body_width - 90, ITALIC, _FOOT_SIZE)[:2]):
                self.canvas.drawString(self.sheet.left, low - index * _FOOT_SIZE * 1.15, line)
        if numbered:
            # How many pages there are is known at the end; until then a form with that number is only named.
            right = self.sheet.left + self.sheet.body_width - 22
            self.canvas.setFont(REGULAR, _FOOT_SIZE)
            self.canvas.drawRightString(right, low, f"Trang {self.count}/")
            self.canvas.saveState()
            self.canvas.translate(right, low)
            self.canvas.doForm(_TOTAL)
            self.canvas.restoreState()

    def stack(self, flowables: Sequence[Flowable], left: float, width: float, top: float) -> float:
        """Draw things below one another from ``top``; where they end."""
        for each in flowables:
            _, height = each.wrapOn(self.canvas, width, self.sheet.height)
            top -= height
            each.drawOn(self.canvas, left, top)
        return top


def _pack_last_page(canvas: Canvas) -> None:
    """Compress the page just closed; the library would keep it as text until the file is written."""
    page = canvas._doc.Pages.pages[-1]
    content = page.stream if isinstance(page.stream, bytes) else page.stream.encode("utf-8")
    page.stream = None
    page.Contents = PDFStream(PDFDictionary({"Filter": PDFName("FlateDecode")}), zlib.compress(content, 6))


def draw_cover(pages: Pages, table: Table) -> None:
    """The cover on a page of its own, without a page number."""
    if table.cover is None:
        return
    sheet = pages.sheet
    width = sheet.body_width
    pages.stack(issuer_box(table.superior, table.agency, 90), sheet.left, width, sheet.top - 10 * mm)
    title = [paragraph(table.cover.title.upper(), style(BOLD, 28)), CentredLine(width * 0.25)]
    end = pages.stack(title, sheet.left, width, sheet.height * 0.66)
    lines = [paragraph(line, style(size=16, spaceBefore=6)) for line in table.cover.lines]
    pages.stack(lines, sheet.left, width, end - 12 * mm)
    canvas = pages.canvas
    for gap, line in ((8 * mm, 1.6), (9.5 * mm, 0.6)):
        canvas.setLineWidth(line)
        low = sheet.bottom - 9.5 * mm + gap
        canvas.rect(gap, low, sheet.width - 2 * gap, sheet.height - gap - low)
    pages.end_page(numbered=False)


def draw_head(pages: Pages, table: Table) -> None:
    """Agency on the left and nation on the right, then the title and the lines below it."""
    sheet, left, width = pages.sheet, pages.sheet.left, pages.sheet.body_width
    if table.head is not Head.NONE:
        issuer = width * _ISSUER_SHARE
        ends = [pages.stack(issuer_box(table.superior, table.agency, issuer * 0.3), left, issuer, pages.at)]
        if table.head is Head.NATION:
            ends.append(pages.stack(nation_box(), left + issuer, width - issuer, pages.at))
        pages.at = min(ends) - 10
    parts: list[Flowable] = [paragraph(table.title, style(BOLD, 14))]
    parts += [paragraph(line, style(size=12.5)) for line in table.subtitles]
    pages.at = pages.stack(parts, sheet.left, width, pages.at) - 8


def draw_end(pages: Pages, table: Table) -> None:
    """Notes, then place, day and signers: all on one page, a new one when this has no room."""
    sheet, width = pages.sheet, pages.sheet.body_width
    share = width / max(len(table.signers), 2)
    notes: list[Flowable] = [paragraph(note, style(size=12, align=TA_LEFT)) for note in table.notes]
    place: list[Flowable] = [paragraph(table.place_line(), style(ITALIC, 12.5))] if table.place else []
    boxes = [_signer_box(signer) for signer in table.signers]
    tall = _tall(pages, notes, width) + 6 * len(notes)
    signed = _tall(pages, place, share) + max((_tall(pages, box, share) for box in boxes), default=0.0) + 14
    whole = tall + (signed if boxes else 0.0)
    if pages.at - whole < sheet.bottom and whole < sheet.top - sheet.bottom:
        pages.end_page()
    for note in notes:
        if pages.at - _tall(pages, [note], width) - 6 < sheet.bottom:
            pages.end_page()
        pages.at = pages.stack([note], sheet.left, width, pages.at - 6)
    if not boxes:
        return
    if pages.at - signed < sheet.bottom:
        pages.end_page()
    right = sheet.left + width - share
    top = pages.stack(place, right, share, pages.at - 10)
    ends = [pages.stack(box, right - index * share, share, top - 3) for index, box in enumerate(reversed(boxes))]
    pages.at = min(ends)


def _tall(pages: Pages, flowables: Sequence[Flowable], width: float) -> float:
    """Height of things below one another."""
    return float(sum(each.wrapOn(pages.canvas, width, pages.sheet.height)[1] for each in flowables))


def _signer_box(signer: Signer) -> list[Flowable]:
    box: list[Flowable] = [paragraph(signer.position, style(BOLD, 12.5, TA_CENTER))]
    if signer.note:
        box.append(paragraph(signer.note, style(ITALIC, 11)))
    return [*box, _Gap(_SIGNATURE_ROOM), paragraph(signer.name, style(BOLD, 12.5))]


class _Gap(Flowable):  # type: ignore[misc]
    """Empty height."""

    def __init__(self, height: float) -> None:
        super().__init__()
        self._height = height

    def wrap(self, width: float, _: float) -> tuple[float, float]:
        return width, self._height

    def draw(self) -> None:
        """Nothing is drawn."""
