"""The verdict on a signed XML document: packets of the axis and whatever others sign with XMLDSig or XAdES.

Source: as :mod:`lienthong.trust.validation.xml_core`; ETSI EN 319 102-1 clause 5.
"""

from __future__ import annotations

import io

from cryptography import x509
from lxml import etree

from lienthong.base.text import one_line
from lienthong.trust.validation.cms_claims import digest_of_bytes, evidence_of
from lienthong.trust.validation.document import document_report
from lienthong.trust.validation.indications import SubIndication as Sub
from lienthong.trust.validation.judge import Claim, Context, Evidence, Stamp, judge
from lienthong.trust.validation.model import DocumentReport, Finding, SignatureReport, bad, good
from lienthong.trust.validation.xml_core import Wrong, XmlSignature, identifiers, read_signature, signatures_in
from lienthong.trust.xml_signature import DS, MAXIMUM_XML_BYTES, Stopped, parse_xml

MAXIMUM_SIGNATURES = 32


def validate_xml(data: bytes, context: Context) -> DocumentReport:
    """Judge every signature of an XML document; a bad document is a verdict, never an exception."""
    stream, digest = io.BytesIO(data), digest_of_bytes(data)
    try:
        root = parse_xml(data, MAXIMUM_XML_BYTES)
        identifiers(root)
    except Stopped as stopped:
        finding = bad("xml.readable", Sub.FORMAT_FAILURE, stopped.check.vi, stopped.check.en)
        return document_report("xml", stream, digest, [finding], (), Evidence(), context)
    except Wrong as wrong:
        return document_report("xml", stream, digest, [wrong.finding], (), Evidence(), context)
    findings = [good("xml.readable", "Tệp XML đọc được đúng chuẩn.", "The XML is well-formed.")]
    elements = list(signatures_in(root))
    if len(elements) > MAXIMUM_SIGNATURES:
        findings.append(bad("xml.readable", Sub.FORMAT_FAILURE, "Quá nhiều chữ ký.", "There are too many signatures."))
        elements = []
    read = [read_signature(element) for element in elements]
    evidence = _evidence(read)
    reports = tuple(
        xml_report(item, position, evidence, context, [_coverage(item, root)]) for position, item in enumerate(read)
    )
    return document_report("xml", stream, digest, findings, reports, evidence, context)


def _evidence(read: list[XmlSignature]) -> Evidence:
    certificates: list[x509.Certificate] = [one for item in read for one in item.certificates]
    evidence, _ = evidence_of(
        certificates, [crl for item in read for crl in item.crls], [one for item in read for one in item.ocsp]
    )
    return evidence


def _coverage(item: XmlSignature, root: etree._Element) -> Finding:
    """A signature over a part proves nothing about the rest, which is what people see."""
    if root in item.covered or (root.tag == f"{{{DS}}}Signature" and item.covered):
        vi = "Chữ ký bao trùm toàn bộ tài liệu XML."
        return good("xml.coverage", vi, "The signature covers the whole XML document.")
    names = ", ".join(one_line(etree.QName(element).localname, 60) for element in item.covered) or "–"
    vi = f"Chữ ký chỉ bao trùm một phần tài liệu ({names})."
    return bad("xml.coverage", Sub.SIGNED_DATA_NOT_FOUND, vi, f"The signature covers only a part ({names}).")


def xml_report(
    item: XmlSignature, position: int, evidence: Evidence, context: Context, findings: list[Finding], form: str = ""
) -> SignatureReport:
    """The judgement of a signature that was read."""
    bound = any(finding.name == "signature.certificate" for finding in item.findings)
    extra = []
    if not item.advanced and item.certificate is not None and not bound:
        vi = "Chữ ký không gắn với chứng thư số của người ký."
        en = "The signature does not bind the signer's certificate."
        extra = [
            bad("signature.certificate", Sub.SIG_CONSTRAINTS_FAILURE, vi, en)
            if context.policy.require_binding
            else good("signature.certificate_unbound", vi, en)
        ]
    claim = Claim(
        label=item.element.get("Id") or f"Signature {position + 1}",
        form=form or ("XAdES" if item.advanced else "XMLDSig"),
        findings=(*item.findings, *findings, *extra),
        certificate=item.certificate,
        digest_name=item.digest_name or "?",
        algorithm=item.algorithm,
        # Signatures of one XML document or package stand side by side: none covers another.
        position=0,
        claimed_at=item.claimed_at,
        signature_stamps=tuple(Stamp(token, digest_of_bytes(value)) for token, value in item.stamps),
        covers_all=any(finding.name == "xml.coverage" and finding.sub is None for finding in findings),
        advanced=item.advanced,
        carries_evidence=bool(item.crls or item.ocsp),
    )
    return judge(claim, evidence, context)
