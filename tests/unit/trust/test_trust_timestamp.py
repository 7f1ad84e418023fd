"""Timestamps, with ``openssl ts`` as client, as authority and as judge."""

from __future__ import annotations

import hashlib
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import cms, tsp
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.trust import local_pki, timestamp
from lienthong.trust.certificates import TrustStore
from lienthong.trust.der import is_der
from lienthong.trust.errors import TIMESTAMP_MALFORMED
from lienthong.trust.local_pki import Period, distinguished_name
from lienthong.trust.signer import MemorySigner
from lienthong.trust.timestamp import Responder, make_request, read_response, read_token, verify_token
from lienthong.trust.verdict import Verdict

NOW = datetime.now(UTC).replace(microsecond=0)
PERIOD = Period(NOW - timedelta(days=10), NOW + timedelta(days=3650))
POLICY = "1.3.6.1.4.1.99999.1.1"
DATA = "Quyết định số 01/QĐ-MAU".encode()
DIGEST = hashlib.sha256(DATA).digest()
ROOT = local_pki.make_root(ec.generate_private_key(ec.SECP256R1()), distinguished_name("Gốc thử nghiệm"), PERIOD, 1)
ISSUING = local_pki.make_issuing(
    ROOT, ec.generate_private_key(ec.SECP256R1()), distinguished_name("Cấp phát"), PERIOD, 2
)
STORE = TrustStore((ROOT.certificate,))
KEYS = {
    "P-256": ec.generate_private_key(ec.SECP256R1()),
    "P-384": ec.generate_private_key(ec.SECP384R1()),
    "RSA": rsa.generate_private_key(65537, 2048),
}
CERTIFICATES = {
    name: local_pki.make_timestamper(ISSUING, key.public_key(), distinguished_name("TSA Mẫu"), PERIOD, number)
    for number, (name, key) in enumerate(KEYS.items(), 10)
}
PEM = serialization.Encoding.PEM


def responder(name="P-256"):
    return Responder(MemorySigner(KEYS[name]), CERTIFICATES[name], [ISSUING.certificate], POLICY)


def stamp(name="P-256", now=NOW, nonce=7, digest=DIGEST):
    return read_response(responder(name).respond(make_request(digest, nonce), 42, now))


TOKEN = stamp()


def openssl(tmp_path, *arguments):
    return subprocess.run(
        ["openssl", "ts", *arguments], check=False, cwd=tmp_path, capture_output=True, text=True, timeout=20
    )


def files(tmp_path, name="P-256"):
    key = KEYS[name].private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    contents = {
        "data": DATA,
        "root.pem": ROOT.certificate.public_bytes(PEM),
        "chain.pem": ISSUING.certificate.public_bytes(PEM),
        "tsa.pem": CERTIFICATES[name].public_bytes(PEM),
        "tsa.key": key,
        "serial": b"0A\n",
        "conf": f"""[tsa]
default_tsa = t
[t]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
certs = chain.pem
signer_digest = sha256
default_policy = {POLICY}
digests = sha256, sha512
accuracy = secs:1, millisecs:500, microsecs:100
clock_precision_digits = 3
ordering = yes
tsa_name = yes
ess_cert_id_alg = sha256
""".encode(),
    }
    for file, content in contents.items():
        (tmp_path / file).write_bytes(content)


@pytest.mark.parametrize("name", KEYS)
def test_openssl_accepts_our_answers_to_its_requests(tmp_path, name):
    files(tmp_path, name)
    assert openssl(tmp_path, "-query", "-data", "data", "-sha256", "-cert", "-out", "q").returncode == 0
    response = responder(name).respond((tmp_path / "q").read_bytes(), 2**80, NOW)
    (tmp_path / "r").write_bytes(response)
    result = openssl(tmp_path, "-verify", "-queryfile", "q", "-in", "r", "-CAfile", "root.pem")
    assert result.returncode == 0, result.stderr
    assert verify_token(read_response(response), DIGEST, STORE).verdict is Verdict.PASSED
    (tmp_path / "data").write_bytes(b"other")
    result = openssl(tmp_path, "-verify", "-data", "data", "-in", "r", "-CAfile", "root.pem")
    assert result.returncode != 0


@pytest.mark.parametrize("name", KEYS)
def test_we_accept_openssls_answers_to_our_requests(tmp_path, name):
    files(tmp_path, name)
    (tmp_path / "q").write_bytes(make_request(DIGEST, 12345))
    result = openssl(tmp_path, "-reply", "-config", "conf", "-queryfile", "q", "-out", "r")
    assert result.returncode == 0, result.stderr
    token = read_response((tmp_path / "r").read_bytes())
    report = verify_token(token, DIGEST, STORE, nonce=12345)
    assert report.verdict is Verdict.PASSED, report.troubles
    assert report.info.serial == 11
    assert report.info.accuracy == timedelta(seconds=1, milliseconds=500, microseconds=100)
    assert abs(report.info.time - datetime.now(UTC)) < timedelta(seconds=30)
    assert verify_token(token, DIGEST, STORE, nonce=1).verdict is Verdict.FAILED


def test_a_token_says_what_was_asked_and_when():
    info = read_token(stamp())
    assert (info.time, info.policy, info.serial, info.nonce) == (NOW, POLICY, 42, 7)
    assert (info.imprint_algorithm, info.imprint) == ("sha256", DIGEST)
    assert "TSA Mẫu" in info.tsa_name
    assert info.certificate == CERTIFICATES["P-256"]
    assert info.accuracy == timedelta(seconds=1)


def test_a_token_for_other_bytes_fails():
    assert verify_token(TOKEN, hashlib.sha256(b"x").digest(), STORE).verdict is Verdict.FAILED


def test_a_token_of_an_unknown_authority_proves_nothing():
    other = local_pki.make_root(KEYS["P-256"], distinguished_name("Gốc lạ"), PERIOD, 1)
    assert verify_token(TOKEN, DIGEST, TrustStore((other.certificate,))).verdict is Verdict.INDETERMINATE


def test_a_certificate_that_is_not_for_timestamps_fails():
    signer = local_pki.make_signer(ISSUING, KEYS["P-256"].public_key(), distinguished_name("Mẫu"), PERIOD, 30)
    wrong = Responder(MemorySigner(KEYS["P-256"]), signer, [ISSUING.certificate], POLICY)
    token = read_response(wrong.respond(make_request(DIGEST, None), 1, NOW))
    assert verify_token(token, DIGEST, STORE).verdict is Verdict.FAILED


def test_the_certificate_is_judged_at_the_tokens_time_or_at_the_one_given():
    late = stamp(now=PERIOD.end + timedelta(days=1))
    assert verify_token(late, DIGEST, STORE).verdict is Verdict.FAILED
    assert verify_token(TOKEN, DIGEST, STORE, at=PERIOD.end + timedelta(days=1)).verdict is Verdict.FAILED


def test_a_certificate_other_than_the_bound_one_is_not_accepted():
    twin = local_pki.make_timestamper(ISSUING, KEYS["P-256"].public_key(), distinguished_name("TSA Mẫu"), PERIOD, 10)
    assert twin != CERTIFICATES["P-256"]
    old, new = (
        CERTIFICATES["P-256"].public_bytes(serialization.Encoding.DER),
        twin.public_bytes(serialization.Encoding.DER),
    )
    parsed = cms.ContentInfo.load(TOKEN)
    swapped = [
        new if choice.chosen.dump() == old else choice.chosen.dump() for choice in parsed["content"]["certificates"]
    ]
    parsed["content"]["certificates"] = [cms.Certificate.load(der) for der in swapped]
    report = verify_token(parsed.dump(force=True), DIGEST, STORE)
    assert report.verdict is not Verdict.PASSED


def test_a_request_that_wants_no_certificate_gets_none():
    request = tsp.TimeStampReq.load(make_request(DIGEST, 5))
    request["cert_req"] = False
    token = read_response(responder().respond(request.dump(force=True), 1, NOW))
    assert read_token(token).certificate is None
    assert verify_token(token, DIGEST, STORE).verdict is Verdict.INDETERMINATE


@pytest.mark.parametrize(
    ("request_bytes", "reason"),
    [
        (b"", "bad_data_format"),
        (b"\x30\x00", "bad_data_format"),
        (make_request(DIGEST, 1) + b"\0", "bad_data_format"),
        (make_request(DIGEST, 1, "1.2.3.4"), "unaccepted_policy"),
        (
            tsp.TimeStampReq(
                {
                    "version": "v1",
                    "message_imprint": {"hash_algorithm": {"algorithm": "sha1"}, "hashed_message": b"\0" * 20},
                }
            ).dump(),
            "bad_alg",
        ),
        (
            tsp.TimeStampReq(
                {
                    "version": "v1",
                    "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": b"\0" * 20},
                }
            ).dump(),
            "bad_data_format",
        ),
    ],
)
def test_a_request_that_cannot_be_granted_is_rejected_with_its_reason(tmp_path, request_bytes, reason):
    response = responder().respond(request_bytes, 1, NOW)
    parsed = timestamp._Response.load(response, strict=True)
    assert parsed["status"]["status"].native == "rejection"
    assert parsed["status"]["fail_info"].native == {reason}
    with pytest.raises(Refused) as refusal:
        read_response(response)
    assert refusal.value.code is TIMESTAMP_MALFORMED
    (tmp_path / "r").write_bytes(response)
    assert "Rejected" in openssl(tmp_path, "-reply", "-in", "r", "-text").stdout


def test_strict_der_is_told_from_ber():
    assert is_der(TOKEN)
    assert is_der(b"\x05\x00")
    for bad in (
        b"",
        b"\x05",
        b"\x05\x00\x00",
        b"\x30\x80\x00\x00",
        b"\x04\x81\x01x",
        b"\x04\x82\x00\x01x",
        b"\x04\x85\x00\x00\x00\x00\x01x",
        b"\x30\x03\x04\x02x",
        TOKEN + b"\0",
        TOKEN[:-1],
        b"\x1f",
        b"\x1f\x81",
        b"\x30\x02" * 40,
    ):
        assert not is_der(bad)
        with pytest.raises(Refused):
            read_token(bad)


# The library only warns of odd but readable certificates.
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@given(st.integers(0, len(TOKEN) - 1), st.integers(0, 255))
@settings(max_examples=150, deadline=None)
def test_no_damaged_token_passes_and_none_breaks_the_reader(position, byte):
    changed = TOKEN[:position] + bytes([byte]) + TOKEN[position + 1 :]
    report = verify_token(changed, DIGEST, STORE, nonce=7)
    if report.verdict is Verdict.PASSED:
        # Bytes outside what is signed (an algorithm's unused parameters) may differ; what is said may not.
        assert report.info == read_token(TOKEN)


REQUEST = make_request(DIGEST, 9)


@given(st.binary(max_size=80), st.integers(0, len(REQUEST) - 1), st.integers(0, 255))
@settings(max_examples=150, deadline=None)
def test_any_request_gets_an_answer_in_der(noise, position, byte):
    for data in (noise, REQUEST[:position] + bytes([byte]) + REQUEST[position + 1 :]):
        assert is_der(responder().respond(data, 1, NOW))
    with pytest.raises(Refused):
        read_response(noise)


@given(st.binary(max_size=120))
@settings(max_examples=100, deadline=None)
def test_the_shape_of_der_is_read_without_an_exception(noise):
    is_der(noise)
