"""Lines of pages written down by hand, for what is read from them."""

from __future__ import annotations

from collections.abc import Sequence

from lienthong.trust.pdf.anchors import Box
from lienthong.trust.pdf.lines import Line

FACE = "TimesNewRomanPSMT"


def line(
    text: str,
    middle: float,
    y: float,
    *,
    bold: bool = False,
    size: float = 13,
    page: int = 0,
    face: str = FACE,
    left: float | None = None,
) -> Line:
    """A line about ``middle``, or from ``left``; about as wide as such type is."""
    width = len(text) * size * 0.48
    begin = middle - width / 2 if left is None else left
    return Line(page, text, Box(page, begin, y, begin + width, y + size * 0.7), size, face, bold, False)


def heading(
    number: str = "Số: 15/QĐ-SNV",
    day: str = "An Hải, ngày 05 tháng 6 năm 2026",
    issuer: Sequence[tuple[str, bool]] = (("UBND TỈNH AN HẢI", False), ("SỞ NỘI VỤ", True)),
    face: str = FACE,
) -> list[Line]:
    """The upper part of a page: rows of the issuer with whether they are bold, number, place and date."""
    rows = [
        line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 410, 780, bold=True, size=12, face=face),
        line("Độc lập - Tự do - Hạnh phúc", 410, 764, bold=True, face=face),
    ]
    rows += [line(text, 160, 780 - 16 * at, bold=bold, size=12, face=face) for at, (text, bold) in enumerate(issuer)]
    low = min(764, 780 - 16 * (len(issuer) - 1)) - 26
    return [*rows, line(number, 160, low, face=face), line(day, 410, low, face=face)]


def below(
    *rows: str, y: float = 690, middle: float = 300, bold: bool = False, face: str = FACE, page: int = 0
) -> list[Line]:
    """Centred rows one under another."""
    return [line(text, middle, y - 17 * at, bold=bold, size=14, face=face, page=page) for at, text in enumerate(rows)]
