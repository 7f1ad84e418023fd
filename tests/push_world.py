"""An office that may push to a service of the test, and people who have switched it on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from lienthong.base.clock import VIETNAM
from lienthong.office.models import Notice
from lienthong.office.notice_words import Said, sentence
from lienthong.office.services.push_sending import Send, push_notices
from lienthong.office.services.telling import notify
from lienthong.office.states import NoticeKind
from lienthong.webkit.door.visit import visit_of_system
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import OfficeAgency, OfficeClient
from push_server import Browser, PushServer

WORKING = datetime(2026, 11, 26, 9, 0, tzinfo=VIETNAM)
"""A Thursday morning."""

LATER = timedelta(minutes=3)
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"


def allowing(monkeypatch: pytest.MonkeyPatch, *hosts: str) -> None:
    """Let the office push to these services."""
    monkeypatch.setitem(site().context, "push_hosts", hosts)


def switched_on(client: OfficeClient, server: PushServer) -> Browser:
    """This client's browser has subscribed and its page has sent the subscription."""
    browser = server.browser()
    answer = client.submit("/notices/devices", page="/notices/ways", **browser.fields)
    assert answer.status_code == 303, answer.content.decode()[-2000:]
    return browser


def told(
    made: OfficeAgency, duty: Duty, kind: NoticeKind, at: datetime = WORKING, text: str = "Về việc hợp nhất xã A",
    where: str = "/incoming/7",
) -> Notice:  # fmt: skip
    """A notice to the person with this duty, written as the office writes them."""
    with acting_for(made.agency.pk):
        visit = visit_of_system(made.agency)
        visit.now = at
        notify(visit, [made.people[duty].pk], kind, sentence(Said.SUBMISSION, title=text), where)
        return Notice.objects.latest("pk")


def push(made: OfficeAgency, at: datetime, send: Send | None = None) -> int:
    """One round of the worker at this instant."""
    with acting_for(made.agency.pk):
        visit = visit_of_system(made.agency)
        visit.now = at
        return push_notices(visit, send)
