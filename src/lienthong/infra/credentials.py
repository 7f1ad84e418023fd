"""A private key and its certificates, opened from a PEM file, a PKCS #12 bundle or a PKCS #11 token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12

from lienthong.base.clock import to_text
from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.infra.credential_errors import (
    CERTIFICATE_NOT_OF_KEY,
    CERTIFICATE_OUT_OF_TIME,
    KEY_PASSWORD_WRONG,
    KEY_SECRET_MISSING,
)
from lienthong.infra.errors import KEY_MISSING, KEY_UNREADABLE
from lienthong.infra.keys import FileSigner, read_secret
from lienthong.infra.token_signer import TokenSigner
from lienthong.infra.token_uri import read_token_uri
from lienthong.trust.certificates import (
    MAXIMUM_BUNDLE_BYTES,
    load_certificate,
    load_certificates,
    public_key_of,
)
from lienthong.trust.keys import PrivateKey, check_public_key, key_id
from lienthong.trust.signer import MemorySigner, Signer

MAXIMUM_BUNDLE = 256 * 1024
"""Bytes of a PKCS #12 file: a key and a chain of certificates."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A signer, and its certificates: its own first, those above it after; none when the key has no certificate."""

    signer: Signer
    chain: tuple[x509.Certificate, ...] = ()


def open_key_file(path: Path, secret: bytes | None, given: tuple[x509.Certificate, ...] = ()) -> Credentials:
    """The key of a PEM or PKCS #12 file; ``given``: certificates from elsewhere, used before those in the file."""
    data = read_secret(path, MAXIMUM_BUNDLE)
    if b"-----BEGIN " in data[:4096]:
        return Credentials(FileSigner(path, secret if b"ENCRYPTED" in data else None), given)
    key, chain = read_bundle(data, secret, path)
    return Credentials(MemorySigner(key), given or chain)


def read_bundle(data: bytes, secret: bytes | None, path: Path) -> tuple[PrivateKey, tuple[x509.Certificate, ...]]:
    """Key and certificates of a PKCS #12 file. Refuses KEY_PASSWORD_WRONG, KEY_UNREADABLE, KEY_NOT_ALLOWED."""
    try:
        bundle = pkcs12.load_pkcs12(data, secret)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Refused(KEY_PASSWORD_WRONG, path=path) from error
    key = bundle.key
    if not isinstance(key, EllipticCurvePrivateKey | RSAPrivateKey):
        raise Refused(KEY_UNREADABLE, path=path, reason="không có khoá EC hoặc RSA (no EC or RSA key)")
    check_public_key(key.public_key())
    own = [] if bundle.cert is None else [bundle.cert.certificate]
    return key, (*own, *(each.certificate for each in bundle.additional_certs))


def read_chain(path: Path) -> tuple[x509.Certificate, ...]:
    """The certificates of a PEM file, or the one of a DER file. Refuses KEY_MISSING, CERTIFICATE_NOT_READABLE."""
    try:
        with path.open("rb") as file:
            data = file.read(MAXIMUM_BUNDLE_BYTES + 1)
    except FileNotFoundError as error:
        raise Refused(KEY_MISSING, path=path) from error
    except OSError as error:
        raise Refused(KEY_UNREADABLE, path=path, reason=error.strerror) from error
    return load_certificates(data) if b"-----BEGIN " in data else (load_certificate(data),)


def check_chain(found: Credentials, at: datetime) -> None:
    """Refuse a certificate of another key, or one that does not count at ``at``."""
    if not found.chain:
        return
    own = found.chain[0]
    subject = one_line(own.subject.rfc4514_string(), 120)
    if key_id(public_key_of(own)) != found.signer.key_id:
        raise Refused(CERTIFICATE_NOT_OF_KEY, subject=subject, key=found.signer.key_id)
    if not own.not_valid_before_utc <= at <= own.not_valid_after_utc:
        begin, end = to_text(own.not_valid_before_utc), to_text(own.not_valid_after_utc)
        raise Refused(CERTIFICATE_OUT_OF_TIME, subject=subject, begin=begin, end=end)


def open_key_uri(uri: str, pin: bytes | None, given: tuple[x509.Certificate, ...] = ()) -> Credentials:
    """The key of a token, by its RFC 7512 address. Refuses KEY_SECRET_MISSING and what :class:`TokenSigner` refuses."""
    if pin is None:
        raise Refused(KEY_SECRET_MISSING, where="key_password_file")
    signer = TokenSigner(read_token_uri(uri), pin, public_key_of(given[0]) if given else None)
    on_token = () if signer.certificate is None else (signer.certificate,)
    return Credentials(signer, given or on_token)
