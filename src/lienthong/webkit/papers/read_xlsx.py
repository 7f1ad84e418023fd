"""A spreadsheet back into rows by the names of its columns: each wrong cell is named, and then no row is taken.

The header may stand below a head and a title, as in the papers of this system; a numbered row ``(1) (2) …`` below it is
passed over. A formula is never calculated.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any

import openpyxl
from openpyxl.utils.cell import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.base.text import fold, nfc, one_line
from lienthong.vocabulary.number import FIRST_YEAR, read_date
from lienthong.webkit.papers.errors import SPREADSHEET_CELLS_WRONG, SPREADSHEET_HEADER_WRONG
from lienthong.webkit.papers.workbook import WorkbookLimits, look_into, too_large, unreadable

MOST_COLUMNS = 60
HEADER_WITHIN = 30
"""The header stands in one of the first rows, this many."""
SHOWN_PROBLEMS = 200
_LAST_YEAR = 2200
_NUMBERED = re.compile(r"\(\d{1,2}\)")
_NUMBER = re.compile(r"-?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?")
_BROKEN = (
    ValueError, TypeError, LookupError, AttributeError, ArithmeticError, SyntaxError, EOFError, RuntimeError,
    AssertionError, OSError, zipfile.BadZipFile, zlib.error, InvalidFileException,
)  # fmt: skip
"""What the library lets out on a file that is no sound workbook; the bytes are in memory, so no disk speaks here."""

Value = str | int | Decimal | date | None


class Kind(Enum):
    """What the cells of a column are."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Field:
    """One column to read: ``name`` in code, ``header`` as printed (letter case and accents do not matter).

    ``choices``: the only texts allowed. ``longest``: letters of a text. ``least``/``most``: of a whole number.
    ``wanted``: whether the column may not be missing.
    """

    name: str
    header: str
    kind: Kind = Kind.TEXT
    required: bool = False
    choices: tuple[str, ...] = ()
    longest: int = 500
    least: int = 0
    most: int = 10**9
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One row. ``line``: its number in the sheet. ``heading``: only the heading column is filled."""

    line: int
    values: Mapping[str, Value]
    heading: bool = False


def read_xlsx(
    name: str, data: bytes, fields: Sequence[Field], *, heading: str = "", stop_at_blank: bool = False,
    most_rows: int = 20_000, limits: WorkbookLimits | None = None,
) -> list[ReadRow]:  # fmt: skip
    """The rows of the first sheet.

    ``heading``: a row in which only this column is filled opens a group and owes no required cell. ``stop_at_blank``:
    what follows the first empty row below the header is notes and signers.
    Refuses: SPREADSHEET_UNREADABLE, SPREADSHEET_TOO_LARGE, SPREADSHEET_HEADER_WRONG, and SPREADSHEET_CELLS_WRONG with a
    problem for each cell: sheet, cell, column, what was wrong and what is allowed.
    """
    look_into(name, data, limits or WorkbookLimits())
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        try:
            sheet = book.worksheets[0]
            reading = _Reading(name, str(sheet.title), tuple(fields), heading, most_rows)
            lines = sheet.iter_rows(max_col=MOST_COLUMNS + 1)
            return reading.read(enumerate(lines, 1), stop_at_blank=stop_at_blank)
        finally:
            book.close()
    except _BROKEN as error:
        raise unreadable(name, "tệp hỏng bên trong", "it is damaged inside") from error


@dataclass(slots=True)
class _Reading:
    """One sheet while it is read, and everything wrong met so far."""

    name: str
    sheet: str
    fields: tuple[Field, ...]
    heading: str
    most_rows: int
    problems: list[Problem] = field(default_factory=list)
    wrong: int = 0

    def read(self, lines: Iterator[tuple[int, Sequence[Any]]], *, stop_at_blank: bool) -> list[ReadRow]:
        columns = self._header(lines)
        rows: list[ReadRow] = []
        blanks = first = 0
        for line, cells in lines:
            filled = [cell for cell in cells if cell.value not in {None, ""}]
            if not filled:
                blanks += 1
                if stop_at_blank or blanks > self.most_rows:
                    break
                continue
            first += 1
            if first == 1 and all(_NUMBERED.fullmatch(str(cell.value).strip()) for cell in filled):
                continue
            if len(rows) >= self.most_rows:
                raise too_large(self.name, "số dòng", "rows", str(self.most_rows))
            rows.append(self._row(line, cells, columns))
        if self.problems:
            raise Refused(SPREADSHEET_CELLS_WRONG, tuple(self.problems), count=self.wrong)
        return rows

    def _header(self, lines: Iterator[tuple[int, Sequence[Any]]]) -> dict[int, Field]:
        """Column index to field, of the row that names the most columns."""
        by_name = {fold(each.header): each for each in self.fields}
        for line, cells in lines:
            names = [fold(str(cell.value)) if cell.value is not None else "" for cell in cells]
            known = [name for name in names if name in by_name]
            if len(set(known)) >= max(1, (len(self.fields) + 1) // 2):
                return self._named(names, by_name)
            if line >= HEADER_WITHIN:
                break
        raise self._no_header("không thấy dòng ghi tên các cột", "no row names the columns")

    def _named(self, names: list[str], by_name: Mapping[str, Field]) -> dict[int, Field]:
        columns: dict[int, Field] = {}
        for index, name in enumerate(names):
            if not name:
                continue
            found = by_name.get(name)
            letter = get_column_letter(index + 1)
            if found is None:
                raise self._no_header(f"cột {letter} có tên lạ", f"column {letter} has an unknown name")
            if found in columns.values():
                raise self._no_header(f"cột «{found.header}» có hai lần", f"column “{found.header}” stands twice")
            columns[index] = found
        for each in self.fields:
            if each.wanted and each not in columns.values():
                raise self._no_header(f"thiếu cột «{each.header}»", f"column “{each.header}” is missing")
        return columns

    def _no_header(self, why_vi: str, why_en: str) -> Refused:
        columns = ", ".join(f"«{each.header}»" for each in self.fields)
        return Refused(
            SPREADSHEET_HEADER_WRONG, sheet=one_line(self.sheet, 40), why_vi=why_vi, why_en=why_en, columns=columns
        )

    def _row(self, line: int, cells: Sequence[Any], columns: Mapping[int, Field]) -> ReadRow:
        values: dict[str, Value] = {}
        wrong: set[str] = set()
        for index, cell in enumerate(cells):
            column = columns.get(index)
            if column is not None:
                before = self.wrong
                values[column.name] = self._value(line, index, cell, column)
                if self.wrong > before:
                    wrong.add(column.name)
            elif cell.value not in {None, ""}:
                self._say(line, index, "", ProblemKind.FORMAT, "ô nằm ngoài các cột của bảng; hãy xoá",
                          "the cell lies outside the table; clear it")  # fmt: skip
        filled = {name for name, value in values.items() if value not in {None, ""}}
        if self.heading and filled == {self.heading} and not wrong:
            return ReadRow(line, values, heading=True)
        for index, column in columns.items():
            if column.required and column.name not in filled | wrong:
                self._say(line, index, column.header, ProblemKind.REQUIRED, "còn trống; hãy ghi vào",
                          "is empty; write it")  # fmt: skip
        return ReadRow(line, values)

    def _value(self, line: int, index: int, cell: Any, column: Field) -> Value:
        if cell.data_type in {"f", "e"}:
            self._say(line, index, column.header, ProblemKind.TYPE, "là công thức hoặc ô lỗi; hãy dán giá trị vào ô",
                      "is a formula or an error; paste the value")  # fmt: skip
            return None
        read = {Kind.TEXT: _text, Kind.WHOLE: _whole, Kind.NUMBER: _number, Kind.DAY: _day}[column.kind]
        try:
            return read(cell.value, column)
        except _Wrong as wrong:
            self._say(line, index, column.header, wrong.kind, wrong.vi, wrong.en)
            return None

    def _say(self, line: int, index: int, header: str, kind: ProblemKind, vi: str, en: str) -> None:
        self.wrong += 1
        if len(self.problems) >= SHOWN_PROBLEMS:
            return
        path = f"{one_line(self.sheet, 40)}!{get_column_letter(index + 1)}{line}"
        named_vi = f" (cột «{header}»)" if header else ""
        named_en = f" (column “{header}”)" if header else ""
        self.problems.append(Problem(kind, path, f"{path}{named_vi}: {vi}.", f"{path}{named_en}: {en}."))


class _Wrong(Exception):
    """A cell that cannot be what its column holds."""

    def __init__(self, kind: ProblemKind, vi: str, en: str) -> None:
        super().__init__(en)
        self.kind, self.vi, self.en = kind, vi, en


def _seen(value: object) -> str:
    return one_line(str(value), 30)


def _text(value: object, column: Field) -> str:
    if isinstance(value, bool | date | time):
        raise _Wrong(ProblemKind.TYPE, f"«{_seen(value)}» không phải chữ; đặt định dạng ô là văn bản",
                     f"“{_seen(value)}” is no text; format the cell as text")  # fmt: skip
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = nfc("" if value is None else str(value)).strip()
    if any(not (letter.isprintable() or letter == "\n") for letter in text):
        raise _Wrong(ProblemKind.FORMAT, "có ký tự điều khiển; hãy gõ lại", "holds control characters; type it again")
    if len(text) > column.longest:
        raise _Wrong(ProblemKind.RANGE, f"dài {len(text)} ký tự, tối đa {column.longest}",
                     f"has {len(text)} characters, at most {column.longest}")  # fmt: skip
    if text and column.choices:
        for choice in column.choices:
            if fold(choice) == fold(text):
                return choice
        allowed = ", ".join(f"«{choice}»" for choice in column.choices)
        raise _Wrong(ProblemKind.FORMAT, f"«{_seen(text)}» không có trong danh sách: {allowed}",
                     f"“{_seen(text)}” is not one of: {allowed}")  # fmt: skip
    return text


def _number(value: object, column: Field) -> Decimal | None:
    if value is None or value == "":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(repr(value))
    if isinstance(value, str) and len(value) < 40 and _NUMBER.fullmatch(value.strip()):
        return Decimal(value.strip().replace(".", "").replace(",", "."))
    raise _Wrong(ProblemKind.TYPE, f"«{_seen(value)}» không phải số; ghi như 1.234,5",
                 f"“{_seen(value)}” is no number; write it like 1.234,5")  # fmt: skip


def _whole(value: object, column: Field) -> int | None:
    found = _number(value, column)
    if found is None:
        return None
    if not found.is_finite() or found != found.to_integral_value() or not column.least <= found <= column.most:
        raise _Wrong(ProblemKind.RANGE, f"«{_seen(value)}» phải là số nguyên từ {column.least} đến {column.most}",
                     f"“{_seen(value)}” must be a whole number from {column.least} to {column.most}")  # fmt: skip
    return int(found)


def _day(value: object, column: Field) -> date | None:
    found: date | None = None
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        found = value.date()
    elif isinstance(value, date):
        found = value
    elif isinstance(value, str):
        found, _ = read_date(value.strip())
    if found is None or not FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise _Wrong(ProblemKind.FORMAT, f"«{_seen(value)}» không phải ngày; ghi như 20/11/2026",
                     f"“{_seen(value)}” is no date; write it like 20/11/2026")  # fmt: skip
    return found
