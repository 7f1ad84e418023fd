"""Draft studio (soạn thảo): lists of drafts, the form, and the page of one outgoing document with all its acts."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.office.errors import NOT_YOURS
from lienthong.office.incoming_words import pick
from lienthong.office.models import Document, StoredFile, Task
from lienthong.office.outgoing_words import DRAFT_TABS, STATES, columns_in
from lienthong.office.screens import asked, draft_form
from lienthong.office.screens.document import opened_at
from lienthong.office.screens.document import shown as file_shown
from lienthong.office.screens.draft_form import Typed
from lienthong.office.screens.outgoing_sides import outgoing_sides
from lienthong.office.screens.sides import add_side, sections_of
from lienthong.office.services import directory, drafting
from lienthong.office.services.draft_content import DraftFields
from lienthong.office.services.reading_rights import find, readable
from lienthong.office.states import TO_DO, Direction, Outgoing
from lienthong.webkit.door.access import Route, needs, route
from lienthong.webkit.door.pages import address, render, see_other
from lienthong.webkit.door.paging import page_of
from lienthong.webkit.door.visit import Visit, visit_of
from lienthong.webkit.look.parts import Column, Row, Tab
from lienthong.webkit.site.duties import CLERICAL
from lienthong.webkit.site.errors import NOT_FOUND_HERE

HERE = "lienthong.office"
add_side(outgoing_sides)
UNDER_WAY = (Outgoing.DRAFT, Outgoing.CONTENT_REVIEW, Outgoing.FORM_CHECK, Outgoing.SIGNING, Outgoing.SIGNED)
COLUMNS = (
    Column("abstract", "Trích yếu", "abstract", head=True, fixed=True),
    Column("kind", "Loại văn bản"),
    Column("drafter", "Người soạn"),
    Column("created_at", "Bắt đầu", "date", phone=False),
    Column("state", "Tình trạng", "state"),
)


def drafts(request: HttpRequest) -> HttpResponseBase:
    """Drafts: mine, those that wait for me, all of my units."""
    visit = visit_of(request)
    which = request.GET.get("of", "mine")
    rows = _listed(visit, which)
    found = page_of(request, rows.select_related("drafter"), "-id")
    shown = [Row(str(each.pk), address("draft", document=each.pk), each.abstract, each) for each in found.items]
    tabs = [
        Tab(pick(label, visit.language), f"{address('drafts')}?of={key}", current=key == which)
        for key, label in DRAFT_TABS.items()
    ]
    return render(
        request, HERE, "drafts.html", rows=shown, columns=columns_in(visit.language, COLUMNS), pager=found.pager,
        tabs=tabs, states=STATES, which=which,
    )  # fmt: skip


def _listed(visit: Visit, which: str) -> QuerySet[Document]:
    states = [each.value for each in UNDER_WAY]
    rows = readable(visit).filter(direction=Direction.OUTGOING.value, state__in=states)
    person = visit.who
    if which == "waiting":
        mine = Task.objects.filter(document=OuterRef("pk"), account__in=person.stands_for, state__in=TO_DO)
        return rows.filter(Exists(mine))
    if which == "unit":
        return rows.filter(unit__in=person.units)
    return rows.filter(Q(drafter__in=person.stands_for))


def new(request: HttpRequest) -> HttpResponseBase:
    """Begin a draft, empty or as the answer to a document (``answers``) or instead of one (``replaces``).

    On request the Word file and the PDF are made at once; if that is refused, the draft is there all the same.
    """
    visit = visit_of(request)
    answers, replaces = asked.whole(request.GET, "answers"), asked.whole(request.GET, "replaces")
    if request.method != "POST":
        answered = find(visit, answers) if answers else None
        old = find(visit, replaces) if replaces else None
        given = DraftFields.from_json(old.content) if old is not None else draft_form.begun(answered)
        if corrects := asked.whole(request.GET, "corrects"):
            given = draft_form.correcting(_issued(visit, corrects))
        return _form(request, draft_form.typed(visit, given), answers=answered, replaces=old)
    given, once = draft_form.read(visit, request.POST), request.POST.get("once", "")[:64]
    try:
        with transaction.atomic():
            made = drafting.begin(visit, given, answers, replaces, once)
    except Refused as refused:
        if refused.code.http == NOT_FOUND_HERE.http:
            raise
        visit.entries.clear()
        return _form(
            request, draft_form.typed(visit, given, refused), answers=find(visit, answers) if answers else None,
            replaces=find(visit, replaces) if replaces else None, status=422,
        )  # fmt: skip
    if request.POST.get("act") == "lay_out":
        return act(request, made.pk, lambda: drafting.lay_out(visit, made.pk, made.revision))
    return see_other("draft", document=made.pk)


def edit(request: HttpRequest, document: int) -> HttpResponseBase:
    """Change what a draft says; on request the Word file and the PDF are made at once."""
    visit = visit_of(request)
    found = _outgoing(visit, document)
    if request.method != "POST":
        return _form(request, draft_form.typed(visit, DraftFields.from_json(found.content)), document=found)
    given = draft_form.read(visit, request.POST)
    revision = asked.count(request.POST, "revision") or 0
    try:
        with transaction.atomic():
            saved = drafting.save(visit, document, given, revision)
    except Refused as refused:
        if refused.code in {NOT_YOURS, NOT_FOUND_HERE}:
            raise
        visit.entries.clear()
        return _form(request, draft_form.typed(visit, given, refused), document=found, status=422)
    if request.POST.get("act") == "lay_out":
        return act(request, document, lambda: drafting.lay_out(visit, document, saved.revision))
    return see_other("draft", document=document)


def draft(request: HttpRequest, document: int) -> HttpResponseBase:
    """The page of an outgoing document: its pages, and beside them what can be done and what was said."""
    visit = visit_of(request)
    found = _outgoing(visit, document)
    visit.note("document.viewed", f"document:{found.pk}", revision=found.revision)
    return shown(request, document)


def shown(request: HttpRequest, document: int, refused: Refused | None = None, status: int = 200) -> HttpResponseBase:
    """The page of a draft, with a refusal at the top and what was typed still in its field."""
    visit = visit_of(request)
    found = _outgoing(visit, document)
    file, at, body = opened_at(found, request.GET)
    sections = sections_of(visit, found)
    tabs = [Tab(each.title, f"#{each.key}", count=each.count, current=not n) for n, each in enumerate(sections)]
    return render(
        request, HERE, "draft.html", status=status, document=found, file=file, sections=sections,
        shown=file_shown(visit, file, body, request.GET.get("q", ""), at) if file is not None else None,
        refused=refused, posted=request.POST, state=STATES[found.state], tabs=tabs,
    )  # fmt: skip


def act(request: HttpRequest, document: int, work: Callable[[], Any]) -> HttpResponseBase:
    """Do one act and go back to the page; a refusal rolls back that act alone and is shown there."""
    visit = visit_of(request)
    _outgoing(visit, document)
    kept = list(visit.entries)
    try:
        with transaction.atomic():
            work()
    except Refused as refused:
        if refused.code.http in {403, 404}:
            raise
        visit.entries[:] = kept
        return shown(request, document, refused, status=max(refused.code.http, 409) if refused.code.http < 500 else 422)
    return see_other("draft", document=document)


def compared(request: HttpRequest, document: int) -> HttpResponseBase:
    """Two versions of a file of the draft, side by side: ``older`` and ``newer`` are files."""
    visit = visit_of(request)
    found = _outgoing(visit, document)
    files = StoredFile.objects.filter(document=found)
    older = files.filter(pk=asked.whole(request.GET, "older") or 0).first()
    newer = files.filter(pk=asked.whole(request.GET, "newer") or 0).first()
    if older is None or newer is None or older.role != newer.role:
        raise Refused(NOT_FOUND_HERE)
    return render(
        request, HERE, "compared.html", document=found, older=older, newer=newer,
        changes=drafting.changes(older, newer),
    )  # fmt: skip


def suggested(request: HttpRequest) -> HttpResponseBase:
    """Recipients for the chooser."""
    visit = visit_of(request)
    words = request.GET.get("q", "")[:100]
    return JsonResponse(
        [{"value": f"{each.code}|{each.name}", "label": each.name, "more": each.code}
         for each in directory.look_up(visit, words)],
        safe=False, json_dumps_params={"ensure_ascii": False},
    )  # fmt: skip


def _form(
    request: HttpRequest, given: Typed, *, document: Document | None = None, answers: Document | None = None,
    replaces: Document | None = None, status: int = 200,
) -> HttpResponseBase:  # fmt: skip
    return render(
        request, HERE, "draft_form.html", status=status, given=given, document=document, answers=answers,
        replaces=replaces, once=request.POST.get("once") or secrets.token_hex(16),
        revision=request.POST.get("revision") or (document.revision if document else 0),
    )  # fmt: skip


def _outgoing(visit: Visit, document: int) -> Document:
    found = find(visit, document)
    if found.direction != Direction.OUTGOING.value:
        raise Refused(NOT_FOUND_HERE)
    return found


def _issued(visit: Visit, document: int) -> Document:
    found = _outgoing(visit, document)
    if found.issued_at is None:
        raise Refused(NOT_FOUND_HERE)
    return found


ROUTES: list[Route] = [
    route("drafts", drafts, needs(*CLERICAL), "drafts"),
    route("drafts/new", new, needs(*CLERICAL), "draft_new"),
    route("drafts/recipients", suggested, needs(*CLERICAL), "draft_recipients"),
    route("drafts/<int:document>", draft, needs(*CLERICAL), "draft"),
    route("drafts/<int:document>/edit", edit, needs(*CLERICAL), "draft_edit"),
    route("drafts/<int:document>/compared", compared, needs(*CLERICAL), "draft_compared"),
]
