"""CMS and CAdES signatures as claims to be judged: a PDF's, a file's with its content inside or beside it.

Source: RFC 5652 clause 5.6; ETSI EN 319 122-1 clause 5; ETSI EN 319 102-1 clause 5.2.7 (cryptographic verification).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import BinaryIO

from cryptography import x509
from cryptography.x509 import ocsp

from lienthong.base.errors import Refused
from lienthong.trust.certificates import public_key_of
from lienthong.trust.cms import HASHES, signature_is_valid
from lienthong.trust.cms_signers import CmsDocument, CmsSigner
from lienthong.trust.revocation import RevocationData, load_revocation
from lienthong.trust.validation.indications import SubIndication as Sub
from lienthong.trust.validation.judge import Claim, Context, DigestOf, Evidence, Stamp
from lienthong.trust.validation.model import Finding, bad, good

READABLE_DIGESTS = (*HASHES, "sha1", "md5", "sha224")
"""Digests that are computed, the weak ones only to tell a changed document from one that is merely weakly signed."""
_CHUNK = 256 * 1024


def digest_of_bytes(data: bytes) -> DigestOf:
    """Digests of bytes at hand."""

    def digest(name: str) -> bytes:
        return hashlib.new(name, data, usedforsecurity=False).digest()

    return digest


def digest_of_stream(stream: BinaryIO, ranges: Sequence[tuple[int, int]] | None = None) -> DigestOf:
    """Digests of a stream, or of its ``(offset, length)`` ranges, read in pieces; each algorithm once."""
    known: dict[str, bytes] = {}

    def digest(name: str) -> bytes:
        if name not in known:
            known[name] = _digest_stream(stream, ranges, name)
        return known[name]

    return digest


def _digest_stream(stream: BinaryIO, ranges: Sequence[tuple[int, int]] | None, name: str) -> bytes:
    running = hashlib.new(name, usedforsecurity=False)
    for offset, length in ranges if ranges is not None else ((0, None),):
        stream.seek(offset)
        left = length
        while left is None or left > 0:
            piece = stream.read(_CHUNK if left is None else min(_CHUNK, left))
            if not piece:
                break
            running.update(piece)
            left = None if left is None else left - len(piece)
    return running.digest()


def cms_findings(signer: CmsSigner, digest_of: DigestOf, *, advanced: bool, context: Context) -> list[Finding]:
    """Integrity of one signer's signature: attributes, content, value, binding of the certificate."""
    data = signer.data
    if not data.attributes_fit:
        vi = "Thuộc tính đã ký không nêu đúng loại nội dung."
        return [bad("signature.format", Sub.FORMAT_FAILURE, vi, "The signed attributes name another type of content.")]
    if data.digest_name not in READABLE_DIGESTS:
        vi = f"Không hỗ trợ thuật toán băm {data.digest_name}."
        return [bad("signature.content", Sub.CRYPTO_CONSTRAINTS_FAILURE, vi, f"Digest {data.digest_name} is unknown.")]
    findings = [content_finding(hmac.compare_digest(signer.message_digest, digest_of(data.digest_name)))]
    findings += value_findings(signer)
    findings += _binding(signer, advanced, context)
    return findings


def content_finding(fits: bool) -> Finding:
    """Whether the content is as it was signed."""
    if fits:
        vi = "Nội dung được ký còn nguyên vẹn."
        return good("signature.content", vi, "The signed content is as it was signed.")
    vi = "Nội dung đã bị thay đổi sau khi ký."
    return bad("signature.content", Sub.HASH_FAILURE, vi, "The content changed after it was signed.")


def value_findings(signer: CmsSigner) -> list[Finding]:
    """Whether the named certificate's key made the signature value. Weak digests are left to the policy."""
    data = signer.data
    if data.signer_certificate is None or data.digest_name not in HASHES:
        return []
    try:
        key = public_key_of(data.signer_certificate)
    except Refused as refusal:
        vi, en = refusal.sentence("vi"), refusal.sentence("en")
        return [bad("signature.value", Sub.CRYPTO_CONSTRAINTS_FAILURE_NO_POE, vi, en)]
    if signature_is_valid(data, key):
        vi = "Giá trị chữ ký đúng với khóa của người ký."
        return [good("signature.value", vi, "The signature value was made with the signer's key.")]
    vi = "Giá trị chữ ký không đúng với khóa của người ký."
    return [bad("signature.value", Sub.SIG_CRYPTO_FAILURE, vi, "The signature value is not of the signer's key.")]


def _binding(signer: CmsSigner, advanced: bool, context: Context) -> list[Finding]:
    if signer.data.signer_certificate is None:
        return []
    if signer.data.certificate_named:
        vi = "Chữ ký gắn với đúng chứng thư số của người ký."
        return [good("signature.certificate", vi, "The signature binds the signer's certificate.")]
    vi = "Chữ ký không gắn với chứng thư số của người ký bằng thuật toán băm đủ mạnh."
    en = "The signature does not bind the signer's certificate with a strong digest."
    if advanced or context.policy.require_binding:
        return [bad("signature.certificate", Sub.SIG_CONSTRAINTS_FAILURE, vi, en)]
    return [good("signature.certificate_unbound", vi, en)]


def cms_claim(
    signer: CmsSigner,
    digest_of: DigestOf,
    context: Context,
    *,
    label: str,
    form: str,
    advanced: bool,
    findings: Sequence[Finding] = (),
) -> Claim:
    """One signer as a claim; ``findings``: what the format has to say before."""
    value = digest_of_bytes(signer.data.signature)
    return Claim(
        label=label,
        form=form,
        findings=(*findings, *cms_findings(signer, digest_of, advanced=advanced, context=context)),
        certificate=signer.data.signer_certificate,
        digest_name=signer.data.digest_name,
        algorithm=_algorithm(signer),
        claimed_at=signer.claimed_at,
        signature_stamps=tuple(Stamp(token, value) for token in signer.signature_tokens),
        content_stamps=tuple(Stamp(token, digest_of) for token in signer.content_tokens),
        advanced=advanced and signer.data.certificate_named,
    )


def _algorithm(signer: CmsSigner) -> str:
    names = {"rsassa_pkcs1v15": "RSA PKCS#1 v1.5", "rsassa_pss": "RSASSA-PSS", "ecdsa": "ECDSA"}
    certificate = signer.data.signer_certificate
    bits = ""
    if certificate is not None:
        try:
            bits = f" {getattr(certificate.public_key(), 'key_size', '')}"
        except ValueError:
            bits = ""
    return f"{names.get(signer.data.scheme, signer.data.scheme)}{bits}".strip()


def carried_evidence(document: CmsDocument) -> tuple[Evidence, list[Finding]]:
    """The certificates and revocation data inside; damaged ones are left out and told."""
    return evidence_of(document.certificates, document.crls, document.ocsp)


def evidence_of(
    certificates: Sequence[x509.Certificate], crls: Sequence[bytes], answers: Sequence[bytes]
) -> tuple[Evidence, list[Finding]]:
    """Evidence from raw lists and answers; damaged ones are left out and told."""
    lists: list[x509.CertificateRevocationList] = []
    answered: list[ocsp.OCSPResponse] = []
    damaged = 0
    for crl in crls:
        try:
            lists += load_revocation(crls=[crl]).crls
        except Refused:
            damaged += 1
    for answer in answers:
        try:
            answered += load_revocation(answers=[answer]).ocsp
        except Refused:
            damaged += 1
    notes = []
    if damaged:
        vi = f"Bỏ qua {damaged} danh sách hoặc câu trả lời thu hồi bị hỏng trong tệp."
        notes.append(
            good("document.evidence_damaged", vi, f"{damaged} damaged revocation lists or answers were ignored.")
        )
    return Evidence(tuple(dict.fromkeys(certificates)), RevocationData(tuple(lists), tuple(answered))), notes
