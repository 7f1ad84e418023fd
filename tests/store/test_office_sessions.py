"""Sessions of the office: what a cookie is worth, when it ends, and how guessing is slowed down."""

from __future__ import annotations

import dataclasses
import re
import time
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.conf import settings
from django.test import Client

from lienthong.webkit.door import entering
from lienthong.webkit.door.entering import COOKIE
from lienthong.webkit.people.models import Account, Session
from lienthong.webkit.signin import passwords
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import PASSWORD, OfficeClient, make_agency


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Moves the clock of the pages."""
    clock = entering.now

    def move(**by: float) -> None:
        monkeypatch.setattr(entering, "now", lambda: clock() + timedelta(**by))

    return move


def password_given(login: str, password: str = PASSWORD, client: Client | None = None) -> Any:
    return (client or Client()).post("/sign-in", {"login": login, "password": password})


def test_a_session_ends_when_nobody_works(agency_number: int, later: Any) -> None:
    client = make_agency(agency_number).client(Duty.REGISTRAR)
    idle = site().idle.total_seconds()
    later(seconds=idle - 60)
    assert client.get("/incoming").status_code == 200
    later(seconds=2 * idle - 180)
    assert client.get("/incoming").status_code == 200, "work keeps it"
    later(seconds=3 * idle)
    assert client.get("/incoming")["Location"] == "/sign-in?next=%2Fincoming"


def test_a_session_ends_after_its_longest_time_however_much_is_done(agency_number: int, later: Any) -> None:
    client = make_agency(agency_number).client(Duty.REGISTRAR)
    steps = int(site().session / timedelta(minutes=30))
    for step in range(1, steps):
        later(minutes=30 * step)
        assert client.get("/mine").status_code == 200, step
    later(minutes=30 * steps + 1)
    assert client.get("/mine").status_code == 303


def test_each_step_of_signing_in_gives_a_new_cookie_and_the_old_one_is_worth_nothing(agency_number: int) -> None:
    """A cookie that an attacker planted, or saw before, does not become a signed-in one."""
    made = make_agency(agency_number)
    account, client = made.people[Duty.LEADER], OfficeClient(enforce_csrf_checks=True)
    client.cookies[COOKIE] = "planted"
    client.submit("/sign-in", login=account.login, password=PASSWORD)
    half = client.cookies[COOKIE].value
    client.submit("/sign-in/second", code=pyotp.TOTP(made.secrets[account.pk]).now())
    assert len({"planted", half, client.cookies[COOKIE].value}) == 3
    for old in ("planted", half):
        other = Client()
        other.cookies[COOKIE] = old
        assert other.get("/incoming")["Location"].startswith("/sign-in?"), old
    with acting_for(made.agency.pk):
        assert Session.objects.filter(account=account).count() == 1


def test_signing_in_as_somebody_of_another_agency_ends_the_former_session(agency_number: int) -> None:
    first, second = make_agency(agency_number), make_agency(agency_number + 300_000)
    client = first.client(Duty.LEADER)
    password_given(second.people[Duty.LEADER].login, client=_plain(client))
    with acting_for(first.agency.pk):
        assert not Session.objects.filter(account=first.people[Duty.LEADER]).exists()


def _plain(client: OfficeClient) -> Client:
    plain = Client()
    plain.cookies[COOKIE] = client.cookies[COOKIE].value
    return plain


def test_the_cookies_are_out_of_reach_of_scripts_and_other_sites(agency_number: int) -> None:
    made = make_agency(agency_number)
    client = made.client(Duty.LEADER)
    session, csrf, device = client.cookies[COOKIE], client.cookies["csrf"], client.cookies["device"]
    assert session["httponly"] and session["samesite"] == "Lax" and session["path"] == "/"
    assert device["httponly"] and device["path"] == "/sign-in"
    assert csrf["samesite"] == "Lax" and not session["domain"]
    assert len(session.value) >= 43, "256 random bits"


def test_behind_tls_every_cookie_and_the_connection_are_secure(agency_number: int, monkeypatch: Any) -> None:
    made = make_agency(agency_number)
    monkeypatch.setattr(settings, "LIENTHONG", dataclasses.replace(settings.LIENTHONG, secure=True))
    answer = password_given(made.people[Duty.LEADER].login)
    assert answer.cookies[COOKIE]["secure"]
    assert "max-age=31536000" in answer["Strict-Transport-Security"]


def test_all_other_browsers_can_be_signed_out_and_signing_out_ends_the_session(agency_number: int) -> None:
    made = make_agency(agency_number)
    phone = made.client(Duty.LEADER)
    with acting_for(made.agency.pk):
        Account.objects.filter(pk=made.people[Duty.LEADER].pk).update(totp_last_step=0)
    desk = made.client(Duty.LEADER)
    assert desk.submit("/mine/sessions", page="/mine").status_code == 303
    assert (phone.get("/incoming").status_code, desk.get("/incoming").status_code) == (303, 200)
    kept = desk.cookies[COOKIE].value
    desk.submit("/sign-out", page="/mine")
    desk.cookies[COOKIE] = kept
    assert desk.get("/incoming").status_code == 303


def test_a_new_password_ends_all_other_sessions(agency_number: int) -> None:
    made = make_agency(agency_number)
    thief = made.client(Duty.LEADER)
    with acting_for(made.agency.pk):
        Account.objects.filter(pk=made.people[Duty.LEADER].pk).update(totp_last_step=0)
    owner = made.client(Duty.LEADER)
    assert owner.submit("/sign-in/password", old=PASSWORD, new="cau khac that dai nua").status_code == 303
    assert (thief.get("/incoming").status_code, owner.get("/incoming").status_code) == (303, 200)


def test_the_time_of_signing_in_is_shown_and_a_new_device_is_written_down_once(agency_number: int) -> None:
    made = make_agency(agency_number)
    account = made.people[Duty.LEADER]
    client = made.client(Duty.LEADER)
    with acting_for(made.agency.pk):
        found = Account.objects.get(pk=account.pk)
        assert found.last_login is not None
        Account.objects.filter(pk=account.pk).update(totp_last_step=0, last_login="2026-01-02T03:04:00Z")
    client.submit("/sign-out", page="/mine")
    client.sign_in(account.login, made.secrets[account.pk])
    assert "02/01/2026 10:04" in client.get("/mine").content.decode()
    seen = made.client(Duty.AUDITOR).get("/audit", {"account": str(account.pk)}).content.decode()
    assert len(re.findall(r"signin\.new_device", re.sub(r"<option.*?</option>", "", seen, flags=re.S))) == 1


def test_guessing_a_password_is_slowed_down_and_waiting_ends_it(agency_number: int, later: Any) -> None:
    made = make_agency(agency_number)
    login = made.people[Duty.LEADER].login
    for _ in range(passwords.FREE_FAILURES):
        assert password_given(login, "sai").status_code == 403
    refused = password_given(login)
    assert refused.status_code == 429, "even the right password waits"
    assert "phút" in refused.content.decode()
    assert password_given(made.people[Duty.REGISTRAR].login).status_code == 303, "others do not wait"
    later(seconds=20)
    assert password_given(login).status_code == 303
    assert password_given(login, "sai").status_code == 403, "a success forgets the failures"


def test_the_pause_grows_with_each_failure_up_to_a_quarter_of_an_hour(agency_number: int, later: Any) -> None:
    login = make_agency(agency_number).people[Duty.LEADER].login
    for _ in range(passwords.FREE_FAILURES):
        password_given(login, "sai")
    later(seconds=16)
    assert password_given(login, "sai").status_code == 403
    later(seconds=16 + 20)
    assert password_given(login, "sai").status_code == 429
    later(seconds=16 + 31)
    assert password_given(login, "sai").status_code == 403


def test_an_unknown_login_is_slowed_down_like_a_known_one(agency_number: int) -> None:
    """Otherwise the pause would tell which logins exist."""
    make_agency(agency_number)
    answers = [password_given(f"khong-co-{agency_number}", "sai") for _ in range(passwords.FREE_FAILURES + 1)]
    assert [each.status_code for each in answers] == [403] * passwords.FREE_FAILURES + [429]


def test_an_address_that_tries_many_logins_is_stopped(agency_number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_agency(agency_number)
    monkeypatch.setattr(passwords, "PER_ADDRESS", 3)
    place = f"2001:db8::{agency_number % 60000:x}"
    for n in range(3):
        Client(REMOTE_ADDR=place).post("/sign-in", {"login": f"nguoi{n}-{agency_number}", "password": "sai"})
    login = made.people[Duty.LEADER].login
    assert password_given(login, client=Client(REMOTE_ADDR=place)).status_code == 429
    assert password_given(login, client=Client(REMOTE_ADDR=place + "1")).status_code == 303


def test_guessing_a_code_is_slowed_down_and_waiting_ends_it(agency_number: int, later: Any) -> None:
    made = make_agency(agency_number)
    account, client = made.people[Duty.LEADER], OfficeClient(enforce_csrf_checks=True)
    client.submit("/sign-in", login=account.login, password=PASSWORD)
    for _ in range(passwords.FREE_FAILURES):
        assert client.submit("/sign-in/second", code="abcdef").status_code == 403
    for _ in range(3):
        assert client.submit("/sign-in/second", code="abcdef").status_code == 429
    later(seconds=20)
    code = pyotp.TOTP(made.secrets[account.pk]).at(int(time.time()) + 20)
    assert client.submit("/sign-in/second", code=code).status_code == 303


def test_an_unknown_login_takes_as_long_as_a_wrong_password(agency_number: int) -> None:
    login = make_agency(agency_number).people[Duty.LEADER].login
    password_given(f"khong-co-{agency_number}", "sai")

    def spent(name: str) -> float:
        begun = time.thread_time()
        assert password_given(name, "sai").status_code == 403
        return time.thread_time() - begun

    known = min(spent(login) for _ in range(3))
    unknown = min(spent(f"khong-co-{agency_number}") for _ in range(3))
    assert 0.5 < known / unknown < 2
