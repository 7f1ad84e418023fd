"""Pictures of pages as they print: what the signer sees is what is signed, to the pixel."""

from __future__ import annotations

import io
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from lienthong.base.errors import Refused
from lienthong.trust.pdf.errors import PDF_NOT_READABLE
from lienthong.trust.pdf.pdfium import opened

MOST_PAGES = 20_000
"""Of a file that are shown one by one."""


def page_picture(source: BinaryIO, page: int = 0, dpi: int = 96) -> bytes:
    """A page (from 0) with everything that its fields show, as PNG. Refuses: PDF_NOT_READABLE, PDF_ENCRYPTED.

    Of a prepared file it is the preview; of the signed one the same picture.
    """
    out = io.BytesIO()
    page_image(source, page, dpi).save(out, "PNG")
    return out.getvalue()


def page_image(source: BinaryIO, page: int = 0, dpi: int = 96) -> Image.Image:
    """The same as an image in memory, for whoever looks at its points. Refuses: PDF_NOT_READABLE, PDF_ENCRYPTED."""
    with opened(source) as document:
        document.init_forms()
        if not 0 <= page < len(document):
            raise Refused(PDF_NOT_READABLE, reason=f"không có trang {page + 1} (no such page)")
        drawn: Image.Image = document[page].render(scale=dpi / 72, may_draw_forms=True).to_pil()
        return drawn.copy()


def picture_of_file(path: str, page: int, dpi: int) -> bytes:
    """The same for a file on disk, for a process that knows only its name. Refuses: PDF_NOT_READABLE, PDF_ENCRYPTED."""
    with Path(path).open("rb") as source:
        return page_picture(source, page, dpi)


def measures_of_file(path: str, most: int = MOST_PAGES) -> list[tuple[int, float, float]]:
    """How many pages follow one another with one width and height in points; at most ``most`` pages.

    A document of ten thousand pages has a few such runs. Refuses: PDF_NOT_READABLE, PDF_ENCRYPTED.
    """
    with Path(path).open("rb") as source, opened(source) as document:
        sizes = groupby(document.get_page_size(number) for number in range(min(len(document), most)))
        return [(sum(1 for _ in run), width, height) for (width, height), run in sizes]
