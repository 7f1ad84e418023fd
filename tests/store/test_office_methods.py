"""A followed link changes nothing: every address says which methods it takes, and those that only change take forms."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from lienthong.office import urls
from lienthong.office.models import SavedView
from lienthong.office.services import saving_views
from lienthong.webkit.door.access import FORM, ONLY_FORMS, PUBLIC, Route
from lienthong.webkit.door.entering import COOKIE
from lienthong.webkit.people.models import Account, Session
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for, as_owner
from office_world import OfficeAgency, OfficeClient, make_agency, working_as

VERBS = (
    "password",
    "factor",
    "disable",
    "enable",
    "subject",
    "rotate",
    "try",
    "end",
    "again",
    "begin",
    "close",
    "report",
)
"""Words that addresses with an act in them know."""

OTHER_MATTERS = {"sign_out"}
"""Signing out is tried by itself."""


@pytest.fixture
def made(agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


def own_view(made: OfficeAgency) -> SavedView:
    with working_as(made, Duty.REGISTRAR) as visit:
        saving_views.save_view(visit, "search", "Của tôi", "q=a", shared=False)
        return SavedView.objects.get(owner=made.people[Duty.REGISTRAR])


def addresses(route: Route, made: OfficeAgency, view: int) -> list[str]:
    """The route with objects that exist; one address for each act that it may name."""
    known = {
        "account": made.people[Duty.CASE_OFFICER].pk,
        "unit": made.unit.pk,
        "number": 1,
        "dpi": 110,
        "size": 192,
        "view": view,
    }
    filled = re.sub(r"<int:(\w+)>", lambda m: str(known.get(m[1], 999999999)), route.pattern)
    if "<" not in filled:
        return [f"/{filled}"]
    return [f"/{re.sub('<[^>]+>', each, filled)}" for each in VERBS]


def rows() -> list[Any]:
    """Number and transactions of the rows of every table but those of sessions, logs and works.

    Who writes, changes or removes a row leaves another number or another sum: a row carries the transaction that wrote
    it last, and each is higher than all before. It is asked after every route, so nothing is read beyond that.
    """
    aside = (
        "people_session",
        "people_signinfailure",
        "audit_entry",
        "audit_head",
        "django_migrations",
        "job",
        "job_period",
    )
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public' order by 1")
        names = [name for (name,) in cursor.fetchall() if name not in aside]
        each = "select '{0}', count(*), sum(xmin::text::bigint) from {0}"
        cursor.execute(" union all ".join(each.format(name) for name in names))
        return sorted(cursor.fetchall())


def test_no_link_changes_anything(made: OfficeAgency) -> None:
    view = own_view(made).pk
    clients = {duty: made.client(duty) for duty in (Duty.ADMINISTRATOR, Duty.REGISTRAR)}
    for each in clients.values():
        each.raise_request_exception = False
    before = rows()
    for route in urls.ALL:
        for duty, client in clients.items():
            if route.name in OTHER_MATTERS or (route.rule.duties and duty not in route.rule.duties):
                continue
            for where in addresses(route, made, view):
                answer = client.get(where)
                assert answer.status_code < 500, where
                if route.methods == ONLY_FORMS and not where.startswith("/api/"):
                    assert (answer.status_code, answer["Allow"]) == (405, "POST"), where
                    assert client.head(where).status_code == 405, where
        assert rows() == before, route.name


def test_what_only_changes_something_takes_only_forms(made: OfficeAgency) -> None:
    """Names of routes that show nothing of their own, found by what they are called."""
    changing = (
        r"_(act|change|end|revoke|remove|rename|drop|save|close|new_password|void|seal|issue|recall|resend)$|^sign_out$"
    )
    shows = {"dossier_change"}
    for route in urls.ALL:
        assert route.methods in {FORM, ONLY_FORMS}, route.name
        if re.search(changing, route.name) and route.name not in shows:
            assert route.methods == ONLY_FORMS, route.name
    assert sum(route.methods == ONLY_FORMS for route in urls.ALL) > 60


def test_a_link_to_a_new_password_leaves_the_old_one(made: OfficeAgency) -> None:
    officer = made.people[Duty.CASE_OFFICER]
    answer = made.client(Duty.ADMINISTRATOR).get(f"/people/{officer.pk}/password")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "Mã: ONLY_BY_FORM" in answer.content.decode()
    assert "bấm nút ở đó" in answer.content.decode()
    with acting_for(made.agency.pk):
        assert Account.objects.get(pk=officer.pk).password == officer.password


def test_a_link_to_signing_out_signs_nobody_out(made: OfficeAgency) -> None:
    client = made.client(Duty.REGISTRAR)
    answer = client.get("/sign-out")
    assert answer.status_code == 405
    assert COOKIE not in answer.cookies
    assert client.get("/incoming").status_code == 200
    with acting_for(made.agency.pk):
        assert Session.objects.filter(account=made.people[Duty.REGISTRAR]).exists()


def test_strangers_are_led_to_sign_in_before_they_hear_of_methods(made: OfficeAgency) -> None:
    for route in urls.ALL:
        if route.methods == ONLY_FORMS and route.rule != PUBLIC and not route.pattern.startswith("api/"):
            assert Client().get(addresses(route, made, 1)[0])["Location"].startswith("/sign-in"), route.name


def test_after_a_refused_form_the_language_leads_to_a_page(made: OfficeAgency) -> None:
    """The page of a refusal stands at the form's own address, which no link opens."""
    client = made.client(Duty.REGISTRAR)
    page = client.submit("/search/views", page="/search", name="", query="q=a")
    assert page.status_code == 422
    back = re.search(r'action="/language".*?name="next" value="([^"]*)"', page.content.decode(), re.S)
    assert back is not None
    answer = client.submit("/language", page="/search", to="en", next=back[1])
    assert client.get(answer["Location"]).status_code == 200


def test_a_link_does_not_change_the_language_of_an_account_and_the_form_of_any_page_does(made: OfficeAgency) -> None:
    client = made.client(Duty.REGISTRAR)
    person = made.people[Duty.REGISTRAR]

    def language() -> str:
        with acting_for(made.agency.pk):
            return Account.objects.get(pk=person.pk).language

    assert client.get("/language", {"to": "en", "next": "/"}).status_code == 405
    assert (language(), "lang" in client.cookies) == ("vi", False)
    assert client.submit("/language", page="/search", to="en", next="/search")["Location"] == "/search"
    assert (language(), client.cookies["lang"].value) == ("en", "en")
    stranger = OfficeClient(enforce_csrf_checks=True)
    assert stranger.submit("/language", page="/sign-in", to="en", next="/sign-in").status_code == 303
    assert "Sign in" in stranger.get("/sign-in").content.decode()
