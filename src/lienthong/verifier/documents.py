"""Signed documents of every kind behind one door: which kind it is, and its verdict."""

from __future__ import annotations

import zipfile
from enum import Enum
from typing import BinaryIO

from lienthong.trust.pdf.validate import validate_pdf
from lienthong.trust.validation.cms_document import validate_cms
from lienthong.trust.validation.judge import Context
from lienthong.trust.validation.model import DocumentReport
from lienthong.trust.validation.ooxml import CONTENT_TYPES, validate_ooxml
from lienthong.trust.validation.xml_document import validate_xml
from lienthong.trust.xml_signature import MAXIMUM_XML_BYTES

_HEAD = 1024
_CMS_HEADS = (b"-----BEGIN PKCS7", b"-----BEGIN CMS", b"-----BEGIN PKCS #7")
_BASE64_CMS = b"MII"
MAXIMUM_ATTACHED = 64 * 1024 * 1024


class Kind(Enum):
    """What a file is by its own bytes. PROOF: a proof file, or nothing that is known."""

    PDF = "pdf"
    CMS = "cms"
    XML = "xml"
    OOXML = "ooxml"
    PROOF = "proof"


def kind_of(stream: BinaryIO) -> Kind:
    """Look at the beginning of a file; its name says nothing."""
    stream.seek(0)
    head = stream.read(_HEAD)
    if b"%PDF-" in head:
        return Kind.PDF
    if head[:4] == b"PK\x03\x04":
        return Kind.OOXML if _is_office(stream) else Kind.PROOF
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] == b"<" or head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return Kind.XML
    if head[:2] in {b"\x30\x80", b"\x30\x81", b"\x30\x82", b"\x30\x83", b"\x30\x84"}:
        return Kind.CMS
    return Kind.CMS if text.startswith((*_CMS_HEADS, _BASE64_CMS)) else Kind.PROOF


def _is_office(stream: BinaryIO) -> bool:
    try:
        with zipfile.ZipFile(stream) as package:
            return CONTENT_TYPES in package.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return False


def validate_document(
    stream: BinaryIO, kind: Kind, context: Context, content: BinaryIO | None = None
) -> DocumentReport:
    """The verdict on a document that is not a proof file. ``content``: the file beside a detached CMS signature."""
    if kind is Kind.PDF:
        return validate_pdf(stream, context)
    stream.seek(0)
    if kind is Kind.CMS:
        return validate_cms(stream.read(MAXIMUM_ATTACHED), context, content)
    if kind is Kind.XML:
        return validate_xml(stream.read(MAXIMUM_XML_BYTES + 1), context)
    if kind is Kind.OOXML:
        return validate_ooxml(stream, context)
    raise ValueError("a proof file has its own verifier")
