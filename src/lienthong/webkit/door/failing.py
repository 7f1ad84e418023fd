"""What people see when something is refused or fails: a sentence, what to do, and a code."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse

from lienthong.base.errors import Refused
from lienthong.infra import telemetry
from lienthong.webkit.door.pages import address, go_to, render
from lienthong.webkit.door.visit import visit_of
from lienthong.webkit.site.errors import FORM_EXPIRED, NOT_FOUND_HERE, PAGE_FAULT, SIGN_IN_NEEDED


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """A refusal as a page; whoever is not signed in is led to the sign-in page and back again."""
    if refusal.code is SIGN_IN_NEEDED and not _wants_json(request):
        return _to_sign_in(request)
    return shown(request, refusal)


def not_found(request: HttpRequest) -> HttpResponse:
    """No such page, or none for this person: the answer is the same."""
    return shown(request, Refused(NOT_FOUND_HERE))


def fault(request: HttpRequest, failure: Exception) -> HttpResponse:
    """A fault of ours: logged with its place, shown with its trace."""
    telemetry.fault("page.fault", failure, path=request.path[:100])
    return shown(request, Refused(PAGE_FAULT, trace=telemetry.trace_id() or "-"))


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token."""
    telemetry.warning("page.form_expired", reason=reason[:60], path=request.path[:100])
    return shown(request, Refused(FORM_EXPIRED))


def shown(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """The refusal for a person or, at the programming interface, for a program (RFC 9457)."""
    answer = _shown(request, refusal)
    if allow := refusal.params.get("allow"):
        answer.headers["Allow"] = allow
    return answer


def _shown(request: HttpRequest, refusal: Refused) -> HttpResponse:
    language, status = visit_of(request).language, refusal.code.http
    if _wants_json(request):
        members = {"type": "about:blank", "title": refusal.sentence(language), "status": status,
                   "code": refusal.code.name, "detail": refusal.advice(language)}  # fmt: skip
        return JsonResponse(members, status=status, content_type="application/problem+json",
                            json_dumps_params={"ensure_ascii": False})  # fmt: skip
    return render(request, "lienthong.webkit.door", "refused.html", status=status, refusal=refusal)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    person = visit_of(request).person
    where = address("sign_in")
    if person is not None:
        where = address("second_factor" if person.factor == "password" else "new_password")
    back = request.get_full_path() if request.method == "GET" else "/"
    if request.headers.get("HX-Request") == "true":
        answer = HttpResponse(status=401)
        answer.headers["HX-Redirect"] = where
        return answer
    return go_to(f"{where}?{urlencode({'next': back})}" if back != "/" else where)


def _wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or request.headers.get("Accept", "").startswith("application/json")
