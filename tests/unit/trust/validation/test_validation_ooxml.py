"""Signed office documents: the package signature covers what makes up the content, and nothing may be slipped in."""

from __future__ import annotations

import hashlib
import io
import subprocess
import zipfile
from base64 import b64encode
from pathlib import Path

import pytest
from lxml import etree
from openpyxl import Workbook

from lienthong.trust.validation.ooxml import validate_ooxml
from lienthong.trust.verdict import Verdict
from signing_world import World, cert_pem, key_pem

_DS = "http://www.w3.org/2000/09/xmldsig#"
_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_SIG = "http://schemas.openxmlformats.org/package/2006/digital-signature"
_TRANSFORM = "http://schemas.openxmlformats.org/package/2006/RelationshipTransform"
_RELS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"


@pytest.fixture(scope="module")
def world() -> World:
    return World.make()


def subs(report) -> set[str]:
    return {check.sub.value for check in report.troubles if getattr(check, "sub", None)}


def workbook() -> dict[str, bytes]:
    book = Workbook()
    book.active["A1"] = "Tổng: 1.000.000"
    out = io.BytesIO()
    book.save(out)
    with zipfile.ZipFile(out) as package:
        return {name: package.read(name) for name in package.namelist()}


def zipped(parts: dict[str, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return out


def types_of(parts: dict[str, bytes]) -> dict[str, str]:
    root = etree.fromstring(parts["[Content_Types].xml"])
    found = {row.get("PartName", "").lstrip("/"): row.get("ContentType") for row in root if row.get("PartName")}
    defaults = {row.get("Extension"): row.get("ContentType") for row in root if row.get("Extension")}
    return {name: found.get(name) or defaults.get(name.rpartition(".")[2], "") for name in parts}


def relationship_reference(name: str, data: bytes) -> str:
    """The digest of the relationships, written out as the standard has it: sorted, with TargetMode, canonical."""
    rows = [row for row in etree.fromstring(data) if "docProps" not in (row.get("Target") or "")]
    rows.sort(key=lambda row: row.get("Id"))
    lines = "".join(
        f'<Relationship Id="{row.get("Id")}" Target="{row.get("Target")}" TargetMode="Internal" Type="{row.get("Type")}">'
        "</Relationship>"
        for row in rows
    )
    digest = hashlib.sha256(f'<Relationships xmlns="{_RELS}">{lines}</Relationships>'.encode()).digest()
    named = "".join(f'<m:RelationshipReference xmlns:m="{_SIG}" SourceId="{row.get("Id")}"/>' for row in rows)
    transforms = f'<Transforms><Transform Algorithm="{_TRANSFORM}">{named}</Transform><Transform Algorithm="{_C14N}"/></Transforms>'
    return reference(f"/{name}?ContentType={_RELS_TYPE}", digest, transforms)


def reference(uri: str, digest: bytes, transforms: str = "") -> str:
    value = b64encode(digest).decode()
    return f'<Reference URI="{uri}">{transforms}<DigestMethod Algorithm="{_SHA256}"/><DigestValue>{value}</DigestValue></Reference>'


def signed(world: World, folder: Path, leave_out: str = "") -> dict[str, bytes]:
    """The workbook with a package signature whose value xmlsec1 makes."""
    parts, types = workbook(), types_of(workbook())
    rows = ""
    for name, data in parts.items():
        if name.startswith("docProps/") or name in {"[Content_Types].xml", leave_out}:
            continue
        rels = name.endswith(".rels")
        rows += relationship_reference(name, data) if rels else reference(
            f"/{name}?ContentType={types[name]}", hashlib.sha256(data).digest()
        )  # fmt: skip
    template = (
        f'<Signature xmlns="{_DS}" Id="idPackageSignature"><SignedInfo><CanonicalizationMethod Algorithm="{_C14N}"/>'
        '<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
        f'<Reference URI="#idPackageObject" Type="{_DS}Object"><DigestMethod Algorithm="{_SHA256}"/><DigestValue/></Reference>'
        "</SignedInfo><SignatureValue/><KeyInfo><X509Data/></KeyInfo>"
        f'<Object Id="idPackageObject"><Manifest>{rows}</Manifest></Object></Signature>'
    )
    (folder / "t.xml").write_text(template)
    (folder / "key.pem").write_bytes(key_pem(world.person.key))
    (folder / "cert.pem").write_bytes(cert_pem(world.person.certificate))
    command = [
        "xmlsec1",
        "--sign",
        "--ignore-manifests",
        "--id-attr:Id",
        "Object",
        "--privkey-pem",
        "key.pem,cert.pem",
        "t.xml",
    ]
    made = subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout
    return with_signature(parts, made)


def with_signature(parts: dict[str, bytes], made: bytes) -> dict[str, bytes]:
    origin = f'<Relationship Id="rIdS" Type="{_RELS}/digital-signature/origin" Target="_xmlsignatures/origin.sigs"/>'
    inner = f'<Relationship Id="rId1" Type="{_RELS}/digital-signature/signature" Target="sig1.xml"/>'
    types = parts["[Content_Types].xml"].replace(
        b"</Types>",
        b'<Default Extension="sigs" ContentType="application/vnd.openxmlformats-package.digital-signature-origin"/></Types>',
    )
    return {
        **parts,
        "[Content_Types].xml": types,
        "_rels/.rels": parts["_rels/.rels"].replace(b"</Relationships>", origin.encode() + b"</Relationships>"),
        "_xmlsignatures/origin.sigs": b"",
        "_xmlsignatures/_rels/origin.sigs.rels": f'<Relationships xmlns="{_RELS}">{inner}</Relationships>'.encode(),
        "_xmlsignatures/sig1.xml": made,
    }


def test_a_signed_workbook_passes(world: World, tmp_path: Path) -> None:
    report = validate_ooxml(zipped(signed(world, tmp_path)), world.context())
    assert report.verdict is Verdict.PASSED, [c.en for c in report.troubles]
    assert report.signatures[0].covers_all


def change_cell(parts: dict[str, bytes]) -> None:
    name = "xl/sharedStrings.xml" if "xl/sharedStrings.xml" in parts else "xl/worksheets/sheet1.xml"
    parts[name] = parts[name].replace(b"1.000.000", b"9.000.000")


def add_part(parts: dict[str, bytes]) -> None:
    parts["xl/worksheets/sheet9.xml"] = b"<x/>"


def remove_part(parts: dict[str, bytes]) -> None:
    del parts["xl/styles.xml"]


def redirect(parts: dict[str, bytes]) -> None:
    """The package points to another main part, which nobody signed."""
    parts["xl/evil.xml"] = parts["xl/workbook.xml"]
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(b"xl/workbook.xml", b"xl/evil.xml")


def add_relationship(parts: dict[str, bytes]) -> None:
    row = b'<Relationship Id="rEvil" Type="urn:t" Target="styles.xml"/></Relationships>'
    parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(b"</Relationships>", row)


def change_type(parts: dict[str, bytes]) -> None:
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"styles+xml", b"evil+xml")


@pytest.mark.parametrize("attack", [change_cell, add_part, remove_part, redirect, add_relationship, change_type])
def test_no_attack_on_a_workbook_passes(world: World, tmp_path: Path, attack) -> None:
    parts = signed(world, tmp_path)
    attack(parts)
    assert validate_ooxml(zipped(parts), world.context()).verdict is not Verdict.PASSED


def test_a_part_that_was_left_out_of_the_signature_is_told(world: World, tmp_path: Path) -> None:
    report = validate_ooxml(zipped(signed(world, tmp_path, leave_out="xl/styles.xml")), world.context())
    assert subs(report) == {"SIGNED_DATA_NOT_FOUND"}


def test_unsigned_and_damaged_files_never_pass(world: World) -> None:
    whole = zipped(workbook())
    assert validate_ooxml(whole, world.context()).verdict is Verdict.INDETERMINATE
    cut = io.BytesIO(whole.getvalue()[:2000])
    assert validate_ooxml(cut, world.context()).verdict is Verdict.FAILED
