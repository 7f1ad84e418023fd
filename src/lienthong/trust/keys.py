"""Keys and the policy that says which of them may sign, with what, and until when.

An allow-list: what is not named here is refused. The kinds follow Circular 15/2025/TT-BKHCN (RSA of at least 2048 bits,
ECDSA of at least 256 bits, SHA-2); Ed25519 is for the notes of the log only, because those formats demand it.
Loading an RSA private key costs tens of milliseconds: load once and hold the object.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from lienthong.base.errors import Refused
from lienthong.trust.errors import ALGORITHM_NOT_ALLOWED, KEY_NOT_ALLOWED, KEY_NOT_READABLE

PublicKey = EllipticCurvePublicKey | RSAPublicKey | Ed25519PublicKey
PrivateKey = EllipticCurvePrivateKey | RSAPrivateKey | Ed25519PrivateKey

MAXIMUM_KEY_BYTES = 16 * 1024
MINIMUM_RSA_BITS = 2048
MAXIMUM_RSA_BITS = 8192
"""Above this a single verification costs an attacker nothing and us milliseconds."""
_MINIMUM_RSA_EXPONENT = 65537


class Algorithm(Enum):
    """Signature algorithms by their JOSE names (RFC 7518 clause 3.1, RFC 8037).

    PS512 is here because RFC 9421 registers RSA-PSS with SHA-512 only.
    """

    ES256 = "ES256"
    ES384 = "ES384"
    RS256 = "RS256"
    PS256 = "PS256"
    PS512 = "PS512"
    EDDSA = "EdDSA"

    def fits(self, key: PublicKey) -> bool:
        """Whether a key of this kind can make signatures of this algorithm at all."""
        return self in _algorithms_of(key)


_RSA = (Algorithm.RS256, Algorithm.PS256, Algorithm.PS512)
_EDWARDS = (Algorithm.EDDSA,)
_P256 = (Algorithm.ES256,)
_P384 = (Algorithm.ES384,)


def _algorithms_of(key: PublicKey) -> tuple[Algorithm, ...]:
    """The algorithms of this key, the usual one first."""
    if isinstance(key, EllipticCurvePublicKey):
        return _P256 if key.key_size == 256 else _P384
    if isinstance(key, RSAPublicKey):
        return _RSA
    return _EDWARDS


def usual_algorithm(key: PublicKey) -> Algorithm:
    """The algorithm meant when nobody says which: ES256, ES384, RS256 or EdDSA by the kind of key."""
    return _algorithms_of(key)[0]


@dataclass(frozen=True, slots=True)
class Rule:
    """One algorithm is allowed from ``not_before`` up to and excluding ``not_after``.

    ``minimum_bits``: smallest key for which it is.
    """

    algorithm: Algorithm
    not_before: datetime | None = None
    not_after: datetime | None = None
    minimum_bits: int = 0

    def allows(self, algorithm: Algorithm, bits: int, at: datetime) -> bool:
        return (
            self.algorithm is algorithm
            and bits >= self.minimum_bits
            and (self.not_before is None or at >= self.not_before)
            and (self.not_after is None or at < self.not_after)
        )


def latest_end(ends: Sequence[datetime | None]) -> datetime | None:
    """Of the ends of rules that allow the same thing, the one that counts; None: there is a rule without an end."""
    dated = [each for each in ends if each is not None]
    if len(dated) < len(ends):
        return None
    return max(dated, default=datetime.min.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Policy:
    """Which algorithms count at which time: dated data, so that a weak one ends on a day."""

    rules: tuple[Rule, ...]

    def allows(self, algorithm: Algorithm, key: PublicKey, at: datetime) -> bool:
        """Whether a signature of ``algorithm`` by ``key``, made at ``at``, counts."""
        if not algorithm.fits(key):
            return False
        bits = 256 if isinstance(key, Ed25519PublicKey) else key.key_size
        return any(rule.allows(algorithm, bits, at) for rule in self.rules)

    def end_of(self, algorithm: Algorithm, key: PublicKey) -> datetime | None:
        """The instant from which a signature of ``algorithm`` by ``key`` no longer counts; None when no end is set.

        What was never allowed ended at the beginning of time.
        """
        bits = 256 if isinstance(key, Ed25519PublicKey) else key.key_size
        ends = [rule.not_after for rule in self.rules if rule.algorithm is algorithm and bits >= rule.minimum_bits]
        return latest_end(ends)

    def require(self, algorithm: Algorithm, key: PublicKey, at: datetime) -> None:
        """Refuse with ALGORITHM_NOT_ALLOWED what :meth:`allows` denies."""
        if not self.allows(algorithm, key, at):
            raise Refused(ALGORITHM_NOT_ALLOWED, algorithm=algorithm.value)


DEFAULT_POLICY = Policy(
    (
        Rule(Algorithm.ES256, minimum_bits=256),
        Rule(Algorithm.ES384, minimum_bits=384),
        Rule(Algorithm.RS256, minimum_bits=MINIMUM_RSA_BITS),
        Rule(Algorithm.PS256, minimum_bits=MINIMUM_RSA_BITS),
        Rule(Algorithm.PS512, minimum_bits=MINIMUM_RSA_BITS),
    )
)
"""For messages, requests, documents and certificates."""

LOG_POLICY = Policy((Rule(Algorithm.EDDSA),))
"""For the signed notes of the evidence log."""


def check_public_key(key: object) -> PublicKey:
    """The key itself, or a refusal with KEY_NOT_ALLOWED when its kind or size is not on the list."""
    if isinstance(key, EllipticCurvePublicKey):
        if isinstance(key.curve, SECP256R1 | SECP384R1):
            return key
        raise Refused(KEY_NOT_ALLOWED, reason=f"curve {key.curve.name}")
    if isinstance(key, RSAPublicKey):
        if not MINIMUM_RSA_BITS <= key.key_size <= MAXIMUM_RSA_BITS:
            raise Refused(KEY_NOT_ALLOWED, reason=f"RSA {key.key_size} bits")
        if key.public_numbers().e < _MINIMUM_RSA_EXPONENT:
            raise Refused(KEY_NOT_ALLOWED, reason="RSA exponent too small")
        return key
    if isinstance(key, Ed25519PublicKey):
        return key
    raise Refused(KEY_NOT_ALLOWED, reason=type(key).__name__.strip("_"))


def load_public_key(pem_or_der: bytes) -> PublicKey:
    """Read one SubjectPublicKeyInfo (RFC 5280 clause 4.1.2.7), as PEM or DER.

    Refuses: KEY_NOT_READABLE, KEY_NOT_ALLOWED.
    """
    _bounded(pem_or_der)
    pem = pem_or_der.lstrip().startswith(b"-----BEGIN ")
    try:
        key = serialization.load_pem_public_key(pem_or_der) if pem else serialization.load_der_public_key(pem_or_der)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Refused(KEY_NOT_READABLE, reason="not a public key in PEM or DER") from error
    return check_public_key(key)


def load_private_key(pem: bytes, password: bytes | None = None) -> PrivateKey:
    """Read one private key from PEM (PKCS #8, or the traditional forms), decrypting it when a password is given.

    Slow for RSA, on purpose: the key is checked. Refuses: KEY_NOT_READABLE, KEY_NOT_ALLOWED.
    """
    _bounded(pem)
    try:
        key = serialization.load_pem_private_key(pem, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Refused(KEY_NOT_READABLE, reason="not a private key in PEM, or another password") from error
    if not isinstance(key, EllipticCurvePrivateKey | RSAPrivateKey | Ed25519PrivateKey):
        raise Refused(KEY_NOT_ALLOWED, reason=type(key).__name__.strip("_"))
    check_public_key(key.public_key())
    return key


def _bounded(data: bytes) -> None:
    if len(data) > MAXIMUM_KEY_BYTES:
        raise Refused(KEY_NOT_READABLE, reason="too large")


def public_pem(key: PublicKey) -> bytes:
    """The key as SubjectPublicKeyInfo in PEM."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def key_id(key: PublicKey) -> str:
    """Name of a key: its JWK thumbprint with SHA-256 in base64url, 43 characters (RFC 7638, RFC 8037 appendix A.3)."""
    return _base64url(hashlib.sha256(_thumbprint_input(key).encode("ascii")).digest())


def _thumbprint_input(key: PublicKey) -> str:
    """The required members only, in lexical order, without white space (RFC 7638 clause 3)."""
    if isinstance(key, RSAPublicKey):
        numbers = key.public_numbers()
        return f'{{"e":"{_base64url_number(numbers.e)}","kty":"RSA","n":"{_base64url_number(numbers.n)}"}}'
    if isinstance(key, EllipticCurvePublicKey):
        point, size = key.public_numbers(), key.key_size // 8
        x, y = _base64url(point.x.to_bytes(size)), _base64url(point.y.to_bytes(size))
        return f'{{"crv":"P-{key.key_size}","kty":"EC","x":"{x}","y":"{y}"}}'
    return f'{{"crv":"Ed25519","kty":"OKP","x":"{_base64url(key.public_bytes_raw())}"}}'


def _base64url_number(number: int) -> str:
    return _base64url(number.to_bytes((number.bit_length() + 7) // 8))


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
