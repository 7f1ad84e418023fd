"""Single sign-on against a real provider: whom it lets in, and every forged answer that it does not."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from joserfc import jwk

from identity_provider import CLIENT, SECRET, IdentityProvider, identity_provider
from lienthong.webkit.door.entering import COOKIE
from lienthong.webkit.people.models import Account, Session
from lienthong.webkit.signin import provider as oidc
from lienthong.webkit.site.configure import SingleSignOn
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.tenancy import acting_for
from office_world import PASSWORD, OfficeAgency, make_agency


@pytest.fixture
def provider(office_installation: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[IdentityProvider]:
    with identity_provider() as made:
        changed = {**settings.LIENTHONG.context, "sso": SingleSignOn(made.url, CLIENT, SECRET)}
        monkeypatch.setattr(settings, "LIENTHONG", dataclasses.replace(settings.LIENTHONG, context=changed))
        yield made


@pytest.fixture
def made(agency_number: int, provider: IdentityProvider) -> OfficeAgency:
    """Its registrar is linked to the person who signs in at the provider."""
    made = make_agency(agency_number)
    provider.user = f"nguoi-{agency_number}"
    with acting_for(made.agency.pk):
        Account.objects.filter(pk=made.people[Duty.REGISTRAR].pk).update(subject=provider.user)
    return made


def leave(client: Client, wanted: str = "/incoming") -> str:
    answer = client.get("/sign-in/single", {"next": wanted})
    assert answer.status_code == 303, answer.content.decode()[-500:]
    return str(answer["Location"])


def go(client: Client, provider: IdentityProvider, wanted: str = "/incoming", **given: str) -> Any:
    """The whole way, with parameters of the return changed."""
    return client.get("/sign-in/single/return", {**provider.sign_in(leave(client, wanted)), **given})


def refused(answer: Any, words: str) -> None:
    assert answer.status_code in {403, 503}, answer.status_code
    assert words in answer.content.decode()
    assert COOKIE not in answer.cookies


def test_a_linked_person_comes_in_and_lands_where_he_wanted(provider: IdentityProvider, made: OfficeAgency) -> None:
    client = Client()
    answer = go(client, provider)
    assert (answer.status_code, answer["Location"]) == (303, "/incoming")
    assert client.get("/incoming").status_code == 200
    with acting_for(made.agency.pk):
        assert Session.objects.get(account=made.people[Duty.REGISTRAR]).factor == "single"


def test_a_one_time_password_that_he_never_saw_does_not_stand_in_his_way(
    provider: IdentityProvider, made: OfficeAgency
) -> None:
    with acting_for(made.agency.pk):
        Account.objects.filter(pk=made.people[Duty.REGISTRAR].pk).update(must_change=True)
    client = Client()
    go(client, provider)
    assert client.get("/incoming").status_code == 200


def test_an_unknown_subject_is_told_his_name_and_whom_to_ask(provider: IdentityProvider, made: OfficeAgency) -> None:
    provider.user = "nguoi-la"
    answer = go(Client(), provider)
    refused(answer, "nguoi-la")
    assert "quản trị" in answer.content.decode()


def test_an_email_address_opens_nothing(provider: IdentityProvider, made: OfficeAgency) -> None:
    with acting_for(made.agency.pk):
        Account.objects.filter(pk=made.people[Duty.LEADER].pk).update(email="an@co-quan.example")
    provider.user = "ke-gian"
    refused(go(Client(), provider), "chưa có tài khoản nào gắn")


def test_a_closed_account_stays_closed(provider: IdentityProvider, made: OfficeAgency) -> None:
    with acting_for(made.agency.pk):
        Account.objects.filter(pk=made.people[Duty.REGISTRAR].pk).update(disabled_at="2026-01-01T00:00:00Z")
    refused(go(Client(), provider), "chưa có tài khoản nào gắn")


WRONG_TOKENS = {
    "another audience": ({"aud": "khac"}, "cấp cho hệ thống khác"),
    "two audiences and no authorized party": ({"aud": [CLIENT, "khac"]}, "cấp cho hệ thống khác"),
    "another authorized party": ({"azp": "khac"}, "cấp cho hệ thống khác"),
    "another issuer": ({"iss": "https://ke-gian.example"}, "do nơi khác cấp"),
    "another nonce": ({"nonce": "cua nguoi khac"}, "không thuộc lần đăng nhập này"),
    "no nonce": ({"nonce": None}, "không thuộc lần đăng nhập này"),
    "expired": ({"exp": int(time.time()) - 3600}, "đã hết hạn"),
    "no end": ({"exp": None}, "đã hết hạn"),
    "an end that is no number": ({"exp": "9999999999"}, "đã hết hạn"),
    "from the future": ({"iat": int(time.time()) + 3600}, "đã hết hạn"),
    "nobody": ({"sub": None}, "thiếu tên người dùng"),
    "an empty name": ({"sub": ""}, "thiếu tên người dùng"),
    "a name that is a list": ({"sub": ["a"]}, "thiếu tên người dùng"),
    "a name with a NUL": ({"sub": "a\0b"}, "thiếu tên người dùng"),
}


@pytest.mark.parametrize("wrong", WRONG_TOKENS)
def test_a_token_with_a_wrong_member_is_refused(provider: IdentityProvider, made: OfficeAgency, wrong: str) -> None:
    provider.change, words = WRONG_TOKENS[wrong]
    refused(go(Client(), provider), words)


def test_a_token_without_signature_is_refused(provider: IdentityProvider, made: OfficeAgency) -> None:
    provider.unsigned = True
    refused(go(Client(), provider), "chữ ký")


def test_a_public_key_is_not_taken_for_a_shared_secret(provider: IdentityProvider, made: OfficeAgency) -> None:
    provider.algorithm = "HS256"
    refused(go(Client(), provider), "chữ ký")


def test_a_foreign_key_under_the_name_of_the_published_one_is_refused(
    provider: IdentityProvider, made: OfficeAgency
) -> None:
    provider.keys["foreign"] = jwk.RSAKey.generate_key(2048, {"kid": "one"})
    go(Client(), provider)
    provider.keys["one"], kept = provider.keys["foreign"], provider.keys["one"]
    refused(go(Client(), provider), "chữ ký không đúng")
    provider.keys["one"] = kept


@pytest.mark.filterwarnings("ignore:Key size")
def test_a_weak_rsa_key_is_refused(provider: IdentityProvider, made: OfficeAgency) -> None:
    provider.keys["one"] = jwk.RSAKey.generate_key(1024, {"kid": "one"})
    refused(go(Client(), provider), "không có khóa")


def test_a_provider_that_changes_its_keys_is_followed_and_not_asked_in_a_rush(
    provider: IdentityProvider, made: OfficeAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert go(Client(), provider).status_code == 303
    provider.keys["two"] = jwk.ECKey.generate_key("P-256", {"kid": "two", "use": "sig"})
    provider.published, provider.signs_with, provider.algorithm = ["two"], "two", "ES256"
    refused(go(Client(), provider), "không có khóa")
    assert provider.asked.count("/keys") == 1
    monkeypatch.setattr(oidc, "_ASK_KEYS_SECONDS", 0)
    assert go(Client(), provider).status_code == 303
    assert provider.asked.count("/keys") == 2


def test_another_state_or_none_is_refused_before_the_code_is_redeemed(
    provider: IdentityProvider, made: OfficeAgency
) -> None:
    for state in ("khac", "", "đ"):
        refused(go(Client(), provider, state=state), "không thuộc lần đăng nhập này")
    assert "/token" not in provider.asked


def test_an_answer_in_a_browser_that_began_nothing_is_refused(provider: IdentityProvider, made: OfficeAgency) -> None:
    """A foreign page would otherwise sign its victim into the attacker's account."""
    given = provider.sign_in(leave(Client()))
    refused(Client().get("/sign-in/single/return", given), "trình duyệt này")
    planted = Client()
    planted.cookies["attempt"] = "00" * 60
    refused(planted.get("/sign-in/single/return", given), "trình duyệt này")
    assert "/token" not in provider.asked


def test_a_code_that_was_used_opens_nothing_again(provider: IdentityProvider, made: OfficeAgency) -> None:
    client = Client()
    given = provider.sign_in(leave(client))
    attempt = client.cookies["attempt"].value
    assert client.get("/sign-in/single/return", given).status_code == 303
    assert client.cookies["attempt"].value == ""
    again = Client()
    again.cookies["attempt"] = attempt
    refused(again.get("/sign-in/single/return", given), "mã đăng nhập bị từ chối")


def test_a_code_of_another_attempt_fails_for_its_verifier(provider: IdentityProvider, made: OfficeAgency) -> None:
    """A stolen code, put into the thief's own attempt."""
    stolen = provider.sign_in(leave(Client()))["code"]
    refused(go(Client(), provider, code=stolen), "mã đăng nhập bị từ chối")


def test_an_answer_that_names_another_issuer_is_refused(provider: IdentityProvider, made: OfficeAgency) -> None:
    refused(go(Client(), provider, iss="https://ke-gian.example"), "câu trả lời của nơi khác")
    assert "/token" not in provider.asked
    assert go(Client(), provider, iss=provider.url).status_code == 303


def test_a_provider_that_names_itself_must_do_so_in_every_answer(
    provider: IdentityProvider, made: OfficeAgency
) -> None:
    provider.document = {"authorization_response_iss_parameter_supported": True}
    refused(go(Client(), provider), "câu trả lời của nơi khác")


def test_a_refusal_of_the_provider_is_said(provider: IdentityProvider, made: OfficeAgency) -> None:
    refused(go(Client(), provider, error="access_denied"), "nơi cấp từ chối")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"issuer": "https://ke-gian.example"}, "tài liệu của nơi khác"),
        ({"token_endpoint": "http://co-quan.example/token"}, "địa chỉ không an toàn"),
        ({"jwks_uri": "file:///etc/passwd"}, "địa chỉ không an toàn"),
        ({"authorization_endpoint": None}, "địa chỉ không an toàn"),
        ({"authorization_endpoint": "https://[x"}, "địa chỉ không an toàn"),
        ({"authorization_endpoint": "https://a.example/\r\nSet-Cookie: x=1"}, "địa chỉ không an toàn"),
    ],
)
def test_a_discovery_document_that_cannot_be_trusted_is_refused(
    provider: IdentityProvider, made: OfficeAgency, document: dict[str, Any], words: str
) -> None:
    provider.document = document
    refused(Client().get("/sign-in/single"), words)


def test_a_provider_that_does_not_answer_is_said_and_passwords_still_work_for_the_unlinked(
    provider: IdentityProvider, made: OfficeAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = {**settings.LIENTHONG.context, "sso": SingleSignOn("http://127.0.0.1:9", CLIENT, SECRET)}
    monkeypatch.setattr(settings, "LIENTHONG", dataclasses.replace(settings.LIENTHONG, context=gone))
    refused(Client().get("/sign-in/single"), "Chưa liên lạc được")
    assert made.client(Duty.ADMINISTRATOR).get("/people").status_code == 200


def test_a_linked_account_has_no_other_way_in_and_a_wrong_password_does_not_tell(
    provider: IdentityProvider, made: OfficeAgency
) -> None:
    with acting_for(made.agency.pk):
        login = Account.objects.get(pk=made.people[Duty.REGISTRAR].pk).login
    right = Client().post("/sign-in", {"login": login, "password": PASSWORD})
    refused(right, "chỉ đăng nhập qua đăng nhập một lần")
    wrong = Client().post("/sign-in", {"login": login, "password": "sai"})
    refused(wrong, "Tên đăng nhập hoặc mật khẩu không đúng")


@pytest.mark.parametrize(
    "wanted", ["//ke-gian.example", "https://ke-gian.example", "/\\ke-gian.example", "javascript:1"]
)
def test_the_way_back_never_leads_to_another_site(provider: IdentityProvider, made: OfficeAgency, wanted: str) -> None:
    assert go(Client(), provider, wanted)["Location"] == "/"


def test_the_browser_is_sent_to_the_provider_with_nothing_but_what_it_needs(
    provider: IdentityProvider, made: OfficeAgency
) -> None:
    first, second = leave(Client()), leave(Client())
    assert first.startswith(provider.url + "/authorize?")
    given = [dict(parse_qsl(urlsplit(each).query)) for each in (first, second)]
    assert all(given[0][name] != given[1][name] for name in ("state", "nonce", "code_challenge"))
    assert SECRET not in first
    assert given[0]["redirect_uri"] == "http://testserver/sign-in/single/return"


def test_an_administrator_links_and_unlinks_a_person_and_nobody_twice(
    provider: IdentityProvider, made: OfficeAgency
) -> None:
    client, officer = made.client(Duty.ADMINISTRATOR), made.people[Duty.CASE_OFFICER]
    page = f"/people/{officer.pk}"
    taken = client.submit(page + "/subject", page=page, subject=provider.user)
    assert taken.status_code == 409
    assert "đã gắn với tài khoản khác" in taken.content.decode()
    assert client.submit(page + "/subject", page=page, subject="khac-" + provider.user).status_code == 303
    provider.user = "khac-" + provider.user
    signed_in = Client()
    assert go(signed_in, provider).status_code == 303
    assert client.submit(page + "/subject", page=page, subject="").status_code == 303
    assert signed_in.get("/").status_code == 303, "unlinking ends the sessions"
    own = f"/people/{made.people[Duty.ADMINISTRATOR].pk}"
    assert client.submit(own + "/subject", page=own, subject="toi").status_code == 403
