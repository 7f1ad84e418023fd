"""The register of documents sent by post (sổ gửi văn bản đi bưu điện), six columns.

Source: Decree 30/2020/NĐ-CP Appendix IV.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lienthong.office.papers.register import Letterhead, Volume, list_of, register
from lienthong.webkit.papers.model import Align, Column, PrintMark, Row, Table

COLUMNS = (
    Column("Ngày chuyển", 1, Align.CENTRE),
    Column("Số, ký hiệu văn bản", 1.6),
    Column("Nơi nhận văn bản", 3),
    Column("Số lượng bì", 0.8, Align.CENTRE),
    Column("Ký nhận và dấu bưu điện", 2),
    Column("Ghi chú", 1.6),
)


@dataclass(frozen=True, slots=True)
class PostedRow:
    """What went to one recipient in one posting. ``covers``: how many envelopes of paper."""

    sent_on: date
    numbers: tuple[str, ...]
    recipient: str
    covers: int = 1
    taken_by: str = ""
    note: str = ""


def postal_register(
    letterhead: Letterhead, volume: Volume, rows: Iterable[PostedRow], mark: PrintMark | None = None
) -> Table:
    """The register as a table; ``rows`` in the order of days, read once."""
    return register("Sổ gửi văn bản đi bưu điện", letterhead, volume, COLUMNS, map(_row, rows), mark)


def _row(row: PostedRow) -> Row:
    return Row((row.sent_on, list_of(row.numbers), row.recipient, row.covers, row.taken_by, row.note))
