"""The container of a proof file: a ZIP of one canonical form, written and read as a stream.

Source: EN 319 162-1 clause A.1 (first entry ``mimetype``, stored, without extra field) and PKWARE APPNOTE 6.3 (4.3.7,
4.3.9, 4.3.12 to 4.3.16). Nothing is compressed, so there is nothing to inflate without bound; dates are fixed, so equal
contents give equal bytes. The reader accepts only what the writer would have written: it rebuilds every header from
the directory and compares. Names given twice, paths that lead out, gaps, comments and hidden entries cannot occur.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, NoReturn
from zlib import crc32

from lienthong.base.errors import Refused
from lienthong.packages.errors import PROOF_CONTAINER_BROKEN, PROOF_CONTENT_DAMAGED

MAX_ENTRIES = 50_000
CHUNK = 256 * 1024
_LIMIT32 = 0xFFFFFFFF
_LIMIT16 = 0xFFFF
_MAX_DIRECTORY = MAX_ENTRIES * 200
_NAME = re.compile(r"(?=.{1,80}\Z)[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*){0,3}", re.ASCII)
_DATE = 0x0021  # 1 January 1980, the earliest that the format knows
_STREAMED = 0x0008
_MODE = 0o100644 << 16
_CENTRAL = struct.Struct("<4s6H3I5H2I")


@dataclass(frozen=True, slots=True)
class Content:
    """One entry to write: its ``name``, its ``size`` in bytes, and the bytes in pieces."""

    name: str
    size: int
    chunks: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it stands in a container. ``streamed``: its CRC follows its bytes."""

    name: str
    size: int
    crc: int
    offset: int
    streamed: bool

    @property
    def start(self) -> int:
        """Where its bytes begin."""
        return self.offset + len(_local_header(self))

    @property
    def end(self) -> int:
        """Where the next entry begins."""
        return self.start + self.size + len(_descriptor(self))


def write_container(contents: Iterable[Content | tuple[str, bytes]]) -> Iterator[bytes]:
    """The container as a stream of bytes, in the order given; a (name, bytes) pair is written in one piece.

    Refuses, before the end is written: PROOF_CONTENT_DAMAGED when an entry is longer or shorter than announced.
    """
    entries: dict[str, Entry] = {}
    offset = 0
    for content in contents:
        taken = content[0] if isinstance(content, tuple) else content.name
        if not _NAME.fullmatch(taken) or taken in entries:
            raise ValueError(f"{taken!r} cannot name an entry")
        if isinstance(content, tuple):
            name, data = content
            entry = Entry(name, len(data), crc32(data), offset, streamed=False)
            yield _local_header(entry) + data
        else:
            entry = yield from _stream(content, offset)
        entries[taken] = entry
        offset = entry.end
    yield _ending(list(entries.values()), offset)


def _stream(content: Content, offset: int) -> Generator[bytes, None, Entry]:
    yield _local_header(Entry(content.name, content.size, 0, offset, streamed=True))
    size = crc = 0
    for chunk in content.chunks:
        size += len(chunk)
        if size > content.size:
            raise Refused(PROOF_CONTENT_DAMAGED, name=content.name)
        crc = crc32(chunk, crc)
        yield chunk
    if size != content.size:
        raise Refused(PROOF_CONTENT_DAMAGED, name=content.name)
    entry = Entry(content.name, size, crc, offset, streamed=True)
    yield _descriptor(entry)
    return entry


class Container:
    """A container that was checked to be of the canonical form; entries are read on demand, never all at once."""

    def __init__(self, file: BinaryIO) -> None:
        """Read the directory of a seekable file and check the whole layout. Refuses: PROOF_CONTAINER_BROKEN."""
        self._file = file
        self.size = file.seek(0, 2)
        self.entries = {entry.name: entry for entry in _read_directory(file, self.size)}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the entries in their order."""
        return tuple(self.entries)

    def read(self, name: str, limit: int) -> bytes:
        """All bytes of a small entry. Refuses: PROOF_CONTAINER_BROKEN when it is larger, or its CRC is wrong."""
        entry = self.entries.get(name)
        if entry is None or entry.size > limit:
            _broken(f"{name}: {'missing' if entry is None else 'too large'}")
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of an entry in pieces; a wrong CRC is refused (PROOF_CONTAINER_BROKEN) at the end."""
        entry = self.entries[name]
        at, end, crc = entry.start, entry.start + entry.size, 0
        while at < end:
            self._file.seek(at)
            chunk = self._file.read(min(CHUNK, end - at))
            if not chunk:
                _broken(f"{name}: cut short")
            at += len(chunk)
            crc = crc32(chunk, crc)
            yield chunk
        if crc != entry.crc:
            _broken(f"{name}: CRC")


def _broken(why: str) -> NoReturn:
    raise Refused(PROOF_CONTAINER_BROKEN, why=why)


def _take(file: BinaryIO, at: int, size: int) -> bytes:
    if at < 0:
        _broken("cut short")
    file.seek(at)
    return file.read(size)


def _read_directory(file: BinaryIO, size: int) -> list[Entry]:
    """Entries in the order of the file, after every byte of framing was compared with what it must be."""
    end = _take(file, max(0, size - 22), 22)
    if len(end) != 22 or end[:4] != b"PK\x05\x06":
        _broken("no directory at the end")
    count, length, start = struct.unpack("<HII", end[10:20])
    if count == _LIMIT16 or _LIMIT32 in (length, start):
        wide = _take(file, size - 98, 56)
        if len(wide) != 56 or wide[:4] != b"PK\x06\x06":
            _broken("no wide directory")
        count, length, start = struct.unpack("<QQQ", wide[32:56])
    if count > MAX_ENTRIES or length > _MAX_DIRECTORY or start + length > size:
        _broken("directory too large")
    entries = _parse_central(_take(file, start, length), count)
    if _take(file, start, size - start) != _ending(entries, start):
        _broken("directory is not in canonical form")
    if not entries or entries[0].name != "mimetype" or len({entry.name for entry in entries}) != len(entries):
        _broken("names of the entries")
    at = 0
    for entry in entries:
        header, descriptor = _local_header(entry), _descriptor(entry)
        if entry.offset != at or _take(file, at, len(header)) != header:
            _broken(f"{entry.name}: header")
        at = entry.end
        if _take(file, at - len(descriptor), len(descriptor)) != descriptor:
            _broken(f"{entry.name}: length")
    if at != start:
        _broken("bytes between entries and directory")
    return entries


def _parse_central(directory: bytes, count: int) -> list[Entry]:
    entries: list[Entry] = []
    at = 0
    for _ in range(count):
        fixed = directory[at : at + _CENTRAL.size]
        if len(fixed) != _CENTRAL.size:
            _broken("directory cut short")
        fields = _CENTRAL.unpack(fixed)
        flags, crc, size, name_size, extra_size, offset = (fields[i] for i in (3, 7, 9, 10, 11, 16))
        at += _CENTRAL.size + name_size + extra_size
        name = directory[at - extra_size - name_size : at - extra_size].decode("ascii", "replace")
        extra = directory[at - extra_size : at]
        wide = list(struct.unpack(f"<{(len(extra) - 4) // 8}Q", extra[4:])) if len(extra) in (12, 20, 28) else []
        if size == _LIMIT32 and wide:
            size = wide[0]
        if offset == _LIMIT32 and wide:
            offset = wide[-1]
        if not _NAME.fullmatch(name):
            _broken("name of an entry")
        entries.append(Entry(name, size, crc, offset, bool(flags & _STREAMED)))
    return entries


def _local_header(entry: Entry) -> bytes:
    name, wide = entry.name.encode("ascii"), entry.size >= _LIMIT32
    size = 0 if entry.streamed else entry.size
    extra = struct.pack("<HHQQ", 1, 16, size, size) if wide else b""
    shown = _LIMIT32 if wide else size
    flags, crc = (_STREAMED, 0) if entry.streamed else (0, entry.crc)
    fixed = struct.pack(
        "<4s5H3I2H", b"PK\x03\x04", 45 if wide else 20, flags, 0, 0, _DATE, crc, shown, shown, len(name), len(extra)
    )
    return fixed + name + extra


def _descriptor(entry: Entry) -> bytes:
    if not entry.streamed:
        return b""
    form = "<4sIQQ" if entry.size >= _LIMIT32 else "<4sIII"
    return struct.pack(form, b"PK\x07\x08", entry.crc, entry.size, entry.size)


def _central_header(entry: Entry) -> bytes:
    name = entry.name.encode("ascii")
    wide_size, wide_offset = entry.size >= _LIMIT32, entry.offset >= _LIMIT32
    values = [entry.size, entry.size] * wide_size + [entry.offset] * wide_offset
    extra = struct.pack(f"<HH{len(values)}Q", 1, 8 * len(values), *values) if values else b""
    version = 45 if values else 20
    size, offset = min(entry.size, _LIMIT32), min(entry.offset, _LIMIT32)
    made_by, flags = 3 << 8 | version, _STREAMED if entry.streamed else 0
    lengths = (len(name), len(extra), 0, 0, 0)
    fixed = _CENTRAL.pack(
        b"PK\x01\x02", made_by, version, flags, 0, 0, _DATE, entry.crc, size, size, *lengths, _MODE, offset
    )
    return fixed + name + extra


def _ending(entries: list[Entry], start: int) -> bytes:
    """Directory and its end record, with the wide forms where a number needs them."""
    directory = b"".join(_central_header(entry) for entry in entries)
    count, length = len(entries), len(directory)
    wide = b""
    if count >= _LIMIT16 or length >= _LIMIT32 or start >= _LIMIT32:
        wide = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 3 << 8 | 45, 45, 0, 0, count, count, length, start)
        wide += struct.pack("<4sIQI", b"PK\x06\x07", 0, start + length, 1)
    short = min(count, _LIMIT16)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, short, short, min(length, _LIMIT32), min(start, _LIMIT32), 0)
    return directory + wide + end
