"""The authority's keys, wherever they are held, in the shape in which the certificate library signs with them.

The library's builders take its own key classes. A key on a token is not one of them; the two classes here are, and hand
each signature on to the :class:`Signer`, so that certificates, lists and answers are made the same way with both.
"""

from __future__ import annotations

from typing import Any, NoReturn

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    EllipticCurve,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from lienthong.base.errors import Refused
from lienthong.trust.errors import KEY_NOT_ALLOWED
from lienthong.trust.local_pki import AuthorityKey
from lienthong.trust.signer import Signer, sign_der


def held(signer: Signer) -> AuthorityKey:
    """The signer's key for the library's builders. Refuses KEY_NOT_ALLOWED for a kind that certificates do not use."""
    key = signer.public_key
    if isinstance(key, EllipticCurvePublicKey):
        return _HeldCurveKey(signer, key)
    if isinstance(key, RSAPublicKey):
        return _HeldRsaKey(signer, key)
    raise Refused(KEY_NOT_ALLOWED, reason="Ed25519")


def digest_of(signer: Signer) -> hashes.SHA256 | hashes.SHA384:
    """The digest that this signer's usual algorithm has: SHA-384 for P-384, otherwise SHA-256."""
    key = signer.public_key
    wide = isinstance(key, EllipticCurvePublicKey) and key.key_size == 384
    return hashes.SHA384() if wide else hashes.SHA256()


def _stays() -> NoReturn:
    raise NotImplementedError("the private key stays where it is")


class _HeldCurveKey(EllipticCurvePrivateKey):
    """An elliptic-curve key that is elsewhere."""

    def __init__(self, signer: Signer, key: EllipticCurvePublicKey) -> None:
        self._signer, self._key = signer, key

    def sign(self, data: Any, signature_algorithm: Any) -> bytes:
        own = type(digest_of(self._signer))
        if not isinstance(signature_algorithm, ECDSA) or not isinstance(signature_algorithm.algorithm, own):
            raise ValueError("another digest than this key's own")
        return sign_der(self._signer, bytes(data))

    def public_key(self) -> EllipticCurvePublicKey:
        return self._key

    @property
    def curve(self) -> EllipticCurve:
        return self._key.curve

    @property
    def key_size(self) -> int:
        return self._key.key_size

    def exchange(self, algorithm: Any, peer_public_key: Any) -> bytes:
        _stays()

    def private_numbers(self) -> Any:
        _stays()

    def private_bytes(self, encoding: Any, format: Any, encryption_algorithm: Any) -> bytes:
        _stays()

    def __copy__(self) -> _HeldCurveKey:
        return self

    def __deepcopy__(self, memo: dict[Any, Any]) -> _HeldCurveKey:
        return self


class _HeldRsaKey(RSAPrivateKey):
    """An RSA key that is elsewhere; it signs with PKCS #1 v1.5 and SHA-256."""

    def __init__(self, signer: Signer, key: RSAPublicKey) -> None:
        self._signer, self._key = signer, key

    def sign(self, data: Any, padding: Any, algorithm: Any) -> bytes:
        if not isinstance(padding, _PKCS1) or algorithm.name != "sha256":
            raise ValueError("PKCS #1 v1.5 with SHA-256 only")
        return self._signer.sign(bytes(data))

    def public_key(self) -> RSAPublicKey:
        return self._key

    @property
    def key_size(self) -> int:
        return self._key.key_size

    def decrypt(self, ciphertext: bytes, padding: Any) -> bytes:
        _stays()

    def private_numbers(self) -> Any:
        _stays()

    def private_bytes(self, encoding: Any, format: Any, encryption_algorithm: Any) -> bytes:
        _stays()

    def __copy__(self) -> _HeldRsaKey:
        return self

    def __deepcopy__(self, memo: dict[Any, Any]) -> _HeldRsaKey:
        return self


_PKCS1 = padding.PKCS1v15
