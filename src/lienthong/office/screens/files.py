"""Files: pictures of their pages, and the bytes themselves, for whoever may read the document."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.office.models import StoredFile
from lienthong.office.services import picturing, storing
from lienthong.office.services.kinds_of_files import PDF
from lienthong.office.services.reading_rights import find
from lienthong.webkit.door.access import Route, needs, route
from lienthong.webkit.door.pages import address
from lienthong.webkit.door.visit import Visit, visit_of
from lienthong.webkit.look.parts import Leaf
from lienthong.webkit.site.duties import CLERICAL, Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

SHOWN = 300
"""Pages that one screen lists; longer files are read by downloading them."""


def page(request: HttpRequest, file: int, number: int, dpi: int) -> HttpResponseBase:
    """One page as a picture; it never changes, so the reader's own browser may keep it."""
    visit = visit_of(request)
    answer = HttpResponse(picturing.picture(readable_file(visit, file), number, dpi), content_type="image/png")
    answer.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return answer


def download(request: HttpRequest, file: int) -> HttpResponseBase:
    """The bytes, as they came; always offered for keeping, never shown in place. Written into the audit log."""
    visit = visit_of(request)
    found = readable_file(visit, file)
    visit.note("file.downloaded", f"file:{found.pk}", document=found.document_id, sha256=bytes(found.sha256).hex())
    answer = StreamingHttpResponse(storing.chunks(found), content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name)}"
    answer.headers["Content-Length"] = str(found.size)
    return answer


def readable_file(visit: Visit, file: int) -> StoredFile:
    """A file of a document that somebody may read, or of an arrival, which registrars see. Refuses NOT_FOUND_HERE."""
    found = StoredFile.objects.filter(pk=file, agency=visit.agency).first()
    if found is None:
        raise Refused(NOT_FOUND_HERE)
    if found.document_id is not None:
        find(visit, found.document_id)
    elif not visit.who.may(Duty.REGISTRAR):
        raise Refused(NOT_FOUND_HERE)
    return found


def leaves(file: StoredFile, text: str = "") -> list[Leaf]:
    """The pages of a PDF as the look shows them; none for other kinds. ``text``: its words, pages after form feeds."""
    if file.media_type != PDF:
        return []
    words = text.split("\f")
    scale = picturing.DPI / 72
    return [
        Leaf(
            number, address("page", file=file.pk, number=number, dpi=picturing.DPI), round(width * scale),
            round(height * scale), address("page", file=file.pk, number=number, dpi=picturing.THUMB_DPI),
            words[number - 1].strip() if number <= len(words) else "",
        )
        for number, (width, height) in enumerate(picturing.measures(file)[:SHOWN], 1)
    ]  # fmt: skip


ROUTES: list[Route] = [
    route("files/<int:file>/pages/<int:number>-<int:dpi>.png", page, needs(*CLERICAL), "page"),
    route("files/<int:file>", download, needs(*CLERICAL), "download"),
]
