"""A push message for one subscription: ``aes128gcm`` in a single record, keys agreed with the browser's (RFC 8291).

Layout of the body (RFC 8188 §2.1, RFC 8291 §4): salt (16) · record size (4) · length of the sender's key (1) · sender's
key (65, uncompressed point of P-256) · ciphertext of ``plain ‖ 0x02 ‖ zeros`` with its tag (16).
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD = 4096
"""Record size; a push service takes bodies of this length, longer ones it may refuse (RFC 8030 §7.2)."""

HEADER = 16 + 4 + 1 + 65
TAG = 16
LONGEST = RECORD - HEADER - TAG - 1
"""Octets of plain text that fit into a body of :data:`RECORD` octets."""

POINT, AUTH = 65, 16
"""Octets of a subscription's key and of its authentication secret."""

_LAST = b"\x02"
"""Delimiter of the last record; zeros may follow it (RFC 8188 §2)."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What a browser gives with a subscription. ``point``: its public key, uncompressed; ``auth``: shared secret."""

    point: bytes
    auth: bytes


def check(keys: Keys) -> None:
    """``ValueError`` unless a message can be encrypted for these keys: a point of P-256, a secret of 16 octets."""
    if len(keys.point) != POINT or len(keys.auth) != AUTH:
        raise ValueError("wrong length")
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), keys.point)


def encrypt(
    plain: bytes, keys: Keys, *, whole: int = 0, own: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:  # fmt: skip
    """The body that only the subscription's browser opens.

    ``whole``: the plain text is filled up to this many octets, so that lengths tell nothing. ``own``, ``salt``: fresh
    ones for each message; only tests with published values give them. Longer than :data:`LONGEST`: ``ValueError``.
    """
    filled = max(len(plain), whole)
    if filled > LONGEST:
        raise ValueError(f"{filled} octets do not fit into one push message")
    sender, salt = own or ec.generate_private_key(ec.SECP256R1()), salt or os.urandom(16)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), keys.point)
    ours = sender.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    # RFC 8291 §3.4: the secret of the two keys is bound to the subscription's own before RFC 8188 takes over.
    info = b"WebPush: info\x00" + keys.point + ours
    shared = HKDF(SHA256(), 32, keys.auth, info).derive(sender.exchange(ec.ECDH(), theirs))
    key, nonce = content_key(salt, shared)
    header = salt + RECORD.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return header + AESGCM(key).encrypt(nonce, plain + _LAST + bytes(filled - len(plain)), None)


def content_key(salt: bytes, shared: bytes) -> tuple[bytes, bytes]:
    """Key and nonce of the first record (RFC 8188 §2.2, §2.3; its number is zero, so the nonce stays as derived)."""
    extracted = HKDF.extract(SHA256(), salt, shared)
    key = HKDFExpand(SHA256(), 16, b"Content-Encoding: aes128gcm\x00").derive(extracted)
    return key, HKDFExpand(SHA256(), 12, b"Content-Encoding: nonce\x00").derive(extracted)
