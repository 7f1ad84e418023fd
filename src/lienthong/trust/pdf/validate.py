"""The verdict on a signed PDF: every signature, every later change, time stamps from the newest to the oldest.

Source: ETSI EN 319 102-1 clause 5.6; ETSI EN 319 142-1 clause 5; ISO 32000-2 clause 12.8. The PDF library reads the
file and compares revisions; certificates, time and algorithms are judged by :mod:`lienthong.trust.validation`, as for
every other format.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import BinaryIO

from cryptography import x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.trust.certificates import load_certificate
from lienthong.trust.cms import NotSignedData
from lienthong.trust.cms_signers import MAXIMUM_EVIDENCE, CmsDocument, read_signers
from lienthong.trust.pdf.validate_changes import (
    Step,
    change_findings,
    lock_finding,
    overlap_findings,
    steps_after,
)
from lienthong.trust.pdf.validate_cover import text_findings
from lienthong.trust.pdf.validate_file import (
    DAMAGED,
    Embedded,
    NotReadable,
    active_finding,
    coverage_finding,
    embedded_signatures,
    end_finding,
    gap_finding,
    open_pdf,
)
from lienthong.trust.validation.cms_claims import carried_evidence, cms_claim, digest_of_stream, evidence_of
from lienthong.trust.validation.document import document_report
from lienthong.trust.validation.indications import SubIndication as Sub
from lienthong.trust.validation.judge import Context, Evidence, Stamp, judge, judge_stamp
from lienthong.trust.validation.model import (
    DocumentReport,
    Finding,
    Role,
    SignatureKind,
    SignatureReport,
    bad,
    good,
)
from lienthong.trust.validation.roles import role_of
from lienthong.trust.verdict import Verdict

_FORMS = {"/ETSI.CAdES.detached": ("PAdES", True), "/adbe.pkcs7.detached": ("PDF/CMS", False)}


def validate_pdf(stream: BinaryIO, context: Context) -> DocumentReport:
    """Judge every signature of a PDF. Never raises for a bad file: that is a verdict too."""
    whole = digest_of_stream(stream)
    try:
        reader, findings = open_pdf(stream)
        items = embedded_signatures(reader)
        return _judged(reader, stream, items, findings, context)
    except NotReadable as problem:
        return document_report("pdf", stream, whole, [problem.finding], (), Evidence(), context)
    except DAMAGED as error:
        vi = "Tệp PDF có phần bị hỏng nên không kiểm tra được hết."
        en = f"Parts of the PDF are damaged, so it could not be judged to the end: {one_line(str(error), 160)}"
        finding = bad("pdf.readable", Sub.FORMAT_FAILURE, vi, en)
        return document_report("pdf", stream, whole, [finding], (), Evidence(), context)


def _judged(
    reader: PdfFileReader, stream: BinaryIO, items: list[Embedded], findings: list[Finding], context: Context
) -> DocumentReport:
    whole = digest_of_stream(stream)
    sound = [item for item in items if item.signature is not None]
    evidence, notes = store_of(reader.root)
    findings += notes
    covered = {id(item): coverage_finding(item, reader.xrefs.total_revisions - 1) for item in sound}
    findings += _file_findings(reader, sound, any(whole_file for _, whole_file in covered.values()))
    contents = [_contents(item, evidence) for item in items]
    for held in contents:
        if isinstance(held, CmsDocument):
            more, _ = carried_evidence(held)
            evidence = evidence.with_more(more.certificates, more.revocation)
    steps = steps_after(reader, min(item.revision for item in sound), sound) if sound else []
    roles = [_role(held, context) for held in contents]
    overlaps = overlap_findings(reader, items, roles)
    overlaps.update(text_findings(stream, reader, items, roles, overlaps))
    reports: list[SignatureReport] = []
    control: datetime | None = None
    for position in reversed(range(len(items))):
        item, held = items[position], contents[position]
        if item.signature is None or not isinstance(held, CmsDocument):
            reports.append(_damaged(item, held, position))
            continue
        coverage, whole_file = covered[id(item)]
        own = [coverage, *change_findings(item, steps, sound), *overlaps.get(position, [])]
        if (lock := lock_finding(item)) is not None:
            own.append(lock)
        about = _About(stream, item, held, position, own, whole_file, _later(item, steps))
        if item.is_timestamp:
            report = _timestamp(about, evidence, context, control)
        else:
            report = _signature(about, evidence, context, control, reports)
        reports.append(report)
        if item.is_timestamp and report.verdict is Verdict.PASSED and report.proven_at is not None:
            control = report.proven_at
    return document_report("pdf", stream, whole, findings, tuple(reversed(reports)), evidence, context)


@dataclass(frozen=True, slots=True)
class _About:
    """One signature with all that was found about its place in the file. ``stream``: the file itself."""

    stream: BinaryIO
    item: Embedded
    held: CmsDocument
    position: int
    findings: list[Finding]
    whole_file: bool
    changes: tuple[Step, ...]


def _later(item: Embedded, steps: Sequence[Step]) -> tuple[Step, ...]:
    return tuple(step for step in steps if step.change.revision > item.revision)


def _file_findings(reader: PdfFileReader, sound: list[Embedded], whole_file: bool) -> list[Finding]:
    if not sound:
        return []
    findings = []
    if (active := active_finding(reader)) is not None:
        findings.append(active)
    if whole_file:
        findings.append(good("pdf.end", "Tệp kết thúc đúng chỗ.", "The file ends where it should."))
    else:
        findings.append(end_finding(reader))
    if (gap := gap_finding(reader, sound)) is not None:
        findings.append(gap)
    revisions = [item.revision for item in sound]
    if len(set(revisions)) != len(revisions):
        vi, en = "Hai chữ ký nằm trong cùng một phiên bản.", "Two signatures stand in one revision."
        findings.append(bad("pdf.order", Sub.FORMAT_FAILURE, vi, en))
    return findings


def _contents(item: Embedded, evidence: Evidence) -> CmsDocument | Finding:
    """The signature's CMS, or what is wrong with it."""
    if item.problem is not None:
        return item.problem
    wanted = {"/ETSI.RFC3161"} if item.is_timestamp else set(_FORMS)
    if item.sub_filter not in wanted:
        vi = f"Loại chữ ký PDF {one_line(item.sub_filter, 60)} không được hỗ trợ."
        en = f"Signatures of the kind {one_line(item.sub_filter, 60)} are not supported."
        return bad("signature.format", Sub.SIG_CONSTRAINTS_FAILURE, vi, en)
    try:
        held = read_signers(item.contents, evidence.certificates)
    except NotSignedData as error:
        vi, en = "Dữ liệu chữ ký trong tệp bị hỏng.", f"The signature's data is damaged: {error}."
        return bad("signature.format", Sub.FORMAT_FAILURE, vi, en)
    if len(held.signers) != 1 or (held.content is not None and not item.is_timestamp):
        vi = "Dữ liệu chữ ký không đúng dạng: phải có đúng một người ký và không kèm nội dung."
        en = "The signature's data must have one signer and hold no content."
        return bad("signature.format", Sub.FORMAT_FAILURE, vi, en)
    return held


def _role(held: CmsDocument | Finding, context: Context) -> Role:
    if isinstance(held, Finding):
        return Role.UNKNOWN
    certificate = held.signers[0].data.signer_certificate
    return Role.UNKNOWN if certificate is None else role_of(certificate, context.policy)


def _damaged(item: Embedded, held: CmsDocument | Finding, position: int) -> SignatureReport:
    checks = (held,) if isinstance(held, Finding) else ()
    kind = SignatureKind.TIMESTAMP if item.is_timestamp else SignatureKind.SIGNATURE
    return SignatureReport(checks=checks, label=item.name, kind=kind, form="PDF", position=position)


def _signature(
    about: _About,
    evidence: Evidence,
    context: Context,
    control: datetime | None,
    later: Sequence[SignatureReport],
) -> SignatureReport:
    item, signer = about.item, about.held.signers[0]
    form, advanced = _FORMS[item.sub_filter]
    claim = cms_claim(
        signer,
        digest_of_stream(about.stream, item.ranges),
        context,
        label=item.name,
        form=form,
        advanced=advanced,
        findings=about.findings,
    )
    archived = any(report.kind is SignatureKind.TIMESTAMP and report.verdict is Verdict.PASSED for report in later)
    claim = replace(
        claim,
        position=about.position,
        proven_at=control,
        claimed_at=claim.claimed_at or _date(item),
        covers_all=about.whole_file,
        changes=tuple(step.change for step in about.changes),
        carries_evidence=bool(evidence.revocation.crls or evidence.revocation.ocsp),
        archived=archived,
        reason=_text(item, "/Reason"),
    )
    return judge(claim, evidence, context)


def _timestamp(about: _About, evidence: Evidence, context: Context, control: datetime | None) -> SignatureReport:
    stamp = Stamp(about.item.contents, digest_of_stream(about.stream, about.item.ranges))
    report = judge_stamp(stamp, evidence, context, control or context.at, about.item.name)
    return replace(
        report,
        checks=(*about.findings, *report.checks),
        form="PAdES",
        position=about.position,
        covers_all=about.whole_file,
        changes=tuple(step.change for step in about.changes),
    )


def _date(item: Embedded) -> datetime | None:
    """The time in the signature dictionary, where the signer's attributes name none (PAdES)."""
    assert item.signature is not None  # noqa: S101  # damaged ones never come here
    try:
        # LibreOffice writes an apostrophe behind the Z of world time, where the format has none.
        written = str(item.signature.sig_object["/M"])
        found = generic.parse_pdf_date(written[:-1] if written.endswith("Z'") else written, strict=False)
    except DAMAGED:
        return None
    return found.astimezone(UTC) if isinstance(found, datetime) and found.tzinfo is not None else None


def _text(item: Embedded, name: str) -> str:
    assert item.signature is not None  # noqa: S101  # damaged ones never come here
    try:
        return one_line(str(item.signature.sig_object[name]), 300) if name in item.signature.sig_object else ""
    except DAMAGED:
        return ""


def store_of(root: generic.DictionaryObject) -> tuple[Evidence, list[Finding]]:
    """Certificates, lists and answers of the document security store, as the root of one revision has it.

    Damaged ones are left out and told.
    """
    try:
        if "/DSS" not in root:
            return Evidence(), []
        store = root["/DSS"]
        certificates: list[x509.Certificate] = []
        for data in _streams(store, "/Certs"):
            try:
                certificates.append(load_certificate(data))
            except Refused:
                continue
        return evidence_of(certificates, _streams(store, "/CRLs"), _streams(store, "/OCSPs"))
    except DAMAGED as error:
        vi = "Kho dữ liệu xác minh (DSS) trong tệp bị hỏng, không dùng được."
        en = f"The document security store is damaged and not used: {one_line(str(error), 120)}"
        return Evidence(), [bad("pdf.dss", Sub.FORMAT_FAILURE, vi, en)]


def _streams(store: generic.DictionaryObject, name: str) -> list[bytes]:
    if name not in store:
        return []
    return [bytes(item.get_object().data) for item in list(store[name])[:MAXIMUM_EVIDENCE]]
