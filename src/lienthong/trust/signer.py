"""Signers, and the raw act of signing and checking in its two written forms.

An ECDSA signature is a pair of numbers. JOSE and HTTP write it as ``r || s`` of fixed width (RFC 7518 clause 3.4,
RFC 9421 clause 3.3.4), X.509, CMS and timestamps as a DER sequence (RFC 3279 clause 2.2.3). A signer gives the first;
:func:`to_der` and :func:`from_der` convert. RSA and Ed25519 signatures have one form.
"""

from __future__ import annotations

import hashlib
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)

from lienthong.base.errors import Refused
from lienthong.trust.errors import ALGORITHM_NOT_ALLOWED
from lienthong.trust.keys import Algorithm, PrivateKey, PublicKey, check_public_key, key_id, usual_algorithm

_ECDSA = {Algorithm.ES256: ECDSA(hashes.SHA256()), Algorithm.ES384: ECDSA(hashes.SHA384())}
_HALF = {Algorithm.ES256: 32, Algorithm.ES384: 48}
_SHA256, _SHA512 = hashes.SHA256(), hashes.SHA512()
_RSA: dict[Algorithm, tuple[padding.AsymmetricPadding, hashes.HashAlgorithm]] = {
    Algorithm.RS256: (padding.PKCS1v15(), _SHA256),
    Algorithm.PS256: (padding.PSS(padding.MGF1(_SHA256), _SHA256.digest_size), _SHA256),
    Algorithm.PS512: (padding.PSS(padding.MGF1(_SHA512), _SHA512.digest_size), _SHA512),
}


class Signer(Protocol):
    """Whoever holds a private key: memory, a token or a remote service. The key itself never leaves."""

    @property
    def key_id(self) -> str:
        """Thumbprint of the public key (RFC 7638)."""
        ...

    @property
    def algorithm(self) -> Algorithm: ...

    @property
    def public_key(self) -> PublicKey: ...

    def sign(self, data: bytes) -> bytes:
        """Sign the bytes (not their digest); ECDSA as ``r || s``."""
        ...


class DigestSigner(Signer, Protocol):
    """A signer that also signs a digest made elsewhere, as a remote signing service does."""

    def sign_digest(self, digest: bytes) -> bytes:
        """Sign what :func:`digest_for` gives for this signer's algorithm; otherwise as :meth:`Signer.sign`."""
        ...


class MemorySigner:
    """A signer whose key is held in memory."""

    def __init__(self, private_key: PrivateKey, algorithm: Algorithm | None = None) -> None:
        self._private_key = private_key
        self.public_key: PublicKey = check_public_key(private_key.public_key())
        self.algorithm = algorithm or usual_algorithm(self.public_key)
        if not self.algorithm.fits(self.public_key):
            raise Refused(ALGORITHM_NOT_ALLOWED, algorithm=self.algorithm.value)
        self.key_id = key_id(self.public_key)

    def sign(self, data: bytes) -> bytes:
        key = self._private_key
        if isinstance(key, EllipticCurvePrivateKey):
            return from_der(self.algorithm, key.sign(data, _ECDSA[self.algorithm]))
        if isinstance(key, RSAPrivateKey):
            scheme, digest = _RSA[self.algorithm]
            return key.sign(data, scheme, digest)
        return key.sign(data)

    def sign_digest(self, digest: bytes) -> bytes:
        """As :class:`DigestSigner`. ``ValueError`` for a digest of another length; Ed25519 has none at all."""
        key = self._private_key
        if isinstance(key, EllipticCurvePrivateKey):
            scheme = ECDSA(Prehashed(_ECDSA[self.algorithm].algorithm))  # type: ignore[arg-type]  # never prehashed there
            return from_der(self.algorithm, key.sign(digest, scheme))
        if isinstance(key, RSAPrivateKey):
            padded, hashed = _RSA[self.algorithm]
            return key.sign(digest, padded, Prehashed(hashed))
        raise Refused(ALGORITHM_NOT_ALLOWED, algorithm=self.algorithm.value)


def digest_name(algorithm: Algorithm) -> str:
    """The digest inside an algorithm's signatures, as ``hashlib`` names it. Refuses ALGORITHM_NOT_ALLOWED: Ed25519."""
    if algorithm is Algorithm.EDDSA:
        raise Refused(ALGORITHM_NOT_ALLOWED, algorithm=algorithm.value)
    return {Algorithm.ES384: "sha384", Algorithm.PS512: "sha512"}.get(algorithm, "sha256")


def digest_for(algorithm: Algorithm, data: bytes) -> bytes:
    """The digest of ``data`` that a signature of this algorithm is made over. Refuses as :func:`digest_name`."""
    return hashlib.new(digest_name(algorithm), data).digest()


def sign_der(signer: Signer, data: bytes) -> bytes:
    """Sign, in the form that certificates, CMS and timestamps want."""
    return to_der(signer.algorithm, signer.sign(data))


def to_der(algorithm: Algorithm, signature: bytes) -> bytes:
    """``r || s`` as a DER sequence; other algorithms' signatures unchanged. ``ValueError`` for another width."""
    half = _HALF.get(algorithm)
    if half is None:
        return signature
    if len(signature) != 2 * half:
        raise ValueError(f"an {algorithm.value} signature has {2 * half} bytes")
    return encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))


def from_der(algorithm: Algorithm, signature: bytes) -> bytes:
    """The inverse of :func:`to_der`; ``ValueError`` when it is not such a sequence."""
    half = _HALF.get(algorithm)
    if half is None:
        return signature
    r, s = decode_dss_signature(signature)
    try:
        return r.to_bytes(half) + s.to_bytes(half)
    except OverflowError as error:
        raise ValueError("a number of the signature is out of range") from error


def is_valid(key: PublicKey, algorithm: Algorithm, signature: bytes, data: bytes) -> bool:
    """Whether ``signature`` (ECDSA as ``r || s``) is this key's over ``data``. Says nothing of who owns the key."""
    try:
        return is_valid_der(key, algorithm, to_der(algorithm, signature), data)
    except ValueError:
        return False


def is_valid_der(key: PublicKey, algorithm: Algorithm, signature: bytes, data: bytes) -> bool:
    """As :func:`is_valid`, with ECDSA as DER. An algorithm of another kind of key is simply not valid."""
    if not algorithm.fits(key):
        return False
    try:
        if isinstance(key, EllipticCurvePublicKey):
            key.verify(signature, data, _ECDSA[algorithm])
        elif isinstance(key, RSAPublicKey):
            scheme, digest = _RSA[algorithm]
            key.verify(signature, data, scheme, digest)
        else:
            key.verify(signature, data)
    except InvalidSignature:
        return False
    return True
