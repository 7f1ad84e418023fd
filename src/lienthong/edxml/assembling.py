"""Put a header and the files that travelled beside it together again as one packet, as a stream of known length.

The header's bytes stay as they are; ``AttachmentEncoded`` is set in before the end tag of the root element. Nothing
of a file is kept in memory, and the length is known beforehand, because Base64 has one.

Source: exchange facts §1.2 ("Body and attachments", "Packing rule": every file as it is).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lienthong.base.errors import Refused
from lienthong.edxml.errors import EDXML_NOT_XML
from lienthong.edxml.model import ManifestEntry
from lienthong.edxml.names import NAMESPACE
from lienthong.edxml.writer import ATTACHMENT_TAIL, attachment_head, encoded

_MARKUP: Final = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|</[^<>]+>", re.DOTALL)
_HEAD: Final = f'  <AttachmentEncoded xmlns="{NAMESPACE}">\n'.encode()
_TAIL: Final = b"  </AttachmentEncoded>\n"


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file to put in: as the manifest announces it, its size in bytes, and how to read it."""

    entry: ManifestEntry
    size: int
    read: Callable[[], Iterable[bytes]]


class AssembledPacket:
    """A packet made of a header and files. Refuses EDXML_NOT_XML when the header has no end tag."""

    def __init__(self, header: bytes, files: Sequence[AttachedFile]) -> None:
        self._header, self._files = header, files
        self._at = root_end(header)
        self._heads = [attachment_head(file.entry) for file in files]

    @property
    def size(self) -> int:
        """Bytes of the whole packet."""
        if not self._files:
            return len(self._header)
        inside = sum(
            len(head) + base64_size(file.size) + len(ATTACHMENT_TAIL)
            for head, file in zip(self._heads, self._files, strict=True)
        )
        return len(self._header) + len(_HEAD) + inside + len(_TAIL)

    def pieces(self) -> Iterator[bytes]:
        """The packet's bytes; whatever reading a file refuses passes through and leaves the packet unfinished."""
        if not self._files:
            yield self._header
            return
        yield self._header[: self._at] + _HEAD
        for head, file in zip(self._heads, self._files, strict=True):
            yield head
            yield from encoded(file.read())
            yield ATTACHMENT_TAIL
        yield _TAIL + self._header[self._at :]


def base64_size(size: int) -> int:
    """Characters of the Base64 of so many bytes, padded, without line breaks."""
    return (size + 2) // 3 * 4


def root_end(header: bytes) -> int:
    """Where the end tag of the root element begins: the last end tag that is not inside a comment."""
    ends = [found.start() for found in _MARKUP.finditer(header) if found[0].startswith(b"</")]
    if not ends:
        raise Refused(EDXML_NOT_XML, line=1)
    return ends[-1]
