"""Signed XML made by xmlsec1 and signxml: the verdict is right, and signature wrapping never passes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from lxml import etree
from signxml import CanonicalizationMethod
from signxml.xades import XAdESSigner

from lienthong.trust.validation.xml_document import validate_xml
from lienthong.trust.verdict import Verdict
from lienthong.trust.xml_signature import DS
from signing_world import World, cert_pem, key_pem

DOCUMENT = '<Doc xmlns="urn:x" Id="doc"><Amount>1.000.000</Amount><Note>Công văn</Note></Doc>'
_TEMPLATE = """<?xml version="1.0" encoding="UTF-8"?>
<Doc xmlns="urn:x" Id="doc"><Amount>1.000.000</Amount><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>
<CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>
<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-{digest}"/>
<Reference URI="{uri}"><Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>
<Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></Transforms>
<DigestMethod Algorithm="{method}"/><DigestValue/></Reference></SignedInfo><SignatureValue/>
<KeyInfo><X509Data/></KeyInfo></Signature></Doc>"""
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"


@pytest.fixture(scope="module")
def world() -> World:
    return World.make()


def subs(report) -> set[str]:
    return {check.sub.value for check in report.troubles if getattr(check, "sub", None)}


def xmlsec(folder: Path, world: World, uri: str = "", digest: str = "sha256", method: str = _SHA256) -> bytes:
    (folder / "key.pem").write_bytes(key_pem(world.person.key))
    (folder / "cert.pem").write_bytes(cert_pem(world.person.certificate))
    (folder / "t.xml").write_text(_TEMPLATE.format(uri=uri, digest=digest, method=method))
    command = [
        "xmlsec1",
        "--sign",
        "--id-attr:Id",
        "Doc",
        "--privkey-pem",
        "key.pem,cert.pem",
        "--output",
        "s.xml",
        "t.xml",
    ]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return (folder / "s.xml").read_bytes()


def xades(world: World, **more: object) -> bytes:
    signer = XAdESSigner(c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0, **more)
    root = signer.sign(
        etree.fromstring(DOCUMENT),
        key=key_pem(world.person.key),
        cert=[world.person.certificate, world.issuing.certificate],
    )
    return etree.tostring(root)


@pytest.mark.parametrize("uri", ["", "#doc"])
def test_what_xmlsec_signs_passes_and_changed_content_fails(world: World, tmp_path: Path, uri: str) -> None:
    signed = xmlsec(tmp_path, world, uri)
    report = validate_xml(signed, world.context())
    assert report.verdict is Verdict.PASSED, [c.en for c in report.troubles]
    assert report.signatures[0].form == "XMLDSig"
    changed = signed.replace(b"1.000.000", b"9.000.000")
    assert subs(validate_xml(changed, world.context())) == {"HASH_FAILURE"}


def test_what_signxml_signs_as_xades_passes_and_binds_its_certificate(world: World) -> None:
    report = validate_xml(xades(world), world.context())
    assert report.verdict is Verdict.PASSED, [c.en for c in report.troubles]
    assert report.signatures[0].form == "XAdES"
    assert report.signatures[0].level == "B-B"
    assert report.signatures[0].claimed_at is not None


def test_changed_signed_properties_fail(world: World) -> None:
    signed = xades(world)
    at = signed.index(b"SigningTime>") + len("SigningTime>")
    changed = signed[:at] + b"1999" + signed[at + 4 :]
    assert validate_xml(changed, world.context()).verdict is Verdict.FAILED


@pytest.mark.parametrize(("digest", "method"), [("sha1", _SHA1), ("sha256", _SHA1)])
def test_sha1_never_passes(world: World, tmp_path: Path, digest: str, method: str) -> None:
    (tmp_path / "key.pem").write_bytes(key_pem(world.person.key))
    (tmp_path / "cert.pem").write_bytes(cert_pem(world.person.certificate))
    template = _TEMPLATE.format(uri="", digest=digest, method=method)
    template = template.replace("http://www.w3.org/2001/04/xmldsig-more#rsa-sha1", DS + "rsa-sha1")
    (tmp_path / "t.xml").write_text(template)
    command = ["xmlsec1", "--sign", "--privkey-pem", "key.pem,cert.pem", "--output", "s.xml", "t.xml"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    report = validate_xml((tmp_path / "s.xml").read_bytes(), world.context())
    assert report.verdict is Verdict.INDETERMINATE
    assert "CRYPTO_CONSTRAINTS_FAILURE_NO_POE" in subs(report)


def wrap_in_object(root: etree._Element) -> etree._Element:
    """The signed element moves into an object of the signature, another takes its place."""
    signature = root.find(f"{{{DS}}}Signature")
    root.remove(signature)
    holder = etree.SubElement(signature, f"{{{DS}}}Object")
    holder.append(root)
    evil = etree.fromstring(DOCUMENT.replace("1.000.000", "9.000.000").replace('Id="doc"', 'Id="evil"'))
    evil.append(signature)
    return evil


def wrap_as_sibling(root: etree._Element) -> etree._Element:
    """The signed element stands beside the signature; a program reads the other one."""
    signature = root.find(f"{{{DS}}}Signature")
    root.remove(signature)
    evil = etree.fromstring(DOCUMENT.replace("1.000.000", "9.000.000").replace('Id="doc"', 'Id="evil"'))
    evil.append(root)
    evil.append(signature)
    return evil


def wrap_around(root: etree._Element) -> etree._Element:
    """The signed document becomes a part of a bigger one."""
    evil = etree.fromstring('<Doc xmlns="urn:x"><Amount>9.000.000</Amount></Doc>')
    evil.append(root)
    return evil


def same_identifier_twice(root: etree._Element) -> etree._Element:
    evil = etree.fromstring('<Doc xmlns="urn:x"><Amount Id="doc">9.000.000</Amount></Doc>')
    evil.append(root)
    return evil


def comment_in_the_digest(root: etree._Element) -> etree._Element:
    value = next(root.iter(f"{{{DS}}}DigestValue"))
    value.text, rest = value.text[:4], value.text[4:]
    comment = etree.Comment("x")
    comment.tail = rest
    value.append(comment)
    return root


@pytest.mark.parametrize(
    "attack", [wrap_in_object, wrap_as_sibling, wrap_around, same_identifier_twice, comment_in_the_digest]
)
@pytest.mark.parametrize("uri", ["", "#doc"])
def test_signature_wrapping_never_passes(world: World, tmp_path: Path, attack, uri: str) -> None:
    root = etree.fromstring(xmlsec(tmp_path, world, uri))
    report = validate_xml(etree.tostring(attack(root)), world.context())
    assert report.verdict is not Verdict.PASSED


def test_another_certificate_of_another_key_in_key_info_fails(world: World, tmp_path: Path) -> None:
    signed = xmlsec(tmp_path, world)
    root = etree.fromstring(signed)
    other = "".join(cert_pem(world.agency.certificate).decode().splitlines()[1:-1])
    next(root.iter(f"{{{DS}}}X509Certificate")).text = other
    assert "SIG_CRYPTO_FAILURE" in subs(validate_xml(etree.tostring(root), world.context()))


def test_xml_with_a_document_type_or_without_signature_never_passes(world: World) -> None:
    with_type = b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    assert validate_xml(with_type, world.context()).verdict is Verdict.FAILED
    assert validate_xml(DOCUMENT.encode(), world.context()).verdict is Verdict.INDETERMINATE
    assert validate_xml(b"<x", world.context()).verdict is Verdict.FAILED
