"""Where a signature belongs: found by the text of the page, as Decree 30/2020 Appendix I places it.

Boxes are in PDF points from the lower left corner of the page. Text comes from pdfium, in composed form. Not covered:
scans without a text layer, rotated pages, names broken over two lines: these need a page and a box from a person.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import pypdfium2
from pypdfium2 import raw

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.trust.pdf.errors import ANCHOR_NOT_FOUND
from lienthong.trust.pdf.fonts import normal
from lienthong.trust.pdf.pdfium import opened

MILLIMETRE = 72 / 25.4
SIGNATURE_WIDTH, SIGNATURE_HEIGHT = 40 * MILLIMETRE, 20 * MILLIMETRE
SEAL_DIAMETER = 36 * MILLIMETRE
"""True size of an agency's round seal."""

_NEAREST, _FARTHEST, _SIDEWAYS = 25.0, 200.0, 60.0
"""Points between the line of the position and that of the name, and between their middles."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page (from 0)."""

    page: int
    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.top - self.bottom

    def whole(self) -> Box:
        """The same place in whole points: an appearance's box is written in them, before the signature and after it."""
        left, bottom = round(self.left), round(self.bottom)
        return Box(self.page, left, bottom, left + round(self.width), bottom + round(self.height))

    def overlaps(self, other: Box) -> bool:
        across = self.left < other.right and other.left < self.right
        return self.page == other.page and across and self.bottom < other.top and other.bottom < self.top


@dataclass(frozen=True, slots=True)
class Found:
    """A text found: its box and its baseline."""

    box: Box
    baseline: float


@dataclass(frozen=True, slots=True)
class Gap:
    """The blank between two texts on one line."""

    left: float
    right: float
    baseline: float

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


class Pages:
    """The text of an open document."""

    def __init__(self, document: pypdfium2.PdfDocument) -> None:
        self._document = document
        self._texts: dict[int, pypdfium2.PdfTextPage] = {}

    def __len__(self) -> int:
        return len(self._document)

    def visible(self, page: int) -> Box:
        """What is shown of a page. Refuses: ANCHOR_NOT_FOUND for a rotated one, whose top is not where it is drawn."""
        found = self._document[page]
        if found.get_rotation() != 0:
            raise Refused(ANCHOR_NOT_FOUND, what=f"trang {page + 1} bị xoay (the page is rotated)")
        left, bottom, right, top = found.get_cropbox()
        return Box(page, left, bottom, right, top)

    def text_within(self, box: Box) -> str:
        """The text of a rectangle, in composed form."""
        return normal(self._text(box.page).get_text_bounded(box.left, box.bottom, box.right, box.top))

    def find(self, needle: str, page: int | None = None) -> Iterator[Found]:
        """Every place of a text, case kept; last page first, where signatures stand."""
        pages = reversed(range(len(self._document))) if page is None else [page]
        for number in pages:
            yield from self._on_page(normal(needle), number)

    def _on_page(self, needle: str, page: int) -> Iterator[Found]:
        text = self._text(page)
        search = text.search(needle, match_case=True)
        while (hit := search.get_next()) is not None:
            first, count = hit
            boxes = [text.get_charbox(index) for index in range(first, first + count)]
            boxes = [box for box in boxes if box[2] > box[0]]
            if not boxes:
                continue
            left, bottom = min(box[0] for box in boxes), min(box[1] for box in boxes)
            right, top = max(box[2] for box in boxes), max(box[3] for box in boxes)
            yield Found(Box(page, left, bottom, right, top), _baseline(text, first))

    def _text(self, page: int) -> pypdfium2.PdfTextPage:
        if page not in self._texts:
            self._texts[page] = self._document[page].get_textpage()
        return self._texts[page]

    def gap(self, label: str, until: str, page: int = 0) -> Gap:
        """The blank after ``label`` up to the next ``until`` on the same line. Refuses: ANCHOR_NOT_FOUND."""
        for found in self.find(label, page):
            after = [
                each for each in self.find(until, page)
                if abs(each.baseline - found.baseline) < 1 and each.box.left > found.box.right - 1
            ]  # fmt: skip
            if after:
                nearest = min(after, key=lambda each: each.box.left)
                return Gap(found.box.right, nearest.box.left, found.baseline)
        raise Refused(ANCHOR_NOT_FOUND, what=f"khoảng trống sau «{one_line(label, 40)}» (the blank after it)")

    def between(self, position: str, name: str) -> Box:
        """The box of a person's image: centred between the line of the position and that of the name.

        Refuses: ANCHOR_NOT_FOUND.
        """
        best: tuple[float, Found, Found] | None = None
        for low in self.find(name):
            if best is not None and low.box.page != best[2].box.page:
                break
            for high in self.find(position, low.box.page):
                gap = high.box.bottom - low.box.top
                sideways = abs(_middle(high.box) - _middle(low.box))
                if _NEAREST <= gap <= _FARTHEST and sideways <= _SIDEWAYS and (best is None or sideways < best[0]):
                    best = (sideways, high, low)
        if best is None:
            raise Refused(ANCHOR_NOT_FOUND, what=f"«{one_line(position, 60)}» … «{one_line(name, 60)}»")
        _, high, low = best
        centre = (_middle(high.box) + _middle(low.box)) / 2
        middle = (high.box.bottom + low.box.top) / 2
        height = min(SIGNATURE_HEIGHT, high.box.bottom - low.box.top - 2)
        half = SIGNATURE_WIDTH / 2
        return Box(low.box.page, centre - half, middle - height / 2, centre + half, middle + height / 2).whole()


@contextmanager
def pages_of(stream: BinaryIO) -> Iterator[Pages]:
    """The pages of a file, for the time of the block. Refuses: PDF_NOT_READABLE, PDF_ENCRYPTED."""
    with opened(stream) as document:
        yield Pages(document)


def seal_box(signature: Box, diameter: float = SEAL_DIAMETER) -> Box:
    """The agency's seal: over the left third of the person's image, at the same height (Decree 30/2020 Appendix I)."""
    right = signature.left + signature.width / 3
    middle = (signature.bottom + signature.top) / 2
    half = diameter / 2
    return Box(signature.page, right - diameter, middle - half, right, middle + half).whole()


def _middle(box: Box) -> float:
    return (box.left + box.right) / 2


def _baseline(text: pypdfium2.PdfTextPage, index: int) -> float:
    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(text, index, x, y)
    return y.value
