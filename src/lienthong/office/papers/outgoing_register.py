"""The register of outgoing documents (sổ đăng ký văn bản đi), ten columns.

Source: Decree 30/2020/NĐ-CP Appendix IV and art. 16.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lienthong.office.papers.register import Letterhead, Volume, kind_and_abstract, list_of, register
from lienthong.webkit.papers.model import Align, Column, PrintMark, Row, Table, joined

COLUMNS = (
    Column("Số, ký hiệu văn bản", 1.1),
    Column("Ngày tháng văn bản", 0.95, Align.CENTRE),
    Column("Tên loại và trích yếu nội dung văn bản", 2.8),
    Column("Người ký", 1.15),
    Column("Nơi nhận văn bản", 1.6),
    Column("Đơn vị, người nhận bản lưu", 1.2),
    Column("Số lượng bản", 0.65, Align.CENTRE),
    Column("Ngày chuyển", 0.95, Align.CENTRE),
    Column("Ký nhận", 0.9),
    Column("Ghi chú", 1.2),
)


@dataclass(frozen=True, slots=True)
class OutgoingRow:
    """One number of the register.

    ``number``: number and symbol, ``15/QĐ-BNV``. ``kept_by``: units and persons with a file copy. ``taken_by``: who
    signed for it. ``void_reason``: why a number was annulled; it stays in the register, so that none is missing.
    """

    number: str
    day: date | None
    kind: str
    abstract: str
    signer: str = ""
    recipients: tuple[str, ...] = ()
    kept_by: tuple[str, ...] = ()
    copies: int | None = None
    sent_on: date | None = None
    taken_by: str = ""
    note: str = ""
    void_reason: str = ""


def outgoing_register(
    letterhead: Letterhead, volume: Volume, rows: Iterable[OutgoingRow], mark: PrintMark | None = None
) -> Table:
    """The register as a table; ``rows`` in the order of numbers, read once."""
    return register("Sổ đăng ký văn bản đi", letterhead, volume, COLUMNS, map(_row, rows), mark)


def _row(row: OutgoingRow) -> Row:
    void = f"Số đã hủy: {row.void_reason}" if row.void_reason else ""
    return Row((
        row.number, row.day, kind_and_abstract(row.kind, row.abstract), row.signer, list_of(row.recipients),
        list_of(row.kept_by), row.copies, row.sent_on, row.taken_by, joined(void, row.note),
    ))  # fmt: skip
