"""Tìm kiếm: over every field and the content; the address holds the whole question."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.office.models import Dossier, Register
from lienthong.office.screens import asked
from lienthong.office.screens.document_words import (
    FIELDS,
    STATES,
    TONES,
    URGENCY_VI,
    cell_of,
    document_href,
)
from lienthong.office.screens.handing_out import paper
from lienthong.office.services import saving_views, searching
from lienthong.office.services.printing import letterhead, print_mark
from lienthong.office.services.questions import LONGEST, read
from lienthong.office.services.searching import Filters, Found
from lienthong.webkit.door.access import Route, needs, posted, route
from lienthong.webkit.door.pages import address, go_to, render
from lienthong.webkit.door.visit import Visit, visit_of
from lienthong.webkit.look.parts import Chip, Choice, Column, MenuItem, Pager, Row, View
from lienthong.webkit.papers.model import Column as PaperColumn
from lienthong.webkit.papers.model import Row as PaperRow
from lienthong.webkit.papers.model import Table
from lienthong.webkit.site.duties import CLERICAL

HERE = "lienthong.office"
PAGE = "search"
SIZE = 25
MOVING = ("at", "saved")
"""Parts of the address that are not part of the question."""


def search(request: HttpRequest) -> HttpResponseBase:
    """What was found, the best first; without words the newest documents that pass the filters."""
    return shown(request)


def shown(
    request: HttpRequest, *, status: int = 200, faults: Sequence[object] = (), name: str = ""
) -> HttpResponseBase:
    """The page of search, with what is wrong in the form of a saved view."""
    visit = visit_of(request)
    question, filters = read(request.GET.get("q", "")), filters_of(request)
    start = min(asked.whole(request.GET, "at") or 0, searching.COUNTED)
    wanted = bool(question) or filters != Filters()
    found = searching.search(visit, question, filters, start, SIZE) if wanted else Found([], 0)
    words = request.GET.get("q", "")[:LONGEST] if question else ""
    rows = [
        Row(
            str(hit.document.pk), document_href(hit.document.pk, words if hit.content else ""),
            str(hit.document) or hit.document.abstract, hit,
        )
        for hit in found.hits
    ]  # fmt: skip
    return render(
        request,
        HERE,
        "search.html",
        status=status,
        question=request.GET.get("q", ""),
        wanted=wanted,
        filters=filters,
        found=found,
        rows=rows,
        columns=columns_of(request),
        pager=_pager(request, start, found),
        faults=faults,
        chips=_chips(request, visit, filters),
        clear=f"?{urlencode({'q': request.GET.get('q', '')})}",
        views=_views(request, visit),
        choices=_choices(visit, filters),
        exports=_exports(request),
        cell=cell_of,
        urgency_names=URGENCY_VI,
        states=STATES,
        tones=TONES,
        keep=_keep(request, "cols"),
        keep_columns=_keep(request, *_FILTERS, "q"),
        query=_query(request),
        view_name=name,
        deletable=_own(visit),
    )


def export(request: HttpRequest, ending: str) -> HttpResponseBase:
    """Exactly what was found, in the same order and with the same columns, as a paper that says it was printed."""
    visit = visit_of(request)
    question, filters = read(request.GET.get("q", "")), filters_of(request)
    columns = [each for each in columns_of(request) if each.shown]
    documents = searching.everything(visit, question, filters)
    said = [f"“{request.GET['q'][:200]}”"] if request.GET.get("q") else []
    said += [f"{each.label}: {each.value}" for each in _chips(request, visit, filters)]
    head = letterhead(visit)
    table = Table(
        title="KẾT QUẢ TÌM KIẾM VĂN BẢN", agency=head.agency, superior=head.superior, numbered=False,
        columns=(PaperColumn("STT", 0.5, plain_numbers=True),
                 *(PaperColumn(each.label, _WEIGHTS.get(each.key, 1.1), plain_numbers=True) for each in columns)),
        rows=(PaperRow((at, *(cell_of(document, each.key) for each in columns)))
              for at, document in enumerate(documents, 1)),
        subtitles=("; ".join(said),) if said else (), mark=print_mark(visit),
    )  # fmt: skip
    visit.note("search.exported", "", query=_query(request)[:500], ending=ending)
    return paper(table, ending, "ket-qua-tim-kiem")


def save(request: HttpRequest) -> HttpResponseBase:
    """Keep the question of the page under a name."""
    visit = visit_of(request)
    name, query = asked.line(request.POST, "name", 100), request.POST.get("query", "")[:2000]
    try:
        shared = request.POST.get("share", "")
        unit = asked.whole(request.POST, "share")
        saving_views.save_view(visit, PAGE, name, query, shared=shared != "", unit=unit)
    except Refused as refusal:
        return shown(request, status=422, faults=asked.faults_of(refusal, visit.language), name=name)
    return go_to(f"{address('search')}?{query}")


def drop(request: HttpRequest, view: int) -> HttpResponseBase:
    """Remove one's own saved view."""
    saving_views.drop_view(visit_of(request), view)
    return go_to(address("search"))


def filters_of(request: HttpRequest) -> Filters:
    """The filters in the address."""
    given = request.GET
    return Filters(
        direction=given.get("direction", "") if given.get("direction") in {"incoming", "outgoing"} else "",
        year=_small(asked.whole(given, "year")), register=asked.whole(given, "register"),
        kind=asked.line(given, "kind", 100), issuer=asked.line(given, "issuer"), signer=asked.line(given, "signer"),
        state=given.get("state", "") if given.get("state") in STATES else "",
        urgency=_small(asked.whole(given, "urgency")),
        first=asked.day(given, "from"), last=asked.day(given, "to"), arrived_first=asked.day(given, "arrived_from"),
        arrived_last=asked.day(given, "arrived_to"), dossier=asked.whole(given, "dossier"),
        unit=asked.whole(given, "unit"), with_file=asked.ticked(given, "file"), unfiled=asked.ticked(given, "unfiled"),
        overdue=asked.ticked(given, "overdue"),
    )  # fmt: skip


_FILTERS = ("direction", "year", "register", "kind", "issuer", "signer", "state", "urgency", "from", "to",
            "arrived_from", "arrived_to", "dossier", "unit", "file", "unfiled", "overdue")  # fmt: skip
_WEIGHTS = {"abstract": 3.2, "issuer_name": 1.8, "to_places": 1.8, "note": 1.4}


def _small(number: int | None) -> int | None:
    return number if number is not None and number < 32_768 else None


def columns_of(request: HttpRequest) -> list[Column]:
    """The columns that were chosen (function F6đ), else the usual ones; the number and the abstract always stand."""
    chosen = set(request.GET.getlist("cols"))
    return [
        Column(key, label, kind, head=key == "number", fixed=fixed, phone=phone,
               shown=fixed or (key in chosen if chosen else usual))
        for key, label, kind, usual, fixed, phone in FIELDS
    ]  # fmt: skip


def _query(request: HttpRequest) -> str:
    left = request.GET.copy()
    for each in MOVING:
        left.pop(each, None)
    return left.urlencode()


def _pager(request: HttpRequest, start: int, found: Found) -> Pager:
    def at(place: int) -> str:
        return f"?{_query(request)}&at={place}"

    end = start + len(found.hits)
    limit = min(found.total, found.ordered)
    return Pager(
        start + 1 if found.hits else 0, end, found.total, found.more,
        before_href=at(max(start - SIZE, 0)) if start else "", after_href=at(end) if found.hits and end < limit else "",
    )  # fmt: skip


def _keep(request: HttpRequest, *names: str) -> list[tuple[str, str]]:
    return [(name, value) for name in names for value in request.GET.getlist(name) if value]


def _chips(request: HttpRequest, visit: Visit, filters: Filters) -> list[Chip]:
    """The filters at work, each with the address without it."""
    said: list[tuple[str, str, str]] = []
    for name, label, value in (
        ("direction", "Luồng", dict(searching.directions()).get(filters.direction, "")),
        ("year", "Năm", str(filters.year or "")),
        ("register", "Sổ", _named(Register.objects.filter(agency=visit.agency, pk=filters.register or 0).first())),
        ("kind", "Loại", filters.kind), ("issuer", "Cơ quan ban hành", filters.issuer),
        ("signer", "Người ký", filters.signer), ("state", "Tình trạng", STATES.get(filters.state, "")),
        ("urgency", "Độ khẩn", URGENCY_VI.get(filters.urgency, "") if filters.urgency is not None else ""),
        ("from", "Văn bản từ ngày", _said(filters.first)), ("to", "Văn bản đến ngày", _said(filters.last)),
        ("arrived_from", "Đến từ ngày", _said(filters.arrived_first)),
        ("arrived_to", "Đến hết ngày", _said(filters.arrived_last)),
        ("dossier", "Hồ sơ", _named(Dossier.objects.filter(agency=visit.agency, pk=filters.dossier or 0).first())),
        ("file", "Tệp", "có tệp" if filters.with_file else ""),
        ("unfiled", "Lập hồ sơ", "chưa vào hồ sơ" if filters.unfiled else ""),
        ("overdue", "Hạn", "quá hạn" if filters.overdue else ""),
    ):  # fmt: skip
        if value:
            said.append((name, label, value))
    return [Chip(label, value, asked.without(request, name, *MOVING)) for name, label, value in said]


def _named(thing: object) -> str:
    return str(thing) if thing is not None else ""


def _said(day: object) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def _views(request: HttpRequest, visit: Visit) -> list[View]:
    now = _query(request)
    return [
        View(each.name, f"{address('search')}?{each.query}", each.query == now,
             owner=each.owner.full_name if each.owner_id != visit.who.account.pk else "")
        for each in saving_views.views_of(visit, PAGE)
    ]  # fmt: skip


def _own(visit: Visit) -> list[tuple[str, str]]:
    mine = saving_views.views_of(visit, PAGE).filter(owner=visit.who.account)
    return [(each.name, address("search_view_drop", view=each.pk)) for each in mine]


def _choices(visit: Visit, filters: Filters) -> dict[str, list[Choice]]:
    registers = Register.objects.filter(agency=visit.agency).order_by("-year", "direction", "name")[:60]
    return {
        "direction": [Choice(key, word, chosen=key == filters.direction) for key, word in searching.directions()],
        "register": [Choice(str(each.pk), str(each), chosen=each.pk == filters.register) for each in registers],
        "state": [Choice(key, word, chosen=key == filters.state) for key, word in STATES.items()],
        "urgency": [Choice(str(key), word, chosen=key == filters.urgency) for key, word in URGENCY_VI.items()],
        "share": [Choice("", "Chỉ mình tôi", chosen=True), Choice("agency", "Cả cơ quan"),
                  *(Choice(str(each.unit_id), each.unit_name) for each in
                    {capacity.unit_id: capacity for capacity in visit.who.capacities}.values())],
    }  # fmt: skip


def _exports(request: HttpRequest) -> list[MenuItem]:
    return [
        MenuItem(word, f"{address('search_export', ending=ending)}?{_query(request)}", "download")
        for ending, word in (("xlsx", "Excel (.xlsx)"), ("docx", "Word (.docx)"), ("pdf", "PDF"))
    ]


ROUTES: list[Route] = [
    route("search", search, needs(*CLERICAL), "search"),
    route("search/export.<str:ending>", export, needs(*CLERICAL), "search_export"),
    posted("search/views", save, needs(*CLERICAL), "search_view_save"),
    posted("search/views/<int:view>/drop", drop, needs(*CLERICAL), "search_view_drop"),
]
