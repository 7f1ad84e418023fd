"""Strict DER: one value, definite and shortest lengths, nothing behind it.

Source: ITU-T X.690 clauses 8.1, 10.1. The ASN.1 library reads BER and more; two readers must never see two messages, so
the shape is looked at before anything is decoded.
"""

from __future__ import annotations

MAXIMUM_DEPTH = 32


def is_der(data: bytes) -> bool:
    """Whether the bytes are exactly one well-formed value, all the way down through the constructed ones."""
    pending = [(0, len(data), 0)]
    first = True
    while pending:
        at, end, depth = pending.pop()
        while at < end:
            header = _header(data, at, end)
            if header is None or depth > MAXIMUM_DEPTH:
                return False
            begin, stop, constructed = header
            if first and stop != end:
                return False
            first = False
            if constructed:
                pending.append((begin, stop, depth + 1))
            at = stop
    return not first


def _header(data: bytes, at: int, end: int) -> tuple[int, int, bool] | None:
    """Begin and end of the content at ``at``, and whether it holds further values; None when malformed."""
    tag, at = data[at], at + 1
    if tag & 0x1F == 0x1F:
        while at < end and data[at] & 0x80:
            at += 1
        at += 1
    if at >= end:
        return None
    length, at = data[at], at + 1
    if length == 0x80 or length > 0x84:
        return None
    if length > 0x80:
        octets = data[at : at + length - 0x80]
        at += length - 0x80
        length = int.from_bytes(octets)
        if at > end or not octets or octets[0] == 0 or length < 0x80:
            return None
    if at + length > end:
        return None
    return at, at + length, bool(tag & 0x20)
