"""The connector's key from PEM, PKCS #12 and a real SoftHSM token: it signs, and every fault has its sentence."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256K1, SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from lienthong.base.errors import Refused
from lienthong.connector.credentials import open_signer
from lienthong.infra.config import SecretFile
from lienthong.infra.connector_config import ConnectorConfig
from lienthong.infra.keys import key_pem
from lienthong.infra.token_uri import read_token_uri
from lienthong.trust.local_pki import Authority, Period, distinguished_name, make_root, make_signer
from lienthong.trust.signer import is_valid
from softhsm_token import MODULE, PIN, Tokens, uri

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
EC, EC384, OTHER = (generate_private_key(curve()) for curve in (SECP256R1, SECP384R1, SECP256R1))
RSA = generate_rsa(65537, 2048)
YEAR = Period(NOW - timedelta(days=100), NOW + timedelta(days=100))
ROOT: Authority = make_root(EC384, distinguished_name("Gốc thử nghiệm"), YEAR, 1)


def certificate(key: Any, end: datetime = YEAR.end) -> x509.Certificate:
    return make_signer(ROOT, key.public_key(), distinguished_name("Sở thử nghiệm"), Period(YEAR.begin, end), 7)


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(each.public_bytes(serialization.Encoding.PEM) for each in certificates)


@pytest.fixture
def config(tmp_path: Path) -> ConnectorConfig:
    (tmp_path / "pin").write_bytes(PIN + b"\n")
    (tmp_path / "pin").chmod(0o600)
    return ConnectorConfig(
        axis_url="http://axis.example", axis_name="axis.example", axis_key_file=tmp_path / "axis.pem", system_id="so-tc",
        agencies=("H99.01",), key_password_file=SecretFile(tmp_path / "pin"), spool_dir=tmp_path / "spool",
    )  # fmt: skip


def secret(path: Path, data: bytes) -> SecretFile:
    path.write_bytes(data)
    path.chmod(0o600)
    return SecretFile(path)


def refusal(config: ConnectorConfig) -> Refused:
    with pytest.raises(Refused) as caught:
        open_signer(config, NOW)
    assert "{" not in caught.value.sentence("vi") + caught.value.sentence("en") + caught.value.advice("vi")
    return caught.value


def signs(config: ConnectorConfig) -> str:
    signer = open_signer(config, NOW).signer
    assert is_valid(signer.public_key, signer.algorithm, signer.sign(b"noi dung"), b"noi dung")
    return signer.algorithm.value


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "algorithm"), [(EC, "ES256"), (EC384, "ES384"), (RSA, "RS256")])
def test_a_pem_key_signs_encrypted_or_not(config: ConnectorConfig, tmp_path: Path, key: Any, algorithm: str) -> None:
    locked = secret(tmp_path / "locked.pem", key_pem(key, PIN))
    assert signs(replace(config, key_file=locked)) == algorithm
    plain = secret(tmp_path / "plain.pem", key_pem(key))
    assert signs(replace(config, key_file=plain, key_password_file=None)) == algorithm


@pytest.mark.parametrize("key", [EC, RSA])
def test_a_pkcs12_file_gives_the_key_and_its_chain(config: ConnectorConfig, tmp_path: Path, key: Any) -> None:
    data = pkcs12.serialize_key_and_certificates(
        b"so-tc", key, certificate(key), [ROOT.certificate], serialization.BestAvailableEncryption(PIN)
    )
    found = open_signer(replace(config, key_file=secret(tmp_path / "a.p12", data)), NOW)
    assert [each.serial_number for each in found.chain] == [7, 1]
    assert is_valid(found.signer.public_key, found.signer.algorithm, found.signer.sign(b"x"), b"x")


def test_a_pkcs12_file_that_openssl_made_opens(config: ConnectorConfig, tmp_path: Path) -> None:
    (tmp_path / "k.pem").write_bytes(key_pem(EC))
    (tmp_path / "c.pem").write_bytes(pem(certificate(EC)))
    made = tmp_path / "o.p12"
    command = [
        "openssl",
        "pkcs12",
        "-export",
        "-inkey",
        tmp_path / "k.pem",
        "-in",
        tmp_path / "c.pem",
        "-passout",
        "pass:1234",
        "-out",
        made,
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    made.chmod(0o600)
    assert signs(replace(config, key_file=SecretFile(made))) == "ES256"


def test_the_password_may_come_from_the_environment(
    config: ConnectorConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = replace(
        config,
        key_file=secret(tmp_path / "a.pem", key_pem(EC, "mật khẩu".encode())),
        key_password_file=None,
        key_password_env="LT_PIN",
    )
    monkeypatch.setenv("LT_PIN", "mật khẩu")
    assert signs(asked) == "ES256"
    monkeypatch.delenv("LT_PIN")
    assert refusal(asked).code.name == "KEY_SECRET_MISSING"


def test_a_wrong_password_a_weak_key_and_rubbish_are_told_apart(config: ConnectorConfig, tmp_path: Path) -> None:
    data = pkcs12.serialize_key_and_certificates(b"a", EC, None, None, serialization.BestAvailableEncryption(b"khac"))
    assert refusal(replace(config, key_file=secret(tmp_path / "a.p12", data))).code.name == "KEY_PASSWORD_WRONG"
    assert (
        refusal(replace(config, key_file=secret(tmp_path / "b.pem", key_pem(EC, b"khac")))).code.name
        == "KEY_UNREADABLE"
    )
    odd = generate_private_key(SECP256K1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    said = refusal(replace(config, key_file=secret(tmp_path / "c.pem", odd), key_password_file=None))
    assert "secp256k1" in said.sentence("vi")
    assert refusal(replace(config, key_file=secret(tmp_path / "d.pem", b"rubbish"))).code.name == "KEY_PASSWORD_WRONG"
    (tmp_path / "b.pem").chmod(0o644)
    assert refusal(replace(config, key_file=SecretFile(tmp_path / "b.pem"))).code.name == "KEY_EXPOSED"
    assert refusal(replace(config, key_file=None)).code.name == "KEY_SOURCE_INVALID"


def test_an_expired_or_strange_certificate_is_refused(config: ConnectorConfig, tmp_path: Path) -> None:
    base = replace(
        config,
        key_file=secret(tmp_path / "a.pem", key_pem(EC)),
        key_password_file=None,
        certificate_file=tmp_path / "c.pem",
    )
    (tmp_path / "c.pem").write_bytes(pem(certificate(EC), ROOT.certificate))
    assert len(open_signer(base, NOW).chain) == 2
    (tmp_path / "c.pem").write_bytes(pem(certificate(EC, NOW - timedelta(days=1))))
    old = refusal(base)
    assert old.code.name == "CERTIFICATE_OUT_OF_TIME" and "2026-11-23" in old.sentence("vi")
    (tmp_path / "c.pem").write_bytes(pem(certificate(OTHER)))
    assert refusal(base).code.name == "CERTIFICATE_NOT_OF_KEY"
    (tmp_path / "c.pem").write_bytes(b"rubbish")
    assert refusal(base).code.name == "CERTIFICATE_NOT_READABLE"
    (tmp_path / "c.pem").unlink()
    assert refusal(base).code.name == "KEY_MISSING"


# --- a token ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tokens() -> Iterator[Tokens]:
    made = Tokens()
    made.make("so-tc")
    made.make("hai khoa")
    for key, label, number in (
        (EC, "ky", "01"),
        (RSA, "rsa", "02"),
        (EC384, "p384", "03"),
        (EC, "doi", "04"),
        (OTHER, "doi", "05"),
    ):
        made.put("so-tc", key, label, number)
    made.put("hai khoa", OTHER, "ky", "01")
    yield made
    made.remove()


@pytest.mark.parametrize(("label", "algorithm"), [("ky", "ES256"), ("rsa", "RS256"), ("p384", "ES384")])
def test_a_key_on_a_token_signs(config: ConnectorConfig, tokens: Tokens, label: str, algorithm: str) -> None:
    assert signs(replace(config, key_uri=uri("so-tc", label))) == algorithm


def test_a_token_with_a_certificate_file_gives_the_chain(
    config: ConnectorConfig, tokens: Tokens, tmp_path: Path
) -> None:
    (tmp_path / "c.pem").write_bytes(pem(certificate(EC)))
    asked = replace(config, key_uri=uri("so-tc", "ky"), certificate_file=tmp_path / "c.pem")
    assert [each.serial_number for each in open_signer(asked, NOW).chain] == [7]
    (tmp_path / "c.pem").write_bytes(pem(certificate(OTHER)))
    assert refusal(asked).code.name == "CERTIFICATE_NOT_OF_KEY"


@pytest.mark.parametrize(
    ("where", "code", "said"),
    [
        (uri("khong-co", "ky"), "TOKEN_MISSING", "so-tc"),
        (uri("so-tc", "khong"), "TOKEN_KEY_MISSING", "p384"),
        (uri("so-tc", "doi"), "TOKEN_KEY_AMBIGUOUS", "%04, %05"),
        ("pkcs11:token=so-tc;object=ky?module-path=/nowhere/lib.so", "TOKEN_MODULE_UNUSABLE", "/nowhere"),
        ("pkcs11:token=so-tc;object=ky", "KEY_SOURCE_INVALID", "module-path"),
        (uri("so-tc", "ky") + "&pin-value=1234", "KEY_SOURCE_INVALID", "PIN"),
        (uri("so-tc", "ky", ";colour=red"), "KEY_SOURCE_INVALID", "colour"),
        ("file:/x", "KEY_SOURCE_INVALID", "pkcs11:"),
    ],
)
def test_what_is_wrong_with_a_token_is_said(
    config: ConnectorConfig, tokens: Tokens, where: str, code: str, said: str
) -> None:
    found = refusal(replace(config, key_uri=where))
    assert found.code.name == code and said in found.sentence("vi")


def test_the_identifier_chooses_between_two_keys_of_one_label(config: ConnectorConfig, tokens: Tokens) -> None:
    assert signs(replace(config, key_uri=uri("so-tc", "doi", ";id=%05"))) == "ES256"


def test_a_wrong_pin_is_offered_once_only(
    config: ConnectorConfig, tokens: Tokens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = replace(config, key_uri=uri("hai%20khoa", "ky"), key_password_file=secret(tmp_path / "no", b"9999"))
    found = refusal(asked)
    assert found.code.name == "TOKEN_PIN_WRONG" and "9999" not in str(found)
    assert refusal(replace(asked, key_password_file=None)).code.name == "KEY_SECRET_MISSING"
    assert signs(replace(config, key_uri=uri("hai%20khoa", "ky"))) == "ES256"


def test_a_session_that_was_lost_is_opened_again(config: ConnectorConfig, tokens: Tokens) -> None:
    signer = open_signer(replace(config, key_uri=uri("so-tc", "ky")), NOW).signer
    pkcs11.lib(MODULE).reinitialize()  # as when the token's daemon begins anew: every handle is void
    assert is_valid(signer.public_key, signer.algorithm, signer.sign(b"x"), b"x")
    signer._session.close()  # type: ignore[attr-defined]
    assert is_valid(signer.public_key, signer.algorithm, signer.sign(b"y"), b"y")


def test_a_pulled_token_is_said_so_and_works_again_when_it_is_back(config: ConnectorConfig, tokens: Tokens) -> None:
    signer = open_signer(replace(config, key_uri=uri("so-tc", "ky")), NOW).signer
    tokens.pull()
    try:
        pkcs11.lib(MODULE).reinitialize()
        with pytest.raises(Refused) as caught:
            signer.sign(b"x")
        assert (
            caught.value.code.name in {"TOKEN_MISSING", "TOKEN_AWAY"} and caught.value.code.retry.value == "transient"
        )
    finally:
        tokens.plug_in()
    assert is_valid(signer.public_key, signer.algorithm, signer.sign(b"y"), b"y")


def test_many_threads_sign_at_once_also_while_the_module_begins_anew(config: ConnectorConfig, tokens: Tokens) -> None:
    signers = [open_signer(replace(config, key_uri=uri("so-tc", label)), NOW).signer for label in ("ky", "rsa")]
    wrong: list[object] = []

    def work(number: int) -> None:
        signer = signers[number % 2]
        for turn in range(25):
            data = f"{number}-{turn}".encode()
            try:
                if not is_valid(signer.public_key, signer.algorithm, signer.sign(data), data):
                    wrong.append(data)
            except Exception as fault:
                wrong.append(fault)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []


def test_a_token_uri_is_read_with_its_escapes() -> None:
    found = read_token_uri("pkcs11:token=S%E1%BB%9F%20TC;id=%01%ff;slot-id=3?module-path=/a%20b.so")
    assert (found.token, found.key, found.slot_id, str(found.module)) == ("Sở TC", b"\x01\xff", 3, "/a b.so")
