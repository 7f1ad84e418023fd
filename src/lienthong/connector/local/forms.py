"""What is posted with files: multipart/form-data or a bare edXML packet, streamed to the spool's disk, never held.

Memory stays the same whatever the size: each piece goes to its part's file as it comes; only parts without a file name
are held, and those are small. The folder is removed when the request is over.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.connector.local.errors import LOCAL_FORM_NOT_USABLE
from lienthong.infra.blob_files import disk
from lienthong.infra.http_limits import HttpLimits
from lienthong.webkit.edge.bodies import announced_size, pour
from lienthong.webkit.errors import BODY_TOO_LARGE, LENGTH_REQUIRED

FIELD_LIMIT = 256 * 1024
PARTS_LIMIT = 200
HEADERS_LIMIT = 8 * 1024
EDXML = "application/edxml+xml"
PACKET_TYPES = (EDXML, "application/xml", "text/xml")
MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class PostedFile:
    """One file as it was posted. ``part``: name of its field. ``name``: as the caller called it, never a path here."""

    part: str
    name: str
    media_type: str
    path: Path


@dataclass(slots=True)
class Posted:
    """Everything of one request."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[PostedFile] = field(default_factory=list)


class Uploads:
    """Where posted files lie while their request lasts. ``at_most``: bytes of one request."""

    def __init__(self, folder: Path, limits: HttpLimits, at_most: int) -> None:
        self._folder, self._limits, self._at_most = folder, limits, at_most
        # What a crash left behind belongs to requests that were never answered.
        shutil.rmtree(folder, ignore_errors=True)
        with disk():
            folder.mkdir(parents=True, mode=0o700)

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[Posted]:
        """The fields and files of a request. Refuses LENGTH_REQUIRED, BODY_TOO_LARGE, BODY_TOO_SLOW, STORAGE_FULL,
        LOCAL_FORM_NOT_USABLE."""
        size = announced_size(request.scope)
        if size is None:
            raise Refused(LENGTH_REQUIRED)
        if size > self._at_most:
            raise Refused(BODY_TOO_LARGE, size=size, limit=self._at_most)
        folder = self._folder / secrets.token_hex(12)
        with disk():
            folder.mkdir(mode=0o700)
        try:
            kind, options = parse_options_header(request.headers.get("content-type"))
            media_type = kind.decode("latin-1").lower()
            with disk():
                if media_type == MULTIPART and options.get(b"boundary"):
                    yield await self._multipart(request, folder, options[b"boundary"], size)
                elif media_type in PACKET_TYPES:
                    yield await self._packet(request, folder, size)
                elif media_type == "application/json":
                    yield await self._json(request, size)
                else:
                    raise Refused(
                        LOCAL_FORM_NOT_USABLE, part="Content-Type", why=f"{MULTIPART}, {EDXML}, application/json"
                    )
        finally:
            await run_in_threadpool(shutil.rmtree, folder, True)

    async def _multipart(self, request: Request, folder: Path, boundary: bytes, size: int) -> Posted:
        reading = _Reading(folder)
        try:
            parser = MultipartParser(boundary, reading.callbacks())
            await pour(request.receive, _discarding(parser.write), self._limits, size)
            parser.finalize()
        except FormParserError as error:
            raise Refused(LOCAL_FORM_NOT_USABLE, part=MULTIPART, why=one_line(str(error), 80)) from error
        finally:
            reading.close()
        if not reading.ended:
            raise Refused(LOCAL_FORM_NOT_USABLE, part=MULTIPART, why="thiếu dấu kết thúc (not ended)")
        return reading.posted

    async def _packet(self, request: Request, folder: Path, size: int) -> Posted:
        path = folder / "000"
        with path.open("xb") as into:
            await pour(request.receive, _discarding(into.write), self._limits, size)
        return Posted(files=[PostedFile("packet", "packet.edxml", EDXML, path)])

    async def _json(self, request: Request, size: int) -> Posted:
        if size > FIELD_LIMIT:
            raise Refused(BODY_TOO_LARGE, size=size, limit=FIELD_LIMIT)
        held = bytearray()
        await pour(request.receive, held.extend, self._limits, size)
        return Posted({"document": _text("document", bytes(held))})


class _Reading:
    """Follows the parser's calls: one part at a time, to its file or into memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.posted = Posted()
        self.ended = False
        self._header = (bytearray(), bytearray())
        self._headers: dict[str, bytes] = {}
        self._heads = self._parts = 0
        self._name, self._held = "", bytearray()
        self._file: BinaryIO | None = None

    def callbacks(self) -> MultipartCallbacks:
        """What the parser calls, by its names."""
        return {
            "on_part_begin": self._begin, "on_header_field": self._header_name, "on_header_value": self._header_value,
            "on_header_end": self._header_end, "on_headers_finished": self._open, "on_part_data": self._take,
            "on_part_end": self._done, "on_end": self._end,
        }  # fmt: skip

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > PARTS_LIMIT:
            raise Refused(LOCAL_FORM_NOT_USABLE, part=str(self._parts), why=f"≤ {PARTS_LIMIT}")
        self._headers, self._heads, self._held = {}, 0, bytearray()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header[0].extend(self._counted(data, start, end))

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1].extend(self._counted(data, start, end))

    def _counted(self, data: bytes, start: int, end: int) -> bytes:
        self._heads += end - start
        if self._heads > HEADERS_LIMIT:
            raise Refused(LOCAL_FORM_NOT_USABLE, part=str(self._parts), why=f"≤ {HEADERS_LIMIT} B")
        return data[start:end]

    def _header_end(self) -> None:
        self._headers[self._header[0].decode("latin-1").lower()] = bytes(self._header[1])
        self._header[0].clear()
        self._header[1].clear()

    def _open(self) -> None:
        _, options = parse_options_header(self._headers.get("content-disposition"))
        self._name = _text("name", options.get(b"name", b""))
        if b"filename" not in options:
            return
        kind, _ = parse_options_header(self._headers.get("content-type"))
        path = self._folder / f"{self._parts:03d}"
        name = _text("filename", options[b"filename"])
        self.posted.files.append(PostedFile(self._name, name, kind.decode("latin-1"), path))
        self._file = path.open("xb")

    def _take(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.write(data[start:end])
            return
        self._held += data[start:end]
        if len(self._held) > FIELD_LIMIT:
            raise Refused(LOCAL_FORM_NOT_USABLE, part=one_line(self._name, 40), why=f"≤ {FIELD_LIMIT} B")

    def _done(self) -> None:
        if self._file is not None:
            self.close()
            return
        if self._name in self.posted.fields:
            raise Refused(LOCAL_FORM_NOT_USABLE, part=one_line(self._name, 40), why="lặp lại (twice)")
        self.posted.fields[self._name] = _text(self._name, bytes(self._held))

    def _end(self) -> None:
        self.ended = True


def _text(part: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(LOCAL_FORM_NOT_USABLE, part=one_line(part, 40), why="UTF-8") from None


def _discarding(write: Callable[[bytes], object]) -> Callable[[bytes], None]:
    """The same without its result, which says how much was taken: always everything."""

    def take(piece: bytes) -> None:
        write(piece)

    return take
