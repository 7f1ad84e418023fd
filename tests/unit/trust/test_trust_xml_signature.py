"""XML signatures: two other implementations as judges, and a family of wrapping attacks."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime

import pytest
import signxml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from lienthong.base.errors import Refused
from lienthong.trust import errors, local_pki, xml_signature
from lienthong.trust.certificates import TrustStore, verify_certificate
from lienthong.trust.keys import Algorithm
from lienthong.trust.local_pki import Period, distinguished_name
from lienthong.trust.signer import MemorySigner
from lienthong.trust.verdict import Verdict

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PERIOD = Period(datetime(2025, 1, 1, tzinfo=UTC), datetime(2035, 1, 1, tzinfo=UTC))
DS, EDXML = xml_signature.DS, xml_signature.EDXML
PASSED, INDETERMINATE, FAILED = Verdict.PASSED, Verdict.INDETERMINATE, Verdict.FAILED

RSA, P256 = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())
ROOT = local_pki.make_root(ec.generate_private_key(ec.SECP256R1()), distinguished_name("Gốc thử nghiệm"), PERIOD, 1)
CERTIFICATES = {
    key: local_pki.make_signer(ROOT, key.public_key(), distinguished_name("Cơ quan Mẫu"), PERIOD, number)
    for number, key in enumerate((RSA, P256), 2)
}

PACKET = f"""<?xml version="1.0" encoding="UTF-8"?>
<edXML xmlns="{EDXML}" xmlns:edXML="{EDXML}" xmlns:unused="urn:unused">
  <edXML:edXMLEnvelope>
    <edXML:edXMLHeader>
      <edXML:MessageHeader xml:lang="vi">
        <edXML:Subject>Về việc kiểm tra &amp; báo cáo &lt;quý I&gt;</edXML:Subject>
      </edXML:MessageHeader>
    </edXML:edXMLHeader>
    <edXML:edXMLBody/>
  </edXML:edXMLEnvelope>
</edXML>
""".encode()
PLAIN = '<?pi one?><doc a="2" Id="top">văn <b>bản</b>\r\n</doc><!-- end -->'.encode()
SIGNED = xml_signature.sign(PACKET, MemorySigner(P256), CERTIFICATES[P256])


def verify(xml, key=P256, **more):
    return xml_signature.verify(xml, lambda _: key.public_key() if key else None, NOW, **more)


def xmlsec1(tmp_path, *arguments, xml):
    """Debian's xmlsec1, with the header's identifiers made known to it."""
    (tmp_path / "in.xml").write_bytes(xml)
    command = ["/usr/bin/xmlsec1", *arguments, "in.xml"]
    return subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True, timeout=20)


def pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


SIGNERS = [MemorySigner(P256), MemorySigner(RSA)]


@pytest.mark.parametrize("document", [PACKET, PLAIN], ids=["packet", "plain"])
@pytest.mark.parametrize("signer", SIGNERS, ids=lambda signer: signer.algorithm.value)
def test_what_we_sign_verifies_here_and_with_xmlsec1(tmp_path, document, signer):
    key = P256 if signer.algorithm is Algorithm.ES256 else RSA
    signed = xml_signature.sign(document, signer, CERTIFICATES[key])
    report = verify(signed, key)
    assert report.verdict is PASSED
    assert report.key_id == signer.key_id
    assert report.certificate == CERTIFICATES[key]
    (tmp_path / "key.pem").write_bytes(pem(key))
    result = xmlsec1(tmp_path, "--verify", "--pubkey-pem", "key.pem", xml=signed)
    assert result.returncode == 0, result.stderr
    changed = signed.replace("kiểm tra".encode(), "kiểm kê".encode()).replace("văn".encode(), "vân".encode())
    assert verify(changed, key).verdict is FAILED
    assert xmlsec1(tmp_path, "--verify", "--pubkey-pem", "key.pem", xml=changed).returncode != 0


def test_what_we_sign_verifies_with_signxml():
    for key, algorithm in ((P256, None), (RSA, None), (RSA, Algorithm.PS256)):
        signed = xml_signature.sign(PACKET, MemorySigner(key, algorithm), CERTIFICATES[key])
        result = signxml.XMLVerifier().verify(
            signed,
            x509_cert=CERTIFICATES[key],
            expect_config=signxml.SignatureConfiguration(location=".//"),
        )
        assert result.signed_data == verify(signed, key).signed


@pytest.mark.parametrize("form", [signxml.CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0, None])
def test_what_signxml_signs_verifies_here(form):
    more = {"c14n_algorithm": form} if form else {"c14n_algorithm": "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"}
    signer = signxml.XMLSigner(method=signxml.methods.enveloped, **more)
    pkcs8 = RSA.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signed = signer.sign(etree.fromstring(PACKET), key=pkcs8, cert=[CERTIFICATES[RSA]])
    report = verify(etree.tostring(signed), RSA)
    assert report.verdict is PASSED, report.troubles


TEMPLATE = """<ds:Signature xmlns:ds="{ds}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{form}"/>
<ds:SignatureMethod Algorithm="{method}"/><ds:Reference URI="{uri}"><ds:Transforms>
<ds:Transform Algorithm="{ds}enveloped-signature"/>{transform}</ds:Transforms>
<ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/>
<ds:KeyInfo><ds:KeyName>k</ds:KeyName></ds:KeyInfo></ds:Signature>"""
EXCLUSIVE, INCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
RSA_SHA256, SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256"
PREFIXES = f'<ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE}" PrefixList="unused"/>'


def signed_by_xmlsec1(tmp_path, *, uri="", form=EXCLUSIVE, transform=None, method=RSA_SHA256, digest=SHA256):
    if transform is None:
        transform = f'<ds:Transform Algorithm="{form}"/>'
    signature = TEMPLATE.format(ds=DS, form=form, method=method, uri=uri, transform=transform, digest=digest)
    template = PACKET.decode().replace("</edXML:MessageHeader>", "</edXML:MessageHeader>" + signature + "tail")
    template = template.replace("<edXML:edXMLHeader>", '<edXML:edXMLHeader Id="h1" xmlns:late="urn:late">')
    (tmp_path / "key.pem").write_bytes(
        RSA.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    known = ["--id-attr:Id", f"{EDXML}:edXMLHeader"]
    result = xmlsec1(tmp_path, "--sign", *known, "--privkey-pem", "key.pem", xml=template.encode())
    assert result.returncode == 0, result.stderr
    return result.stdout.encode()


@pytest.mark.parametrize(
    "variant",
    [
        {},
        {"form": INCLUSIVE},
        {"uri": "#h1"},
        {"uri": "#h1", "form": INCLUSIVE},
        {"transform": ""},
        {"uri": "#h1", "transform": ""},
        {"uri": "#h1", "transform": f'<ds:Transform Algorithm="{EXCLUSIVE}">{PREFIXES}</ds:Transform>'},
        {"digest": "http://www.w3.org/2001/04/xmlenc#sha512"},
    ],
    ids=str,
)
def test_every_canonical_form_that_xmlsec1_makes_verifies_here(tmp_path, variant):
    signed = signed_by_xmlsec1(tmp_path, **variant)
    report = verify(signed, RSA)
    assert report.verdict is PASSED, report.troubles
    assert report.covers == ("edXMLHeader" if variant.get("uri") else "edXML")
    assert "kiểm tra".encode() in report.signed
    assert b"tail" in report.signed
    assert verify(signed.replace(b"tail", b"tall"), RSA).verdict is FAILED


@pytest.mark.parametrize(
    "variant",
    [
        {"method": "http://www.w3.org/2000/09/xmldsig#rsa-sha1", "digest": "http://www.w3.org/2000/09/xmldsig#sha1"},
        {"digest": "http://www.w3.org/2000/09/xmldsig#sha1"},
        {"method": "http://www.w3.org/2000/09/xmldsig#rsa-sha1"},
    ],
    ids=str,
)
def test_a_genuine_sha1_signature_is_weak_and_proves_nothing(tmp_path, variant):
    report = verify(signed_by_xmlsec1(tmp_path, **variant), RSA)
    assert report.verdict is INDETERMINATE
    assert "weak" in report.troubles[0].en
    assert report.signed is None


def test_a_default_prefix_list_is_outside_the_profile(tmp_path):
    prefixes = PREFIXES.replace("unused", "#default")
    transform = f'<ds:Transform Algorithm="{EXCLUSIVE}">{prefixes}</ds:Transform>'
    report = verify(signed_by_xmlsec1(tmp_path, uri="#h1", transform=transform), RSA)
    assert report.verdict is INDETERMINATE


def test_an_imitation_in_the_packets_own_name_space_is_not_a_signature():
    fake = b"<Signature><SignedInfo/><SignatureValue>dummy</SignatureValue></Signature>"
    for imitation in (fake, b"<edXML:DigitalSignature/>"):
        report = verify(PACKET.replace(b"</edXML:MessageHeader>", b"</edXML:MessageHeader>" + imitation))
        assert report.verdict is INDETERMINATE
        assert "not a signature" in report.troubles[0].en
    assert verify(PACKET).verdict is INDETERMINATE


def test_the_key_comes_from_the_caller_and_never_from_the_message():
    stranger = ec.generate_private_key(ec.SECP256R1())
    signed = xml_signature.sign(PACKET, MemorySigner(stranger), CERTIFICATES[P256])
    assert verify(signed).verdict is FAILED
    assert verify(signed, None).verdict is INDETERMINATE
    assert verify(SIGNED, RSA).verdict is INDETERMINATE

    def resolve(certificate):
        report = verify_certificate(certificate, TrustStore((ROOT.certificate,)), NOW)
        return certificate.public_key() if report.verdict is PASSED else None

    assert xml_signature.verify(SIGNED, resolve, NOW).verdict is PASSED
    other_root = local_pki.make_root(stranger, distinguished_name("Gốc lạ"), PERIOD, 1)
    own = local_pki.make_signer(other_root, stranger.public_key(), distinguished_name("Kẻ lạ"), PERIOD, 2)
    forged = xml_signature.sign(PACKET, MemorySigner(stranger), own)
    assert xml_signature.verify(forged, resolve, NOW).verdict is INDETERMINATE


def test_hmac_with_the_public_key_is_outside_the_profile():
    hmac = b"http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
    forged = SIGNED.replace(b"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", hmac)
    assert verify(forged).verdict is INDETERMINATE


SIGNATURE = re.search(rb"<ds:Signature .*</ds:Signature>", SIGNED, re.DOTALL)[0]
EVIL = PACKET.replace("kiểm tra".encode(), b"EVIL")


def in_header(document, addition):
    return document.replace(b"</edXML:edXMLHeader>", addition + b"</edXML:edXMLHeader>")


def moved_original(place):
    """The signed packet kept whole inside another one: the classical wrapping."""
    inner = SIGNED.split(b"?>", 1)[1].strip()
    return EVIL.replace(place, place + inner)


ATTACKS = {
    "signature moved to other content": in_header(EVIL, SIGNATURE),
    "two signatures": in_header(SIGNED, SIGNATURE),
    "original wrapped in the body": moved_original(b"<edXML:edXMLBody/>"),
    "original wrapped in the header": moved_original(b"<edXML:edXMLHeader>"),
    "signature in the body": EVIL.replace(
        b"<edXML:edXMLBody/>", b"<edXML:edXMLBody>" + SIGNATURE + b"</edXML:edXMLBody>"
    ),
    "signature in the message header": EVIL.replace(b"</edXML:MessageHeader>", SIGNATURE + b"</edXML:MessageHeader>"),
    "signature as the root": SIGNATURE,
    "signature wraps an original": in_header(
        EVIL, SIGNATURE.replace(b"</ds:KeyInfo>", b"</ds:KeyInfo><ds:Object>" + PACKET[39:].strip() + b"</ds:Object>")
    ),
    "second SignedInfo": SIGNED.replace(b"</ds:SignedInfo>", b"</ds:SignedInfo><ds:SignedInfo/>"),
    "second Reference": SIGNED.replace(b"</ds:Reference>", b'</ds:Reference><ds:Reference URI="#x"/>'),
    "no Reference": re.sub(rb"<ds:Reference .*</ds:Reference>", b"", SIGNED, flags=re.DOTALL),
    "comment in the digest": SIGNED.replace(b"<ds:DigestValue>", b"<ds:DigestValue><!-- -->"),
    "instruction in the digest": SIGNED.replace(b"<ds:DigestValue>", b"<ds:DigestValue><?x ?>"),
    "element in the digest": SIGNED.replace(b"<ds:DigestValue>", b"<ds:DigestValue><x/>"),
    "comment in the value": SIGNED.replace(b"<ds:SignatureValue>", b"<ds:SignatureValue><!-- -->"),
    "reference elsewhere": SIGNED.replace(b'URI=""', b'URI="#other"').replace(
        b"<edXML:edXMLBody/>", b'<edXML:edXMLBody Id="other"/>'
    ),
    "reference to a file": SIGNED.replace(b'URI=""', b'URI="file:///etc/passwd"'),
    "reference to the network": SIGNED.replace(b'URI=""', b'URI="http://attacker.example/"'),
    "reference by xpointer": SIGNED.replace(b'URI=""', b'URI="#xpointer(/)"'),
    "no reference at all": SIGNED.replace(b' URI=""', b""),
    "same Id twice": SIGNED.replace(b"<edXML:edXMLBody/>", b'<edXML:edXMLBody Id="a"/><x ID="a"/>'),
    "XSLT transform": SIGNED.replace(b"xmldsig#enveloped-signature", b"xslt"),
    "XPath transform": SIGNED.replace(
        b"http://www.w3.org/2000/09/xmldsig#enveloped-signature", b"http://www.w3.org/TR/1999/REC-xpath-19991116"
    ),
    "base64 transform": SIGNED.replace(b"xmldsig#enveloped-signature", b"xmldsig#base64"),
    "no transforms": re.sub(rb"<ds:Transforms>.*</ds:Transforms>", b"<ds:Transforms/>", SIGNED),
    "form with comments": SIGNED.replace(EXCLUSIVE.encode(), EXCLUSIVE.encode() + b"WithComments"),
    "document type": SIGNED.replace(b"?>", b'?><!DOCTYPE edXML [<!ENTITY e "x">]>', 1),
    "external entity": SIGNED.replace(
        b"?>", b'?><!DOCTYPE edXML [<!ENTITY e SYSTEM "file:///etc/passwd">]>', 1
    ).replace(b"<edXML:edXMLBody/>", b"<edXML:edXMLBody>&e;</edXML:edXMLBody>"),
    "entity bomb": b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(10))
    + b"]><a>&k;</a>",
    "changed digest": re.sub(rb"<ds:DigestValue>....", b"<ds:DigestValue>AAAA", SIGNED),
    "changed value": re.sub(rb"<ds:SignatureValue>....", b"<ds:SignatureValue>AAAA", SIGNED),
    "empty value": re.sub(rb"<ds:SignatureValue>[^<]*", b"<ds:SignatureValue>", SIGNED),
    "HMAC length": SIGNED.replace(
        b'ecdsa-sha256"/>', b'ecdsa-sha256"><ds:HMACOutputLength>0</ds:HMACOutputLength></ds:SignatureMethod>'
    ),
    "content beside the header": SIGNED.replace(b"<edXML:edXMLBody/>", b"<edXML:edXMLBody>x</edXML:edXMLBody>"),
    "attribute added": SIGNED.replace(b"<edXML:edXMLBody/>", b'<edXML:edXMLBody a="1"/>'),
    "namespace swapped": SIGNED.replace(b"<edXML:edXMLBody/>", b'<edXMLBody xmlns="urn:other"/>'),
    "instruction added": SIGNED + b"<?late ?>",
    "garbage after": SIGNED + b"x",
    "not XML": b"\x00\x01",
    "nothing": b"",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_no_attack_passes(name):
    report = verify(ATTACKS[name])
    assert report.verdict is not PASSED
    assert report.signed is None


@pytest.mark.parametrize(
    "name",
    [
        "two signatures",
        "same Id twice",
        "reference elsewhere",
        "document type",
        "comment in the digest",
        "second SignedInfo",
    ],
)
def test_what_is_placed_to_mislead_fails(name):
    assert verify(ATTACKS[name]).verdict is FAILED


def test_comments_are_not_content_and_do_not_reach_the_reader():
    commented = SIGNED.replace("kiểm tra".encode(), "kiểm<!-- x --> tra".encode())
    report = verify(commented)
    assert report.verdict is PASSED
    assert "kiểm tra".encode() in report.signed
    assert b"<!--" not in report.signed


def test_what_cannot_be_signed_is_refused():
    for xml in (SIGNED, b"<a", b"<!DOCTYPE a><a/>", b""):
        with pytest.raises(Refused) as refusal:
            xml_signature.sign(xml, MemorySigner(P256))
        assert refusal.value.code is errors.XML_NOT_SIGNABLE
    with pytest.raises(Refused) as refusal:
        xml_signature.sign(PACKET, MemorySigner(ed25519.Ed25519PrivateKey.generate()))
    assert refusal.value.code is errors.ALGORITHM_NOT_ALLOWED


def test_size_is_looked_at_before_parsing():
    assert verify(SIGNED, limit=len(SIGNED)).verdict is PASSED
    assert verify(SIGNED, limit=len(SIGNED) - 1).verdict is FAILED


# The library only warns of odd but readable certificates.
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@given(st.integers(0, len(SIGNED) - 1), st.integers(0, 255))
@settings(max_examples=150, deadline=None)
def test_a_changed_byte_passes_only_when_the_signed_bytes_are_the_same(position, byte):
    changed = SIGNED[:position] + bytes([byte]) + SIGNED[position + 1 :]
    report = verify(changed)
    if report.verdict is PASSED:
        assert report.signed == verify(SIGNED).signed
    else:
        assert report.signed is None


@given(st.binary(max_size=100), st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_noise_gets_a_report(noise, text):
    assert verify(noise).verdict is not PASSED
    inside = SIGNATURE.replace(b"</ds:DigestValue>", text.encode("utf-8", "replace") + b"</ds:DigestValue>")
    document = in_header(PACKET, inside)
    if document != SIGNED and verify(document).verdict is PASSED:
        assert not text.strip()
