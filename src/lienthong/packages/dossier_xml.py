"""A whole dossier as XML: its own data and those of each document, in their order in the dossier.

The tags, types and lengths of the fields are those of the decree; it names no element around them, so the four names
``DossierExport``, ``Dossier``, ``OutgoingDocument`` and ``IncomingDocument`` are ours. What is too long is reported and
never cut.

Source: Decree 30/2020/NĐ-CP Appendix VI, Part I (function 4g) and Part II (tables I, II, III).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lxml import etree

from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.base.text import one_line
from lienthong.packages.dossier_rules import DOSSIER, INCOMING, OUTGOING, Group, Kind, Rule
from lienthong.packages.errors import DOSSIER_XML_FIELDS_WRONG, DOSSIER_XML_MALFORMED

LARGEST = 64 * 10**6
"""Bytes of a file that is read."""
_ROOT, _DOSSIER, _OUTGOING, _INCOMING = "DossierExport", "Dossier", "OutgoingDocument", "IncomingDocument"


@dataclass(frozen=True, slots=True)
class FileCode:
    """Code of a dossier: who made the file plan, the year, number and symbol (``01.TCCB``)."""

    organ_id: str = ""
    file_catalog: int | None = None
    file_notation: str = ""


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """Position and name of who signed."""

    position: str = ""
    full_name: str = ""


@dataclass(frozen=True, slots=True)
class Addressee:
    """An agency that received an outgoing document."""

    organ_id: str = ""
    organ_name: str = ""


@dataclass(frozen=True, slots=True)
class _Record:
    """What documents of both directions have."""

    file_code: FileCode = field(default_factory=FileCode)
    doc_ordinal: int | None = None
    type_name: str = ""
    code_number: str = ""
    code_notation: str = ""
    issued_date: date | None = None
    organ_name: str = ""
    subject: str = ""
    language: str = "Tiếng Việt"
    page_amount: int | None = None
    description: str = ""
    signer_info: SignerInfo = field(default_factory=SignerInfo)
    priority: int | None = None
    due_date: date | None = None


@dataclass(frozen=True, slots=True)
class OutgoingRecord(_Record):
    """Fields of an outgoing document, table I. ``priority``: one digit."""

    to: tuple[Addressee, ...] = ()
    issued_amount: int | None = None


@dataclass(frozen=True, slots=True)
class IncomingRecord(_Record):
    """Fields of an incoming document, table II. ``trace_header_list``: directives and states, of any length."""

    arrival_date: date | None = None
    arrival_number: int | None = None
    to_places: str = ""
    trace_header_list: str = ""


@dataclass(frozen=True, slots=True)
class DossierRecord:
    """Fields of a dossier, table III."""

    file_code: FileCode
    title: str = ""
    maintenance: str = ""
    rights: str = ""
    creator: str = ""
    language: str = "Tiếng Việt"
    start_date: date | None = None
    end_date: date | None = None
    doc_total: int | None = None
    page_total: int | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class DossierExport:
    """A dossier and its documents in the order of their ordinals."""

    dossier: DossierRecord
    documents: tuple[OutgoingRecord | IncomingRecord, ...] = ()


_MAKERS = {"FileCode": FileCode, "SignerInfo": SignerInfo, "To": Addressee}


def write_dossier(export: DossierExport) -> bytes:
    """The XML file, UTF-8.

    Refuses DOSSIER_XML_FIELDS_WRONG with a problem for each field: too long, not of its type, an ordinal that does not
    follow.
    """
    problems = list(_all_problems(export))
    if problems:
        raise Refused(DOSSIER_XML_FIELDS_WRONG, tuple(problems), count=len(problems))
    root = etree.Element(_ROOT)
    _write(etree.SubElement(root, _DOSSIER), export.dossier, DOSSIER)
    for document in export.documents:
        outgoing = isinstance(document, OutgoingRecord)
        element = etree.SubElement(root, _OUTGOING if outgoing else _INCOMING)
        _write(element, document, OUTGOING if outgoing else INCOMING)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def read_dossier(data: bytes) -> DossierExport:
    """The dossier of a file.

    Refuses: DOSSIER_XML_MALFORMED (no such XML, an unknown or repeated element, text that is no number or day), and
    DOSSIER_XML_FIELDS_WRONG as :func:`write_dossier`.
    """
    root = _parse(data)
    if root.tag != _ROOT or not len(root) or root[0].tag != _DOSSIER:
        raise _malformed(_ROOT, "thiếu phần hồ sơ ở đầu", "the dossier does not come first")
    dossier = DossierRecord(**_read(root[0], DOSSIER, _DOSSIER))
    documents: list[OutgoingRecord | IncomingRecord] = []
    for place, element in enumerate(list(root)[1:], 1):
        path = f"{one_line(str(element.tag), 40)}[{place}]"
        if element.tag == _OUTGOING:
            documents.append(OutgoingRecord(**_read(element, OUTGOING, path)))
        elif element.tag == _INCOMING:
            documents.append(IncomingRecord(**_read(element, INCOMING, path)))
        else:
            raise _malformed(path, "phần tử lạ", "an unknown element")
    export = DossierExport(dossier, tuple(documents))
    problems = list(_all_problems(export))
    if problems:
        raise Refused(DOSSIER_XML_FIELDS_WRONG, tuple(problems), count=len(problems))
    return export


def _all_problems(export: DossierExport) -> Iterator[Problem]:
    yield from _problems(export.dossier, DOSSIER, _DOSSIER)
    last = 0
    for place, document in enumerate(export.documents, 1):
        outgoing = isinstance(document, OutgoingRecord)
        path = f"{_OUTGOING if outgoing else _INCOMING}[{place}]"
        yield from _problems(document, OUTGOING if outgoing else INCOMING, path)
        ordinal = document.doc_ordinal
        if ordinal is None or ordinal <= last:
            yield _problem(f"{path}/DocOrdinal", ProblemKind.RANGE, f"số thứ tự phải lớn hơn {last}",
                           f"the ordinal must be greater than {last}")  # fmt: skip
        last = max(last, ordinal or 0)


def _problems(record: object, rules: Iterable[Rule | Group], path: str) -> Iterator[Problem]:
    for rule in rules:
        value = getattr(record, rule.attribute)
        if isinstance(rule, Group):
            for place, each in enumerate(value if rule.repeated else (value,), 1):
                inner = f"{path}/{rule.tag}[{place}]" if rule.repeated else f"{path}/{rule.tag}"
                yield from _problems(each, rule.rules, inner)
        else:
            yield from _field_problems(value, rule, f"{path}/{rule.tag}")


def _field_problems(value: Any, rule: Rule, path: str) -> Iterator[Problem]:
    if isinstance(value, str):
        if any(not _allowed(letter) for letter in value):
            yield _problem(path, ProblemKind.FORMAT, "có ký tự không ghi được vào XML", "holds a character XML has not")
        if rule.length and len(value) > rule.length:
            yield _problem(path, ProblemKind.RANGE, f"dài {len(value)} ký tự, tối đa {rule.length}",
                           f"has {len(value)} characters, at most {rule.length}")  # fmt: skip
    elif isinstance(value, int) and not 0 <= value < 10**rule.length:
        yield _problem(path, ProblemKind.RANGE, f"{value} không phải số có tối đa {rule.length} chữ số",
                       f"{value} is no number of at most {rule.length} digits")  # fmt: skip


def _allowed(letter: str) -> bool:
    code = ord(letter)
    return letter in "\t\n\r" or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or code >= 0x10000


def _problem(path: str, kind: ProblemKind, vi: str, en: str) -> Problem:
    return Problem(kind, path, f"{path}: {vi}.", f"{path}: {en}.")


def _write(element: etree._Element, record: object, rules: Iterable[Rule | Group]) -> None:
    for rule in rules:
        value = getattr(record, rule.attribute)
        if isinstance(rule, Group):
            for each in value if rule.repeated else (value,):
                _write(etree.SubElement(element, rule.tag), each, rule.rules)
        elif value is not None and value != "":
            text = f"{value.day:02d}/{value.month:02d}/{value.year:04d}" if isinstance(value, date) else str(value)
            etree.SubElement(element, rule.tag).text = text


def _parse(data: bytes) -> etree._Element:
    if len(data) > LARGEST:
        raise _malformed(_ROOT, f"lớn hơn {LARGEST // 10**6} MB", f"larger than {LARGEST // 10**6} MB")
    # In UTF-8 without zero bytes a document type can be looked for as bytes, whatever comes before it.
    if b"\0" in data or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise _malformed(_ROOT, "có khai báo kiểu tài liệu hoặc bảng mã lạ", "it declares a document type or encoding")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, encoding="utf-8"
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        why = one_line(str(error), 100)
        raise _malformed(_ROOT, f"sai cú pháp XML ({why})", f"wrong XML syntax ({why})") from error


def _read(element: etree._Element, rules: Sequence[Rule | Group], path: str) -> dict[str, Any]:
    by_tag = {rule.tag: rule for rule in rules}
    found: dict[str, Any] = {rule.attribute: () for rule in rules if isinstance(rule, Group) and rule.repeated}
    seen: set[str] = set()
    for child in element:
        tag = str(child.tag)
        rule = by_tag.get(tag)
        inner = f"{path}/{one_line(tag, 40)}"
        if rule is None:
            raise _malformed(inner, "phần tử lạ", "an unknown element")
        if tag in seen and not (isinstance(rule, Group) and rule.repeated):
            raise _malformed(inner, "phần tử lặp lại", "it stands twice")
        seen.add(tag)
        if isinstance(rule, Group):
            made = _MAKERS[rule.tag](**_read(child, rule.rules, inner))
            found[rule.attribute] = (*found[rule.attribute], made) if rule.repeated else made
        else:
            found[rule.attribute] = _value(child, rule, inner)
    for rule in rules:
        # A field that is not there is empty: a default such as the language was never written.
        if isinstance(rule, Rule) and rule.tag not in seen:
            found[rule.attribute] = "" if rule.kind is Kind.TEXT else None
        elif isinstance(rule, Group) and not rule.repeated and rule.tag not in seen:
            found[rule.attribute] = _MAKERS[rule.tag]()
    return found


def _value(element: etree._Element, rule: Rule, path: str) -> str | int | date | None:
    if len(element):
        raise _malformed(path, "chỉ được có chữ bên trong", "it may hold text only")
    text = element.text or ""
    if rule.kind is Kind.TEXT:
        return text
    text = text.strip()
    if not text:
        return None
    try:
        if rule.kind is Kind.NUMBER:
            if not (text.isascii() and text.isdigit() and len(text) <= 20):
                raise ValueError(text)
            return int(text)
        day, month, year = text.split("/")
        if (len(day), len(month), len(year)) != (2, 2, 4) or not (day + month + year).isdigit():
            raise ValueError(text)
        return date(int(year), int(month), int(day))
    except ValueError as error:
        seen = one_line(text, 30)
        kind_vi, kind_en = ("số", "number") if rule.kind is Kind.NUMBER else ("ngày dd/mm/yyyy", "day dd/mm/yyyy")
        raise _malformed(path, f"«{seen}» không phải {kind_vi}", f"“{seen}” is no {kind_en}") from error


def _malformed(place: str, why_vi: str, why_en: str) -> Refused:
    return Refused(DOSSIER_XML_MALFORMED, place=place, why_vi=why_vi, why_en=why_en)
