"""The register of the use of file copies (sổ sử dụng bản lưu), nine columns. Source: Decree 30/2020, Appendix IV."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lienthong.office.papers.register import Letterhead, Volume, kind_and_abstract, register
from lienthong.webkit.papers.model import Align, Column, PrintMark, Row, Table, joined, short_date

COLUMNS = (
    Column("Ngày tháng", 0.95, Align.CENTRE),
    Column("Họ tên người sử dụng", 1.4),
    Column("Số, ký hiệu, ngày tháng văn bản", 1.5),
    Column("Tên loại và trích yếu", 2.8),
    Column("Số và ký hiệu HS", 1),
    Column("Ký nhận", 0.9),
    Column("Ngày trả", 0.95, Align.CENTRE),
    Column("Người cho phép sử dụng", 1.3),
    Column("Ghi chú", 1.1),
)


@dataclass(frozen=True, slots=True)
class CopyUse:
    """One use of a file copy. ``dossier``: number and symbol of the dossier (số và ký hiệu hồ sơ)."""

    used_on: date
    user: str
    number: str
    day: date | None
    kind: str
    abstract: str
    dossier: str = ""
    taken_by: str = ""
    returned_on: date | None = None
    allowed_by: str = ""
    note: str = ""


def copies_register(
    letterhead: Letterhead, volume: Volume, rows: Iterable[CopyUse], mark: PrintMark | None = None
) -> Table:
    """The register as a table; ``rows`` in the order of use, read once."""
    return register("Sổ sử dụng bản lưu", letterhead, volume, COLUMNS, map(_row, rows), mark)


def _row(row: CopyUse) -> Row:
    return Row((
        row.used_on, row.user, joined(row.number, short_date(row.day) if row.day else ""),
        kind_and_abstract(row.kind, row.abstract), row.dossier, row.taken_by, row.returned_on, row.allowed_by, row.note,
    ))  # fmt: skip
