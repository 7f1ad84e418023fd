"""Strict DER: one value, definite and shortest lengths, nothing behind it.

Source: ITU-T X.690 clauses 8.1, 8.19, 10.1. The ASN.1 library reads BER and more; two readers must never see two
messages, so the shape is looked at before anything is decoded. What is too large for that library is written and taken
apart here.
"""

from __future__ import annotations

from dataclasses import dataclass

MAXIMUM_DEPTH = 32
INTEGER, BIT_STRING, OCTET_STRING, NULL, OBJECT, SEQUENCE, SET = 0x02, 0x03, 0x04, 0x05, 0x06, 0x30, 0x31


@dataclass(frozen=True, slots=True)
class Value:
    """One value: its first octet, its content, and all its bytes."""

    tag: int
    content: bytes
    whole: bytes

    def inside(self, tag: int) -> list[Value]:
        """What this constructed value holds; ``ValueError`` when it has another tag or holds no DER."""
        return values(self.octets(tag))

    def octets(self, tag: int) -> bytes:
        """The content; ``ValueError`` when the value has another tag."""
        if self.tag != tag:
            raise ValueError(f"tag {tag:02x} is missing")
        return self.content


def value(tag: int, *content: bytes) -> bytes:
    """A value with a one-octet tag around what it holds."""
    held = b"".join(content)
    return head(tag, len(held)) + held


def head(tag: int, length: int) -> bytes:
    """Tag and length of a value whose content follows elsewhere."""
    if length < 0x80:
        return bytes((tag, length))
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(octets))) + octets


def object_identifier(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER."""
    first, second, *rest = map(int, dotted.split("."))
    octets = bytearray()
    for arc in (first * 40 + second, *rest):
        group = [arc & 0x7F]
        while arc := arc >> 7:
            group.append(arc & 0x7F | 0x80)
        octets += bytes(reversed(group))
    return value(OBJECT, bytes(octets))


def values(data: bytes) -> list[Value]:
    """The values that stand one after another in DER; ``ValueError`` when they are not that."""
    found, at = [], 0
    while at < len(data):
        header = _header(data, at, len(data))
        if header is None or data[at] & 0x1F == 0x1F:
            raise ValueError("not DER")
        begin, stop, _ = header
        found.append(Value(data[at], data[begin:stop], data[at:stop]))
        at = stop
    return found


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
