"""Signed events and receipts: compact JSON Web Signatures in one strict profile.

Source: RFC 7515 (clauses 3.1, 4.1, 5.1, 5.2), RFC 7518 clause 3.1, RFC 8725 (best current practices). The header holds
exactly ``alg``, ``kid`` and ``typ``: nothing in a token can name its own key or ask for an extension. ECDSA signatures
are not unique; a token is identified by its payload or by its whole bytes, never by its signature.
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.trust.errors import ALGORITHM_NOT_ALLOWED, JWS_MALFORMED, SIGNATURE_NOT_VALID, SIGNER_NOT_KNOWN
from lienthong.trust.keys import Algorithm, Policy, PublicKey
from lienthong.trust.signer import Signer, is_valid

MAXIMUM_TOKEN_BYTES = 1024 * 1024
MAXIMUM_HEADER_BYTES = 1024
MAXIMUM_NAME = 128
_MEMBERS = frozenset({"alg", "kid", "typ"})
_STANDARD_ALPHABET = bytes.maketrans(b"-_", b"+/")
_BASE64URL = re.compile(rb"[A-Za-z0-9_-]+")
_NAME = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Verified:
    """The bytes that were signed, and by which key. Who owns the key, and whether he may say this, is not asserted."""

    payload: bytes
    key_id: str
    algorithm: Algorithm


def sign(payload: bytes, signer: Signer, typ: str) -> bytes:
    """Sign ``payload`` as a compact JWS; ``typ`` says what kind of statement it is (RFC 8725 clause 3.11)."""
    signing_input = _header(signer.algorithm, signer.key_id, typ) + b"." + _encode(payload)
    return signing_input + b"." + _encode(signer.sign(signing_input))


def verify(
    token: bytes,
    resolve_key: Callable[[str], PublicKey | None],
    typ: str,
    policy: Policy,
    at: datetime,
    limit: int = MAXIMUM_TOKEN_BYTES,
) -> Verified:
    """Check a token against a key of our own choosing and give back exactly the bytes that were signed.

    ``resolve_key``: from ``kid`` to the key that the caller trusts, or None. ``typ``: the only kind accepted.
    ``at``: instant for which ``policy`` is asked. ``limit``: largest token in bytes.
    Refuses: JWS_MALFORMED, SIGNER_NOT_KNOWN, ALGORITHM_NOT_ALLOWED, SIGNATURE_NOT_VALID.
    """
    if len(token) > limit:
        raise _malformed("too large")
    parts = token.split(b".")
    if len(parts) != 3:
        raise _malformed("not three parts")
    header, payload, signature = parts
    algorithm, kid = _read_header(header, typ)
    content, proof = _decode(payload), _decode(signature)
    key = resolve_key(kid)
    if key is None:
        raise Refused(SIGNER_NOT_KNOWN, key_id=one_line(kid, MAXIMUM_NAME))
    policy.require(algorithm, key, at)
    if not is_valid(key, algorithm, proof, header + b"." + payload):
        raise Refused(SIGNATURE_NOT_VALID)
    return Verified(content, kid, algorithm)


def unverified_payload(token: bytes, limit: int = MAXIMUM_TOKEN_BYTES) -> bytes:
    """The payload before any check of the signature: only to find out whose key must have made it.

    Whatever is read from it counts only after :func:`verify`. Refuses: JWS_MALFORMED.
    """
    parts = token.split(b".") if len(token) <= limit else []
    if len(parts) != 3:
        raise _malformed("not three parts")
    return _decode(parts[1])


def unverified_key_id(token: bytes, typ: str) -> str:
    """The name of the key that a token claims, before any check. Refuses: JWS_MALFORMED, ALGORITHM_NOT_ALLOWED."""
    return _read_header(token.partition(b".")[0], typ)[1]


@lru_cache(maxsize=256)
def _header(algorithm: Algorithm, kid: str, typ: str) -> bytes:
    members = {"alg": algorithm.value, "kid": kid, "typ": typ}
    if any(len(value) > MAXIMUM_NAME or not _NAME.fullmatch(value) for value in members.values()):
        raise ValueError("kid and typ are short printable ASCII")
    return _encode(json.dumps(members, separators=(",", ":")).encode("ascii"))


@lru_cache(maxsize=1024)
def _read_header(encoded: bytes, typ: str) -> tuple[Algorithm, str]:
    """The header's algorithm and key name. Cached: a signer's header is the same in all its tokens."""
    if len(encoded) > MAXIMUM_HEADER_BYTES:
        raise _malformed("header too large")
    try:
        header = json.loads(_decode(encoded).decode("utf-8"), object_pairs_hook=_members)
    except (ValueError, RecursionError) as error:
        raise _malformed("header is not JSON") from error
    if not isinstance(header, dict) or header.keys() != _MEMBERS:
        raise _malformed("header must hold alg, kid and typ, and nothing else")
    alg, kid = header["alg"], header["kid"]
    if not isinstance(kid, str) or len(kid) > MAXIMUM_NAME or not _NAME.fullmatch(kid):
        raise _malformed("kid")
    if header["typ"] != typ:
        raise _malformed("another typ than expected")
    algorithm = _ALGORITHMS.get(alg) if isinstance(alg, str) else None
    if algorithm is None:
        raise Refused(ALGORITHM_NOT_ALLOWED, algorithm=one_line(str(alg), 20))
    return algorithm, kid


_ALGORITHMS = {algorithm.value: algorithm for algorithm in Algorithm}


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is given twice")
    return members


def _encode(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


def _decode(text: bytes) -> bytes:
    """Base64url without padding, in its only canonical spelling (RFC 7515 clause 2, RFC 4648 clause 3.5)."""
    if not _BASE64URL.fullmatch(text):
        raise _malformed("not base64url")
    try:
        data = binascii.a2b_base64(text.translate(_STANDARD_ALPHABET) + b"=" * (-len(text) % 4))
    except binascii.Error as error:
        raise _malformed("not base64url") from error
    if _encode(data) != text:
        raise _malformed("base64url with stray bits")
    return data


def _malformed(reason: str) -> Refused:
    return Refused(JWS_MALFORMED, reason=reason)
