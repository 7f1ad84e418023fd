"""Reading agencies from the files that administrators have: CSV and JSON, with findings line by line.
 Understood: our own column names, Vietnamese ones, the axis's shape ``{id, pid, code, name, mail, code102,
oldCode}`` and the shared catalogue's shape (``MaDinhDanhCap1`` … ``MaDinhDanhCap4``, ``TenDonVi``,
``DiaChi``, ``Email``). Rows with errors are left out and reported; everything else is given back, parents
before children not guaranteed.
 Source: directory operations of the national axis and the shared catalogue's connection guide; RFC 4180 for
CSV.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from lienthong.base.errors import Problem, ProblemKind, Refused, Severity
from lienthong.base.ids import AgencyCode
from lienthong.base.text import fold, nfc, one_line
from lienthong.directory.errors import IMPORT_UNREADABLE
from lienthong.directory.model import Agency
from lienthong.vocabulary import agency as agency_code
from lienthong.vocabulary.number import read_date

MAX_NAME = 500
MAX_CELL = 65_536

_HEADINGS = {
    "code": "code ma madinhdanh madinhdanhcoquan madonvi macoquan agencycode organid",
    "name": "name ten tendonvi tencoquan organname agencyname",
    "code102": "code102 maqcvn102 madinhdanh102 ma102",
    "old_codes": "oldcodes oldcode macu madinhdanhcu",
    "parent": "parent pcode parentcode macha macoquancha madonvicha mact matructhuoc macaptren",
    "address": "address diachi organadd",
    "email": "email mail thudientu",
    "id": "id",
    "pid": "pid",
    "is_agency": "isagency",
    "valid_from": "validfrom hieuluctu ngayhieuluc tungay",
    "valid_to": "validto hieulucden denngay",
    "level1": "madinhdanhcap1",
    "level2": "madinhdanhcap2",
    "level3": "madinhdanhcap3",
    "level4": "madinhdanhcap4",
}
_FIELD_OF = {heading: field for field, headings in _HEADINGS.items() for heading in headings.split()}
_FALSE = {"0", "false", "no", "khong", "n"}


@dataclass(frozen=True, slots=True)
class LineProblem:
    """A finding about one line of a file; ``line`` counts from 1 and the heading is a line too."""

    line: int
    problem: Problem


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file gave: rows that can be used, and findings in the order of lines."""

    agencies: tuple[Agency, ...]
    problems: tuple[LineProblem, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """A row read on its own, before its place in the tree is known."""

    line: int
    agency: Agency
    code: agency_code.Code
    stated_parent: str
    own_id: str
    parent_id: str


def read_csv(data: bytes, known: Collection[str] = frozenset()) -> Imported:
    """Agencies of a CSV file: UTF-8 or UTF-16 with or without mark, separated by ``;``, ``,`` or tabs, with
    headings.

    ``known``: codes already in the directory, which may be parents. Refuses IMPORT_UNREADABLE.
    """
    return _import(_csv_records(_decoded(data)), known)


def read_json(data: bytes, known: Collection[str] = frozenset()) -> Imported:
    """Agencies of a JSON file: an array of objects, or an object with such an array under ``data``.

    Refuses IMPORT_UNREADABLE.
    """
    return _import(_json_records(_decoded(data)), known)


def _import(records: Iterator[tuple[int, Mapping[str, str]]], known: Collection[str]) -> Imported:
    problems: list[LineProblem] = []
    reads: dict[AgencyCode, _Read] = {}
    by_id: dict[str, _Read] = {}
    for line, cells in records:
        read = _read(line, cells, problems)
        if read is None:
            continue
        first = reads.get(read.agency.code)
        if first is not None:
            problems.append(_duplicate(line, "code", read.agency.code, first.line))
            continue
        if read.own_id and read.own_id in by_id:
            problems.append(_duplicate(line, "id", read.own_id, by_id[read.own_id].line))
            continue
        reads[read.agency.code] = read
        if read.own_id:
            by_id[read.own_id] = read
    placed = _placed(reads, by_id, known, problems)
    return Imported(tuple(placed), tuple(sorted(problems, key=lambda finding: finding.line)))


def _read(line: int, cells: Mapping[str, str], problems: list[LineProblem]) -> _Read | None:
    code = _code(line, cells, problems)
    name = " ".join(nfc(cells.get("name", "")).split())
    if not name:
        problems.append(_finding(line, ProblemKind.REQUIRED, "name", "Thiếu tên cơ quan.", "The name is missing."))
    elif len(name) > MAX_NAME or one_line(name, MAX_NAME) != name:
        vi, en = "Tên quá dài hoặc có ký tự điều khiển.", "The name is too long or has control characters."
        problems.append(_finding(line, ProblemKind.RANGE, "name", vi, en))
        name = ""
    if code is None or not name:
        return None
    old = (_other_code(line, "old_codes", text, problems) for text in re.split(r"[\s,;|]+", cells.get("old_codes", "")))
    row = Agency(
        code=AgencyCode(code.text),
        name=name,
        code102=_other_code(line, "code102", cells.get("code102", ""), problems),
        old_codes=tuple(sorted({other for other in old if other is not None and other != code.text})),
        level=code.level,
        address=one_line(nfc(cells.get("address", "")), MAX_NAME),
        email=one_line(cells.get("email", "")),
        valid_from=_day(line, "valid_from", cells, problems),
        valid_to=_day(line, "valid_to", cells, problems),
        is_agency=fold(cells.get("is_agency", "")) not in _FALSE,
    )
    return _Read(line, row, code, _stated_parent(cells), cells.get("id", "").strip(), cells.get("pid", "").strip())


def _code(line: int, cells: Mapping[str, str], problems: list[LineProblem]) -> agency_code.Code | None:
    levels = [cells.get(f"level{depth}", "").strip() for depth in (1, 2, 3, 4)]
    text = cells.get("code", "").strip() or next((level for level in reversed(levels) if level), "")
    if not text:
        problems.append(_finding(line, ProblemKind.REQUIRED, "code", "Thiếu mã cơ quan.", "The code is missing."))
        return None
    return _parsed(line, "code", text, problems)


def _stated_parent(cells: Mapping[str, str]) -> str:
    if cells.get("parent", "").strip():
        return cells["parent"].strip()
    levels = [cells.get(f"level{depth}", "").strip() for depth in (1, 2, 3, 4)]
    named = [level for level in levels if level]
    if cells.get("code", "").strip():
        return ""
    return named[-2] if len(named) > 1 else ""


def _placed(
    reads: dict[AgencyCode, _Read],
    by_id: dict[str, _Read],
    known: Collection[str],
    problems: list[LineProblem],
) -> Iterator[Agency]:
    """Find every row's parent, then drop rows in circles and rows below a dropped one."""
    parents: dict[AgencyCode, AgencyCode | None] = {}
    dropped: set[AgencyCode] = set()
    for code, read in reads.items():
        parent, stated = _parent(read, reads, by_id, known)
        if stated and parent is None:
            dropped.add(code)
            shown = one_line(stated, 40)
            vi, en = f"Không có cơ quan cấp trên {shown}.", f"There is no parent {shown}."
            problems.append(_finding(read.line, ProblemKind.FORMAT, "parent", vi, en))
        parents[code] = parent
    circles = _in_circles(parents)
    for code in circles:
        vi, en = "Cơ quan cấp trên quay vòng về chính nó.", "The parents run in a circle back to the agency."
        problems.append(_finding(reads[code].line, ProblemKind.FORMAT, "parent", vi, en))
    dropped |= circles
    for code, read in reads.items():
        if code in dropped:
            continue
        if _below_dropped(code, parents, dropped):
            vi, en = (
                "Cơ quan cấp trên có lỗi nên dòng này bị bỏ.",
                "Its parent has an error, so this row is left out.",
            )
            problems.append(_finding(read.line, ProblemKind.FORMAT, "parent", vi, en))
            continue
        parent = parents[code]
        level = read.agency.level or _level_below(parent, reads)
        yield replace(read.agency, parent=parent, level=level)


def _parent(
    read: _Read, reads: Mapping[AgencyCode, _Read], by_id: Mapping[str, _Read], known: Collection[str]
) -> tuple[AgencyCode | None, str]:
    """Parent, and the parent as stated (empty when it was inferred from the code)."""
    if read.stated_parent:
        exists = read.stated_parent in reads or read.stated_parent in known
        return (AgencyCode(read.stated_parent) if exists else None), read.stated_parent
    if read.parent_id and read.parent_id not in {"0", "-1", read.own_id}:
        above = by_id.get(read.parent_id)
        return (above.agency.code if above is not None else None), read.parent_id
    higher = read.code.parent()
    while higher is not None:
        if higher.text in reads or higher.text in known:
            return AgencyCode(higher.text), ""
        higher = higher.parent()
    return None, ""


def _in_circles(parents: Mapping[AgencyCode, AgencyCode | None]) -> set[AgencyCode]:
    circles: set[AgencyCode] = set()
    done: set[AgencyCode] = set()
    for start in parents:
        path: dict[AgencyCode, int] = {}
        here: AgencyCode | None = start
        while here is not None and here in parents and here not in done and here not in path:
            path[here] = len(path)
            here = parents[here]
        if here is not None and here in path:
            circles.update(code for code, place in path.items() if place >= path[here])
        done.update(path)
    return circles


def _below_dropped(code: AgencyCode, parents: Mapping[AgencyCode, AgencyCode | None], dropped: set[AgencyCode]) -> bool:
    here = parents[code]
    while here is not None:
        if here in dropped:
            return True
        here = parents.get(here)
    return False


def _level_below(parent: AgencyCode | None, reads: Mapping[AgencyCode, _Read]) -> int:
    """Level of an agency whose own code shows none."""
    if parent is None:
        return 0
    above = reads[parent].agency.level if parent in reads else agency_code.parse(parent).level
    return above + 1 if above else 0


def _other_code(line: int, field: str, text: str, problems: list[LineProblem]) -> AgencyCode | None:
    if not text.strip():
        return None
    code = _parsed(line, field, text, problems, Severity.WARNING)
    return AgencyCode(code.text) if code is not None else None


def _parsed(
    line: int, field: str, text: str, problems: list[LineProblem], severity: Severity = Severity.ERROR
) -> agency_code.Code | None:
    try:
        return agency_code.parse(text)
    except Refused as refused:
        problem = Problem(ProblemKind.FORMAT, field, refused.sentence("vi"), refused.sentence("en"), severity)
        problems.append(LineProblem(line, problem))
        return None


def _day(line: int, field: str, cells: Mapping[str, str], problems: list[LineProblem]) -> date | None:
    text = cells.get(field, "").strip()
    if not text:
        return None
    read, _ = read_date(text)
    if read is None:
        shown = one_line(text, 30)
        vi, en = (
            f"Ngày “{shown}” không hợp lệ, bị bỏ qua.",
            f"The date “{shown}” is not valid and was ignored.",
        )
        problems.append(LineProblem(line, Problem(ProblemKind.FORMAT, field, vi, en, Severity.WARNING)))
    return read


def _finding(line: int, kind: ProblemKind, field: str, vi: str, en: str) -> LineProblem:
    return LineProblem(line, Problem(kind, field, vi, en))


def _duplicate(line: int, field: str, value: str, first: int) -> LineProblem:
    shown = one_line(value, 40)
    vi, en = f"{shown} đã có ở dòng {first}.", f"{shown} is on line {first} already."
    return _finding(line, ProblemKind.FORMAT, field, vi, en)


def _decoded(data: bytes) -> str:
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as problem:
        raise _unreadable("không phải UTF-8", "it is not UTF-8") from problem


def _csv_records(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    heading = text.partition("\n")[0]
    delimiter = max(";,\t", key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        fields = [_field(cell) for cell in next(reader, [])]
        if not {"name"} <= set(fields) or not {"code", "level1"} & set(fields):
            raise _unreadable("dòng tiêu đề thiếu cột mã hoặc tên", "the heading lacks the code or the name column")
        while True:
            line = reader.line_num + 1
            row = next(reader, None)
            if row is None:
                return
            if any(cell.strip() for cell in row):
                yield line, {field: cell for field, cell in zip(fields, row, strict=False) if field}
    except csv.Error as problem:
        raise _unreadable(f"dòng {line}: {problem}", f"line {line}: {problem}") from problem


def _json_records(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Each object with the line on which it begins."""
    decoder = json.JSONDecoder()
    start = re.match(r"\s*(?:\{.*?\"data\"\s*:\s*)?\[", text, re.DOTALL | re.IGNORECASE)
    if start is None:
        raise _unreadable("không có mảng các dòng", "there is no array of rows")
    position, counted, line = start.end(), 0, 1
    blank = re.compile(r"[\s,]*")
    while True:
        gap = blank.match(text, position)
        position = gap.end() if gap is not None else position
        line += text.count("\n", counted, position)
        counted = position
        if text[position : position + 1] == "]":
            return
        try:
            value, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as problem:
            raise _unreadable(f"dòng {line}: JSON bị lỗi", f"line {line}: broken JSON") from problem
        if not isinstance(value, dict):
            raise _unreadable(f"dòng {line}: không phải đối tượng", f"line {line}: not an object")
        yield line, {_field(name): _cell(cell) for name, cell in value.items()}


@lru_cache(maxsize=1024)
def _field(heading: str) -> str:
    """Our name of a column; empty for columns that are not used."""
    return _FIELD_OF.get(re.sub(r"[^0-9a-z]", "", fold(heading)), "")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ";".join(_cell(item) for item in value)
    return str(value) if isinstance(value, str | int | float | bool) else ""


def _unreadable(why_vi: str, why_en: str) -> Refused:
    return Refused(IMPORT_UNREADABLE, why_vi=why_vi, why_en=why_en)
