"""What every web context serves beside its pages: the look, and the answer to a monitor."""

from __future__ import annotations

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from lienthong.webkit import look
from lienthong.webkit.door.access import PUBLIC, Route, route


def resource(request: HttpRequest, name: str) -> HttpResponseBase:
    """One file of the look; its name changes with its content, so it may be kept for ever."""
    found = look.find(name)
    if found is None:
        raise Http404
    answer = HttpResponse(found.content, content_type=found.media_type)
    answer.headers["Cache-Control"] = look.KEEP
    return answer


def health(request: HttpRequest) -> HttpResponseBase:
    """Whether this process can answer: it asks the database."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return JsonResponse({"status": "ok"})


ROUTES: list[Route] = [
    route(f"{look.PREFIX.strip('/')}/<str:name>", resource, PUBLIC, "look"),
    route("health", health, PUBLIC, "health"),
]
