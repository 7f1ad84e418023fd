"""The register of incoming documents (sổ đăng ký văn bản đến), ten columns.

Source: Decree 30/2020/NĐ-CP Appendix IV and art. 22.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lienthong.office.papers.register import Letterhead, Volume, kind_and_abstract, list_of, register
from lienthong.webkit.papers.model import Align, Column, PrintMark, Row, Table, joined
from lienthong.webkit.papers.numerals import two_digits

COLUMNS = (
    Column("Ngày đến", 0.95, Align.CENTRE),
    Column("Số đến", 0.65, Align.CENTRE),
    Column("Tác giả", 1.4),
    Column("Số, ký hiệu văn bản", 1.1),
    Column("Ngày tháng văn bản", 0.95, Align.CENTRE),
    Column("Tên loại và trích yếu nội dung", 2.8),
    Column("Đơn vị hoặc người nhận", 1.4),
    Column("Ngày chuyển", 0.95, Align.CENTRE),
    Column("Ký nhận", 0.9),
    Column("Ghi chú", 1.1),
)


@dataclass(frozen=True, slots=True)
class IncomingRow:
    """One arrival.

    ``author``: the agency or person that issued it. ``receivers``: units or persons. ``void_reason``: why an arrival
    number was annulled; the number stays in the register.
    """

    arrived_on: date
    arrival_number: int
    author: str
    number: str
    day: date | None
    kind: str
    abstract: str
    receivers: tuple[str, ...] = ()
    passed_on: date | None = None
    taken_by: str = ""
    note: str = ""
    void_reason: str = ""


def incoming_register(
    letterhead: Letterhead, volume: Volume, rows: Iterable[IncomingRow], mark: PrintMark | None = None
) -> Table:
    """The register as a table; ``rows`` in the order of arrival numbers, read once."""
    return register("Sổ đăng ký văn bản đến", letterhead, volume, COLUMNS, map(_row, rows), mark)


def _row(row: IncomingRow) -> Row:
    void = f"Số đã hủy: {row.void_reason}" if row.void_reason else ""
    return Row((
        row.arrived_on, two_digits(row.arrival_number), row.author, row.number, row.day,
        kind_and_abstract(row.kind, row.abstract), list_of(row.receivers), row.passed_on, row.taken_by,
        joined(void, row.note),
    ))  # fmt: skip
