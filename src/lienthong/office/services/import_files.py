"""Files that rows of an older system name: in a ZIP package or a folder; names are only looked up, never made paths.

A package is read member by member into the blob store; nothing of it is unpacked to a place that its names choose.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from lienthong.base.errors import Refused
from lienthong.base.text import nfc, one_line
from lienthong.office.errors import IMPORT_PACKAGE_REFUSED
from lienthong.office.services.import_rows import Fault
from lienthong.office.services.kinds_of_files import type_of

MOST_MEMBERS = 300_000
MOST_UNPACKED = 200 * 10**9
MOST_RATIO = 200
SMALL = 10_000_000
"""A member under this may be packed as tightly as it likes: pages of one colour are."""
HEAD = 8192
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)
"""What reading a damaged package raises; the library knows no class for it."""


class Files(Protocol):
    """Where the files of an import lie."""

    def look(self, name: str) -> tuple[Fault, str] | None:
        """What is wrong with a file that a row names; None when it can be taken."""

    def open(self, name: str) -> BinaryIO:
        """The bytes of a file that :meth:`look` found right."""

    def close(self) -> None:
        """Let go of it."""


class NoFiles:
    """An import without files: every name is missing."""

    def look(self, name: str) -> tuple[Fault, str] | None:
        return Fault.FILE_MISSING, name

    def open(self, name: str) -> BinaryIO:
        raise FileNotFoundError(name)

    def close(self) -> None:
        """Nothing to let go of."""


def plain_name(name: str) -> str:
    """How names are compared: composed letters, one kind of slash, no letter case."""
    return nfc(name).replace("\\", "/").strip().strip("/").casefold()


def is_safe(name: str) -> bool:
    """Whether a member's name stays below the folder that it would be unpacked into."""
    given = name.replace("\\", "/")
    parts = given.split("/")
    return not (given.startswith("/") or ".." in parts or ":" in parts[0] or not one_line(given, 500))


@dataclass
class _Index:
    """Names to what they mean. The bare name of a file will do while only one has it."""

    whole: dict[str, str] = field(default_factory=dict)
    bare: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, stored: str) -> None:
        plain = plain_name(name)
        self.whole[plain] = stored
        self.bare.setdefault(plain.rpartition("/")[2], []).append(stored)

    def find(self, name: str) -> str | tuple[Fault, str]:
        plain = plain_name(name)
        if plain in self.whole:
            return self.whole[plain]
        same = self.bare.get(plain, [])
        if len(same) == 1:
            return same[0]
        return (Fault.FILE_DOUBLE if same else Fault.FILE_MISSING), name


class Package:
    """A ZIP package. Refuses IMPORT_PACKAGE_REFUSED: damaged, encrypted, with unsafe names, or one that swells."""

    def __init__(self, name: str, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except BROKEN as reason:
            raise refused(name, "tệp hỏng hoặc không phải ZIP", "it is damaged or no ZIP") from reason
        try:
            self._index = self._indexed(name)
        except BaseException:
            self._zip.close()
            raise

    def _indexed(self, name: str) -> _Index:
        members = self._zip.infolist()
        if len(members) > MOST_MEMBERS or sum(each.file_size for each in members) > MOST_UNPACKED:
            raise refused(name, "quá nhiều tệp hoặc quá lớn khi giải nén", "it holds too many files, or swells too far")
        index = _Index()
        for each in members:
            shown = one_line(each.filename, 80)
            if each.is_dir():
                continue
            if not is_safe(each.filename):
                raise refused(name, f"tên “{shown}” trỏ ra ngoài gói", f"the name “{shown}” points out of the package")
            if each.flag_bits & 0x1:
                raise refused(name, "gói có mật khẩu", "it is encrypted")
            if each.file_size > SMALL and each.file_size > MOST_RATIO * max(each.compress_size, 1):
                raise refused(name, f"“{shown}” phình quá {MOST_RATIO} lần khi giải nén",
                              f"“{shown}” swells over {MOST_RATIO} times")  # fmt: skip
            index.add(each.filename, each.filename)
        return index

    def look(self, name: str) -> tuple[Fault, str] | None:
        found = self._index.find(name)
        if not isinstance(found, str):
            return found
        try:
            with self._zip.open(found) as source:
                return _kind(source.read(HEAD), found)
        except BROKEN:
            return Fault.FILE_KIND, f"{name}: hỏng"

    def open(self, name: str) -> BinaryIO:
        found = self._index.find(name)
        if not isinstance(found, str):
            raise FileNotFoundError(name)
        return self._zip.open(found)  # type: ignore[return-value]  # reads bytes, which is all that is asked of it

    def close(self) -> None:
        self._zip.close()


class Folder:
    """A folder on this machine, for the command line. Links that lead out of it are not followed."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        if not self._root.is_dir():
            raise refused(root.name, "không phải thư mục", "it is no folder")
        self._index = _Index()
        for folder, _, names in os.walk(self._root):
            for each in names:
                path = Path(folder) / each
                self._index.add(str(path.relative_to(self._root)), str(path))

    def look(self, name: str) -> tuple[Fault, str] | None:
        found = self._index.find(name)
        if not isinstance(found, str):
            return found
        if not Path(found).resolve().is_relative_to(self._root):
            return Fault.FILE_MISSING, name
        try:
            with Path(found).open("rb") as source:
                return _kind(source.read(HEAD), Path(found).name)
        except OSError:
            return Fault.FILE_MISSING, name

    def open(self, name: str) -> BinaryIO:
        found = self._index.find(name)
        if not isinstance(found, str) or not Path(found).resolve().is_relative_to(self._root):
            raise FileNotFoundError(name)
        return Path(found).open("rb")

    def close(self) -> None:
        """Nothing to let go of."""


def _kind(head: bytes, name: str) -> tuple[Fault, str] | None:
    if not head:
        return Fault.FILE_KIND, f"{name}: rỗng"
    try:
        type_of(head, name)
    except Refused as refusal:
        return Fault.FILE_KIND, refusal.sentence("vi")
    return None


@contextmanager
def closing(files: Files) -> Iterator[Files]:
    """Let go of it at the end."""
    try:
        yield files
    finally:
        files.close()


def refused(name: str, why_vi: str, why_en: str) -> Refused:
    """The refusal of a package."""
    return Refused(IMPORT_PACKAGE_REFUSED, name=one_line(name, 80), why_vi=why_vi, why_en=why_en)
