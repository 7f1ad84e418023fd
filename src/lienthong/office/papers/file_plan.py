"""The file plan of a year (danh mục hồ sơ), five columns, with its closing totals.

Source: Decree 30/2020/NĐ-CP Appendix V.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lienthong.base.text import fold
from lienthong.office.papers.register import Letterhead
from lienthong.webkit.papers.model import Align, Column, PrintMark, Row, RowKind, Signer, Table
from lienthong.webkit.papers.numerals import counted, roman

COLUMNS = (
    Column("Số và ký hiệu hồ sơ", 1.1),
    Column("Tên đề mục và tiêu đề hồ sơ", 4),
    Column("Thời hạn bảo quản", 1.1, Align.CENTRE),
    Column("Người lập hồ sơ", 1.6),
    Column("Ghi chú", 1.2),
)
PERMANENT = "Vĩnh viễn"
_SIGNER = Signer("QUYỀN HẠN, CHỨC VỤ CỦA NGƯỜI KÝ", note="")


@dataclass(frozen=True, slots=True)
class PlannedDossier:
    """A dossier expected in the year. ``code``: ``01.TCCB``. ``retention``: ``Vĩnh viễn`` or a number of years."""

    code: str
    title: str
    retention: str
    creator: str = ""
    note: str = ""

    @property
    def permanent(self) -> bool:
        """Whether it is kept for ever."""
        return fold(self.retention) == fold(PERMANENT)


@dataclass(frozen=True, slots=True)
class SmallHeading:
    """A heading within a large one; numbered 1, 2, … An empty title holds dossiers that have none."""

    title: str
    dossiers: tuple[PlannedDossier, ...]


@dataclass(frozen=True, slots=True)
class LargeHeading:
    """A unit or field of work; numbered I, II, …"""

    title: str
    parts: tuple[SmallHeading, ...]


@dataclass(frozen=True, slots=True)
class FilePlan:
    """The plan of one year. ``decision``: the decision it is attached to, or empty while it is a draft."""

    year: int
    headings: tuple[LargeHeading, ...]
    decision: str = ""
    signer: Signer = _SIGNER


def file_plan(plan: FilePlan, letterhead: Letterhead, mark: PrintMark | None = None) -> Table:
    """The plan as a table, its totals below."""
    attached = (f"(Kèm theo {plan.decision})",) if plan.decision else ()
    return Table(
        title="DANH MỤC HỒ SƠ",
        columns=COLUMNS,
        rows=_rows(plan.headings),
        subtitles=(f"Năm {plan.year}", *attached),
        agency=letterhead.agency,
        superior=letterhead.superior,
        place=letterhead.place,
        notes=closing(plan.headings),
        signers=(plan.signer,),
        mark=mark,
        size=11,
    )


def _rows(headings: Sequence[LargeHeading]) -> Iterator[Row]:
    for place, large in enumerate(headings, 1):
        yield Row((None, f"{roman(place)}. {large.title}"), RowKind.HEADING)
        number = 0
        for part in large.parts:
            if part.title:
                number += 1
                yield Row((None, f"{number}. {part.title}"), RowKind.SUBHEADING)
            for each in part.dossiers:
                yield Row((each.code, each.title, each.retention, each.creator, each.note))


def closing(headings: Sequence[LargeHeading]) -> tuple[str, ...]:
    """How many dossiers, in figures and words; of these permanent and for a time."""
    all_of = [each for large in headings for part in large.parts for each in part.dossiers]
    permanent = sum(each.permanent for each in all_of)
    return (
        f"Bản Danh mục hồ sơ này có: {counted(len(all_of))} hồ sơ, trong đó:",
        f"- {counted(permanent)} hồ sơ bảo quản vĩnh viễn;",
        f"- {counted(len(all_of) - permanent)} hồ sơ bảo quản có thời hạn.",
    )
