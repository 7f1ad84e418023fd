"""Báo tin cho phần mềm: which programs are told of what, how their calls went, and their secrets, shown once."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.office.models import Webhook
from lienthong.office.services import webhooks
from lienthong.webkit.door.access import Route, needs, posted, route
from lienthong.webkit.door.faults import fault_of, faults_of
from lienthong.webkit.door.pages import render, see_other
from lienthong.webkit.door.visit import visit_of
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

HERE = "lienthong.office"
SHOWN_CALLS = 10
TONES = {"waiting": "waiting", "heard": "done", "given_up": "error"}
STATES = {"waiting": "chờ gọi", "heard": "đã nghe", "given_up": "đã thôi"}


def listing(request: HttpRequest) -> HttpResponseBase:
    """The subscriptions; a new one's secret is shown once, on the answer."""
    if request.method != "POST":
        return _page(request)
    try:
        made, secret = webhooks.subscribe(
            visit_of(request), request.POST.get("url", ""), request.POST.getlist("events")
        )
    except Refused as refused:
        return _page(request, refused=refused)
    return _page(request, shown=(made, secret))


def _page(
    request: HttpRequest, *, refused: Refused | None = None, shown: tuple[Webhook, str] | None = None
) -> HttpResponseBase:
    visit = visit_of(request)
    faults = faults_of(refused, visit.language) if refused else []
    chosen = request.POST.getlist("events") if refused else []
    hooks = list(Webhook.objects.filter(agency=visit.agency, ended_at__isnull=True).order_by("pk"))
    calls = webhooks.newest_calls(hooks, SHOWN_CALLS)
    return render(
        request, HERE, "webhooks.html", hooks=hooks, calls=calls, words={**webhooks.EVENTS, webhooks.TEST: "Gọi thử"},
        shown=shown, refusal=refused, faults=faults, url_fault=fault_of(faults, "url"),
        events_fault=fault_of(faults, "events"), typed=request.POST.get("url", "") if refused else "", tones=TONES,
        states=STATES, status=(422 if faults else refused.code.http) if refused else 200,
        choices=[(name, word, name in chosen) for name, word in webhooks.EVENTS.items()],
    )  # fmt: skip


def act(request: HttpRequest, webhook: int, act: str) -> HttpResponseBase:
    """Try out, change the secret, call again, end."""
    visit = visit_of(request)
    webhooks.find(visit, webhook)
    if act == "rotate":
        return _page(request, shown=webhooks.rotate(visit, webhook))
    verbs = {"try": webhooks.try_out, "again": webhooks.call_again, "end": webhooks.end}
    if act not in verbs:
        raise Refused(NOT_FOUND_HERE)
    verbs[act](visit, webhook)
    return see_other("webhooks")


ADMIN = needs(Duty.ADMINISTRATOR)
ROUTES: list[Route] = [
    route("webhooks", listing, ADMIN, "webhooks"),
    posted("webhooks/<int:webhook>/<str:act>", act, ADMIN, "webhook_act"),
]
