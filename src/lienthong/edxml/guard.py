"""What is refused by looking at the bytes, before any XML parser sees them.

The order matters: first the encoding is certain, then markup can be searched for as bytes without being
fooled by another encoding of the same characters.

Source: defensive rules of exchange facts §1.2; XML 1.0 productions 1, 3, 15, 16, 22–28, 77.
"""

from __future__ import annotations

import re

from lienthong.base.errors import Refused
from lienthong.edxml.errors import EDXML_DOCTYPE, EDXML_NOT_UTF8, EDXML_NOT_XML, EDXML_TOO_LARGE
from lienthong.edxml.limits import Limits

BOM = b"\xef\xbb\xbf"
_SKIPPED = ((b"<?", b"?>"), (b"<!--", b"-->"))
"""What may stand before the root element: how it begins and ends."""

_DECLARED = re.compile(rb"""<\?xml[ \t\r\n][^>]{0,200}?encoding[ \t\r\n]*=[ \t\r\n]*(?:"([^"]*)"|'([^']*)')""")
_BLANK = re.compile(rb"[ \t\r\n]*")


def refuse_other_encodings(start: bytes) -> None:
    """Refuse a packet whose first bytes say that it is not UTF-8; 200 bytes of start are enough to tell."""
    if b"\x00" in start[:8] or start[:2] in (b"\xfe\xff", b"\xff\xfe"):
        raise Refused(EDXML_NOT_UTF8)
    found = _DECLARED.match(start[3:] if start.startswith(BOM) else start)
    if found and (found[1] or found[2] or b"").lower() != b"utf-8":
        raise Refused(EDXML_NOT_UTF8)


def refuse_doctype(data: bytes) -> None:
    """Refuse a document type declaration, and nothing that only looks like one inside a comment.

    A declaration may stand only before the root element; later the same characters are a syntax error, which
    the parser reports.
    """
    if b"<!DOCTYPE" not in data:
        return
    if data.startswith(b"<!DOCTYPE", root_offset(data)):
        raise Refused(EDXML_DOCTYPE)


def root_offset(data: bytes) -> int:
    """Where the prolog ends: at the root element, or at something that should not be there."""
    # Step by step and not by one expression: possessive groups match wrongly before Python 3.11.5.
    at = len(BOM) if data.startswith(BOM) else 0
    while True:
        blank = _BLANK.match(data, at)
        at = blank.end() if blank else at
        closing = next((end for start, end in _SKIPPED if data.startswith(start, at)), None)
        if closing is None:
            return at
        end = data.find(closing, at + (4 if closing == b"-->" else 2))
        if end < 0:
            return at
        at = end + len(closing)


def count_receivers(data: bytes) -> int:
    """How many receivers there seem to be, by counting tags; only used to allow longer headers."""
    return data.count(b"To>") // 2


def refuse_oversize(data: bytes, limits: Limits) -> None:
    """Refuse by size, then by the number of start tags, both before parsing."""
    if len(data) > limits.header_bytes and len(data) > limits.header_allowance(count_receivers(data)):
        raise too_large("phần thông tin của gói tin", "the header of the packet", f"{limits.header_bytes} byte")
    # Every start tag has its own sign: usually one count says that there are not too many.
    if data.count(b"<") <= limits.elements:
        return
    starts = data.count(b"<") - data.count(b"</") - data.count(b"<!") - data.count(b"<?")
    if starts > limits.elements and starts > limits.element_allowance(count_receivers(data)):
        raise too_large("số phần tử XML", "the number of XML elements", str(limits.elements))


def guard(data: bytes, limits: Limits) -> None:
    """All refusals by bytes, in their order."""
    refuse_other_encodings(data[:300])
    refuse_oversize(data, limits)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(EDXML_NOT_UTF8) from None
    refuse_doctype(data)
    if not data.startswith(b"<", root_offset(data) if data[:1] != b"<" else 0):
        raise Refused(EDXML_NOT_XML, line=1)


def too_large(what_vi: str, what_en: str, limit: str) -> Refused:
    """The refusal for one limit that is passed."""
    return Refused(EDXML_TOO_LARGE, what_vi=what_vi, what_en=what_en, limit=limit)
