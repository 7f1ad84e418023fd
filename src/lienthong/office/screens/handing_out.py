"""Papers as answers: a table written to a file of the kind that was asked for."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from typing import BinaryIO
from urllib.parse import quote

from django.http import FileResponse
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.webkit.papers.docx import write_docx
from lienthong.webkit.papers.model import Table
from lienthong.webkit.papers.pdf import write_pdf
from lienthong.webkit.papers.xlsx import write_xlsx
from lienthong.webkit.site.errors import NOT_FOUND_HERE

Write = Callable[[Table, BinaryIO], int]
WRITERS: Mapping[str, tuple[Write, str]] = {
    "xlsx": (write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "pdf": (write_pdf, "application/pdf"),
    "docx": (write_docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}
IN_MEMORY = 4_000_000


def paper(table: Table, ending: str, name: str) -> HttpResponseBase:
    """The table as a file to be kept. Refuses NOT_FOUND_HERE for another ending, PAPER_TOO_LONG."""
    if ending not in WRITERS:
        raise Refused(NOT_FOUND_HERE)
    write, media_type = WRITERS[ending]
    return handed_out(lambda out: write(table, out), media_type, f"{name}.{ending}")


def handed_out(write: Callable[[BinaryIO], object], media_type: str, name: str) -> HttpResponseBase:
    """Whatever ``write`` writes, as a file to be kept; a large one goes through the disk."""
    out = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - the answer closes it
    write(out)  # type: ignore[arg-type]  # it is a binary file in all but name
    size = out.tell()
    out.seek(0)
    answer = FileResponse(out, content_type=media_type)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer.headers["Content-Length"] = str(size)
    return answer
