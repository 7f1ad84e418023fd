"""What the registers have in common: who keeps them, which year and volume, and how a document is named in a row.

Source: Decree 30/2020/NĐ-CP Appendix IV.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lienthong.base.text import fold
from lienthong.webkit.papers.model import Column, Cover, Head, PrintMark, Row, Table, short_date


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The agency in whose name a paper is. ``superior``: the agency above, or empty. ``place``: where it is."""

    agency: str
    superior: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Volume:
    """One bound volume of a register: the year, and from which day and number to which."""

    year: int
    first_day: date | None = None
    last_day: date | None = None
    first_number: str = ""
    last_number: str = ""
    number: int = 1

    def cover(self, title: str) -> Cover:
        """The cover of the volume."""
        lines = [f"Năm: {self.year}"]
        if self.first_day and self.last_day:
            lines.append(f"Từ ngày {short_date(self.first_day)} đến ngày {short_date(self.last_day)}")
        if self.first_number and self.last_number:
            lines.append(f"Từ số {self.first_number} đến số {self.last_number}")
        volume = f"Quyển số: {self.number:02d}"
        return Cover(title, (*lines, volume))


def register(
    title: str, letterhead: Letterhead, volume: Volume, columns: tuple[Column, ...], rows: Iterable[Row],
    mark: PrintMark | None,
) -> Table:  # fmt: skip
    """The table of a register: cover, agency above, numbered columns."""
    return Table(
        title=title.upper(), columns=columns, rows=rows, subtitles=(f"Năm {volume.year}",), agency=letterhead.agency,
        superior=letterhead.superior, head=Head.AGENCY, mark=mark, cover=volume.cover(title),
    )  # fmt: skip


def kind_and_abstract(kind: str, abstract: str) -> str:
    """Kind and abstract as one text; the kind is not said twice when the abstract begins with it."""
    if not kind or fold(abstract[: 3 * len(kind)]).startswith(fold(kind)):
        return abstract or kind
    if abstract.startswith("Về "):
        abstract = "v" + abstract[1:]
    return f"{kind} {abstract}".strip()


def list_of(names: Iterable[str]) -> str:
    """Names in one cell."""
    return "; ".join(names)
