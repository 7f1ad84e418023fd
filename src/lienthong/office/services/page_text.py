"""The text of a document's pages, read in a process apart: an uploaded file may crash or hang what reads it."""

from __future__ import annotations

from lienthong.infra.apart import Apart
from lienthong.office.form.pages_of_file import lines_of_file
from lienthong.office.models import StoredFile
from lienthong.office.services.storing import store
from lienthong.trust.pdf.lines import Line, PageSize

_apart = Apart(60)


def pages_of(file: StoredFile) -> tuple[list[Line], list[PageSize]]:
    """Lines and sizes of all pages of a PDF. Refuses PDF_NOT_READABLE, FILE_NOT_DIGESTED."""
    return _apart.run(lines_of_file, str(store().path(bytes(file.sha256))))


def text_by_pages(lines: list[Line], pages: int) -> str:
    """The words of a document with a form feed between pages, as the search index and the screen want them."""
    return "\f".join("\n".join(each.text for each in lines if each.page == page) for page in range(pages))
