"""The report on a whole file: its digest, its signatures, its legal value, and the evidence that was at hand."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import BinaryIO

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.base.text import one_line
from lienthong.trust.revocation import RevocationData
from lienthong.trust.validation.judge import Context, DigestOf, Evidence
from lienthong.trust.validation.model import DocumentReport, Finding, SignatureReport, Used
from lienthong.trust.validation.roles import legal_value
from lienthong.trust.verdict import worst


def document_report(
    kind: str,
    stream: BinaryIO,
    digest_of: DigestOf,
    findings: Sequence[Finding],
    signatures: tuple[SignatureReport, ...],
    evidence: Evidence,
    context: Context,
) -> DocumentReport:
    """Put a document's report together. ``stream``: the file, of which size and SHA-256 are told."""
    return DocumentReport(
        checks=tuple(findings),
        kind=kind,
        sha256=digest_of("sha256").hex(),
        size=stream.seek(0, 2),
        at=context.at,
        signatures=signatures,
        legal=legal_value(signatures, worst(finding.verdict for finding in findings)),
        evidence=_used(signatures, evidence, context),
    )


def _used(signatures: Sequence[SignatureReport], evidence: Evidence, context: Context) -> tuple[Used, ...]:
    """Digests of everything that had a say, so that the verification can be repeated and compared."""
    certificates: dict[x509.Certificate, None] = {}
    for report in signatures:
        for item in (report, *report.stamps):
            certificates.update(dict.fromkeys(item.path))
            if item.certificate is not None:
                certificates[item.certificate] = None
    certificates.update(dict.fromkeys(evidence.certificates))
    own = context.stores.revocation
    data = RevocationData((*evidence.revocation.crls, *own.crls), (*evidence.revocation.ocsp, *own.ocsp))
    found = [
        Used("certificate", _digest(item.public_bytes(Encoding.DER)), one_line(item.subject.rfc4514_string(), 160))
        for item in certificates
    ]
    found += [
        Used("crl", _digest(crl.public_bytes(Encoding.DER)), one_line(crl.issuer.rfc4514_string(), 160))
        for crl in data.crls
    ]
    found += [Used("ocsp", _digest(answer.public_bytes(Encoding.DER))) for answer in data.ocsp]
    return tuple(dict.fromkeys(found))


def _digest(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()
