"""Compact JWS: what is accepted, and the family of forgeries that is not."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.trust import errors, jws
from lienthong.trust.keys import DEFAULT_POLICY, Algorithm, Policy, Rule, public_pem
from lienthong.trust.signer import MemorySigner

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SIGNER = MemorySigner(ec.generate_private_key(ec.SECP256R1()))
RSA_KEY = rsa.generate_private_key(65537, 2048)
TYP = "receipt+jws"
TOKEN = jws.sign(b'{"a":1}', SIGNER, TYP)


def resolve(kid):
    return SIGNER.public_key if kid == SIGNER.key_id else None


def check(token, key=resolve, typ=TYP, **more):
    return jws.verify(token, key, typ, DEFAULT_POLICY, NOW, **more)


def b64(data):
    return urlsafe_b64encode(data).rstrip(b"=")


def forge(header, payload=b"{}", signer=SIGNER):
    """A token that is really signed, under a header of the forger's choice."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    signing_input = b64(text) + b"." + b64(payload)
    return signing_input + b"." + b64(signer.sign(signing_input))


def refused(token, code, **more):
    with pytest.raises(Refused) as refusal:
        check(token, **more)
    assert refusal.value.code is code


@pytest.mark.parametrize(
    "signer",
    [
        SIGNER,
        MemorySigner(ec.generate_private_key(ec.SECP384R1())),
        MemorySigner(RSA_KEY),
        MemorySigner(RSA_KEY, Algorithm.PS256),
    ],
)
def test_what_was_signed_is_given_back_byte_for_byte(signer):
    payload = "Quyết định số 01".encode()
    verified = jws.verify(jws.sign(payload, signer, TYP), lambda _: signer.public_key, TYP, DEFAULT_POLICY, NOW)
    assert verified == jws.Verified(payload, signer.key_id, signer.algorithm)


def test_the_header_has_three_members_in_a_fixed_order():
    header = urlsafe_b64decode(TOKEN.split(b".")[0] + b"==")
    assert header == f'{{"alg":"ES256","kid":"{SIGNER.key_id}","typ":"{TYP}"}}'.encode()


def test_the_example_of_rfc_7515_appendix_a3_has_a_valid_signature_beneath_our_profile():
    x, y = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
    numbers = [int.from_bytes(urlsafe_b64decode(text + "=")) for text in (x, y)]
    key = ec.EllipticCurvePublicNumbers(*numbers, ec.SECP256R1()).public_key()
    token = (
        b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
        b"cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    )
    head, payload, signature = token.split(b".")
    from lienthong.trust.signer import is_valid

    assert is_valid(key, Algorithm.ES256, urlsafe_b64decode(signature + b"=="), head + b"." + payload)
    with pytest.raises(Refused) as refusal:
        check(token, key=lambda _: key)
    assert refusal.value.code is errors.JWS_MALFORMED


def test_a_changed_payload_or_header_is_refused():
    head, _, signature = TOKEN.split(b".")
    refused(b".".join([head, b64(b'{"a":2}'), signature]), errors.SIGNATURE_NOT_VALID)


def test_none_and_hmac_are_refused_even_with_the_public_key_as_secret():
    base = {"alg": "none", "kid": SIGNER.key_id, "typ": TYP}
    signing_input = b64(json.dumps(base).encode()) + b"." + b64(b"{}")
    refused(signing_input + b".", errors.ALGORITHM_NOT_ALLOWED)
    refused(signing_input + b".AAAA", errors.ALGORITHM_NOT_ALLOWED)
    for alg in ("HS256", "none", "NONE", "ES256K", "es256", "", 7, None, ["ES256"]):
        signing_input = b64(json.dumps(base | {"alg": alg}).encode()) + b"." + b64(b"{}")
        mac = hmac.digest(public_pem(SIGNER.public_key), signing_input, hashlib.sha256)
        refused(signing_input + b"." + b64(mac), errors.ALGORITHM_NOT_ALLOWED)


def test_an_algorithm_of_another_kind_of_key_is_refused():
    for alg in ("RS256", "ES384", "PS256", "EdDSA"):
        token = forge({"alg": alg, "kid": SIGNER.key_id, "typ": TYP})
        refused(token, errors.ALGORITHM_NOT_ALLOWED)


def test_an_algorithm_that_the_policy_has_ended_is_refused():
    ended = Policy((Rule(Algorithm.ES256, not_after=NOW),))
    with pytest.raises(Refused) as refusal:
        jws.verify(TOKEN, resolve, TYP, ended, NOW)
    assert refusal.value.code is errors.ALGORITHM_NOT_ALLOWED


@pytest.mark.parametrize(
    "extra",
    [
        {"crit": ["b64"], "b64": False},
        {"b64": False},
        {"jwk": {"kty": "EC"}},
        {"x5c": ["MIIB"]},
        {"jku": "https://attacker.example/keys"},
        {"x5u": "https://attacker.example/cert"},
        {"zip": "DEF"},
        {"cty": "JWT"},
    ],
)
def test_a_header_with_any_further_member_is_refused(extra):
    refused(forge({"alg": "ES256", "kid": SIGNER.key_id, "typ": TYP} | extra), errors.JWS_MALFORMED)


def test_headers_that_two_readers_could_read_differently_are_refused():
    kid = SIGNER.key_id.encode()
    good = b'{"alg":"ES256","kid":"' + kid + b'","typ":"receipt+jws"}'
    assert check(forge(good)).payload == b"{}"
    for header in (
        b'{"alg":"none",' + good[1:],
        good + b"x",
        good + good,
        b"[" + good + b"]",
        b"[" * 900,
        b"\xff" + good,
        b'{"alg":"ES256","kid":"' + kid + b'"}',
        b'{"alg":"ES256","kid":"' + kid + b'","typ":"other"}',
        b'{"alg":"ES256","kid":"' + kid + b'","typ":null}',
        b'{"alg":"ES256","kid":["' + kid + b'"],"typ":"receipt+jws"}',
        b'{"alg":"ES256","kid":"a b","typ":"receipt+jws"}',
        b"null",
        b"{}",
    ):
        refused(forge(header), errors.JWS_MALFORMED)


def test_white_space_padding_and_further_parts_are_refused():
    head, payload, signature = TOKEN.split(b".")
    for token in (
        b" " + TOKEN,
        TOKEN + b"\n",
        TOKEN + b"=",
        TOKEN + b"==",
        TOKEN + b".",
        TOKEN + b".x",
        head + b". " + payload + b"." + signature,
        head + b".." + signature,
        b"",
        b".",
        b"..",
        head,
        TOKEN.replace(b".", b". "),
    ):
        refused(token, errors.JWS_MALFORMED)


def test_a_second_spelling_of_the_same_bytes_is_refused():
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(TOKEN[-1:])
    other = TOKEN[:-1] + alphabet[last ^ 1 : (last ^ 1) + 1]
    assert urlsafe_b64decode(other.split(b".")[2] + b"==") == urlsafe_b64decode(TOKEN.split(b".")[2] + b"==")
    refused(other, errors.JWS_MALFORMED)
    refused(TOKEN.replace(b"_", b"/").replace(b"-", b"+") + b"+", errors.JWS_MALFORMED)


def test_an_unknown_signer_and_an_oversize_token_are_refused():
    stranger = MemorySigner(ec.generate_private_key(ec.SECP256R1()))
    refused(jws.sign(b"{}", stranger, TYP), errors.SIGNER_NOT_KNOWN)
    refused(TOKEN, errors.JWS_MALFORMED, limit=len(TOKEN) - 1)
    assert check(TOKEN, limit=len(TOKEN)).payload == b'{"a":1}'


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_noise_is_refused_with_a_code(noise):
    for token in (noise, b".".join([TOKEN.split(b".")[0], noise, b64(noise)]), forge(noise)):
        with pytest.raises(Refused):
            check(token)


@given(st.integers(0, len(TOKEN) - 1), st.integers(0, 255))
@settings(max_examples=150, deadline=None)
def test_no_changed_byte_goes_through(position, byte):
    changed = TOKEN[:position] + bytes([byte]) + TOKEN[position + 1 :]
    if changed != TOKEN:
        with pytest.raises(Refused):
            check(changed)
