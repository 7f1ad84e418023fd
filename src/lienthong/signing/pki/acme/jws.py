"""Signed requests: flattened JSON Web Signatures in the profile of ACME.

Source: RFC 8555 clauses 6.2-6.4, RFC 7515 clause 7.2.2, RFC 7517, RFC 7518 clauses 3.1 and 6, RFC 8037. The header
names the key by exactly one of ``jwk`` and ``kid``; unprotected headers, several signatures and extensions that must be
understood are refused. Every error of form is ACME_REQUEST_MALFORMED: no input may end in a fault of ours.
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.signing.pki.acme.errors import (
    ACME_ALGORITHM_NOT_OFFERED,
    ACME_KEY_NOT_ALLOWED,
    ACME_REQUEST_MALFORMED,
    ACME_SIGNATURE_NOT_VALID,
)
from lienthong.trust.keys import MAXIMUM_RSA_BITS, Algorithm, PublicKey, check_public_key
from lienthong.trust.signer import is_valid

OFFERED = {each.value: each for each in (Algorithm.RS256, Algorithm.ES256, Algorithm.ES384, Algorithm.EDDSA)}
MAXIMUM_BYTES = 64 * 1024
"""Of one request; a certificate to be revoked or a request with a hundred names is far smaller."""
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_CURVES = {"P-256": (SECP256R1(), 32), "P-384": (SECP384R1(), 48)}


@dataclass(frozen=True, slots=True)
class Parts:
    """A signature taken apart; nothing of it is checked. ``signed``: the bytes that the signature is over."""

    header: dict[str, object]
    payload: bytes
    signature: bytes
    signed: bytes


@dataclass(frozen=True, slots=True)
class Unverified:
    """A request whose form is right. What it says counts only after :meth:`require_signed_by`.

    ``key``: from ``jwk``; ``kid``: the address of an account; exactly one of them is there. ``nonce``: absent in the
    inner signature of a key change.
    """

    algorithm: Algorithm
    url: str
    nonce: str | None
    key: PublicKey | None
    kid: str | None
    parts: Parts

    def require_signed_by(self, key: PublicKey) -> None:
        """Refuses ACME_ALGORITHM_NOT_OFFERED for a key of another kind, ACME_SIGNATURE_NOT_VALID."""
        if not self.algorithm.fits(key):
            raise Refused(ACME_ALGORITHM_NOT_OFFERED, algorithm=self.algorithm.value)
        if not is_valid(key, self.algorithm, self.parts.signature, self.parts.signed):
            raise Refused(ACME_SIGNATURE_NOT_VALID)


def malformed(why_vi: str, why_en: str) -> Refused:
    """ACME_REQUEST_MALFORMED with its reason in both languages."""
    return Refused(ACME_REQUEST_MALFORMED, why=f"{why_vi} ({why_en})")


def parse_object(data: bytes) -> dict[str, object]:
    """One JSON object (RFC 8259) without repeated members and without text that is no Unicode."""
    try:
        found = json.loads(data.decode("utf-8"), object_pairs_hook=_members)
        # Half a surrogate pair passes the parser, and fails where the text is written.
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise malformed("không phải JSON", "not JSON") from error
    if not isinstance(found, dict):
        raise malformed("không phải đối tượng JSON", "not a JSON object")
    return found


def take_apart(members: dict[str, object]) -> Parts:
    """The flattened form (RFC 7515 clause 7.2.2) with exactly its three members."""
    protected, payload, signature = (members.get(name) for name in ("protected", "payload", "signature"))
    if not (isinstance(protected, str) and isinstance(payload, str) and isinstance(signature, str)):
        raise malformed("cần protected, payload, signature", "protected, payload and signature are needed")
    if len(members) != 3:
        raise malformed("chỉ protected, payload, signature", "nothing but protected, payload and signature")
    header = parse_object(decode(protected))
    if "crit" in header or "b64" in header:
        raise malformed("có phần mở rộng của JWS", "an extension of JWS is used")
    return Parts(header, decode(payload), decode(signature), f"{protected}.{payload}".encode("ascii"))


def read(members: dict[str, object]) -> Unverified:
    """A request as clause 6.2 wants it.

    Refuses: ACME_REQUEST_MALFORMED, ACME_ALGORITHM_NOT_OFFERED, ACME_KEY_NOT_ALLOWED.
    """
    parts = take_apart(members)
    header = parts.header
    alg, url, nonce, kid, jwk = (header.get(name) for name in ("alg", "url", "nonce", "kid", "jwk"))
    algorithm = OFFERED.get(alg) if isinstance(alg, str) else None
    if algorithm is None:
        raise Refused(ACME_ALGORITHM_NOT_OFFERED, algorithm=one_line(str(alg), 20))
    if not isinstance(url, str):
        raise malformed("thiếu url", "url is missing")
    if nonce is not None and not isinstance(nonce, str):
        raise malformed("nonce", "nonce")
    if ("jwk" in header) == ("kid" in header):
        raise malformed("cần đúng một trong jwk và kid", "exactly one of jwk and kid is needed")
    if isinstance(jwk, dict):
        return Unverified(algorithm, url, nonce, public_key(jwk), None, parts)
    if isinstance(kid, str):
        return Unverified(algorithm, url, nonce, None, kid, parts)
    raise malformed("jwk hoặc kid", "jwk or kid")


def public_key(jwk: dict[str, object]) -> PublicKey:
    """The key of a JWK (RFC 7518 clause 6, RFC 8037). Refuses ACME_REQUEST_MALFORMED, ACME_KEY_NOT_ALLOWED."""
    if "d" in jwk:
        raise malformed("jwk có khóa bí mật", "jwk holds a private key")
    try:
        return check_public_key(_loaded(jwk))
    except Refused as refusal:
        if refusal.code is ACME_REQUEST_MALFORMED:
            raise
        raise Refused(ACME_KEY_NOT_ALLOWED, why=refusal.params.get("reason", "?")) from refusal
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Refused(ACME_KEY_NOT_ALLOWED, why="khóa sai (not a key)") from error


def _loaded(jwk: dict[str, object]) -> object:
    kty, crv = jwk.get("kty"), jwk.get("crv")
    if kty == "RSA":
        e, n = _bytes(jwk, "e"), _bytes(jwk, "n")
        if len(n) * 8 > MAXIMUM_RSA_BITS or len(e) > 8:
            raise ValueError("too large")
        return RSAPublicNumbers(int.from_bytes(e), int.from_bytes(n)).public_key()
    if kty == "EC" and isinstance(crv, str) and crv in _CURVES:
        curve, size = _CURVES[crv]
        x, y = _bytes(jwk, "x"), _bytes(jwk, "y")
        if len(x) != size or len(y) != size:
            raise ValueError("another width than the curve's")
        return EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), curve).public_key()
    if kty == "OKP" and crv == "Ed25519":
        return Ed25519PublicKey.from_public_bytes(_bytes(jwk, "x"))
    raise ValueError("another kind of key")


def _bytes(jwk: dict[str, object], name: str) -> bytes:
    text = jwk.get(name)
    if not isinstance(text, str):
        raise malformed(f"jwk thiếu {name}", f"{name} is missing in jwk")
    return decode(text)


def decode(text: str) -> bytes:
    """Base64url without padding, in its only canonical spelling (RFC 7515 clause 2, RFC 4648 clause 3.5)."""
    if not _BASE64URL.fullmatch(text):
        raise malformed("không phải base64url", "not base64url")
    try:
        data = binascii.a2b_base64(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise malformed("không phải base64url", "not base64url") from error
    if encode(data) != text:
        raise malformed("base64url thừa bit", "base64url with stray bits")
    return data


def encode(data: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is given twice")
    return members
