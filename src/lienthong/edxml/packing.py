"""The packing rule of the vendor's library: which attachments it sends as they are, and how it wraps the
others.

Its misspelt extensions are kept, because receivers with the same library expect exactly this: a real ``xls``
or ``xlsx`` is wrapped.

Source: exchange facts §1.2 "Packing rule of the Java SDK"; PKWARE APPNOTE.TXT 4.3.7–4.3.16.
"""

from __future__ import annotations

import struct
import uuid
import zlib
from collections.abc import Iterable, Iterator
from typing import Final

from lienthong.edxml.formats import extension

_AS_IS: Final = {
    "pdf": "application/pdf",
    "doc": "application/doc",
    "docx": "application/docx",
    "xsl": "application/xsl",
    "xslx": "application/xslx",
    "zip": "application/zip",
}
_WRAPPED_TYPE: Final = "application/zip"
_FLAGS: Final = 0x0808
_DOS_DATE: Final = (1 << 5) | 1
_NAMES: Final = uuid.UUID("5b0ff3a4-6d0c-5d5e-9f5b-2f7a8f1f7c10")


def packed_type(name: str) -> str:
    """The content type that the vendor's library gives an attachment of that name."""
    return _AS_IS.get(extension(name), _WRAPPED_TYPE)


def must_wrap(name: str) -> bool:
    """Whether the library puts a file of that name into a ZIP."""
    return extension(name) not in _AS_IS


def wrap(pieces: Iterable[bytes], content_id: str, name: str) -> Iterator[bytes]:
    """A one-entry ZIP around a file, as a stream; the entry is called by a UUID made from the content id.

    Sizes up to 4 GiB; the same input gives the same bytes.
    """
    suffix = extension(name)
    entry = (str(uuid.uuid5(_NAMES, content_id)) + (f".{suffix}" if suffix else "")).encode()
    yield (struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, _FLAGS, 8, 0, _DOS_DATE, 0, 0, 0, len(entry), 0) + entry)
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
    crc = size = packed = 0
    for piece in pieces:
        crc, size = zlib.crc32(piece, crc), size + len(piece)
        out = deflate.compress(piece)
        packed += len(out)
        if out:
            yield out
    out = deflate.flush()
    packed += len(out)
    yield out + struct.pack("<4sIII", b"PK\x07\x08", crc, packed, size)
    at = 30 + len(entry) + packed + 16
    central = struct.pack(
        "<4sHHHHHHIIIHHHHHII",
        *(b"PK\x01\x02", 20, 20, _FLAGS, 8, 0, _DOS_DATE, crc, packed, size, len(entry), 0, 0, 0, 0, 0, 0),
    )
    yield (central + entry + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, len(central) + len(entry), at, 0))
