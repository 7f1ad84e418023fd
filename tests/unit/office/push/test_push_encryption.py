"""Push messages: the published example to the letter, an independent reader, limits, and no change goes unseen."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import http_ece
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as some
from joserfc import jwt
from joserfc.jwk import ECKey

from lienthong.office.push import encryption, vapid
from lienthong.office.push.encryption import LONGEST, RECORD, Keys, encrypt

PLAIN = b"When I grow up, I want to be a watermelon"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
BROWSER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH, SALT = "BTBZMqHH6r4Tts7J_aSIgg", "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
    "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
"""RFC 8291 §5 and Appendix A."""


def key_of(scalar: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(vapid.octets(scalar), "big"), ec.SECP256R1())


def opened(body: bytes, browser: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """What an implementation that is not ours reads, the padding taken away."""
    read: bytes = http_ece.decrypt(body, private_key=browser, auth_secret=auth, version="aes128gcm")
    return read


def subscription() -> tuple[ec.EllipticCurvePrivateKey, Keys]:
    browser = ec.generate_private_key(ec.SECP256R1())
    return browser, Keys(browser.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint), b"a" * 16)


def test_the_example_of_rfc_8291_comes_out_to_the_letter() -> None:
    keys = Keys(vapid.octets(POINT), vapid.octets(AUTH))
    assert vapid.text(encrypt(PLAIN, keys, own=key_of(SENDER), salt=vapid.octets(SALT))) == BODY
    assert opened(vapid.octets(BODY), key_of(BROWSER), keys.auth) == PLAIN


@given(some.binary(max_size=LONGEST), some.integers(0, LONGEST))
def test_another_implementation_reads_what_we_wrote_whatever_its_length(plain: bytes, whole: int) -> None:
    browser, keys = subscription()
    body = encrypt(plain, keys, whole=whole)
    assert opened(body, browser, keys.auth) == plain
    assert len(body) <= RECORD


def test_a_message_of_the_longest_length_fills_the_record_and_a_longer_one_is_not_made() -> None:
    browser, keys = subscription()
    body = encrypt(b"x" * LONGEST, keys)
    assert (len(body), opened(body, browser, keys.auth)) == (4096, b"x" * LONGEST)
    for plain, whole in ((b"x" * (LONGEST + 1), 0), (b"", LONGEST + 1)):
        with pytest.raises(ValueError, match="do not fit"):
            encrypt(plain, keys, whole=whole)


def test_messages_filled_up_to_one_length_do_not_differ_in_it() -> None:
    _, keys = subscription()
    assert len({len(encrypt(b"x" * n, keys, whole=300)) for n in (0, 1, 299, 300)}) == 1


@pytest.mark.parametrize("place", [0, 15, 22, 85, 86, -17, -16, -1])
def test_a_changed_octet_is_never_read_as_a_message(place: int) -> None:
    browser, keys = subscription()
    body = bytearray(encrypt(PLAIN, keys, whole=100))
    body[place] ^= 1
    with pytest.raises((http_ece.ECEException, InvalidTag, ValueError)):
        opened(bytes(body), browser, keys.auth)


def test_another_browser_or_another_secret_opens_nothing() -> None:
    browser, keys = subscription()
    body = encrypt(PLAIN, keys)
    for key, auth in ((subscription()[0], keys.auth), (browser, b"b" * 16)):
        with pytest.raises((http_ece.ECEException, InvalidTag)):
            opened(body, key, auth)


@pytest.mark.parametrize(
    "keys",
    [Keys(b"", b"a" * 16), Keys(b"\x04" + b"\x01" * 64, b"a" * 16), Keys(vapid.octets(POINT), b"a" * 15),
     Keys(vapid.octets(POINT)[:33], b"a" * 16), Keys(b"\x00" * 65, b"a" * 16)],
)  # fmt: skip
def test_keys_of_no_browser_are_refused(keys: Keys) -> None:
    with pytest.raises(ValueError, match=r"."):
        encryption.check(keys)


def test_two_messages_share_neither_salt_nor_key() -> None:
    _, keys = subscription()
    first, second = encrypt(PLAIN, keys), encrypt(PLAIN, keys)
    assert first[:16] != second[:16]
    assert first[21:86] != second[21:86]


def test_the_token_names_the_push_service_its_end_and_the_contact_and_our_key_signs_it() -> None:
    key, at = ec.generate_private_key(ec.SECP256R1()), datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
    said = vapid.authorization(key, "https://push.example:8443/wpush/v2/abc?x=1", "https://vanphong.example", at)
    token, public = said.removeprefix("vapid t=").split(", k=")
    point = vapid.octets(public)
    assert point == key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    claims = jwt.decode(token, ECKey.import_key(key.public_key()), algorithms=["ES256"]).claims
    assert claims == {
        "aud": "https://push.example:8443", "exp": int(at.timestamp()) + 43_200, "sub": "https://vanphong.example"
    }  # fmt: skip
    assert json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "==")) == {"typ": "JWT", "alg": "ES256"}
    assert "sub" not in jwt.decode(
        vapid.authorization(key, "https://push.example/a", "", at).split("t=")[1].split(",")[0],
        ECKey.import_key(key.public_key()), algorithms=["ES256"],
    ).claims  # fmt: skip


@pytest.mark.parametrize("text", ["ä", "a b", "=", "A" * 501, "+/+/=x"])
def test_what_is_no_base64url_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        vapid.octets(text)
