"""What an attachment really is, by its first bytes; declared types are often wrong.

Source: exchange facts §1.2 (packing rule of the vendor's library), §1.9 traps 8 (PDF labelled
``application/zip``) and 11 (a packet inside a packet); magic numbers from ISO 32000-1, PKWARE APPNOTE 4.3,
MS-CFB 2.2, PNG, JFIF, TIFF.
"""

from __future__ import annotations

from typing import Final

_MAGIC: Final = (
    (b"%PDF-", "pdf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"{\\rtf", "rtf"),
)
_ZIP: Final = b"PK\x03\x04"
_ZIP_TYPES: Final = frozenset({"application/zip", "application/x-zip-compressed", "application/x-zip"})


def detect(head: bytes) -> str:
    """The format of a file from its first 512 bytes; ``""`` when they tell nothing."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head.startswith(_ZIP):
        return "ooxml" if b"[Content_Types].xml" in head[:80] or b"_rels/.rels" in head[:80] else "zip"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"<?xml", b"<edXML", b"<")) and b"edXML" in head:
        return "edxml"
    return "xml" if start.startswith(b"<?xml") else ""


def extension(name: str) -> str:
    """The part after the last dot, in lower case."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def is_wrapped(seen: str, declared: str, name: str) -> bool:
    """Whether a ZIP is only the wrapping that the vendor's library puts around a file of another kind."""
    return seen == "zip" and declared.strip().lower() in _ZIP_TYPES and extension(name) != "zip"
