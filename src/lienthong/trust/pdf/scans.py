"""Pictures of pages for recognising their text: grey, without red ink, of bounded size."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import BinaryIO

from lienthong.trust.pdf.lines import page_size
from lienthong.trust.pdf.preview import page_image

MOST_PIXELS = 40_000_000
"""An A3 page at 400 dpi has 31 million."""
_LEAST_DPI, _INCH = 36, 72


@dataclass(frozen=True, slots=True)
class Scan:
    """A page as a grey picture (PGM). ``scale``: pixels in a point; ``height``: of the page, in points."""

    page: int
    picture: bytes
    dpi: int
    height: float

    @property
    def scale(self) -> float:
        return self.dpi / _INCH


def scan(source: BinaryIO, page: int, dpi: int = 300) -> Scan:
    """A page (from 0) for recognition. Refuses: PDF_NOT_READABLE, PDF_ENCRYPTED, PDF_HAS_NO_PAGES.

    Only the red channel is kept: in it the red of seals and marks is as light as paper, so text under a seal stands
    free, while black and blue ink stay dark. A page of monstrous size is drawn more coarsely.
    """
    width, height = page_size(source, page)
    fitting = int(_INCH * (MOST_PIXELS / max(width * height, 1.0)) ** 0.5)
    used = max(_LEAST_DPI, min(dpi, fitting))
    colours = page_image(source, page, used).convert("RGB")
    out = io.BytesIO()
    colours.getchannel("R").save(out, "PPM")
    return Scan(page, out.getvalue(), used, height)
