"""The register that follows the handling of incoming documents (sổ theo dõi giải quyết văn bản đến), seven columns.

Source: Decree 30/2020/NĐ-CP Appendix IV and art. 24.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lienthong.office.papers.register import Letterhead, Volume, list_of, register
from lienthong.webkit.papers.model import Align, Column, PrintMark, Row, Table, short_date
from lienthong.webkit.papers.numerals import two_digits

COLUMNS = (
    Column("Số đến", 0.7, Align.CENTRE),
    Column("Tên loại, số, ký hiệu, ngày tháng và tên cơ quan ban hành", 3),
    Column("Đơn vị hoặc người nhận", 1.6),
    Column("Thời hạn giải quyết", 1, Align.CENTRE),
    Column("Tiến độ giải quyết", 1.5),
    Column("Số, ký hiệu văn bản trả lời", 1.3),
    Column("Ghi chú", 1.1),
)


@dataclass(frozen=True, slots=True)
class FollowedRow:
    """One incoming document and how far it is. ``deadline``: the last day. ``answers``: number and symbol of each."""

    arrival_number: int
    kind: str
    number: str
    day: date | None
    author: str
    receivers: tuple[str, ...]
    deadline: date | None = None
    progress: str = ""
    answers: tuple[str, ...] = ()
    note: str = ""


def follow_up_register(
    letterhead: Letterhead, volume: Volume, rows: Iterable[FollowedRow], mark: PrintMark | None = None
) -> Table:
    """The register as a table; ``rows`` in the order of arrival numbers, read once."""
    return register("Sổ theo dõi giải quyết văn bản đến", letterhead, volume, COLUMNS, map(_row, rows), mark)


def _row(row: FollowedRow) -> Row:
    day = f"ngày {short_date(row.day)}" if row.day else ""
    number = f"số {row.number}" if row.number else ""
    named = " ".join(filter(None, (row.kind, number, day)))
    author = f"của {row.author}" if row.author else ""
    return Row((
        two_digits(row.arrival_number), " ".join(filter(None, (named, author))), list_of(row.receivers), row.deadline,
        row.progress, list_of(row.answers), row.note,
    ))  # fmt: skip
