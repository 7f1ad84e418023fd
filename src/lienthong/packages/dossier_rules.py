"""The input fields of outgoing documents, incoming documents and dossiers: tag, type and length, in the decree's order.

The printed text has two tags misspelt (``Organld``, ``Signerlnfo``); the intended names stand here.
Source: Decree 30/2020/NĐ-CP Appendix VI, Part II, tables I, II and III.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """Type of a field. TEXT is String and LongText; DAY is ten characters, ``DD/MM/YYYY``."""

    TEXT = "String"
    NUMBER = "Number"
    DAY = "Date"


@dataclass(frozen=True, slots=True)
class Rule:
    """One field. ``attribute``: of our record. ``length``: characters or digits at most, 0 for no limit."""

    tag: str
    attribute: str
    kind: Kind
    length: int


@dataclass(frozen=True, slots=True)
class Group:
    """Fields within an element of their own."""

    tag: str
    attribute: str
    rules: tuple[Rule, ...]
    repeated: bool = False


def _text(tag: str, attribute: str, length: int) -> Rule:
    return Rule(tag, attribute, Kind.TEXT, length)


def _number(tag: str, attribute: str, length: int) -> Rule:
    return Rule(tag, attribute, Kind.NUMBER, length)


def _day(tag: str, attribute: str) -> Rule:
    return Rule(tag, attribute, Kind.DAY, 10)


FILE_CODE = Group("FileCode", "file_code", (
    _text("OrganId", "organ_id", 13), _number("FileCatalog", "file_catalog", 4),
    _text("FileNotation", "file_notation", 20),
))  # fmt: skip
SIGNER_INFO = Group(
    "SignerInfo", "signer_info", (_text("Position", "position", 100), _text("FullName", "full_name", 50))
)
TO = Group("To", "to", (_text("OrganId", "organ_id", 13), _text("OrganName", "organ_name", 200)), repeated=True)
_COMMON: tuple[Rule | Group, ...] = (
    FILE_CODE,
    _number("DocOrdinal", "doc_ordinal", 3),
    _text("TypeName", "type_name", 100),
    _text("CodeNumber", "code_number", 11),
    _text("CodeNotation", "code_notation", 30),
    _day("IssuedDate", "issued_date"),
    _text("OrganName", "organ_name", 200),
    _text("Subject", "subject", 500),
    _text("Language", "language", 30),
    _number("PageAmount", "page_amount", 3),
    _text("Description", "description", 500),
)
OUTGOING: tuple[Rule | Group, ...] = (
    *_COMMON,
    SIGNER_INFO,
    TO,
    _number("Priority", "priority", 1),
    _number("IssuedAmount", "issued_amount", 3),
    _day("DueDate", "due_date"),
)
INCOMING: tuple[Rule | Group, ...] = (
    *_COMMON,
    _day("ArrivalDate", "arrival_date"),
    _number("ArrivalNumber", "arrival_number", 10),
    SIGNER_INFO,
    _number("Priority", "priority", 1),
    _text("ToPlaces", "to_places", 1000),
    _text("TraceHeaderList", "trace_header_list", 0),
    _day("DueDate", "due_date"),
)
DOSSIER: tuple[Rule | Group, ...] = (
    FILE_CODE,
    _text("Title", "title", 500),
    _text("Maintenance", "maintenance", 30),
    _text("Rights", "rights", 30),
    _text("Creator", "creator", 30),
    _text("Language", "language", 50),
    _day("StartDate", "start_date"),
    _day("EndDate", "end_date"),
    _number("DocTotal", "doc_total", 4),
    _number("PageTotal", "page_total", 4),
    _text("Description", "description", 500),
)
