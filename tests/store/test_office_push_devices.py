"""Devices for pushed notices: switched on by their person, ended when he leaves, and the choice of what is pushed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.test import Client

from lienthong.office.models import Notice, PushSending
from lienthong.office.services.mail_notices import mail_notices
from lienthong.office.services.preferring import Channel, wants
from lienthong.office.services.push_devices import MOST, device_name
from lienthong.office.states import NoticeKind
from lienthong.webkit.administration import people
from lienthong.webkit.door.visit import visit_of_system
from lienthong.webkit.people.models import Account, PushDevice, Session
from lienthong.webkit.people.push_devices import COOKIE
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import PASSWORD, OfficeAgency, OfficeClient, make_agency, working_as
from push_server import PushServer, push_server
from push_world import CHROME, LATER, WORKING, allowing, push, switched_on, told


@pytest.fixture
def made(agency_number: int) -> OfficeAgency:
    return make_agency(agency_number)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushServer]:
    with push_server(tmp_path) as found:
        monkeypatch.setenv("SSL_CERT_FILE", str(found.certificate))
        allowing(monkeypatch, "127.0.0.1")
        yield found


def devices(made: OfficeAgency) -> list[PushDevice]:
    with acting_for(made.agency.pk):
        return list(PushDevice.objects.order_by("pk"))


def shown(client: Client) -> str:
    return client.get("/notices/ways").content.decode()


def again(made: OfficeAgency, duty: Duty, client: OfficeClient) -> None:
    """The same browser signs in as the person with this duty."""
    made.code(duty)
    client.sign_in(made.people[duty].login, made.secrets[made.people[duty].pk])


def test_the_page_lists_devices_in_words_tries_one_and_removes_it(made: OfficeAgency, server: PushServer) -> None:
    client = made.client(Duty.LEADER)
    client.defaults["HTTP_USER_AGENT"] = CHROME
    browser = switched_on(client, server)
    (device,) = devices(made)
    text = shown(client)
    assert "Chrome · Windows" in text
    assert "máy này" in text
    assert "chưa gửi lần nào" in text
    for _ in range(2):
        assert client.submit(f"/notices/devices/{device.pk}/try", page="/notices/ways").status_code == 303
    assert "đang gửi thử" in shown(client)
    with acting_for(made.agency.pk):
        at = PushSending.objects.get().due_at
    assert push(made, at) == 1
    assert browser.pushed[0]["title"] == "Thông báo thử"
    assert "gửi được lần cuối" in shown(client)
    assert client.submit(f"/notices/devices/{device.pk}/end", page="/notices/ways").status_code == 303
    assert devices(made) == []


def test_without_push_services_the_page_says_one_sentence_and_carries_no_script(made: OfficeAgency) -> None:
    client = made.client(Duty.LEADER)
    text = shown(client)
    assert "Hệ thống này không gửi thông báo đẩy" in text
    assert "/look/push." not in text
    assert 'name="push"' not in text
    answer = client.submit("/notices/devices", page="/notices/ways", endpoint="https://127.0.0.1/x")
    assert answer.status_code == 400


def test_only_that_page_carries_the_script(made: OfficeAgency, server: PushServer) -> None:
    client = made.client(Duty.LEADER)
    assert "/look/push." in shown(client)
    assert "/look/push." not in client.get("/notices").content.decode()


@pytest.mark.parametrize(
    "endpoint",
    ["http://127.0.0.1/x", "https://127.0.0.1.evil.example/x", "https://evil.example/x", "https://127.0.0.1@evil.example/",
     "https://127.0.0.1/" + "x" * 2000, "https://127.0.0.1:99999/", "", "https://[", "javascript:alert(1)"],
)  # fmt: skip
def test_an_endpoint_elsewhere_is_refused(made: OfficeAgency, server: PushServer, endpoint: str) -> None:
    client, browser = made.client(Duty.LEADER), server.browser()
    fields = {**browser.fields, "endpoint": endpoint}
    answer = client.submit("/notices/devices", page="/notices/ways", **fields)
    assert answer.status_code == 400
    assert "Chưa bật được thông báo đẩy" in answer.content.decode()
    assert devices(made) == []


@pytest.mark.parametrize(("host", "allowed"), [("a.push.example", 303), ("push.example", 400), ("xpush.example", 400)])
def test_a_suffix_allows_the_names_below_it(
    made: OfficeAgency, server: PushServer, monkeypatch: pytest.MonkeyPatch, host: str, allowed: int
) -> None:
    allowing(monkeypatch, ".push.example")
    fields = {**server.browser().fields, "endpoint": f"https://{host}/x"}
    answer = made.client(Duty.LEADER).submit("/notices/devices", page="/notices/ways", **fields)
    assert answer.status_code == allowed


@pytest.mark.parametrize("change", [{"point": "AAAA"}, {"auth": "AAAA"}, {"point": "!"}, {"auth": ""}])
def test_keys_of_no_browser_are_refused(made: OfficeAgency, server: PushServer, change: dict[str, str]) -> None:
    fields = {**server.browser().fields, **change}
    answer = made.client(Duty.LEADER).submit("/notices/devices", page="/notices/ways", **fields)
    assert answer.status_code == 400
    assert devices(made) == []


def test_signing_out_ends_the_device_of_this_browser_and_of_no_other(made: OfficeAgency, server: PushServer) -> None:
    here, elsewhere = made.client(Duty.LEADER), made.client(Duty.LEADER)
    gone, kept = switched_on(here, server), switched_on(elsewhere, server)
    here.submit("/sign-out", page="/mine")
    told(made, Duty.LEADER, NoticeKind.SIGNATURE)
    assert push(made, WORKING + LATER) == 1
    assert (gone.pushed, len(kept.pushed)) == ([], 1)


def test_a_session_that_runs_out_and_a_new_one_of_the_same_person_keep_the_device(
    made: OfficeAgency, server: PushServer
) -> None:
    client = made.client(Duty.LEADER)
    switched_on(client, server)
    with acting_for(made.agency.pk):
        Session.objects.filter(account=made.people[Duty.LEADER]).delete()
    assert len(devices(made)) == 1
    again(made, Duty.LEADER, client)
    (device,) = devices(made)
    assert device.session_id is not None


def test_somebody_else_who_signs_in_on_the_browser_ends_the_device_even_from_another_agency(
    made: OfficeAgency, server: PushServer, agency_number: int
) -> None:
    other = make_agency(agency_number + 700_000)
    for stranger in (made, other):
        client = made.client(Duty.LEADER)
        switched_on(client, server)
        del client.cookies["lienthong"]
        again(stranger, Duty.REGISTRAR, client)
        assert client.get("/arrivals").status_code == 200
        assert devices(made) == []


def test_ending_a_session_from_elsewhere_ends_its_device(made: OfficeAgency, server: PushServer) -> None:
    here, elsewhere = made.client(Duty.LEADER), made.client(Duty.LEADER)
    switched_on(here, server)
    switched_on(elsewhere, server)
    first, second = devices(made)
    here.submit("/mine/sessions", page="/mine", session=bytes(second.session_id or b"").hex())
    assert [each.pk for each in devices(made)] == [first.pk]
    elsewhere = made.client(Duty.LEADER)
    switched_on(elsewhere, server)
    here.submit("/mine/sessions", page="/mine")
    assert [each.pk for each in devices(made)] == [first.pk]


def test_a_new_password_ends_the_devices_of_all_other_browsers(made: OfficeAgency, server: PushServer) -> None:
    here, elsewhere = made.client(Duty.LEADER), made.client(Duty.LEADER)
    switched_on(here, server)
    switched_on(elsewhere, server)
    first, _ = devices(made)
    assert here.submit("/sign-in/password", old=PASSWORD, new="mot cau khac cung dai nhu the").status_code == 303
    assert [each.pk for each in devices(made)] == [first.pk]


@pytest.mark.parametrize("act", ["disable", "new_password", "reset_factor"])
def test_an_administrator_who_takes_the_way_in_away_ends_the_devices(
    made: OfficeAgency, server: PushServer, act: str
) -> None:
    browser = switched_on(made.client(Duty.LEADER), server)
    told(made, Duty.LEADER, NoticeKind.SIGNATURE)
    with working_as(made, Duty.ADMINISTRATOR) as visit:
        account = people.find_person(visit, made.people[Duty.LEADER].pk)
        if act == "disable":
            people.disable(visit, account, "Nghỉ hưu")
        else:
            getattr(people, act)(visit, account)
    assert push(made, WORKING + LATER) == 0
    assert (devices(made), browser.pushed) == ([], [])


def test_nobody_touches_the_device_of_another_person(
    made: OfficeAgency, server: PushServer, agency_number: int
) -> None:
    switched_on(made.client(Duty.LEADER), server)
    (device,) = devices(made)
    for client in (made.client(Duty.REGISTRAR), make_agency(agency_number + 800_000).client(Duty.LEADER)):
        for act in ("try", "end"):
            assert client.submit(f"/notices/devices/{device.pk}/{act}", page="/notices/ways").status_code == 404
        assert "bật từ" not in shown(client)
    assert len(devices(made)) == 1


def test_the_oldest_device_gives_way_when_a_person_has_too_many(made: OfficeAgency, server: PushServer) -> None:
    client = made.client(Duty.LEADER)
    made_ones = [switched_on(client, server).endpoint for _ in range(MOST + 2)]
    assert [each.endpoint for each in devices(made)] == made_ones[2:]


def test_a_browser_that_has_another_subscription_says_so_without_being_signed_in(
    made: OfficeAgency, server: PushServer
) -> None:
    client = made.client(Duty.LEADER)
    old = switched_on(client, server)
    new, worker = server.browser(), Client(enforce_csrf_checks=True)
    worker.cookies[COOKIE] = client.cookies[COOKIE].value
    assert worker.post("/push/moved", new.fields).status_code == 204
    told(made, Duty.LEADER, NoticeKind.SIGNATURE)
    assert push(made, WORKING + LATER) == 1
    assert (old.pushed, len(new.pushed)) == ([], 1)
    assert worker.post("/push/moved", {**new.fields, "endpoint": "https://evil.example/"}).status_code == 400
    assert devices(made)[0].endpoint == new.endpoint


def test_a_foreign_page_or_an_unknown_browser_moves_no_device(made: OfficeAgency, server: PushServer) -> None:
    client = made.client(Duty.LEADER)
    old, new = switched_on(client, server), server.browser()
    assert client.cookies[COOKIE]["samesite"] == "Lax"
    assert client.cookies[COOKIE]["httponly"]
    assert client.post("/push/moved", new.fields, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 404
    for cookie in ("", "guessed"):
        stranger = Client()
        stranger.cookies[COOKIE] = cookie
        assert stranger.post("/push/moved", new.fields).status_code == 404
    assert [each.endpoint for each in devices(made)] == [old.endpoint]


def test_a_person_chooses_for_each_kind_by_which_way_he_is_told(made: OfficeAgency, server: PushServer) -> None:
    client = made.client(Duty.LEADER)
    browser = switched_on(client, server)
    sent = client.submit("/notices/ways", mail=["arrival"], push=["task.submission", "recall"])
    assert sent.status_code == 303
    with acting_for(made.agency.pk):
        account = Account.objects.get(pk=made.people[Duty.LEADER].pk)
    assert [wants(account, each, Channel.MAIL) for each in ("arrival", "recall", "task.review")] == [True, False, False]
    pushed = [wants(account, each, Channel.PUSH) for each in ("arrival", "recall", "task.submission", "task.review")]
    assert pushed == [False, True, True, True], "kinds of one word are chosen together"
    told(made, Duty.LEADER, NoticeKind.ARRIVAL)
    told(made, Duty.LEADER, NoticeKind.RECALL)
    assert push(made, WORKING + LATER) == 1
    assert [each["title"] for each in browser.pushed] == ["Yêu cầu thu hồi"]
    with acting_for(made.agency.pk):
        assert Notice.objects.filter(account=account).count() == 2, "both stand on the page"


def test_a_letter_tells_only_what_is_wanted_by_letter_and_none_is_sent_about_nothing(made: OfficeAgency) -> None:
    client, letters = made.client(Duty.LEADER), list[str]()
    with acting_for(made.agency.pk):
        Account.objects.filter(pk=made.people[Duty.LEADER].pk).update(email="a@tinh.example")
    client.submit("/notices/ways", mail=["recall"])

    def send(to: str, subject: str, text: str) -> bool:
        letters.append(text)
        return True

    def mail(at: datetime) -> int:
        with acting_for(made.agency.pk):
            visit = visit_of_system(made.agency)
            visit.now = at
            return mail_notices(visit, send)

    told(made, Duty.LEADER, NoticeKind.SIGNATURE)
    assert mail(WORKING + LATER) == 0
    told(made, Duty.LEADER, NoticeKind.SIGNATURE, at=WORKING + LATER)
    told(made, Duty.LEADER, NoticeKind.RECALL, at=WORKING + LATER)
    assert mail(WORKING + 2 * LATER) == 1
    assert "Yêu cầu thu hồi" in letters[0]
    assert "Văn bản chờ ký" not in letters[0]


def test_a_choice_made_where_nothing_is_pushed_leaves_that_of_pushing_alone(
    made: OfficeAgency, server: PushServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = made.client(Duty.LEADER)
    client.submit("/notices/ways", push=["recall"])
    allowing(monkeypatch)
    client.submit("/notices/ways", mail=["recall"])
    with acting_for(made.agency.pk):
        account = Account.objects.get(pk=made.people[Duty.LEADER].pk)
    assert wants(account, "recall", Channel.PUSH)
    assert not wants(account, "arrival", Channel.PUSH)


@pytest.mark.parametrize(
    ("agent", "name"),
    [(CHROME, "Chrome · Windows"), (CHROME + " Edg/142.0", "Edge · Windows"),
     ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox · Linux"),
     ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile Safari/604.1", "Safari · iPhone"),
     ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36", "Chrome · Android"),
     ("", "? · ?")],
)  # fmt: skip
def test_a_device_is_called_as_its_owner_calls_it(agent: str, name: str) -> None:
    assert device_name(agent) == name
