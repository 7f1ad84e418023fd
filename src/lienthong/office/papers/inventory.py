"""The inventory of dossiers that are deposited (mục lục hồ sơ, tài liệu nộp lưu), seven columns.

Source: Decree 30/2020/NĐ-CP Appendix V.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lienthong.office.papers.register import Letterhead
from lienthong.webkit.papers.model import Align, Column, PrintMark, Row, Signer, Table, short_date
from lienthong.webkit.papers.numerals import counted, in_words

COLUMNS = (
    Column("Số TT", 0.55, Align.CENTRE, plain_numbers=True),
    Column("Số, ký hiệu hồ sơ", 1.1),
    Column("Tiêu đề hồ sơ", 3.6),
    Column("Thời gian tài liệu", 1.2, Align.CENTRE),
    Column("Thời hạn bảo quản", 1, Align.CENTRE),
    Column("Số tờ/Số trang", 0.8, Align.CENTRE),
    Column("Ghi chú", 1.1),
)


@dataclass(frozen=True, slots=True)
class DepositedDossier:
    """A dossier handed to the archive. ``sheets``: number of sheets on paper, of pages when electronic."""

    code: str
    title: str
    first_day: date | None
    last_day: date | None
    retention: str
    sheets: int | None = None
    note: str = ""

    def span(self) -> str:
        """From the first document to the last."""
        days = [short_date(day) for day in (self.first_day, self.last_day) if day is not None]
        return " - ".join(dict.fromkeys(days))


@dataclass(frozen=True, slots=True)
class Inventory:
    """The list of one deposit. ``unit``: who deposits; ``author``: who made the list."""

    year: int
    unit: str
    dossiers: Sequence[DepositedDossier]
    author: str = ""
    made_on: date | None = None


def inventory(given: Inventory, letterhead: Letterhead, mark: PrintMark | None = None) -> Table:
    """The inventory as a table, its total in figures and words below."""
    count = len(given.dossiers)
    words = in_words(count)
    return Table(
        title="MỤC LỤC HỒ SƠ, TÀI LIỆU NỘP LƯU",
        columns=COLUMNS,
        rows=(
            Row((place, each.code, each.title, each.span(), each.retention, each.sheets, each.note))
            for place, each in enumerate(given.dossiers, 1)
        ),
        subtitles=(f"Năm {given.year}", *((given.unit,) if given.unit else ())),
        agency=letterhead.agency,
        superior=letterhead.superior,
        place=letterhead.place,
        sign_on=given.made_on,
        notes=(
            f"Mục lục này gồm: {counted(count)} hồ sơ (đơn vị bảo quản).",
            f"Viết bằng chữ: {words[:1].upper()}{words[1:]} hồ sơ (đơn vị bảo quản).",
        ),
        signers=(Signer("NGƯỜI LẬP", given.author, "(Ký, ghi rõ họ tên, chức vụ)"),),
        mark=mark,
        size=11,
    )
