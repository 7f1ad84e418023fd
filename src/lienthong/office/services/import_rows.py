"""One row of an older system as a document of this one, and everything that is wrong or doubtful about it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from lienthong.base.errors import Refused
from lienthong.base.text import fold, one_line
from lienthong.office.states import Direction
from lienthong.vocabulary import urgency
from lienthong.vocabulary.kinds import look_up
from lienthong.vocabulary.number import read_date, split

OTHER_KIND = "Văn bản khác"
MAIN = ("chung", "")
_NUMBER = re.compile(r"0*([1-9][0-9]{0,8})")
_LETTERED = re.compile(r"[0-9]{1,9}[0-9A-Za-zĐđ.]{0,2}")
_NOT_SECRET = {"", "0", "thuong", "khong", "binh thuong", "khong mat"}


class Fault(Enum):
    """What can be said of a row. Those in STOPPING keep it out; the others are notes."""

    MISSING = "missing"
    DATE = "date"
    YEAR = "year"
    NUMBER = "number"
    DOUBLE = "double"
    TAKEN = "taken"
    SECRET = "secret"  # noqa: S105 - the word for state secrets, none itself
    DUPLICATE = "duplicate"
    FILE_MISSING = "file_missing"
    FILE_KIND = "file_kind"
    FILE_DOUBLE = "file_double"
    KIND = "kind"
    UNIT = "unit"
    PERSON = "person"
    CUT = "cut"
    LETTER = "letter"
    DOUBTFUL = "doubtful"
    GAP = "gap"

    @property
    def stops(self) -> bool:
        """Whether a row with this is not imported."""
        return self in STOPPING


STOPPING = frozenset(
    {Fault.MISSING, Fault.DATE, Fault.YEAR, Fault.NUMBER, Fault.DOUBLE, Fault.TAKEN, Fault.SECRET}
)  # fmt: skip
WORDS = {
    Fault.MISSING: "Thiếu dữ liệu bắt buộc", Fault.DATE: "Ngày không có thật hoặc không hợp lý",
    Fault.YEAR: "Không thuộc năm đã qua", Fault.NUMBER: "Số không đọc được", Fault.DOUBLE: "Trùng trong tệp",
    Fault.TAKEN: "Số đã có trong hệ thống", Fault.SECRET: "Có dấu mật, không được nhập",
    Fault.DUPLICATE: "Có thể trùng văn bản đã có", Fault.FILE_MISSING: "Không thấy tệp",
    Fault.FILE_KIND: "Tệp không nhận được", Fault.FILE_DOUBLE: "Nhiều tệp cùng tên",
    Fault.KIND: "Loại văn bản lạ", Fault.UNIT: "Không có đơn vị này",
    Fault.PERSON: "Không có người này", Fault.CUT: "Dài quá, bị cắt", Fault.LETTER: "Số có chữ kèm",
    Fault.DOUBTFUL: "Không đọc được, bỏ trống", Fault.GAP: "Dãy số bị ngắt",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """One finding: the row's number in the file (0: of the whole), what it is, and what it is about."""

    line: int
    fault: Fault
    about: str


@dataclass(slots=True)
class Row:
    """A row as it would be stored. ``series``: code and name of its register; ``value``: its number there, None when it
    carries a letter."""

    line: int
    key: str = ""
    year: int = 0
    series: tuple[str, str] = MAIN
    value: int | None = None
    texts: dict[str, str] = field(default_factory=dict)
    days: dict[str, date | None] = field(default_factory=dict)
    pages: int | None = None
    copies: int | None = None
    urgency: int = 0
    kind: str = OTHER_KIND
    files: tuple[str, ...] = ()
    said: list[Said] = field(default_factory=list)

    @property
    def stopped(self) -> bool:
        """Whether something keeps it out."""
        return any(each.fault.stops for each in self.said)

    def say(self, fault: Fault, about: str = "") -> None:
        """Add a finding."""
        self.said.append(Said(self.line, fault, one_line(about, 200)))


_LENGTHS = {
    "issuer_name": 200, "abstract": 500, "symbol": 60, "identifier": 255, "language": 30, "note": 500,
    "signer_position": 100, "signer_name": 50, "to_places": 1000, "number": 11, "unit": 300, "person": 200,
}  # fmt: skip


def read_row(
    line: int, cells: Sequence[str], mapping: Mapping[str, int], direction: Direction, today: date, *,
    series_by_kind: bool = False,
) -> Row:  # fmt: skip
    """Read one row; ``mapping``: field to column. What is wrong is in ``said``, nothing is raised."""
    given = {name: cells[at].strip() if at < len(cells) else "" for name, at in mapping.items()}
    row = Row(line)
    _number_and_symbol(row, given)
    for name, most in _LENGTHS.items():
        text = given.get(name, "")
        if len(text) > most:
            row.say(Fault.CUT, f"{name}: {len(text)} > {most}")
        row.texts[name] = text[:most]
    incoming = direction is Direction.INCOMING
    needed = ("issuer_name", "abstract", "arrival_number", "arrival_date") if incoming else (
        "abstract", "number", "issued_date")  # fmt: skip
    for name in needed:
        if not given.get(name, ""):
            row.say(Fault.MISSING, name)
    _dates(row, given, direction, today)
    _kind(row, given)
    _series(row, given, incoming, series_by_kind)
    _value(row, given.get("arrival_number" if incoming else "number", ""), incoming)
    row.pages, row.copies = _whole(row, given, "pages"), _whole(row, given, "copies")
    _marks(row, given)
    row.files = tuple(
        dict.fromkeys(each.strip() for each in re.split(r"[;|\n]", given.get("files", "")) if each.strip())
    )
    row.key = (given.get("key", "") or _own_key(row, given, direction))[:120]
    return row


def _number_and_symbol(row: Row, given: dict[str, str]) -> None:
    both = given.get("number_symbol", "")
    if both and not given.get("number"):
        given["number"], symbol = split(both)
        given["symbol"] = given.get("symbol") or symbol


def _dates(row: Row, given: Mapping[str, str], direction: Direction, today: date) -> None:
    for name in ("issued_date", "arrival_date", "due_date"):
        text = given.get(name, "")
        found = read_date(text.split(" ")[0])[0] if text else None
        row.days[name] = found
        if text and found is None:
            row.say(Fault.DOUBTFUL if name == "due_date" else Fault.DATE, f"{name}: {text}")
    issued, arrived = row.days["issued_date"], row.days["arrival_date"]
    own = arrived if direction is Direction.INCOMING else issued
    if own is not None:
        row.year = own.year
        if own.year >= today.year:
            row.say(Fault.YEAR, f"{own:%d/%m/%Y}")
    if direction is Direction.INCOMING and issued and arrived and issued > arrived:
        row.say(Fault.DATE, f"{issued:%d/%m/%Y} > {arrived:%d/%m/%Y}")


def _kind(row: Row, given: Mapping[str, str]) -> None:
    text = given.get("kind", "")
    found = look_up(text).kind if text else None
    row.kind = found.name if found is not None else (text[:100] or OTHER_KIND)
    if found is None:
        row.say(Fault.KIND, text)


def _series(row: Row, given: Mapping[str, str], incoming: bool, by_kind: bool) -> None:
    """An agency has one incoming series a year (D30 art. 22.2); outgoing ones by their name, or by kind."""
    name = "" if incoming else given.get("register", "") or (row.kind if by_kind else "")
    code = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")[:40]
    row.series = (code, name[:200]) if code else MAIN


def _value(row: Row, text: str, incoming: bool) -> None:
    if not text:
        return
    whole = _NUMBER.fullmatch(text)
    if whole is not None:
        row.value = int(whole[1])
        if row.value > 2_000_000:
            row.value = None
            row.say(Fault.NUMBER, text)
    elif not incoming and _LETTERED.fullmatch(text) and len(text) <= 11 and text.strip("0."):
        row.say(Fault.LETTER, text)
    else:
        row.say(Fault.NUMBER, text)


def _whole(row: Row, given: Mapping[str, str], name: str) -> int | None:
    text = given.get(name, "")
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 6:
        return int(text)
    row.say(Fault.DOUBTFUL, f"{name}: {text}")
    return None


def _marks(row: Row, given: Mapping[str, str]) -> None:
    if fold(given.get("secrecy", "")) not in _NOT_SECRET:
        row.say(Fault.SECRET, given["secrecy"])
    text = given.get("urgency", "")
    if "mat" in fold(text).split():
        row.say(Fault.SECRET, text)
        return
    try:
        row.urgency = int(urgency.from_priority(text))
    except Refused:
        row.say(Fault.DOUBTFUL, f"urgency: {text}")


def _own_key(row: Row, given: Mapping[str, str], direction: Direction) -> str:
    """A row without a key of the older system is known by its place in the register."""
    number = given.get("arrival_number" if direction is Direction.INCOMING else "number", "")
    return f"{direction.value}/{row.year}/{row.series[0]}/{row.value if row.value is not None else number}"
