"""What lies in ``outbox/``, put together: which row and which files are one document.

The rule: a file belongs to the row whose name, without its ending, is the longest beginning of the file's name that is
followed by a dot: ``cv.pdf`` and ``cv.phu-luc-1.xlsx`` belong to ``cv.toml``. A ``.toml`` or ``.json`` is always a row.
A ``.csv`` or ``.xlsx`` is one when it is called ``rows…`` or ``danh-sach…``, or when another file has its name and no
shorter row claims it. A ``.edxml`` is a document by itself; so is a sub-folder, whose row is called ``van-ban`` or
``document``. Names are compared in Unicode form NFC. Pure but for :func:`look`.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from lienthong.base.text import fold, nfc
from lienthong.connector.folder.rows import SINGLE, TABLES, ending_of

NOTE = ".dang-cho.txt"
"""Ending of the notes that we put beside what waits."""
_UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".filepart", ".download", ".swp", "~")
_NOT_MEANT = {"thumbs.db", "desktop.ini", "mau"}
_FOLDER_ROWS = {"van-ban", "document"}
_TABLE_NAMES = ("rows", "danh-sach", "danh sach")
_DIGITS = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a directory. ``name`` may hold bytes that are no UTF-8, as the system decodes them."""

    name: str
    mode: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int

    @property
    def is_file(self) -> bool:
        return stat.S_ISREG(self.mode)

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.mode)

    @property
    def print(self) -> tuple[str, int, int, int]:
        """What stays as it is while nobody writes."""
        return self.name, self.inode, self.size, self.mtime_ns


class DropKind(Enum):
    """ROW: a row of one document. TABLE: rows of many. PACKET: a finished edXML. FOLDER: a sub-folder. STRANGE: nothing
    that may be taken. CLASH: two rows of one name."""

    ROW = "row"
    TABLE = "table"
    PACKET = "packet"
    FOLDER = "folder"
    STRANGE = "strange"
    CLASH = "clash"


@dataclass(frozen=True, slots=True)
class Drop:
    """One thing that was dropped. ``base``: the name that its slips share. ``row``: None for packets and folders
    without one. ``files``: its documents in their order; for a folder those inside. ``within``: the folder's entry."""

    kind: DropKind
    base: str
    row: Entry | None
    files: tuple[Entry, ...] = ()
    within: Entry | None = None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything of it that lies in the directory itself."""
        if self.within is not None:
            return (self.within,)
        return (*self.files, self.row) if self.row is not None else self.files

    @property
    def parts(self) -> tuple[Entry, ...]:
        """Every file, wherever it lies."""
        return (*self.files, self.row) if self.row is not None else self.files

    @property
    def order(self) -> tuple[int, list[tuple[int, int, str]]]:
        """Sort key: by arrival of the last part, then by name as people count."""
        return max(entry.ctime_ns for entry in self.entries), natural(self.base)


def look(folder: Path) -> dict[str, Entry]:
    """The names in a directory that were meant to be there. Links are not followed."""
    found: dict[str, Entry] = {}
    with os.scandir(folder) as names:
        for name in names:
            if not meant(name.name):
                continue
            try:
                told = name.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            found[name.name] = Entry(
                name.name, told.st_mode, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns
            )
    return found


def meant(name: str) -> bool:
    """Whether a name is somebody's finished file: not hidden, not half-written, not one of our notes."""
    plain = name.casefold()
    if plain.startswith((".", "~$")) or plain in _NOT_MEANT or plain.endswith(NOTE):
        return False
    return not plain.endswith(_UNFINISHED)


def natural(name: str) -> list[tuple[int, int, str]]:
    """Sort key in which ``file 9`` stands before ``file 10``."""
    pieces = _DIGITS.split(name)
    return [(1, int(piece), piece) if at % 2 else (0, 0, piece) for at, piece in enumerate(pieces)]


def stem(name: str) -> str:
    """A name without its last ending; a name of nothing else keeps it."""
    head, dot, _ = name.rpartition(".")
    return head if dot and head else name


def group(entries: Mapping[str, Entry]) -> tuple[list[Drop], dict[str, Entry]]:
    """The drops among the entries of ``outbox/`` in order, and the files of which no row speaks by its name."""
    files = {name: entry for name, entry in entries.items() if entry.is_file}
    drops = [_other(entry) for entry in entries.values() if not entry.is_file]
    drops += [
        Drop(DropKind.PACKET, stem(name), None, (entry,)) for name, entry in files.items() if _ends(name) == ".edxml"
    ]
    files = {name: entry for name, entry in files.items() if _ends(name) != ".edxml"}
    rows = _rows(files)
    chosen = {entry.name for found in rows.values() for entry in found}
    belonging: dict[str, list[Entry]] = {key: [] for key in rows}
    loose: dict[str, Entry] = {}
    for name, entry in files.items():
        if name in chosen:
            continue
        owner = next((prefix for prefix in _beginnings(nfc(name)) if prefix in rows), None)
        if owner is None:
            loose[name] = entry
        else:
            belonging[owner].append(entry)
    for key, found in rows.items():
        drops += _of_rows(key, found, belonging[key])
    return sorted(drops, key=lambda drop: drop.order), loose


def inside(drop: Drop, entries: Mapping[str, Entry]) -> Drop:
    """A sub-folder with what lies in it."""
    if any(not entry.is_file for entry in entries.values()):
        return Drop(DropKind.STRANGE, drop.base, None, (), drop.within)
    rows = [e for n, e in entries.items() if ending_of(n) and fold(stem(n)) in _FOLDER_ROWS]
    kind = DropKind.FOLDER if len(rows) < 2 else DropKind.CLASH
    files = [entry for entry in entries.values() if entry not in rows]
    return Drop(kind, drop.base, rows[0] if rows else None, tuple(_ordered("", files)), drop.within)


def _other(entry: Entry) -> Drop:
    kind = DropKind.FOLDER if entry.is_folder else DropKind.STRANGE
    return Drop(kind, entry.name if entry.is_folder else stem(entry.name), None, (), entry)


def _ends(name: str) -> str:
    return "." + name.rpartition(".")[2].casefold()


def _beginnings(name: str) -> Iterator[str]:
    """Every beginning that is followed by a dot, the longest first."""
    at = name.rfind(".")
    while at > 0:
        yield name[:at]
        at = name.rfind(".", 0, at)


def _rows(files: Mapping[str, Entry]) -> dict[str, list[Entry]]:
    """Row files by their stem in form NFC; more than one of a stem is a clash."""
    rows: dict[str, list[Entry]] = {}
    tables: list[tuple[str, Entry]] = []
    led: dict[str, int] = {}
    for name, entry in files.items():
        ending = ending_of(name)
        key = nfc(stem(name))
        if ending in SINGLE:
            rows.setdefault(key, []).append(entry)
        elif ending in TABLES:
            tables.append((key, entry))
        for prefix in _beginnings(nfc(name)):
            led[prefix] = led.get(prefix, 0) + 1
    for key, entry in sorted(tables, key=lambda each: (len(each[0]), each[1].name)):
        claimed = any(prefix in rows for prefix in _beginnings(nfc(entry.name)))
        if not claimed and (led.get(key, 0) > 1 or fold(key).startswith(_TABLE_NAMES)):
            rows[key] = [entry]
    return rows


def _of_rows(key: str, rows: list[Entry], files: list[Entry]) -> Iterable[Drop]:
    base = stem(rows[0].name)
    if len(rows) > 1:
        return [Drop(DropKind.CLASH, base, None, (*rows, *_ordered(key, files)))]
    kind = DropKind.TABLE if ending_of(rows[0].name) in TABLES else DropKind.ROW
    return [Drop(kind, base, rows[0], tuple(_ordered(key, files)))]


def _ordered(key: str, files: Iterable[Entry]) -> list[Entry]:
    """The document itself first, then its further files as people count."""
    return sorted(files, key=lambda e: (bool(key) and nfc(stem(e.name)) != key, natural(nfc(e.name))))
