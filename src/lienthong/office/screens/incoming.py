"""Sổ văn bản đến: the register of incoming documents, with filters in the address, saved views, and acts on many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.office.deadlines import calendar_of, deadline
from lienthong.office.incoming_words import STATES, pick
from lienthong.office.models import Document
from lienthong.office.screens import asked
from lienthong.office.screens.entering import kinds
from lienthong.office.screens.handling import Form
from lienthong.office.screens.register_filters import PAGING, chips_of, read_filters, register_of
from lienthong.office.screens.trees import Trees
from lienthong.office.screens.trying import Failed, attempt, failed
from lienthong.office.services import routing
from lienthong.office.services.reading_rights import find, readable
from lienthong.office.services.saving_views import save_view, views_of
from lienthong.office.states import Direction, Incoming
from lienthong.vocabulary.urgency import Urgency
from lienthong.webkit.door.access import Route, needs, posted, route
from lienthong.webkit.door.pages import address, go_to, in_words, render
from lienthong.webkit.door.paging import page_of
from lienthong.webkit.door.visit import Visit, visit_of
from lienthong.webkit.look.parts import Choice, Column, Done, MenuItem, Row, View
from lienthong.webkit.site.duties import CLERICAL, WHOLE_AGENCY

HERE = "lienthong.office"
LIST = "incoming"
COLUMNS = (
    Column("arrival_number", "Số đến", "number", fixed=True),
    Column("arrival_date", "Ngày đến", "date"),
    Column("number", "Số, ký hiệu", head=True, fixed=True),
    Column("kind", "Loại văn bản", shown=False, phone=False),
    Column("issued_date", "Ngày văn bản", "date", phone=False),
    Column("issuer", "Cơ quan ban hành"),
    Column("abstract", "Trích yếu", "abstract"),
    Column("signer", "Người ký", shown=False, phone=False),
    Column("to_places", "Đơn vị, người nhận", shown=False, phone=False),
    Column("due", "Hạn xử lý", "date"),
    Column("state", "Tình trạng", "state"),
    Column("note", "Ghi chú", shown=False, phone=False),
)
MOST_AT_ONCE = 200


def incoming(request: HttpRequest) -> HttpResponseBase:
    """The register, newest first; only what the reader may read."""
    visit = visit_of(request)
    found = page_of(request, register_of(visit, request.GET), "-id")
    calendar = calendar_of(visit.agency)
    kept = _without(request.GET, *PAGING)
    query = f"from=incoming&{kept.urlencode()}".rstrip("&")
    ended = {Incoming.FINISHED.value, Incoming.RECALLED.value}
    dues = {
        each.pk: None if each.state in ended else deadline(calendar, visit.today, each.due_date) for each in found.items
    }
    asked = read_filters(request.GET)
    language = visit.language
    return render(
        request, HERE, "incoming.html", rows=[_row(each, query) for each in found.items], pager=found.pager, dues=dues,
        columns=in_words(visit, HERE, _columns(request.GET)), states=STATES, asked=asked,
        chips=chips_of(request.GET, language), urgencies=list(Urgency), views=_views(visit, kept),
        state_choices=[Choice(key, pick(words, language), chosen=key == asked.state) for key, words in STATES.items()],
        kind_choices=kinds(asked.kind), keep_columns=[(name, value) for name, value in kept.items() if name != "cols"],
        keep_filters=[("cols", each) for each in request.GET.getlist("cols")], acts=_acts(visit), filtered=bool(kept),
        save_href=f"{address('incoming_view')}?{kept.urlencode()}",
    )  # fmt: skip


def _columns(query: QueryDict) -> Sequence[Column]:
    chosen = set(query.getlist("cols"))
    if not chosen:
        return COLUMNS
    return [replace(each, shown=each.fixed or each.key in chosen) for each in COLUMNS]


def _without(query: QueryDict, *names: str) -> QueryDict:
    rest = query.copy()
    for each in names:
        rest.pop(each, None)
    return rest


def _row(document: Document, query: str) -> Row:
    label = document.number_and_symbol or document.abstract
    return Row(str(document.pk), f"{address('document', document=document.pk)}?{query}", label, document)


def _views(visit: Visit, kept: QueryDict) -> list[View]:
    now = kept.urlencode()
    me = visit.who.account.pk
    return [
        View(
            each.name, f"{address('incoming')}?{each.query}", each.query == now,
            owner="" if each.owner_id == me else each.owner.full_name,
        )
        for each in views_of(visit, LIST)
    ]  # fmt: skip


def _acts(visit: Visit) -> list[MenuItem]:
    if not visit.who.may(*WHOLE_AGENCY):
        return []
    return [
        MenuItem(pick(("Chuyển để biết", "Pass for information"), visit.language), address("incoming_bulk"), "forward")
    ]


def new_view(request: HttpRequest) -> HttpResponseBase:
    """Give the filters of the address a name, for oneself or for all."""
    visit = visit_of(request)
    query = _without(request.GET, *PAGING).urlencode()[:2000]
    refused = None
    if request.method == "POST":
        query = QueryDict(request.POST.get("query", "")[:2000]).urlencode()
        shared = request.POST.get("shared") == "1"
        done = attempt(visit, lambda: save_view(visit, LIST, request.POST.get("name", ""), query, shared=shared))
        if not isinstance(done, Refused):
            return go_to(f"{address('incoming')}?{query}")
        refused = failed(visit, done, request.POST)
    return render(request, HERE, "incoming_view.html", status=422 if refused else 200, query=query, failed=refused,
                  chips=chips_of(QueryDict(query), visit.language))  # fmt: skip


def bulk(request: HttpRequest) -> HttpResponseBase:
    """Pass many documents on for information: first to whom, then a list of what was done to each."""
    visit = visit_of(request)
    numbers = asked.numbers(request.POST, "row", MOST_AT_ONCE)
    documents = list(readable(visit).filter(pk__in=numbers, direction=Direction.INCOMING.value).order_by("-pk"))
    form = Form(request.POST, "", 0)
    refused: Failed | None = None
    if request.POST.get("go") == "1":
        order = form.order()
        if order.targets:
            done = _pass_all(visit, documents, order)
            return render(request, HERE, "incoming_bulk.html", documents=[], done=done, tree=[], failed=None)
        refused = failed(visit, routing.nobody(), request.POST)
    return render(request, HERE, "incoming_bulk.html", status=422 if refused else 200, documents=documents, done=[],
                  tree=Trees(visit).of_agency(), failed=refused)  # fmt: skip


def _pass_all(visit: Visit, documents: Sequence[Document], order: routing.Order) -> list[Done]:
    done = []
    for each in documents:
        result = attempt(visit, lambda one=each: routing.inform(visit, find(visit, one.pk), order))  # type: ignore[misc]
        sentence = result.sentence(visit.language) if isinstance(result, Refused) else ""
        label = f"{each.arrival_number}. {each.number_and_symbol or each.abstract}"
        done.append(Done(label, address("document", document=each.pk), not isinstance(result, Refused), sentence))
    return done


ROUTES: list[Route] = [
    route("incoming", incoming, needs(*CLERICAL), "incoming"),
    route("incoming/views", new_view, needs(*CLERICAL), "incoming_view"),
    posted("incoming/bulk", bulk, needs(*WHOLE_AGENCY), "incoming_bulk"),
]
