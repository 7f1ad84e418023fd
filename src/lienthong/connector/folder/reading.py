"""From a drop to documents that can be handed over: rows understood, files found, everything wrong said at once."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.base.text import nfc, one_line
from lienthong.connector.folder.columns import Column, find
from lienthong.connector.folder.drops import Drop, DropKind, Entry, stem
from lienthong.connector.folder.errors import FOLDER_FILE_MISSING, FOLDER_ROW_INVALID
from lienthong.connector.folder.meaning import Desk, Order, understand
from lienthong.connector.folder.rows import LARGEST, Row, ending_of, read

SHOWN = 300
"""Findings written into one reason; the count says how many there were."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a drop. ``files``: in their order. ``text``: the row as TOML, when it is one of several."""

    order: Order
    base: str
    files: tuple[Entry, ...]
    line: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a drop is not taken yet. ``refusal``: what it is refused with when it waits too long; None: it waits on."""

    vi: str
    en: str
    refusal: Refused | None = None


NO_DIRECTORY = Waiting(
    "Đầu nối chưa nhận được danh bạ cơ quan từ trục; sẽ tự thử lại.",
    "The connector has no directory from the axis yet; it tries again by itself.",
)


def documents(
    drop: Drop, row: Entry, data: bytes, loose: Mapping[str, Entry], desk: Desk, today: date, done: frozenset[int]
) -> list[Document] | Waiting:
    """The documents of a drop that has a row, ``data``. ``done``: lines that were handled before a crash.

    Refuses FOLDER_ROW_UNREADABLE, FOLDER_ROW_INVALID.
    """
    rows = read(row.name, data)
    if not desk.recipients.ready:
        return NO_DIRECTORY
    several = len(rows) > 1
    problems: list[Problem] = []
    orders: list[tuple[Row, Order]] = []
    for each in rows:
        if each.line in done and each.line:
            continue
        order, found = understand(each, desk, today)
        problems += found
        if order is not None:
            orders.append((each, order))
    search = _Search(drop, row, loose, several)
    made = [search.document(each, order) for each, order in orders]
    problems += search.problems
    if problems:
        raise Refused(FOLDER_ROW_INVALID, tuple(problems[:SHOWN]), file=one_line(row.name, 80), count=len(problems))
    if search.missing:
        return _missing(row.name, search.missing)
    return made


def read_most(file: Path) -> bytes:
    """A row file, or just more of it than any may have; links are not followed."""
    with open(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as opened:  # noqa: PTH123
        return opened.read(LARGEST[ending_of(file.name)] + 1)


def _missing(row: str, names: Sequence[str]) -> Waiting:
    shown = one_line(", ".join(names[:20]), 400)
    return Waiting(
        f"Còn thiếu tệp (chưa có, còn rỗng hoặc đang được ghi): {shown}. Thả nốt vào cùng thư mục.",
        f"Files are missing (not here, empty or still being written): {shown}. Drop them into the same folder.",
        Refused(FOLDER_FILE_MISSING, file=one_line(row, 80), missing=shown),
    )


class _Search:
    """Finds the files of each row; no file serves two rows."""

    def __init__(self, drop: Drop, row: Entry, loose: Mapping[str, Entry], several: bool) -> None:
        self._drop, self._several = drop, several
        self._base = stem(row.name) if drop.within is None else drop.base
        self._named: dict[str, list[Entry]] = {}
        for entry in (*drop.files, *(() if drop.kind is DropKind.FOLDER else loose.values())):
            self._named.setdefault(nfc(entry.name), []).append(entry)
        self._used: set[str] = set()
        self.problems: list[Problem] = []
        self.missing: list[str] = []

    def document(self, row: Row, order: Order) -> Document:
        base = self._base
        line, text = (row.line, as_toml(row)) if self._several else (0, "")
        if not order.operation.takes_files:
            if self._drop.files and not self._several:
                self._say(
                    "tệp", f"việc «{order.operation.value}» không kèm tệp; hãy bỏ tệp ra", "this takes no files", 0
                )
            return Document(order, f"{base}.dong-{line}" if line else base, (), line, text)
        files = self._files(order, line)
        if line:
            base = stem(files[0].name) if files else f"{base}.dong-{line}"
        return Document(order, base, files, line, text)

    def _files(self, order: Order, line: int) -> tuple[Entry, ...]:
        if order.files is None:
            if self._several:
                self._say("tệp", "còn trống; ghi tên các tệp của dòng này", "is missing; name this row's files", line)
                return ()
            if not self._drop.files or any(entry.size == 0 for entry in self._drop.files):
                empty = [entry.name for entry in self._drop.files if entry.size == 0]
                self.missing += empty or [f"{self._drop.base}.pdf"]
            return self._drop.files
        files = [entry for name in order.files if (entry := self._find(name, line)) is not None]
        if self._drop.kind is DropKind.FOLDER and len(files) < len(self._drop.files):
            left = ", ".join(one_line(e.name, 60) for e in self._drop.files if e not in files)
            self._say(
                "tệp", f"thư mục còn tệp không được nhắc tới: {left}", f"the folder has further files: {left}", line
            )
        return tuple(files)

    def _find(self, name: str, line: int) -> Entry | None:
        shown, key = one_line(name, 80), nfc(name)
        if "/" in name or "\\" in name or name in {".", ".."}:
            self._say(
                "tệp", f"«{shown}» phải là tên tệp, không phải đường dẫn", f"“{shown}” must be a name, no path", line
            )
        elif key in self._used:
            self._say("tệp", f"«{shown}» được ghi hai lần", f"“{shown}” stands twice", line)
        elif len(self._named.get(key, ())) > 1:
            self._say("tệp", f"có hai tệp cùng tên «{shown}»", f"there are two files called “{shown}”", line)
        elif key not in self._named or self._named[key][0].size == 0:
            self.missing.append(shown)
        else:
            self._used.add(key)
            return self._named[key][0]
        return None

    def _say(self, name: str, vi: str, en: str, line: int) -> None:
        path = f"dòng {line} «{name}»" if line else f"«{name}»"
        self.problems.append(Problem(ProblemKind.FORMAT, path, f"{path}: {vi}.", f"{path}: {en}."))


def as_toml(row: Row) -> str:
    """A row of a table as a row file of its own, so that it can be dropped again alone."""
    lines = ["# Một dòng của bảng, tách riêng; sửa rồi thả lại cùng tệp.", "# One row of a table by itself."]
    for cell in row.cells:
        column = find(cell.name)
        if column is not None and column is not Column.FILES:
            lines.append(f"{_string(column.label)} = {_value(cell.value)}")
    return "\n".join([*lines, ""])


def _value(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _string(str(value))


def _string(text: str) -> str:
    # A JSON string is a basic string of TOML but for one control character.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def narrowed(drop: Drop, document: Document) -> Drop:
    """The part of a drop that one document is: its own files, and the row when that is all the row speaks of."""
    if drop.within is not None:
        return drop
    return replace(drop, base=document.base, row=None if document.line else drop.row, files=document.files)
