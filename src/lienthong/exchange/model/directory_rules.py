"""What may be changed in the directory, and how.

Rows come as JSON lines: a row puts itself; ``{"delete": true, "key": …, "type": …}`` removes one. Besides the form of
each row there are rules between rows (a parent exists, nobody is above himself) and rules between before and after: a
key that has signed is revoked and never removed, or old signatures could no longer be verified.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lienthong.base.errors import Language, Problem, ProblemKind, Refused
from lienthong.base.ids import AgencyCode
from lienthong.base.text import one_line
from lienthong.directory.delta import Change, ChangeKind
from lienthong.directory.model import (
    Agency,
    KeyPurpose,
    Row,
    RowType,
    System,
    SystemKey,
    SystemStatus,
    from_object,
    row_key,
    row_type,
)
from lienthong.directory.state import MAX_DEPTH, DirectoryState
from lienthong.trust.certificates import load_certificate, public_key_of
from lienthong.trust.keys import key_id, load_public_key
from lienthong.vocabulary.alias import Alias, Succession

MAX_LINE = 64 * 1024
MAX_CODE = 64
MAX_NAME = 500
MAX_KEYS = 50
MAX_CERTIFICATES = 10
MAX_PROBLEMS = 200

_LANGUAGES: tuple[Language, Language] = ("vi", "en")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One change that somebody asks for. ``line`` counts from 1; ``row`` is absent when it is to be removed."""

    line: int
    row_type: RowType
    key: str
    row: Row | None

    def change(self, version: int) -> Change:
        """The change as part of a version."""
        kind = ChangeKind.DELETE if self.row is None else ChangeKind.PUT
        return Change(version, kind, self.row_type, self.key, self.row)


def wanted(rows: Iterable[Row]) -> list[Wanted]:
    """Rows to be put, numbered in their order."""
    return [Wanted(line, row_type(row), row_key(row), row) for line, row in enumerate(rows, 1)]


def read_lines(data: bytes) -> tuple[list[Wanted], list[Problem]]:
    """The changes in JSON lines, and what cannot be read. Empty lines are skipped; lines count from 1."""
    found: list[Wanted] = []
    problems: list[Problem] = []
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            found.append(_read(number, line))
        except _Wrong as wrong:
            problems.append(problem(number, wrong.vi, wrong.en, ProblemKind.FORMAT))
        except Refused as refused:
            why = (refused.params.get("why_vi", ""), refused.params.get("why_en", ""))
            problems.append(problem(number, *why, ProblemKind.FORMAT))
    return found, problems


def form_problems(changes: Sequence[Wanted]) -> Iterator[Problem]:
    """Faults of rows on their own, and rows named twice."""
    first: dict[tuple[RowType, str], int] = {}
    for each in changes:
        place = each.row_type, each.key
        if place in first:
            again = f"dòng {first[place]} đã nêu {each.key}", f"line {first[place]} names {each.key} already"
            yield problem(each.line, *again)
        first.setdefault(place, each.line)
        if each.row is not None:
            for vi, en in _row_faults(each.row):
                yield problem(each.line, vi, en)


def relation_problems(before: DirectoryState, after: DirectoryState, changes: Sequence[Wanted]) -> Iterator[Problem]:
    """Faults between rows of the directory as it would be, and between before and after."""
    for each in changes:
        if isinstance(each.row, Agency):
            faults = _agency_faults(each.row, after)
        elif isinstance(each.row, System):
            faults = _system_faults(each.row, before.system(each.key), after)
        elif isinstance(each.row, Alias):
            faults = _known(each.row.code, after)
        elif isinstance(each.row, Succession):
            faults = _known(each.row.new, after)
        else:
            faults = _removal_faults(each, before, after)
        for vi, en in faults:
            yield problem(each.line, vi, en)


def has_operator(state: DirectoryState, at: datetime) -> bool:
    """Whether some operator's system can still sign a change of the directory at this instant."""
    return any(
        row.operator
        and row.status is SystemStatus.ACTIVE
        and any(key.holds(at) and key.purpose is KeyPurpose.SIGN for key in row.keys)
        for row in state.systems()
    )


Fault = tuple[str, str]


class _Wrong(Exception):
    """A line that is no change; carries the sentence in both languages."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.vi, self.en = vi, en


def _read(number: int, line: bytes) -> Wanted:
    if len(line) > MAX_LINE:
        raise _Wrong(f"dòng dài hơn {MAX_LINE} byte", f"the line is longer than {MAX_LINE} bytes")
    try:
        data: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _Wrong("không phải JSON", "it is not JSON") from error
    if not isinstance(data, dict):
        raise _Wrong("không phải một đối tượng JSON", "it is not a JSON object")
    if data.get("delete") is True:
        return _removal(number, data)
    row = from_object(data, str(number))
    return Wanted(number, row_type(row), row_key(row), row)


def _removal(number: int, data: dict[str, Any]) -> Wanted:
    kinds = {kind.value: kind for kind in RowType}
    kind, key = kinds.get(str(data.get("type"))), data.get("key")
    if kind is None or not isinstance(key, str) or not key:
        raise _Wrong("xóa một dòng cần “type” và “key”", "a removal needs “type” and “key”")
    return Wanted(number, kind, key, None)


def problem(line: int, vi: str, en: str, kind: ProblemKind = ProblemKind.RANGE) -> Problem:
    """A finding about one line."""
    return Problem(kind, f"line.{line}", f"Dòng {line}: {vi}.", f"Line {line}: {en}.")


def _row_faults(row: Row) -> Iterator[Fault]:
    for text, limit, named in _texts(row):
        if one_line(text, limit) != text:
            what = "quá dài hoặc có ký tự không dùng được", "is too long or has characters that cannot be used"
            yield f"“{named}” {what[0]}", f"“{named}” {what[1]}"
    for code in _codes(row):
        if not code or len(code) > MAX_CODE or any(c.isspace() or c in "<>\"'&" or not c.isprintable() for c in code):
            yield f"mã “{one_line(code, MAX_CODE)}” không hợp lệ", f"the code “{one_line(code, MAX_CODE)}” is not valid"
    if isinstance(row, Agency | System) and not row.name:
        yield "thiếu tên", "the name is missing"
    if isinstance(row, System):
        if len(row.keys) > MAX_KEYS:
            yield f"nhiều hơn {MAX_KEYS} khóa", f"there are more than {MAX_KEYS} keys"
        for key in row.keys:
            yield from _key_faults(key)


def _texts(row: Row) -> Iterator[tuple[str, int, str]]:
    """Free texts of a row, with their longest length and name."""
    if isinstance(row, Agency):
        yield from ((row.name, MAX_NAME, "name"), (row.address, MAX_NAME, "address"), (row.email, MAX_NAME, "email"))
        for word in row.capabilities:
            yield word, MAX_CODE, "capabilities"
    elif isinstance(row, System):
        yield row.name, MAX_NAME, "name"
    elif isinstance(row, Succession):
        yield row.note, MAX_NAME, "note"


def _codes(row: Row) -> Iterator[str]:
    if isinstance(row, Agency):
        yield from (row.code, *row.old_codes)
        yield from (code for code in (row.code102, row.parent) if code is not None)
    elif isinstance(row, System):
        yield row.system_id
        yield from (scope.code for scope in row.agencies)
    elif isinstance(row, Alias):
        yield from (row.alias, row.code)
    else:
        yield from (row.old, row.new)


def _key_faults(key: SystemKey) -> Iterator[Fault]:
    if not all(c == "\n" or " " <= c <= "~" for c in key.public_key_pem + (key.certificate_pem or "")):
        yield "khóa hoặc chứng thư không phải văn bản PEM", "the key or its certificate is not PEM text"
        return
    try:
        public = load_public_key(key.public_key_pem.encode())
        found = key_id(public)
    except Refused as refused:
        yield (
            f"khóa công khai: {refused.sentence('vi').rstrip('.')}",
            f"public key: {refused.sentence('en').rstrip('.')}",
        )
        return
    if "PRIVATE" in key.public_key_pem:
        yield "khóa riêng không được gửi lên danh bạ", "a private key must never be put in the directory"
    if found != key.key_id:
        yield f"mã khóa phải là {found}", f"the key's identifier must be {found}"
    if key.purpose is KeyPurpose.ENCRYPT and isinstance(public, Ed25519PublicKey):
        yield "khóa Ed25519 không mã hóa được", "an Ed25519 key cannot encrypt"
    if key.certificate_pem is not None:
        yield from _certificate_faults(key.certificate_pem, found)


def _certificate_faults(pem: str, named: str) -> Iterator[Fault]:
    """A certificate of another key would lead encrypted content, or trust, to somebody else."""
    try:
        same = key_id(public_key_of(load_certificate(pem.encode()))) == named
    except Refused as refused:
        yield refused.sentence("vi").rstrip("."), refused.sentence("en").rstrip(".")
        return
    if not same:
        yield "chứng thư số không phải của khóa này", "the certificate does not belong to this key"


def _agency_faults(row: Agency, after: DirectoryState) -> Iterator[Fault]:
    yield from _seal_faults(row)
    if row.parent is None:
        return
    if after.agency(row.parent) is None:
        yield f"cơ quan cấp trên {row.parent} không có", f"the agency above, {row.parent}, is not there"
    above: AgencyCode | None = row.parent
    for _ in range(MAX_DEPTH):
        if above is None:
            return
        if above == row.code:
            yield f"{row.code} nằm dưới chính nó", f"{row.code} is below itself"
            return
        upper = after.agency(above)
        above = upper.parent if upper is not None else None
    yield f"cây đơn vị sâu hơn {MAX_DEPTH} cấp", f"the tree is deeper than {MAX_DEPTH} levels"


def _seal_faults(row: Agency) -> Iterator[Fault]:
    if len(row.certificates) > MAX_CERTIFICATES:
        yield f"quá {MAX_CERTIFICATES} chứng thư số", f"more than {MAX_CERTIFICATES} certificates"
    for pem in row.certificates[:MAX_CERTIFICATES]:
        if "PRIVATE" in pem:
            yield "khóa riêng không được gửi lên danh bạ", "a private key must never be put in the directory"
            continue
        try:
            public_key_of(load_certificate(pem.encode()))
        except Refused as refused:
            yield refused.sentence("vi").rstrip("."), refused.sentence("en").rstrip(".")


def _system_faults(row: System, before: System | None, after: DirectoryState) -> Iterator[Fault]:
    for scope in row.agencies:
        yield from _known(scope.code, after)
    now = {key.key_id: key for key in row.keys}
    for key in before.keys if before is not None else ():
        kept = now.get(key.key_id)
        if kept is None:
            yield f"khóa {key.key_id} không được xóa; hãy thu hồi", f"key {key.key_id} must be revoked, not removed"
        elif kept.held_by is not key.held_by:
            yield f"khóa {key.key_id} không đổi được bên giữ", f"the holder of key {key.key_id} cannot change"
        elif kept.purpose is not key.purpose:
            yield f"công dụng của khóa {key.key_id} không đổi được", f"the purpose of key {key.key_id} cannot change"
        elif key.revoked_at is not None and (kept.revoked_at is None or kept.revoked_at > key.revoked_at):
            yield f"khóa {key.key_id} đã thu hồi, không khôi phục được", f"key {key.key_id} stays revoked"


def _removal_faults(removal: Wanted, before: DirectoryState, after: DirectoryState) -> Iterator[Fault]:
    if removal.row_type is RowType.SYSTEM:
        system = before.system(removal.key)
        if system is not None and system.keys:
            yield f"hệ thống {removal.key} đã có khóa; hãy tạm ngừng", f"system {removal.key} has keys; suspend it"
    elif removal.row_type is RowType.AGENCY and after.children(removal.key):
        yield f"{removal.key} còn đơn vị trực thuộc", f"{removal.key} still has agencies below it"


def _known(code: str, after: DirectoryState) -> Iterator[Fault]:
    if after.agency(code) is None:
        yield f"mã {code} không có trong danh bạ", f"code {code} is not in the directory"
