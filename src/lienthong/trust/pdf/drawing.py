"""Drawing papers that the product makes itself: the embedded typeface, paragraphs, and the head with the nation's name.

The typeface has the widths of the one the decree prescribes and every Vietnamese letter. Source: Decree 30/2020/NĐ-CP
Appendix I, Part I (typeface, sizes, boxes 1 and 2).
"""

from __future__ import annotations

import io
from functools import cache
from html import escape
from importlib import resources

from reportlab.lib.enums import TA_CENTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph

REGULAR, ITALIC, BOLD = "LT-Regular", "LT-Italic", "LT-Bold"
NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"


@cache
def register_fonts() -> None:
    """Make the three styles known to the drawing library; only the letters used are embedded in a file."""
    for style in ("Regular", "Italic", "Bold"):
        pdfmetrics.registerFont(TTFont(f"LT-{style}", io.BytesIO(font_program(style))))


@cache
def font_program(style: str) -> bytes:
    """The font file of a style: ``Regular``, ``Italic`` or ``Bold``."""
    return (resources.files("lienthong.trust.pdf.fonts_data") / f"LiberationSerif-{style}.ttf").read_bytes()


def style(font: str = REGULAR, size: float = 13, align: int = TA_CENTER, **more: float) -> ParagraphStyle:
    """A paragraph style in the typeface; sizes in points."""
    return ParagraphStyle(f"{font}{size}{align}", fontName=font, fontSize=size, leading=size * 1.25,
                          alignment=align, **more)  # fmt: skip


def paragraph(text: str, form: ParagraphStyle) -> Paragraph:
    """Plain text as a paragraph: signs of markup in it are shown, not obeyed."""
    return Paragraph(escape(text, quote=False), form)


class CentredLine(Flowable):  # type: ignore[misc]
    """A thin line in the middle of whatever room there is; the library's own one stands left in a table."""

    def __init__(self, length: float) -> None:
        super().__init__()
        self._length = length

    def wrap(self, width: float, _: float) -> tuple[float, float]:
        """All the width, 5 points of height."""
        self.width, self.height = width, 5.0
        return self.width, self.height

    def draw(self) -> None:
        """The line itself."""
        left = (self.width - self._length) / 2
        self.canv.setLineWidth(0.7)
        self.canv.line(left, 3, left + self._length, 3)


def issuer_box(superior: str, agency: str, line: float) -> list[Flowable]:
    """Box 2: the agency above, the agency, and a line of ``line`` points."""
    above: list[Flowable] = [paragraph(superior.upper(), style(size=12))] if superior else []
    return [*above, paragraph(agency.upper(), style(BOLD, 12)), CentredLine(line)]


def nation_box() -> list[Flowable]:
    """Box 1: the nation's name and motto, a line as long as the motto."""
    register_fonts()
    length = pdfmetrics.stringWidth(MOTTO, BOLD, 13)
    return [paragraph(NATION, style(BOLD, 12)), paragraph(MOTTO, style(BOLD)), CentredLine(length)]
