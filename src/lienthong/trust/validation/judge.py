"""The judgement of one signature, whatever its format: time, certificate, revocation, algorithms, role.

Source: ETSI EN 319 102-1 clauses 5.2.6 to 5.2.8 (basic building blocks), 5.5 (signatures with time) and 5.6
(long-term): the certificate is judged for the *best signature time*, the earliest instant at which a trusted time stamp
saw the signature, and for the time of the verification when there is none. The signer's own word proves nothing about
time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.base.clock import to_text
from lienthong.trust.certificates import SIGNING, TIMESTAMPING, CertificateReport, verify_certificate
from lienthong.trust.revocation import RevocationData, revoked_at
from lienthong.trust.timestamp import TimestampReport, verify_token
from lienthong.trust.validation.indications import SubIndication as Sub
from lienthong.trust.validation.model import (
    Change,
    Finding,
    SignatureKind,
    SignatureReport,
    bad,
    good,
)
from lienthong.trust.validation.policy import DOCUMENT_POLICY, ValidationPolicy
from lienthong.trust.validation.roles import read_signer
from lienthong.trust.validation.stores import TrustStores
from lienthong.trust.verdict import Check, Verdict

DigestOf = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Context:
    """What a verification is made with. ``at``: the time of the verification, given, never read from a clock."""

    stores: TrustStores
    at: datetime
    policy: ValidationPolicy = DOCUMENT_POLICY


@dataclass(frozen=True, slots=True)
class Evidence:
    """What documents carry and verifiers have beside them; nothing of it is trusted by itself."""

    certificates: tuple[x509.Certificate, ...] = ()
    revocation: RevocationData = field(default=RevocationData())

    def with_more(self, certificates: Sequence[x509.Certificate], revocation: RevocationData) -> Evidence:
        """This and more."""
        return Evidence(
            tuple(dict.fromkeys((*self.certificates, *certificates))),
            RevocationData((*self.revocation.crls, *revocation.crls), (*self.revocation.ocsp, *revocation.ocsp)),
        )


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time stamp token and the digests of what it should be over."""

    token: bytes
    digest_of: DigestOf


@dataclass(frozen=True, slots=True)
class Claim:
    """A signature as a format read it: its own findings about integrity, and what the judgement needs.

    ``proven_at``: the instant at which an archive time stamp, itself trusted, saw this signature. ``signature_stamps``:
    over the signature value. ``content_stamps``: over the content, made before it was signed.
    """

    label: str
    form: str
    findings: tuple[Finding, ...]
    certificate: x509.Certificate | None
    digest_name: str
    algorithm: str
    position: int = 0
    claimed_at: datetime | None = None
    proven_at: datetime | None = None
    signature_stamps: tuple[Stamp, ...] = ()
    content_stamps: tuple[Stamp, ...] = ()
    covers_all: bool = False
    changes: tuple[Change, ...] = ()
    advanced: bool = False
    carries_evidence: bool = False
    archived: bool = False
    reason: str = ""


def judge(claim: Claim, evidence: Evidence, context: Context) -> SignatureReport:
    """The report on one signature."""
    control = claim.proven_at or context.at
    stamps = [judge_stamp(item, evidence, context, control, "signature") for item in claim.signature_stamps]
    early = [judge_stamp(item, evidence, context, control, "content") for item in claim.content_stamps]
    proven = _proven([claim.proven_at, *(item.proven_at for item in stamps if item.verdict is Verdict.PASSED)])
    not_before = max(
        (item.proven_at for item in early if item.verdict is Verdict.PASSED and item.proven_at), default=None
    )
    best = proven or context.at
    findings: list[Finding] = list(claim.findings)
    findings += _stamps(stamps, early, proven, not_before, claim)
    findings.append(_digest(claim.digest_name, best, context.policy, proven))
    path: CertificateReport | None = None
    if claim.certificate is None:
        findings.append(_no_certificate())
    else:
        path = _path(claim.certificate, evidence, context, best)
        findings += certificate_findings(path, best, evidence, context, proven, not_before or claim.claimed_at)
    return SignatureReport(
        checks=tuple(findings),
        label=claim.label,
        form=claim.form,
        level=_level(claim, stamps),
        position=claim.position,
        signer=None if claim.certificate is None else read_signer(claim.certificate, context.policy),
        certificate=claim.certificate,
        path=path.path if path else (),
        store=context.stores.name_of(path.path[-1]) if path and path.path else "",
        algorithm=claim.algorithm,
        digest_name=claim.digest_name,
        claimed_at=claim.claimed_at,
        proven_at=proven,
        judged_at=best,
        covers_all=claim.covers_all,
        changes=claim.changes,
        stamps=(*stamps, *early),
        reason=claim.reason,
    )


def _proven(instants: Sequence[datetime | None]) -> datetime | None:
    return min((item for item in instants if item is not None), default=None)


def _level(claim: Claim, stamps: Sequence[SignatureReport]) -> str:
    """The AdES level that is really there: what does not verify does not count."""
    if not claim.advanced:
        return ""
    if claim.proven_at is None and not any(item.verdict is Verdict.PASSED for item in stamps):
        return "B-B"
    if not claim.carries_evidence:
        return "B-T"
    return "B-LTA" if claim.archived else "B-LT"


def judge_stamp(stamp: Stamp, evidence: Evidence, context: Context, control: datetime, what: str) -> SignatureReport:
    """The report on a time stamp, its authority judged for ``control``: now, or when a later stamp saw it."""
    store = context.stores.at(TIMESTAMPING, control, evidence.certificates)
    revocation = _with_own(evidence.revocation, context)
    report = verify_token(
        stamp.token,
        stamp.digest_of,
        store,
        control,
        revocation=revocation,
        require_revocation=context.policy.require_timestamp_revocation,
        weak_binding=context.policy.weak_timestamp_binding,
        policy=context.policy.keys,
    )
    info = report.info
    findings = [_stamp_finding(check, context.at) for check in report.checks]
    if info is not None and info.time > control:
        vi = f"Dấu thời gian {to_text(info.time)} muộn hơn thời điểm đã có bằng chứng {to_text(control)}."
        en = f"The time stamp of {to_text(info.time)} is later than {to_text(control)}, when it was seen."
        findings.append(bad("timestamp.order", Sub.TIMESTAMP_ORDER_FAILURE, vi, en))
    certificate = info.certificate if info else None
    return SignatureReport(
        checks=tuple(findings),
        label=what,
        kind=SignatureKind.TIMESTAMP,
        form="RFC 3161",
        signer=None if certificate is None else read_signer(certificate, context.policy),
        certificate=certificate,
        path=_stamp_path(report, certificate),
        digest_name=info.imprint_algorithm if info else "",
        proven_at=info.time if info else None,
        judged_at=control,
    )


def _stamp_path(report: TimestampReport, certificate: x509.Certificate | None) -> tuple[x509.Certificate, ...]:
    return (certificate,) if certificate is not None else ()


_STAMP_SUBS = {
    "timestamp.readable": Sub.FORMAT_FAILURE,
    "timestamp.imprint": Sub.HASH_FAILURE,
    "timestamp.signature": Sub.SIG_CRYPTO_FAILURE,
    "certificate.path": Sub.NO_CERTIFICATE_CHAIN_FOUND,
    "certificate.signatures": Sub.CRYPTO_CONSTRAINTS_FAILURE_NO_POE,
    "certificate.keys": Sub.CRYPTO_CONSTRAINTS_FAILURE_NO_POE,
    "certificate.validity": Sub.NO_POE,
    "certificate.revocation": Sub.REVOKED_NO_POE,
}


def _stamp_finding(check: Check, at: datetime) -> Finding:
    """A check of a token under the standard's name of its trouble."""
    name = check.name if check.name.startswith("timestamp.") else check.name.replace("certificate.", "timestamp.")
    if check.verdict is Verdict.PASSED:
        return Finding(name, check.verdict, check.vi, check.en)
    sub = _STAMP_SUBS.get(check.name, Sub.CHAIN_CONSTRAINTS_FAILURE)
    if check.verdict is Verdict.INDETERMINATE and sub.verdict is Verdict.FAILED:
        sub = Sub.CRYPTO_CONSTRAINTS_FAILURE_NO_POE
    if check.name == "certificate.revocation" and check.verdict is Verdict.INDETERMINATE:
        sub = Sub.TRY_LATER
    return bad(name, sub, check.vi, check.en)


def _stamps(
    stamps: Sequence[SignatureReport],
    early: Sequence[SignatureReport],
    proven: datetime | None,
    not_before: datetime | None,
    claim: Claim,
) -> list[Finding]:
    """The findings about time stamps that bear on the signature itself."""
    findings = []
    for item in (*stamps, *early):
        for check in item.troubles:
            sub = check.sub if isinstance(check, Finding) and check.sub else Sub.GENERIC
            # A token that is wrong proves nothing; the signature's own bytes are not thereby proven wrong.
            sub = sub if sub.verdict is Verdict.INDETERMINATE else Sub.NO_POE
            findings.append(bad("signature.timestamp", sub, f"Dấu thời gian: {check.vi}", f"Time stamp: {check.en}"))
    if proven and not_before and not_before > proven:
        vi = "Dấu thời gian của nội dung muộn hơn dấu thời gian của chữ ký."
        en = "The time stamp of the content is later than that of the signature."
        findings.append(bad("signature.order", Sub.TIMESTAMP_ORDER_FAILURE, vi, en))
    if proven:
        vi = f"Chữ ký đã có từ {to_text(proven)}, theo dấu thời gian tin cậy."
        findings.append(
            good("signature.time", vi, f"The signature existed at {to_text(proven)}, as a trusted time stamp says.")
        )
    elif claim.claimed_at:
        vi = f"Thời điểm ký {to_text(claim.claimed_at)} do người ký tự khai, không có dấu thời gian tin cậy."
        en = f"The signing time {to_text(claim.claimed_at)} is the signer's own word; no trusted time stamp proves it."
        findings.append(good("signature.time", vi, en))
    return findings


def _digest(name: str, best: datetime, policy: ValidationPolicy, proven: datetime | None) -> Finding:
    if policy.allows_digest(name, best):
        vi = f"Thuật toán băm {name} được phép dùng."
        return good("signature.digest", vi, f"The digest {name} is allowed.")
    sub = Sub.CRYPTO_CONSTRAINTS_FAILURE if proven else Sub.CRYPTO_CONSTRAINTS_FAILURE_NO_POE
    vi = f"Thuật toán băm {name} yếu hoặc không được phép dùng tại {to_text(best)}."
    return bad("signature.digest", sub, vi, f"The digest {name} is weak or was not allowed at {to_text(best)}.")


def _no_certificate() -> Finding:
    vi = "Không tìm thấy chứng thư số mà chữ ký chỉ đến."
    en = "The certificate that the signature names was not found."
    return bad("certificate.found", Sub.NO_SIGNING_CERTIFICATE_FOUND, vi, en)


def _with_own(revocation: RevocationData, context: Context) -> RevocationData:
    own = context.stores.revocation
    if not own.crls and not own.ocsp:
        return revocation
    return RevocationData((*revocation.crls, *own.crls), (*revocation.ocsp, *own.ocsp))


def _path(certificate: x509.Certificate, evidence: Evidence, context: Context, best: datetime) -> CertificateReport:
    return verify_certificate(
        certificate,
        context.stores.at(SIGNING, best, evidence.certificates),
        best,
        revocation=_with_own(evidence.revocation, context),
        require_revocation=context.policy.require_revocation,
        policy=context.policy.keys,
    )


def certificate_findings(
    report: CertificateReport,
    best: datetime,
    evidence: Evidence,
    context: Context,
    proven: datetime | None,
    not_before: datetime | None,
) -> list[Finding]:
    """The checks of a path under the standard's names.

    ``not_before``: the signature is not older than this, by a time stamp of its content or by the signer's own word.
    """
    findings, link = [], -1
    for check in report.checks:
        link += check.name.startswith("certificate.revocation")
        if check.verdict is Verdict.PASSED:
            findings.append(Finding(check.name, check.verdict, check.vi, check.en))
            continue
        if check.name == "certificate.revocation":
            sub = _revocation_sub(report, link, check, evidence, context, not_before)
        else:
            sub = _certificate_sub(check, report, best, proven, not_before)
        findings.append(bad(check.name, sub, check.vi, check.en))
    return findings


def _certificate_sub(
    check: Check, report: CertificateReport, best: datetime, proven: datetime | None, not_before: datetime | None
) -> Sub:
    if check.name == "certificate.path":
        return Sub.NO_CERTIFICATE_CHAIN_FOUND
    if check.name in {"certificate.signatures", "certificate.keys"}:
        return Sub.CRYPTO_CONSTRAINTS_FAILURE if proven else Sub.CRYPTO_CONSTRAINTS_FAILURE_NO_POE
    if check.name == "certificate.validity":
        leaf = report.path[0]
        if not_before is not None and not_before > leaf.not_valid_after_utc:
            return Sub.EXPIRED
        if best < leaf.not_valid_before_utc:
            return Sub.NOT_YET_VALID
        # A stamp says only that the signature is not younger; that it was made in time, nobody has proven then.
        return Sub.OUT_OF_BOUNDS_NO_POE
    return Sub.CHAIN_CONSTRAINTS_FAILURE


def _revocation_sub(
    report: CertificateReport,
    link: int,
    check: Check,
    evidence: Evidence,
    context: Context,
    not_before: datetime | None,
) -> Sub:
    if check.verdict is Verdict.INDETERMINATE:
        return Sub.TRY_LATER
    if link > 0:
        return Sub.REVOKED_CA_NO_POE
    when = revoked_at(report.path[0], report.path[1], _with_own(evidence.revocation, context))
    if when is not None and not_before is not None and not_before >= when:
        return Sub.REVOKED
    return Sub.REVOKED_NO_POE


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate's DER, in hex."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
