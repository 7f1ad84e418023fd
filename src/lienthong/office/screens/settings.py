"""Cài đặt của cơ quan: the working calendar and the mailbox that letters come in by."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.office.deadlines import calendar_of
from lienthong.office.services import calendars, mail_intake
from lienthong.vocabulary.working_calendar import DayKind
from lienthong.webkit.door.access import Route, needs, posted, route
from lienthong.webkit.door.faults import faults_of, read_day, read_number
from lienthong.webkit.door.pages import render, see_other
from lienthong.webkit.door.visit import visit_of
from lienthong.webkit.look.parts import Choice
from lienthong.webkit.site.duties import Duty

HERE = "lienthong.office"


def settings(request: HttpRequest) -> HttpResponseBase:
    """What the agency has set."""
    return _page(request)


def _page(request: HttpRequest, refused: Refused | None = None) -> HttpResponseBase:
    visit = visit_of(request)
    calendar = calendar_of(visit.agency)
    own = {str(each["date"]) for each in calendars.own_days(visit.agency)}
    coming = [each for each in calendar.entries if each.day >= visit.today.replace(month=1, day=1)]
    return render(
        request, HERE, "settings.html", own=[each for each in coming if each.day.isoformat() in own],
        known=[each for each in coming if each.day.isoformat() not in own], box=visit.agency.settings.get("mailbox"),
        kinds=[Choice(each.value, calendars.WORDS[each]) for each in calendars.KINDS],
        words={each.value: calendars.WORDS.get(each, "Nghỉ bù") for each in DayKind},
        faults=faults_of(refused, visit.language) if refused else [], refusal=refused,
        typed=request.POST if refused else {}, status=refused.code.http if refused else 200,
    )  # fmt: skip


def set_day(request: HttpRequest) -> HttpResponseBase:
    """Enter or correct a day of the calendar."""
    visit, given = visit_of(request), request.POST
    return _try(
        request,
        lambda: calendars.set_day(
            visit, read_day(given.get("day", "")), given.get("kind", ""), given.get("reason", "")
        ),
    )


def remove_day(request: HttpRequest, day: str) -> HttpResponseBase:
    """Take an entry of one's own away."""
    found = read_day(day)
    if found is None:
        return see_other("settings")
    return _try(request, lambda: calendars.remove_day(visit_of(request), found))


def mailbox(request: HttpRequest) -> HttpResponseBase:
    """Set the mailbox, or take it away when the server's name is empty; the password is kept sealed."""
    visit, given = visit_of(request), request.POST
    host = given.get("host", "").strip()

    def verb() -> None:
        if not host:
            mail_intake.set_mailbox(visit, None)
            return
        port = read_number(given.get("port", "993"), 5) or 0
        mail_intake.set_mailbox(
            visit,
            mail_intake.Mailbox(
                host[:253], given.get("user", "")[:254], given.get("password", "")[:1000],
                port if 0 < port < 65536 else 993,
                given.get("place", "").strip()[:200] or "INBOX",
            ),
        )  # fmt: skip

    return _try(request, verb)


def _try(request: HttpRequest, verb: Callable[[], None]) -> HttpResponseBase:
    try:
        verb()
    except Refused as refused:
        return _page(request, refused)
    return see_other("settings")


ADMIN = needs(Duty.ADMINISTRATOR)
ROUTES: list[Route] = [
    route("settings", settings, ADMIN, "settings"),
    posted("settings/calendar", set_day, ADMIN, "calendar_day"),
    posted("settings/calendar/<str:day>/remove", remove_day, ADMIN, "calendar_remove"),
    posted("settings/mailbox", mailbox, ADMIN, "mailbox"),
]
