"""Mã truy cập của phần mềm: one's own tokens, made and revoked."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.webkit.administration import tokens
from lienthong.webkit.door.access import SIGNED_IN, Route, posted, route
from lienthong.webkit.door.faults import faults_of, read_number
from lienthong.webkit.door.pages import render, see_other
from lienthong.webkit.door.visit import visit_of
from lienthong.webkit.people.models import ApiToken

HERE = "lienthong.webkit.administration"


def list_tokens(request: HttpRequest) -> HttpResponseBase:
    """One's own tokens; a new one is shown once, on the answer."""
    visit = visit_of(request)
    made, refusal = "", None
    if request.method == "POST":
        try:
            made = tokens.make_token(
                visit, request.POST.get("token_name", ""), read_number(request.POST.get("days", ""), 4) or 0,
                may_write="may_write" in request.POST,
            )  # fmt: skip
        except Refused as refused:
            refusal = refused
    mine = list(ApiToken.objects.filter(account=visit.who.account).order_by("-pk")[:100])
    return render(
        request, HERE, "tokens.html", made=made, tokens=mine, now=visit.now, typed=request.POST if refusal else {},
        faults=faults_of(refusal, visit.language) if refusal else [], status=422 if refusal else 200,
    )  # fmt: skip


def revoke(request: HttpRequest, token: int) -> HttpResponseBase:
    """End a token."""
    visit = visit_of(request)
    tokens.revoke_token(visit, tokens.find_token(visit, token))
    return see_other("tokens")


ROUTES: list[Route] = [
    route("mine/tokens", list_tokens, SIGNED_IN, "tokens"),
    posted("mine/tokens/<int:token>/revoke", revoke, SIGNED_IN, "token_revoke"),
]
