"""The pages of passkeys: one's own list, and signing in with one. Keys need the page's script."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.base.text import nfc
from lienthong.webkit.door import failing
from lienthong.webkit.door.access import PUBLIC, SIGNED_IN, SIGNING_IN, Route, posted, route
from lienthong.webkit.door.entering import COOKIE, digest_of
from lienthong.webkit.door.pages import go_to, render, safe_next, see_other
from lienthong.webkit.door.visit import visit_of
from lienthong.webkit.people.models import Passkey
from lienthong.webkit.signin import passkeys, passwords, sso
from lienthong.webkit.signin.arriving import arrive
from lienthong.webkit.signin.errors import PASSKEY_NOT_MADE, PASSKEY_WRONG, SIGN_IN_WRONG
from lienthong.webkit.signin.pages import show_second_factor, show_sign_in
from lienthong.webkit.signin.party import Party, party_of
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.errors import NOT_FOUND_HERE

HERE = "lienthong.webkit.signin"
STRANGER = "passkey"
"""Cookie with a stranger's sealed challenge."""


def mine(request: HttpRequest) -> HttpResponseBase:
    """One's own passkeys."""
    return _mine(request)


def _mine(request: HttpRequest, refused: Refused | None = None) -> HttpResponseBase:
    account = visit_of(request).who.account
    linked = sso.settings() is not None and bool(account.subject)
    return render(
        request, HERE, "passkeys.html", passkeys=list(Passkey.objects.filter(account=account).order_by("pk")),
        possible=party_of(request) is not None and not linked, linked=linked, most=passkeys.MOST, refusal=refused,
        typed_name=request.POST.get("name", "")[:100], status=refused.code.http if refused else 200,
    )  # fmt: skip


def making(request: HttpRequest) -> HttpResponseBase:
    """What the browser needs to make a passkey. The password is asked for again: a browser left open makes none."""
    visit = visit_of(request)
    account = visit.who.account
    try:
        passwords.require_patience(account.login, visit.address, visit.now)
        if not account.check_password(nfc(request.POST.get("password", ""))):
            passwords.count_failure(account.login, visit.address, visit.now)
            raise Refused(SIGN_IN_WRONG)
    except Refused as refused:
        return failing.shown(request, refused)
    return _json(passkeys.begin_making(_session(request), account, _party(request), visit.now))


def add(request: HttpRequest) -> HttpResponseBase:
    """Keep what the browser made."""
    visit = visit_of(request)
    given = request.POST
    try:
        made = passkeys.make(_session(request), visit.who.account, _party(request), given.get("answer", ""),
                             given.get("name", ""), visit.now)  # fmt: skip
    except Refused as refused:
        return _mine(request, refused)
    visit.note("signin.passkey_added", f"passkey:{made.pk}", name=made.name)
    return see_other("passkeys")


def rename(request: HttpRequest, passkey: int) -> HttpResponseBase:
    """Give one of one's own passkeys another name."""
    found = _own(request, passkey)
    passkeys.rename(found, request.POST.get("name", ""))
    visit_of(request).note("signin.passkey_renamed", f"passkey:{found.pk}", name=found.name)
    return see_other("passkeys")


def remove(request: HttpRequest, passkey: int) -> HttpResponseBase:
    """Take one of one's own passkeys away; it opens nothing any more."""
    found = _own(request, passkey)
    visit_of(request).note("signin.passkey_removed", f"passkey:{found.pk}", name=found.name)
    found.delete()
    return see_other("passkeys")


def second_options(request: HttpRequest) -> HttpResponseBase:
    """What the browser needs to use a passkey after the password."""
    visit = visit_of(request)
    return _json(passkeys.begin_second(_session(request), visit.who.account, _party(request), visit.now))


def second(request: HttpRequest) -> HttpResponseBase:
    """A passkey as second factor."""
    visit = visit_of(request)
    account, wanted = visit.who.account, safe_next(request.POST.get("next", ""), "/")
    try:
        passkeys.second(_session(request), account, _party(request), request.POST.get("answer", ""), visit.now)
    except Refused as refused:
        visit.note("signin.passkey_refused", f"account:{account.pk}")
        return show_second_factor(request, wanted, refused)
    answer = go_to("/sign-in/password" if account.must_change else wanted)
    arrive(request, visit, account, "second", answer)
    return answer


def options(request: HttpRequest) -> HttpResponseBase:
    """What a stranger's browser needs to use any of its passkeys of this site."""
    text, cookie = passkeys.begin_alone(_party(request), visit_of(request).now)
    answer = _json(text)
    answer.set_cookie(STRANGER, cookie, max_age=int(passkeys.LIFE.total_seconds()), secure=site().secure,
                      httponly=True, samesite="Strict", path="/sign-in")  # fmt: skip
    return answer


def sign_in(request: HttpRequest) -> HttpResponseBase:
    """A passkey instead of password and code: the device has checked its owner itself."""
    visit = visit_of(request)
    wanted = safe_next(request.POST.get("next", ""), "/")
    answer: HttpResponseBase
    try:
        cookie = request.COOKIES.get(STRANGER, "")
        account = passkeys.alone(cookie, _party(request), request.POST.get("answer", ""), visit.now).account
        sso.require_own_way(account)
    except Refused as refused:
        answer = show_sign_in(request, wanted, refused)
    else:
        answer = go_to("/sign-in/password" if account.must_change else wanted)
        arrive(request, visit, account, "key", answer)
    answer.delete_cookie(STRANGER, path="/sign-in", samesite="Strict")
    return answer


def _own(request: HttpRequest, passkey: int) -> Passkey:
    found = Passkey.objects.filter(pk=passkey, account=visit_of(request).who.account).first()
    if found is None:
        raise Refused(NOT_FOUND_HERE)
    return found


def _party(request: HttpRequest) -> Party:
    found = party_of(request)
    if found is None:
        raise Refused(PASSKEY_NOT_MADE if request.path.startswith("/mine") else PASSKEY_WRONG)
    return found


def _session(request: HttpRequest) -> bytes:
    return digest_of(request.COOKIES.get(COOKIE, ""))


def _json(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="application/json")


ROUTES: list[Route] = [
    route("mine/passkeys", mine, SIGNED_IN, "passkeys"),
    posted("mine/passkeys/making", making, SIGNED_IN, "passkey_making"),
    posted("mine/passkeys/add", add, SIGNED_IN, "passkey_add"),
    posted("mine/passkeys/<int:passkey>/rename", rename, SIGNED_IN, "passkey_rename"),
    posted("mine/passkeys/<int:passkey>/remove", remove, SIGNED_IN, "passkey_remove"),
    posted("sign-in/second/passkey/options", second_options, SIGNING_IN, "passkey_second_options"),
    posted("sign-in/second/passkey", second, SIGNING_IN, "passkey_second"),
    posted("sign-in/passkey/options", options, PUBLIC, "passkey_options"),
    posted("sign-in/passkey", sign_in, PUBLIC, "passkey_sign_in"),
]
