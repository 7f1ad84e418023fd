"""What the ACME server refuses, and that no input makes it fail."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import httpx
import josepy
import pytest
from acme import errors, messages
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acme_party import ALL, Bare, Machine, Running, answer_all, csr, ec_key, rsa_key, wait
from lienthong.base.clock import FixedClock, SystemClock
from lienthong.base.errors import Refused
from lienthong.signing.agent.program import listen_on
from lienthong.signing.pki.acme import errors as acme_errors
from lienthong.signing.pki.acme.identifiers import PRIVATE, is_allowed, read_identifiers
from lienthong.signing.pki.acme.jws import OFFERED, public_key
from lienthong.signing.pki.acme.nonces import SECONDS, Nonces
from lienthong.signing.pki.acme.program import AcmeSettings
from lienthong.signing.pki.acme.records import Identifier
from lienthong.signing.pki.acme.validation import HttpCheck, look_up
from lienthong.signing.pki.demo import make_demo


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    made = Machine()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, machine: Machine) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("pki") / "pki"
    make_demo(folder, SystemClock())
    made = Running(folder, machine.port, seconds=1.0)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def bare(running: Running) -> Bare:
    return Bare(running).open()


def told(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    assert answer.headers["Replay-Nonce"] and 'rel="index"' in answer.headers["Link"]
    found = answer.json()
    assert found["title_vi"] and found["title_en"] and found["detail"]
    return answer.status_code, found["type"].removeprefix("urn:ietf:params:acme:error:")


ORDER = {"identifiers": [{"type": "dns", "value": ALL[0]}]}


def test_a_nonce_that_is_wrong_or_used_is_refused_with_a_fresh_one(running: Running, bare: Bare) -> None:
    answer = bare.post("new-order", ORDER, nonce=josepy.b64encode(b"never given").decode())
    assert told(answer) == (400, "badNonce")
    again = bare.post("new-order", ORDER, nonce=answer.headers["Replay-Nonce"])
    assert again.status_code == 201
    url = f"{running.base}/acme/new-order"
    body = json.dumps(bare.signed(ORDER, url=url)).encode()
    assert bare.raw(url, body).status_code == 201
    assert told(bare.raw(url, body)) == (400, "badNonce")


def test_nonces_expire_are_bounded_and_differ() -> None:
    now = [0.0]
    nonces = Nonces(3, lambda: now[0])
    made = [nonces.fresh() for _ in range(4)]
    assert len(set(made)) == 4 and len(nonces) == 3
    with pytest.raises(Refused, match="ACME_NONCE_NOT_VALID"):
        nonces.spend(made[0])
    nonces.spend(made[1])
    now[0] = SECONDS + 1
    with pytest.raises(Refused, match="ACME_NONCE_NOT_VALID"):
        nonces.spend(made[2])
    with pytest.raises(Refused, match="ACME_NONCE_NOT_VALID"):
        nonces.spend(None)


def test_a_request_signed_for_another_address_is_refused(running: Running, bare: Bare) -> None:
    answer = bare.post("new-order", ORDER, url=f"{running.base}/acme/revoke-cert")
    assert told(answer) == (403, "unauthorized")


def test_algorithms_that_are_not_offered_are_refused_and_the_offered_ones_named(running: Running) -> None:
    answer = Bare(running, rsa_key()).post("new-account", {}, alg=josepy.PS256)
    assert told(answer) == (400, "badSignatureAlgorithm")
    assert answer.json()["algorithms"] == list(OFFERED)
    assert Bare(running, rsa_key()).post("new-account", {}, alg=josepy.RS256).status_code == 201


def forged(bare: Bare, **header: Any) -> httpx.Response:
    """A proper request whose header is another, so that its signature fits nothing."""
    url = f"{bare.running.base}/acme/new-order"
    made = bare.signed(ORDER, url=url)
    found = json.loads(josepy.b64decode(made["protected"])) | header
    found = {name: value for name, value in found.items() if value is not None}
    made["protected"] = josepy.b64encode(json.dumps(found).encode()).decode()
    return bare.raw(url, json.dumps(made).encode())


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ({}, (403, "unauthorized")),
        ({"alg": "RS256"}, (400, "badSignatureAlgorithm")),
        ({"alg": "none"}, (400, "badSignatureAlgorithm")),
        ({"alg": "HS256"}, (400, "badSignatureAlgorithm")),
        ({"alg": None}, (400, "badSignatureAlgorithm")),
        ({"url": None}, (400, "malformed")),
        ({"nonce": None}, (400, "badNonce")),
        ({"nonce": 7}, (400, "malformed")),
        ({"kid": None}, (400, "malformed")),
        ({"kid": 5}, (400, "malformed")),
        ({"kid": "https://khac.example/acme/account/1"}, (400, "accountDoesNotExist")),
        ({"jwk": {"kty": "oct", "k": "AA"}}, (400, "malformed")),
        ({"kid": None, "jwk": {"kty": "oct", "k": "AA"}}, (400, "badPublicKey")),
        ({"kid": None, "jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}}, (400, "badPublicKey")),
        ({"kid": None, "jwk": {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}}, (400, "badPublicKey")),
        ({"crit": ["b64"], "b64": False}, (400, "malformed")),
    ],
)  # fmt: skip
def test_headers_that_are_not_as_the_rfc_says_are_refused(bare: Bare, header: Any, expected: tuple[int, str]) -> None:
    if header == {}:
        stranger = Bare(bare.running)
        stranger.kid = bare.kid
        assert told(stranger.post("new-order", ORDER)) == expected
        return
    assert told(forged(bare, **header)) == expected


def test_a_kid_of_nobody_and_of_somebody_else_is_refused(running: Running, bare: Bare) -> None:
    other = Bare(running).open()
    order = other.post("new-order", ORDER)
    location, [proof] = order.headers["Location"], order.json()["authorizations"]
    challenge = other.post(proof, b"").json()["challenges"][0]["url"]
    for path in (location, proof, challenge, f"{location}/finalize", str(other.kid)):
        payload = {"csr": "AA"} if path.endswith("finalize") else b""
        assert told(bare.post(path, payload)) == (403, "unauthorized")
    assert told(bare.post(challenge, {})) == (403, "unauthorized")
    other.kid = f"{running.base}/acme/account/khong-co"
    assert told(other.post("new-order", ORDER)) == (400, "accountDoesNotExist")


def test_jwk_and_kid_each_have_their_places(bare: Bare) -> None:
    assert told(bare.post("new-order", ORDER, kid=None)) == (400, "malformed")
    assert told(bare.post("new-account", {})) == (400, "malformed")


def test_weak_account_keys_are_refused(running: Running) -> None:
    weak = josepy.JWKRSA(key=rsa.generate_private_key(65537, 1024))
    assert told(Bare(running, weak).post("new-account", {}, alg=josepy.RS256)) == (400, "badPublicKey")
    with pytest.raises(Refused, match="ACME_KEY_NOT_ALLOWED"):
        public_key({"kty": "RSA", "e": "AQAB", "n": "_" * 4000})
    with pytest.raises(Refused, match="ACME_REQUEST_MALFORMED"):
        public_key({"kty": "EC", "d": "AA"})


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ({"type": "dns", "value": "*.mau.example"}, "rejectedIdentifier"),
        ({"type": "dns", "value": "máy.mau.example"}, "rejectedIdentifier"),
        ({"type": "dns", "value": "a..b"}, "rejectedIdentifier"),
        ({"type": "dns", "value": "a.b."}, "rejectedIdentifier"),
        ({"type": "dns", "value": "a b\r\nHost: c"}, "rejectedIdentifier"),
        ({"type": "dns", "value": "10.0.0.1"}, "rejectedIdentifier"),
        ({"type": "dns", "value": "a" * 64 + ".vn"}, "rejectedIdentifier"),
        ({"type": "ip", "value": "10.0.0.01"}, "rejectedIdentifier"),
        ({"type": "ip", "value": "FE80::1"}, "rejectedIdentifier"),
        ({"type": "ip", "value": "fe80::1%eth0"}, "rejectedIdentifier"),
        ({"type": "ip", "value": "224.0.0.1"}, "rejectedIdentifier"),
        ({"type": "email", "value": "a@b.vn"}, "unsupportedIdentifier"),
        ({"type": "dns"}, "malformed"), (7, "malformed"),
    ],
)  # fmt: skip
def test_names_that_no_certificate_is_issued_for(bare: Bare, identifier: object, expected: str) -> None:
    assert told(bare.post("new-order", {"identifiers": [identifier]})) == (400, expected)


def test_orders_that_ask_for_too_much_are_refused(bare: Bare) -> None:
    many = [{"type": "dns", "value": f"m{n}.mau.example"} for n in range(51)]
    assert told(bare.post("new-order", {"identifiers": many})) == (400, "malformed")
    assert told(bare.post("new-order", {"identifiers": []})) == (400, "malformed")
    assert told(bare.post("new-order", ORDER | {"notAfter": "2030-01-01T00:00:00Z"})) == (400, "malformed")
    assert told(bare.post("new-account", {"contact": ["tel:113"]}, kid=None, key=ec_key())) == (400, "invalidContact")


def test_an_account_has_a_bounded_number_of_unfinished_orders(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lienthong.signing.pki.acme.orders.OPEN_AT_MOST", 1)
    greedy = Bare(running).open()
    assert greedy.post("new-order", ORDER).status_code == 201
    answer = greedy.post("new-order", ORDER)
    assert told(answer) == (429, "rateLimited")
    assert answer.headers["Retry-After"] == "60"


def ready(running: Running, machine: Machine) -> tuple[Any, Any]:
    machine.answer = None
    client = running.account()
    order = client.new_order(csr())
    answer_all(client, order, machine)
    return client, wait(client, order)


def test_requests_that_are_not_the_orders_are_refused_and_the_right_one_still_issues(
    running: Running, machine: Machine
) -> None:
    client, order = ready(running, machine)
    brainpool = csr(key=ec.generate_private_key(ec.SECP521R1()))
    refused = [
        csr(ALL), csr(()), csr(common_name="khac.mau.example"), csr(key=rsa.generate_private_key(65537, 1024)), brainpool,
        csr(key=client.net.key.key._wrapped), csr((ALL[0], "127.0.0.1")),
    ]  # fmt: skip
    for each in refused:
        with pytest.raises(messages.Error) as refusal:
            client.begin_finalization(order.update(csr_pem=each))
        assert refusal.value.code == "badCSR"
    assert client.begin_finalization(order).body.status == messages.STATUS_VALID
    assert client.begin_finalization(order).body.status == messages.STATUS_VALID
    with pytest.raises(messages.Error) as refusal:
        client.begin_finalization(order.update(csr_pem=csr()))
    assert refusal.value.code == "orderNotReady"


def test_an_order_whose_names_are_not_proven_is_not_ready(running: Running) -> None:
    client = running.account()
    order = client.new_order(csr())
    with pytest.raises(messages.Error) as refusal:
        client.begin_finalization(order)
    assert refusal.value.code == "orderNotReady"
    client.deactivate_authorization(order.authorizations[0])
    answer = client._post_as_get(order.uri)
    assert answer.json()["status"] == "invalid"


def test_orders_expire(tmp_path: Path, machine: Machine) -> None:
    clock = FixedClock(SystemClock().now())
    make_demo(tmp_path / "pki", clock)
    running = Running(tmp_path / "pki", machine.port, clock)
    try:
        bare = Bare(running).open()
        order = bare.post("new-order", ORDER)
        clock.move(timedelta(days=2))
        assert bare.post(order.headers["Location"], b"").json()["status"] == "invalid"
        assert bare.post(order.json()["authorizations"][0], b"").json()["status"] == "invalid"
        clock.move(timedelta(days=7))
        assert bare.post("new-order", ORDER).status_code == 201
        assert told(bare.post(order.headers["Location"], b"")) == (404, "malformed")
        assert len(list((tmp_path / "pki/ca/acme/authorizations").iterdir())) == 1
    finally:
        running.stop()


def redirects(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(302)
    handler.send_header("Location", "http://127.0.0.1/")
    handler.end_headers()


def too_large(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b"x" * 100_000)


def endless_head(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.0 200 OK\r\nX: " + b"x" * 20_000)


def drips(handler: BaseHTTPRequestHandler) -> None:
    for _ in range(40):
        handler.wfile.write(b"H")
        handler.wfile.flush()
        time.sleep(0.1)


def another(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b"another")


def cut_off(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: 50\r\n\r\nabc")


def no_http(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH\r\n\r\n")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(redirects, "incorrectResponse"), (too_large, "incorrectResponse"), (endless_head, "incorrectResponse"),
     (drips, "connection"), (another, "incorrectResponse"), (cut_off, "incorrectResponse"),
     (no_http, "incorrectResponse")],
)  # fmt: skip
def test_machines_that_answer_otherwise_fail_the_proof(
    running: Running, machine: Machine, answer: Callable[[BaseHTTPRequestHandler], None], expected: str
) -> None:
    machine.answer = answer
    try:
        assert failure(running, ALL[0], machine) == expected
    finally:
        machine.answer = None


def failure(running: Running, name: str, machine: Machine) -> str:
    client = running.account()
    order = client.new_order(csr((name,)))
    answer = machine.answer
    for authorization in order.authorizations:
        [challenge] = authorization.body.challenges
        client.answer_challenge(challenge, challenge.response(client.net.key))
    assert machine.answer is answer
    with pytest.raises(errors.ValidationError) as failed:
        wait(client, order)
    told_order = client._post_as_get(order.uri).json()
    assert told_order["status"] == "invalid"
    [failed_one] = failed.value.failed_authzrs
    error = failed_one.body.challenges[0].error
    assert told_order["error"]["type"] == error.typ
    assert isinstance(error.code, str)
    return error.code


def test_machines_outside_the_allowed_networks_are_never_asked(running: Running, machine: Machine) -> None:
    asked: list[str] = []

    def never(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)

    machine.answer = never
    try:
        for address in ("8.8.8.8", "169.254.169.254", "::ffff:8.8.8.8", "0.0.0.0"):
            running.addresses["may-3.mau.example"] = address
            assert failure(running, "may-3.mau.example", machine) == "rejectedIdentifier"
        assert failure(running, "8.8.8.8", machine) == "rejectedIdentifier"
        assert failure(running, "khong-co.mau.example", machine) == "dns"
    finally:
        machine.answer = None
        running.addresses["may-3.mau.example"] = "127.0.0.1"
    assert asked == []


@pytest.mark.parametrize(
    ("address", "allowed"),
    [("127.0.0.1", True), ("10.1.2.3", True), ("172.32.0.1", False), ("::1", True), ("::ffff:10.0.0.1", True),
     ("fd00::1", True), ("2001:db8::1", False), ("0.0.0.0", False), ("::", False)],
)  # fmt: skip
def test_what_is_private(address: str, allowed: bool) -> None:
    assert is_allowed(ip_address(address), PRIVATE) is allowed


def test_a_port_where_nobody_listens_is_told_and_the_allowed_address_is_chosen() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        check = HttpCheck(
            (ip_network("127.0.0.0/8"),), port, 1, lambda _: [ip_address("8.8.8.8"), ip_address("127.0.0.1")]
        )
        with pytest.raises(Refused, match=r"127\.0\.0\.1"):
            check.require(Identifier("dns", "a.vn"), "t", "p")
    assert ip_address("127.0.0.1") in look_up("127.0.0.1")
    with pytest.raises(Refused, match="ACME_HOST_NOT_FOUND"):
        HttpCheck(look_up=lambda _: []).require(Identifier("dns", "a.vn"), "t", "p")


def test_methods_places_and_media_types_that_are_not_there(running: Running, bare: Bare) -> None:
    base = f"{running.base}/acme"
    got = bare.http.get(f"{base}/new-order")
    assert told(got) == (405, "malformed") and got.headers["Allow"] == "POST"
    assert told(bare.http.post(f"{base}/directory"))[0] == 405
    assert told(bare.http.get(f"{base}/khong-co")) == (404, "malformed")
    assert told(bare.raw(f"{base}/new-order", b"{}", "application/json")) == (415, "malformed")
    assert told(bare.raw(f"{base}/new-order", b"x" * 100_000)) == (413, "malformed")
    assert bare.http.get(f"{base}/new-nonce").status_code == 204
    for place in ("order/a", "authorization/a", "challenge/a", "certificate/a", "certificate/zz"):
        assert told(bare.post(place, b"")) == (404, "malformed")
    assert told(bare.post("certificate/abc", {})) == (400, "malformed")
    assert told(bare.post("new-order", b"[1]")) == (400, "malformed")
    assert told(bare.post("new-order", b'{"a":"\\ud800"}')) == (400, "malformed")
    assert told(bare.post(str(bare.kid), {"status": "valid?"})) == (400, "malformed")
    assert told(bare.post("revoke-cert", {"certificate": "AAAA"})) == (400, "malformed")


_TEXT = st.text(max_size=30)
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3), max_leaves=5,
)  # fmt: skip
_HEADER = st.dictionaries(st.sampled_from(["alg", "url", "nonce", "kid", "jwk", "crit", "x"]), _ANY | st.sampled_from(
    ["ES256", "RS256", "EdDSA", {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, {"kty": "RSA", "e": "AQAB", "n": "AQAB"},
     {"kty": "OKP", "crv": "Ed25519", "x": "AA"}]
))  # fmt: skip


def _written(found: object) -> str:
    return josepy.b64encode(json.dumps(found).encode()).decode()


@given(
    st.binary(max_size=200) | _ANY.map(lambda found: json.dumps(found).encode())
    | st.fixed_dictionaries(
        {"protected": _HEADER.map(_written) | _TEXT, "payload": _ANY.map(_written) | _TEXT, "signature": _TEXT | st.just("AA")}
    ).map(lambda found: json.dumps(found).encode()),
    st.sampled_from(["new-account", "new-order", "key-change", "revoke-cert", "order/a", "challenge/a"]),
)  # fmt: skip
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_request_makes_the_server_fail(bare: Bare, body: bytes, path: str) -> None:
    answer = bare.raw(f"{bare.running.base}/acme/{path}", body)
    assert 400 <= told(answer)[0] < 500


@given(_ANY, st.sampled_from(["new-account", "new-order", "key-change", "revoke-cert", "account"]))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_payload_of_a_proper_client_makes_the_server_fail(bare: Bare, payload: object, path: str) -> None:
    kid = None if path == "new-account" else bare.kid
    answer = bare.post(str(bare.kid) if path == "account" else path, payload, kid=kid)
    assert answer.status_code < 500


@given(_ANY)
def test_identifiers_of_any_form_are_read_or_refused(found: object) -> None:
    for each in (found, [found], [{"type": "dns", "value": found}], [{"type": "ip", "value": found}]):
        try:
            assert read_identifiers(each)
        except Refused as refusal:
            assert acme_errors.type_of(refusal.code).startswith(acme_errors.URN)


def test_addresses_are_written_as_clients_write_them() -> None:
    assert AcmeSettings("ca.vn", port=443).base == "https://ca.vn"
    assert AcmeSettings("::1", port=8096).base == "https://[::1]:8096"
    with listen_on(0) as taken, pytest.raises(Refused, match="AGENT_ADDRESS_TAKEN"):
        listen_on(taken.getsockname()[1])


def test_the_command_serves_acme_beside_the_responders_and_gives_out_keys(tmp_path: Path) -> None:
    make_demo(tmp_path / "pki", SystemClock())
    ports = []
    for _ in range(2):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports.append(free.getsockname()[1])
    command = [sys.executable, "-m", "lienthong.roles.cli", "pki"]
    said = subprocess.run(
        [*command, "acme-key", tmp_path / "pki", "so-a", "--json"], capture_output=True, text=True, check=True
    )
    assert json.loads(said.stdout)["kid"] == "so-a"
    wrong = subprocess.run(
        [*command, "serve", tmp_path / "pki", "--acme-name", "localhost", "--allow", "x"],
        capture_output=True,
        check=False,
    )
    assert wrong.returncode != 0
    serving = subprocess.Popen(
        [*command, "serve", tmp_path / "pki", "--port", str(ports[0]), "--acme-name", "localhost", "--acme-port",
         str(ports[1]), "--allow", "10.0.0.0/8", "--allow", "127.0.0.0/8"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until, found = time.monotonic() + 20, None
        while time.monotonic() < until and found is None:
            time.sleep(0.1)
            if (tmp_path / "pki/ca/acme/server.pem").is_file():
                import ssl

                trust = ssl.create_default_context(cafile=tmp_path / "pki/trust/root.pem")
                try:
                    found = httpx.get(f"https://localhost:{ports[1]}/acme/directory", verify=trust, trust_env=False)
                except httpx.HTTPError:
                    continue
        assert found is not None and found.json()["meta"] == {"externalAccountRequired": True}
        assert httpx.get(f"http://127.0.0.1:{ports[0]}/issuing.pem", trust_env=False).status_code == 200
    finally:
        serving.terminate()
        assert serving.wait(20) == 0
