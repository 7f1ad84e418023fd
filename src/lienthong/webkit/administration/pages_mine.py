"""Cá nhân: one's own settings, sessions and delegations."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.base.clock import VIETNAM, from_text
from lienthong.base.errors import Refused
from lienthong.webkit.administration import delegating, people
from lienthong.webkit.administration.devices import device_words
from lienthong.webkit.administration.errors import DELEGATION_NOT_POSSIBLE
from lienthong.webkit.door.access import SIGNED_IN, Route, posted, route
from lienthong.webkit.door.entering import COOKIE, digest_of
from lienthong.webkit.door.faults import read_day, read_number
from lienthong.webkit.door.pages import render, see_other
from lienthong.webkit.door.visit import visit_of
from lienthong.webkit.look.parts import Choice
from lienthong.webkit.people.models import Account, Delegation, PushDevice, Session
from lienthong.webkit.people.push_devices import COOKIE as PUSH
from lienthong.webkit.people.push_devices import end_push_of
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

HERE = "lienthong.webkit.administration"


def mine(request: HttpRequest) -> HttpResponseBase:
    """Settings, the browsers in which one is signed in, who stands in for whom."""
    return _mine(request)


def _mine(request: HttpRequest, refused: Refused | None = None) -> HttpResponseBase:
    visit = visit_of(request)
    account = visit.who.account
    others = Account.objects.filter(agency=visit.agency, disabled_at__isnull=True).exclude(pk=account.pk)
    held = {each.duty for each in visit.who.capacities if each.principal is None} & set(delegating.LENDABLE)
    sessions = Session.objects.filter(account=account, ends_at__gt=visit.now).order_by("-seen_at")
    vi = visit.language == "vi"
    return render(
        request, HERE, "mine.html", account=account,
        sessions=[(each, bytes(each.digest).hex(), device_words(each.device, visit.language)) for each in sessions],
        here=digest_of(request.COOKIES.get(COOKIE, "")).hex(),
        given=list(Delegation.objects.filter(principal=account).select_related("substitute").order_by("-id")[:20]),
        held=list(Delegation.objects.filter(substitute=account, ends_at__gt=visit.now, revoked_at__isnull=True)
                  .select_related("principal")),
        people=[Choice(str(each.pk), each.full_name) for each in others.order_by("sort_name")[:2000]],
        duties=[Choice(each.value, each.vi if vi else each.en) for each in Duty if each in held],
        duty_words={each.value: each.vi if vi else each.en for each in Duty},
        before=_before(account),
        refusal=refused, typed=request.POST, now=visit.now, status=refused.code.http if refused else 200,
    )  # fmt: skip


def settings(request: HttpRequest) -> HttpResponseBase:
    """Keys on or off, next item by itself or not."""
    account = visit_of(request).who.account
    account.preferences = {**account.preferences, "keys": "keys" in request.POST, "next": "next" in request.POST}
    account.save(update_fields=["preferences"])
    return see_other("mine")


def end_session(request: HttpRequest) -> HttpResponseBase:
    """End one of one's own other sessions, or all of them, and the pushing of notices to those browsers."""
    visit = visit_of(request)
    others = Session.objects.filter(account=visit.who.account).exclude(
        digest=digest_of(request.COOKIES.get(COOKIE, ""))
    )
    which = request.POST.get("session", "")
    if which:
        others = others.filter(digest=bytes.fromhex(which) if len(which) == 64 and _is_hex(which) else b"")
        PushDevice.objects.filter(account=visit.who.account, session__in=others).delete()
    else:
        end_push_of(visit.who.account, but=request.COOKIES.get(PUSH, ""))
    visit.note("signin.sessions_ended", "", count=others.count())
    others.delete()
    return see_other("mine")


def delegate(request: HttpRequest) -> HttpResponseBase:
    """Let somebody stand in for oneself."""
    visit = visit_of(request)
    given = request.POST
    who = read_number(given.get("substitute", ""))
    first, last = read_day(given.get("starts", "")), read_day(given.get("ends", ""))
    try:
        if who is None or first is None or last is None:
            raise Refused(
                DELEGATION_NOT_POSSIBLE,
                reason_vi="chọn người thay và hai ngày",
                reason_en="choose a person and both days",
            )
        duties = [each for each in Duty if each.value in given.getlist("duties")]
        delegating.delegate(
            visit, visit.who.account, people.find_person(visit, who), duties,
            datetime.combine(first, time(), VIETNAM),
            datetime.combine(last, time(), VIETNAM) + timedelta(days=1), given.get("reason", ""),
        )  # fmt: skip
    except Refused as refused:
        if refused.code is NOT_FOUND_HERE:
            raise
        return _mine(request, refused)
    return see_other("mine")


def revoke(request: HttpRequest, delegation: int) -> HttpResponseBase:
    """Take a delegation back."""
    visit = visit_of(request)
    found = Delegation.objects.filter(pk=delegation, principal=visit.who.account).first()
    if found is None:
        raise Refused(NOT_FOUND_HERE)
    delegating.revoke(visit, found)
    return see_other("mine")


def _before(account: Account) -> datetime | None:
    """When the account was opened the time before: a stranger's sign-in shows here."""
    noted = account.preferences.get("before", "")
    return from_text(noted) if noted else None


def _is_hex(text: str) -> bool:
    return all(each in "0123456789abcdef" for each in text)


ROUTES: list[Route] = [
    route("mine", mine, SIGNED_IN, "mine"),
    posted("mine/settings", settings, SIGNED_IN, "mine_settings"),
    posted("mine/sessions", end_session, SIGNED_IN, "mine_sessions"),
    posted("mine/delegations", delegate, SIGNED_IN, "delegate"),
    posted("mine/delegations/<int:delegation>/revoke", revoke, SIGNED_IN, "delegation_revoke"),
]
