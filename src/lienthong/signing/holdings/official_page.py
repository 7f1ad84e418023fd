"""A paper in the form of an administrative document (Decree 30/2020 Appendix I), as PDF, its number and date blank.

National name and motto, issuer, number and symbol, place and date, kind and abstract, numbered rows, and the boxes of
those who sign. ``lienthong sign`` finds its places in it by their texts.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
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
    register_fonts()
    out = io.BytesIO()
    frame = Frame(LEFT, BOTTOM, _WIDTH, A4[1] - TOP - BOTTOM, leftPadding=0, rightPadding=0, topPadding=0,
                  bottomPadding=0)  # fmt: skip
    document = BaseDocTemplate(
        out, pagesize=A4, title=f"{page.title.capitalize()}: {page.about}", author=page.agency, lang="vi-VN",
        invariant=1, pageTemplates=[PageTemplate(frames=[frame], onPage=_page_number)],
    )  # fmt: skip
    document.build([_head(page), Spacer(1, 14), *_title(page), *_content(page), KeepTogether(_foot(page))])
    return out.getvalue()


def _head(page: Page) -> Table:
    number = paragraph(f"Số:{_BLANK * 14}/{page.symbol}", style())
    place = f"{page.place}, " if page.place else ""
    when = paragraph(f"{place}ngày{_BLANK * 7}tháng{_BLANK * 7}năm {page.year}", style(ITALIC))
    return Table(
        [[issuer_box(page.superior, page.agency, _ISSUER * 0.4), nation_box()], [number, when]],
        colWidths=[_ISSUER, _WIDTH - _ISSUER],
        style=_BARE,
    )


def _title(page: Page) -> list[Flowable]:
    found: list[Flowable] = [
        paragraph(page.title, style(BOLD, 14)), paragraph(page.about, style(BOLD)),
        CentredLine(_WIDTH * 0.25), Spacer(1, 8),
    ]  # fmt: skip
    if page.to:
        found += [paragraph(f"Kính gửi: {page.to}", style(align=TA_CENTER)), Spacer(1, 8)]
    return found


def _content(page: Page) -> list[Flowable]:
    justified = style(align=TA_JUSTIFY, spaceAfter=6, firstLineIndent=36)
    found: list[Flowable] = [
        paragraph(f"{index}. {label}: {value}", justified) for index, (label, value) in enumerate(page.rows, 1)
    ]
    if page.closing:
        found.append(paragraph(page.closing, justified))
    return [*found, Spacer(1, 12)]


def _foot(page: Page) -> list[Flowable]:
    boxes = [
        [paragraph(position, style(BOLD)), Spacer(1, _ROOM), paragraph(name, style(BOLD))]
        for position, name in page.signers
    ]
    if len(boxes) == 1:
        lines = [paragraph("Nơi nhận:", style(ITALIC, 12, TA_LEFT))]
        for index, each in enumerate(page.receivers, 1):
            end = "." if index == len(page.receivers) else ";"
            lines.append(paragraph(f"- {each}{end}", style(size=11, align=TA_LEFT)))
        boxes.insert(0, lines)
    return [Table([boxes], colWidths=[_WIDTH / len(boxes)] * len(boxes), style=_BARE)]


def _page_number(canvas: Canvas, document: BaseDocTemplate) -> None:
    if document.page > 1:
        canvas.setFont(REGULAR, 13)
        canvas.drawCentredString(A4[0] / 2, A4[1] - 12 * mm, str(document.page))
