"""An authority whose key lies on a token makes the same certificates, lists and answers as one with a key in a file."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, SECP384R1, generate_private_key
from cryptography.x509 import ocsp

from lienthong.base.errors import Refused
from lienthong.infra.keys import generate
from lienthong.infra.token_signer import TokenSigner
from lienthong.infra.token_uri import TokenKey
from lienthong.signing.pki.held_keys import digest_of, held
from lienthong.trust.errors import KEY_NOT_ALLOWED
from lienthong.trust.local_pki import Period, distinguished_name, make_crl, make_issuing, make_root, make_signer
from lienthong.trust.signer import MemorySigner, Signer
from softhsm_token import MODULE, PIN, Tokens

NOW = datetime.now(UTC).replace(microsecond=0)
PERIOD = Period(NOW - timedelta(hours=1), NOW + timedelta(days=30))
KEYS = {
    "P-256": lambda: generate_private_key(SECP256R1()),
    "P-384": lambda: generate_private_key(SECP384R1()),
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
}


@pytest.fixture(scope="module")
def token() -> Iterator[Tokens]:
    tokens = Tokens()
    tokens.make("goc-noi-bo")
    for number, (kind, make) in enumerate(KEYS.items(), 1):
        tokens.put("goc-noi-bo", make(), f"ca-{kind}", f"{number:02}")
    yield tokens
    tokens.remove()


def on_token(kind: str) -> Signer:
    return TokenSigner(TokenKey(Path(MODULE), token="goc-noi-bo", label=f"ca-{kind}"), PIN)


def pem(thing: x509.Certificate | x509.CertificateRevocationList) -> bytes:
    return thing.public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize("kind", ["P-256", "RSA"])
@pytest.mark.usefixtures("token")
def test_openssl_accepts_a_chain_and_a_list_whose_keys_never_left_the_token(tmp_path: Path, kind: str) -> None:
    key = held(on_token(kind))
    root = make_root(key, distinguished_name("Gốc nội bộ"), PERIOD, 1)
    issuing = make_issuing(root, generate_private_key(SECP256R1()), distinguished_name("Cấp nội bộ"), PERIOD, 2)
    leaf_key = generate_private_key(SECP256R1()).public_key()
    good, bad = (
        make_signer(issuing, leaf_key, distinguished_name(name), PERIOD, serial)
        for name, serial in (("Nguyễn Văn An", 3), ("Trần Thị Bình", 4))
    )
    lists = [
        make_crl(root, [], NOW, NOW + timedelta(days=1), 1),
        make_crl(issuing, [(4, NOW)], NOW, NOW + timedelta(days=1), 1),
    ]
    (tmp_path / "root.pem").write_bytes(pem(root.certificate))
    (tmp_path / "issuing.pem").write_bytes(pem(issuing.certificate))
    (tmp_path / "crl.pem").write_bytes(b"".join(map(pem, lists)))
    (tmp_path / "good.pem").write_bytes(pem(good))
    (tmp_path / "bad.pem").write_bytes(pem(bad))

    def judged(name: str) -> subprocess.CompletedProcess[str]:
        command = ["openssl", "verify", "-crl_check_all", "-CRLfile", "crl.pem", "-CAfile", "root.pem"]
        command += ["-untrusted", "issuing.pem", name]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)

    assert judged("good.pem").returncode == 0
    revoked = judged("bad.pem")
    assert revoked.returncode != 0
    assert "certificate revoked" in revoked.stderr


@pytest.mark.parametrize("kind", ["P-256", "P-384", "RSA"])
@pytest.mark.usefixtures("token")
def test_certificates_and_ocsp_answers_are_signed_by_the_key_on_the_token(kind: str) -> None:
    signer = on_token(kind)
    key, name = held(signer), distinguished_name("Gốc nội bộ")
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(PERIOD.begin).not_valid_after(PERIOD.end)
    made = builder.sign(key, digest_of(signer))
    made.verify_directly_issued_by(made)
    answer = (
        ocsp.OCSPResponseBuilder()
        .add_response(made, made, hashes.SHA1(), ocsp.OCSPCertStatus.GOOD, NOW, NOW, None, None)
        .responder_id(ocsp.OCSPResponderEncoding.HASH, made)
        .sign(key, digest_of(signer))
    )
    if isinstance(key, rsa.RSAPrivateKey):
        key.public_key().verify(answer.signature, answer.tbs_response_bytes, padding.PKCS1v15(), hashes.SHA256())
    else:
        key.public_key().verify(answer.signature, answer.tbs_response_bytes, ECDSA(digest_of(signer)))


@pytest.mark.parametrize("kind", ["P-256", "RSA"])
def test_the_private_part_is_never_given_out(kind: str) -> None:
    key = held(MemorySigner(KEYS[kind]()))
    with pytest.raises(NotImplementedError):
        key.private_numbers()
    with pytest.raises(NotImplementedError):
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def test_another_digest_or_padding_than_the_keys_own_is_not_signed() -> None:
    curve, number = (held(MemorySigner(KEYS[kind]())) for kind in ("P-256", "RSA"))
    with pytest.raises(ValueError, match="another digest"):
        curve.sign(b"x", ECDSA(hashes.SHA384()))
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    with pytest.raises(ValueError, match="PKCS #1"):
        number.sign(b"x", pss, hashes.SHA256())


def test_an_ed25519_key_issues_no_certificates() -> None:
    with pytest.raises(Refused) as refused:
        held(MemorySigner(generate("Ed25519")))
    assert refused.value.code is KEY_NOT_ALLOWED
