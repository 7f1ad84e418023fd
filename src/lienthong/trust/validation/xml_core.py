"""XML signatures of others: several references, properties of XAdES, time stamps; wrapping is refused, not guessed at.

Source: XML Signature 1.1 (W3C, 2013) clauses 3.2, 4.4, 6.6; ETSI EN 319 132-1 clauses 4 and 5 (XAdES); ECMA-376 part 2
clause 13 (package signatures use the same core). Only named transforms are followed. A reference inside the document
may lead to the document, to an element around the signature or to something inside the signature: what stands elsewhere
could be swapped for what a program really reads.
"""

from __future__ import annotations

import copy
import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.trust.certificates import load_certificate, public_key_of
from lienthong.trust.signer import is_valid
from lienthong.trust.validation.indications import SubIndication as Sub
from lienthong.trust.validation.model import Finding, bad, good
from lienthong.trust.xml_signature import (
    DIGESTS,
    DS,
    ENVELOPED,
    IDENTIFIERS,
    INCLUSIVE,
    METHODS,
    Stopped,
    base64_of,
    canonical,
    canonical_form,
)

XADES = "http://uri.etsi.org/01903/v1.3.2#"
SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
_WITHOUT_SIGNATURES = "not(ancestor-or-self::{}:Signature)"
_WEAK_DIGESTS = {
    "http://www.w3.org/2000/09/xmldsig#sha1": "sha1",
    "http://www.w3.org/2001/04/xmldsig-more#md5": "md5",
}
MAXIMUM_REFERENCES = 512
Resolve = Callable[[etree._Element], bytes | None]
"""From a ds:Reference that leads out of the document to the bytes it means, or None when they are not there."""


@dataclass(slots=True)
class XmlSignature:
    """One ds:Signature as read and checked against the document; nothing of it is trusted yet."""

    element: etree._Element
    findings: list[Finding] = field(default_factory=list)
    certificate: x509.Certificate | None = None
    certificates: list[x509.Certificate] = field(default_factory=list)
    digest_name: str = ""
    algorithm: str = ""
    covered: list[etree._Element] = field(default_factory=list)
    claimed_at: datetime | None = None
    advanced: bool = False
    value: bytes = b""
    stamps: list[tuple[bytes, bytes]] = field(default_factory=list)
    crls: list[bytes] = field(default_factory=list)
    ocsp: list[bytes] = field(default_factory=list)


class Wrong(Exception):
    """Ends the reading of one signature with the finding that decided it."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.en)
        self.finding = finding


def outside(what: str) -> Wrong:
    """The signature uses what is not followed here."""
    vi = f"Chữ ký nằm ngoài dạng được hỗ trợ ({one_line(what, 80)}), không kiểm tra được."
    en = f"The signature is outside the supported profile ({one_line(what, 80)})."
    return Wrong(bad("signature.format", Sub.SIG_CONSTRAINTS_FAILURE, vi, en))


def misplaced(what: str) -> Wrong:
    """The signature is put together to mislead."""
    vi = f"Cấu trúc chữ ký có dấu hiệu đánh tráo ({one_line(what, 80)})."
    en = f"The signature is put together to mislead ({one_line(what, 80)})."
    return Wrong(bad("signature.format", Sub.FORMAT_FAILURE, vi, en))


def identifiers(root: etree._Element) -> dict[str, etree._Element]:
    """Elements by identifier. Raises :class:`Wrong` when one is given twice."""
    found: dict[str, etree._Element] = {}
    for element in root.iter(etree.Element):
        for value in {value for name in IDENTIFIERS if (value := element.get(name)) is not None}:
            if value in found:
                raise misplaced(f"Id {value} twice")
            found[value] = element
    return found


def read_signature(element: etree._Element, resolve: Resolve | None = None) -> XmlSignature:
    """Check one signature's value and references; ``resolve`` gives what references outside the document mean."""
    signature = XmlSignature(element)
    try:
        _read(signature, resolve)
    except Wrong as wrong:
        signature.findings.append(wrong.finding)
    except Stopped as stopped:
        weak = "algorithm" in stopped.check.name
        sub = Sub.CRYPTO_CONSTRAINTS_FAILURE_NO_POE if weak else Sub.SIG_CONSTRAINTS_FAILURE
        signature.findings.append(bad("signature.format", sub, stopped.check.vi, stopped.check.en))
    except (etree.LxmlError, ValueError) as error:
        vi, en = "Chữ ký XML bị hỏng.", f"The XML signature is damaged: {one_line(str(error), 100)}"
        signature.findings.append(bad("signature.format", Sub.FORMAT_FAILURE, vi, en))
    return signature


def _read(signature: XmlSignature, resolve: Resolve | None) -> None:
    element = signature.element
    if any(not isinstance(node.tag, str) for node in element.iter()):
        raise misplaced("comment or instruction inside")
    info, value = _only(element, "SignedInfo"), _only(element, "SignatureValue")
    if list(element)[:2] != [info, value] or sum(1 for _ in element.iter(f"{{{DS}}}SignedInfo")) != 1:
        raise misplaced("SignedInfo")
    signature.value = base64_of(value)
    _certificates(signature)
    _properties(signature)
    form = canonical_form(_only(info, "CanonicalizationMethod"))
    _value(signature, _only(info, "SignatureMethod").get("Algorithm") or "", canonical(info, *form))
    references = info.findall(f"{{{DS}}}Reference")
    if not 1 <= len(references) <= MAXIMUM_REFERENCES:
        raise outside("Reference")
    known = identifiers(element.getroottree().getroot())
    for reference in references:
        _reference(signature, reference, known, resolve)
    signed = {item.get("Type"): item for item in references}
    if signature.advanced and SIGNED_PROPERTIES not in signed:
        raise misplaced("SignedProperties are not signed")
    vi = "Nội dung được ký còn nguyên vẹn."
    if not any(item.name == "signature.content" for item in signature.findings):
        signature.findings.append(good("signature.content", vi, "The signed content is as it was signed."))


def _only(parent: etree._Element, name: str, space: str = DS) -> etree._Element:
    found = parent.findall(f"{{{space}}}{name}")
    if len(found) != 1:
        raise outside(name)
    return found[0]


def _certificates(signature: XmlSignature) -> None:
    for item in signature.element.findall(f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate")[:16]:
        try:
            signature.certificates.append(load_certificate(base64_of(item)))
        except Refused:
            raise outside("X509Certificate") from None
    values = f".//{{{XADES}}}UnsignedSignatureProperties/{{{XADES}}}CertificateValues"
    for item in signature.element.findall(f"{values}/{{{XADES}}}EncapsulatedX509Certificate")[:16]:
        try:
            signature.certificates.append(load_certificate(base64_of(item)))
        except Refused:
            raise outside("EncapsulatedX509Certificate") from None
    signature.certificate = signature.certificates[0] if signature.certificates else None


def _value(signature: XmlSignature, uri: str, signed: bytes) -> None:
    algorithm = METHODS.get(uri)
    if algorithm is None:
        name = one_line(uri, 80)
        vi, en = f"Thuật toán ký {name} yếu hoặc không được hỗ trợ.", f"The algorithm {name} is weak or not supported."
        raise Wrong(bad("signature.value", Sub.CRYPTO_CONSTRAINTS_FAILURE_NO_POE, vi, en))
    signature.algorithm = algorithm.value
    signature.digest_name = {"256": "sha256", "384": "sha384", "512": "sha512"}[algorithm.value[-3:]]
    if signature.certificate is None:
        return
    try:
        key = public_key_of(signature.certificate)
    except Refused as refusal:
        vi, en = refusal.sentence("vi"), refusal.sentence("en")
        raise Wrong(bad("signature.value", Sub.CRYPTO_CONSTRAINTS_FAILURE_NO_POE, vi, en)) from refusal
    if not is_valid(key, algorithm, signature.value, signed):
        vi = "Giá trị chữ ký không đúng với khóa của người ký."
        raise Wrong(
            bad("signature.value", Sub.SIG_CRYPTO_FAILURE, vi, "The signature value is not of the signer's key.")
        )
    vi = "Giá trị chữ ký đúng với khóa của người ký."
    signature.findings.append(good("signature.value", vi, "The signature value was made with the signer's key."))


def _reference(
    signature: XmlSignature, reference: etree._Element, known: dict[str, etree._Element], resolve: Resolve | None
) -> None:
    uri = reference.get("URI")
    outer = uri is None or (uri != "" and not uri.startswith("#"))
    if outer:
        content = None if resolve is None else resolve(reference)
        if content is None:
            vi, en = "Không có nội dung mà chữ ký chỉ đến.", "What the signature refers to is not at hand."
            raise Wrong(bad("signature.content", Sub.SIGNED_DATA_NOT_FOUND, vi, en))
    else:
        content = _inner(signature, reference, uri or "", known)
    check_digest(reference, content)


def check_digest(reference: etree._Element, content: bytes) -> None:
    """Raise :class:`Wrong` unless the reference's digest is that of the content, by an allowed algorithm."""
    uri = _only(reference, "DigestMethod").get("Algorithm") or ""
    name = DIGESTS.get(uri) or _WEAK_DIGESTS.get(uri)
    if name is None:
        raise outside(uri)
    wanted = base64_of(_only(reference, "DigestValue"))
    if not hmac.compare_digest(hashlib.new(name, content, usedforsecurity=False).digest(), wanted):
        vi = "Nội dung đã bị thay đổi sau khi ký."
        raise Wrong(bad("signature.content", Sub.HASH_FAILURE, vi, "The content changed after it was signed."))
    if uri in _WEAK_DIGESTS:
        vi, en = f"Thuật toán băm {name} quá yếu.", f"The digest {name} is too weak."
        raise Wrong(bad("signature.digest", Sub.CRYPTO_CONSTRAINTS_FAILURE_NO_POE, vi, en))


def transforms_of(reference: etree._Element) -> list[etree._Element]:
    """The transforms of a reference, in order."""
    holder = reference.find(f"{{{DS}}}Transforms")
    steps = [] if holder is None else list(holder)
    if len(steps) > 3 or any(step.tag != f"{{{DS}}}Transform" for step in steps):
        raise outside("Transforms")
    return steps


def _inner(signature: XmlSignature, reference: etree._Element, uri: str, known: dict[str, etree._Element]) -> bytes:
    element, root = signature.element, signature.element.getroottree().getroot()
    target = root if uri == "" else known.get(uri[1:])
    if target is None or uri.startswith("#xpointer("):
        raise outside(f"Reference {uri}")
    inside = element in target.iterancestors()
    if not (target is root or inside or target in element.iterancestors()):
        raise misplaced(f"Reference {uri} leads beside the signature")
    form: tuple[str, tuple[str, ...]] = (INCLUSIVE, ())
    drop = ""
    for step in transforms_of(reference):
        algorithm = step.get("Algorithm")
        if algorithm == ENVELOPED and not len(step) and not inside:
            drop = drop or "own"
        elif algorithm == XPATH and _is_without_signatures(step) and not inside:
            drop = "all"
        else:
            form = canonical_form(step)
    if not inside or target.tag == f"{{{DS}}}Object":
        signature.covered.append(target)
    if not drop:
        if target is root and not inside and element is not root:
            raise misplaced("the reference digests the signature itself")
        return canonical(target.getroottree() if uri == "" else target, *form)
    return canonical(_without(target, element, whole=uri == "", every=drop == "all"), *form)


def _is_without_signatures(step: etree._Element) -> bool:
    """Whether the filter is the usual one that leaves all signatures out."""
    if len(step) != 1 or step[0].tag != f"{{{DS}}}XPath":
        return False
    text = "".join((step[0].text or "").split())
    prefixes = [prefix for prefix, space in step[0].nsmap.items() if space == DS and prefix]
    return any(text == _WITHOUT_SIGNATURES.format(prefix) for prefix in prefixes)


def _without(
    target: etree._Element, signature: etree._Element, *, whole: bool, every: bool
) -> etree._Element | etree._ElementTree:
    """A copy of the document in which the signature, or every signature, is taken out; the text behind stays."""
    tree = target.getroottree()
    own, place = tree.getelementpath(signature), tree.getelementpath(target)
    twin = copy.deepcopy(tree)
    goal, twin_signature = twin.getroot().find(place), twin.getroot().find(own)
    if goal is None or twin_signature is None:
        raise outside("Reference")
    doomed = list(goal.iter(f"{{{DS}}}Signature")) if every else [twin_signature]
    for item in doomed:
        if item.getparent() is not None:
            _remove(item)
    return twin if whole else goal


def _remove(element: etree._Element) -> None:
    parent, before = element.getparent(), element.getprevious()
    assert parent is not None  # noqa: S101  # the caller looked
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _properties(signature: XmlSignature) -> None:
    """What XAdES says of the signer; only signed properties bind, and only those that this signature references."""
    element = signature.element
    holders = list(element.iter(f"{{{XADES}}}QualifyingProperties"))
    if not holders:
        return
    if len(holders) > 1 or holders[0].getparent() not in element.findall(f"{{{DS}}}Object"):
        raise misplaced("QualifyingProperties")
    signature.advanced = True
    signed = _only(holders[0], "SignedProperties", XADES)
    referenced = [
        item
        for item in element.findall(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")
        if item.get("Type") == SIGNED_PROPERTIES
    ]
    if len(referenced) != 1 or not signed.get("Id") or referenced[0].get("URI") != f"#{signed.get('Id')}":
        raise misplaced("SignedProperties")
    time = signed.findtext(f".//{{{XADES}}}SigningTime")
    if time:
        claimed = datetime.fromisoformat(time.strip())
        signature.claimed_at = claimed.astimezone(UTC) if claimed.tzinfo else claimed.replace(tzinfo=UTC)
    _bind(signature, signed)
    _unsigned(signature, holders[0])


def _bind(signature: XmlSignature, signed: etree._Element) -> None:
    """Choose the certificate that the signed properties name."""
    for name in ("SigningCertificateV2", "SigningCertificate"):
        place = f".//{{{XADES}}}{name}/{{{XADES}}}Cert/{{{XADES}}}CertDigest"
        for digest in signed.findall(place)[:1]:
            algorithm = DIGESTS.get(_only(digest, "DigestMethod").get("Algorithm") or "")
            wanted = base64_of(_only(digest, "DigestValue"))
            for certificate in signature.certificates:
                der = certificate.public_bytes(Encoding.DER)
                if algorithm and hashlib.new(algorithm, der).digest() == wanted:
                    signature.certificate = certificate
                    vi = "Chữ ký gắn với đúng chứng thư số của người ký."
                    en = "The signature binds the signer's certificate."
                    signature.findings.append(good("signature.certificate", vi, en))
                    return
    vi = "Chữ ký không gắn với chứng thư số kèm theo bằng thuật toán băm đủ mạnh."
    en = "The signature does not bind the certificate that comes with it with a strong digest."
    raise Wrong(bad("signature.certificate", Sub.NO_SIGNING_CERTIFICATE_FOUND, vi, en))


def _unsigned(signature: XmlSignature, holder: etree._Element) -> None:
    base = f"{{{XADES}}}UnsignedProperties/{{{XADES}}}UnsignedSignatureProperties/"
    value = signature.element.find(f"{{{DS}}}SignatureValue")
    for stamp in holder.findall(f"{base}{{{XADES}}}SignatureTimeStamp")[:8]:
        method = stamp.find(f"{{{DS}}}CanonicalizationMethod")
        form = (INCLUSIVE, ()) if method is None else canonical_form(method)
        token = stamp.find(f"{{{XADES}}}EncapsulatedTimeStamp")
        if token is not None and value is not None:
            signature.stamps.append((base64_of(token), canonical(value, *form)))
    values = f"{base}{{{XADES}}}RevocationValues/"
    crls = holder.findall(f"{values}{{{XADES}}}CRLValues/{{{XADES}}}EncapsulatedCRLValue")
    signature.crls += [base64_of(item) for item in crls[:64]]
    answers = holder.findall(f"{values}{{{XADES}}}OCSPValues/{{{XADES}}}EncapsulatedOCSPValue")
    signature.ocsp += [base64_of(item) for item in answers[:64]]


def signatures_in(root: etree._Element) -> Iterator[etree._Element]:
    """Every ds:Signature that is not inside another one."""
    for element in root.iter(f"{{{DS}}}Signature"):
        if not any(parent.tag == f"{{{DS}}}Signature" for parent in element.iterancestors()):
            yield element
