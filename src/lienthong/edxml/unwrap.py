"""Take a file out of the one-entry ZIP that the vendor's library puts around it, as a stream.

Names inside the ZIP are never used, only counted and stepped over, so no path can do harm; the attachment's
own name holds. Expanded size, ratio and number of entries are bounded while expanding. An archive with more
entries is no wrapping and is left to its reader.

Source: exchange facts §1.2 "Packing rule of the Java SDK"; PKWARE APPNOTE.TXT 4.3.7–4.3.16, 4.4.4, 4.5.3.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from lienthong.base.errors import ErrorCode, Refused
from lienthong.base.ids import Sha256
from lienthong.edxml.errors import EDXML_ZIP_BOMB, EDXML_ZIP_DAMAGED, EDXML_ZIP_ENCRYPTED, EDXML_ZIP_ENTRIES
from lienthong.edxml.limits import DEFAULT, Limits
from lienthong.edxml.sink import Sink

_LOCAL: Final = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL: Final = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END: Final = struct.Struct("<4sHHHHIIH")
_LOCAL_SIGNATURE, _CENTRAL_SIGNATURE, _END_SIGNATURE = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _DESCRIPTOR = 0x0001 | 0x0040 | 0x2000, 0x0008
_ZIP64: Final = 0xFFFFFFFF
_LONGEST_TAIL: Final = 512 * 1024
_PIECE: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """The file that was inside: its size and digest."""

    size: int
    sha256: Sha256


class _State(Enum):
    HEADER = 1
    STORED = 2
    DEFLATED = 3
    TAIL = 4


class Unwrapper:
    """A sink that expands the ZIP written into it and passes the file on to another sink.

    ``finish`` checks the directory of the ZIP and its checksum and closes the other sink. After a refusal the
    other sink has been aborted.
    Refuses: EDXML_ZIP_DAMAGED, EDXML_ZIP_ENCRYPTED, EDXML_ZIP_ENTRIES, EDXML_ZIP_BOMB.
    """

    def __init__(self, sink: Sink, limits: Limits = DEFAULT) -> None:
        self._sink = sink
        self._limits = limits
        self._state = _State.HEADER
        self._pending = b""
        self._inflate = zlib.decompressobj(-15)
        self._left = 0
        self._read = 0
        self._size = 0
        self._crc = 0
        self._digest = hashlib.sha256()

    def write(self, data: bytes) -> None:
        try:
            for at in range(0, len(data), _PIECE):
                self._take(data[at : at + _PIECE])
        except BaseException:
            self._sink.abort()
            raise

    def finish(self) -> Unwrapped:
        """The end of the ZIP: everything must agree, then the other sink is closed."""
        try:
            if not self._in(_State.TAIL):
                raise Refused(EDXML_ZIP_DAMAGED)
            self._check_tail(self._pending)
        except Refused:
            self._sink.abort()
            raise
        self._sink.close()
        return Unwrapped(self._size, Sha256(self._digest.digest()))

    def close(self) -> None:
        self.finish()

    def abort(self) -> None:
        self._sink.abort()

    def _in(self, state: _State) -> bool:
        return self._state is state

    def _take(self, data: bytes) -> None:
        if self._in(_State.HEADER):
            data = self._header(self._pending + data)
        if self._in(_State.STORED):
            piece, data = data[: self._left], data[self._left :]
            self._left -= len(piece)
            self._give(piece, len(piece))
            if not self._left:
                self._state = _State.TAIL
        if self._in(_State.DEFLATED):
            data = self._expand(data)
        if self._in(_State.TAIL):
            self._pending += data
            if len(self._pending) > _LONGEST_TAIL or self._pending.startswith(_LOCAL_SIGNATURE):
                raise self._refusal(EDXML_ZIP_ENTRIES)

    def _header(self, data: bytes) -> bytes:
        """Read the first local header; the bytes after it, or none while it is incomplete."""
        self._pending = data
        if len(data) < _LOCAL.size:
            return b""
        fields = _LOCAL.unpack_from(data)
        signature, flags, method, packed = fields[0], fields[2], fields[3], fields[7]
        if signature != _LOCAL_SIGNATURE:
            raise Refused(EDXML_ZIP_DAMAGED)
        if flags & _ENCRYPTED:
            raise Refused(EDXML_ZIP_ENCRYPTED)
        start = _LOCAL.size + fields[9] + fields[10]
        if len(data) < start:
            return b""
        if method == _DEFLATED:
            self._state = _State.DEFLATED
        elif method == _STORED and not flags & _DESCRIPTOR and packed != _ZIP64:
            self._state, self._left = _State.STORED, packed
        else:
            # A stored file of unknown length has no end that a stream could see.
            raise Refused(EDXML_ZIP_DAMAGED)
        self._pending = b""
        return data[start:]

    def _expand(self, data: bytes) -> bytes:
        """Inflate in bounded steps; what follows the compressed data is returned."""
        inflate = self._inflate
        while True:
            before = len(data)
            try:
                piece = inflate.decompress(data, _PIECE)
            except zlib.error:
                raise Refused(EDXML_ZIP_DAMAGED) from None
            data = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
            self._give(piece, before - len(data))
            if inflate.eof:
                self._state = _State.TAIL
                return data
            if not piece:
                return b""

    def _give(self, piece: bytes, packed: int) -> None:
        self._read += packed
        self._size += len(piece)
        limits = self._limits
        if self._size > limits.zip_bytes:
            raise Refused(EDXML_ZIP_BOMB, what_vi="kích thước", what_en="size", limit=f"{limits.zip_bytes} byte")
        if self._size > limits.zip_ratio_floor and self._size > limits.zip_ratio * max(self._read, 1):
            raise Refused(EDXML_ZIP_BOMB, what_vi="tỷ lệ nén", what_en="ratio", limit=limits.zip_ratio)
        if piece:
            self._crc = zlib.crc32(piece, self._crc)
            self._digest.update(piece)
            self._sink.write(piece)

    def _check_tail(self, tail: bytes) -> None:
        """One entry in the directory, at the start of the file, with the checksum of what came out."""
        at = next((n for n in (0, 12, 16, 20, 24) if tail.startswith(_CENTRAL_SIGNATURE, n)), -1)
        if at < 0 or len(tail) < at + _CENTRAL.size:
            more = any(tail.startswith(_LOCAL_SIGNATURE, n) for n in (0, 12, 16, 20, 24))
            raise self._refusal(EDXML_ZIP_ENTRIES if more else EDXML_ZIP_DAMAGED)
        central = _CENTRAL.unpack_from(tail, at)
        end_at = tail.rfind(_END_SIGNATURE)
        if end_at < 0 or len(tail) < end_at + _END.size:
            raise Refused(EDXML_ZIP_DAMAGED)
        end = _END.unpack_from(tail, end_at)
        if end[4] > self._limits.zip_entries:
            raise self._refusal(EDXML_ZIP_ENTRIES)
        if central[3] & _ENCRYPTED:
            raise Refused(EDXML_ZIP_ENCRYPTED)
        same_size = central[9] in (self._size, _ZIP64)
        if central[7] != self._crc or not same_size or central[16] != 0 or end[4] < 1:
            raise Refused(EDXML_ZIP_DAMAGED)

    def _refusal(self, code: ErrorCode) -> Refused:
        return Refused(code, limit=self._limits.zip_entries)


def unwrap(pieces: Iterable[bytes], sink: Sink, limits: Limits = DEFAULT) -> Unwrapped:
    """Take the only file of a ZIP out; ``sink`` is closed on success and aborted on refusal."""
    unwrapper = Unwrapper(sink, limits)
    for piece in pieces:
        unwrapper.write(piece)
    return unwrapper.finish()
