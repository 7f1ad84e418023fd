"""The cells of one row, read with every finding collected instead of the first one raised."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime

from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.base.text import nfc, one_line
from lienthong.connector.folder.columns import Column, find, nearest
from lienthong.connector.folder.rows import Cell, DayNumber, Formula, Row
from lienthong.vocabulary.number import FIRST_YEAR, read_date

LONGEST = 4000
_SEPARATORS = re.compile(r"[;\n]")


class Cells:
    """One row by column. ``problems``: what was wrong so far, in the order in which it was met."""

    def __init__(self, row: Row) -> None:
        self.line = row.line
        self.problems: list[Problem] = []
        self._cells: dict[Column, Cell] = {}
        for cell in row.cells:
            self._place(cell)

    def _place(self, cell: Cell) -> None:
        column = find(cell.name)
        if column is None:
            like = nearest(cell.name)
            hint = (f"; có phải «{like}»?", f"; is it “{like}”?") if like else ("", "")
            self._say(
                cell.path, ProblemKind.FORMAT, f"không có cột tên này{hint[0]}", f"there is no such column{hint[1]}"
            )
        elif column in self._cells:
            self._say(
                cell.path,
                ProblemKind.FORMAT,
                "ghi hai lần cùng một cột; chỉ giữ một",
                "the column stands twice; keep one",
            )
        elif isinstance(cell.value, Formula):
            self._say(
                cell.path, ProblemKind.TYPE, "là công thức hoặc ô lỗi; hãy dán giá trị vào ô",
                "it is a formula or an error; paste the value",
            )  # fmt: skip
        else:
            self._cells[column] = cell

    def has(self, column: Column) -> bool:
        return column in self._cells

    def path(self, column: Column) -> str:
        """Where a person finds, or should put, this column."""
        cell = self._cells.get(column)
        if cell is not None:
            return cell.path
        return f"dòng {self.line} «{column.label}»" if self.line else f"«{column.label}»"

    def wrong(self, column: Column, vi: str, en: str, kind: ProblemKind = ProblemKind.FORMAT) -> None:
        """Note a finding about a column."""
        self._say(self.path(column), kind, vi, en)

    def refused(self, column: Column, refused: Refused) -> None:
        """Note a refusal of the vocabulary about a column."""
        self.wrong(
            column,
            f"{refused.sentence('vi')} {refused.advice('vi')}",
            f"{refused.sentence('en')} {refused.advice('en')}",
        )

    def unused(self, allowed: Iterable[Column], operation: str) -> None:
        """Note every column that this operation has no use for: whoever wrote it expects something of it."""
        for column in self._cells.keys() - set(allowed):
            self.wrong(
                column, f"không dùng cho việc «{operation}»; hãy bỏ đi", f"has no use in “{operation}”; take it out"
            )

    def text(self, column: Column, *, required: bool = False) -> str:
        """A text on one line or several; numbers are taken as they were typed."""
        cell = self._cells.get(column)
        value = cell.value if cell is not None else ""
        if isinstance(value, bool | list | dict | date):
            self.wrong(column, "phải là chữ", "must be text", ProblemKind.TYPE)
            return ""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        found = nfc(str(value)).strip()
        if len(found) > LONGEST or any(map(_unfit, found)):
            self.wrong(column, "quá dài hoặc có ký tự điều khiển", "too long, or with control characters")
            return ""
        if required and not found:
            self.wrong(column, "còn trống; hãy ghi vào", "is missing; write it", ProblemKind.REQUIRED)
        return " ".join(found.split()) if column is not Column.DESCRIPTION else found

    def texts(self, column: Column, *, required: bool = False) -> tuple[str, ...]:
        """Several texts: a list, or one text with ``;`` or line ends between them."""
        cell = self._cells.get(column)
        value = cell.value if cell is not None else ""
        if isinstance(value, list):
            if not all(isinstance(each, str) for each in value):
                self.wrong(column, "danh sách chỉ gồm chữ", "the list must hold text only", ProblemKind.TYPE)
                return ()
            found = [nfc(each).strip() for each in value if each.strip()]
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            plain = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
            found = [part.strip() for part in _SEPARATORS.split(nfc(plain)) if part.strip()]
        else:
            self.wrong(column, "phải là danh sách chữ", "must be a list of texts", ProblemKind.TYPE)
            return ()
        if any(len(each) > LONGEST or any(map(_unfit, each)) for each in found):
            self.wrong(column, "quá dài hoặc có ký tự điều khiển", "too long, or with control characters")
            return ()
        if required and not found:
            self.wrong(column, "còn trống; hãy ghi vào", "is missing; write it", ProblemKind.REQUIRED)
        return tuple(found)

    def day(self, column: Column, *, required: bool = False) -> date | None:
        """A date: a date of the file's own kind, ``dd/MM/yyyy`` or ``yyyy-MM-dd``."""
        cell = self._cells.get(column)
        if cell is None or cell.value == "":
            if required:
                self.wrong(
                    column, "còn trống; ghi ngày như 20/11/2026", "is missing; write it like 20/11/2026",
                    ProblemKind.REQUIRED,
                )  # fmt: skip
            return None
        found = _day(cell.value)
        if found is None:
            self.wrong(
                column, f"«{one_line(str(cell.value), 30)}» không phải ngày; ghi như 20/11/2026 hoặc 2026-11-20",
                f"“{one_line(str(cell.value), 30)}” is no date; write it like 20/11/2026 or 2026-11-20",
            )  # fmt: skip
        return found

    def whole(self, column: Column, least: int, most: int) -> int | None:
        """A whole number."""
        text = self.text(column)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 9 and least <= int(text) <= most):
            self.wrong(
                column,
                f"phải là số từ {least} đến {most}",
                f"must be a number from {least} to {most}",
                ProblemKind.RANGE,
            )
            return None
        return int(text)

    def _say(self, path: str, kind: ProblemKind, vi: str, en: str) -> None:
        self.problems.append(Problem(kind, path, f"{path}: {vi}.", f"{path}: {en}."))


def _unfit(character: str) -> bool:
    """Controls, and halves of pairs that JSON lets in and no encoding writes."""
    return (ord(character) < 32 and character not in "\t\r\n") or 0xD800 <= ord(character) <= 0xDFFF


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        found: date | None = value
    elif isinstance(value, DayNumber):
        found = value.day
    elif isinstance(value, str):
        found, _ = read_date(value.strip())
    else:
        return None
    return found if found is not None and FIRST_YEAR <= found.year <= 2200 else None
