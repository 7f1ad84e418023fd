"""The columns of a table of an older system, and which field each one seems to be; a person confirms it.

Fields: D30 Appendix VI Part II tables I and II, by their Vietnamese names or the tags of the decree.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lienthong.base.text import fold
from lienthong.office.states import Direction

LIKE_ENOUGH = 0.82


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field. ``names``: headers that mean it, beside ``label`` and the decree's ``tag``. ``only``: direction."""

    name: str
    label: str
    tag: str = ""
    names: tuple[str, ...] = ()
    only: Direction | None = None
    required: bool = False


IN, OUT = Direction.INCOMING, Direction.OUTGOING
FIELDS = (
    Wanted("arrival_number", "Số đến", "ArrivalNumber", ("số thứ tự đến", "số vào sổ"), IN, True),
    Wanted("arrival_date", "Ngày đến", "ArrivalDate", ("ngày, tháng, năm đến", "ngày vào sổ"), IN, True),
    Wanted("number", "Số của văn bản", "CodeNumber", ("số văn bản", "số đi", "số"), OUT, True),
    Wanted("number", "Số của văn bản", "CodeNumber", ("số văn bản", "số"), IN),
    Wanted("symbol", "Ký hiệu của văn bản", "CodeNotation", ("ký hiệu", "ký hiệu văn bản")),
    Wanted("number_symbol", "Số và ký hiệu", "", ("số, ký hiệu", "số ký hiệu", "số/ký hiệu", "số, ký hiệu văn bản")),
    Wanted("issued_date", "Ngày văn bản", "IssuedDate",
           ("ngày, tháng, năm văn bản", "ngày tháng văn bản", "ngày ban hành", "ngày ký"), OUT, True),
    Wanted("issued_date", "Ngày văn bản", "IssuedDate",
           ("ngày, tháng, năm văn bản", "ngày tháng văn bản", "ngày ban hành", "ngày ký"), IN),
    Wanted("issuer_name", "Cơ quan ban hành", "OrganName",
           ("tên cơ quan, tổ chức ban hành văn bản", "tác giả", "nơi gửi", "cơ quan gửi", "nơi ban hành"), IN, True),
    Wanted("issuer_name", "Cơ quan ban hành", "OrganName", ("tên cơ quan, tổ chức ban hành văn bản", "tác giả"), OUT),
    Wanted("abstract", "Trích yếu", "Subject",
           ("trích yếu nội dung", "tên loại và trích yếu nội dung văn bản", "nội dung", "về việc"), required=True),
    Wanted("kind", "Loại văn bản", "TypeName", ("tên loại văn bản", "tên loại", "loại")),
    Wanted("register", "Sổ", "", ("tên sổ", "sổ văn bản", "sổ đăng ký")),
    Wanted("key", "Mã ở hệ thống cũ", "", ("mã", "id", "mã văn bản", "khóa", "mã bản ghi")),
    Wanted("identifier", "Mã định danh văn bản", "DocumentId", ("mã định danh",)),
    Wanted("language", "Ngôn ngữ", "Language"),
    Wanted("pages", "Số trang", "PageAmount", ("số trang của văn bản", "số tờ")),
    Wanted("note", "Ghi chú", "Description"),
    Wanted("signer_position", "Chức vụ người ký", "Position", ("chức vụ của người ký văn bản", "chức vụ")),
    Wanted("signer_name", "Người ký", "FullName", ("họ và tên người ký văn bản", "họ tên người ký")),
    Wanted("urgency", "Độ khẩn", "Priority", ("mức độ khẩn", "độ khẩn cấp")),
    Wanted("secrecy", "Độ mật", "", ("mức độ mật",)),
    Wanted("to_places", "Đơn vị hoặc người nhận", "ToPlaces", ("đơn vị nhận", "đơn vị xử lý", "người nhận"), IN),
    Wanted("to_places", "Nơi nhận", "To", ("nơi nhận văn bản", "tên cơ quan, tổ chức nhận văn bản"), OUT),
    Wanted("due_date", "Thời hạn giải quyết", "DueDate", ("hạn xử lý", "hạn giải quyết", "hạn trả lời văn bản")),
    Wanted("copies", "Số lượng bản", "IssuedAmount", ("số lượng bản phát hành", "số bản"), OUT),
    Wanted("unit", "Đơn vị soạn thảo", "", ("phòng soạn thảo", "đơn vị chủ trì", "phòng ban"), OUT),
    Wanted("person", "Người soạn thảo", "", ("người soạn", "chuyên viên soạn thảo"), OUT),
    Wanted("files", "Tệp", "", ("tên tệp", "tệp đính kèm", "file", "file đính kèm", "tập tin")),
)  # fmt: skip
"""All fields; the same name may be wanted of one direction and welcome in the other."""


def fields_of(direction: Direction) -> tuple[Wanted, ...]:
    """The fields of a direction, in the order in which people are asked."""
    return tuple(each for each in FIELDS if each.only in {None, direction})


def propose(header: Sequence[str], direction: Direction) -> dict[str, int]:
    """Field to column, by the likeness of names; no column twice. The surest pairs come first."""
    pairs: list[tuple[float, int, int, str]] = []
    for order, field in enumerate(fields_of(direction)):
        for column, text in enumerate(header):
            likeness = _likeness(text, field)
            if likeness >= LIKE_ENOUGH:
                pairs.append((-likeness, order, column, field.name))
    found: dict[str, int] = {}
    for _, _, column, name in sorted(pairs):
        if name not in found and column not in found.values():
            found[name] = column
    return found


def _likeness(text: str, field: Wanted) -> float:
    plain = _bare(text)
    if not plain:
        return 0.0
    names = [_bare(each) for each in (field.label, field.tag, *field.names) if each]
    if plain in names:
        return 1.0 if plain in names[:2] else 0.99
    return max(difflib.SequenceMatcher(None, plain, each).ratio() for each in names)


def _bare(text: str) -> str:
    return " ".join("".join(letter if letter.isalnum() else " " for letter in fold(text)).split())


def missing(mapping: Mapping[str, int], direction: Direction) -> list[Wanted]:
    """Required fields without a column; number and symbol in one column give the number too."""
    have = set(mapping) | ({"number", "symbol"} if "number_symbol" in mapping else set())
    return [each for each in fields_of(direction) if each.required and each.name not in have]


def header_row(rows: Sequence[Sequence[str]], direction: Direction) -> int:
    """Which of the first rows names the columns: the one from which the most fields are recognised."""
    return max(range(len(rows)), key=lambda at: (len(propose(rows[at], direction)), -at), default=0)
