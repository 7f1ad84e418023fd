"""Deltas: what changed in the directory between two versions.
 Bytes: a canonical header line ``{axis, base_version, format, made_at, rows, sha256, version}``, then one
canonical change a line ``{key, kind, row, row_type, version}``; ``sha256`` covers the change lines, so
signing the header line signs the whole. A row that changed several times appears once, as it is at the end.

Source: project decision (own protocol, format ``lienthong-directory-delta-1``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from lienthong.base.clock import from_text, to_text
from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.directory.errors import (
    DIRECTORY_DIGEST_MISMATCH,
    DIRECTORY_OTHER_AXIS,
    DIRECTORY_ROW_INVALID,
    DIRECTORY_VERSION_GAP,
)
from lienthong.directory.model import Row, RowType, canonical, from_object, row_key, row_type, to_object
from lienthong.directory.snapshot import header_fields, header_refusal, read_line, whole_number
from lienthong.directory.state import DirectoryState

FORMAT = "lienthong-directory-delta-1"


class ChangeKind(Enum):
    """PUT adds or replaces a row; DELETE removes it (a closed agency is put with its status, not deleted)."""

    PUT = "put"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one row; ``version`` is the directory version it made or belongs to. ``row`` is absent
    on DELETE.
    """

    version: int
    kind: ChangeKind
    row_type: RowType
    key: str
    row: Row | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """Changes that lead from ``base_version`` to ``version``, sorted by kind of row and key."""

    axis: str
    base_version: int
    version: int
    made_at: datetime
    changes: tuple[Change, ...]


def put(version: int, row: Row) -> Change:
    """A change that adds or replaces a row."""
    return Change(version, ChangeKind.PUT, row_type(row), row_key(row), row)


def delete(version: int, kind: RowType, key: str) -> Change:
    """A change that removes a row."""
    return Change(version, ChangeKind.DELETE, kind, key)


def delta_between(axis: str, changes: Iterable[Change], base_version: int, version: int, made_at: datetime) -> Delta:
    """Fold the changes of the versions after ``base_version`` up to ``version``; several may share one
    version.

    Refuses DIRECTORY_VERSION_GAP when a version in between has no change at hand.
    """
    last: dict[tuple[str, str], Change] = {}
    seen: set[int] = set()
    for change in sorted(changes, key=lambda change: change.version):
        if base_version < change.version <= version:
            seen.add(change.version)
            last[change.row_type.value, change.key] = change
    if version < base_version or len(seen) != version - base_version:
        missing = next((v for v in range(base_version + 1, version + 1) if v not in seen), version)
        raise Refused(DIRECTORY_VERSION_GAP, base=missing, have=base_version)
    return Delta(axis, base_version, version, made_at, tuple(last[place] for place in sorted(last)))


def delta_bytes(delta: Delta) -> bytes:
    """Canonical bytes: header line and change lines."""
    lines = [canonical(_change_object(change)) for change in delta.changes]
    body = b"".join(line + b"\n" for line in lines)
    return delta_header_bytes(delta, body) + b"\n" + body


def delta_header_bytes(delta: Delta, body: bytes) -> bytes:
    """Canonical bytes of the header line alone (without LF): the payload to sign."""
    return canonical(
        {
            "format": FORMAT,
            "axis": delta.axis,
            "base_version": delta.base_version,
            "version": delta.version,
            "made_at": to_text(delta.made_at),
            "rows": len(delta.changes),
            "sha256": hashlib.sha256(body).hexdigest(),
        }
    )


def signed_part(data: bytes) -> bytes:
    """The header line of written delta bytes: what a signature must cover."""
    return data.partition(b"\n")[0]


def decode_delta(data: bytes) -> Delta:
    """Read a delta after checking digest and count; the signature over :func:`signed_part` is the caller's
    to verify.

    Refuses DIRECTORY_HEADER_INVALID, DIRECTORY_DIGEST_MISMATCH, DIRECTORY_ROW_INVALID.
    """
    header, _, body = data.partition(b"\n")
    fields = header_fields(header, FORMAT)
    try:
        axis, made_at = str(fields["axis"]), from_text(fields["made_at"])
        base, version = whole_number(fields["base_version"]), whole_number(fields["version"])
        rows, digest = whole_number(fields["rows"]), str(fields["sha256"])
    except (KeyError, TypeError, ValueError) as problem:
        raise header_refusal(problem) from problem
    lines = body.split(b"\n")
    if lines.pop() or len(lines) != rows or hashlib.sha256(body).hexdigest() != digest:
        raise Refused(DIRECTORY_DIGEST_MISMATCH)
    changes = tuple(_read_change(line, str(position)) for position, line in enumerate(lines, 1))
    return Delta(axis, base, version, made_at, changes)


def apply(state: DirectoryState, delta: Delta) -> DirectoryState:
    """The state after a delta. One that is already contained gives the state itself; readers of ``state``
    see no change.

    A delta may start before the state's version, since each of its rows is the last one of its key.
    Refuses DIRECTORY_OTHER_AXIS, DIRECTORY_VERSION_GAP.
    """
    if delta.axis != state.axis:
        raise Refused(DIRECTORY_OTHER_AXIS, theirs=delta.axis, ours=state.axis)
    if delta.base_version > state.version:
        raise Refused(DIRECTORY_VERSION_GAP, base=delta.base_version, have=state.version)
    if delta.version <= state.version:
        return state
    rows = (change.row for change in delta.changes if change.row is not None)
    removed = ((c.row_type, c.key) for c in delta.changes if c.kind is ChangeKind.DELETE)
    return state.changed(delta.version, rows, removed)


def _change_object(change: Change) -> dict[str, object]:
    return {
        "version": change.version,
        "kind": change.kind.value,
        "row_type": change.row_type.value,
        "key": change.key,
        "row": None if change.row is None else to_object(change.row),
    }


def _read_change(line: bytes, where: str) -> Change:
    data = read_line(line, where)
    try:
        kind, rows_kind, key = ChangeKind(data["kind"]), RowType(data["row_type"]), data["key"]
        version, row_object = whole_number(data["version"]), data["row"]
    except (KeyError, TypeError, ValueError) as problem:
        why = one_line(f"{type(problem).__name__} {problem}", 80)
        raise Refused(DIRECTORY_ROW_INVALID, row=where, why_vi=why, why_en=why) from problem
    row = None if row_object is None else from_object(row_object, where)
    consistent = isinstance(key, str) and (row is not None) == (kind is ChangeKind.PUT)
    if not consistent or (row is not None and (row_type(row), row_key(row)) != (rows_kind, key)):
        why_vi, why_en = "khóa hoặc loại không khớp với dòng", "its key or kind does not match its row"
        raise Refused(DIRECTORY_ROW_INVALID, row=where, why_vi=why_vi, why_en=why_en)
    return Change(version, kind, rows_kind, key, row)
