"""Row files to rows: TOML and JSON hold one, CSV and XLSX hold as many as they like. Nothing is judged here but form.

Files come from other software and from people, so sizes are capped before anything is parsed, a workbook is looked at
before it is unpacked, and a formula is never calculated.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import Any

import openpyxl
from openpyxl.utils.cell import get_column_letter
from openpyxl.utils.datetime import from_excel
from openpyxl.utils.exceptions import InvalidFileException

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.connector.folder.errors import FOLDER_ROW_UNREADABLE

SINGLE = (".toml", ".json")
TABLES = (".csv", ".xlsx")

LARGEST = {".toml": 10**6, ".json": 10**6, ".csv": 20 * 10**6, ".xlsx": 20 * 10**6}
"""Bytes of a row file."""
LARGEST_UNPACKED = 40 * 10**6
"""Bytes of everything in a workbook once unpacked."""
MOST_ROWS = 20_000
MOST_COLUMNS = 60
_MEMBERS = 500
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_BROKEN = (
    ValueError, TypeError, LookupError, AttributeError, ArithmeticError, SyntaxError, EOFError, RuntimeError,
    AssertionError, OSError, zipfile.BadZipFile, zlib.error, InvalidFileException,
)  # fmt: skip
"""What openpyxl lets out on a file that is no sound workbook; its bytes are in memory, so no disk speaks here."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that calculates its value, or failed to; a document's particulars must be written down."""

    text: str


Value = str | int | float | bool | date | datetime | Formula | list[Any] | dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """One value. ``name``: of its column as written; ``path``: where a person finds it (``ô B3``, or the name)."""

    name: str
    path: str
    value: Value


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``line``: its number in the table, 0 in a file of one row."""

    line: int
    cells: tuple[Cell, ...]


def read(name: str, data: bytes) -> list[Row]:
    """The rows of a file. Refuses FOLDER_ROW_UNREADABLE."""
    ending = ending_of(name)
    if len(data) > LARGEST[ending]:
        raise unreadable(name, f"lớn hơn {LARGEST[ending] // 10**6} MB", f"larger than {LARGEST[ending] // 10**6} MB")
    if ending == ".xlsx":
        return _workbook(name, data)
    text = _text(name, data)
    if ending == ".csv":
        return _csv(name, text)
    try:
        members = tomllib.loads(text) if ending == ".toml" else json.loads(text, object_pairs_hook=_distinct)
    except (ValueError, RecursionError) as error:
        why = one_line(str(error), 120)
        raise unreadable(name, f"sai cú pháp ({why})", f"wrong syntax ({why})") from error
    if not isinstance(members, dict):
        raise unreadable(name, "không phải một nhóm «tên = giá trị»", "not a group of names and values")
    return [Row(0, tuple(Cell(key, f"«{one_line(key, 40)}»", value) for key, value in members.items()))]


def ending_of(name: str) -> str:
    """The ending of a row file's name in small letters; empty when it is no row file."""
    _, dot, ending = name.rpartition(".")
    found = f".{ending.casefold()}" if dot else ""
    return found if found in LARGEST else ""


def unreadable(name: str, why_vi: str, why_en: str) -> Refused:
    return Refused(FOLDER_ROW_UNREADABLE, file=one_line(name, 80), why_vi=why_vi, why_en=why_en)


def _text(name: str, data: bytes) -> str:
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        return data.decode(encoding)
    except ValueError as error:
        raise unreadable(name, "không phải UTF-8; hãy lưu lại với bảng mã UTF-8", "not UTF-8; save it so") from error


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name twice")
    return members


def _csv(name: str, text: str) -> list[Row]:
    head = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(";,\t", key=head.count)
    try:
        lines = list(islice(csv.reader(io.StringIO(text), delimiter=separator, strict=True), MOST_ROWS + 2))
    except csv.Error as error:
        why = one_line(str(error), 120)
        raise unreadable(name, f"sai cú pháp ({why})", f"wrong syntax ({why})") from error
    return _table(name, ((number, list(line)) for number, line in enumerate(lines, 1)))


def _workbook(name: str, data: bytes) -> list[Row]:
    try:
        _look_into(name, data)
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        try:
            sheet = book.worksheets[0]
            cells = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS + 1)
            return _table(name, ((n, [_cell(c, book.epoch) for c in row]) for n, row in enumerate(cells, 1)))
        finally:
            book.close()
    except _BROKEN as error:
        why = type(error).__name__
        raise unreadable(
            name, f"không phải bảng tính xlsx lành lặn ({why})", f"not a sound workbook ({why})"
        ) from error


def _look_into(name: str, data: bytes) -> None:
    """Refuse what would unpack without end, or what makes an XML parser fetch or expand things."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        if len(members) > _MEMBERS or sum(member.file_size for member in members) > LARGEST_UNPACKED:
            raise unreadable(name, "bảng tính phình ra quá lớn khi giải nén", "the workbook unpacks to far too much")
        left = LARGEST_UNPACKED
        for member in members:
            with archive.open(member) as file:
                content = file.read(left + 1)
            left -= len(content)
            if left < 0:
                raise unreadable(name, "bảng tính phình ra quá lớn khi giải nén", "it unpacks to far too much")
            if member.filename.casefold().endswith((".xml", ".rels", ".vml")) and not _plain_xml(content):
                raise unreadable(name, "bảng tính có phần khai báo lạ", "the workbook has odd declarations")


def _plain_xml(content: bytes) -> bool:
    bare = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    said = _ENCODING.search(bare[:200])
    usual = said is None or said[1].lower() in {b"utf-8", b"us-ascii"}
    return bare[:1] in {b"<", b""} and usual and b"\0" not in content and b"<!DOCTYPE" not in content


def _cell(cell: Any, epoch: datetime) -> Value | None:
    value = cell.value
    if cell.data_type in {"f", "e"}:
        return Formula(one_line(str(value), 40))
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    # A date that lost its format is still a number of days; only the reader of a date column can know.
    if isinstance(value, int | float) and not isinstance(value, bool) and epoch is not None:
        return DayNumber(value, epoch) if 1 <= value < 2_958_466 else value
    return value if isinstance(value, str | bool | int | float | date) else None if value is None else str(value)


class DayNumber(float):
    """A number in a workbook that may be a day."""

    epoch: datetime

    def __new__(cls, value: float, epoch: datetime) -> DayNumber:
        made = super().__new__(cls, value)
        made.epoch = epoch
        return made

    @property
    def day(self) -> date:
        """The day, if it is one."""
        found = from_excel(float(self), self.epoch)
        return found.date() if isinstance(found, datetime) else date.min


def _table(name: str, lines: Iterator[tuple[int, list[Any]]]) -> list[Row]:
    """Rows below the first line that says anything, which names the columns."""
    heads: list[str] | None = None
    rows: list[Row] = []
    for number, values in lines:
        present = [value for value in values if value is not None and value != ""]
        if not present:
            continue
        if heads is None:
            heads = ["" if value is None else str(value).strip() for value in values]
            while not heads[-1]:
                heads.pop()
            if len(heads) > MOST_COLUMNS:
                raise unreadable(name, f"có hơn {MOST_COLUMNS} cột", f"more than {MOST_COLUMNS} columns")
            continue
        if len(rows) == MOST_ROWS:
            raise unreadable(name, f"có hơn {MOST_ROWS} dòng", f"more than {MOST_ROWS} rows")
        rows.append(_row(heads, number, values))
    if not rows:
        raise unreadable(name, "không có dòng nào dưới dòng tên cột", "there is no row below the names of the columns")
    return rows


def _row(heads: list[str], number: int, values: list[Any]) -> Row:
    cells = []
    for index, value in enumerate(values):
        if value is None or value == "":
            continue
        head = heads[index] if index < len(heads) else ""
        cells.append(Cell(head, f"ô {get_column_letter(index + 1)}{number} «{one_line(head, 40)}»", value))
    return Row(number, tuple(cells))
