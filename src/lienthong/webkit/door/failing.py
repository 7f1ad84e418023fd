"""What people see when something is refused or fails: a sentence, what to do, and a code."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.html import escape

from lienthong.base.errors import Language, Refused
from lienthong.infra import telemetry
from lienthong.webkit.door.pages import address, go_to, render
from lienthong.webkit.door.visit import visit_of
from lienthong.webkit.edge.problems import MEDIA_TYPE, members
from lienthong.webkit.site.errors import FORM_EXPIRED, NOT_FOUND_HERE, PAGE_FAULT, SIGN_IN_NEEDED


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """A refusal as a page; whoever is not signed in is led to the sign-in page and back again."""
    if refusal.code is SIGN_IN_NEEDED and not _wants_json(request):
        return _to_sign_in(request)
    return shown(request, refusal)


def not_found(request: HttpRequest) -> HttpResponse:
    """No such page, or none for this person: the answer is the same."""
    return shown(request, Refused(NOT_FOUND_HERE))


def not_resolved(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's ``handler404``: an address that no route has."""
    return not_found(request)


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


def bare(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """A refusal without frame, look and visit, in both languages, for when none of them can be had."""
    if _wants_json(request):
        return _problem(refusal, "vi")
    lines = "".join(
        f"<p><b>{escape(refusal.sentence(each))}</b></p><p>{escape(refusal.advice(each))}</p>" for each in ("vi", "en")
    )
    text = (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Liên thông</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
        f'<body><main>{lines}<p>Mã: {refusal.code.name}</p><p><a href="/">Về trang đầu</a></p></main></body></html>'
    )
    return HttpResponse(text, status=refusal.code.http)


def _problem(refusal: Refused, language: Language) -> HttpResponse:
    told = members(refusal) | {"title": refusal.sentence(language), "detail": refusal.advice(language)}
    return JsonResponse(told, status=refusal.code.http, content_type=MEDIA_TYPE,
                        json_dumps_params={"ensure_ascii": False})  # fmt: skip


def _shown(request: HttpRequest, refusal: Refused) -> HttpResponse:
    if _wants_json(request):
        return _problem(refusal, visit_of(request).language)
    status = refusal.code.http
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
    query = {"next": back} if back != "/" else {}
    if request.method == "POST" and person is None:
        query["unsent"] = "1"
    return go_to(f"{where}?{urlencode(query)}" if query else where)


def _wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or request.headers.get("Accept", "").startswith("application/json")
