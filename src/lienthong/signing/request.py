"""Is what is shown what is signed? The signed attributes of a document's signature against the document itself.

Source: RFC 5652 clauses 5.4 and 11; ISO 32000-2 clause 12.8.1 (ByteRange); ETSI EN 319 142-1 clause 4.1. Nothing of
a PDF is trusted or interpreted: the range must cover the whole file but for one place that is empty, and the digest
inside the attributes must be that of the range. A file that differs from the signed one in any byte does not pass.
"""

from __future__ import annotations

import hashlib
import mmap
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.signing.errors import SIGN_CONTENT_MISMATCH, SIGN_REQUEST_NOT_ATTRIBUTES
from lienthong.trust.der import is_der

MAXIMUM_ATTRIBUTES = 64 * 1024
MAXIMUM_RANGES = 64
_DIGESTS = {32: "sha256", 48: "sha384", 64: "sha512"}
_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s*\]")
_EMPTY = re.compile(rb"<0+>")
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """Signed attributes as read. ``message_digest``: of the document's range. ``certificate_digests``: by name of the
    digest, of the certificate that the attributes name; empty when they name none."""

    attributes: bytes
    digest_name: str
    message_digest: bytes
    certificate_digest: tuple[str, bytes] | None

    def names(self, certificate: x509.Certificate) -> bool:
        """Whether this certificate may sign here: it is the one named, or none is."""
        if self.certificate_digest is None:
            return True
        name, digest = self.certificate_digest
        return hashlib.new(name, certificate.public_bytes(Encoding.DER)).digest() == digest


def read_request(to_sign: bytes) -> SigningRequest:
    """Read what is to be signed; anything but signed attributes in DER is refused: SIGN_REQUEST_NOT_ATTRIBUTES.

    A key of a person must not be lent to sign whatever bytes somebody sends, such as a login or another's CMS.
    """
    if not 0 < len(to_sign) <= MAXIMUM_ATTRIBUTES or to_sign[0] != 0x31 or not is_der(to_sign):
        raise Refused(SIGN_REQUEST_NOT_ATTRIBUTES, why="DER SET OF Attribute")
    try:
        found: dict[str, list[object]] = {}
        for each in cms.CMSAttributes.load(to_sign, strict=True):
            kind = each["type"].native
            if kind in found:
                raise ValueError(f"{kind} stands there twice")
            found[kind] = list(each["values"])
        return _request(to_sign, found)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        # The ASN.1 library decodes late and shows damage in all of these ways.
        raise Refused(SIGN_REQUEST_NOT_ATTRIBUTES, why=one_line(str(error), 120)) from error


def _request(to_sign: bytes, found: dict[str, list[object]]) -> SigningRequest:
    content_type, digest = found.get("content_type", []), found.get("message_digest", [])
    if len(content_type) != 1 or content_type[0].native != "data":  # type: ignore[attr-defined]  # ASN.1 values
        raise ValueError("content-type is not id-data")
    if len(digest) != 1:
        raise ValueError("message-digest is missing")
    octets = bytes(digest[0].native)  # type: ignore[attr-defined]  # ASN.1 values
    if len(octets) not in _DIGESTS:
        raise ValueError("message-digest is not of SHA-2")
    return SigningRequest(to_sign, _DIGESTS[len(octets)], octets, _named(found.get("signing_certificate_v2", [])))


def _named(values: list[object]) -> tuple[str, bytes] | None:
    if not values:
        return None
    first = values[0]["certs"][0]  # type: ignore[index]  # ASN.1 values
    name = first["hash_algorithm"]["algorithm"].native
    if name not in _DIGESTS.values():
        raise ValueError("signing-certificate-v2 with a weak digest")
    return name, first["cert_hash"].native


@dataclass(frozen=True, slots=True)
class ByteRange:
    """What a signature of a PDF covers: the file from its beginning but for the place of the signature itself.

    ``hole`` and ``resumes``: where that place begins and ends. ``end``: where the coverage ends.
    """

    hole: int
    resumes: int
    end: int

    def digest(self, data: mmap.mmap | bytes, name: str) -> bytes:
        running = hashlib.new(name)
        view = memoryview(data)
        try:
            for begin, end in ((0, self.hole), (self.resumes, self.end)):
                for at in range(begin, end, _PIECE):
                    running.update(view[at : min(at + _PIECE, end)])
        finally:
            view.release()
        return running.digest()


def byte_ranges(data: mmap.mmap | bytes) -> list[ByteRange]:
    """Every plausible range of the file, the longest first. Refuses SIGN_CONTENT_MISMATCH for too many of them."""
    found: set[ByteRange] = set()
    for match in _RANGE.finditer(data):
        first, length, resumes, rest = (int(each) for each in match.groups())
        if first == 0 and 0 < length < resumes and resumes + rest <= len(data):
            found.add(ByteRange(length, resumes, resumes + rest))
        if len(found) > MAXIMUM_RANGES:
            raise Refused(
                SIGN_CONTENT_MISMATCH, name="PDF", why_vi="quá nhiều chữ ký", why_en="it bears too many signatures"
            )
    return sorted(found, key=lambda each: -each.end)


def require_same(name: str, file: Path, request: SigningRequest) -> None:
    """Refuses SIGN_CONTENT_MISMATCH unless the signature asked for is over this file, all of it."""
    with mapped(file) as data:
        if not data[:1024].lstrip().startswith(b"%PDF-"):
            raise Refused(SIGN_CONTENT_MISMATCH, name=name, why_vi="không phải tệp PDF", why_en="it is no PDF")
        whole = [each for each in byte_ranges(data) if each.end == len(data) and _is_empty(data, each)]
        if not whole:
            raise Refused(
                SIGN_CONTENT_MISMATCH, name=name, why_vi="không có chỗ trống cho chữ ký bao phủ cả tệp",
                why_en="there is no empty place for a signature that covers the whole file",
            )  # fmt: skip
        if not any(each.digest(data, request.digest_name) == request.message_digest for each in whole):
            raise Refused(SIGN_CONTENT_MISMATCH, name=name, why_vi="mã băm khác nhau", why_en="the digests differ")


def _is_empty(data: mmap.mmap | bytes, found: ByteRange) -> bool:
    """Whether the place of the signature holds nothing that a reader could show."""
    return _EMPTY.fullmatch(data[found.hole : found.resumes]) is not None


@contextmanager
def mapped(file: Path) -> Iterator[mmap.mmap | bytes]:
    """A file as bytes without reading it into memory."""
    with file.open("rb") as opened:
        if not file.stat().st_size:
            yield b""
            return
        with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data
