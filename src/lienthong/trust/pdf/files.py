"""Opening a PDF that is to be signed: what is refused, and in which words.

Source: ISO 32000-2 clauses 7.5.8.4 (hybrid files), 7.6 (encryption), 12.6.4.17 (JavaScript), 12.7.8 (XFA) and
12.8.4 (DocMDP).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, BinaryIO

import pikepdf
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, enumerate_sig_fields
from pyhanko.sign.general import SigningError

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.trust.pdf.active import active_content, active_pages
from lienthong.trust.pdf.anchors import Box
from lienthong.trust.pdf.entries import entry
from lienthong.trust.pdf.errors import (
    PDF_ENCRYPTED,
    PDF_FORBIDS_CHANGES,
    PDF_HAS_NO_PAGES,
    PDF_IS_ACTIVE,
    PDF_NOT_READABLE,
)

DAMAGED = (
    PdfError, pikepdf.PdfError, SigningError, ValueError, KeyError, TypeError, IndexError, AttributeError,
    RecursionError, OSError,
)  # fmt: skip
"""How the PDF library shows damage: it decodes late, and a broken file comes out as any of these."""


def open_reader(stream: BinaryIO) -> PdfFileReader:
    """A reader of a file that can be signed at all.

    Refuses: PDF_NOT_READABLE, PDF_ENCRYPTED, PDF_HAS_NO_PAGES.
    """
    try:
        reader = PdfFileReader(stream, strict=False)
        if reader.encrypted:
            raise Refused(PDF_ENCRYPTED)
        pages = int(reader.root["/Pages"]["/Count"])
    except DAMAGED as error:
        raise Refused(PDF_NOT_READABLE, reason=f"tệp hỏng hoặc bị cắt (damaged or cut): {_said(error)}") from error
    if pages < 1:
        raise Refused(PDF_HAS_NO_PAGES)
    return reader


def open_writer(stream: BinaryIO) -> IncrementalPdfFileWriter:
    """A writer that only appends. Refuses as :func:`open_reader`, and PDF_NOT_READABLE for a hybrid file."""
    reader = open_reader(stream)
    if reader.xrefs.hybrid_xrefs_present:
        raise Refused(
            PDF_NOT_READABLE,
            reason="tệp có hai bảng tham chiếu (hybrid cross-references): trình đọc khác nhau thấy khác nhau",
        )
    try:
        return IncrementalPdfFileWriter.from_reader(reader)
    except DAMAGED as error:
        raise Refused(PDF_NOT_READABLE, reason=_said(error)) from error


def signed_fields(reader: PdfFileReader) -> list[str]:
    """Names of the signature fields that are signed, in the order of the form."""
    return [name for name, value, _ in enumerate_sig_fields(reader, filled_status=True) if value is not None]


def all_fields(reader: PdfFileReader) -> dict[str, bool]:
    """Every signature field and whether it is signed."""
    return {name: value is not None for name, value, _ in enumerate_sig_fields(reader)}


def first_page_boxes(reader: PdfFileReader) -> dict[str, Box]:
    """By name the rectangles of the visible signature fields of the first page, and of those that name no page."""
    first = reader.find_page_for_modification(0)[0].reference
    found: dict[str, Box] = {}
    for name, _, field in enumerate_sig_fields(reader):
        widget = field.get_object()
        left, bottom, right, top = (float(each) for each in entry(widget, "/Rect", (0, 0, 0, 0)))
        own = getattr(widget.raw_get("/P"), "reference", None) if "/P" in widget else None
        if own in {None, first} and right > left and top > bottom:
            found[name] = Box(0, left, bottom, right, top)
    return found


def require_signable(reader: PdfFileReader) -> None:
    """What is to be signed shows the same to everybody, and nobody has closed it.

    Refuses: PDF_IS_ACTIVE, PDF_FORBIDS_CHANGES (certified P=1, or every field locked with P=1).
    """
    try:
        for what in chain(active_content(reader.root), active_pages(reader.stream)):
            raise Refused(PDF_IS_ACTIVE, what=what)
        for name, value, _ in enumerate_sig_fields(reader, filled_status=True):
            for reason in _closing(value.get_object(), name):
                raise Refused(PDF_FORBIDS_CHANGES, reason=reason)
    except DAMAGED as error:
        raise Refused(PDF_NOT_READABLE, reason=_said(error)) from error


def _closing(signature: Any, field: str) -> Iterator[str]:
    """Why a signature lets nothing follow."""
    for reference in entry(signature, "/Reference", ()):
        reference = reference.get_object()  # noqa: PLW2901 - the object behind it
        method, parameters = str(entry(reference, "/TransformMethod")), entry(reference, "/TransformParams", {})
        if int(entry(parameters, "/P", 2)) == MDPPerm.NO_CHANGES.value and method in {"/DocMDP", "/FieldMDP"}:
            yield f"«{field}» chứng nhận không cho thay đổi (certified, no changes)"
        if method == "/FieldMDP" and str(entry(parameters, "/Action")) == "/All":
            yield f"«{field}» khóa mọi ô (locks every field)"


def rewrite_if_needed(source: BinaryIO, target: BinaryIO) -> bool:
    """Write an unsigned file anew when it has two cross-references or asks viewers to paint its form; whether so.

    Refuses as :func:`open_reader`.
    """
    reader = open_reader(source)
    form = entry(reader.root, "/AcroForm", {})
    if signed_fields(reader) or not (reader.xrefs.hybrid_xrefs_present or entry(form, "/NeedAppearances")):
        return False
    source.seek(0)
    try:
        with pikepdf.open(source) as pdf:
            form = pdf.Root.get("/AcroForm")
            if form is not None and "/NeedAppearances" in form:
                del form["/NeedAppearances"]
            pdf.save(target, fix_metadata_version=False)
        return True
    except (pikepdf.PdfError, OSError, ValueError) as error:
        raise Refused(PDF_NOT_READABLE, reason=_said(error)) from error


def _said(error: BaseException) -> str:
    return one_line(str(error) or type(error).__name__, 120)
