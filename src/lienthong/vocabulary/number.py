"""Number and symbol of a document (số, ký hiệu) and the identifier made from them (mã định danh văn bản).
 Source: Decree 30/2020/NĐ-CP Appendix I (layout ``number/symbol``, groups joined by ``-``); Decision
28/2018/QĐ-TTg art. 10(2)(b) (identifier); QCVN 102:2016/BTTTT practice (``code,yyyy/MM/dd,number/symbol``).
Deviations are real.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum
from uuid import UUID

from lienthong.base.errors import Refused
from lienthong.base.ids import DocumentId
from lienthong.base.text import nfc, one_line
from lienthong.vocabulary import agency
from lienthong.vocabulary.errors import DOCUMENT_ID_MALFORMED, DOCUMENT_NUMBER_MALFORMED

MAX_ID_LENGTH = 255
"""Longest identifier read; practice limits it to 75, which long codes and symbols already exceed together."""

USUAL_ID_LENGTH = 75
MAX_NUMBER_LENGTH = 128
FIRST_YEAR = 1945
"""Issue dates before the state's own founding are misread dates (``30/10/20`` taken as the year 30)."""

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")
_SLASHES = dict.fromkeys(map(ord, "⁄∕／"), "/")
_SPACES_ABOUT = re.compile(r"\s*([/-])\s*")
_LEAD = re.compile(r"^s(?:ố|o)\s*[:.]?\s*(?=[0-9])", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+[0-9A-Za-zĐđ.]*")
_DATE = re.compile(r"([0-9]{1,4})[/-]([0-9]{1,2})[/-]([0-9]{1,4})")
_YEAR_ORDINAL = re.compile(r"(.+?)[,;/-]([12][0-9]{3})[,;/-]([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """Number and symbol of a document (số, ký hiệu): ``1234`` and ``VPCP-KSTT``.

    ``notation`` may hold a year for legal texts (``2020/NĐ-CP``) and is empty where an agency uses none.
    """

    number: str
    notation: str

    @property
    def text(self) -> str:
        """As printed: ``1234/VPCP-KSTT``."""
        return f"{self.number}/{self.notation}" if self.notation else self.number

    @property
    def key(self) -> str:
        """For comparison only: letter case, spaces and leading zeros do not matter (``05/QĐ-X`` is
        ``5/qđ-x``).
        """
        number = self.number.lstrip("0") or "0"
        return "".join(f"{number}/{self.notation}".casefold().split())


class IdForm(Enum):
    """How an identifier is built. OPAQUE ones are compared whole and never taken apart."""

    CODE_DATE_NUMBER = "code_date_number"
    CODE_YEAR_ORDINAL = "code_year_ordinal"
    UUID = "uuid"
    OPAQUE = "opaque"


class IdFlag(Enum):
    """What is unusual about an identifier that is accepted all the same."""

    DASH_DATE = "dash_date"
    DAY_FIRST_DATE = "day_first_date"
    IMPOSSIBLE_DATE = "impossible_date"
    NO_DATE = "no_date"
    IRREGULAR_CODE = "irregular_code"
    UNREADABLE_NUMBER = "unreadable_number"
    NOT_NORMALISED = "not_normalised"
    LONG = "long"


@dataclass(frozen=True, slots=True)
class ParsedDocumentId:
    """An identifier (mã định danh văn bản) and what could be read from it.

    ``text``: exactly as received; it alone is the identity. ``date_text``: the date as written, also when
    no such day exists (``2014/02/30``), in which case ``issue_date`` is absent. ``year`` is known for the
    year-and-ordinal form too.
    """

    text: DocumentId
    form: IdForm
    code: agency.Code | None = None
    date_text: str = ""
    issue_date: date | None = None
    year: int | None = None
    number: DocumentNumber | None = None
    flags: tuple[IdFlag, ...] = ()


def normalise(text: str) -> str:
    """One spelling: composed letters, plain dashes and slashes, no space around them, no leading ``Số:``."""
    plain = nfc(text).translate(_DASHES).translate(_SLASHES)
    return _LEAD.sub("", _SPACES_ABOUT.sub(r"\1", " ".join(plain.split())))


def split(text: str) -> tuple[str, str]:
    """Cut ``number/symbol`` at the first slash; without a slash the symbol is empty."""
    number, _, notation = normalise(text).partition("/")
    return number, notation


def merge(number: str, notation: str) -> str:
    """The full number and symbol; a symbol repeating the number (``15`` and ``15/QĐ-X``) is not doubled."""
    number, notation = normalise(number), normalise(notation)
    if notation.startswith(f"{number}/"):
        return notation
    return f"{number}/{notation}".rstrip("/")


def parse(text: str) -> DocumentNumber:
    """Read ``number/symbol``. Refuses DOCUMENT_NUMBER_MALFORMED: no number, too long, control characters."""
    if len(text) > MAX_NUMBER_LENGTH or any(ord(c) < 32 or ord(c) == 127 for c in text.strip()):
        raise _bad_number(text, "quá dài hoặc có ký tự điều khiển", "too long, or with control characters")
    number, notation = split(text)
    if _NUMBER.fullmatch(number) is None:
        raise _bad_number(text, "không bắt đầu bằng số văn bản", "it does not begin with a number")
    return DocumentNumber(number, notation.strip("/"))


def document_id(code: str, issue_date: date, number: str, notation: str) -> DocumentId:
    """The identifier in the form used on the axis: ``<code>,<yyyy/MM/dd>,<number>/<symbol>``.

    Refuses AGENCY_CODE_MALFORMED, DOCUMENT_NUMBER_MALFORMED.
    """
    full = parse(merge(number, notation))
    day = f"{issue_date.year:04d}/{issue_date.month:02d}/{issue_date.day:02d}"
    return DocumentId(f"{agency.parse(code).text},{day},{full.text}")


def parse_document_id(text: str) -> ParsedDocumentId:
    """Read any identifier that systems really send; unusual ones are flagged, not refused.

    Refuses DOCUMENT_ID_MALFORMED: empty, longer than 255 characters, control characters.
    """
    if not text.strip():
        raise _bad_id(text, "để trống", "it is empty")
    if len(text) > MAX_ID_LENGTH or any(ord(c) < 32 or ord(c) == 127 for c in text):
        raise _bad_id(text, "quá dài hoặc có ký tự điều khiển", "too long, or with control characters")
    flags = [IdFlag.LONG] if len(text) > USUAL_ID_LENGTH else []
    if text != nfc(text).strip():
        flags.append(IdFlag.NOT_NORMALISED)
    plain = nfc(text).strip()
    parsed = _comma_form(text, plain, flags) or _year_form(text, plain, flags)
    if parsed is not None:
        return parsed
    form = IdForm.UUID if _is_uuid(plain) else IdForm.OPAQUE
    return ParsedDocumentId(DocumentId(text), form, flags=(*flags, IdFlag.NO_DATE))


def read_date(text: str) -> tuple[date | None, tuple[IdFlag, ...]]:
    """Read an issue date in any spelling seen (``2015/09/30``, ``2015-09-30``, ``30/09/2015``).

    A day that does not exist, or a year before 1945, gives no date and IMPOSSIBLE_DATE.
    """
    hit = _DATE.fullmatch(text.strip())
    if hit is None:
        return None, (IdFlag.NO_DATE,)
    flags = [IdFlag.DASH_DATE] if "-" in text else []
    year, month, day = hit[1], hit[2], hit[3]
    if len(year) <= 2 and len(day) == 4:
        flags.append(IdFlag.DAY_FIRST_DATE)
        year, day = day, year
    try:
        read = date(int(year), int(month), int(day))
    except ValueError:
        return None, (*flags, IdFlag.IMPOSSIBLE_DATE)
    if read.year < FIRST_YEAR:
        return None, (*flags, IdFlag.IMPOSSIBLE_DATE)
    return read, tuple(flags)


def _comma_form(text: str, plain: str, flags: list[IdFlag]) -> ParsedDocumentId | None:
    parts = plain.split(",", 2)
    if len(parts) < 3:
        return None
    code = _code(parts[0])
    if code is None:
        return None
    issue_date, date_flags = read_date(parts[1])
    found = [*flags, *date_flags]
    if code.system is agency.CodeSystem.IRREGULAR:
        found.append(IdFlag.IRREGULAR_CODE)
    number: DocumentNumber | None = None
    try:
        number = parse(parts[2])
    except Refused:
        found.append(IdFlag.UNREADABLE_NUMBER)
    return ParsedDocumentId(
        DocumentId(text),
        IdForm.CODE_DATE_NUMBER,
        code,
        parts[1].strip(),
        issue_date,
        issue_date.year if issue_date else None,
        number,
        tuple(found),
    )


def _year_form(text: str, plain: str, flags: list[IdFlag]) -> ParsedDocumentId | None:
    hit = _YEAR_ORDINAL.fullmatch(plain)
    code = _code(hit[1]) if hit is not None else None
    if hit is None or code is None or code.level1 is None:
        return None
    number = DocumentNumber(hit[3], "")
    found = (*flags, IdFlag.NO_DATE)
    return ParsedDocumentId(DocumentId(text), IdForm.CODE_YEAR_ORDINAL, code, hit[2], None, int(hit[2]), number, found)


def _code(text: str) -> agency.Code | None:
    try:
        return agency.parse(text)
    except Refused:
        return None


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.casefold().strip("{}")
    except ValueError:
        return False


def _bad_number(text: str, why_vi: str, why_en: str) -> Refused:
    return Refused(DOCUMENT_NUMBER_MALFORMED, text=one_line(text, 60), why_vi=why_vi, why_en=why_en)


def _bad_id(text: str, why_vi: str, why_en: str) -> Refused:
    return Refused(DOCUMENT_ID_MALFORMED, text=one_line(text, 80), why_vi=why_vi, why_en=why_en)
