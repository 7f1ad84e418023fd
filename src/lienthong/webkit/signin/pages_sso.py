"""The pages of single sign-on: leaving for the provider and coming back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.webkit.door.access import PUBLIC, Route, route
from lienthong.webkit.door.pages import address, go_to, safe_next
from lienthong.webkit.door.visit import visit_of
from lienthong.webkit.signin import sso
from lienthong.webkit.signin.arriving import arrive
from lienthong.webkit.signin.pages import show_sign_in
from lienthong.webkit.signin.provider import failed
from lienthong.webkit.site.configure import site

ATTEMPT = "attempt"
"""Cookie with the sealed attempt."""


def leave(request: HttpRequest) -> HttpResponseBase:
    """To the provider. A link, since it changes nothing here, and since a form may not lead to another site."""
    visit = visit_of(request)
    wanted = safe_next(request.GET.get("next", ""), "/")
    try:
        where, cookie = sso.begin(wanted, _back(request), visit.now)
    except Refused as refused:
        return show_sign_in(request, wanted, refused)
    answer = HttpResponse(status=303)
    answer.headers["Location"] = where
    answer.set_cookie(ATTEMPT, cookie, max_age=int(sso.LIFE.total_seconds()), secure=site().secure, httponly=True,
                      samesite="Lax", path="/sign-in/single")  # fmt: skip
    return answer


def come_back(request: HttpRequest) -> HttpResponseBase:
    """From the provider: the code is redeemed once, the token verified, the linked account opened."""
    answer = _come_back(request)
    answer.delete_cookie(ATTEMPT, path="/sign-in/single", samesite="Lax")
    return answer


def _come_back(request: HttpRequest) -> HttpResponseBase:
    visit, given = visit_of(request), request.GET
    try:
        attempt = sso.read(request.COOKIES.get(ATTEMPT, ""), given.get("state", ""), visit.now)
        sso.provider().require_answer_of(given.get("iss", ""))
        if "error" in given or not given.get("code"):
            raise failed("nơi cấp từ chối hoặc anh/chị đã dừng", "the provider refused, or you stopped")
        subject = sso.provider().subject(
            given["code"], attempt.verifier, attempt.nonce, _back(request), int(visit.now.timestamp())
        )
        account = sso.account_of(subject)
    except Refused as refused:
        return show_sign_in(request, "/", refused)
    answer = go_to(attempt.wanted)
    arrive(request, visit, account, "single", answer)
    return answer


def _back(request: HttpRequest) -> str:
    """The registered address of return; it is the configured one, never what a request claims, where there is one."""
    return f"{site().public_url or f'{request.scheme}://{request.get_host()}'}{address('single_return')}"


ROUTES: list[Route] = [
    route("sign-in/single", leave, PUBLIC, "single"),
    route("sign-in/single/return", come_back, PUBLIC, "single_return"),
]
