"""Reading: documents, files, tasks, arrivals; everything is limited to what the token's owner may read."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from lienthong.office.api import forms
from lienthong.office.api.keeping import etag_of, for_programs, is_known
from lienthong.office.models import Task
from lienthong.office.screens import files
from lienthong.office.services.reading_rights import find, readable
from lienthong.office.services.working import mine
from lienthong.office.states import TO_DO, Direction
from lienthong.webkit.door.access import Route, api, needs
from lienthong.webkit.door.faults import read_number
from lienthong.webkit.door.visit import visit_of
from lienthong.webkit.site.duties import CLERICAL

MOST = 200
M = TypeVar("M", bound=Model)


def documents(request: HttpRequest) -> HttpResponseBase:
    """A page of documents, oldest identifier first: ``after`` is the last identifier seen, ``limit`` at most 200."""
    visit = visit_of(request)
    found = readable(visit)
    direction, state = request.GET.get("direction", ""), request.GET.get("state", "")
    if direction:
        if direction not in {each.value for each in Direction}:
            raise forms.wrong("“direction” là incoming hoặc outgoing", "“direction” is incoming or outgoing")
        found = found.filter(direction=direction)
    if state:
        found = found.filter(state=state[:20])
    rows, more = _page(request, found)
    return forms.reply({"documents": [forms.brief(each) for each in rows], "more": more})


def document(request: HttpRequest, document: int) -> HttpResponseBase:
    """One document with everything."""
    visit = visit_of(request)
    found = find(visit, document)
    visit.note("document.viewed", f"document:{found.pk}", by="program")
    answer = HttpResponse(status=304) if is_known(request, found) else forms.reply(forms.whole(found))
    answer.headers["ETag"] = etag_of(found)
    return answer


def file(request: HttpRequest, file: int) -> HttpResponseBase:
    """The bytes of one version of a file."""
    return files.download(request, file)


def tasks(request: HttpRequest) -> HttpResponseBase:
    """What the token's owner has to do."""
    visit = visit_of(request)
    rows, more = _page(request, Task.objects.filter(mine(visit), state__in=TO_DO))
    return forms.reply({"tasks": [forms.task(each) for each in rows], "more": more})


def _page(request: HttpRequest, rows: QuerySet[M]) -> tuple[list[M], bool]:
    after, limit = _whole(request, "after", 0), min(max(_whole(request, "limit", 50), 1), MOST)
    found = list(rows.filter(pk__gt=after).order_by("pk")[: limit + 1])
    return found[:limit], len(found) > limit


def _whole(request: HttpRequest, name: str, otherwise: int) -> int:
    text = request.GET.get(name, "")
    if not text:
        return otherwise
    found = read_number(text)
    if found is None:
        raise forms.wrong(f"“{name}” phải là số", f"“{name}” must be a number")
    return found


ROUTES: list[Route] = [
    api("documents", for_programs(documents), needs(*CLERICAL), "api_documents"),
    api("documents/<int:document>", for_programs(document), needs(*CLERICAL), "api_document"),
    api("files/<int:file>", for_programs(file), needs(*CLERICAL), "api_file"),
    api("tasks", for_programs(tasks), needs(*CLERICAL), "api_tasks"),
]
