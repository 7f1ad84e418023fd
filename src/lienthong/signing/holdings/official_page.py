"""A paper in the form of an administrative document (Decree 30/2020 Appendix I), as PDF, its number and date blank.

National name and motto, issuer, number and symbol, place and date, kind and abstract, numbered rows, and the boxes of
those who sign. ``lienthong sign`` finds its places in it by their texts.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import resources

from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
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

LEFT, RIGHT, TOP, BOTTOM = 30 * mm, 15 * mm, 20 * mm, 20 * mm
_WIDTH = A4[0] - LEFT - RIGHT
_ISSUER = 68 * mm
_ROOM = 92
"""Points between position and name: 40 mm of handwriting are kept for the image of a signature."""
_BLANK = "\N{NO-BREAK SPACE}"
_BARE = TableStyle(
    [(name, (0, 0), (-1, -1), 0) for name in ("LEFTPADDING", "RIGHTPADDING")] + [("VALIGN", (0, 0), (-1, -1), "TOP")]
)


@dataclass(frozen=True, slots=True)
class Page:
    """What stands in the paper. ``signers``: position and name of each, the competent person last (right).

    ``superior``: the agency above, or empty. ``to``: to whom, or empty. ``receivers``: the last lines on the left when
    one person signs.
    """

    agency: str
    symbol: str
    place: str
    year: int
    title: str
    about: str
    rows: Sequence[tuple[str, str]]
    signers: Sequence[tuple[str, str]]
    superior: str = ""
    to: str = ""
    receivers: Sequence[str] = ()
    closing: str = ""


def draw(page: Page) -> bytes:
    """The PDF; the same page gives the same bytes."""
    _fonts()
    out = io.BytesIO()
    frame = Frame(LEFT, BOTTOM, _WIDTH, A4[1] - TOP - BOTTOM, leftPadding=0, rightPadding=0, topPadding=0,
                  bottomPadding=0)  # fmt: skip
    document = BaseDocTemplate(
        out, pagesize=A4, title=f"{page.title.capitalize()}: {page.about}", author=page.agency, lang="vi-VN",
        invariant=1, pageTemplates=[PageTemplate(frames=[frame], onPage=_page_number)],
    )  # fmt: skip
    document.build([_head(page), Spacer(1, 14), *_title(page), *_content(page), KeepTogether(_foot(page))])
    return out.getvalue()


@cache
def _fonts() -> None:
    fonts = resources.files("lienthong.trust.pdf.fonts_data")
    for style in ("Regular", "Italic", "Bold"):
        program = io.BytesIO((fonts / f"LiberationSerif-{style}.ttf").read_bytes())
        pdfmetrics.registerFont(TTFont(f"LT-{style}", program))


def _style(style: str = "Regular", size: float = 13, align: int = TA_CENTER, **more: float) -> ParagraphStyle:
    return ParagraphStyle(f"{style}{size}{align}", fontName=f"LT-{style}", fontSize=size, leading=size * 1.25,
                          alignment=align, **more)  # fmt: skip


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(text, quote=False), style)


class _Line(Flowable):  # type: ignore[misc]
    """A thin line in the middle of whatever room there is; the library's own one stands left in a table."""

    def __init__(self, length: float) -> None:
        super().__init__()
        self._length = length

    def wrap(self, width: float, _: float) -> tuple[float, float]:
        self.width, self.height = width, 5.0
        return self.width, self.height

    def draw(self) -> None:
        left = (self.width - self._length) / 2
        self.canv.setLineWidth(0.7)
        self.canv.line(left, 3, left + self._length, 3)


def _head(page: Page) -> Table:
    issuer: list[Flowable] = [_text(page.superior.upper(), _style(size=12))] if page.superior else []
    issuer += [_text(page.agency.upper(), _style("Bold", 12)), _Line(_ISSUER * 0.4)]
    motto = "Độc lập - Tự do - Hạnh phúc"
    nation = [
        _text("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", _style("Bold", 12)), _text(motto, _style("Bold")),
        _Line(pdfmetrics.stringWidth(motto, "LT-Bold", 13)),
    ]  # fmt: skip
    number = _text(f"Số:{_BLANK * 14}/{page.symbol}", _style())
    place = f"{page.place}, " if page.place else ""
    when = _text(f"{place}ngày{_BLANK * 7}tháng{_BLANK * 7}năm {page.year}", _style("Italic"))
    return Table([[issuer, nation], [number, when]], colWidths=[_ISSUER, _WIDTH - _ISSUER], style=_BARE)


def _title(page: Page) -> list[Flowable]:
    found: list[Flowable] = [
        _text(page.title, _style("Bold", 14)), _text(page.about, _style("Bold")), _Line(_WIDTH * 0.25), Spacer(1, 8),
    ]  # fmt: skip
    if page.to:
        found += [_text(f"Kính gửi: {page.to}", _style(align=TA_CENTER)), Spacer(1, 8)]
    return found


def _content(page: Page) -> list[Flowable]:
    style = _style(align=TA_JUSTIFY, spaceAfter=6, firstLineIndent=36)
    found: list[Flowable] = [
        _text(f"{index}. {label}: {value}", style) for index, (label, value) in enumerate(page.rows, 1)
    ]
    if page.closing:
        found.append(_text(page.closing, style))
    return [*found, Spacer(1, 12)]


def _foot(page: Page) -> list[Flowable]:
    boxes = [
        [_text(position, _style("Bold")), Spacer(1, _ROOM), _text(name, _style("Bold"))]
        for position, name in page.signers
    ]
    if len(boxes) == 1:
        lines = [_text("Nơi nhận:", _style("Italic", 12, TA_LEFT))]
        for index, each in enumerate(page.receivers, 1):
            end = "." if index == len(page.receivers) else ";"
            lines.append(_text(f"- {each}{end}", _style(size=11, align=TA_LEFT)))
        boxes.insert(0, lines)
    return [Table([boxes], colWidths=[_WIDTH / len(boxes)] * len(boxes), style=_BARE)]


def _page_number(canvas: Canvas, document: BaseDocTemplate) -> None:
    if document.page > 1:
        canvas.setFont("LT-Regular", 13)
        canvas.drawCentredString(A4[0] / 2, A4[1] - 12 * mm, str(document.page))
