"""Snapshots: the whole directory at one version, as a small signed header and a body of lines.
 Body: one canonical row a line (``model``), by kind and key, each line ended by LF. Header: one canonical
JSON object ``{axis, format, made_at, rows, sha256, version}`` whose ``sha256`` (lower-case hex) covers the
body. Only the header is signed; the signature is not made here.

Source: project decision (own protocol, format ``lienthong-directory-snapshot-1``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lienthong.base.clock import from_text, to_text
from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.directory.errors import (
    DIRECTORY_DIGEST_MISMATCH,
    DIRECTORY_HEADER_INVALID,
    DIRECTORY_ROW_INVALID,
)
from lienthong.directory.model import Row, canonical, from_object, row_key, row_type, to_object
from lienthong.directory.state import DirectoryState

FORMAT = "lienthong-directory-snapshot-1"


@dataclass(frozen=True, slots=True)
class SnapshotHeader:
    """What the axis signs. ``rows``: number of lines; ``sha256``: of the body's bytes."""

    axis: str
    version: int
    made_at: datetime
    rows: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A directory ready to be signed and handed out."""

    header: SnapshotHeader
    body: bytes


def encode(state: DirectoryState, made_at: datetime) -> Snapshot:
    """Write a state; the same state gives the same body, whatever the history of its rows."""
    lines = [canonical(to_object(row)) for row in state.rows()]
    body = b"\n".join(lines) + b"\n" if lines else b""
    digest = hashlib.sha256(body).digest()
    return Snapshot(SnapshotHeader(state.axis, state.version, made_at, len(lines), digest), body)


def snapshot_header_bytes(header: SnapshotHeader) -> bytes:
    """Canonical bytes of the header: the payload to sign."""
    return canonical(
        {
            "format": FORMAT,
            "axis": header.axis,
            "version": header.version,
            "made_at": to_text(header.made_at),
            "rows": header.rows,
            "sha256": header.sha256.hex(),
        }
    )


def decode_header(data: bytes) -> SnapshotHeader:
    """Read a header. Refuses DIRECTORY_HEADER_INVALID, also for another format than this one."""
    fields = header_fields(data, FORMAT)
    try:
        return SnapshotHeader(
            str(fields["axis"]),
            whole_number(fields["version"]),
            from_text(fields["made_at"]),
            whole_number(fields["rows"]),
            bytes.fromhex(fields["sha256"]),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise header_refusal(problem) from problem


def decode(header: SnapshotHeader, body: bytes) -> DirectoryState:
    """Build the state after checking the digest, the count, the order and every row.

    The header's signature must have been verified by the caller.
    Refuses DIRECTORY_DIGEST_MISMATCH, DIRECTORY_ROW_INVALID.
    """
    if hashlib.sha256(body).digest() != header.sha256:
        raise Refused(DIRECTORY_DIGEST_MISMATCH)
    lines = body.split(b"\n")
    if lines.pop() or len(lines) != header.rows:
        raise Refused(DIRECTORY_DIGEST_MISMATCH)
    return DirectoryState(header.axis, header.version, _rows(lines))


def header_fields(data: bytes, expected_format: str) -> dict[str, Any]:
    """Members of a header object of the expected format. Refuses DIRECTORY_HEADER_INVALID."""
    try:
        fields = json.loads(data)
    except ValueError as problem:
        raise header_refusal(problem) from problem
    if not isinstance(fields, dict) or fields.get("format") != expected_format:
        raise header_refusal(ValueError(f"format is not {expected_format}"))
    return fields


def header_refusal(problem: Exception) -> Refused:
    """DIRECTORY_HEADER_INVALID with its cause."""
    why = one_line(f"{type(problem).__name__} {problem}", 80)
    return Refused(DIRECTORY_HEADER_INVALID, why_vi=why, why_en=why)


def whole_number(value: object) -> int:
    """A JSON integer that is not negative; anything else is a ``TypeError``."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError("a whole number is expected")
    return value


def read_line(line: bytes, where: str) -> Any:
    """One JSON value of a line. Refuses DIRECTORY_ROW_INVALID."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as problem:
        why = ("không phải JSON", "it is not JSON")
        raise Refused(DIRECTORY_ROW_INVALID, row=where, why_vi=why[0], why_en=why[1]) from problem


def _rows(lines: list[bytes]) -> Iterator[Row]:
    before = ("", "")
    for position, line in enumerate(lines, 1):
        row = from_object(read_line(line, str(position)), str(position))
        place = (row_type(row).value, row_key(row))
        # Strictly rising keys rule out a second row for the same thing, which two readers could take
        # differently.
        if place <= before:
            why = ("sai thứ tự hoặc trùng khóa", "out of order, or its key is used twice")
            raise Refused(DIRECTORY_ROW_INVALID, row=str(position), why_vi=why[0], why_en=why[1])
        before = place
        yield row
