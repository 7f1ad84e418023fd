"""Passkeys without a browser: what they open, and every wrong answer that opens nothing."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from lienthong.webkit.door import entering
from lienthong.webkit.door.entering import COOKIE
from lienthong.webkit.people.models import Account, Passkey, Session
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import PASSWORD, OfficeAgency, OfficeClient, make_agency
from software_authenticator import PRESENT, SoftwareAuthenticator


def at_localhost(client: OfficeClient) -> OfficeClient:
    client.defaults["SERVER_NAME"] = "localhost"
    return client


def stranger() -> OfficeClient:
    return at_localhost(OfficeClient(enforce_csrf_checks=True))


def add_key(client: OfficeClient, device: SoftwareAuthenticator, name: str = "Thử", password: str = PASSWORD) -> Any:
    asked = client.submit("/mine/passkeys/making", page="/mine", password=password)
    if asked.status_code != 200:
        return asked
    return client.submit("/mine/passkeys/add", page="/mine", name=name, answer=device.make(json.loads(asked.content)))


def ask(client: OfficeClient) -> dict[str, Any]:
    answer = client.submit("/sign-in/passkey/options", page="/sign-in")
    assert answer.status_code == 200
    return json.loads(answer.content)


def answer_with(client: OfficeClient, answer: str) -> Any:
    return client.submit("/sign-in/passkey", page="/sign-in", answer=answer, next="/incoming")


@pytest.fixture
def keyed(agency_number: int) -> tuple[OfficeAgency, SoftwareAuthenticator]:
    made, device = make_agency(agency_number), SoftwareAuthenticator()
    assert add_key(at_localhost(made.client(Duty.REGISTRAR)), device).status_code == 303
    return made, device


Keyed = tuple[OfficeAgency, SoftwareAuthenticator]


def refused(answer: Any) -> None:
    assert answer.status_code == 403, answer.status_code
    assert "Không đăng nhập được bằng khóa truy cập này" in answer.content.decode()
    assert COOKIE not in answer.cookies


def test_a_passkey_opens_the_office_without_password(keyed: Keyed) -> None:
    made, device = keyed
    client = stranger()
    answer = answer_with(client, device.use(ask(client)))
    assert (answer.status_code, answer["Location"]) == (303, "/incoming")
    assert client.get("/incoming").status_code == 200
    with acting_for(made.agency.pk):
        assert Passkey.objects.get(credential=device.credential).uses == device.uses
        assert Session.objects.filter(account=made.people[Duty.REGISTRAR], factor="key").count() == 1


def test_the_same_answer_opens_nothing_a_second_time_even_if_the_device_does_not_count(keyed: Keyed) -> None:
    _, device = keyed
    device.step = device.uses = 0
    client, thief = stranger(), stranger()
    asked = ask(client)
    thief.cookies["passkey"] = client.cookies["passkey"].value
    answer = device.use(asked)
    assert answer_with(client, answer).status_code == 303
    refused(answer_with(thief, answer))


def test_a_counter_that_does_not_rise_is_a_copied_key(keyed: Keyed) -> None:
    _, device = keyed
    for _ in range(2):
        client = stranger()
        assert answer_with(client, device.use(ask(client))).status_code == 303
    device.uses -= 1
    client = stranger()
    refused(answer_with(client, device.use(ask(client))))


WRONG: dict[str, dict[str, Any]] = {
    "another origin": {"origin": "http://localhost.ke-gian.example"},
    "another party": {"party": "ke-gian.example"},
    "an owner who was not verified": {"flags": PRESENT},
    "an owner who is not there": {"flags": 0},
    "the handle of another person": {"handle": b"x" * 32},
    "a credential that nobody has": {"credential": b"y" * 32},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_answer_opens_nothing(keyed: Keyed, wrong: str) -> None:
    _, device = keyed
    for name, value in WRONG[wrong].items():
        setattr(device, name, value)
    client = stranger()
    refused(answer_with(client, device.use(ask(client))))


def test_a_signature_of_another_key_opens_nothing(keyed: Keyed) -> None:
    _, device = keyed
    other = SoftwareAuthenticator(credential=device.credential, handle=device.handle, uses=50)
    client = stranger()
    refused(answer_with(client, other.use(ask(client))))


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"rawId": 7}', '{"rawId": "đ"}', "[" * 15000, '{"rawId":"AA","response":[]}']
)
def test_what_is_no_answer_opens_nothing(keyed: Keyed, text: str) -> None:
    client = stranger()
    ask(client)
    refused(answer_with(client, text))


def test_an_old_challenge_or_none_opens_nothing(keyed: Keyed, monkeypatch: pytest.MonkeyPatch) -> None:
    _, device = keyed
    client, clock = stranger(), entering.now
    asked = ask(client)
    kept = client.cookies["passkey"].value
    monkeypatch.setattr(entering, "now", lambda: clock() + timedelta(minutes=6))
    client.cookies["passkey"] = kept
    refused(answer_with(client, device.use(asked)))
    monkeypatch.undo()
    refused(answer_with(stranger(), device.use(asked)))


def test_a_closed_account_stays_closed(keyed: Keyed) -> None:
    made, device = keyed
    with acting_for(made.agency.pk):
        Account.objects.filter(pk=made.people[Duty.REGISTRAR].pk).update(disabled_at="2026-01-01T00:00:00Z")
    client = stranger()
    refused(answer_with(client, device.use(ask(client))))


def half_way(made: OfficeAgency, duty: Duty) -> OfficeClient:
    client = stranger()
    client.submit("/sign-in", login=made.people[duty].login, password=PASSWORD)
    return client


def second(client: OfficeClient, device: SoftwareAuthenticator) -> Any:
    asked = client.submit("/sign-in/second/passkey/options", page="/sign-in/second")
    return client.submit(
        "/sign-in/second/passkey", page="/sign-in/second", answer=device.use(json.loads(asked.content))
    )


def test_a_passkey_is_the_second_factor_of_its_owner_only(keyed: Keyed) -> None:
    made, device = keyed
    client = half_way(made, Duty.REGISTRAR)
    assert second(client, device).status_code == 303
    assert client.get("/incoming").status_code == 200
    other = half_way(made, Duty.LEADER)
    refused(second(other, device))
    assert other.get("/incoming").status_code == 303, "still half-way"


def test_the_challenge_of_a_session_is_used_once(keyed: Keyed) -> None:
    made, device = keyed
    client = half_way(made, Duty.REGISTRAR)
    asked = json.loads(client.submit("/sign-in/second/passkey/options", page="/sign-in/second").content)
    device.flags = PRESENT
    refused(client.submit("/sign-in/second/passkey", page="/sign-in/second", answer=device.use(asked)))
    device.flags = PRESENT | 4
    refused(client.submit("/sign-in/second/passkey", page="/sign-in/second", answer=device.use(asked)))


def test_a_password_alone_adds_no_code_to_an_account_with_a_passkey(keyed: Keyed) -> None:
    made, device = keyed
    with acting_for(made.agency.pk):
        Account.objects.filter(pk=made.people[Duty.REGISTRAR].pk).update(totp_secret=None, totp_since=None)
    client = half_way(made, Duty.REGISTRAR)
    answer = client.get("/sign-in/set-up")
    assert (answer.status_code, answer["Location"]) == (303, "/sign-in/second")
    assert second(client, device).status_code == 303


def test_a_new_passkey_needs_the_password_again_and_failures_slow_it_down(agency_number: int) -> None:
    made = make_agency(agency_number)
    client, device = at_localhost(made.client(Duty.LEADER)), SoftwareAuthenticator()
    for _ in range(5):
        assert add_key(client, device, password="sai").status_code == 403
    assert add_key(client, device).status_code == 429
    with acting_for(made.agency.pk):
        assert not Passkey.objects.filter(account=made.people[Duty.LEADER]).exists()


def test_an_answer_without_a_question_makes_no_passkey(agency_number: int) -> None:
    client = at_localhost(make_agency(agency_number).client(Duty.LEADER))
    asked = client.submit("/mine/passkeys/making", page="/mine", password=PASSWORD)
    answer = SoftwareAuthenticator().make(json.loads(asked.content))
    assert client.submit("/mine/passkeys/add", page="/mine", name="a", answer=answer).status_code == 303
    again = client.submit("/mine/passkeys/add", page="/mine", name="b", answer=answer)
    assert again.status_code == 422
    assert "Chưa thêm được khóa truy cập" in again.content.decode()


def test_a_device_that_verifies_nobody_makes_no_passkey(agency_number: int) -> None:
    client = at_localhost(make_agency(agency_number).client(Duty.LEADER))
    assert add_key(client, SoftwareAuthenticator(flags=PRESENT)).status_code == 422


def test_the_eleventh_passkey_is_refused(agency_number: int) -> None:
    client = at_localhost(make_agency(agency_number).client(Duty.LEADER))
    assert [add_key(client, SoftwareAuthenticator(), f"{n}").status_code for n in range(10)] == [303] * 10
    assert client.submit("/mine/passkeys/making", page="/mine", password=PASSWORD).status_code == 409


def test_nobody_renames_or_removes_the_passkey_of_another(keyed: Keyed, agency_number: int) -> None:
    made, device = keyed
    with acting_for(made.agency.pk):
        number = Passkey.objects.get(credential=device.credential).pk
    foreign = make_agency(agency_number + 250_000).client(Duty.ADMINISTRATOR)
    for client in (made.client(Duty.ADMINISTRATOR), made.client(Duty.LEADER), foreign):
        for act in ("rename", "remove"):
            assert client.get(f"/mine/passkeys/{number}/{act}").status_code == 405
            assert client.submit(f"/mine/passkeys/{number}/{act}", page="/mine", name="x").status_code == 404
    owner = made.client(Duty.REGISTRAR)
    assert owner.submit(f"/mine/passkeys/{number}/rename", page="/mine", name="  Tên   mới ").status_code == 303
    assert "Tên mới" in owner.get("/mine/passkeys").content.decode()


def test_under_a_bare_address_no_passkeys_are_offered(agency_number: int) -> None:
    made = make_agency(agency_number)
    client = made.client(Duty.LEADER)
    client.defaults["SERVER_NAME"] = "127.0.0.1"
    assert not re.search("data-passkey", client.get("/mine/passkeys").content.decode())
    assert "khóa truy cập" not in OfficeClient(SERVER_NAME="127.0.0.1").get("/sign-in").content.decode()
