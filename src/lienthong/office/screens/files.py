"""Files: pictures of their pages, the words over them, and the bytes themselves, for whoever may read the document."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.office.models import StoredFile
from lienthong.office.screens.asked import whole
from lienthong.office.screens.word_layer import layer
from lienthong.office.services import page_words, picturing, storing
from lienthong.office.services.hits import hits_on
from lienthong.office.services.kinds_of_files import PDF
from lienthong.office.services.questions import LONGEST, read
from lienthong.office.services.reading_rights import find
from lienthong.trust.pdf.preview import MOST_PAGES
from lienthong.webkit.door.access import Route, needs, route
from lienthong.webkit.door.pages import address
from lienthong.webkit.door.visit import Visit, visit_of
from lienthong.webkit.look.parts import Leaf, Roll
from lienthong.webkit.site.duties import CLERICAL, Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

SHOWN = 12
"""Pages that come with a page of the office; the reader's own browser asks for the others when it comes near them."""

KEPT = "private, max-age=86400"


def page(request: HttpRequest, file: int, number: int, dpi: int) -> HttpResponseBase:
    """One page as a picture; it never changes, so the reader's own browser may keep it."""
    visit = visit_of(request)
    answer = HttpResponse(picturing.picture(readable_file(visit, file), number, dpi), content_type="image/png")
    answer.headers["Cache-Control"] = f"{KEPT}, immutable"
    return answer


def words(request: HttpRequest, file: int, number: int) -> HttpResponseBase:
    """The words of one page, to be laid over its picture; with ``q`` the words of that question marked."""
    visit = visit_of(request)
    found = readable_file(visit, file)
    rows = page_words.rows_of(found, number)
    question = read(request.GET.get("q", ""))
    made = layer(rows, picturing.measure(found, number), hits_on(rows, question))
    answer = HttpResponse(made, content_type="image/svg+xml")
    # Words of a scan come when it has been recognised, so an empty page is asked for again.
    answer.headers["Cache-Control"] = KEPT if rows else "no-store"
    return answer


def find_in(request: HttpRequest, file: int) -> HttpResponseBase:
    """Pages of a file with words of the question ``q``, from page ``from`` on: as far as half a second leads."""
    visit = visit_of(request)
    found = readable_file(visit, file)
    start = min(whole(request.GET, "from") or 1, MOST_PAGES)
    sought = page_words.seek(found, read(request.GET.get("q", "")), start)
    pages = [[each.page, each.hits, each.best, each.words] for each in sought.pages]
    answer = JsonResponse({"pages": pages, "to": sought.to, "of": sought.of})
    answer.headers["Cache-Control"] = "no-store"
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


def leaves(file: StoredFile, text: str = "", *, first: int = 1, most: int = SHOWN) -> list[Leaf]:
    """Pages of a PDF as the look shows them; none for other kinds. ``text``: its words, pages after form feeds.

    ``most`` pages from ``first`` on.
    """
    if file.media_type != PDF:
        return []
    said = text.split("\f")
    scale = picturing.DPI / 72
    shown = picturing.measures(file)[first - 1 : first - 1 + most]
    return [
        Leaf(
            number, address("page", file=file.pk, number=number, dpi=picturing.DPI), round(width * scale),
            round(height * scale), address("page", file=file.pk, number=number, dpi=picturing.THUMB_DPI),
            said[number - 1].strip() if number <= len(said) else "",
        )
        for number, (width, height) in enumerate(shown, first)
    ]  # fmt: skip


def first_and_last(file: StoredFile) -> list[Leaf]:
    """The first page of a PDF and the last, where it has several."""
    last = sum(count for count, _, _ in picturing.runs(file)) if file.media_type == PDF else 0
    return [*leaves(file, most=1), *(leaves(file, first=last, most=1) if last > 1 else ())]


def roll(file: StoredFile, question: str = "", page: int = 1) -> Roll | None:
    """All pages of a PDF, as the look asks for them; none for other kinds. ``page``: at which it opens."""
    if file.media_type != PDF:
        return None
    runs = picturing.runs(file)
    total = sum(count for count, _, _ in runs)
    scale = picturing.DPI / 72

    def picture(dpi: int) -> str:
        return address("page", file=file.pk, number=0, dpi=dpi).replace("/0-", "/{page}-")

    return Roll(
        total=total,
        sizes=" ".join(f"{count}:{round(width * scale)}x{round(height * scale)}" for count, width, height in runs),
        picture=picture(picturing.DPI), sharp=picture(picturing.SHARP_DPI), thumb=picture(picturing.THUMB_DPI),
        words=address("page_words", file=file.pk, number=0).replace("/0.", "/{page}."),
        find=address("find_in", file=file.pk), file=str(file.pk), question=question[:LONGEST],
        page=min(max(page, 1), total),
    )  # fmt: skip


ROUTES: list[Route] = [
    route("files/<int:file>/pages/<int:number>-<int:dpi>.png", page, needs(*CLERICAL), "page"),
    route("files/<int:file>/pages/<int:number>.svg", words, needs(*CLERICAL), "page_words"),
    route("files/<int:file>/find", find_in, needs(*CLERICAL), "find_in"),
    route("files/<int:file>", download, needs(*CLERICAL), "download"),
]
