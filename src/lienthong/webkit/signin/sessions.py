"""Sessions: opened with a random cookie, raised by the second factor, ended by the person or by time."""

from __future__ import annotations

import secrets

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.webkit.door.entering import COOKIE, digest_of
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.models import Account, Session
from lienthong.webkit.people.push_devices import COOKIE as PUSH
from lienthong.webkit.people.push_devices import end_push_of
from lienthong.webkit.site.configure import site


def open_session(visit: Visit, request: HttpRequest, account: Account, factor: str) -> str:
    """A new session; the value of its cookie, which exists nowhere else."""
    value = secrets.token_urlsafe(32)
    Session.objects.filter(account=account, ends_at__lte=visit.now).delete()
    Session.objects.create(
        digest=digest_of(value), agency_id=account.agency_id, account=account, factor=factor, opened_at=visit.now,
        seen_at=visit.now, ends_at=visit.now + site().session, address=visit.address,
        device=request.headers.get("User-Agent", "")[:200],
    )  # fmt: skip
    return value


def end_session(request: HttpRequest) -> None:
    """End the session of this browser."""
    Session.objects.filter(digest=digest_of(request.COOKIES.get(COOKIE, ""))).delete()


def end_others(request: HttpRequest, account: Account) -> int:
    """End all other sessions of an account, and the pushing to other browsers; how many sessions there were."""
    mine = digest_of(request.COOKIES.get(COOKIE, ""))
    end_push_of(account, request.COOKIES.get(PUSH, ""))
    return Session.objects.filter(account=account).exclude(digest=mine).delete()[0]


def give_cookie(answer: HttpResponseBase, value: str) -> None:
    """The cookie of a session: for this site only, out of reach of scripts."""
    answer.set_cookie(COOKIE, value, max_age=int(site().session.total_seconds()), secure=site().secure, httponly=True,
                      samesite="Lax")  # fmt: skip


def take_cookie(answer: HttpResponseBase) -> None:
    """Take the cookie away."""
    answer.delete_cookie(COOKIE, samesite="Lax")
