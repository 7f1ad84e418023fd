"""The end of every way of signing in: a new session in this browser, the time noted, a new device noted."""

from __future__ import annotations

import hashlib
import secrets

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.base.clock import to_text
from lienthong.webkit.door.entering import digest_of
from lienthong.webkit.door.visit import Person, Visit, capacities_of
from lienthong.webkit.people.models import Account
from lienthong.webkit.people.push_devices import COOKIE as PUSH
from lienthong.webkit.people.push_devices import end_push_here, keep_push_here
from lienthong.webkit.signin import sessions
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.tenancy import enter

DEVICE = "device"
"""Cookie by which a browser is known again. It opens nothing."""

_DEVICES = 20


def arrive(request: HttpRequest, visit: Visit, account: Account, factor: str, answer: HttpResponseBase) -> None:
    """Open the session and give its cookie. The connection belongs to the account's agency."""
    leave(request, visit, account)
    visit.person = Person(account, account.agency, factor, capacities_of(account, visit.now))
    visit.note("signin.done", f"account:{account.pk}", factor=factor)
    _note_device(request, visit, account, answer)
    previous = to_text(account.last_login) if account.last_login else ""
    account.preferences = {**account.preferences, "before": previous}
    account.last_login = visit.now
    account.save(update_fields=["preferences", "last_login"])
    value = sessions.open_session(visit, request, account, factor)
    keep_push_here(request.COOKIES.get(PUSH, ""), account, digest_of(value))
    sessions.give_cookie(answer, value)


def leave(request: HttpRequest, visit: Visit, account: Account) -> None:
    """End the session that this browser had, whoever's it was; a cookie that was planted before is worth nothing.
    Notices of somebody else are pushed here no longer."""
    before = visit.person
    if before is not None and before.agency.pk != account.agency_id:
        enter(before.agency.pk)
    sessions.end_session(request)
    end_push_here(request.COOKIES.get(PUSH, ""), staying=account)
    enter(account.agency_id)


def _note_device(request: HttpRequest, visit: Visit, account: Account, answer: HttpResponseBase) -> None:
    carried = request.COOKIES.get(DEVICE, "")
    known: list[str] = account.preferences.get("devices", [])
    if carried and _digest(carried) in known:
        return
    value = secrets.token_urlsafe(24)
    account.preferences = {**account.preferences, "devices": [*known, _digest(value)][-_DEVICES:]}
    visit.note("signin.new_device", f"account:{account.pk}", device=request.headers.get("User-Agent", "")[:200])
    answer.set_cookie(DEVICE, value, max_age=34_560_000, secure=site().secure, httponly=True, samesite="Lax",
                      path="/sign-in")  # fmt: skip


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
