"""Câu mẫu: one's own quick phrases and the agency's; each is added, moved and removed here."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.office.services import quick_phrases
from lienthong.webkit.door.access import Route, needs, posted, route
from lienthong.webkit.door.faults import fault_of, faults_of
from lienthong.webkit.door.pages import render, see_other
from lienthong.webkit.door.visit import visit_of
from lienthong.webkit.site.duties import CLERICAL, Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

HERE = "lienthong.office"


def phrases(request: HttpRequest) -> HttpResponseBase:
    """Both lists; a POST adds to one of them."""
    if request.method != "POST":
        return _page(request)
    given = request.POST
    try:
        quick_phrases.add(visit_of(request), given.get("text", ""), agency=given.get("list") == "agency")
    except Refused as refused:
        if not refused.problems:
            raise
        return _page(request, refused)
    return see_other("phrases")


def _page(request: HttpRequest, refused: Refused | None = None) -> HttpResponseBase:
    visit = visit_of(request)
    faults = faults_of(refused, visit.language) if refused else []
    return render(
        request, HERE, "phrases.html", own=quick_phrases.own_list(visit), shared=quick_phrases.agency_list(visit),
        keeps=quick_phrases.keeps_agency_list(visit), usual=quick_phrases.USUAL, most=quick_phrases.MOST,
        longest=quick_phrases.LONGEST, faults=faults, fault=fault_of(faults, "text"),
        typed=request.POST.get("text", "") if refused else "",
        chosen=request.POST.get("list", "own") if refused else "own", status=400 if refused else 200,
    )  # fmt: skip


def act(request: HttpRequest, phrase: int, act: str) -> HttpResponseBase:
    """Move a phrase up or down, or remove it."""
    visit = visit_of(request)
    quick_phrases.find(visit, phrase)
    if act not in {"up", "down", "remove"}:
        raise Refused(NOT_FOUND_HERE)
    if act == "remove":
        quick_phrases.remove(visit, phrase)
    else:
        quick_phrases.move(visit, phrase, up=act == "up")
    return see_other("phrases")


WHO = needs(*CLERICAL, Duty.ADMINISTRATOR)
ROUTES: list[Route] = [
    route("phrases", phrases, WHO, "phrases"),
    posted("phrases/<int:phrase>/<str:act>", act, WHO, "phrase_act"),
]
