"""The local PKI: its register is the record, its answers are those that openssl believes."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.base.clock import SystemClock
from lienthong.base.errors import Refused
from lienthong.infra.keys import read_key
from lienthong.signing.agent.program import listen_on
from lienthong.signing.pki.demo import make_demo, open_services
from lienthong.signing.pki.ocsp import Responder
from lienthong.signing.pki.register import Profile, Register
from lienthong.signing.pki.server import serve
from softhsm_token import MODULE, PIN, Tokens

UNUSED = x509.ReasonFlags.unspecified


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pki") / "pki"
    make_demo(made, SystemClock())
    return made


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    listening, stop = listen_on(0), threading.Event()
    port = listening.getsockname()[1]
    running = threading.Thread(target=serve, args=(open_services(folder, SystemClock()), listening, stop))
    running.start()
    base = f"http://127.0.0.1:{port}"
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            httpx.get(base, timeout=1, trust_env=False)
            break
        except httpx.HTTPError:
            time.sleep(0.05)
    yield base
    stop.set()
    running.join()


def openssl(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False, cwd=cwd)


def asked(folder: Path, address: str, certificate: Path) -> str:
    done = openssl(
        "ocsp", "-issuer", folder / "trust/issuing.pem", "-cert", certificate, "-url", f"{address}/ocsp",
        "-CAfile", folder / "trust/root.pem", "-verify_other", folder / "trust/issuing.pem", "-nonce",
    )  # fmt: skip
    assert "Response verify OK" in done.stderr and "WARNING" not in done.stderr, done.stdout + done.stderr
    return done.stdout


def request(name: str = "truc.mau.example") -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return made.public_bytes(Encoding.PEM)


def test_openssl_is_told_good_and_revoked_with_the_reason(folder: Path, address: str, tmp_path: Path) -> None:
    register = Register(folder, SystemClock())
    certificate = register.issue_request(Profile.SYSTEM, request("phan-mem.mau"))
    file = tmp_path / "a.pem"
    file.write_bytes(certificate.public_bytes(Encoding.PEM))
    assert f"{file}: good" in asked(folder, address, file)
    register.revoke("phan-mem.mau", x509.ReasonFlags.key_compromise)
    said = asked(folder, address, file)
    assert f"{file}: revoked" in said and "keyCompromise" in said


def test_openssl_verifies_chain_and_list(folder: Path, tmp_path: Path) -> None:
    register = Register(folder, SystemClock())
    certificate = register.issue_request(Profile.SYSTEM, request("chuoi.mau"))
    (tmp_path / "a.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    for name in ("issuing", "root"):
        openssl("crl", "-inform", "DER", "-in", folder / f"trust/{name}.crl", "-out", tmp_path / f"{name}.crl.pem")
    (tmp_path / "all.pem").write_bytes(
        (folder / "trust/root.pem").read_bytes() + (tmp_path / "issuing.crl.pem").read_bytes()
        + (tmp_path / "root.crl.pem").read_bytes()
    )  # fmt: skip
    command = ("verify", "-crl_check_all", "-CAfile", tmp_path / "all.pem", "-untrusted", folder / "trust/issuing.pem")
    assert openssl(*command, tmp_path / "a.pem").returncode == 0
    register.revoke(f"{certificate.serial_number:x}", UNUSED)
    openssl("crl", "-inform", "DER", "-in", folder / "trust/issuing.crl", "-out", tmp_path / "new.crl.pem")
    (tmp_path / "all.pem").write_bytes(
        (folder / "trust/root.pem").read_bytes() + (tmp_path / "new.crl.pem").read_bytes()
        + (tmp_path / "root.crl.pem").read_bytes()
    )  # fmt: skip
    assert "certificate revoked" in openssl(*command, tmp_path / "a.pem").stderr


def test_openssl_takes_a_time_stamp(folder: Path, address: str, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"noi dung")
    openssl("ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "q.tsq", cwd=tmp_path)
    answer = httpx.post(
        f"{address}/tsa", content=(tmp_path / "q.tsq").read_bytes(),
        headers={"Content-Type": "application/timestamp-query"}, trust_env=False,
    )  # fmt: skip
    (tmp_path / "r.tsr").write_bytes(answer.content)
    done = openssl(
        "ts", "-verify", "-in", "r.tsr", "-queryfile", "q.tsq", "-CAfile", folder / "trust/root.pem",
        "-untrusted", folder / "trust/issuing.pem", cwd=tmp_path,
    )  # fmt: skip
    assert "Verification: OK" in done.stdout + done.stderr


def test_questions_by_get_about_strangers_and_rubbish_are_answered_as_the_rfc_says(folder: Path, address: str) -> None:
    import base64
    from urllib.parse import quote

    register = Register(folder, SystemClock())
    issuer = register.issuing.certificate
    unknown = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
        *_hashes(register.find("Nguyễn Văn An").certificate, issuer), 12345, hashes.SHA1()
    ).build().public_bytes(Encoding.DER)  # fmt: skip
    got = httpx.get(f"{address}/ocsp/{quote(base64.b64encode(unknown).decode(), safe='')}", trust_env=False)
    assert ocsp.load_der_ocsp_response(got.content).certificate_status is ocsp.OCSPCertStatus.UNKNOWN
    stranger = ocsp.OCSPRequestBuilder().add_certificate_by_hash(bytes(20), bytes(20), 1, hashes.SHA1()).build()
    told = httpx.post(f"{address}/ocsp", content=stranger.public_bytes(Encoding.DER), trust_env=False)
    assert ocsp.load_der_ocsp_response(told.content).response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED
    rubbish = httpx.post(f"{address}/ocsp", content=b"rubbish", trust_env=False)
    assert ocsp.load_der_ocsp_response(rubbish.content).response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST
    assert httpx.post(f"{address}/ocsp", content=bytes(100_000), trust_env=False).status_code == 413
    assert httpx.get(f"{address}/../ca/issuing.key.pem", trust_env=False).status_code == 404


def _hashes(certificate: x509.Certificate, issuer: x509.Certificate) -> tuple[bytes, bytes]:
    own = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1()).build()
    return own.issuer_name_hash, own.issuer_key_hash


def test_no_question_makes_the_responder_fail(folder: Path) -> None:
    register = Register(folder, SystemClock())
    key = ec.generate_private_key(ec.SECP256R1())
    responder = Responder(register, register.issuing.certificate, key)

    @given(st.binary(max_size=300))
    @settings(max_examples=60, deadline=None)
    def asked(question: bytes) -> None:
        answer = responder.respond(question, datetime.now(UTC))
        assert ocsp.load_der_ocsp_response(answer).response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST

    asked()


def test_what_is_in_the_register_is_known_although_the_file_never_reached_anybody(folder: Path) -> None:
    certificate = Register(folder, SystemClock()).issue_request(Profile.PERSON, request("Mất Điện"))
    assert Register(folder, SystemClock()).find("Mất Điện").certificate == certificate


def test_a_changed_register_is_noticed(tmp_path: Path) -> None:
    make_demo(tmp_path / "pki", SystemClock())
    file = tmp_path / "pki/ca/register.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"person"', b'"system"', 1))
    with pytest.raises(Refused, match="USE_LOG_BROKEN"):
        Register(tmp_path / "pki", SystemClock()).all()


def test_a_revocation_is_final_and_unknown_names_are_told(folder: Path) -> None:
    register = Register(folder, SystemClock())
    register.issue_request(Profile.SYSTEM, request("hai-lan.mau"))
    register.revoke("hai-lan.mau", UNUSED)
    with pytest.raises(Refused, match="CERTIFICATE_REVOKED_ALREADY"):
        register.revoke("hai-lan.mau", UNUSED)
    with pytest.raises(Refused, match="CERTIFICATE_UNKNOWN"):
        register.find("khong-co")


@pytest.mark.parametrize("data", [b"", b"-----BEGIN CERTIFICATE REQUEST-----\nAA==\n", b"x" * 100_000])
def test_a_request_that_is_none_is_refused_in_words(folder: Path, data: bytes) -> None:
    with pytest.raises(Refused, match="CERTIFICATE_REQUEST_NOT_VALID"):
        Register(folder, SystemClock()).issue_request(Profile.SYSTEM, data)


def test_the_issuing_key_may_lie_on_a_token(folder: Path, tmp_path: Path) -> None:
    copied, tokens = tmp_path / "pki", Tokens()
    shutil.copytree(folder, copied)
    tokens.make("ca-noi-bo")
    tokens.put("ca-noi-bo", read_key(copied / "ca/issuing.key.pem"), "ky")
    (copied / "ca/issuing.key.pem").unlink()
    (copied / "ca/issuing.token").write_text(f"pkcs11:token=ca-noi-bo;object=ky?module-path={MODULE}\n")
    (copied / "ca/issuing.pin").write_bytes(PIN)
    (copied / "ca/issuing.pin").chmod(0o600)
    certificate = Register(copied, SystemClock()).issue_request(Profile.SYSTEM, request("tren-thiet-bi.mau"))
    certificate.verify_directly_issued_by(Register(folder, SystemClock()).issuing.certificate)


def test_another_folder_is_no_pki(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="PKI_NOT_THERE"):
        Register(tmp_path, SystemClock())


def test_certificates_name_the_services_when_the_pki_knows_where_they_are(folder: Path, tmp_path: Path) -> None:
    make_demo(tmp_path / "pki", SystemClock(), "http://pki.example:8095/")
    register = Register(tmp_path / "pki", SystemClock())
    signer, above = tmp_path / "pki/signers/an.crt.pem", tmp_path / "pki/trust/issuing.pem"
    assert openssl("x509", "-in", signer, "-noout", "-ocsp_uri").stdout.strip() == "http://pki.example:8095/ocsp"
    shown = openssl("x509", "-in", signer, "-noout", "-text").stdout
    assert "CA Issuers - URI:http://pki.example:8095/issuing.crt" in shown
    assert "URI:http://pki.example:8095/issuing.crl" in shown
    shown = openssl("x509", "-in", above, "-noout", "-text").stdout
    assert "URI:http://pki.example:8095/root.crl" in shown and "/root.crt" in shown and "OCSP" not in shown
    later = register.issue_request(Profile.SYSTEM, request("sau.mau"))
    assert later.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    for each in Register(folder, SystemClock()).all().values():
        with pytest.raises(x509.ExtensionNotFound):
            each.certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)


@pytest.mark.parametrize("name", ["issuing", "root"])
def test_the_authorities_certificates_are_served_in_der(folder: Path, address: str, name: str) -> None:
    got = httpx.get(f"{address}/{name}.crt", trust_env=False)
    assert got.headers["Content-Type"] == "application/pkix-cert"
    pem = (folder / f"trust/{name}.pem").read_bytes()
    assert x509.load_der_x509_certificate(got.content) == x509.load_pem_x509_certificate(pem)
