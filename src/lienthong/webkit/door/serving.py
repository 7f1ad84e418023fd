"""What every web context serves beside its pages: the look, and the answer to a monitor."""

from __future__ import annotations

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

from lienthong.webkit import look
from lienthong.webkit.door.access import PUBLIC, Route, route
from lienthong.webkit.door.pages import render
from lienthong.webkit.door.visit import visit_of
from lienthong.webkit.site.configure import site


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


def manifest(request: HttpRequest) -> HttpResponseBase:
    """What a browser needs to install the pages as an application."""
    name = import_string(site().frame)(visit_of(request), request).product
    return JsonResponse(look.manifest(name, name), content_type="application/manifest+json")


def worker(request: HttpRequest) -> HttpResponseBase:
    """The service worker: it only knows the page that says that the network is gone."""
    return HttpResponse(look.service_worker(), content_type="text/javascript; charset=utf-8")


def mark(request: HttpRequest, size: int) -> HttpResponseBase:
    """The neutral mark as the picture of the installed application."""
    answer = HttpResponse(look.app_icon(), content_type="image/svg+xml")
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer


def offline(request: HttpRequest) -> HttpResponseBase:
    """The page that the service worker keeps."""
    return render(request, "lienthong.webkit.door", "look/offline.html")


ROUTES: list[Route] = [
    route(f"{look.PREFIX.strip('/')}/<str:name>", resource, PUBLIC, "look"),
    route("health", health, PUBLIC, "health"),
    route("manifest.webmanifest", manifest, PUBLIC, "manifest"),
    route("worker.js", worker, PUBLIC, "worker"),
    route("mark-<int:size>.svg", mark, PUBLIC, "mark"),
    route("offline", offline, PUBLIC, "offline"),
]
