"""Encrypt content of any size for one or many recipients, in a stream: one ciphertext, one wrapped key each.

AuthEnvelopedData with AES-256-GCM (RFC 5083, RFC 5084); the content key travels by RSAES-OAEP (RFC 3560, RFC 8017) or
by ephemeral-static ECDH with the X9.63 derivation and AES key wrap (RFC 5753). Written in DER, since every size is
known before. Inside the encryption lies DigestedData (RFC 5652 clause 7): the digest of the plain content, which the
recipient checks and nobody on the way can see. Profile: PR-NATIVE §9.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ec import ECDH, EllipticCurvePublicKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lienthong.base.errors import Refused
from lienthong.trust import der
from lienthong.trust.encryption_errors import ENCRYPTION_NOT_ALLOWED
from lienthong.trust.keys import PublicKey

MEDIA_TYPE = "application/pkcs7-mime; smime-type=authEnveloped-data"
KEY_BYTES, NONCE_BYTES, TAG_BYTES = 32, 12, 16
MAXIMUM_CONTENT = 2**36 - 64
"""Bytes that one key and nonce of AES-GCM may encrypt (NIST SP 800-38D clause 5.2.1.1), a little less."""

DATA = der.object_identifier("1.2.840.113549.1.7.1")
DIGESTED_DATA = der.object_identifier("1.2.840.113549.1.7.5")
AUTH_ENVELOPED_DATA = der.object_identifier("1.2.840.113549.1.9.16.1.23")
AES256_GCM = der.object_identifier("2.16.840.1.101.3.4.1.46")
AES256_WRAP = der.object_identifier("2.16.840.1.101.3.4.1.45")
EC_PUBLIC_KEY = der.object_identifier("1.2.840.10045.2.1")
OAEP = der.object_identifier("1.2.840.113549.1.1.7")
MGF1 = der.object_identifier("1.2.840.113549.1.1.8")
SHA256, SHA384, SHA512 = (der.object_identifier(f"2.16.840.1.101.3.4.2.{n}") for n in (1, 2, 3))
ECDH_SHA256, ECDH_SHA384, ECDH_SHA512 = (der.object_identifier(f"1.3.132.1.11.{n}") for n in (1, 2, 3))

_SHA256_ALGORITHM = der.value(der.SEQUENCE, SHA256)
_VERSION_0, _VERSION_2, _VERSION_3 = (der.value(der.INTEGER, bytes((n,))) for n in (0, 2, 3))


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whoever shall be able to read. ``identifier``: the subject key identifier by which he finds his wrapped key."""

    key: EllipticCurvePublicKey | RSAPublicKey
    identifier: bytes


def addressee(key: PublicKey, certificate: x509.Certificate | None = None) -> Addressee:
    """The holder of a key; ``certificate``: its own, whose key identifier is then used.

    Refuses ENCRYPTION_NOT_ALLOWED for a key that cannot encrypt.
    """
    if not isinstance(key, EllipticCurvePublicKey | RSAPublicKey):
        raise Refused(ENCRYPTION_NOT_ALLOWED, reason=type(key).__name__.strip("_"))
    return Addressee(key, key_identifier(key, certificate))


def key_identifier(key: PublicKey, certificate: x509.Certificate | None = None) -> bytes:
    """The identifier in the certificate, else the first method of RFC 5280 clause 4.2.1.2."""
    if certificate is not None:
        try:
            return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
        except x509.ExtensionNotFound:
            pass
    return x509.SubjectKeyIdentifier.from_public_key(key).digest


def encrypted_size(addressees: Sequence[Addressee], size: int) -> int:
    """A bound of the size of what :func:`seal` makes of ``size`` bytes."""
    wrapped = sum(a.key.key_size // 8 + 400 if isinstance(a.key, RSAPublicKey) else 400 for a in addressees)
    return size + wrapped + 400


def seal(addressees: Sequence[Addressee], pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Encrypt ``size`` bytes with their digest inside. ``ValueError`` when the pieces are not ``size`` bytes."""
    return encrypt(addressees, with_digest(pieces, size), digested_size(size))


def encrypt(addressees: Sequence[Addressee], pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Encrypt ``size`` bytes as they are. ``ValueError`` when the pieces are not ``size`` bytes or nobody may read."""
    if not addressees or size > MAXIMUM_CONTENT:
        raise ValueError("nobody to encrypt for, or too much")
    key, nonce = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(NONCE_BYTES)
    infos = sorted(_wrap(each, key) for each in {each.identifier: each for each in addressees}.values())
    parameters = der.value(
        der.SEQUENCE, der.value(der.OCTET_STRING, nonce), der.value(der.INTEGER, bytes((TAG_BYTES,)))
    )
    content_head = DATA + der.value(der.SEQUENCE, AES256_GCM, parameters) + der.head(0x80, size)
    front = _VERSION_0 + der.value(der.SET, *infos) + der.head(der.SEQUENCE, len(content_head) + size) + content_head
    back = der.head(der.OCTET_STRING, TAG_BYTES)
    length = len(front) + size + len(back) + TAG_BYTES
    inner = der.head(der.SEQUENCE, length)
    middle = AUTH_ENVELOPED_DATA + der.head(0xA0, len(inner) + length) + inner
    yield der.head(der.SEQUENCE, len(middle) + length) + middle + front
    encryptor = Cipher(AES(key), GCM(nonce)).encryptor()
    for piece in _exactly(pieces, size):
        yield encryptor.update(piece)
    yield encryptor.finalize() + back + encryptor.tag


def with_digest(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """``size`` bytes as DigestedData with SHA-256, which stands behind them."""
    front, back = _digested_frame(size)
    yield front
    running = hashlib.sha256()
    for piece in _exactly(pieces, size):
        running.update(piece)
        yield piece
    yield back + running.digest()


def digested_size(size: int) -> int:
    """Exact size of what :func:`with_digest` makes."""
    front, back = _digested_frame(size)
    return len(front) + size + len(back) + 32


def _digested_frame(size: int) -> tuple[bytes, bytes]:
    back = der.head(der.OCTET_STRING, 32)
    octets = der.head(der.OCTET_STRING, size)
    explicit = der.head(0xA0, len(octets) + size) + octets
    inside = der.head(der.SEQUENCE, len(DATA) + len(explicit) + size) + DATA + explicit
    front = _VERSION_0 + _SHA256_ALGORITHM + inside
    length = len(front) + size + len(back) + 32
    data = der.head(der.SEQUENCE, length)
    info = DIGESTED_DATA + der.head(0xA0, len(data) + length) + data
    return der.head(der.SEQUENCE, len(info) + length) + info + front, back


def _exactly(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The pieces, when they are as many bytes as was said: lengths were written before them."""
    left = size
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            break
        yield piece
    if left:
        raise ValueError("the content has another size than was said")


def _wrap(to: Addressee, key: bytes) -> bytes:
    return _wrap_rsa(to.key, to.identifier, key) if isinstance(to.key, RSAPublicKey) else _wrap_ec(to.key, to, key)


def _wrap_rsa(public: RSAPublicKey, identifier: bytes, key: bytes) -> bytes:
    """KeyTransRecipientInfo."""
    digest = hashes.SHA256()
    wrapped = public.encrypt(key, padding.OAEP(padding.MGF1(digest), digest, None))
    mask = der.value(der.SEQUENCE, MGF1, _SHA256_ALGORITHM)
    parameters = der.value(der.SEQUENCE, der.value(0xA0, _SHA256_ALGORITHM), der.value(0xA1, mask))
    algorithm = der.value(der.SEQUENCE, OAEP, parameters)
    return der.value(
        der.SEQUENCE, _VERSION_2, der.value(0x80, identifier), algorithm, der.value(der.OCTET_STRING, wrapped)
    )


def _wrap_ec(public: EllipticCurvePublicKey, to: Addressee, key: bytes) -> bytes:
    """KeyAgreeRecipientInfo with an ephemeral key of its own."""
    ephemeral = generate_private_key(public.curve)
    strong = public.key_size > 256
    wrap = der.value(der.SEQUENCE, AES256_WRAP)
    wrapping = derive_wrapping_key(
        ephemeral.exchange(ECDH(), public), wrap, hashes.SHA384() if strong else hashes.SHA256(), None
    )
    point = ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    originator = der.value(0xA1, der.value(der.SEQUENCE, EC_PUBLIC_KEY), der.value(der.BIT_STRING, b"\x00", point))
    recipient = der.value(0xA0, der.value(der.OCTET_STRING, to.identifier))
    wrapped = der.value(der.OCTET_STRING, aes_key_wrap(wrapping, key))
    return der.value(
        0xA1,
        _VERSION_3,
        der.value(0xA0, originator),
        der.value(der.SEQUENCE, ECDH_SHA384 if strong else ECDH_SHA256, wrap),
        der.value(der.SEQUENCE, der.value(der.SEQUENCE, recipient, wrapped)),
    )


def derive_wrapping_key(shared: bytes, wrap: bytes, digest: hashes.HashAlgorithm, ukm: bytes | None) -> bytes:
    """The key-encryption key of an agreed secret (RFC 5753 clause 7.2). ``wrap``: AlgorithmIdentifier of the wrap;
    ``ukm``: user keying material, when the sender gave some."""
    bits = der.value(der.OCTET_STRING, (KEY_BYTES * 8).to_bytes(4))
    entity = b"" if ukm is None else der.value(0xA0, der.value(der.OCTET_STRING, ukm))
    info = der.value(der.SEQUENCE, wrap, entity, der.value(0xA2, bits))
    return X963KDF(digest, KEY_BYTES, info).derive(shared)
