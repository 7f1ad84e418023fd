"""Packet framing: how an envelope and its parts travel in one body. Source: PR-NATIVE §2 (multipart/related, RFC 2387).

Both directions are sans-I/O: the writer yields bytes, the reader is fed bytes. A part is read by the size that the
envelope declares; the boundary is only checked, so content can never pretend to be framing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from typing import NoReturn, Protocol

from lienthong.base.errors import Refused
from lienthong.wire.envelope import Envelope, Part
from lienthong.wire.errors import PACKET_CUT_SHORT, PACKET_MALFORMED

ENVELOPE_LIMIT = 2 * 1024 * 1024
_HEAD_LIMIT = 2048
_BOUNDARY = re.compile(r'multipart/related\s*;(?:[^;]*;)*?\s*boundary="?([A-Za-z0-9_-]{8,70})"?', re.IGNORECASE)
_INDEX = re.compile(rb"<part-(0|[1-9][0-9]{0,3})>")


def content_type(boundary: str) -> str:
    """The value of the Content-Type header of a packet."""
    return f'multipart/related; boundary={boundary}; type="application/jose"'


def boundary_of(header: str) -> bytes:
    """The boundary that a Content-Type header names; refuses PACKET_MALFORMED."""
    found = _BOUNDARY.match(header)
    if found is None:
        raise Refused(PACKET_MALFORMED, why="Content-Type is not multipart/related with a boundary")
    return found.group(1).encode()


def envelope_head(boundary: str, size: int) -> bytes:
    """Framing before the envelope."""
    return f"--{boundary}\r\nContent-Type: application/jose\r\nContent-Length: {size}\r\n\r\n".encode()


def part_head(boundary: str, index: int, part: Part) -> bytes:
    """Framing before part ``index``."""
    return (
        f"\r\n--{boundary}\r\nContent-ID: <part-{index}>\r\nContent-Type: {part.media_type}\r\n"
        f"Content-Length: {part.size}\r\n\r\n"
    ).encode()


def tail(boundary: str) -> bytes:
    """Framing after the last part."""
    return f"\r\n--{boundary}--\r\n".encode()


def packet_size(boundary: str, token: bytes, parts: Iterable[tuple[int, Part]]) -> int:
    """Bytes of the whole body, for Content-Length."""
    size = len(envelope_head(boundary, len(token))) + len(token) + len(tail(boundary))
    return size + sum(len(part_head(boundary, i, part)) + part.size for i, part in parts)


def write_packet(
    boundary: str, token: bytes, parts: Sequence[tuple[int, Part]], content: Callable[[int], Iterable[bytes]]
) -> Iterator[bytes]:
    """The body of a packet: the signed envelope, then the parts named in ``parts``, bytes from ``content(index)``."""
    yield envelope_head(boundary, len(token)) + token
    for index, part in parts:
        yield part_head(boundary, index, part)
        yield from content(index)
    yield tail(boundary)


class PartSink(Protocol):
    """Takes the bytes of one part as they arrive."""

    def write(self, data: bytes | memoryview) -> object: ...


class PacketHandler(Protocol):
    """What the reader of a packet calls, in order."""

    def on_envelope(self, token: bytes) -> Envelope:
        """The signed envelope has arrived; return it verified and decoded, or raise."""
        ...

    def on_part(self, index: int, part: Part) -> PartSink:
        """Part ``index`` begins; return where its bytes go."""
        ...


class _State(Enum):
    FRAME = 0
    ENVELOPE = 1
    PART = 2
    END = 3


class PacketReader:
    """Push parser of one packet. Holds only the envelope and framing in memory; part bytes go straight to sinks.

    ``seen``: indexes of the parts that came inline.
    """

    def __init__(self, boundary: bytes, handler: PacketHandler) -> None:
        self._delimiter = b"--" + boundary
        self._handler = handler
        self._held = bytearray()
        self._state = _State.FRAME
        self._left = 0
        self._envelope: Envelope | None = None
        self._sink: PartSink | None = None
        self._last_index = -1
        self.seen: set[int] = set()

    def feed(self, data: bytes) -> None:
        """Take the next piece of the body, of any size. Refuses PACKET_MALFORMED."""
        view = memoryview(data)
        while len(view) > 0:
            view = self._take_part(view) if self._state is _State.PART else self._take_frame(view)

    def close(self) -> Envelope:
        """The body has ended: its envelope. Refuses PACKET_CUT_SHORT when it ended too early."""
        if self._state is not _State.END or self._envelope is None:
            raise Refused(PACKET_CUT_SHORT)
        return self._envelope

    def _take_part(self, view: memoryview) -> memoryview:
        piece = view[: self._left]
        if self._sink is not None:
            self._sink.write(piece)
        self._left -= len(piece)
        if self._left == 0:
            self._state = _State.FRAME
        return view[len(piece) :]

    def _take_frame(self, view: memoryview) -> memoryview:
        """Collect framing (or the envelope) until it is whole, act on it, and give back what follows it."""
        if self._state is _State.END:
            self._refuse("bytes follow the end")
        if self._state is _State.ENVELOPE:
            piece = view[: self._left]
            self._held += piece
            self._left -= len(piece)
            if self._left == 0:
                self._end_envelope()
            return view[len(piece) :]
        held = len(self._held)
        self._held += view[:_HEAD_LIMIT]
        used = self._step()
        if used is None:
            if len(self._held) > _HEAD_LIMIT:
                self._refuse("a part's head is too long")
            return view[_HEAD_LIMIT:]
        self._held.clear()
        return view[used - held :]

    def _step(self) -> int | None:
        """Act on a whole piece of framing at the start of what is held: its length, or None when more is needed."""
        lead = self._delimiter if self._envelope is None else b"\r\n" + self._delimiter
        if not self._held.startswith(lead[: len(self._held)]):
            self._refuse("a boundary is not where the declared size puts it")
        after = len(lead)
        if self._held[after : after + 4] == b"--\r\n" and self._envelope is not None:
            self._state = _State.END
            return after + 4
        end = self._held.find(b"\r\n\r\n", after)
        if end < 0:
            return None
        self._begin(bytes(self._held[after : end + 2]))
        return end + 4

    def _begin(self, head: bytes) -> None:
        fields = self._fields(head)
        length = fields.get(b"content-length", b"")
        if not length.isdigit() or len(length) > 13:
            self._refuse("a part has no Content-Length")
        self._left = int(length)
        if self._envelope is None:
            if fields.get(b"content-type") != b"application/jose" or not 0 < self._left <= ENVELOPE_LIMIT:
                self._refuse("the first part is not an envelope of a possible size")
            self._state = _State.ENVELOPE
            return
        self._begin_part(self._envelope, fields.get(b"content-id", b""))

    def _begin_part(self, envelope: Envelope, content_id: bytes) -> None:
        found = _INDEX.fullmatch(content_id)
        index = int(found.group(1)) if found else -1
        if not self._last_index < index < len(envelope.parts):
            self._refuse("a part is unknown, doubled or out of order")
        part = envelope.parts[index]
        if part.size != self._left:
            self._refuse(f"part {index} does not have the size that the envelope declares")
        self._last_index = index
        self.seen.add(index)
        self._sink = self._handler.on_part(index, part)
        self._state = _State.PART if self._left else _State.FRAME

    def _end_envelope(self) -> None:
        token = bytes(self._held)
        self._held.clear()
        self._state = _State.FRAME
        self._envelope = self._handler.on_envelope(token)

    def _fields(self, head: bytes) -> dict[bytes, bytes]:
        if not head.startswith(b"\r\n"):
            self._refuse("a boundary line has something after it")
        lines = head[2:].split(b"\r\n")[:-1]
        fields: dict[bytes, bytes] = {}
        for line in lines:
            name, colon, value = line.partition(b":")
            key = name.lower()
            if not colon or not name or key in fields:
                self._refuse("a part's head is malformed")
            fields[key] = value.strip()
        return fields

    def _refuse(self, why: str) -> NoReturn:
        raise Refused(PACKET_MALFORMED, why=why)
