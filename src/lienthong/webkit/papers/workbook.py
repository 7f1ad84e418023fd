"""Looking into a workbook before any parser does: what unpacks without end or makes a parser fetch things is refused.

Source: ECMA-376 Part 2 (an .xlsx file is a ZIP package); the limits are a project decision.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.webkit.papers.errors import SPREADSHEET_TOO_LARGE, SPREADSHEET_UNREADABLE

_MARKUP = (".xml", ".rels", ".vml")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)
_BOOK_TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


@dataclass(frozen=True, slots=True)
class WorkbookLimits:
    """``file_bytes`` as uploaded, ``unpacked_bytes`` of all parts together, ``parts`` in the package."""

    file_bytes: int = 20 * 10**6
    unpacked_bytes: int = 100 * 10**6
    parts: int = 500


def look_into(name: str, data: bytes, limits: WorkbookLimits) -> None:
    """Refuse a file that is no harmless .xlsx. Refuses SPREADSHEET_TOO_LARGE, SPREADSHEET_UNREADABLE."""
    if len(data) > limits.file_bytes:
        megabytes = limits.file_bytes // 10**6
        raise too_large(name, "dung lượng tệp", "size of the file", f"{megabytes} MB")
    if not name.casefold().endswith(".xlsx"):
        raise unreadable(name, "tên tệp không kết thúc bằng .xlsx", "its name does not end with .xlsx")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            _parts(name, package, limits)
    except _BROKEN as error:
        raise unreadable(name, "tệp hỏng hoặc không phải .xlsx", "it is damaged or no .xlsx at all") from error


def _parts(name: str, package: zipfile.ZipFile, limits: WorkbookLimits) -> None:
    members = package.infolist()
    if len(members) > limits.parts:
        raise too_large(name, "số phần trong tệp", "parts inside the file", str(limits.parts))
    types = b""
    left = limits.unpacked_bytes
    for member in members:
        # The size that the package declares may be a lie, so the bytes themselves are counted.
        with package.open(member) as part:
            content = part.read(left + 1)
        left -= len(content)
        if left < 0:
            megabytes = limits.unpacked_bytes // 10**6
            raise too_large(name, "dung lượng sau khi giải nén", "size when unpacked", f"{megabytes} MB")
        lower = member.filename.casefold()
        if lower.endswith("vbaproject.bin"):
            raise unreadable(name, "tệp có macro", "it holds macros")
        if lower.endswith(_MARKUP) and not _plain(content):
            raise unreadable(name, "tệp có phần khai báo XML lạ", "it holds odd XML declarations")
        if member.filename == "[Content_Types].xml":
            types = content
    if _BOOK_TYPE not in types:
        raise unreadable(name, "bên trong không phải bảng tính .xlsx", "what is inside is no .xlsx spreadsheet")


def _plain(content: bytes) -> bool:
    """Whether markup is UTF-8 without a document type, so that looking for bytes finds what a parser would."""
    bare = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    said = _ENCODING.search(bare[:200])
    usual = said is None or said[1].lower() in {b"utf-8", b"us-ascii"}
    return bare[:1] in {b"<", b""} and usual and b"\0" not in content and b"<!DOCTYPE" not in content


def unreadable(name: str, why_vi: str, why_en: str) -> Refused:
    """The refusal of a file that is no spreadsheet to read."""
    return Refused(SPREADSHEET_UNREADABLE, name=one_line(name, 80), why_vi=why_vi, why_en=why_en)


def too_large(name: str, what_vi: str, what_en: str, limit: str) -> Refused:
    """The refusal for one limit that is passed."""
    return Refused(SPREADSHEET_TOO_LARGE, name=one_line(name, 80), what_vi=what_vi, what_en=what_en, limit=limit)
