"""What the signatures of a PDF carry: time stamps, certificates, revocation data, and what an archive timestamp covers.

Source: ETSI EN 319 142-1 clauses 5.4 and 6.3. No trust store is asked: a signature or a stamp counts here when its
digests and its own signature are right. Whether its authority may be believed is the verifier's question
(:mod:`lienthong.trust.pdf.validate`).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from pyhanko.pdf_utils.reader import PdfFileReader

from lienthong.base.errors import Refused
from lienthong.trust.certificates import TrustStore, public_key_of
from lienthong.trust.cms import NotSignedData, SignedData, read_signed_data, signature_is_valid
from lienthong.trust.cms_signers import CmsDocument, read_signers
from lienthong.trust.keys import Algorithm, usual_algorithm
from lienthong.trust.pdf.errors import PDF_NOT_READABLE
from lienthong.trust.pdf.files import DAMAGED, open_reader
from lienthong.trust.pdf.validate import store_of
from lienthong.trust.pdf.validate_file import Embedded, NotReadable, embedded_signatures, for_library
from lienthong.trust.revocation import RevocationData
from lienthong.trust.timestamp import verify_token
from lienthong.trust.validation.cms_claims import digest_of_bytes, digest_of_stream, evidence_of
from lienthong.trust.validation.judge import Evidence
from lienthong.trust.validation.paths import path_of
from lienthong.trust.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Made:
    """Who signed something and how: ``path`` begins with the signer's certificate; ``digest``: name of a SHA-2."""

    path: tuple[x509.Certificate, ...]
    algorithm: Algorithm | None
    digest: str


@dataclass(frozen=True, slots=True)
class FoundStamp:
    """A time stamp that is over the right bytes and rightly signed. ``imprint``: name of the digest it is over."""

    time: datetime
    imprint: str
    made: Made


@dataclass(frozen=True, slots=True)
class FoundSignature:
    """One signature or document timestamp, in the order of signing.

    ``revision``: in which it was added. ``made``: None when it is damaged or does not fit the file any more.
    ``stamp``: of a signature its own time stamp, of a document timestamp the stamp itself; None when there is none.
    """

    name: str
    is_timestamp: bool
    revision: int
    made: Made | None
    stamp: FoundStamp | None


@dataclass(frozen=True, slots=True)
class PdfState:
    """``data``: certificates and revocation data of the whole file. ``archived``: of these, what the newest good
    document timestamp covers."""

    signatures: tuple[FoundSignature, ...]
    data: Evidence
    archived: Evidence

    @property
    def newest_stamp(self) -> FoundSignature | None:
        """The newest document timestamp that is in order."""
        found = [each for each in self.signatures if each.is_timestamp and each.stamp is not None]
        return found[-1] if found else None


def read_state(stream: BinaryIO) -> PdfState:
    """Read a signed PDF; of a large one only pieces are in memory.

    Refuses: PDF_NOT_READABLE, PDF_ENCRYPTED, PDF_HAS_NO_PAGES. A file without a signature has none in its state.
    """
    reader = open_reader(for_library(stream))
    try:
        items = embedded_signatures(reader)
        store, _ = store_of(reader.root)
        held = [_held(item, store.certificates) for item in items]
        data = _with_carried(store, held)
        found = tuple(_found(item, each, stream, data.certificates) for item, each in zip(items, held, strict=True))
        archived = _archived(reader, found, held)
    except NotReadable as problem:
        raise Refused(PDF_NOT_READABLE, reason=f"{problem.finding.vi} ({problem.finding.en})") from problem
    except DAMAGED as error:
        raise Refused(PDF_NOT_READABLE, reason="tệp hỏng (damaged)") from error
    return PdfState(found, data, archived)


def _held(item: Embedded, extra: Sequence[x509.Certificate]) -> CmsDocument | None:
    if item.signature is None:
        return None
    try:
        found = read_signers(item.contents, extra)
    except NotSignedData:
        return None
    return found if len(found.signers) == 1 else None


def _with_carried(store: Evidence, held: Sequence[CmsDocument | None]) -> Evidence:
    """The store with what the signatures themselves and the stamps on them carry."""
    for each in held:
        if each is not None:
            more, _ = evidence_of(each.certificates, each.crls, each.ocsp)
            store = store.with_more(more.certificates, more.revocation)
            for token in each.signers[0].signature_tokens:
                store = store.with_more(certificates_of_token(token), RevocationData())
    return store


def certificates_of_token(token: bytes) -> tuple[x509.Certificate, ...]:
    """The certificates that a time stamp carries, its own authority's first; empty when it cannot be read."""
    try:
        data = read_signed_data(token, "tst_info")
    except NotSignedData:
        return ()
    own = data.signer_certificate
    return tuple(dict.fromkeys((*([own] if own is not None else []), *data.certificates)))


def _found(
    item: Embedded, held: CmsDocument | None, stream: BinaryIO, pool: Sequence[x509.Certificate]
) -> FoundSignature:
    name, revision = item.name, item.revision
    if held is None:
        return FoundSignature(name, item.is_timestamp, revision, None, None)
    digest_of = digest_of_stream(stream, item.ranges)
    if item.is_timestamp:
        stamp = found_stamp(item.contents, digest_of, pool)
        return FoundSignature(name, True, revision, stamp.made if stamp else None, stamp)
    signer = held.signers[0]
    fits = hmac.compare_digest(signer.message_digest, digest_of(signer.data.digest_name))
    made = _made(signer.data, pool) if fits and signer.data.attributes_fit else None
    value = digest_of_bytes(signer.data.signature)
    stamps = [found_stamp(token, value, pool) for token in signer.signature_tokens]
    good = [each for each in stamps if each is not None]
    return FoundSignature(name, False, revision, made, min(good, key=lambda each: each.time) if good else None)


def found_stamp(
    token: bytes, digest_of: Callable[[str], bytes], pool: Sequence[x509.Certificate] = ()
) -> FoundStamp | None:
    """A time stamp, when it is over these bytes and its own signature is right; None otherwise."""
    report = verify_token(token, digest_of, TrustStore(()), weak_binding=True)
    own = {check.name: check.verdict for check in report.checks if check.name.startswith("timestamp.")}
    if report.info is None or set(own.values()) != {Verdict.PASSED}:
        return None
    data = read_signed_data(token, "tst_info")
    made = _made(data, (*data.certificates, *pool))
    return None if made is None else FoundStamp(report.info.time, report.info.imprint_algorithm, made)


def _made(data: SignedData, pool: Sequence[x509.Certificate]) -> Made | None:
    if data.signer_certificate is None:
        return None
    try:
        key = public_key_of(data.signer_certificate)
    except Refused:
        return None
    if not signature_is_valid(data, key):
        return None
    algorithm: Algorithm | None = usual_algorithm(key)
    if isinstance(key, RSAPublicKey) and data.scheme == "rsassa_pss":
        algorithm = {"sha256": Algorithm.PS256, "sha512": Algorithm.PS512}.get(data.digest_name)
    return Made(path_of(data.signer_certificate, pool), algorithm, data.digest_name)


def _archived(reader: PdfFileReader, found: Sequence[FoundSignature], held: Sequence[CmsDocument | None]) -> Evidence:
    """What stood in the file when its newest good document timestamp was put in."""
    last = max((each.revision for each in found if each.is_timestamp and each.stamp is not None), default=None)
    if last is None:
        return Evidence()
    store, _ = store_of(reader.get_historical_root(last))
    before = [each for one, each in zip(found, held, strict=True) if one.revision < last]
    return _with_carried(store, before)
