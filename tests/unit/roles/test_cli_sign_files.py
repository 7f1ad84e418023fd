"""XML signed with XAdES and files signed beside them: what other tools say of them, and what is refused."""

from __future__ import annotations

import io
import json
import subprocess
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from signxml.xades import XAdESVerifier
from test_roles_cli_verify import run

from lienthong.base.clock import SystemClock
from lienthong.base.errors import Refused
from lienthong.signing.documents import Holder, Level
from lienthong.signing.evidence import Evidence, read_evidence
from lienthong.signing.other_files import intact_signers, require_person_in_xml, sign_beside, sign_xml
from lienthong.signing.pki.demo import make_demo
from lienthong.trust import cades, xades
from lienthong.trust.certificates import load_certificate
from lienthong.trust.cms_signers import read_signers
from lienthong.trust.keys import Algorithm
from lienthong.trust.local_pki import Authority, Period, distinguished_name, make_root, make_signer
from lienthong.trust.signer import MemorySigner
from lienthong.trust.xml_signature import sign as sign_packet

XML = """<?xml version="1.0"?>
<HoSo xmlns="urn:x">
  <Ten>Nguyễn Văn An</Ten> và <!-- chú thích --> nội dung
</HoSo>
""".encode()
NOW = datetime.now(UTC).replace(microsecond=0)
PERIOD = Period(NOW - timedelta(days=1), NOW + timedelta(days=900))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("other")
    make_demo(folder / "pki", SystemClock())
    (folder / "goi.xml").write_bytes(XML)
    (folder / "anh.tif").write_bytes(b"II*\0" + bytes(range(256)) * 4000)
    return folder


@pytest.fixture(scope="module")
def root() -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    return make_root(key, distinguished_name("Gốc"), PERIOD, 1)


def holder(root: Authority, name: str, algorithm: Algorithm) -> Holder:
    key = rsa.generate_private_key(65537, 2048) if algorithm.value[0] in "RP" else ec.generate_private_key(
        ec.SECP384R1() if algorithm is Algorithm.ES384 else ec.SECP256R1())  # fmt: skip
    certificate = make_signer(root, key.public_key(), distinguished_name(name), PERIOD, hash(name) % 2**40 + 2)
    return Holder(MemorySigner(key, algorithm), (certificate,))


def lienthong(place: Path, *words: object, code: int = 0) -> str:
    done = run(*words)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def sign(place: Path, source: str, out: str, signer: str, *more: object, code: int = 0) -> str:
    return lienthong(
        place, "sign", place / source, "--out", place / out, "--signers", place / "pki/signers", "--signer", signer,
        *more, code=code,
    )  # fmt: skip


@pytest.mark.parametrize("algorithm", [Algorithm.ES256, Algorithm.ES384, Algorithm.RS256])
def test_signxml_and_xmlsec_call_our_xades_valid(root: Authority, tmp_path: Path, algorithm: Algorithm) -> None:
    own = holder(root, "An", algorithm)
    made, done = sign_xml(XML, own, Level.B, Evidence(), NOW)
    assert done.level is Level.B
    pem = root.certificate.public_bytes(Encoding.PEM)
    (tmp_path / "root.pem").write_bytes(pem)
    (tmp_path / "s.xml").write_bytes(made)
    ids = [
        f"--id-attr:Id {space}:{name}" for space, name in (("http://uri.etsi.org/01903/v1.3.2#", "SignedProperties"),)
    ]
    checked = subprocess.run(
        ["xmlsec1", "--verify", *" ".join(ids).split(), "--trusted-pem", "root.pem", "s.xml"], cwd=tmp_path,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr
    found = XAdESVerifier().verify(
        made, x509_cert=own.certificates[0].public_bytes(Encoding.PEM).decode(), expect_references=2
    )
    assert found and b"Nguy" in found[0].signed_data


def test_a_person_and_then_the_agency_sign_one_xml_and_both_stay_valid(place: Path) -> None:
    refused = sign(place, "goi.xml", "x.xml", "co-quan", code=1)
    assert "AGENCY_KEY_NEEDS_PERSON" in refused and not (place / "x.xml").exists()
    sign(place, "goi.xml", "goi-1.xml", "an", "--level", "B-LT")
    told = json.loads(sign(place, "goi-1.xml", "goi-2.xml", "co-quan", "--level", "B-LT", "--json"))
    assert told["level"] == "B-LT" and told["signatures"][0]["field"] == "Signature-02"
    judged = lienthong(place, "verify", place / "goi-2.xml", "--trust-store", place / "pki/trust", "--json")
    assert judged.count('"XAdES"') == 2 and "giá trị như bản gốc" in judged
    changed = (place / "goi-2.xml").read_bytes().replace("Văn An".encode(), "Văn Ân".encode(), 1)
    (place / "goi-3.xml").write_bytes(changed)
    lienthong(place, "verify", place / "goi-3.xml", "--trust-store", place / "pki/trust", code=1)


def test_a_file_signed_beside_gets_the_agency_as_second_signer_and_openssl_agrees(place: Path) -> None:
    sign(place, "anh.tif", "anh.p7s", "an", "--level", "B-LT")
    assert "AGENCY_KEY_NEEDS_PERSON" in sign(place, "anh.tif", "y.p7s", "co-quan", code=1)
    sign(place, "anh.tif", "anh-2.p7s", "co-quan", "--signed-by", place / "anh.p7s", "--level", "B-LT")
    for name, count in (("anh.p7s", 1), ("anh-2.p7s", 2)):
        read = read_signers((place / name).read_bytes())
        assert len(read.signers) == count and read.crls
        checked = subprocess.run(
            ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", name, "-content", "anh.tif", "-CAfile",
             "pki/trust/root.pem", "-purpose", "any", "-out", "/dev/null"], cwd=place, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert checked.returncode == 0, checked.stderr
        told = lienthong(
            place, "verify", place / name, "--content", place / "anh.tif", "--trust-store", place / "pki/trust"
        )
        assert ("trên cùng nội dung" in told) is (count == 2)
    # Without time stamps nobody knows who signed first.
    sign(place, "anh.tif", "b-1.p7s", "an", "--beside", "--level", "B-B")
    sign(place, "anh.tif", "b-2.p7s", "co-quan", "--signed-by", place / "b-1.p7s", "--level", "B-B")
    trust = ("--content", place / "anh.tif", "--trust-store", place / "pki/trust")
    assert "chỉ có giá trị tham khảo" in lienthong(place, "verify", place / "b-2.p7s", *trust)
    (place / "khac.tif").write_bytes(b"II*\0")
    refused = sign(place, "khac.tif", "z.p7s", "co-quan", "--signed-by", place / "anh.p7s", code=1)
    assert "EARLIER_SIGNATURE_OF_ANOTHER" in refused and not (place / "z.p7s").exists()
    uses = (place / "pki/signers/co-quan.uses.log").read_text().splitlines()
    assert sum('"anh-2.p7s"' in each for each in uses) == 1 and not any('"z.p7s"' in each for each in uses)


def test_a_pdf_can_be_signed_beside_as_well_and_options_of_pages_are_refused_for_others(place: Path) -> None:
    (place / "v.pdf").write_bytes(b"%PDF-1.7\n% nothing more\n")
    sign(place, "v.pdf", "v.p7s", "an", "--beside", "--level", "B-B")
    assert intact_signers((place / "v.p7s").read_bytes(), io.BytesIO((place / "v.pdf").read_bytes()))
    assert "--number" in sign(place, "anh.tif", "n.p7s", "an", "--number", "15", code=2)
    assert "FILE_NOT_USABLE" in sign(place, "khong-co.xml", "n.xml", "an", code=1)


def test_a_dead_authority_costs_a_level_and_never_the_signature(root: Authority) -> None:
    own = holder(root, "An", Algorithm.ES256)
    for made, done in (
        sign_xml(XML, own, Level.LT, Evidence(), NOW), sign_beside(io.BytesIO(b"x"), own, Level.LT, Evidence(), NOW),
    ):  # fmt: skip
        assert made and done.level is Level.B and {each.code.name for each in done.missing} >= {"TSA_AWAY"}


def test_a_timestamp_is_over_the_signature_value(place: Path) -> None:
    evidence = read_evidence(place / "pki/tsa/tsa.toml", SystemClock())
    own = load_certificate((place / "pki/signers/an.crt.pem").read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    made = make_signer(make_root(key, own.issuer, PERIOD, 5), key.public_key(), own.subject, PERIOD, 7)
    xml, done = sign_xml(XML, Holder(MemorySigner(key), (made,)), Level.T, evidence, NOW)
    assert done.level is Level.T
    root_element = etree.fromstring(xml)
    assert root_element.find(".//{http://uri.etsi.org/01903/v1.3.2#}EncapsulatedTimeStamp") is not None


def test_the_key_may_answer_later_and_a_wrong_answer_is_not_embedded(root: Authority) -> None:
    own = holder(root, "An", Algorithm.ES256)
    prepared = xades.prepare(XML, own.certificates[0], Algorithm.ES256, NOW)
    again = xades.PreparedXades(**asdict(prepared))  # written down and taken up again
    assert xades.finish(again, own.signer.sign(again.to_sign))
    with pytest.raises(Refused, match="SIGNATURE_NOT_VALID"):
        xades.finish(prepared, own.signer.sign(prepared.to_sign + b" "))


@pytest.mark.parametrize(
    "xml", [b"", b"<a", b"<!DOCTYPE a><a/>", b'<s:Signature xmlns:s="http://www.w3.org/2000/09/xmldsig#"/>']
)
def test_what_is_no_document_is_refused(root: Authority, xml: bytes) -> None:
    with pytest.raises(Refused, match="XML_NOT_SIGNABLE"):
        sign_xml(xml, holder(root, "An", Algorithm.ES256), Level.B, Evidence(), NOW)


def test_a_signature_that_covers_later_ones_is_not_harmed(root: Authority) -> None:
    own = holder(root, "An", Algorithm.ES256)
    packet = sign_packet(XML, own.signer, own.certificates[0])
    with pytest.raises(Refused, match="XML_NOT_SIGNABLE"):
        sign_xml(packet, own, Level.B, Evidence(), NOW)


def test_a_broken_signature_of_a_person_does_not_open_the_agencys_key(root: Authority) -> None:
    person, agency = holder(root, "An", Algorithm.ES256), holder(root, "Sở", Algorithm.ES256)
    signed, _ = sign_xml(XML, person, Level.B, Evidence(), NOW)
    require_person_in_xml("x", signed, (), agency.certificates[0])
    own, _ = sign_xml(XML, agency, Level.B, Evidence(), NOW)
    for bad in (XML, own, signed.replace(b"urn:x", b"urn:y"), b"<a"):
        with pytest.raises(Refused, match="AGENCY_KEY_NEEDS_PERSON"):
            require_person_in_xml("x", bad, (), agency.certificates[0])


def test_merging_keeps_every_signers_bytes(root: Authority) -> None:
    content = b"n" * 1000
    one, _ = sign_beside(io.BytesIO(content), holder(root, "An", Algorithm.RS256), Level.B, Evidence(), NOW)
    two, _ = sign_beside(io.BytesIO(content), holder(root, "Sở", Algorithm.ES384), Level.B, Evidence(), NOW, one)
    assert [each.data.digest_name for each in intact_signers(two, io.BytesIO(content))] == [
        "sha384",
        "sha256",
    ]  # the order of DER
    assert len(read_signers(cades.merge(two, two)).certificates) == 2


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_as_an_earlier_signature_are_refused(content: bytes) -> None:
    with pytest.raises(Refused, match="EARLIER_SIGNATURE_OF_ANOTHER"):
        intact_signers(content, io.BytesIO(b"x"))
