"""XML signatures with the properties of XAdES in three steps: prepare, sign anywhere, finish.

Source: ETSI EN 319 132-1 clauses 5 and 6 (baseline levels B, T, LT), XML Signature 1.1 (W3C, 2013) clauses 4 and 6.6.3.
The signature is enveloped; its reference leaves every signature of the document out, so that a person and then an
agency sign the same content and neither harms the other. The bytes between the steps are all there is.
"""

from __future__ import annotations

import copy
import hashlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from lienthong.base.errors import Refused
from lienthong.trust.certificates import load_certificate, public_key_of
from lienthong.trust.errors import ALGORITHM_NOT_ALLOWED, SIGNATURE_NOT_VALID, XML_NOT_SIGNABLE
from lienthong.trust.keys import Algorithm
from lienthong.trust.signer import is_valid
from lienthong.trust.xml_signature import (
    DS,
    ENVELOPED,
    EXCLUSIVE,
    IDENTIFIERS,
    MAXIMUM_XML_BYTES,
    METHOD_OF,
    SHA256,
    Stopped,
    canonical,
    detach,
    parse_xml,
)

XADES = "http://uri.etsi.org/01903/v1.3.2#"
SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
_FILTER = "not(ancestor-or-self::ds:Signature)"


@dataclass(frozen=True, slots=True)
class PreparedXades:
    """A signature before the key is asked. ``document``: with the signature in it, its value empty.

    ``to_sign``: the canonical SignedInfo. ``certificate``: the signer's, in DER. ``name``: Id of the signature.
    """

    document: bytes
    to_sign: bytes
    certificate: bytes
    algorithm: Algorithm
    name: str


def prepare(xml: bytes, certificate: x509.Certificate, algorithm: Algorithm, at: datetime) -> PreparedXades:
    """What is to be signed for a whole document. ``at``: aware, the claimed time.

    Refuses: XML_NOT_SIGNABLE (also when an earlier signature would no longer fit), ALGORITHM_NOT_ALLOWED.
    """
    if algorithm not in METHOD_OF:
        raise Refused(ALGORITHM_NOT_ALLOWED, algorithm=algorithm.value)
    try:
        root = parse_xml(xml, MAXIMUM_XML_BYTES)
    except Stopped as stop:
        raise Refused(XML_NOT_SIGNABLE, reason=stop.check.en) from stop
    _require_room(root)
    name = _free_name(root)
    digest = hashlib.sha256(canonical(_without_signatures(root), EXCLUSIVE, ())).digest()
    signature = etree.SubElement(root, f"{{{DS}}}Signature", nsmap={"ds": DS}, Id=name)
    info = _child(signature, "SignedInfo")
    _child(signature, "SignatureValue").set("Id", f"{name}-value")
    data = _child(_child(signature, "KeyInfo"), "X509Data")
    _child(data, "X509Certificate").text = _base64(certificate.public_bytes(Encoding.DER))
    properties = _properties(signature, name, certificate, at)
    _child(info, "CanonicalizationMethod", EXCLUSIVE)
    _child(info, "SignatureMethod", METHOD_OF[algorithm])
    _content_reference(info, name, digest)
    reference = _child(info, "Reference")
    reference.set("Type", SIGNED_PROPERTIES)
    reference.set("URI", f"#{properties.get('Id')}")
    _child(_child(reference, "Transforms"), "Transform", EXCLUSIVE)
    _digest(reference, hashlib.sha256(canonical(properties, EXCLUSIVE, ())).digest())
    to_sign = canonical(info, EXCLUSIVE, ())
    document = etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")
    return PreparedXades(document, to_sign, certificate.public_bytes(Encoding.DER), algorithm, name)


def timestamp_digest(prepared: PreparedXades, signature: bytes) -> bytes:
    """SHA-256 over the canonical SignatureValue: what a signature timestamp is about (clause 5.3)."""
    root = parse_xml(prepared.document, MAXIMUM_XML_BYTES * 2)
    return hashlib.sha256(canonical(_filled(root, prepared, signature), EXCLUSIVE, ())).digest()


def finish(
    prepared: PreparedXades,
    signature: bytes,
    certificates: Sequence[x509.Certificate] = (),
    *,
    token: bytes | None = None,
    crls: Sequence[bytes] = (),
    answers: Sequence[bytes] = (),
) -> bytes:
    """The signed document. ``signature``: as a signer gives it; ``token``: an RFC 3161 token for B-T.

    ``certificates``, ``crls``, ``answers`` (DER): for B-LT. Refuses: SIGNATURE_NOT_VALID when the signature is not this
    certificate's over what was prepared.
    """
    own = load_certificate(prepared.certificate)
    if not is_valid(public_key_of(own), prepared.algorithm, signature, prepared.to_sign):
        raise Refused(SIGNATURE_NOT_VALID)
    root = parse_xml(prepared.document, MAXIMUM_XML_BYTES * 2)
    value = _filled(root, prepared, signature)
    parent = value.getparent()
    assert parent is not None  # noqa: S101 - it was made inside a signature
    holder = parent.find(f"{{{DS}}}Object/{{{XADES}}}QualifyingProperties")
    if holder is not None and (token is not None or crls or answers or certificates):
        unsigned = _xades(_xades(holder, "UnsignedProperties"), "UnsignedSignatureProperties")
        _add_unsigned(unsigned, token, certificates, crls, answers)
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")


def _require_room(root: etree._Element) -> None:
    """Another signature may stand beside this one only when its reference leaves all signatures out."""
    if root.tag == f"{{{DS}}}Signature":
        raise Refused(XML_NOT_SIGNABLE, reason="it is a signature and no document")
    for signature in root.iter(f"{{{DS}}}Signature"):
        whole = [each for each in signature.iter(f"{{{DS}}}Reference") if each.get("URI") == ""]
        if any(each.find(f".//{{{DS}}}XPath") is None for each in whole):
            raise Refused(XML_NOT_SIGNABLE, reason="an earlier signature covers everything added after it")


def _free_name(root: etree._Element) -> str:
    taken = {value for each in root.iter(etree.Element) for name in IDENTIFIERS if (value := each.get(name))}
    return next(name for index in range(1, 10_000) if (name := f"Signature-{index:02d}") not in taken)


def _without_signatures(root: etree._Element) -> etree._ElementTree:
    twin = copy.deepcopy(root.getroottree())
    for signature in list(twin.getroot().iter(f"{{{DS}}}Signature")):
        if signature.getparent() is not None:
            detach(signature)
    return twin


def _content_reference(info: etree._Element, name: str, digest: bytes) -> None:
    reference = _child(info, "Reference")
    reference.set("Id", f"{name}-content")
    reference.set("URI", "")
    transforms = _child(reference, "Transforms")
    # The first is for programs that know no filter: with one signature it means the same.
    _child(transforms, "Transform", ENVELOPED)
    _child(_child(transforms, "Transform", XPATH), "XPath").text = _FILTER
    _child(transforms, "Transform", EXCLUSIVE)
    _digest(reference, digest)


def _properties(signature: etree._Element, name: str, certificate: x509.Certificate, at: datetime) -> etree._Element:
    """The signed properties: time, certificate, format of the content."""
    holder = etree.SubElement(
        _child(signature, "Object"), f"{{{XADES}}}QualifyingProperties", nsmap={"xades": XADES}, Target=f"#{name}"
    )
    signed = _xades(holder, "SignedProperties")
    signed.set("Id", f"{name}-properties")
    own = _xades(signed, "SignedSignatureProperties")
    _xades(own, "SigningTime").text = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    digest = _xades(_xades(_xades(own, "SigningCertificateV2"), "Cert"), "CertDigest")
    _digest(digest, hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest())
    form = _xades(_xades(signed, "SignedDataObjectProperties"), "DataObjectFormat")
    form.set("ObjectReference", f"#{name}-content")
    _xades(form, "MimeType").text = "application/xml"
    return signed


def _add_unsigned(
    unsigned: etree._Element,
    token: bytes | None,
    certificates: Sequence[x509.Certificate],
    crls: Sequence[bytes],
    answers: Sequence[bytes],
) -> None:
    if token is not None:
        stamp = _xades(unsigned, "SignatureTimeStamp")
        _child(stamp, "CanonicalizationMethod", EXCLUSIVE)
        _xades(stamp, "EncapsulatedTimeStamp").text = _base64(token)
    if certificates:
        values = _xades(unsigned, "CertificateValues")
        for each in certificates:
            _xades(values, "EncapsulatedX509Certificate").text = _base64(each.public_bytes(Encoding.DER))
    if crls or answers:
        values = _xades(unsigned, "RevocationValues")
        for group, item, ders in (
            ("CRLValues", "EncapsulatedCRLValue", crls), ("OCSPValues", "EncapsulatedOCSPValue", answers),
        ):  # fmt: skip
            if ders:
                inner = _xades(values, group)
                for der in ders:
                    _xades(inner, item).text = _base64(der)


def _filled(root: etree._Element, prepared: PreparedXades, signature: bytes) -> etree._Element:
    """The SignatureValue of the prepared signature, filled."""
    for each in root.iter(f"{{{DS}}}SignatureValue"):
        if each.get("Id") == f"{prepared.name}-value":
            each.text = _base64(signature)
            return each
    raise ValueError("the prepared document holds another signature")


def _child(parent: etree._Element, name: str, algorithm: str | None = None) -> etree._Element:
    made = etree.SubElement(parent, f"{{{DS}}}{name}")
    if algorithm is not None:
        made.set("Algorithm", algorithm)
    return made


def _xades(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{XADES}}}{name}")


def _digest(parent: etree._Element, digest: bytes) -> None:
    _child(parent, "DigestMethod", SHA256)
    _child(parent, "DigestValue").text = _base64(digest)


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")
