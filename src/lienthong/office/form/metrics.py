"""Measures of the form: page, sizes of type, lines (Decree 30/2020/NĐ-CP Appendix I part I)."""

from __future__ import annotations

from functools import lru_cache

from lienthong.trust.pdf.fonts import FULL, Style, face, normal

MILLIMETRE = 72 / 25.4
FONT = "Times New Roman"

PAGE_WIDTH, PAGE_HEIGHT = 210.0, 297.0
"""A4, in millimetres, as the margins below; the decree allows 20–25, 30–35 and 15–20."""
TOP, BOTTOM, LEFT, RIGHT = 20.0, 20.0, 30.0, 17.0
TEXT_WIDTH = (PAGE_WIDTH - LEFT - RIGHT) * MILLIMETRE
"""Points."""

STATE, MOTTO, NUMBER, DATE = 12, 13, 13, 13
TITLE, CONTENT, SIGNATURE = 14, 14, 14
LETTER_ABSTRACT, RECIPIENTS_LABEL, RECIPIENTS, ADDRESS, PAGE_NUMBER, MARK, TABLE = 12, 12, 11, 11, 13, 13, 13
"""Sizes of type in points, of the boxes in the table of Appendix I part V."""

NATIONAL_NAME = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
NATIONAL_MOTTO = "Độc lập - Tự do - Hạnh phúc"


@lru_cache(maxsize=512)
def width(text: str, size: float, style: Style = "regular") -> float:
    """How long a text is in points; a character outside of Vietnamese counts as half its size."""
    letters = face(style, FULL)
    plain = normal(text).replace("\u00a0", " ")
    known = "".join(each for each in plain if letters.covers(each))
    return letters.measure(known, size) + (len(plain) - len(known)) * size / 2
