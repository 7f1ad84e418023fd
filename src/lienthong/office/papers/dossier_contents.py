"""The list of documents in a dossier (mục lục văn bản, tài liệu), seven columns. Source: Decree 30/2020, Appendix V."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lienthong.office.papers.register import Letterhead, kind_and_abstract
from lienthong.webkit.papers.model import Align, Column, PrintMark, Row, Table

COLUMNS = (
    Column("STT", 0.5, Align.CENTRE, plain_numbers=True),
    Column("Số, ký hiệu văn bản", 1.2),
    Column("Ngày tháng năm văn bản", 1, Align.CENTRE),
    Column("Tên loại và trích yếu nội dung", 3.4),
    Column("Tác giả văn bản", 1.8),
    Column("Tờ số/Trang số", 0.9, Align.CENTRE),
    Column("Ghi chú", 1.1),
)


@dataclass(frozen=True, slots=True)
class ContainedDocument:
    """A document in a dossier. ``sheet``: its sheets or pages in the dossier, such as ``03-07``."""

    number: str
    day: date | None
    kind: str
    abstract: str
    author: str
    sheet: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class DossierHead:
    """Which dossier it is."""

    code: str
    title: str
    year: int


def dossier_contents(
    head: DossierHead, documents: Iterable[ContainedDocument], letterhead: Letterhead, mark: PrintMark | None = None
) -> Table:
    """The list as a table; ``documents`` in their order in the dossier, read once."""
    return Table(
        title="MỤC LỤC VĂN BẢN, TÀI LIỆU",
        columns=COLUMNS,
        rows=(
            Row((place, each.number, each.day, kind_and_abstract(each.kind, each.abstract), each.author, each.sheet,
                 each.note))
            for place, each in enumerate(documents, 1)
        ),
        subtitles=(f"Hồ sơ số: {head.code} năm {head.year}", head.title),
        agency=letterhead.agency,
        superior=letterhead.superior,
        mark=mark,
        size=11,
    )  # fmt: skip
