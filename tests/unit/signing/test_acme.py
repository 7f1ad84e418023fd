"""Enrolment by ACME with Let's Encrypt's client library: the whole way, its repetitions, its interruptions."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import josepy
import pytest
from acme import errors, messages
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from acme_party import ALL, Bare, Machine, Running, answer_all, csr, ec_key, enrolled, rsa_key, wait
from lienthong.base.clock import OffsetClock, SystemClock
from lienthong.base.errors import Refused
from lienthong.signing.pki.acme.external import ExternalKeys
from lienthong.signing.pki.acme.identifiers import general_name
from lienthong.signing.pki.acme.program import ServerIdentity
from lienthong.signing.pki.acme.records import Status
from lienthong.signing.pki.acme.store import Store
from lienthong.signing.pki.demo import make_demo, open_services
from lienthong.signing.pki.register import NOTICE, Profile, Register, new_serial


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pki") / "pki"
    make_demo(made, SystemClock())
    return made


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    made = Machine()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def running(pki: Path, machine: Machine) -> Iterator[Running]:
    made = Running(pki, machine.port)
    yield made
    made.stop()


@pytest.fixture
def own(pki: Path, machine: Machine, tmp_path: Path) -> Iterator[Running]:
    """A server with a folder of its own."""
    shutil.copytree(pki, tmp_path / "pki", ignore=shutil.ignore_patterns("acme"))
    made = Running(tmp_path / "pki", machine.port)
    yield made
    made.stop()


def ocsp_status(folder: Path, serial: int) -> ocsp.OCSPCertStatus:
    register = Register(folder, SystemClock())
    certificate, issuer = register.all()[serial].certificate, register.issuing.certificate
    question = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA256()).build()
    responder = open_services(folder, SystemClock())._responder
    answer = responder.respond(question.public_bytes(Encoding.DER), SystemClock().now())
    return ocsp.load_der_ocsp_response(answer).certificate_status


@pytest.mark.parametrize(("key", "alg"), [(ec_key(), josepy.ES256), (rsa_key(), josepy.RS256)])
def test_a_machine_enrols_and_openssl_believes_the_chain(
    running: Running, machine: Machine, tmp_path: Path, key: josepy.JWK, alg: josepy.JWASignature
) -> None:
    done = enrolled(running.account(key, alg), machine, (*ALL, "127.0.0.1"))
    own, issuing = done.fullchain_pem.encode().split(b"-----END CERTIFICATE-----\n", 1)
    (tmp_path / "own.pem").write_bytes(own + b"-----END CERTIFICATE-----\n")
    (tmp_path / "issuing.pem").write_bytes(issuing)
    checked = subprocess.run(
        ["openssl", "verify", "-purpose", "sslserver", "-verify_hostname", ALL[1], "-x509_strict", "-CAfile",
         running.folder / "trust/root.pem", "-untrusted", tmp_path / "issuing.pem", tmp_path / "own.pem"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr
    certificate = x509.load_pem_x509_certificate((tmp_path / "own.pem").read_bytes())
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    key_usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert key_usage.digital_signature and not key_usage.content_commitment
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc == timedelta(days=90)
    [organization] = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert organization.value == NOTICE
    assert Register(running.folder, SystemClock()).all()[certificate.serial_number].profile is Profile.TRANSPORT


def test_a_revoked_certificate_is_revoked_for_ocsp_and_a_second_time_refused(
    running: Running, machine: Machine
) -> None:
    client = running.account()
    certificate = x509.load_pem_x509_certificate(enrolled(client, machine).fullchain_pem.encode())
    assert ocsp_status(running.folder, certificate.serial_number) is ocsp.OCSPCertStatus.GOOD
    client.revoke(certificate, 1)
    assert ocsp_status(running.folder, certificate.serial_number) is ocsp.OCSPCertStatus.REVOKED
    with pytest.raises(messages.Error) as told:
        client.revoke(certificate, 1)
    assert told.value.code == "alreadyRevoked"


def test_the_certificates_own_key_revokes_and_a_strangers_does_not(running: Running, machine: Machine) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = x509.load_pem_x509_certificate(enrolled(running.account(), machine, key=key).fullchain_pem.encode())
    body = {"certificate": josepy.b64encode(certificate.public_bytes(Encoding.DER)).decode(), "reason": 4}
    assert Bare(running).post("revoke-cert", body).status_code == 403
    assert Bare(running).open().post("revoke-cert", body).json()["type"].endswith(":unauthorized")
    holder = Bare(running, josepy.JWKEC(key=key))
    assert holder.post("revoke-cert", body | {"reason": 9}).json()["type"].endswith(":badRevocationReason")
    assert holder.post("revoke-cert", body).status_code == 200
    assert ocsp_status(running.folder, certificate.serial_number) is ocsp.OCSPCertStatus.REVOKED


def test_certificates_that_are_not_of_machines_cannot_be_revoked_here(running: Running) -> None:
    official = Register(running.folder, SystemClock()).find("Nguyễn Văn An").certificate
    body = {"certificate": josepy.b64encode(official.public_bytes(Encoding.DER)).decode()}
    assert Bare(running).open().post("revoke-cert", body).status_code == 404


def test_a_restart_between_every_two_steps_loses_nothing(own: Running, machine: Machine) -> None:
    key = ec_key()
    client = own.account(key)
    own.restart()
    order = client.new_order(csr(ALL))
    own.restart()
    answer_all(client, order, machine)
    own.restart()
    order = wait(client, order)
    own.restart()
    client.begin_finalization(order)
    own.restart()
    done = client.finalize_order(order, _soon())
    own.restart()
    certificate = x509.load_pem_x509_certificate(done.fullchain_pem.encode())
    client.revoke(certificate, 0)
    own.restart()
    assert ocsp_status(own.folder, certificate.serial_number) is ocsp.OCSPCertStatus.REVOKED
    assert client.net.account.uri == client.query_registration(client.net.account).uri


def _soon():
    return datetime.now() + timedelta(seconds=20)


@pytest.mark.parametrize("issued", [False, True])
def test_a_crash_around_the_issuing_issues_exactly_once(own: Running, machine: Machine, issued: bool) -> None:
    client = own.account()
    order = client.new_order(csr())
    answer_all(client, order, machine)
    wait(client, order)
    own.stop()
    store, register = Store(own.folder / "ca/acme"), Register(own.folder, SystemClock())
    [kept] = store.orders.values()
    der = x509.load_pem_x509_csr(order.csr_pem).public_bytes(Encoding.DER)
    planned = replace(kept, status=Status.PROCESSING, request=der, serial=new_serial())
    store.put_order(planned)
    if issued:
        key = x509.load_der_x509_csr(der).public_key()
        register.issue_transport([general_name(kept.identifiers[0])], key, planned.serial)  # type: ignore[arg-type]  # an EC key
    known = {serial for serial in Register(own.folder, SystemClock()).all() if serial != planned.serial}
    own.start()
    done = client.poll_finalization(order, _soon())
    found = x509.load_pem_x509_certificate(done.fullchain_pem.encode())
    assert found.serial_number == planned.serial
    assert set(Register(own.folder, SystemClock()).all()) - known == {planned.serial}


def test_a_proof_that_a_stop_interrupted_is_taken_up_again(own: Running, machine: Machine) -> None:
    client = own.account()
    order = client.new_order(csr())
    own.stop()
    store = Store(own.folder / "ca/acme")
    [kept] = store.authorizations.values()
    store.put_authorization(replace(kept, challenge=Status.PROCESSING))
    [challenge] = order.authorizations[0].body.challenges
    machine.files[challenge.chall.path] = challenge.response_and_validation(client.net.key)[1].encode()
    own.start()
    assert wait(client, order).authorizations[0].body.status == messages.STATUS_VALID


def test_half_written_files_of_a_crash_are_swept_and_damaged_ones_are_named(own: Running) -> None:
    own.account()
    own.stop()
    folder = own.folder / "ca/acme/accounts"
    (folder / ".x.json.ab").write_bytes(b"{")
    assert len(Store(folder.parent).accounts) == 1
    assert len(list(folder.iterdir())) == 1
    (folder / "y.json").write_bytes(b"{")
    with pytest.raises(Refused, match="ACME_STATE_BROKEN"):
        Store(folder.parent)
    (folder / "y.json").unlink()
    own.start()


def test_the_key_of_an_account_changes_and_the_old_one_ends(running: Running, machine: Machine) -> None:
    old, new = Bare(running).open(), ec_key()
    url = f"{running.base}/acme/key-change"

    def inner(by: josepy.JWK, **changed: object) -> dict[str, object]:
        said = {"account": old.kid, "oldKey": old.key.public_key().to_partial_json()} | changed
        return _inner(by, url, said)

    stranger = Bare(running).open()
    assert old.post("key-change", inner(stranger.key)).status_code == 409
    assert old.post("key-change", inner(stranger.key)).headers["Location"] == stranger.kid
    assert stranger.post("key-change", inner(new)).status_code == 400
    other_key = inner(new, oldKey=stranger.key.public_key().to_partial_json())
    assert old.post("key-change", other_key).status_code == 403
    assert old.post("key-change", inner(new)).status_code == 200
    assert old.post(str(old.kid), b"").status_code == 403
    client = running.client(new)
    client.net.account = messages.RegistrationResource(uri=old.kid, body=messages.Registration())
    assert enrolled(client, machine).fullchain_pem


def _inner(key: josepy.JWK, url: str, said: dict[str, object]) -> dict[str, object]:
    """The inner signature of clause 7.3.5, put together by hand: no nonce."""
    import json

    from lienthong.trust.signer import MemorySigner

    header = {"alg": "ES256", "jwk": key.public_key().to_partial_json(), "url": url}
    header["jwk"] = {"kty": "EC", **header["jwk"]}  # type: ignore[dict-item]  # a JWK
    said["oldKey"] = {"kty": "EC", **said["oldKey"]}  # type: ignore[dict-item]  # a JWK
    parts = [josepy.b64encode(json.dumps(each).encode()).decode() for each in (header, said)]
    signature = MemorySigner(key.key._wrapped).sign(".".join(parts).encode())
    return {"protected": parts[0], "payload": parts[1], "signature": josepy.b64encode(signature).decode()}


def test_an_account_is_found_by_its_key_and_changed_and_ended(running: Running) -> None:
    key = ec_key()
    first = running.account(key)
    with pytest.raises(errors.ConflictError):
        running.account(key)
    mail = messages.Registration.from_data(email="moi@mau.example")
    changed = first.update_registration(first.net.account, mail)
    assert changed.body.contact == ("mailto:moi@mau.example",)
    assert first.query_registration(changed).body.contact == ("mailto:moi@mau.example",)
    first.deactivate_registration(first.net.account)
    with pytest.raises(messages.Error) as told:
        first.new_order(csr())
    assert told.value.code == "unauthorized"
    with pytest.raises(messages.Error):
        running.account(key)
    unknown = Bare(running).post("new-account", {"onlyReturnExisting": True})
    assert (unknown.status_code, unknown.json()["type"].rpartition(":")[2]) == (400, "accountDoesNotExist")


def test_an_account_lists_its_orders(running: Running) -> None:
    bare = Bare(running).open()
    made = bare.post("new-order", {"identifiers": [{"type": "dns", "value": "May-3.Mau.Example"}]})
    assert made.json()["identifiers"] == [{"type": "dns", "value": "may-3.mau.example"}]
    assert bare.post(f"{bare.kid}/orders", b"").json() == {"orders": [made.headers["Location"]]}
    assert Bare(running).open().post(f"{bare.kid}/orders", b"").status_code == 403


def test_once_there_is_a_key_for_accounts_every_account_needs_one_and_each_serves_one(own: Running) -> None:
    folder = own.folder / "ca/acme/keys"
    secret = ExternalKeys(folder).make("so-noi-vu")
    with pytest.raises(messages.Error) as told:
        own.account()
    assert told.value.code == "externalAccountRequired"

    def bound(kid: str, hmac_key: str) -> messages.RegistrationResource:
        key = ec_key()
        client = own.client(key)
        assert client.directory.meta.external_account_required is True
        data = messages.ExternalAccountBinding.from_data(key.public_key(), kid, hmac_key, client.directory)
        return client.new_account(messages.NewRegistration.from_data(external_account_binding=data))

    for kid, hmac_key in (("la", secret), ("so-noi-vu", josepy.b64encode(bytes(32)).decode())):
        with pytest.raises(messages.Error):
            bound(kid, hmac_key)
    assert bound("so-noi-vu", secret).uri
    with pytest.raises(messages.Error):
        bound("so-noi-vu", secret)
    with pytest.raises(Refused, match="KEY_EXISTS"):
        ExternalKeys(folder).make("so-noi-vu")
    with pytest.raises(Refused, match="ACME_IDENTIFIER_REFUSED"):
        ExternalKeys(folder).make("../x")


def test_the_server_renews_its_own_certificate_before_the_end_and_after_a_revocation(own: Running) -> None:
    register, folder = Register(own.folder, SystemClock()), own.folder / "ca/acme"
    first = (folder / "server.pem").read_bytes()
    ServerIdentity(register, "localhost", SystemClock(), folder).renew()
    assert (folder / "server.pem").read_bytes() == first
    assert (folder / "server.pem").stat().st_mode & 0o077 == 0
    later = OffsetClock(timedelta(days=61))
    ServerIdentity(Register(own.folder, later), "localhost", later, folder)
    second = (folder / "server.pem").read_bytes()
    assert second != first
    register.revoke("localhost", x509.ReasonFlags.superseded)
    ServerIdentity(register, "localhost", SystemClock(), folder)
    assert (folder / "server.pem").read_bytes() != second


def test_a_transport_certificate_is_also_issued_for_a_request_by_hand(pki: Path) -> None:
    register = Register(pki, SystemClock())
    made = register.issue_request(Profile.TRANSPORT, csr(("tay.mau.example", "10.0.0.1")))
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["tay.mau.example"]
    with pytest.raises(Refused, match="CERTIFICATE_REQUEST_NOT_VALID"):
        register.issue_request(Profile.TRANSPORT, csr((), common_name="tay.mau.example"))
