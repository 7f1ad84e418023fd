"""Sổ văn bản đến: the register of incoming documents as a list with filters in the address."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.office.deadlines import calendar_of, deadline
from lienthong.office.models import Document
from lienthong.office.services.reading_rights import readable
from lienthong.office.states import Direction, Incoming
from lienthong.webkit.door.access import Route, needs, route
from lienthong.webkit.door.pages import address, in_words, render
from lienthong.webkit.door.paging import page_of
from lienthong.webkit.door.visit import Visit, visit_of
from lienthong.webkit.look.parts import Column, Row
from lienthong.webkit.site.duties import CLERICAL

HERE = "lienthong.office"
COLUMNS = (
    Column("arrival_number", "Số đến", "number", fixed=True),
    Column("arrival_date", "Ngày đến", "date"),
    Column("number", "Số, ký hiệu", head=True, fixed=True),
    Column("issued_date", "Ngày văn bản", "date", phone=False),
    Column("issuer", "Cơ quan ban hành"),
    Column("abstract", "Trích yếu", "abstract"),
    Column("due", "Hạn xử lý", "date"),
    Column("state", "Tình trạng", "state"),
)

STATES = {
    "registered": "Đã vào sổ", "submitted": "Đã trình", "directed": "Đã chỉ đạo", "in_progress": "Đang xử lý",
    "finished": "Hoàn thành", "recalled": "Đã thu hồi",
}  # fmt: skip
TONES = {"registered": "waiting", "submitted": "waiting", "directed": "work", "in_progress": "work", "finished": "done",
         "recalled": "error"}  # fmt: skip


def incoming(request: HttpRequest) -> HttpResponseBase:
    """The register, newest first; only what the reader may read."""
    visit = visit_of(request)
    documents = readable(visit).filter(direction=Direction.INCOMING.value)
    state = request.GET.get("state", "")
    if state in {each.value for each in Incoming}:
        documents = documents.filter(state=state)
    found = page_of(request, documents, "-id")
    calendar = calendar_of(visit.agency)
    rows = [_row(visit, each) for each in found.items]
    dues = {
        each.pk: deadline(calendar, visit.today, each.due_date, met=each.state == "finished") for each in found.items
    }
    return render(
        request, HERE, "incoming.html", rows=rows, columns=in_words(visit, HERE, COLUMNS), pager=found.pager, dues=dues,
        state=state, states_vi=STATES, tones=TONES,
    )  # fmt: skip


def _row(visit: Visit, document: Document) -> Row:
    label = document.number_and_symbol or document.abstract
    return Row(str(document.pk), address("document", document=document.pk), label, document)


ROUTES: list[Route] = [route("incoming", incoming, needs(*CLERICAL), "incoming")]
