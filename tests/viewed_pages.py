"""Files whose pages are looked at in tests: very long ones, and scans."""

from __future__ import annotations

import io

from pikepdf import Array, Dictionary, Name, Pdf
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from lienthong.trust.pdf.preview import page_image
from official_document import decision


def scan_of(pdf: bytes, dpi: int = 200) -> bytes:
    """The first page of a PDF as a scanner gives it: a picture and nothing else."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.drawImage(ImageReader(page_image(io.BytesIO(pdf), 0, dpi)), 0, 0, *A4)
    canvas.save()
    return out.getvalue()


def long_pdf(pages: int) -> bytes:
    """Very many pages that share two contents; the last but one lies on its side."""
    with Pdf.open(io.BytesIO(decision(pages=2))) as made:
        first, second = (each.obj for each in made.pages)
        kids = []
        for number in range(pages):
            like = first if number % 100 == 0 else second
            page = made.make_indirect(Dictionary(
                Type=Name.Page, Parent=made.Root.Pages, MediaBox=like.MediaBox, Resources=like.Resources,
                Contents=like.Contents, Rotate=90 if number == pages - 2 else 0,
            ))  # fmt: skip
            kids.append(page)
        made.Root.Pages.Kids = Array(kids)
        made.Root.Pages.Count = pages
        out = io.BytesIO()
        made.save(out)
        return out.getvalue()
