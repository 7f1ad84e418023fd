"""The verdict on signed office documents (.docx, .xlsx, .pptx): package signatures over parts and relationships.

Source: ECMA-376-2 (2012) clauses 10 and 13; MS-OFFCRYPTO clause 2.5. Each signature is an XML signature whose package
object holds a manifest of parts with their content types; relationships are digested after the relationship transform.
What makes up the content and is not in the manifest is told, and the document is then not PASSED.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import parse_qs, unquote, urlsplit

from lxml import etree

from lienthong.base.text import one_line
from lienthong.trust.validation.cms_claims import digest_of_stream, evidence_of
from lienthong.trust.validation.document import document_report
from lienthong.trust.validation.indications import SubIndication as Sub
from lienthong.trust.validation.judge import Context, Evidence
from lienthong.trust.validation.model import DocumentReport, Finding, bad, good
from lienthong.trust.validation.xml_core import (
    Wrong,
    XmlSignature,
    check_digest,
    misplaced,
    outside,
    read_signature,
    transforms_of,
)
from lienthong.trust.validation.xml_document import xml_report
from lienthong.trust.xml_signature import DS, Stopped, canonical, canonical_form, parse_xml

CONTENT_TYPES = "[Content_Types].xml"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TRANSFORM = "http://schemas.openxmlformats.org/package/2006/RelationshipTransform"
_DIGITAL_SIGNATURE = "http://schemas.openxmlformats.org/package/2006/digital-signature"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_ORIGIN = f"{_RELATIONSHIPS}/digital-signature/origin"
_SIGNATURE = f"{_RELATIONSHIPS}/digital-signature/signature"
_FREE = ("_xmlsignatures/", "docProps/")
MAXIMUM_PART = 64 * 1024 * 1024
MAXIMUM_TOTAL = 256 * 1024 * 1024
MAXIMUM_PARTS = 4096
_DAMAGED = (zipfile.BadZipFile, ValueError, KeyError, NotImplementedError, RuntimeError, EOFError, OSError)


class _Package:
    """The parts of a package by name, read once and within limits."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        names = [item.filename for item in file.infolist() if not item.is_dir()]
        folded = {name.casefold() for name in names}
        if len(folded) != len(names) or len(names) > MAXIMUM_PARTS:
            raise ValueError("two parts of one name, or too many parts")
        if any(item.file_size > MAXIMUM_PART for item in file.infolist()):
            raise ValueError("a part is too large")
        if sum(item.file_size for item in file.infolist()) > MAXIMUM_TOTAL:
            raise ValueError("the package is too large")
        self.names = names
        self._file = file
        self.types = self._content_types()

    def read(self, name: str) -> bytes:
        with self._file.open(name) as part:
            data = part.read(MAXIMUM_PART + 1)
        if len(data) > MAXIMUM_PART:
            raise ValueError("a part is too large")
        return data

    def xml(self, name: str) -> etree._Element:
        return parse_xml(self.read(name), MAXIMUM_PART)

    def _content_types(self) -> dict[str, str]:
        root, found = self.xml(CONTENT_TYPES), {}
        defaults = {
            row.get("Extension", "").lower(): row.get("ContentType", "") for row in root.iter(f"{{{_TYPES}}}Default")
        }
        for name in self.names:
            found[name] = defaults.get(name.rpartition(".")[2].lower(), "")
        for row in root.iter(f"{{{_TYPES}}}Override"):
            found[(row.get("PartName") or "").lstrip("/")] = row.get("ContentType", "")
        return found

    def targets(self, source: str, kind: str) -> Iterator[str]:
        """Parts to which relationships of one kind lead from a part, "" for the package itself."""
        folder, base = posixpath.split(source)
        name = posixpath.join(folder, "_rels", f"{base}.rels")
        if name not in self.names:
            return
        for row in self.xml(name).iter(f"{{{_RELATIONSHIPS}}}Relationship"):
            if row.get("Type") == kind and row.get("TargetMode") != "External":
                target = row.get("Target") or ""
                yield (
                    target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
                )


def validate_ooxml(stream: BinaryIO, context: Context) -> DocumentReport:
    """Judge every package signature; a bad file is a verdict, never an exception."""
    whole = digest_of_stream(stream)
    try:
        with zipfile.ZipFile(stream) as file:
            package = _Package(file)
            read = [(_read(package, name), name) for name in _signature_parts(package)]
            evidence = _evidence([item for item, _ in read])
            findings = [good("ooxml.readable", "Tệp văn phòng đọc được đúng chuẩn.", "The package is well-formed.")]
            reports = tuple(
                xml_report(item, position, evidence, context, [_coverage(package, item)], "OOXML")
                for position, (item, _) in enumerate(read)
            )
    except (*_DAMAGED, Stopped) as error:
        vi, en = "Tệp văn phòng bị hỏng.", f"The office file is damaged: {one_line(str(error), 120)}"
        findings = [bad("ooxml.readable", Sub.FORMAT_FAILURE, vi, en)]
        return document_report("ooxml", stream, whole, findings, (), Evidence(), context)
    return document_report("ooxml", stream, whole, findings, reports, evidence, context)


def _signature_parts(package: _Package) -> list[str]:
    origins = list(package.targets("", _ORIGIN))
    found = [name for origin in origins for name in package.targets(origin, _SIGNATURE)]
    if any(name not in package.names for name in found) or len(found) > 32:
        raise ValueError("a signature part is missing, or there are too many")
    return found


def _read(package: _Package, name: str) -> XmlSignature:
    root = package.xml(name)
    if root.tag != f"{{{DS}}}Signature":
        raise ValueError("a signature part is not a signature")
    signature = read_signature(root)
    if any(item.sub is not None for item in signature.findings):
        return signature
    try:
        _manifest(package, signature)
    except Wrong as wrong:
        signature.findings = [item for item in signature.findings if item.name != "signature.content"]
        signature.findings.append(wrong.finding)
    except Stopped as stopped:
        signature.findings.append(
            bad("signature.format", Sub.SIG_CONSTRAINTS_FAILURE, stopped.check.vi, stopped.check.en)
        )
    return signature


def _package_object(signature: XmlSignature) -> etree._Element:
    """The signed object that holds the manifest: exactly one, and really covered by the signature."""
    found = [item for item in signature.covered if item.find(f"{{{DS}}}Manifest") is not None]
    if len(found) != 1 or found[0].get("Id") != "idPackageObject":
        raise misplaced("idPackageObject")
    return found[0]


def _references(signature: XmlSignature) -> list[etree._Element]:
    manifest = _package_object(signature).find(f"{{{DS}}}Manifest")
    return [] if manifest is None else manifest.findall(f"{{{DS}}}Reference")


def _manifest(package: _Package, signature: XmlSignature) -> None:
    for reference in _references(signature):
        name, content_type = _part(reference)
        if name not in package.names:
            vi, en = f"Thiếu phần đã ký «{name}».", f"The signed part “{name}” is missing."
            raise Wrong(bad("signature.content", Sub.SIGNED_DATA_NOT_FOUND, vi, en))
        if package.types.get(name, "") != content_type:
            vi, en = f"Loại nội dung của «{name}» đã bị đổi.", f"The content type of “{name}” was changed."
            raise Wrong(bad("signature.content", Sub.HASH_FAILURE, vi, en))
        check_digest(reference, _content(package, reference, name))


def _part(reference: etree._Element) -> tuple[str, str]:
    uri = urlsplit(reference.get("URI") or "")
    kinds = parse_qs(uri.query).get("ContentType", [""])
    if uri.scheme or uri.netloc or not uri.path.startswith("/") or len(kinds) != 1:
        raise outside(f"Reference {reference.get('URI')}")
    return unquote(uri.path).lstrip("/"), unquote(uri.query.partition("ContentType=")[2])


def _content(package: _Package, reference: etree._Element, name: str) -> bytes:
    steps = transforms_of(reference)
    if not steps:
        return package.read(name)
    if steps[0].get("Algorithm") == _TRANSFORM:
        root = _related(package.xml(name), steps[0])
        return canonical(root, *canonical_form(steps[1])) if len(steps) == 2 else canonical(root, "", ())
    if len(steps) != 1:
        raise outside("Transforms")
    return canonical(package.xml(name).getroottree(), *canonical_form(steps[0]))


def _related(root: etree._Element, step: etree._Element) -> etree._Element:
    """The relationships that the transform names, sorted, modes written out (ECMA-376-2 clause 13.2.4.24)."""
    ids, types = _named(step)
    kept = [
        row
        for row in root.iter(f"{{{_RELATIONSHIPS}}}Relationship")
        if row.get("Id") in ids or row.get("Type") in types
    ]
    made = etree.Element(f"{{{_RELATIONSHIPS}}}Relationships", nsmap={None: _RELATIONSHIPS})  # type: ignore[dict-item]  # the default name space
    for row in sorted(kept, key=lambda item: item.get("Id") or ""):
        twin = etree.SubElement(made, f"{{{_RELATIONSHIPS}}}Relationship")
        for attribute, value in row.attrib.items():
            twin.set(attribute, value)
        if twin.get("TargetMode") is None:
            twin.set("TargetMode", "Internal")
    return made


def _named(step: etree._Element) -> tuple[set[str], set[str]]:
    ids = {row.get("SourceId") or "" for row in step.iter(f"{{{_DIGITAL_SIGNATURE}}}RelationshipReference")}
    types = {row.get("SourceType") or "" for row in step.iter(f"{{{_DIGITAL_SIGNATURE}}}RelationshipsGroupReference")}
    return ids, types


def _coverage(package: _Package, signature: XmlSignature) -> Finding:
    """Whether every part and relationship that makes up the content is in the manifest."""
    try:
        references = _references(signature)
        signed = {_part(reference)[0]: reference for reference in references}
    except Wrong as wrong:
        return wrong.finding
    open_parts = [name for name in package.names if name != CONTENT_TYPES and not name.startswith(_FREE)]
    missing = [name for name in open_parts if name not in signed]
    for name in open_parts:
        if name in signed and name.endswith(".rels"):
            missing += _unsigned_relationships(package, name, signed[name])
    if not missing:
        vi = "Chữ ký bao trùm mọi phần nội dung của tệp."
        return good("xml.coverage", vi, "The signature covers every part of the content.")
    names = one_line(", ".join(missing[:6]), 200)
    vi = f"Có phần nội dung không được ký: {names}."
    return bad("ooxml.coverage", Sub.SIGNED_DATA_NOT_FOUND, vi, f"Parts of the content are not signed: {names}.")


def _unsigned_relationships(package: _Package, name: str, reference: etree._Element) -> list[str]:
    steps = transforms_of(reference)
    if not steps or steps[0].get("Algorithm") != _TRANSFORM:
        return []
    ids, types = _named(steps[0])
    rows = package.xml(name).iter(f"{{{_RELATIONSHIPS}}}Relationship")
    return [
        f"{name}#{row.get('Id')}"
        for row in rows
        if row.get("Id") not in ids
        and row.get("Type") not in types
        and row.get("Type") not in {_ORIGIN, _SIGNATURE}
        and not (row.get("Target") or "").lstrip("/").startswith("docProps/")
    ]


def _evidence(read: list[XmlSignature]) -> Evidence:
    certificates = [one for item in read for one in item.certificates]
    evidence, _ = evidence_of(
        certificates, [crl for item in read for crl in item.crls], [one for item in read for one in item.ocsp]
    )
    return evidence
