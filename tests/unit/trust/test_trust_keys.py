"""Keys: what may be loaded, what it is called, and when an algorithm counts."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa, x25519
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.trust.errors import ALGORITHM_NOT_ALLOWED, KEY_NOT_ALLOWED, KEY_NOT_READABLE
from lienthong.trust.keys import (
    DEFAULT_POLICY,
    LOG_POLICY,
    Algorithm,
    Policy,
    Rule,
    key_id,
    load_private_key,
    load_public_key,
    public_pem,
)
from lienthong.trust.signer import MemorySigner, from_der, is_valid, is_valid_der, sign_der, to_der

NOW = datetime(2026, 11, 1, tzinfo=UTC)
P256 = ec.generate_private_key(ec.SECP256R1())
P384 = ec.generate_private_key(ec.SECP384R1())
RSA = rsa.generate_private_key(65537, 2048)
ED = ed25519.Ed25519PrivateKey.generate()
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo


def pkcs8(key, password=None):
    cipher = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, cipher)


@pytest.mark.parametrize("key", [P256, P384, RSA, ED])
def test_an_allowed_key_is_the_same_from_pem_and_der(key):
    public = key.public_key()
    der = public.public_bytes(serialization.Encoding.DER, SPKI)
    assert load_public_key(der) == load_public_key(public_pem(public)) == public
    assert key_id(load_private_key(pkcs8(key)).public_key()) == key_id(public)


def test_the_name_of_the_example_key_of_rfc_7638_is_the_published_one():
    n = int.from_bytes(
        urlsafe_b64decode(
            "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3"
            "oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdA"
            "ZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-"
            "kEgU8awapJzKnqDKgw=="
        )
    )
    assert key_id(rsa.RSAPublicNumbers(65537, n).public_key()) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_the_name_of_the_example_key_of_rfc_8037_is_the_published_one():
    raw = urlsafe_b64decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
    public = ed25519.Ed25519PublicKey.from_public_bytes(raw)
    assert key_id(public) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_kinds_and_sizes_outside_the_list_are_refused():
    weak = [
        ec.generate_private_key(ec.SECP256K1()),
        ec.generate_private_key(ec.SECP521R1()),
        ec.generate_private_key(ec.SECP224R1()),
        rsa.generate_private_key(65537, 1024),
        rsa.generate_private_key(3, 2048),
        x25519.X25519PrivateKey.generate(),
        dsa.generate_private_key(1024),
    ]
    for key in weak:
        with pytest.raises(Refused) as public:
            load_public_key(public_pem(key.public_key()))
        with pytest.raises(Refused) as private:
            load_private_key(pkcs8(key))
        assert public.value.code is private.value.code is KEY_NOT_ALLOWED


def test_an_encrypted_key_opens_with_its_password_only():
    pem = pkcs8(P256, b"mat khau")
    assert load_private_key(pem, b"mat khau").public_key() == P256.public_key()
    for password in (None, b"sai"):
        with pytest.raises(Refused) as refusal:
            load_private_key(pem, password)
        assert refusal.value.code is KEY_NOT_READABLE
    with pytest.raises(Refused):
        load_private_key(pkcs8(P256), b"not needed")


def test_bytes_after_a_der_key_are_refused():
    der = P256.public_key().public_bytes(serialization.Encoding.DER, SPKI)
    for extra in (b"\0", der):
        with pytest.raises(Refused):
            load_public_key(der + extra)


@given(st.binary(max_size=200), st.integers(0, 90), st.integers(0, 255))
@settings(max_examples=150, deadline=None)
def test_damaged_keys_are_refused_and_nothing_else_happens(noise, position, byte):
    der = bytearray(P256.public_key().public_bytes(serialization.Encoding.DER, SPKI))
    der[position] = byte
    for data in (noise, bytes(der), b"-----BEGIN PUBLIC KEY-----\n" + noise):
        try:
            load_public_key(data)
        except Refused as refusal:
            assert refusal.code in {KEY_NOT_READABLE, KEY_NOT_ALLOWED}


def test_an_algorithm_ends_on_its_day():
    end = datetime(2030, 1, 1, tzinfo=UTC)
    policy = Policy((Rule(Algorithm.RS256, not_after=end, minimum_bits=2048), Rule(Algorithm.ES256, not_before=end)))
    before, after = datetime(2029, 12, 31, 23, 59, 59, tzinfo=UTC), end
    assert policy.allows(Algorithm.RS256, RSA.public_key(), before)
    assert not policy.allows(Algorithm.RS256, RSA.public_key(), after)
    assert not policy.allows(Algorithm.ES256, P256.public_key(), before)
    assert policy.allows(Algorithm.ES256, P256.public_key(), after)
    assert not Policy((Rule(Algorithm.RS256, minimum_bits=3072),)).allows(Algorithm.RS256, RSA.public_key(), before)


def test_ed25519_is_for_the_log_only():
    assert not DEFAULT_POLICY.allows(Algorithm.EDDSA, ED.public_key(), NOW)
    assert LOG_POLICY.allows(Algorithm.EDDSA, ED.public_key(), NOW)
    assert not LOG_POLICY.allows(Algorithm.ES256, P256.public_key(), NOW)


CASES = [
    (P256, Algorithm.ES256),
    (P384, Algorithm.ES384),
    (RSA, Algorithm.RS256),
    (RSA, Algorithm.PS256),
    (RSA, Algorithm.PS512),
    (ED, Algorithm.EDDSA),
]


@pytest.mark.parametrize(("key", "algorithm"), CASES)
def test_a_signature_is_valid_in_both_forms_for_its_own_key_algorithm_and_bytes_only(key, algorithm):
    signer = MemorySigner(key, algorithm)
    raw, der = signer.sign(b"data"), sign_der(signer, b"data")
    assert is_valid(signer.public_key, algorithm, raw, b"data")
    assert is_valid_der(signer.public_key, algorithm, der, b"data")
    assert to_der(algorithm, from_der(algorithm, der)) == der
    assert not is_valid(signer.public_key, algorithm, raw, b"dbta")
    for other_key, other in CASES:
        if other is not algorithm:
            assert not is_valid(signer.public_key, other, raw, b"data")
        if other_key is not key:
            assert not is_valid(other_key.public_key(), algorithm, raw, b"data")


def test_a_raw_ecdsa_signature_has_a_fixed_width():
    raw = MemorySigner(P256).sign(b"data")
    assert len(raw) == 64
    for wrong in (b"", raw[:-1], raw + b"\0", b"\0" * 64, b"\xff" * 64, to_der(Algorithm.ES256, raw)):
        assert not is_valid(P256.public_key(), Algorithm.ES256, wrong, b"data")


def test_a_signer_refuses_an_algorithm_of_another_kind_of_key():
    with pytest.raises(Refused) as refusal:
        MemorySigner(P256, Algorithm.RS256)
    assert refusal.value.code is ALGORITHM_NOT_ALLOWED


def test_the_name_of_a_key_is_a_digest_of_its_public_part():
    point = P256.public_key().public_numbers()
    x, y = (urlsafe_b64encode(value.to_bytes(32)).rstrip(b"=").decode() for value in (point.x, point.y))
    text = f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}'
    assert urlsafe_b64decode(key_id(P256.public_key()) + "=") == hashlib.sha256(text.encode()).digest()
