"""The door of a web context: who comes, under which agency the connection works, and what goes with every answer."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from datetime import datetime

from django.core.exceptions import SuspiciousOperation
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.utils import translation

from lienthong.base.errors import Refused
from lienthong.infra import telemetry
from lienthong.webkit.door import failing
from lienthong.webkit.door.visit import Person, Visit, capacities_of, now
from lienthong.webkit.people.models import Account
from lienthong.webkit.site import bodies
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.errors import INPUT_WRONG, PAGE_FAULT, UPLOAD_BROKE_OFF
from lienthong.webkit.site.tenancy import enter
from lienthong.webkit.templates import HEADERS, language_of

API = "/api/"
"""Everything below is for programs with a token."""

COOKIE = "lienthong"
"""Cookie of a session; its value is random and stored only as a digest."""


class Entering:
    """Makes the visit of each request; the connection belongs to no agency before and after it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        at = now()
        with telemetry.tracing():
            try:
                visit = Visit(language_of(request.COOKIES.get("lang")), address_of(request), at)
                request.visit = visit  # type: ignore[attr-defined]  # read by visit_of
                translation.activate(visit.language)
                if refusal := _unusable(request):
                    return with_headers(failing.shown(request, refusal))
                if request.path.startswith(API):
                    visit.person = program_of(request.headers.get("Authorization", ""), at)
                else:
                    visit.person = person_of(request.COOKIES.get(COOKIE, ""), at)
                if visit.person is not None:
                    visit.language = language_of(visit.person.account.language)
                translation.activate(visit.language)
                if refusal := bodies.too_much(request, known=visit.person is not None and not visit.person.unfinished):
                    return with_headers(failing.shown(request, refusal))
                answer = self._get_response(request)
            finally:
                enter(None)
        return with_headers(answer)

    def process_view(self, request: HttpRequest, view: object, values: object, named: object) -> HttpResponse | None:
        """Forms that nobody can read, or with characters that no text has, are refused before anything is done."""
        try:
            bad = _has_nul(request.POST) or any("\0" in name for name in request.FILES)
        except UnreadablePostError:
            return failing.shown(request, Refused(UPLOAD_BROKE_OFF))
        except (SuspiciousOperation, MultiPartParserError):
            return failing.shown(request, _wrong("không đọc được", "it cannot be read"))
        return failing.shown(request, _wrong(*_NUL)) if bad else None

    def process_exception(self, request: HttpRequest, failure: Exception) -> HttpResponse | None:
        """Refusals become pages; faults are logged and become a page that says so."""
        if isinstance(failure, Http404):
            return failing.not_found(request)
        if isinstance(failure, Refused):
            return failing.refused(request, failure)
        if isinstance(failure, UnreadablePostError):
            return failing.shown(request, Refused(UPLOAD_BROKE_OFF))
        return failing.fault(request, failure)


_NUL = ("có ký tự không dùng được (NUL)", "it has an unusable character (NUL)")


def _wrong(vi: str, en: str) -> Refused:
    return Refused(INPUT_WRONG, reason_vi=vi, reason_en=en)


def _unusable(request: HttpRequest) -> Refused | None:
    """A request for another host, or with characters that no address has; PostgreSQL's texts cannot hold a NUL."""
    try:
        # A monitor may ask by a bare address; its answer repeats nothing of the question.
        if request.path != "/health":
            request.get_host()
        given = request.GET
    except SuspiciousOperation:
        return _wrong("địa chỉ lạ hoặc quá nhiều tham số", "a foreign address or too many parameters")
    return _wrong(*_NUL) if "\0" in request.path or _has_nul(given) else None


def _has_nul(given: QueryDict) -> bool:
    return any("\0" in name or any("\0" in text for text in texts) for name, texts in given.lists())


def person_of(cookie: str, at: datetime) -> Person | None:
    """The person of a session's cookie; from now on the connection belongs to his agency."""
    if not cookie:
        enter(None)
        return None
    with connection.cursor() as cursor:
        idle = f"{site().idle.total_seconds()} seconds"
        cursor.execute("select * from people_enter(%s, %s, %s::interval)", [digest_of(cookie), at, idle])
        row = cursor.fetchone()
    if row is None:
        return None
    return _person(row[0], row[2], at)


def program_of(authorization: str, at: datetime) -> Person | None:
    """The person in whose name a program works; only under the programming interface, where no cookie counts."""
    kind, _, token = authorization.partition(" ")
    if kind.lower() != "bearer" or not token:
        enter(None)
        return None
    with connection.cursor() as cursor:
        cursor.execute("select * from people_enter_token(%s, %s)", [digest_of(token.strip()), at])
        row = cursor.fetchone()
    if row is None:
        return None
    return _person(row[0], "token" if row[2] else "token-read", at)


def _person(account: int, factor: str, at: datetime) -> Person | None:
    """Who has an account that was not disabled since."""
    found = Account.objects.select_related("agency").filter(pk=account, disabled_at__isnull=True).first()
    return Person(found, found.agency, factor, capacities_of(found, at)) if found is not None else None


def digest_of(cookie: str) -> bytes:
    """What is stored of a cookie."""
    return hashlib.sha256(cookie.encode()).digest()


def address_of(request: HttpRequest) -> str:
    """Where the request comes from, as the nearest proxy says."""
    given = str(request.META.get("HTTP_X_FORWARDED_FOR", "")) if site().secure else ""
    return (given.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", "")))[:64]


def broken(request: HttpRequest) -> HttpResponseBase:
    """Django's ``handler500``: a fault outside of the views, at the door itself or when a page of a fault was made.

    The database may be what is missing, so the page has no frame and asks for nothing.
    """
    failure = sys.exc_info()[1] or RuntimeError()
    number = telemetry.trace_id() or telemetry.new_trace_id()
    telemetry.fault("door.fault", failure, path=request.path[:100], number=number)
    return with_headers(failing.bare(request, Refused(PAGE_FAULT, trace=number)))


def with_headers(answer: HttpResponseBase) -> HttpResponseBase:
    """The headers of every answer; pages of people are kept by nobody on the way."""
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    answer.headers.setdefault("Cache-Control", "no-store")
    if site().secure:
        answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return answer
