"""A table that becomes a paper: what stands in it, whichever file it is written to.

A table says content and meaning; where lines break and pages end is the business of each writer. Its rows are an
iterator that is read once, so that a register of a hundred thousand rows never stands in memory as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from lienthong.base.text import nfc
from lienthong.webkit.papers.numerals import fraction, grouped

Cell = str | int | float | Decimal | date | None
"""Text, a whole number, a number with decimals, a day, an instant in the agency's own time, or nothing."""


class Align(Enum):
    """Where the text of a column stands."""

    LEFT = "left"
    CENTRE = "center"
    RIGHT = "right"


class Head(Enum):
    """What stands above the title: agency and nation, the agency alone, or nothing (a list inside a system)."""

    NATION = "nation"
    AGENCY = "agency"
    NONE = "none"


class RowKind(Enum):
    """What a row is for.

    HEADING opens a group (bold, never the last of a page), SUBHEADING one within it, SUBTOTAL and TOTAL close (bold).
    """

    PLAIN = "plain"
    HEADING = "heading"
    SUBHEADING = "subheading"
    SUBTOTAL = "subtotal"
    TOTAL = "total"

    @property
    def bold(self) -> bool:
        """Whether its text is bold."""
        return self is not RowKind.PLAIN


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``weight``: its share of the width. ``decimals``: of a number that is not whole.

    ``plain_numbers``: whole numbers without points between thousands, for years and numbers of documents.
    """

    header: str
    weight: float = 1.0
    align: Align = Align.LEFT
    decimals: int = 2
    plain_numbers: bool = False


@dataclass(frozen=True, slots=True)
class HeaderCell:
    """One box of a header of several rows; it covers ``columns`` × ``rows``."""

    text: str
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a cell for each column. A shorter one is filled with nothing."""

    cells: tuple[Cell, ...]
    kind: RowKind = RowKind.PLAIN


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs below. ``note``: the line in brackets; ``name`` may be empty, then he writes it."""

    position: str
    name: str = ""
    note: str = "(Ký, ghi rõ họ tên)"


@dataclass(frozen=True, slots=True)
class PrintMark:
    """What says that a paper was printed from the system (Decree 30/2020/NĐ-CP Appendix VI, function 6k).

    ``at`` in the agency's own time.
    """

    system: str
    by: str
    at: datetime

    def line(self) -> str:
        """The line at the foot of every page."""
        return f"In từ {self.system} bởi {self.by} lúc {self.at:%H:%M} ngày {self.at:%d/%m/%Y}"


@dataclass(frozen=True, slots=True)
class Cover:
    """The cover of a bound register: its name in capitals, the year, from which day and number to which."""

    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A paper with one table.

    ``rows``: read once. ``header``: boxes row by row when it has more than one row; otherwise the columns' own texts.
    ``numbered``: whether the row ``(1) (2) …`` follows. ``place``, ``sign_on``: above the signers; without a day it is
    left to be written. ``size``: points of the text in the table.
    """

    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    subtitles: tuple[str, ...] = ()
    agency: str = ""
    superior: str = ""
    head: Head = Head.NATION
    place: str = ""
    sign_on: date | None = None
    header: tuple[tuple[HeaderCell, ...], ...] = ()
    numbered: bool = True
    notes: tuple[str, ...] = ()
    signers: tuple[Signer, ...] = ()
    mark: PrintMark | None = None
    cover: Cover | None = None
    size: float = 10.5

    def header_rows(self) -> tuple[tuple[HeaderCell, ...], ...]:
        """The boxes of the header, row by row."""
        return self.header or (tuple(HeaderCell(column.header) for column in self.columns),)

    def placed_header(self) -> list[PlacedHeader]:
        """Each box of the header with its place. Boxes that overlap or leave a hole are a ValueError."""
        return place_header(self.header_rows(), len(self.columns))

    def numbers(self) -> tuple[str, ...]:
        """The texts of the numbered row, or nothing."""
        return tuple(f"({number})" for number in range(1, len(self.columns) + 1)) if self.numbered else ()

    def filled_rows(self) -> Iterator[Row]:
        """Each row with exactly one cell per column; a longer one is a ValueError."""
        width = len(self.columns)
        for row in self.rows:
            if len(row.cells) > width:
                raise ValueError(f"a row has {len(row.cells)} cells, the table {width} columns")
            missing = width - len(row.cells)
            yield Row((*row.cells, *(None,) * missing), row.kind) if missing else row

    def place_line(self) -> str:
        """Place and day of signing, or an empty text when there is no place."""
        if not self.place:
            return ""
        if self.sign_on is None:
            return f"{self.place}, ngày ..... tháng ..... năm ......."
        return f"{self.place}, {long_date(self.sign_on)}"


@dataclass(frozen=True, slots=True)
class PlacedHeader:
    """A box of the header at ``row``, ``column``, both from 0."""

    row: int
    column: int
    box: HeaderCell


def place_header(rows: Sequence[Sequence[HeaderCell]], width: int) -> list[PlacedHeader]:
    """Put boxes where they belong: each in the first free place of its row."""
    taken: set[tuple[int, int]] = set()
    placed: list[PlacedHeader] = []
    for top, boxes in enumerate(rows):
        left = 0
        for box in boxes:
            while (top, left) in taken:
                left += 1
            covered = {(top + down, left + right) for down in range(box.rows) for right in range(box.columns)}
            if covered & taken or left + box.columns > width or top + box.rows > len(rows):
                raise ValueError(f"the header box {box.text!r} does not fit")
            taken |= covered
            placed.append(PlacedHeader(top, left, box))
    if len(taken) != width * len(rows):
        raise ValueError("the header leaves a hole")
    return placed


def shown(cell: Cell, column: Column) -> str:
    """The text of a cell, the same in every paper: ``1.234.567``, ``1.234.567,89``, ``29/06/2026``."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return nfc(cell)
    if isinstance(cell, bool):
        raise TypeError("a truth value has no form in a paper; write a word")
    if isinstance(cell, int):
        return str(cell) if column.plain_numbers else grouped(cell)
    if isinstance(cell, float | Decimal):
        return fraction(cell, column.decimals)
    if isinstance(cell, datetime):
        return f"{cell:%d/%m/%Y %H:%M}"
    return short_date(cell)


def short_date(day: date) -> str:
    """``dd/mm/yyyy``."""
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


def long_date(day: date) -> str:
    """``ngày 05 tháng 01 năm 2026``: days below 10 and the months 1 and 2 with a zero (Decree 30/2020, Appendix I)."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def joined(*parts: str) -> str:
    """Texts that are not empty, with a semicolon between."""
    return "; ".join(part for part in parts if part)
