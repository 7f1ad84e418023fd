"""``multipart/form-data`` while it arrives: one file passed on in pieces, small fields kept. Source: RFC 7578."""

from __future__ import annotations

import re
from collections.abc import Callable

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser

from lienthong.base.errors import Refused
from lienthong.exchange.errors import REQUEST_MALFORMED

_BOUNDARY = re.compile(
    r'multipart/form-data\s*;.*?boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE | re.DOTALL
)
_NAME = re.compile(rb'(?:^|[;\s])name="?([^";]{1,100})"?', re.IGNORECASE)
MOST_FIELDS, LONGEST_FIELD, LONGEST_HEADER = 50, 64 * 1024, 4096


def boundary_of(content_type: str) -> bytes | None:
    """The boundary, None for a body of another type."""
    found = _BOUNDARY.match(content_type.strip())
    return None if found is None else (found[1] or found[2]).encode("latin-1", "replace")


class Form:
    """Reads one form. ``file``: name of the part whose bytes go to ``take``; any other part is a field.

    ``fields``: texts of the other parts by name, complete after :meth:`close`. Refuses REQUEST_MALFORMED.
    """

    def __init__(self, boundary: bytes, file: str, take: Callable[[bytes], object]) -> None:
        self.fields: dict[str, str] = {}
        self._file, self._take = file.encode(), take
        self._header = self._value = b""
        self._part: bytes | None = None
        self._field = bytearray()
        self._files = 0
        self._parts = 0
        self._ended = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._on_name,
                "on_header_value": self._on_value,
                "on_header_end": self._on_header,
                "on_part_data": self._on_data,
                "on_part_end": self._end,
                "on_end": self._on_end,
            },
        )

    def feed(self, data: bytes) -> None:
        """The next bytes of the body."""
        try:
            self._parser.write(data)
        except MultipartParseError as reason:
            raise _wrong("not a form") from reason

    def close(self) -> None:
        """The body has ended."""
        if not self._ended or self._files != 1:
            raise _wrong(f"one part «{self._file.decode()}» is needed")

    def _begin(self) -> None:
        self._header = self._value = b""
        self._part = None
        self._field.clear()
        self._parts += 1
        if self._parts > MOST_FIELDS:
            raise _wrong("too many parts")

    def _on_name(self, data: bytes, start: int, end: int) -> None:
        self._header = self._bounded(self._header + data[start:end])

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value = self._bounded(self._value + data[start:end])

    def _on_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            found = _NAME.search(self._value)
            self._part = found[1] if found is not None else None
            self._files += self._part == self._file
        self._header = self._value = b""

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._part == self._file:
            if self._files > 1:
                raise _wrong("the file occurs twice")
            self._take(data[start:end])
            return
        self._field += data[start:end]
        if len(self._field) > LONGEST_FIELD:
            raise _wrong("a field is too long")

    def _end(self) -> None:
        if self._part is not None and self._part != self._file:
            self.fields[self._part.decode("utf-8", "replace")] = self._field.decode("utf-8", "replace")

    def _on_end(self) -> None:
        self._ended = True

    @staticmethod
    def _bounded(text: bytes) -> bytes:
        if len(text) > LONGEST_HEADER:
            raise _wrong("a header of a part is too long")
        return text


def _wrong(why: str) -> Refused:
    return Refused(REQUEST_MALFORMED, member="multipart", why=why)
