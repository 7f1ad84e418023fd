"""Read values of BER or DER from a stream, without holding what is large. Source: ITU-T X.690 clauses 8.1.3, 8.7."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

MAXIMUM_DEPTH = 16
PIECE = 256 * 1024


class NotBer(ValueError):
    """The bytes are not the values that were expected; the message says where."""


class BerStream:
    """A cursor over pieces of bytes. Constructed values are entered and left; lengths may be indefinite."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._held = b""
        self._at = 0
        self._position = 0
        self._ends: list[int | None] = []

    def enter(self, tag: int) -> None:
        """Go into a constructed value of this kind."""
        length = self._header(tag)
        if len(self._ends) >= MAXIMUM_DEPTH:
            raise NotBer("too deep")
        self._ends.append(None if length is None else self._position + length)

    def leave(self) -> None:
        """Come out of a constructed value at its end."""
        end = self._ends.pop()
        if end is None:
            if self._exact(2) != b"\x00\x00":
                raise NotBer("more than was expected in a value")
        elif self._position != end:
            raise NotBer("a value is longer or shorter than what it holds")

    def next_tag(self) -> int | None:
        """First octet of the next value; None at the end of the value that was entered."""
        end = self._ends[-1] if self._ends else None
        if end is not None and self._position >= end:
            return None
        if not self._fill():
            return None
        octet = self._held[self._at]
        return None if octet == 0 and self._ends and end is None else octet

    def whole(self, tag: int, limit: int) -> bytes:
        """A small value with its tag and length, which must be definite."""
        length = self._header(tag)
        if length is None or length > limit:
            raise NotBer("a value is too long or of no definite length")
        return self._exact(length)

    def octets(self, primitive: int, constructed: int) -> Iterator[bytes]:
        """The content of an octet string in pieces, whole or in segments."""
        if self.next_tag() != constructed:
            length = self._header(primitive)
            if length is None:
                raise NotBer("a primitive value of no definite length")
            yield from self._run(length)
            return
        self.enter(constructed)
        while self.next_tag() is not None:
            yield from self.octets(0x04, 0x24)
        self.leave()

    def finish(self) -> None:
        """Nothing may follow."""
        if self._ends or self._fill():
            raise NotBer("bytes behind the end")

    def _header(self, tag: int) -> int | None:
        """Length of the next value, which must be of this kind; None when it is indefinite."""
        if self.next_tag() != tag:
            raise NotBer(f"tag {tag:02x} is missing")
        self._exact(1)
        first = self._exact(1)[0]
        if first < 0x80:
            length = first
        elif first == 0x80:
            if not tag & 0x20:
                raise NotBer("a primitive value of no definite length")
            return None
        elif first <= 0x88:
            length = int.from_bytes(self._exact(first - 0x80))
        else:
            raise NotBer("a length is too long")
        end = next((each for each in reversed(self._ends) if each is not None), None)
        if end is not None and self._position + length > end:
            raise NotBer("a value is longer than the one around it")
        return length

    def _run(self, length: int) -> Iterator[bytes]:
        left = length
        while left:
            if not self._fill():
                raise NotBer("cut short")
            piece = self._held[self._at : self._at + min(left, PIECE)]
            self._move(len(piece))
            left -= len(piece)
            yield piece

    def _exact(self, count: int) -> bytes:
        return b"".join(self._run(count))

    def _move(self, count: int) -> None:
        self._at += count
        self._position += count

    def _fill(self) -> bool:
        """Whether there is at least one more byte."""
        while self._at >= len(self._held):
            piece = next(self._pieces, None)
            if piece is None:
                return False
            self._held, self._at = piece, 0
        return True
