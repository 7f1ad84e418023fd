"""Decrypt what :mod:`cms_encryption` describes, in a stream, whoever wrote it: DER or BER, sizes definite or not.

Source: RFC 5083, RFC 5084, RFC 5652 clauses 6.2 and 7, RFC 5753, RFC 8017. What is not of the profile is refused by
name: other ciphers, SHA-1, keys sent in ways that prove nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ec import ECDH, EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import AEADDecryptionContext, Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

from lienthong.base.errors import Refused
from lienthong.trust import cms_encryption as cms
from lienthong.trust import der
from lienthong.trust.ber_stream import BerStream, NotBer
from lienthong.trust.encryption_errors import (
    ENCRYPTED_DAMAGED,
    ENCRYPTED_FOR_OTHERS,
    ENCRYPTED_MALFORMED,
    ENCRYPTION_NOT_ALLOWED,
)
from lienthong.trust.keys import PrivateKey, PublicKey

MAXIMUM_RECIPIENTS_BYTES = 16 * 1024 * 1024
MAXIMUM_ALGORITHM_BYTES = 1024
MAXIMUM_ATTRIBUTES_BYTES = 64 * 1024
_HASHES: dict[bytes, hashes.HashAlgorithm] = {
    cms.SHA256: hashes.SHA256(),
    cms.SHA384: hashes.SHA384(),
    cms.SHA512: hashes.SHA512(),
}
_AGREEMENTS: dict[bytes, hashes.HashAlgorithm] = {
    cms.ECDH_SHA256: hashes.SHA256(),
    cms.ECDH_SHA384: hashes.SHA384(),
    cms.ECDH_SHA512: hashes.SHA512(),
}


class Decryptor(Protocol):
    """Whoever holds a private key that opens content: memory or a token."""

    @property
    def public_key(self) -> PublicKey: ...

    @property
    def identifiers(self) -> frozenset[bytes]:
        """Subject key identifiers, and DER of issuer and serial number, by which senders name the key."""
        ...

    def unwrap(self, wrapped: bytes, digest: hashes.HashAlgorithm) -> bytes:
        """RSAES-OAEP with one digest throughout; ``ValueError`` when it does not fit."""
        ...

    def agree(self, peer: EllipticCurvePublicKey) -> bytes:
        """The shared secret of ECDH."""
        ...


class MemoryDecryptor:
    """A private key held in memory. ``certificate``: its own, for senders that name it by issuer and number."""

    def __init__(self, key: PrivateKey, certificate: x509.Certificate | None = None) -> None:
        self._key = key
        self.public_key: PublicKey = key.public_key()
        self.identifiers = identifiers_of(self.public_key, certificate)

    def unwrap(self, wrapped: bytes, digest: hashes.HashAlgorithm) -> bytes:
        if not isinstance(self._key, RSAPrivateKey):
            raise ValueError("not an RSA key")
        return self._key.decrypt(wrapped, padding.OAEP(padding.MGF1(digest), digest, None))

    def agree(self, peer: EllipticCurvePublicKey) -> bytes:
        if not isinstance(self._key, EllipticCurvePrivateKey):
            raise ValueError("not an EC key")
        return self._key.exchange(ECDH(), peer)


def identifiers_of(key: PublicKey, certificate: x509.Certificate | None = None) -> frozenset[bytes]:
    """By what senders may name this key."""
    found = {cms.key_identifier(key)}
    if certificate is not None:
        octets = certificate.serial_number.to_bytes(certificate.serial_number.bit_length() // 8 + 1)
        number = der.value(der.INTEGER, octets)
        found |= {cms.key_identifier(key, certificate)}
        found |= {der.value(der.SEQUENCE, certificate.issuer.public_bytes(), number)}
    return frozenset(found)


def open_sealed(pieces: Iterable[bytes], keys: Sequence[Decryptor]) -> Iterator[bytes]:
    """The plain content. **Nothing that is yielded may be used before the iterator has ended without a refusal.**

    Refuses ENCRYPTED_MALFORMED, ENCRYPTED_FOR_OTHERS, ENCRYPTED_DAMAGED, ENCRYPTION_NOT_ALLOWED.
    """
    return without_digest(decrypt(pieces, keys))


def decrypt(pieces: Iterable[bytes], keys: Sequence[Decryptor]) -> Iterator[bytes]:
    """What was encrypted, before its own digest is looked at; refuses and warns as :func:`open_sealed`."""
    stream = BerStream(pieces)
    try:
        yield from _decrypt(stream, keys)
    except NotBer as error:
        raise Refused(ENCRYPTED_MALFORMED, reason=error) from error


def without_digest(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The content of DigestedData; its digest is checked at the end. Refuses ENCRYPTED_MALFORMED, ENCRYPTED_DAMAGED."""
    stream = BerStream(pieces)
    try:
        stream.enter(der.SEQUENCE)
        _expect(stream, cms.DIGESTED_DATA)
        stream.enter(0xA0)
        stream.enter(der.SEQUENCE)
        stream.whole(der.INTEGER, 1)
        algorithm = _digest_of(stream.whole(der.SEQUENCE, MAXIMUM_ALGORITHM_BYTES))
        running = hashlib.new(algorithm.name)
        stream.enter(der.SEQUENCE)
        _expect(stream, cms.DATA)
        stream.enter(0xA0)
        for piece in stream.octets(0x04, 0x24):
            running.update(piece)
            yield piece
        stream.leave()
        stream.leave()
        stated = stream.whole(der.OCTET_STRING, 64)
        for _ in range(3):
            stream.leave()
        stream.finish()
    except (NotBer, ValueError) as error:
        raise Refused(ENCRYPTED_MALFORMED, reason=f"DigestedData: {error}") from error
    if stated != running.digest():
        raise Refused(ENCRYPTED_DAMAGED, reason="mã băm bên trong không khớp (the digest inside differs)")


def _decrypt(stream: BerStream, keys: Sequence[Decryptor]) -> Iterator[bytes]:
    stream.enter(der.SEQUENCE)
    _expect(stream, cms.AUTH_ENVELOPED_DATA)
    stream.enter(0xA0)
    stream.enter(der.SEQUENCE)
    if stream.whole(der.INTEGER, 1) != b"\x00":
        raise NotBer("another version")
    if stream.next_tag() == 0xA0:
        stream.whole(0xA0, MAXIMUM_ATTRIBUTES_BYTES)
    key = _content_key(stream.whole(der.SET, MAXIMUM_RECIPIENTS_BYTES), keys)
    stream.enter(der.SEQUENCE)
    _expect(stream, cms.DATA)
    decryptor = _cipher(key, stream.whole(der.SEQUENCE, MAXIMUM_ALGORITHM_BYTES))
    for piece in stream.octets(0x80, 0xA0):
        yield decryptor.update(piece)
    stream.leave()
    if stream.next_tag() == 0xA1:
        raise NotBer("authenticated attributes are not of this profile")
    tag = stream.whole(der.OCTET_STRING, cms.TAG_BYTES)
    if stream.next_tag() == 0xA2:
        stream.whole(0xA2, MAXIMUM_ATTRIBUTES_BYTES)
    for _ in range(3):
        stream.leave()
    stream.finish()
    if len(tag) != cms.TAG_BYTES:
        raise NotBer("the authentication code is short")
    try:
        rest = decryptor.finalize_with_tag(tag)
    except InvalidTag as error:
        raise Refused(ENCRYPTED_DAMAGED, reason="mã xác thực không khớp (the authentication code differs)") from error
    if rest:
        yield rest


def _expect(stream: BerStream, identifier: bytes) -> None:
    if der.value(der.OBJECT, stream.whole(der.OBJECT, 32)) != identifier:
        raise NotBer("another content type")


def _cipher(key: bytes, algorithm: bytes) -> AEADDecryptionContext:
    found = _values(algorithm)
    if found[0].whole != cms.AES256_GCM or len(found) != 2:
        raise Refused(ENCRYPTION_NOT_ALLOWED, reason="không phải AES-256-GCM (not AES-256-GCM)")
    try:
        nonce, size = found[1].inside(der.SEQUENCE)
        good = size.octets(der.INTEGER) == bytes((cms.TAG_BYTES,)) and len(nonce.octets(der.OCTET_STRING)) == 12
    except ValueError as error:
        raise NotBer("parameters of AES-GCM") from error
    if not good:
        raise Refused(ENCRYPTION_NOT_ALLOWED, reason="nonce 12 byte và mã xác thực 16 byte (nonce or code size)")
    return Cipher(AES(key), GCM(nonce.content, None, cms.TAG_BYTES)).decryptor()


def _content_key(infos: bytes, keys: Sequence[Decryptor]) -> bytes:
    """The content key, by the first of the recipients that is one of ours."""
    found = _values(infos)
    for info in found:
        for key in keys:
            wrapped = _unwrap(info, key)
            if wrapped is not None:
                if len(wrapped) != cms.KEY_BYTES:
                    raise Refused(ENCRYPTED_DAMAGED, reason="độ dài khoá (length of the key)")
                return wrapped
    raise Refused(ENCRYPTED_FOR_OTHERS, count=len(found))


def _unwrap(info: der.Value, key: Decryptor) -> bytes | None:
    """The content key out of one RecipientInfo; None when it is somebody else's."""
    try:
        if info.tag == der.SEQUENCE:
            return _unwrap_rsa(der.values(info.content), key)
        if info.tag == 0xA1:
            return _unwrap_ec(der.values(info.content), key)
    except (InvalidUnwrap, ValueError, IndexError) as error:
        raise Refused(ENCRYPTED_DAMAGED, reason="không mở được khoá nội dung (the key does not open)") from error
    return None


def _unwrap_rsa(parts: list[der.Value], key: Decryptor) -> bytes | None:
    version, name, algorithm, wrapped = parts
    if version.octets(der.INTEGER) not in {b"\x00", b"\x02"}:
        raise ValueError("another version")
    if _name(name) not in key.identifiers:
        return None
    kind, *parameters = algorithm.inside(der.SEQUENCE)
    if kind.whole != cms.OAEP:
        raise Refused(ENCRYPTION_NOT_ALLOWED, reason="khoá RSA không dùng OAEP (RSA without OAEP)")
    stated = {each.tag: each for each in parameters[0].inside(der.SEQUENCE)} if parameters else {}
    if stated.keys() != {0xA0, 0xA1}:
        raise Refused(ENCRYPTION_NOT_ALLOWED, reason="OAEP với SHA-1 (OAEP with SHA-1)")
    digest = _digest_of(stated[0xA0].inside(0xA0)[0].octets(der.SEQUENCE))
    mask = stated[0xA1].inside(0xA1)[0].inside(der.SEQUENCE)
    if mask[0].whole != cms.MGF1 or _digest_of(mask[1].octets(der.SEQUENCE)).name != digest.name:
        raise Refused(ENCRYPTION_NOT_ALLOWED, reason="OAEP với hai hàm băm (OAEP with two digests)")
    return key.unwrap(wrapped.octets(der.OCTET_STRING), digest)


def _unwrap_ec(parts: list[der.Value], key: Decryptor) -> bytes | None:
    version, originator, *rest = parts
    if version.octets(der.INTEGER) != b"\x03":
        raise ValueError("another version")
    ukm = rest.pop(0).inside(0xA1)[0].octets(der.OCTET_STRING) if rest[0].tag == 0xA1 else None
    algorithm, recipients = rest
    own = key.public_key
    for recipient in recipients.inside(der.SEQUENCE):
        name, wrapped = recipient.inside(der.SEQUENCE)
        if _name(name) not in key.identifiers or not isinstance(own, EllipticCurvePublicKey):
            continue
        kind, wrap = algorithm.inside(der.SEQUENCE)
        digest = _AGREEMENTS.get(kind.whole)
        if digest is None or wrap.inside(der.SEQUENCE)[0].whole != cms.AES256_WRAP:
            reason = "ECDH không dùng SHA-2 và AES-256 (ECDH without SHA-2 and AES-256)"
            raise Refused(ENCRYPTION_NOT_ALLOWED, reason=reason)
        peer = EllipticCurvePublicKey.from_encoded_point(own.curve, _point(originator))
        wrapping = cms.derive_wrapping_key(key.agree(peer), wrap.whole, digest, ukm)
        return aes_key_unwrap(wrapping, wrapped.octets(der.OCTET_STRING))
    return None


def _point(originator: der.Value) -> bytes:
    """The sender's ephemeral point: originatorKey is the only form that ephemeral keys have."""
    chosen = originator.inside(0xA0)[0]
    if chosen.tag != 0xA1:
        raise Refused(ENCRYPTION_NOT_ALLOWED, reason="ECDH không dùng khoá tạm (ECDH without an ephemeral key)")
    algorithm, bits = chosen.inside(0xA1)
    point = bits.octets(der.BIT_STRING)
    if algorithm.inside(der.SEQUENCE)[0].whole != cms.EC_PUBLIC_KEY or point[0]:
        raise ValueError("not a point of a curve")
    return point[1:]


def _name(name: der.Value) -> bytes:
    """A RecipientIdentifier or KeyAgreeRecipientIdentifier as :func:`identifiers_of` writes it."""
    if name.tag == 0xA0:
        return name.inside(0xA0)[0].octets(der.OCTET_STRING)
    return name.content if name.tag == 0x80 else name.whole


def _digest_of(algorithm: bytes) -> hashes.HashAlgorithm:
    found = _HASHES.get(_values(algorithm)[0].whole)
    if found is None:
        raise Refused(ENCRYPTION_NOT_ALLOWED, reason="hàm băm không thuộc SHA-2 (a digest outside SHA-2)")
    return found


def _values(data: bytes) -> list[der.Value]:
    try:
        found = der.values(data)
    except ValueError as error:
        raise NotBer("not DER") from error
    if not found:
        raise NotBer("an empty value")
    return found
