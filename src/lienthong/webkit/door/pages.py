"""Pages: Jinja2 templates of a context in the shared shell, with the person, his navigation and his language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

from lienthong.webkit.catalogue import translate
from lienthong.webkit.door.visit import Visit, visit_of
from lienthong.webkit.look.parts import Column, Shell
from lienthong.webkit.site.configure import site
from lienthong.webkit.templates import LOOK, Templates

Frame = Callable[[Visit, HttpRequest], Shell]
"""What a context shows around each page: navigation with counts, bell, name; for strangers only its name."""


@cache
def templates(package: str) -> Templates:
    """The templates of a package, read once a process."""
    return Templates(package, {"url": address, "has_page": is_route})


def address(name: str, **values: Any) -> str:
    """The address of a route by its name."""
    return reverse(name, kwargs=values or None)


@cache
def is_route(name: str) -> bool:
    """Whether this installation has a page of that name."""
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True


def render(request: HttpRequest, package: str, name: str, *, status: int = 200, **values: Any) -> HttpResponse:
    """One page of ``package``. Inside the answer to htmx only the block ``main`` is of use; the page decides."""
    visit = visit_of(request)
    frame: Frame = import_string(site().frame)
    text = templates(package).render(
        name,
        visit.language,
        visit=visit,
        person=visit.person,
        csrf=get_token(request),
        request=request,
        partial=request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true",
        shell=frame(visit, request),
        **values,
    )
    return HttpResponse(text, status=status)


def see_other(name: str, **values: Any) -> HttpResponse:
    """After a form was taken: another page, so that reloading does not send the form again."""
    return go_to(address(name, **values))


def go_to(where: str) -> HttpResponse:
    """Redirect with 303 to an address of ours; never to one that somebody sent."""
    if not where.startswith("/") or where.startswith(("//", "/\\")):
        raise ValueError("only addresses of this site")
    answer = HttpResponseRedirect(where)
    answer.status_code = 303
    return answer


def safe_next(asked: str, otherwise: str) -> str:
    """Where somebody wanted to go, if that is a plain path of this site."""
    plain = asked.startswith("/") and not asked.startswith(("//", "/\\")) and asked.isprintable() and "\\" not in asked
    return asked if plain and len(asked) < 2000 else otherwise


def in_words(visit: Visit, package: str, columns: Sequence[Column]) -> list[Column]:
    """Columns with their labels in the reader's language, from the catalogue of ``package``."""
    return [replace(each, label=translate((package, LOOK), each.label, visit.language)) for each in columns]
