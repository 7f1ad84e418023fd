"""Documents whose pages are looked at in tests: read and registered as the worker and the registrar do it."""

from __future__ import annotations

import io
from collections.abc import Sequence

from pikepdf import Dictionary, Name, Pdf
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from incoming_world import arrived, fields
from lienthong.office.models import Arrival, Document
from lienthong.office.services.examining import examine
from lienthong.office.services.registering import register
from lienthong.office.services.storing import add_file, keep
from lienthong.trust.pdf.preview import page_image
from lienthong.webkit.site.duties import Duty
from office_world import OfficeAgency, visit_of_worker, working_as
from official_document import decision


def looked_at(made: OfficeAgency, data: bytes, more: Sequence[bytes] = ()) -> Arrival:
    """An arrival with a file, and attachments, that the worker has read."""
    arrival = arrived(made, data=data, state="checking", fields={})
    with working_as(made, Duty.REGISTRAR) as visit:
        for slot, each in enumerate(more, 1):
            name = f"phu-luc-{slot}.pdf"
            add_file(visit, arrival, keep(io.BytesIO(each), name), name, slot=slot, role="attachment")
    with visit_of_worker(made) as worker:
        examine(worker, arrival)
    return arrival


def readable_document(made: OfficeAgency, data: bytes, more: Sequence[bytes] = (), **given: object) -> Document:
    """The same, registered."""
    arrival = looked_at(made, data, more)
    with working_as(made, Duty.REGISTRAR) as visit:
        return register(visit, arrival, fields(**given))


def said(text: str, pages: int = 1) -> bytes:
    """A decision in which one line of every page says something else."""
    return decision(pages=pages, change=lambda line: text if line.endswith("1. " + _LINE) else line)


_LINE = "Nguyễn Văn An, giám đốc, chịu trách nhiệm thi hành."


def scan_of(pdf: bytes, dpi: int = 200) -> bytes:
    """The first page of a PDF as a scanner gives it: a picture and nothing else."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.drawImage(ImageReader(page_image(io.BytesIO(pdf), 0, dpi)), 0, 0, *A4)
    canvas.save()
    return out.getvalue()


def long_pdf(pages: int) -> bytes:
    """Very many pages that share two contents, the last but one lying on its side."""
    with Pdf.open(io.BytesIO(decision(pages=2))) as source, Pdf.new() as made:
        made.pages.extend(source.pages)
        first, second = made.pages[0].obj, made.pages[1].obj
        shared = [
            Dictionary(Type=Name.Page, MediaBox=each.MediaBox, Resources=each.Resources, Contents=each.Contents)
            for each in (first, second)
        ]
        del made.pages[:]
        for number in range(pages):
            page = made.make_indirect(Dictionary(shared[0 if number % 100 == 0 else 1]))
            if number == pages - 2:
                page.Rotate = 90
            made.pages.append(page)
        out = io.BytesIO()
        made.save(out)
        return out.getvalue()
