"""The door of the office: everybody has a first page, what cannot be read is told, faults have numbers, and programs
lose their tokens together with the person's way in."""

from __future__ import annotations

import html
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from lienthong.office import urls
from lienthong.webkit.administration import tokens
from lienthong.webkit.door import entering
from lienthong.webkit.people.models import Account, ApiToken, Appointment
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for, as_owner
from office_world import PASSWORD, OfficeAgency, OfficeClient, make_agency, visit_as
from outgoing_world import make_outgoing

STRANGE_NUMBERS = ("²", "٣", "１", "-1", str(10**30))


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode())


@pytest.fixture
def made(agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


@pytest.mark.parametrize("duty", list(Duty))
def test_everybody_has_a_first_page_that_opens(made: OfficeAgency, duty: Duty) -> None:
    assert made.client(duty).get("/", follow=True).status_code == 200


def test_whoever_has_no_duty_yet_gets_a_first_page_too(made: OfficeAgency) -> None:
    client = made.client(Duty.INTERCONNECTION)
    with as_owner():
        Appointment.objects.filter(account=made.people[Duty.INTERCONNECTION]).delete()
    page = client.get("/", follow=True)
    assert page.status_code == 200
    assert "Chưa có; đề nghị quản trị phân công." in text_of(page)


def test_where_somebody_wanted_to_go_is_kept_whole_through_the_sign_in(made: OfficeAgency) -> None:
    wanted = "/search?q=a&unit=3#x"
    client = OfficeClient()
    answer = client.submit("/sign-in", login=made.people[Duty.LEADER].login, password=PASSWORD, next=wanted)
    assert parse_qs(urlsplit(answer["Location"]).query) == {"next": [wanted]}


@pytest.mark.parametrize("act", ["password", "factor", "subject"])
def test_programs_lose_their_tokens_when_an_administrator_changes_the_way_in(made: OfficeAgency, act: str) -> None:
    officer = made.people[Duty.CASE_OFFICER]
    with acting_for(made.agency.pk):
        token = tokens.make_token(visit_as(made, Duty.CASE_OFFICER), "phần mềm", 30, may_write=False)
    asking = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    assert Client().get("/api/v1/tasks", **asking).status_code == 200
    given = {"subject": f"sub-{officer.pk}"} if act == "subject" else {}
    made.client(Duty.ADMINISTRATOR).submit(f"/people/{officer.pk}/{act}", page=f"/people/{officer.pk}", **given)
    assert Client().get("/api/v1/tasks", **asking).status_code == 401
    with acting_for(made.agency.pk):
        assert ApiToken.objects.get(account=officer).revoked_at is not None


@pytest.mark.parametrize("number", STRANGE_NUMBERS)
def test_numbers_that_are_none_break_no_form_of_the_administration(made: OfficeAgency, number: str) -> None:
    admin = made.client(Duty.ADMINISTRATOR)
    admin.raise_request_exception = False
    officer = made.people[Duty.CASE_OFFICER].pk
    sent = [
        admin.submit("/units/new", page="/units", name="Phòng Một", parent=number),
        admin.submit(f"/people/{officer}/appoint", page=f"/people/{officer}", duty="leader", unit=number, position="x"),
        admin.submit("/mine/delegations", page="/mine", substitute=number, starts="01/01/2027", ends="02/01/2027"),
        admin.submit("/mine/tokens", token_name="a", days=number),
        admin.get("/audit", {"account": number, "after": number}),
    ]
    assert [each.status_code for each in sent if each.status_code >= 500] == []


def test_the_page_of_a_draft_notes_who_looked(agency_number: int) -> None:
    world = make_outgoing(agency_number)
    document = world.draft()
    assert world.made.client(Duty.CASE_OFFICER).get(f"/drafts/{document}").status_code == 200
    log = text_of(world.made.client(Duty.AUDITOR).get("/audit?action=document.viewed"))
    assert f"document:{document}" in log


def test_an_address_that_does_not_exist_shows_our_own_page(made: OfficeAgency) -> None:
    answer = made.client(Duty.REGISTRAR).get("/khong-co-trang-nay")
    assert answer.status_code == 404
    assert "Mã: NOT_FOUND_HERE" in text_of(answer)
    assert "default-src" in answer["Content-Security-Policy"]
    program = Client().get("/api/v1/khong-co")
    assert (program.status_code, program["Content-Type"]) == (404, "application/problem+json")
    assert json.loads(program.content)["code"] == "NOT_FOUND_HERE"


@pytest.mark.parametrize("where", ["/incoming", "/api/v1/tasks"])
def test_a_fault_outside_of_the_views_has_a_number_that_stands_in_the_log(
    made: OfficeAgency, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[dict[str, Any]] = []
    client = made.client(Duty.REGISTRAR)
    client.raise_request_exception = False

    def breaks(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(entering, "person_of", breaks)
    monkeypatch.setattr(entering, "program_of", breaks)
    monkeypatch.setattr(entering.telemetry, "fault", lambda event, reason, **more: logged.append(more))
    answer = client.get(where)
    assert answer.status_code == 500
    assert len(logged) == 1
    number = str(logged[0]["number"])
    assert len(number) == 32 and number in answer.content.decode()
    assert "default-src" in answer["Content-Security-Policy"]
    wanted = "application/problem+json" if where.startswith("/api/") else "text/html; charset=utf-8"
    assert answer["Content-Type"] == wanted


def test_the_people_are_listed_by_given_name(made: OfficeAgency) -> None:
    with as_owner():
        for n, name in enumerate(("Trần Văn Yên", "Lê Thị Ánh", "Phạm Đức")):
            each = Account(agency=made.agency, login=f"order{n}.{made.agency.pk}", full_name=name)
            each.set_unusable_password()
            each.save()
    page = text_of(made.client(Duty.ADMINISTRATOR).get("/people"))
    assert page.index("Lê Thị Ánh") < page.index("Phạm Đức") < page.index("Trần Văn Yên")


def test_no_key_of_the_frame_is_bound_twice(made: OfficeAgency) -> None:
    for duty in (Duty.REGISTRAR, Duty.ADMINISTRATOR, Duty.LEADER):
        page = made.client(duty).get("/mine").content.decode()
        keys = [piece[0] for piece in page.split('data-goto="')[1:]]
        assert len(keys) == len(set(keys)), (duty, keys)


def test_every_route_has_a_handler_of_ours_for_what_is_not_found_and_for_faults() -> None:
    assert urls.handler404 and urls.handler500
