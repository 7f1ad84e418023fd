"""Signatures inside XML: one strict profile, and a plain word for everything outside it.

Source: XML Signature 1.1 (W3C, 2013) clauses 3.2, 4.4, 6.6.4; RFC 9231 for algorithm names; exchange facts 1.2
"Header signature". The profile: exactly one ``ds:Signature``, a child of the packet's header or of the root; one
reference to the document or to an element around the signature; enveloped-signature and one canonical form as the only
transforms; SHA-256 or better. The key comes from the caller: a certificate in ``KeyInfo`` only helps to look it up.
Whoever goes on to use the content must read :attr:`XmlSignatureReport.signed`, the bytes that were digested, and not
the original text.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.trust.certificates import load_certificate
from lienthong.trust.errors import ALGORITHM_NOT_ALLOWED, XML_NOT_SIGNABLE
from lienthong.trust.keys import DEFAULT_POLICY, Algorithm, Policy, PublicKey, key_id
from lienthong.trust.signer import Signer, is_valid
from lienthong.trust.verdict import Check, Report, failed, indeterminate, passed

MAXIMUM_XML_BYTES = 16 * 1024 * 1024
EDXML = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = DS + "enveloped-signature"
_RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
METHODS = {
    _RSA_SHA256: Algorithm.RS256,
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256": Algorithm.ES256,
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384": Algorithm.ES384,
    "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1": Algorithm.PS256,
    "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1": Algorithm.PS512,
}
METHOD_OF = {algorithm: uri for uri, algorithm in METHODS.items()}
DIGESTS = {
    SHA256: "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
_Value = TypeVar("_Value")
IDENTIFIERS = ("Id", "ID", "id", "{http://www.w3.org/XML/1998/namespace}id")
_XML = "{http://www.w3.org/XML/1998/namespace}"
_HEADER_PATH = [f"{{{EDXML}}}{name}" for name in ("edXML", "edXMLEnvelope", "edXMLHeader")]

ResolveKey = Callable[[x509.Certificate | None], PublicKey | None]
"""From the certificate that the signature names, if any, to the key that the caller trusts for it."""


@dataclass(frozen=True, slots=True)
class XmlSignatureReport(Report):
    """``signed``: the canonical bytes that the signature covers, only when everything passed. ``covers``: name of the
    outermost element covered. ``certificate``: the one named, trusted or not.
    """

    signed: bytes | None = field(default=None)
    covers: str = field(default="")
    key_id: str = field(default="")
    certificate: x509.Certificate | None = field(default=None)


class Stopped(Exception):
    """Ends the verification with the check that decided it."""

    def __init__(self, check: Check) -> None:
        super().__init__(check.en)
        self.check = check


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a signature within the profile says of itself."""

    target: etree._Element | etree._ElementTree
    covers: str
    reference_form: tuple[str, tuple[str, ...]]
    signed_info: bytes
    algorithm: Algorithm
    digest_name: str
    digest: bytes
    signature: bytes
    certificate: x509.Certificate | None


def verify(
    xml: bytes,
    resolve_key: ResolveKey,
    at: datetime,
    *,
    policy: Policy = DEFAULT_POLICY,
    limit: int = MAXIMUM_XML_BYTES,
) -> XmlSignatureReport:
    """Judge the signature of a packet or of any XML document signed in the same way.

    FAILED: it is there and wrong, or placed to mislead. INDETERMINATE: none, only an imitation, weak, outside the
    profile, or by an unknown key. ``at``: instant for which ``policy`` is asked. ``limit``: largest document in bytes.
    """
    checks: list[Check] = []
    certificate = None
    try:
        root = parse_xml(xml, limit)
        signature = _find(root)
        checks.append(_good("place", "Có đúng một chữ ký, đặt đúng vị trí.", "There is one signature, in its place."))
        claim = _read(root, signature)
        certificate = claim.certificate
        key = _trusted_key(claim, resolve_key, policy, at)
        if not is_valid(key, claim.algorithm, claim.signature, claim.signed_info):
            raise _stop_bad("value", "Giá trị chữ ký không đúng với khóa ký.", "The signature value is wrong.")
        checks.append(_good("value", "Giá trị chữ ký đúng với khóa ký.", "The signature value is right."))
        detach(signature)
        content = canonical(claim.target, *claim.reference_form)
    except Stopped as stop:
        return XmlSignatureReport((*checks, stop.check), certificate=certificate)
    except etree.LxmlError:
        bad = _stop_bad("form", "Không đưa được XML về dạng chính tắc.", "The XML has no canonical form.")
        return XmlSignatureReport((*checks, bad.check), certificate=certificate)
    if not hmac.compare_digest(hashlib.new(claim.digest_name, content).digest(), claim.digest):
        bad = _stop_bad("content", "Nội dung đã bị thay đổi sau khi ký.", "The content changed after it was signed.")
        return XmlSignatureReport((*checks, bad.check), certificate=certificate)
    checks.append(_good("content", "Nội dung còn nguyên vẹn kể từ khi ký.", "The content is as it was signed."))
    return XmlSignatureReport(tuple(checks), content, claim.covers, key_id(key), certificate)


def sign(xml: bytes, signer: Signer, certificate: x509.Certificate | None = None) -> bytes:
    """Sign the whole document; in a packet the signature is the header's last child, elsewhere the root's.

    Exclusive canonical form, SHA-256, and RSA or ECDSA by the signer. Refuses: XML_NOT_SIGNABLE, ALGORITHM_NOT_ALLOWED.
    """
    method = METHOD_OF.get(signer.algorithm)
    if method is None:
        raise Refused(ALGORITHM_NOT_ALLOWED, algorithm=signer.algorithm.value)
    try:
        root = parse_xml(xml, MAXIMUM_XML_BYTES)
    except Stopped as stop:
        raise Refused(XML_NOT_SIGNABLE, reason=stop.check.en) from stop
    if root.find(f".//{{{DS}}}Signature") is not None or root.tag == f"{{{DS}}}Signature":
        raise Refused(XML_NOT_SIGNABLE, reason="it is signed already")
    tree = root.getroottree()
    digest = hashlib.sha256(canonical(tree, EXCLUSIVE, ())).digest()
    parent = _header(root)
    signature = _build(root if parent is None else parent, method, digest, certificate)
    signed_info = canonical(signature[0], EXCLUSIVE, ())
    signature[1].text = b64encode(signer.sign(signed_info)).decode("ascii")
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8")


def _build(parent: etree._Element, method: str, digest: bytes, certificate: x509.Certificate | None) -> etree._Element:
    """The signature element with an empty value, appended to ``parent``."""
    signature = etree.SubElement(parent, f"{{{DS}}}Signature", nsmap={"ds": DS})
    info = _append(signature, "SignedInfo")
    _append(signature, "SignatureValue")
    _append(info, "CanonicalizationMethod", EXCLUSIVE)
    _append(info, "SignatureMethod", method)
    reference = _append(info, "Reference")
    reference.set("URI", "")
    transforms = _append(reference, "Transforms")
    _append(transforms, "Transform", ENVELOPED)
    _append(transforms, "Transform", EXCLUSIVE)
    _append(reference, "DigestMethod", SHA256)
    _append(reference, "DigestValue").text = b64encode(digest).decode("ascii")
    if certificate is not None:
        data = _append(_append(signature, "KeyInfo"), "X509Data")
        text = b64encode(certificate.public_bytes(Encoding.DER)).decode("ascii")
        _append(data, "X509Certificate").text = text
    return signature


def _append(parent: etree._Element, name: str, algorithm: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{DS}}}{name}")
    if algorithm is not None:
        element.set("Algorithm", algorithm)
    return element


def parse_xml(xml: bytes, limit: int) -> etree._Element:
    """Parse without network, entities or a document type; the size is looked at first."""
    if len(xml) > limit:
        raise _stop_bad("readable", "Tệp XML quá lớn.", "The XML is too large.")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        collect_ids=False,
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _stop_bad("readable", "Không đọc được tệp XML.", "The XML is not well-formed.") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise _stop_bad("readable", "Tệp XML có DOCTYPE, không được phép.", "The XML has a DOCTYPE, which is refused.")
    return root


def _header(root: etree._Element) -> etree._Element | None:
    """The packet's header, when the document is a packet."""
    if root.tag != _HEADER_PATH[0]:
        return None
    return root.find("/".join(_HEADER_PATH[1:]))


def _find(root: etree._Element) -> etree._Element:
    """The one signature at one of its two places; identifiers are looked at too, because references lead by them."""
    signatures = list(root.iter(f"{{{DS}}}Signature"))
    if not signatures:
        raise Stopped(_absent(root))
    if len(signatures) > 1:
        raise _stop_bad("place", "Có nhiều hơn một chữ ký.", "There is more than one signature.")
    signature = signatures[0]
    parent = signature.getparent()
    if parent is None or (parent is not root and parent is not _header(root)):
        raise _stop_bad("place", "Chữ ký không nằm đúng vị trí.", "The signature is not in its place.")
    seen: set[str] = set()
    for element in root.iter(etree.Element):
        values = {value for name in IDENTIFIERS if (value := element.get(name)) is not None}
        if values & seen:
            raise _stop_bad("place", "Có hai phần tử trùng mã Id.", "Two elements have the same Id.")
        seen |= values
    return signature


def _absent(root: etree._Element) -> Check:
    for name in ("Signature", "DigitalSignature"):
        if root.find(f".//{{{EDXML}}}{name}") is not None:
            vi = "Phần tử chữ ký trong tiêu đề gói tin chỉ mang tính hình thức, không phải chữ ký số XML."
            return indeterminate(
                "xml_signature.place", vi, "The signature element is not a signature: it is a form only."
            )
    return indeterminate("xml_signature.place", "Tệp XML không có chữ ký số.", "The XML bears no signature.")


def _read(root: etree._Element, signature: etree._Element) -> _Claim:
    if any(not isinstance(node.tag, str) for node in signature.iter()):
        raise _stop_bad("form", "Có chú thích bên trong chữ ký.", "There is a comment inside the signature.")
    if sum(1 for _ in signature.iter(f"{{{DS}}}SignedInfo")) != 1:
        raise _stop_bad("form", "Chữ ký có nhiều phần SignedInfo.", "The signature has not exactly one SignedInfo.")
    info, value, *rest = _children(signature, "SignedInfo", "SignatureValue", optional="KeyInfo")
    form, method, reference = _children(info, "CanonicalizationMethod", "SignatureMethod", "Reference")
    transforms, digest_method, digest_value = _children(reference, "Transforms", "DigestMethod", "DigestValue")
    target, covers = _target(root, signature, reference.get("URI"))
    digest_name = _known(digest_method, DIGESTS)
    return _Claim(
        target=target,
        covers=covers,
        reference_form=_reference_form(transforms),
        signed_info=canonical(info, *canonical_form(form)),
        algorithm=_known(method, METHODS),
        digest_name=digest_name,
        digest=base64_of(digest_value),
        signature=base64_of(value),
        certificate=_named_certificate(rest[0]) if rest else None,
    )


def _children(parent: etree._Element, *names: str, optional: str | None = None) -> list[etree._Element]:
    """Exactly these children in this order; anything else is outside the profile."""
    children = list(parent)
    found = [child.tag for child in children]
    wanted = [f"{{{DS}}}{name}" for name in names]
    if found != wanted and (optional is None or found != [*wanted, f"{{{DS}}}{optional}"]):
        raise _stop_outside(etree.QName(parent).localname)
    return children


def _target(
    root: etree._Element, signature: etree._Element, uri: str | None
) -> tuple[etree._Element | etree._ElementTree, str]:
    """What the reference leads to: the document, or one of the elements around the signature."""
    if uri == "":
        return root.getroottree(), etree.QName(root).localname
    if uri is None or not uri.startswith("#") or len(uri) < 2 or uri.startswith("#xpointer("):
        raise _stop_outside("Reference URI")
    for element in signature.iterancestors():
        if any(element.get(name) == uri[1:] for name in IDENTIFIERS):
            return element, etree.QName(element).localname
    raise _stop_bad(
        "reference",
        "Chữ ký không bao trùm phần nội dung chứa nó.",
        "The signature does not cover the content around it.",
    )


def _reference_form(transforms: etree._Element) -> tuple[str, tuple[str, ...]]:
    """Enveloped-signature first, then at most one canonical form; without one it is Canonical XML 1.0."""
    steps = list(transforms)
    if not 1 <= len(steps) <= 2 or any(step.tag != f"{{{DS}}}Transform" for step in steps):
        raise _stop_outside("Transforms")
    if steps[0].get("Algorithm") != ENVELOPED or len(steps[0]):
        raise _stop_outside("Transform")
    return canonical_form(steps[1]) if len(steps) == 2 else (INCLUSIVE, ())


def canonical_form(element: etree._Element) -> tuple[str, tuple[str, ...]]:
    """A canonical form and the prefixes that its exclusive variant is told to keep."""
    algorithm = element.get("Algorithm")
    if algorithm == INCLUSIVE and not len(element):
        return INCLUSIVE, ()
    if algorithm != EXCLUSIVE or len(element) > 1:
        raise _stop_outside(f"{etree.QName(element).localname} {one_line(algorithm or '', 80)}")
    if not len(element):
        return EXCLUSIVE, ()
    if element[0].tag != f"{{{EXCLUSIVE}}}InclusiveNamespaces" or len(element[0]):
        raise _stop_outside("InclusiveNamespaces")
    prefixes = tuple((element[0].get("PrefixList") or "").split())
    if "#default" in prefixes:
        # lxml drops this word in silence, which would digest other bytes than the signer did.
        raise _stop_outside("InclusiveNamespaces #default")
    return EXCLUSIVE, prefixes


def _known(element: etree._Element, table: dict[str, _Value]) -> _Value:
    uri = element.get("Algorithm") or ""
    if uri in table and not len(element):
        return table[uri]
    name = one_line(uri, 80)
    weak = uri.endswith(("sha1", "md5"))
    vi = f"Thuật toán {name} " + ("quá yếu, không còn giá trị chứng minh." if weak else "chưa được hỗ trợ.")
    en = f"The algorithm {name} is " + ("too weak to prove anything." if weak else "not supported.")
    raise Stopped(indeterminate("xml_signature.algorithm", vi, en))


def base64_of(element: etree._Element) -> bytes:
    if len(element):
        raise _stop_outside(etree.QName(element).localname)
    try:
        return binascii.a2b_base64("".join((element.text or "").split()), strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise _stop_outside(etree.QName(element).localname) from error


def _named_certificate(key_info: etree._Element) -> x509.Certificate | None:
    """The first certificate in KeyInfo, a hint for looking up the signer and nothing more."""
    element = key_info.find(f"{{{DS}}}X509Data/{{{DS}}}X509Certificate")
    if element is None:
        return None
    try:
        return load_certificate(base64_of(element))
    except Refused:
        return None


def _trusted_key(claim: _Claim, resolve_key: ResolveKey, policy: Policy, at: datetime) -> PublicKey:
    key = resolve_key(claim.certificate)
    if key is None:
        vi, en = "Không nhận ra khóa của người ký.", "The signer's key is not known."
        raise Stopped(indeterminate("xml_signature.signer", vi, en))
    if not policy.allows(claim.algorithm, key, at):
        vi = f"Thuật toán {claim.algorithm.value} không được phép dùng với khóa này."
        en = f"The algorithm {claim.algorithm.value} is not allowed with this key."
        raise Stopped(indeterminate("xml_signature.algorithm", vi, en))
    return key


def detach(signature: etree._Element) -> None:
    """Take the signature out of the tree and leave the text behind it."""
    parent, before, tail = signature.getparent(), signature.getprevious(), signature.tail
    assert parent is not None  # noqa: S101 - its place was checked
    if tail and before is not None:
        before.tail = (before.tail or "") + tail
    elif tail:
        parent.text = (parent.text or "") + tail
    parent.remove(signature)


def canonical(node: etree._Element | etree._ElementTree, form: str, prefixes: tuple[str, ...]) -> bytes:
    """Canonical bytes, without comments, in the name-space context of the document."""
    if form != EXCLUSIVE and isinstance(node, etree._Element) and node.getparent() is not None:
        node = _alone(node)
    return etree.tostring(
        node,
        method="c14n",
        exclusive=form == EXCLUSIVE,
        with_comments=False,
        with_tail=False,
        inclusive_ns_prefixes=list(prefixes) or None,
    )


def _alone(element: etree._Element) -> etree._ElementTree:
    """The element as a document with the name spaces and ``xml:`` attributes that it inherits.

    The library's inclusive form of a part of a document gets default name spaces wrong from the second level down.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(etree.tostring(element, with_tail=False), parser)
    for ancestor in element.iterancestors():
        for name, value in ancestor.attrib.items():
            if str(name).startswith(_XML) and root.get(name) is None:
                root.set(name, value)
    return root.getroottree()


def _good(name: str, vi: str, en: str) -> Check:
    return passed(f"xml_signature.{name}", vi, en)


def _stop_bad(name: str, vi: str, en: str) -> Stopped:
    return Stopped(failed(f"xml_signature.{name}", vi, en))


def _stop_outside(what: str) -> Stopped:
    vi = f"Chữ ký nằm ngoài dạng được hỗ trợ ({what}), không kiểm tra được."
    return Stopped(indeterminate("xml_signature.form", vi, f"The signature is outside the supported profile ({what})."))
