"""Chờ tiếp nhận: trays by source, and registering on one screen beside the pages."""

from __future__ import annotations

import copy
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

from lienthong.base.errors import Language, Refused
from lienthong.office.errors import DUPLICATE_SUSPECTED
from lienthong.office.incoming_words import SOURCES, pick
from lienthong.office.models import Arrival, Document, StoredFile
from lienthong.office.screens import asked
from lienthong.office.screens.document import Shown, shown
from lienthong.office.screens.entering import fields_in, kinds, proposed
from lienthong.office.screens.trying import Failed, attempt, failed
from lienthong.office.screens.verdicts import sentences_of, word_of
from lienthong.office.services import receiving
from lienthong.office.services.doubles import doubles_of
from lienthong.office.services.receiving import OPEN, Given
from lienthong.office.services.registering import IncomingFields, register, send_back, text_of
from lienthong.office.states import ArrivalState, Source
from lienthong.vocabulary.urgency import Urgency
from lienthong.webkit.door.access import Route, needs, posted, route
from lienthong.webkit.door.pages import address, go_to, render, see_other
from lienthong.webkit.door.visit import Visit, visit_of
from lienthong.webkit.look.parts import Row, Tab
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

_REFERENCE = re.compile(r"[-\w]{8,64}", re.ASCII)
"""What names one handing in at the counter: it comes back with the form, so that twice is once."""

HERE = "lienthong.office"
PAGE = 100
NEIGHBOURS = 30
TABS = {"axis": (Source.AXIS,), "scan": (Source.SCAN, Source.PAPER), "mail": (Source.MAIL,)}
TAB_WORDS = {
    "axis": ("Trục liên thông", "Axis"),
    "scan": ("Quét, giấy", "Scans, paper"),
    "mail": ("Thư điện tử", "E-mail"),
}
CONFIDENCE = {
    "certain": ("chắc chắn", "certain"), "likely": ("có thể", "likely"), "guess": ("phỏng đoán", "guess"),
}  # fmt: skip


def trays(request: HttpRequest) -> HttpResponseBase:
    """What waits, by source; the urgent first, then the oldest."""
    visit = visit_of(request)
    chosen = request.GET.get("tray", "")
    counts = dict(_waiting(visit).values_list("source").annotate(n=Count("pk")))
    tabs = [
        Tab(
            pick(("Tất cả", "All"), visit.language),
            address("arrivals"),
            count=sum(counts.values()),
            current=chosen not in TABS,
        )
    ]
    for key, sources in TABS.items():
        count = sum(counts.get(each.value, 0) for each in sources)
        word = pick(TAB_WORDS[key], visit.language)
        tabs.append(Tab(word, f"{address('arrivals')}?tray={key}", count=count, current=key == chosen))
    rows = [_row(visit, each, chosen) for each in _tray(visit, chosen)[:PAGE]]
    return render(request, HERE, "arrivals.html", tabs=tabs, rows=rows, reference=secrets.token_hex(16),
                  done=_done(visit, request))  # fmt: skip


def _waiting(visit: Visit) -> QuerySet[Arrival]:
    return Arrival.objects.filter(agency=visit.agency, state__in=OPEN)


def _tray(visit: Visit, chosen: str) -> QuerySet[Arrival]:
    found = _waiting(visit).order_by("-urgency", "id")
    return found.filter(source__in=[each.value for each in TABS[chosen]]) if chosen in TABS else found


def _row(visit: Visit, arrival: Arrival, chosen: str, current: int = 0) -> Row:
    where = address("arrival", arrival=arrival.pk) + (f"?tray={chosen}" if chosen in TABS else "")
    facts = {
        "arrival": arrival, "verdict": word_of(_verdict(arrival), visit.language),
        "source": pick(SOURCES[arrival.source], visit.language), "age": _age(visit, arrival),
        "urgency": arrival.urgency, "duplicates": len(arrival.duplicates),
        "checking": arrival.state == ArrivalState.CHECKING.value,
    }  # fmt: skip
    return Row(str(arrival.pk), where, arrival.title, facts, current=arrival.pk == current)


def _verdict(arrival: Arrival) -> dict[str, Any] | None:
    """What has been found; of what came over the counter without a file there is nothing to find."""
    if arrival.verdict is None and arrival.state == ArrivalState.WAITING.value:
        return {"verdict": "UNSIGNED"}
    return arrival.verdict


def _age(visit: Visit, arrival: Arrival) -> str:
    # A clock of a scanner or a mail host may be ahead of ours.
    hours = max(int((visit.now - arrival.received_at).total_seconds() // 3600), 0)
    if visit.language == "en":
        return f"{hours // 24} days ago" if hours >= 48 else f"{hours} hours ago" if hours else "just now"
    return f"{hours // 24} ngày trước" if hours >= 48 else f"{hours} giờ trước" if hours else "vừa đến"


def arrival(request: HttpRequest, arrival: int) -> HttpResponseBase:
    """One item beside its pages: the form to register it, filled with what is proposed."""
    visit = visit_of(request)
    found = _find(visit, arrival)
    if found.document_id is not None:
        return see_other("document", document=found.document_id)
    return _show(request, found)


def _find(visit: Visit, pk: int) -> Arrival:
    found = Arrival.objects.filter(agency=visit.agency, pk=pk).first()
    if found is None:
        raise Refused(NOT_FOUND_HERE)
    return found


def _show(
    request: HttpRequest, found: Arrival, refused: Failed | None = None, twins: Sequence[Any] | None = None
) -> HttpResponseBase:
    visit = visit_of(request)
    chosen = request.GET.get("tray", request.POST.get("tray", ""))
    files = list(StoredFile.objects.filter(arrival=found).order_by("slot", "pk"))
    file = next((each for each in files if each.pk == asked.whole(request.GET, "file")), files[0] if files else None)
    typed = refused.typed if refused is not None and refused.act == "register" else proposed(found)
    known = [*found.duplicates, *(_fresh(found, typed) if twins is None else twins)]
    return render(
        request, HERE, "arrival.html", status=422 if refused else 200, arrival=found,
        shown=_file_shown(request, file, text_of(found) if file == files[0] else "") if file else None,
        files=files, typed=typed, failed=refused,
        proposals=hints(found, visit.language), kinds=kinds(str(typed.get("kind", ""))), urgencies=list(Urgency),
        verdict=word_of(_verdict(found), visit.language), sentences=sentences_of(found.verdict, visit.language),
        cautions=[each.get(visit.language, "") for each in found.fields.get("cautions", ())],
        twins=_links(known, visit.language), confirmed=bool(typed.get("confirmed")),
        rows=[_row(visit, each, chosen, found.pk) for each in _tray(visit, chosen)[:NEIGHBOURS]], tray=chosen,
        source=pick(SOURCES[found.source], visit.language), open=found.state in OPEN, done=_done(visit, request),
        may_add=found.source != Source.AXIS.value and found.state in OPEN, secret=bool(found.fields.get("secret")),
        checking=found.state == ArrivalState.CHECKING.value, urgency_tag=found.urgency, limit=site().upload_limit,
    )  # fmt: skip


def _file_shown(request: HttpRequest, file: StoredFile, text: str) -> Shown:
    page = asked.count(request.GET, "page") or 1
    return shown(visit_of(request), file, text, request.GET.get("q", ""), page)


def _fresh(found: Arrival, typed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Duplicates by what is typed now, which may differ from what was proposed."""
    asked = copy.copy(found)
    asked.fields = {**found.fields, **{name: typed.get(name, "") for name in ("number", "symbol", "issuer_name")}}
    return doubles_of(asked, list(found.files.all()))


def _links(twins: Sequence[Mapping[str, Any]], language: Language) -> list[tuple[str, str]]:
    """Sentences with addresses; each document or arrival once."""
    made: dict[tuple[str, int], tuple[str, str]] = {}
    for each in twins:
        kind, pk = str(each["type"]), int(each["id"])
        where = address("document", document=pk) if kind == "document" else address("arrival", arrival=pk)
        made.setdefault((kind, pk), (str(each[language]), where))
    return list(made.values())


def hints(arrival: Arrival, language: Language) -> dict[str, str]:
    """Below each field: that its value is a proposal, how sure, and why; a different reading of the page as well.

    Of what is certain only the source is said, or a form from the axis would repeat itself ten times.
    """
    made = {}
    for name, each in arrival.fields.get("proposals", {}).items():
        sure = pick(CONFIDENCE.get(str(each.get("confidence")), ("?", "?")), language)
        word = "Đề xuất" if language == "vi" else "Proposed"
        why = str(each.get(f"reason_{language}", ""))
        text = why if why and each.get("confidence") == "certain" else f"{word} ({sure}): {why}"
        if each.get("page_value") not in (None, ""):
            other = "Trên trang ghi" if language == "vi" else "The page says"
            text += f" {other}: {each['page_value']}."
        made[str(name)] = text
    return made


def _done(visit: Visit, request: HttpRequest) -> Document | None:
    """The document that was registered a moment ago, to be told at the top of the next page."""
    pk = asked.whole(request.GET, "registered")
    return Document.objects.filter(agency=visit.agency, pk=pk).first() if pk is not None else None


def registering(request: HttpRequest, arrival: int) -> HttpResponseBase:
    """Register; then the next of the tray, or the document. Duplicates have to be confirmed."""
    visit = visit_of(request)
    found = _find(visit, arrival)
    if found.document_id is not None:
        # Another tab, or the same form once more: it is told, since what was typed here is not written.
        return go_to(f"{address('document', document=found.document_id)}?done=already&was={found.document_id}")
    read = fields_in(request.POST, visit)
    if isinstance(read, Refused):
        return _show(request, found, failed(visit, read, request.POST, "register"))
    fields: IncomingFields = read
    twins = [*found.duplicates, *_fresh(found, request.POST.dict())]
    if twins and request.POST.get("confirmed") != "1" and found.state in OPEN:
        # Nothing is wrong with the entries: the same form comes back with the question.
        return _show(request, found, failed(visit, Refused(DUPLICATE_SUSPECTED), request.POST, "register"), twins)
    made = attempt(visit, lambda: register(visit, found, fields))
    if isinstance(made, Refused):
        return _show(request, _find(visit, arrival), failed(visit, made, request.POST, "register"))
    if request.POST.get("then") == "open":
        return go_to(f"{address('document', document=made.pk)}?from=incoming&done=registered&was={made.pk}")
    return _next(visit, request.POST.get("tray", ""), found, made.pk)


def _next(visit: Visit, tray: str, before: Arrival, registered: int | None) -> HttpResponseBase:
    rest = _tray(visit, tray).exclude(pk=before.pk)
    after = (
        rest.filter(urgency=before.urgency, pk__gt=before.pk).first() or rest.filter(urgency__lt=before.urgency).first()
    )
    following = after or rest.first()
    query = [*([f"tray={tray}"] if tray in TABS else []), *([f"registered={registered}"] if registered else [])]
    where = address("arrival", arrival=following.pk) if following is not None else address("arrivals")
    return go_to(f"{where}?{'&'.join(query)}".rstrip("?"))


def returning(request: HttpRequest, arrival: int) -> HttpResponseBase:
    """Return to the sender with a reason; then the next of the tray."""
    visit = visit_of(request)
    found = _find(visit, arrival)
    done = attempt(visit, lambda: send_back(visit, found, request.POST.get("reason", "")))
    if isinstance(done, Refused):
        return _show(request, _find(visit, arrival), failed(visit, done, request.POST, "return"))
    return _next(visit, request.POST.get("tray", ""), found, None)


def new(request: HttpRequest) -> HttpResponseBase:
    """Something over the counter: files from anywhere in the window, or none for a document on paper alone."""
    visit = visit_of(request)
    reference = request.POST.get("reference", "")
    refused = None
    if request.method == "POST":
        given = [
            Given(each.file, each.name or "tep") for each in request.FILES.getlist("files") if each.file is not None
        ]
        made = attempt(visit, lambda: receiving.at_counter(visit, reference, given))
        if not isinstance(made, Refused):
            return see_other("arrival", arrival=made.pk)
        refused = failed(visit, made, request.POST)
    kept = reference if refused and _REFERENCE.fullmatch(reference) else secrets.token_hex(16)
    status = 422 if refused else 200
    return render(request, HERE, "arrival_new.html", status=status, failed=refused, reference=kept,
                  limit=site().upload_limit)  # fmt: skip


def upload(request: HttpRequest, reference: str) -> HttpResponseBase:
    """One file of the counter form, sent by the page while the others follow; answers ``id``, ``name`` and
    ``remove``."""
    visit = visit_of(request)
    sent = request.FILES.get("file")
    if sent is None or sent.file is None:
        return see_other("arrivals_new")
    made = receiving.at_counter(visit, reference, [Given(sent.file, sent.name or "tep")])
    newest = StoredFile.objects.filter(arrival=made).order_by("-pk").first()
    return _taken(made, newest) if newest is not None else see_other("arrivals_new")


def _taken(arrival: Arrival, file: StoredFile) -> HttpResponseBase:
    """What the page learns of a file that has come: how it is called here, and where it is taken out again."""
    remove = address("arrival_file_remove", arrival=arrival.pk, file=file.pk)
    return JsonResponse({"id": str(file.pk), "name": file.name, "remove": remove})


def add(request: HttpRequest, arrival: int) -> HttpResponseBase:
    """One more file for something that waits; answers like :func:`upload`, or goes back to the page."""
    visit = visit_of(request)
    found = _find(visit, arrival)
    sent = request.FILES.get("file") or request.FILES.get("files")
    if sent is None or sent.file is None:
        return see_other("arrival", arrival=arrival)
    made = receiving.add_to(visit, found, Given(sent.file, sent.name or "tep"))
    if "application/json" in request.headers.get("Accept", ""):
        return _taken(found, made)
    return see_other("arrival", arrival=arrival)


def take_out(request: HttpRequest, arrival: int, file: int) -> HttpResponseBase:
    """Take a file out that was handed in by mistake."""
    visit = visit_of(request)
    receiving.take_out(visit, _find(visit, arrival), file)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({})
    return see_other("arrival", arrival=arrival)


REGISTRAR = needs(Duty.REGISTRAR)
ROUTES: list[Route] = [
    route("arrivals", trays, REGISTRAR, "arrivals"),
    route("arrivals/new", new, REGISTRAR, "arrivals_new"),
    posted("arrivals/new/<slug:reference>", upload, REGISTRAR, "arrivals_upload"),
    route("arrivals/<int:arrival>", arrival, REGISTRAR, "arrival"),
    posted("arrivals/<int:arrival>/register", registering, REGISTRAR, "arrival_register"),
    posted("arrivals/<int:arrival>/return", returning, REGISTRAR, "arrival_return"),
    posted("arrivals/<int:arrival>/files", add, REGISTRAR, "arrival_files"),
    posted("arrivals/<int:arrival>/files/<int:file>/remove", take_out, REGISTRAR, "arrival_file_remove"),
]
