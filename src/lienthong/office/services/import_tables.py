"""Reading a table from an older system, CSV or XLSX, row by row; what cannot be read for certain is refused clearly.

Encodings of CSV: UTF-8 with or without mark, UTF-16 with mark, Windows-1258. Text in TCVN3 (ABC) or VNI looks like
letters to every program, so it is recognised by its words and refused: a wrong guess would store nonsense for ever.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from lienthong.base.errors import Refused
from lienthong.base.text import nfc, one_line
from lienthong.office.errors import IMPORT_TABLE_UNREADABLE
from lienthong.webkit.papers.workbook import WorkbookLimits, look_into

MOST_ROWS = 200_000
MOST_COLUMNS = 60
MOST_BYTES = 200_000_000
LONGEST_CELL = 20_000
LIMITS = WorkbookLimits(file_bytes=60 * 10**6, unpacked_bytes=400 * 10**6)
_LOOKED_AT = 200_000
_BROKEN = (
    ValueError, TypeError, LookupError, AttributeError, ArithmeticError, SyntaxError, EOFError, RuntimeError,
    AssertionError, OSError, zipfile.BadZipFile, zlib.error, InvalidFileException,
)  # fmt: skip
_TCVN3 = dict(
    zip(
        bytes.fromhex(
            "a8a9aaabacadaeb5b6b7b8b9bbbcbdbec6c7c8c9cacbccced0d1d2d3d4d5d6d7d8dcdddedfe1e2e3e4e5e6e7e8e9eaebecedeeef"
            "f1f2f3f4f5f6f7f8f9fafbfcfdfe"
        ).decode("latin-1"),
        "ăâêôơưđàảãáạằẳẵắặầẩẫấậèẻéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
        strict=True,
    )
)
_COMMON = re.compile(r"\b(?:số|văn|bản|ngày|về|việc|của|và|đến|cơ|quan|các|công|nơi|người|trích|yếu)\b")
_MARKS = "\u0300\u0301\u0303\u0309\u0323"
_MARKED = re.compile(f"[aăâeêioôơuưyAĂÂEÊIOÔƠUƯY][{_MARKS}]")


def lines(name: str, data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, each with its number in the file; cells as text, days as ``2021-03-05``.

    Refuses IMPORT_TABLE_UNREADABLE, SPREADSHEET_UNREADABLE, SPREADSHEET_TOO_LARGE; also while rows are read.
    """
    if len(data) > MOST_BYTES:
        raise unreadable(name, "tệp lớn hơn 200 MB", "it is larger than 200 MB")
    found = _sheet(name, data) if data.startswith(b"PK\x03\x04") or name.casefold().endswith(".xlsx") else None
    count = 0
    for number, cells in found if found is not None else _text_lines(name, decoded(name, data)):
        if not any(cells):
            continue
        count += 1
        if count > MOST_ROWS + 1:
            raise unreadable(name, f"có hơn {MOST_ROWS} dòng; tách thành nhiều tệp",
                             f"it has more than {MOST_ROWS} rows; split it")  # fmt: skip
        yield number, cells


def decoded(name: str, data: bytes) -> str:
    """The text of a CSV file. Refuses IMPORT_TABLE_UNREADABLE, naming the encoding where it is recognised."""
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
                           (codecs.BOM_UTF16_BE, "utf-16")):  # fmt: skip
        if data.startswith(mark):
            return _checked(name, _strict(name, data, encoding))
    if b"\x00" in data[:_LOOKED_AT]:
        raise unreadable(name, "không phải tệp văn bản", "it is no text file")
    try:
        return _checked(name, data.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    latin = data[:_LOOKED_AT].decode("latin-1")
    if looks_tcvn3(latin):
        raise _tcvn3(name)
    if _looks_1258(data[:_LOOKED_AT]):
        return _checked(name, nfc(_strict(name, data, "cp1258")))
    raise unreadable(name, "không nhận ra bảng mã (không phải UTF-8 hay Windows-1258); lưu lại dạng “CSV UTF-8”",
                     "its encoding is not known (neither UTF-8 nor Windows-1258); save it as “CSV UTF-8”")  # fmt: skip


def looks_tcvn3(text: str) -> bool:
    """Whether letters that mean nothing become Vietnamese words when they are read as TCVN3 (ABC)."""
    plain = text[:_LOOKED_AT].casefold()
    turned = "".join(_TCVN3.get(letter, letter) for letter in plain)
    return len(_COMMON.findall(turned)) > 2 * len(_COMMON.findall(nfc(plain))) + 2


def _looks_1258(data: bytes) -> bool:
    """Marks of tone stand after vowels in Windows-1258; in another encoding the same bytes stand anywhere."""
    try:
        text = data.decode("cp1258")
    except UnicodeDecodeError:
        return False
    marks = sum(text.count(mark) for mark in _MARKS)
    if marks == 0:
        return bool(_COMMON.search(nfc(text).casefold()))
    return len(_MARKED.findall(text)) >= 0.98 * marks


def _strict(name: str, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as reason:
        raise unreadable(name, f"có chỗ không đúng bảng mã {encoding} (byte {reason.start})",
                         f"some of it is no {encoding} (byte {reason.start})") from reason  # fmt: skip


def _checked(name: str, text: str) -> str:
    if looks_tcvn3(text):
        raise _tcvn3(name)
    return text


def _tcvn3(name: str) -> Refused:
    return unreadable(name, "chữ viết bằng bảng mã TCVN3 (phông .Vn…); chuyển sang Unicode rồi lưu “CSV UTF-8”",
                      "it is written in TCVN3 (fonts .Vn…); convert it to Unicode, save “CSV UTF-8”")  # fmt: skip


def _text_lines(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, _cells(name, reader.line_num, cells)
    except csv.Error as reason:
        raise unreadable(name, f"dòng {reader.line_num} không đúng dạng CSV (dấu nháy, ô quá dài)",
                         f"line {reader.line_num} is no sound CSV (quotes, or a huge cell)") from reason  # fmt: skip


def _sheet(name: str, data: bytes) -> Iterator[tuple[int, list[str]]]:
    look_into(name if name.casefold().endswith(".xlsx") else f"{name}.xlsx", data, LIMITS)
    checked = ""
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            for number, cells in enumerate(book.worksheets[0].iter_rows(max_col=MOST_COLUMNS + 1, values_only=True), 1):
                found = _cells(name, number, [_written(each) for each in cells])
                if number <= 50:
                    checked += " ".join(found) + "\n"
                    if number == 50 and looks_tcvn3(checked):
                        raise _tcvn3(name)
                yield number, found
            if looks_tcvn3(checked):
                raise _tcvn3(name)
        finally:
            book.close()
    except _BROKEN as reason:
        raise unreadable(name, "tệp hỏng bên trong", "it is damaged inside") from reason


def _written(value: object) -> str:
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _cells(name: str, number: int, given: Sequence[str]) -> list[str]:
    cells = list(given)
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > MOST_COLUMNS:
        raise unreadable(
            name, f"dòng {number} có hơn {MOST_COLUMNS} cột", f"row {number} has over {MOST_COLUMNS} columns"
        )
    if any(len(each) > LONGEST_CELL for each in cells):
        raise unreadable(name, f"dòng {number} có ô dài hơn {LONGEST_CELL} ký tự",
                         f"row {number} has a cell of over {LONGEST_CELL} characters")  # fmt: skip
    return [one_line(nfc(each), LONGEST_CELL) for each in cells]


def unreadable(name: str, why_vi: str, why_en: str) -> Refused:
    """The refusal of a table."""
    return Refused(IMPORT_TABLE_UNREADABLE, name=one_line(name, 80), why_vi=why_vi, why_en=why_en)
