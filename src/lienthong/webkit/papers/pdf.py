"""A table as PDF: landscape A4 or A3, the header on every page, a row cut only when no page can hold it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from reportlab.lib.pagesizes import A3, A4, landscape

from lienthong.trust.pdf.drawing import BOLD, REGULAR
from lienthong.webkit.papers.lines import broken, width_of
from lienthong.webkit.papers.model import Align, Row, RowKind, Table, shown
from lienthong.webkit.papers.pdf_page import Pages, Sheet, draw_cover, draw_end, draw_head

_PAD_X, _PAD_Y = 3.0, 2.5
_THIN = 0.5
_OPENING = (RowKind.HEADING, RowKind.SUBHEADING)


def write_pdf(table: Table, out: BinaryIO, *, a3: bool = False) -> int:
    """Write the table to a file; the number of its pages. The same table gives the same bytes."""
    width, height = landscape(A3 if a3 else A4)
    pages = Pages(out, Sheet(width, height), table)
    draw_cover(pages, table)
    draw_head(pages, table)
    grid = _Grid(pages, table)
    grid.open()
    held: list[_Measured] = []
    for row in table.filled_rows():
        held.append(grid.measure(row))
        # A heading waits for the row below it: the two stay on one page.
        if row.kind not in _OPENING:
            grid.add(held)
            held = []
    grid.add(held)
    grid.close()
    draw_end(pages, table)
    return pages.finish()


@dataclass(slots=True)
class _Measured:
    """A row in lines, by column."""

    cells: list[tuple[str, ...]]
    bold: bool

    def lines(self) -> int:
        return max(map(len, self.cells))


class _Grid:
    """The table on the pages: where its columns are, and how far it has come."""

    def __init__(self, pages: Pages, table: Table) -> None:
        self._pages, self._table = pages, table
        total = sum(column.weight for column in table.columns)
        self._widths = [pages.sheet.body_width * column.weight / total for column in table.columns]
        self._edges = [pages.sheet.left]
        for width in self._widths:
            self._edges.append(self._edges[-1] + width)
        self._leading = table.size * 1.18
        self._header = _Header(table, self._edges, self._leading)
        self._upper = 0.0
        self._rules: list[float] = []
        self._fresh = True

    def measure(self, row: Row) -> _Measured:
        font = BOLD if row.kind.bold else REGULAR
        size = self._table.size
        cells = [
            broken(text, width - 2 * _PAD_X, font, size) if text else ("",)
            for text, width in zip(
                (shown(cell, column) for cell, column in zip(row.cells, self._table.columns, strict=True)),
                self._widths,
                strict=True,
            )
        ]
        return _Measured(cells, row.kind.bold)

    def open(self) -> None:
        """Draw the header here."""
        if self._pages.at - self._header.height - 3 * self._leading < self._pages.sheet.bottom:
            self._pages.end_page()
        self._pages.at = self._header.draw(self._pages)
        self._upper = self._pages.at
        self._rules = []
        self._fresh = True

    def close(self) -> None:
        """Rule what was drawn on this page."""
        if not self._rules:
            return
        left, right, low = self._edges[0], self._edges[-1], self._pages.at
        self._pages.canvas.setLineWidth(_THIN)
        self._pages.ink.rule(
            [(left, y, right, y) for y in self._rules] + [(x, self._upper, x, low) for x in self._edges]
        )

    def _turn(self) -> None:
        self.close()
        self._pages.end_page()
        self.open()

    def add(self, rows: Sequence[_Measured]) -> None:
        """Draw rows that belong together."""
        together = sum(map(self._height, rows))
        if together > self._room() and not self._fresh:
            self._turn()
        for row in rows:
            for piece in self._pieces(row):
                self._draw(piece)

    def _pieces(self, row: _Measured) -> Iterator[_Measured]:
        """The row whole, or in pieces as long as the room of each page when no page could hold it."""
        done, lines = 0, row.lines()
        while done < lines:
            fit = int((self._room() - 2 * _PAD_Y) / self._leading)
            if fit < 1 or (fit < lines - done and not self._fresh):
                self._turn()
                continue
            if fit >= lines - done and not done:
                yield row
                return
            yield _Measured([cell[done : done + fit] or ("",) for cell in row.cells], row.bold)
            done += fit

    def _room(self) -> float:
        return self._pages.at - self._pages.sheet.bottom

    def _height(self, row: _Measured) -> float:
        return row.lines() * self._leading + 2 * _PAD_Y

    def _draw(self, row: _Measured) -> None:
        font = BOLD if row.bold else REGULAR
        size = self._table.size
        height = self._height(row)
        first = self._pages.at - _PAD_Y - size * 0.9
        placed: list[tuple[float, float, str]] = []
        for index, lines in enumerate(row.cells):
            align = self._table.columns[index].align
            for number, line in enumerate(lines):
                if line:
                    x = _start(line, align, self._edges[index], self._edges[index + 1], font, size)
                    placed.append((x, first - number * self._leading, line))
        self._pages.ink.say(placed, font, size)
        self._pages.at -= height
        self._rules.append(self._pages.at)
        self._fresh = False


def _start(line: str, align: Align, left: float, right: float, font: str, size: float) -> float:
    if align is Align.LEFT:
        return left + _PAD_X
    length = width_of(line, font, size)
    return right - _PAD_X - length if align is Align.RIGHT else (left + right - length) / 2


class _Header:
    """The boxes of the header and the numbered row, measured once and drawn on every page."""

    def __init__(self, table: Table, edges: Sequence[float], leading: float) -> None:
        self._size, self._leading, self._edges = table.size, leading, edges
        self._boxes = []
        heights = [leading + 2 * _PAD_Y] * len(table.header_rows())
        for placed in table.placed_header():
            left, right = edges[placed.column], edges[placed.column + placed.box.columns]
            lines = broken(placed.box.text, right - left - 2 * _PAD_X, BOLD, self._size)
            self._boxes.append((placed, lines))
        for placed, lines in sorted(self._boxes, key=lambda each: each[0].box.rows):
            span = slice(placed.row, placed.row + placed.box.rows)
            missing = len(lines) * leading + 2 * _PAD_Y - sum(heights[span])
            if missing > 0:
                heights[placed.row + placed.box.rows - 1] += missing
        self._heights = heights
        self._numbers = table.numbers()
        self._number_height = leading + _PAD_Y if self._numbers else 0.0
        self.height = sum(heights) + self._number_height

    def draw(self, pages: Pages) -> float:
        """Draw it from ``pages.at``; where it ends."""
        canvas, top = pages.canvas, pages.at
        canvas.setLineWidth(_THIN)
        for placed, lines in self._boxes:
            left, right = self._edges[placed.column], self._edges[placed.column + placed.box.columns]
            high = top - sum(self._heights[: placed.row])
            tall = sum(self._heights[placed.row : placed.row + placed.box.rows])
            canvas.rect(left, high - tall, right - left, tall)
            canvas.setFont(BOLD, self._size)
            first = high - (tall - len(lines) * self._leading) / 2 - self._size * 0.9
            for number, line in enumerate(lines):
                canvas.drawCentredString((left + right) / 2, first - number * self._leading, line)
        low = top - sum(self._heights)
        if self._numbers:
            canvas.setFont(REGULAR, self._size - 1)
            for index, text in enumerate(self._numbers):
                left, right = self._edges[index], self._edges[index + 1]
                canvas.rect(left, low - self._number_height, right - left, self._number_height)
                canvas.drawCentredString((left + right) / 2, low - self._number_height + _PAD_Y + 1, text)
        return low - self._number_height
