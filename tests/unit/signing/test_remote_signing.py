"""The remote signing service and its client over real HTTP, keys in PKCS #12 and on a token."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from lienthong.base.clock import SystemClock
from lienthong.base.errors import Refused
from lienthong.infra.credential_errors import TOKEN_PIN_WRONG
from lienthong.infra.keys import write_new
from lienthong.infra.outgoing_tls import public_authorities
from lienthong.signing.agent.program import listen_on
from lienthong.signing.csc.client import RemoteService, RemoteSigner
from lienthong.signing.csc.words import HASH_OIDS, SIGN_OIDS
from lienthong.signing.errors import REMOTE_SIGNING_FAILED
from lienthong.signing.profiles import find_profile
from lienthong.signing.remote.accounts import STEP, Accounts, one_time_password
from lienthong.signing.remote.methods import Methods
from lienthong.signing.remote.permits import PERMIT_SECONDS
from lienthong.signing.remote.server import RemoteSigning, serve
from lienthong.signing.signers import open_certified
from lienthong.signing.use_log import UseLog
from lienthong.trust.keys import Algorithm
from lienthong.trust.signer import is_valid
from signers_world import PIN, People
from softhsm_token import Tokens

SHA256 = HASH_OIDS["sha256"]


@dataclass
class Service:
    """A service that is being served. ``offset``: seconds by which its monotonic clock is ahead."""

    made: RemoteSigning
    url: str
    people: People
    offset: float = 0.0

    def call(self, method: str, members: dict[str, Any], token: str = "") -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.post(
            f"{self.url}/csc/v2/{method}", json=members, headers=headers, trust_env=False, verify=public_authorities(),
            timeout=30,
        )  # fmt: skip

    def login(self, user: str = "an", password: str = "mat-khau-an") -> str:
        answer = httpx.post(f"{self.url}/csc/v2/auth/login", auth=(user, password), json={}, trust_env=False)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def permit(self, token: str, data: list[bytes], credential: str = "chinh", **more: Any) -> httpx.Response:
        members = hashed(data) | {"credentialID": credential, "numSignatures": len(data)}
        members |= {"authData": [{"id": "PIN", "value": "1234"}]} | more
        return self.call("credentials/authorize", members, token)

    def sign(self, token: str, sad: str, data: list[bytes], algorithm: Algorithm = Algorithm.ES256) -> httpx.Response:
        members = hashed(data) | {"credentialID": "chinh", "SAD": sad, "signAlgo": SIGN_OIDS[algorithm]}
        return self.call("signatures/signHash", members, token)


def hashed(data: list[bytes]) -> dict[str, Any]:
    return {
        "hashes": [base64.b64encode(hashlib.sha256(each).digest()).decode() for each in data],
        "hashAlgorithmOID": SHA256,
    }


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    people, home = People(tmp_path / "people"), tmp_path / "home"
    users, found = home / "users", Service.__new__(Service)
    accounts, log = Accounts(users), UseLog(home / "uses.jsonl", SystemClock())
    methods = Methods(accounts, log, now=lambda: time.monotonic() + found.offset)
    made = RemoteSigning(home, SystemClock(), methods)
    for user in ("an", "binh"):
        accounts.add(user, f"mat-khau-{user}".encode())
        holder = people.add(user, user)
        people.bundle(user, holder, b"1234").rename(users / user / "chinh.toml")
    listening, stop = listen_on(0), threading.Event()
    serving = threading.Thread(target=serve, args=(made, listening, stop), daemon=True)
    serving.start()
    found.__init__(made, f"http://127.0.0.1:{listening.getsockname()[1]}", people)  # type: ignore[misc]  # its clock came first
    yield found
    stop.set()
    serving.join(15)


def said(answer: httpx.Response) -> tuple[int, str, str]:
    members = answer.json()
    return answer.status_code, members["error"], members["error_description"]


def test_the_service_says_what_it_is_without_a_login(service: Service) -> None:
    members = service.call("info", {}).json()
    assert members["specs"].startswith("2.0")
    assert {"credentials/authorize", "signatures/signHash"} <= set(members["methods"])


def test_a_client_signs_one_and_many_with_one_authorisation_each(service: Service) -> None:
    remote = RemoteService(service.url, "an", b"mat-khau-an")
    signer = RemoteSigner(remote, "chinh", lambda: {"PIN": "1234"})
    assert is_valid(signer.public_key, signer.algorithm, signer.sign(b"one"), b"one")
    data = [b"%d" % each for each in range(50)]
    for each, signature in zip(data, signer.sign_many(data), strict=True):
        assert is_valid(signer.public_key, signer.algorithm, signature, each)
    events = [(row["event"], len(row["digests"])) for row in service.made.log.read()]
    assert events == [("authorize", 1), ("sign", 1), ("authorize", 50), ("sign", 50)]
    remote.close()


def test_a_profile_of_kind_remote_is_a_signer_with_its_certificate(service: Service, tmp_path: Path) -> None:
    file = service.people.profile("xa", kind="remote", role="person", name="An", url=service.url, credential="chinh", user="an")  # fmt: skip
    write_new(file.with_suffix(".login"), b"mat-khau-an\n")
    signer = open_certified(find_profile(file.parent, "xa"), b"1234")
    assert is_valid(signer.public_key, signer.algorithm, signer.sign(b"data"), b"data")
    assert [each.subject for each in signer.chain] == [service.people.root.certificate.subject]


def test_a_permission_counts_for_its_digests_alone_and_once(service: Service) -> None:
    token = service.login()
    sad = service.permit(token, [b"a", b"b"]).json()["SAD"]
    assert said(service.sign(token, sad, [b"a", b"c"]))[2] == "Hash is not authorized by the SAD"
    assert said(service.sign(token, sad, [b"a"]))[2] == "Invalid parameter SAD"
    sad = service.permit(token, [b"a", b"b"]).json()["SAD"]
    assert said(service.sign(token, sad, [b"a", b"a"]))[2] == "Hash is not authorized by the SAD"
    sad = service.permit(token, [b"a", b"b"]).json()["SAD"]
    assert len(service.sign(token, sad, [b"b", b"a"]).json()["signatures"]) == 2
    assert said(service.sign(token, sad, [b"b", b"a"]))[:2] == (400, "invalid_request")


def test_a_permission_ends_after_five_minutes(service: Service) -> None:
    token = service.login()
    sad = service.permit(token, [b"a"]).json()["SAD"]
    service.offset = PERMIT_SECONDS + 1
    assert said(service.sign(token, sad, [b"a"]))[2] == "Invalid parameter SAD"


def test_a_permission_is_no_use_to_another_account(service: Service) -> None:
    sad = service.permit(service.login(), [b"a"]).json()["SAD"]
    other = service.login("binh", "mat-khau-binh")
    assert said(service.sign(other, sad, [b"a"]))[2] == "Invalid parameter SAD"


def test_three_wrong_pins_make_the_credential_wait_and_not_lock(service: Service) -> None:
    token = service.login()
    wrong = {"authData": [{"id": "PIN", "value": "0000"}]}
    assert [said(service.permit(token, [b"a"], **wrong))[1] for _ in range(3)] == ["invalid_pin"] * 3
    assert said(service.permit(token, [b"a"]))[:2] == (429, "access_denied")
    service.offset = 901
    assert service.permit(token, [b"a"]).status_code == 200
    assert [row["event"] for row in service.made.log.read()] == ["pin-wrong"] * 3 + ["authorize"]


def test_logins_are_needed_and_not_guessed(service: Service) -> None:
    assert said(service.call("credentials/list", {}))[:2] == (401, "invalid_token")
    assert said(service.call("credentials/list", {}, "abc"))[0] == 401
    for _ in range(3):
        answer = httpx.post(f"{service.url}/csc/v2/auth/login", auth=("an", "x"), json={}, trust_env=False)
        assert said(answer)[:2] == (401, "authentication_error")
    answer = httpx.post(f"{service.url}/csc/v2/auth/login", auth=("an", "mat-khau-an"), json={}, trust_env=False)
    assert said(answer)[0] == 429
    token = service.login("binh", "mat-khau-binh")
    assert service.call("credentials/list", {}, token).json() == {"credentialIDs": ["chinh"]}
    assert service.call("auth/revoke", {}, token).status_code == 204
    assert said(service.call("credentials/list", {}, token))[0] == 401


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"hashes": []}, "hashes"), ({"hashes": ["!"]}, "Base64"), ({"hashes": ["AAAA"]}, "digest value length"),
        ({"numSignatures": 2}, "numSignatures"), ({"hashAlgorithmOID": "1.3.14.3.2.26"}, "hashAlgorithmOID"),
        ({"credentialID": "../binh/chinh"}, "credentialID"), ({"authData": [1]}, "authData"),
    ],
)  # fmt: skip
def test_what_is_malformed_is_refused_in_the_apis_form(service: Service, members: dict[str, Any], why: str) -> None:
    status, error, description = said(service.permit(service.login(), [b"a"], **members))
    assert (status, error) == (400, "invalid_request")
    assert why in description


def test_a_one_time_password_is_needed_where_it_is_set_and_taken_once(service: Service) -> None:
    secret = b"12345678901234567890"
    write_new(service.made.accounts._root / "an" / "otp.secret", base64.b32encode(secret))
    token = service.login()
    assert said(service.permit(token, [b"a"]))[1] == "invalid_otp"
    both = [{"id": "PIN", "value": "1234"}, {"id": "OTP", "value": one_time_password(secret, int(time.time()) // STEP)}]
    assert service.permit(token, [b"a"], authData=both).status_code == 200
    assert said(service.permit(token, [b"a"], authData=both))[1] == "invalid_otp"
    described = service.call("credentials/info", {"credentialID": "chinh"}, token).json()
    assert described["auth"]["expression"] == "PIN AND OTP"


def test_one_time_passwords_are_those_of_the_rfc() -> None:
    # RFC 4226 appendix D.
    secret = b"12345678901234567890"
    assert [one_time_password(secret, each) for each in range(3)] == ["755224", "287082", "359152"]


def test_a_key_on_a_token_signs_digests_and_a_wrong_pin_is_wrong_while_another_permission_lasts(
    service: Service, tokens: Tokens
) -> None:
    holder = service.people.add("Trên thiết bị", "hsm", bits=2048)
    file = service.people.token("hsm", holder, tokens, "remote-hsm")
    file.rename(service.made.accounts._root / "an" / "hsm.toml")
    signer = RemoteSigner(RemoteService(service.url, "an", b"mat-khau-an"), "hsm", lambda: {"PIN": PIN})
    assert is_valid(holder.key.public_key(), Algorithm.RS256, signer.sign(b"x"), b"x")
    token = service.login()
    assert service.permit(token, [b"a"], "hsm").status_code == 200
    wrong = service.permit(token, [b"a"], "hsm", authData=[{"id": "PIN", "value": "7777"}])
    assert said(wrong)[1] == "invalid_pin"


def test_the_client_says_in_our_words_what_went_wrong(service: Service) -> None:
    wrong = RemoteSigner(RemoteService(service.url, "an", b"mat-khau-an"), "chinh", lambda: {"PIN": "0"})
    with pytest.raises(Refused) as pin:
        wrong.sign(b"x")
    assert pin.value.code is TOKEN_PIN_WRONG
    for url, user in ((service.url, "nobody"), ("http://127.0.0.1:1", "an"), ("http://ky.gov.vn", "an")):
        with pytest.raises(Refused) as refused:
            RemoteSigner(RemoteService(url, user, b"mat-khau-an"), "chinh", dict)
        assert refused.value.code is REMOTE_SIGNING_FAILED
