"""A whole edXML packet that came in: read in a stream, its attachments written beside it as files.

Systems that speak the national SDK send the packet as their library made it, with the files inside as base64. The raw
packet stays what it is, the record; the files are for people and software. Source: exchange facts §1.2; PR-NATIVE §1.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from lienthong.base.errors import Refused
from lienthong.connector.bodies import read_pieces
from lienthong.connector.names import distinct_names
from lienthong.connector.spool import Source
from lienthong.edxml.limits import DEFAULT, Limits
from lienthong.edxml.reader import Reading
from lienthong.edxml.stream import PacketStream, StreamedAttachment
from lienthong.edxml.unwrap import unwrap


class FileSink:
    """Decoded bytes into a file; durable when closed, gone when aborted."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("wb")

    def write(self, data: bytes, /) -> None:
        self._file.write(data)

    def close(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def abort(self) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)


class _Nowhere:
    """A sink for content that is only read through."""

    def write(self, data: bytes, /) -> None: ...

    def close(self) -> None: ...

    def abort(self) -> None: ...


def read_packet(source: Source, limits: Limits = DEFAULT) -> Reading:
    """What a whole packet says, its files only looked through. Refuses as the reader of packets does (EDXML_…)."""
    stream = PacketStream(lambda _: _Nowhere(), limits)
    for piece in read_pieces(source) if isinstance(source, Path) else (source,):
        stream.feed(piece)
    return stream.close().reading


def unpack(packet: Path, kept: tuple[str, ...]) -> tuple[Reading, list[dict[str, Any]]]:
    """Write the files of a packet beside it; its reading, and a row of the index for each file in order.

    ``kept``: names that no file may get. A file that the vendor's library wrapped into a ZIP is taken out; one whose
    wrapping cannot be opened stays wrapped, for a person to look at. Memory does not grow with the packet.
    Refuses as the reader of packets does (EDXML_…); then no file is left.
    """
    folder = packet.parent

    def raw(ordinal: int) -> Path:
        return folder / f"content-{ordinal:03d}.new"

    stream = PacketStream(lambda ordinal: FileSink(raw(ordinal)), DEFAULT)
    for piece in read_pieces(packet):
        stream.feed(piece)
    read = stream.close()
    names = distinct_names([attachment.name for attachment in read.attachments], kept)
    rows = []
    for ordinal, (attachment, name) in enumerate(zip(read.attachments, names, strict=True)):
        rows.append(_place(raw(ordinal), folder, name, attachment))
    return read.reading, rows


def _place(raw: Path, folder: Path, name: str, attachment: StreamedAttachment) -> dict[str, Any]:
    """Give one file its name; its row of the index."""
    row = {"name": attachment.name, "type": attachment.content_type or "application/octet-stream"}
    if attachment.is_zip_wrapped:
        try:
            inside = unwrap(read_pieces(raw), FileSink(folder / name))
        except Refused:
            name = f"{name}.zip"
        else:
            raw.unlink()
            return {"file": name, **row, "size": inside.size, "sha256": inside.sha256.hex()}
    raw.rename(folder / name)
    return {"file": name, **row, "size": attachment.size, "sha256": attachment.sha256.hex()}
