"""Free room on a page: where a stamp covers nothing (Decree 30/2020 Appendix IV, the stamp «ĐẾN»)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from PIL import Image

from lienthong.trust.pdf.anchors import MILLIMETRE, Box, pages_of
from lienthong.trust.pdf.preview import page_image

STAMP_SIZES = ((50 * MILLIMETRE, 35 * MILLIMETRE), (35 * MILLIMETRE, 24 * MILLIMETRE))
"""Points: the usual stamp, and the smallest one that can be read."""
_DPI = 36
_EDGE, _GAP, _STEP = 6 * MILLIMETRE, 2 * MILLIMETRE, 3 * MILLIMETRE
_WHITE = 245


def free_box(source: BinaryIO, page: int = 0) -> Box | None:
    """The highest free room for a stamp, the left one first; None on a page that is full. Refuses: as opening does.

    Free is what shows nothing but white: text, pictures and fields of whatever kind.
    """
    with pages_of(source) as pages:
        shown = pages.visible(page)
    drawn = page_image(source, page, _DPI).convert("L")
    for width, height in STAMP_SIZES:
        for left, top in _corners(shown, width, height):
            room = Box(page, left - _GAP, top - height - _GAP, left + width + _GAP, top + _GAP)
            if _is_white(drawn, room, shown):
                return Box(page, left, top - height, left + width, top).whole()
    return None


def _corners(shown: Box, width: float, height: float) -> Iterator[tuple[float, float]]:
    top = shown.top - _EDGE
    while top - height >= shown.bottom + _EDGE:
        left = shown.left + _EDGE
        while left + width <= shown.right - _EDGE:
            yield left, top
            left += _STEP
        top -= _STEP


def _is_white(drawn: Image.Image, room: Box, shown: Box) -> bool:
    scale = drawn.width / (shown.right - shown.left)
    area = (
        int((room.left - shown.left) * scale), int((shown.top - room.top) * scale),
        int((room.right - shown.left) * scale) + 1, int((shown.top - room.bottom) * scale) + 1,
    )  # fmt: skip
    return sum(drawn.crop(area).histogram()[:_WHITE]) == 0
