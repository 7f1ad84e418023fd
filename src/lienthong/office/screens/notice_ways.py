"""Cách nhận thông báo: by which way a person is told of what, and the devices that notices are pushed to."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.office.notice_kinds import kinds_by_word
from lienthong.office.push import vapid
from lienthong.office.services import push_devices
from lienthong.office.services.preferring import Channel, choose_notices, wants
from lienthong.office.services.push_key import push_key
from lienthong.office.services.push_sending import OFFLINE
from lienthong.webkit.door.access import ONLY_FORMS, PUBLIC, SIGNED_IN, Route, posted, route
from lienthong.webkit.door.entering import COOKIE, digest_of
from lienthong.webkit.door.pages import render, see_other
from lienthong.webkit.door.visit import visit_of
from lienthong.webkit.people import push_devices as browsers
from lienthong.webkit.people.models import PushDevice
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.errors import NOT_FOUND_HERE

HERE = "lienthong.office"
YEAR = 34_560_000
"""Seconds for which browsers keep a cookie at most."""


def ways(request: HttpRequest) -> HttpResponseBase:
    """The choice for each kind of notice, and the devices of this person."""
    if request.method != "POST":
        return _page(request)
    visit = visit_of(request)
    wanted = {Channel.MAIL: request.POST.getlist("mail")}
    if push_devices.push_hosts():
        wanted[Channel.PUSH] = request.POST.getlist("push")
    choose_notices(visit, wanted)
    return see_other("notice_ways")


def _page(request: HttpRequest, refused: Refused | None = None) -> HttpResponseBase:
    visit = visit_of(request)
    account, vi = visit.who.account, visit.language == "vi"
    kinds = [
        (group[0].value, words[0 if vi else 1], [wants(account, group[0].value, each) for each in Channel])
        for words, group in kinds_by_word().items()
    ]
    here = browsers.digest_of(request.COOKIES.get(browsers.COOKIE, ""))
    devices = [
        (each, bytes(each.digest) == here, each.pushes.filter(notice=None).exists())
        for each in PushDevice.objects.filter(account=account).order_by("pk")
    ]
    pushing = bool(push_devices.push_hosts())
    return render(
        request, HERE, "notice_ways.html", kinds=kinds, devices=devices, pushing=pushing, account=account,
        on_here=any(mine for _, mine, _ in devices), offline=OFFLINE, refusal=refused,
        key=vapid.public(push_key()) if pushing else "", status=refused.code.http if refused else 200,
    )  # fmt: skip


def switch_on(request: HttpRequest) -> HttpResponseBase:
    """Push to this browser; its subscription comes from the page's script."""
    given, session = request.POST, digest_of(request.COOKIES.get(COOKIE, ""))
    try:
        _, cookie = push_devices.switch_on(
            visit_of(request), given.get("endpoint", ""), given.get("point", ""), given.get("auth", ""),
            request.headers.get("User-Agent", ""), session,
        )  # fmt: skip
    except Refused as refused:
        return _page(request, refused)
    answer = see_other("notice_ways")
    answer.set_cookie(browsers.COOKIE, cookie, max_age=YEAR, secure=site().secure, httponly=True, samesite="Lax")
    return answer


def act(request: HttpRequest, device: int, act: str) -> HttpResponseBase:
    """Try a device, or push to it no longer."""
    verbs = {"try": push_devices.try_out, "end": push_devices.switch_off}
    if act not in verbs:
        raise Refused(NOT_FOUND_HERE)
    verbs[act](visit_of(request), device)
    return see_other("notice_ways")


def moved(request: HttpRequest) -> HttpResponseBase:
    """The service worker's word that this browser's subscription is another one now; nobody need be signed in.

    Who it is says the browser's cookie, which no foreign page can have sent with a form (SameSite).
    """
    given = request.POST
    device = browsers.find_push(request.COOKIES.get(browsers.COOKIE, ""))
    if device is None or request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise Refused(NOT_FOUND_HERE)
    push_devices.move(device, given.get("endpoint", ""), given.get("point", ""), given.get("auth", ""))
    return HttpResponse(status=204)


moved.csrf_exempt = True  # type: ignore[attr-defined]  # Django's own mark; a worker has no page with a token

ROUTES: list[Route] = [
    route("notices/ways", ways, SIGNED_IN, "notice_ways"),
    posted("notices/devices", switch_on, SIGNED_IN, "push_on"),
    posted("notices/devices/<int:device>/<str:act>", act, SIGNED_IN, "push_act"),
    Route("push/moved", moved, PUBLIC, "push_moved", ONLY_FORMS),
]
