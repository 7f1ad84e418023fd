"""The pages of signing in: password, second factor, setting one up, a new password, signing out."""

from __future__ import annotations

from urllib.parse import urlencode

import segno
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from markupsafe import Markup

from lienthong.base.errors import Refused
from lienthong.base.text import nfc
from lienthong.webkit.door.access import PUBLIC, SIGNING_IN, Route, posted, route
from lienthong.webkit.door.pages import go_to, render, safe_next, see_other
from lienthong.webkit.door.visit import Person, Visit, capacities_of, visit_of
from lienthong.webkit.people.models import Account
from lienthong.webkit.people.push_devices import COOKIE as PUSH
from lienthong.webkit.people.push_devices import end_push_here
from lienthong.webkit.signin import codes, passwords, sessions, sso
from lienthong.webkit.signin.arriving import arrive, leave
from lienthong.webkit.signin.errors import CODE_WRONG, SIGN_IN_WRONG
from lienthong.webkit.signin.party import party_of
from lienthong.webkit.site.tenancy import enter

HERE = "lienthong.webkit.signin"


def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Login and password. A wrong one is counted although the page is refused."""
    visit = visit_of(request)
    wanted = safe_next(request.GET.get("next", "") or request.POST.get("next", ""), "/")
    if request.method != "POST":
        if visit.person is not None and visit.person.factor != "password":
            return go_to(wanted)
        return show_sign_in(request, wanted)
    login = request.POST.get("login", "")
    try:
        account = passwords.account_of(login, request.POST.get("password", ""), visit.address, visit.now)
        sso.require_own_way(account)
    except Refused as refusal:
        return show_sign_in(request, wanted, refusal, login[:100])
    leave(request, visit, account)
    value = sessions.open_session(visit, request, account, "password")
    _note(visit, account, "password", "signin.password")
    answer = go_to(f"/sign-in/second?{urlencode({'next': wanted})}" if wanted != "/" else "/sign-in/second")
    sessions.give_cookie(answer, value)
    return answer


def show_sign_in(
    request: HttpRequest, wanted: str, refusal: Refused | None = None, login: str = ""
) -> HttpResponseBase:  # fmt: skip
    """The page of signing in with all its ways, after a refusal as well."""
    visit_of(request).person = None
    return render(
        request, HERE, "sign_in.html", next=wanted, login=login, refusal=refusal, single=sso.settings(),
        passkeys=party_of(request) is not None, status=refusal.code.http if refusal else 200,
        unsent=request.method == "GET" and "unsent" in request.GET,
    )  # fmt: skip


def show_second_factor(request: HttpRequest, wanted: str, refusal: Refused | None = None) -> HttpResponseBase:
    """The page of the second factor: code, or one of the account's passkeys."""
    account = visit_of(request).who.account
    return render(
        request, HERE, "second_factor.html", next=wanted, refusal=refusal, code=account.totp_since is not None,
        passkeys=party_of(request) is not None and account.passkeys.exists(),
        status=refusal.code.http if refusal else 200,
    )  # fmt: skip


def second_factor(request: HttpRequest) -> HttpResponseBase:
    """The code; whoever has none yet is led to set one up."""
    visit = visit_of(request)
    account = visit.who.account
    wanted = safe_next(request.GET.get("next", "") or request.POST.get("next", ""), "/")
    if not _has_factor(account):
        return see_other("set_up")
    if request.method != "POST":
        return show_second_factor(request, wanted)
    counted = f"code {account.pk}"
    try:
        passwords.require_patience(counted, visit.address, visit.now)
        codes.check(account, request.POST.get("code", ""), visit.now)
    except Refused as refusal:
        if refusal.code is CODE_WRONG:
            # Only an attempt that was looked at counts, or waiting would never end.
            passwords.count_failure(counted, visit.address, visit.now)
        return show_second_factor(request, wanted, refusal)
    passwords.forget_failures(counted)
    answer = go_to("/sign-in/password" if account.must_change else wanted)
    arrive(request, visit, account, "second", answer)
    return answer


def set_up(request: HttpRequest) -> HttpResponseBase:
    """Show the secret as a picture and take the first code. Only for accounts without a second factor."""
    visit = visit_of(request)
    account = visit.who.account
    if _has_factor(account):
        return see_other("second_factor")
    secret = request.POST.get("secret", "") or codes.new_secret()
    refusal = None
    if request.method == "POST":
        try:
            recovery = codes.begin(account, secret, request.POST.get("code", ""), visit.now)
        except Refused as refused:
            refusal = refused
        else:
            visit.note("signin.second_factor_set", f"account:{account.pk}")
            answer = render(request, HERE, "recovery_codes.html", codes=recovery)
            arrive(request, visit, account, "second", answer)
            return answer
    return render(request, HERE, "set_up.html", secret=secret, groups=_in_groups(secret), refusal=refusal,
                  picture=_picture(account, secret),
                  status=refusal.code.http if refusal else 200)  # fmt: skip


def new_password(request: HttpRequest) -> HttpResponseBase:
    """Choose a new password; the other sessions end."""
    visit = visit_of(request)
    account, refusal = visit.who.account, None
    if visit.who.factor == "password":
        return see_other("second_factor")
    if request.method == "POST":
        try:
            passwords.require_patience(account.login, visit.address, visit.now)
            if not account.check_password(nfc(request.POST.get("old", ""))):
                passwords.count_failure(account.login, visit.address, visit.now)
                raise Refused(SIGN_IN_WRONG)
            passwords.change(account, request.POST.get("new", ""))
        except Refused as refused:
            refusal = refused
        else:
            visit.note("signin.password_changed", f"account:{account.pk}")
            sessions.end_others(request, account)
            return go_to("/")
    return render(request, HERE, "new_password.html", refusal=refusal, forced=account.must_change,
                  status=refusal.code.http if refusal else 200)  # fmt: skip


def sign_out(request: HttpRequest) -> HttpResponseBase:
    """End the session and the pushing of notices to this browser; only by a form, so that no foreign page can do it."""
    visit = visit_of(request)
    visit.note("signin.out")
    visit.write_entries()
    sessions.end_session(request)
    end_push_here(request.COOKIES.get(PUSH, ""))
    enter(visit.agency.pk)
    answer = see_other("sign_in")
    sessions.take_cookie(answer)
    answer.delete_cookie(PUSH, samesite="Lax")
    return answer


def language(request: HttpRequest) -> HttpResponseBase:
    """Change the language of the pages; kept with the account when there is one."""
    visit = visit_of(request)
    chosen = "en" if request.POST.get("to") == "en" else "vi"
    if visit.person is not None:
        Account.objects.filter(pk=visit.person.account.pk).update(language=chosen)
    answer = go_to(safe_next(request.POST.get("next", ""), "/"))
    answer.set_cookie("lang", chosen, max_age=31_536_000, samesite="Lax")
    return answer


def _has_factor(account: Account) -> bool:
    """Whether a second factor exists. A passkey counts: a stolen password alone must not be able to add a code."""
    return account.totp_since is not None or account.passkeys.exists()


def _note(visit: Visit, account: Account, factor: str, action: str) -> None:
    """From here on the visit is this account's, so that the log names it."""
    visit.person = Person(account, account.agency, factor, capacities_of(account, visit.now))
    visit.note(action, f"account:{account.pk}")


def _picture(account: Account, secret: str) -> Markup:
    """The secret as a QR code, inside the page: an address of its own would leave the secret in logs."""
    made = segno.make(codes.address_for(account, secret[:64]), error="m")
    return Markup(made.svg_inline(scale=5, border=2, omitsize=False, svgclass="qr", lineclass="dark"))  # noqa: S704 - drawn by us


def _in_groups(secret: str) -> str:
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))


ROUTES: list[Route] = [
    route("sign-in", sign_in, PUBLIC, "sign_in"),
    route("sign-in/second", second_factor, SIGNING_IN, "second_factor"),
    route("sign-in/set-up", set_up, SIGNING_IN, "set_up"),
    route("sign-in/password", new_password, SIGNING_IN, "new_password"),
    posted("sign-out", sign_out, SIGNING_IN, "sign_out"),
    posted("language", language, PUBLIC, "language"),
]
