"""A table as a spreadsheet: real numbers and days in the cells, written row by row.

Text stays text: what begins like a formula is stored as a text and marked so, and no spreadsheet program computes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from lienthong.base.errors import Refused
from lienthong.base.text import nfc
from lienthong.trust.pdf.drawing import BOLD, MOTTO, NATION, REGULAR
from lienthong.webkit.papers.errors import PAPER_TOO_LONG
from lienthong.webkit.papers.lines import broken
from lienthong.webkit.papers.model import Align, Cell, Column, Head, Row, Table, shown

ROWS = 1_000_000
"""Rows of the table at most; a sheet has 1,048,576 in all."""
LONGEST_TEXT = 32_000
"""Letters of a cell at most; the format takes 32,767."""
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")
_CUT = " […]"
_EXACT = 10**15
"""A spreadsheet keeps 15 digits of a number; a longer one is stored as text rather than changed."""
_WIDTH = 150.0
"""Letters across a landscape page at this size; shared among the columns by their weights."""
_DIGIT = 5.25
"""Points of one unit of column width, the width of a digit of the format's own font."""
_LEADING, _TALLEST = 14.0, 409.0
_WIDEST = 11.0
_LINE = Side(style="thin")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_NO_BORDER = Border()
_Style = tuple[Font, Alignment, Border, str]


def write_xlsx(table: Table, out: BinaryIO, *, a3: bool = False) -> int:
    """Write the table to a file; how many rows its body has.

    Refuses PAPER_TOO_LONG. A text over 32,000 letters ends with ``[…]``.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_name(table.title))
    writer = _Writer(sheet, table)
    writer.set_up(a3=a3)
    done = False
    try:
        writer.write_top()
        count = writer.write_body()
        writer.write_bottom()
        done = True
    finally:
        # The library keeps the sheet in a file of its own until it is saved; a broken one would stay behind.
        if not done:
            sheet.close()
            sheet._writer.cleanup()
    book.save(out)
    return count


def _sheet_name(title: str) -> str:
    allowed = "".join(" " if letter in "[]:*?/\\'" else letter for letter in title)
    return " ".join(allowed.split()).capitalize()[:31].strip() or "Bảng"


class _Writer:
    """One sheet while it is written, and the styles it has needed so far."""

    def __init__(self, sheet: Worksheet, table: Table) -> None:
        self._sheet, self._table = sheet, table
        self._width = len(table.columns)
        self._row = 0
        self._points: list[float] = []
        self._styles: dict[tuple[str, Align, bool, bool, bool, str, bool], object] = {}

    def set_up(self, *, a3: bool) -> None:
        """Widths, page and frozen header: they come before the first row in the file."""
        sheet, table = self._sheet, self._table
        total = sum(column.weight for column in table.columns)
        for index, column in enumerate(table.columns, 1):
            width = max(6.0, _WIDTH * column.weight / total)
            sheet.column_dimensions[get_column_letter(index)].width = width
            self._points.append(width * _DIGIT - 4)
        head = self._head_rows()
        header = len(table.header_rows()) + bool(table.numbers())
        sheet.freeze_panes = f"A{head + header + 1}"
        sheet.print_title_rows = f"{head + 1}:{head + header}"
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = "8" if a3 else "9"
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.print_options.horizontalCentered = True
        sheet.oddFooter.right.text = "Trang &P/&N"
        for part in (sheet.oddFooter.left, sheet.oddFooter.right):
            part.font, part.size = "Times New Roman,Regular", 9
        if table.mark is not None:
            # A bare ampersand begins a command in the foot of a page.
            sheet.oddFooter.left.text = table.mark.line().replace("&", "&&")

    def _head_lines(self) -> list[tuple[str, str, bool]]:
        """Left text, right text and whether bold, of the rows above the title."""
        table = self._table
        if table.head is Head.NONE:
            return []
        nation = (NATION, MOTTO) if table.head is Head.NATION else ("", "")
        left = (table.superior.upper(), table.agency.upper()) if table.superior else (table.agency.upper(), "")
        return [(left[0], nation[0], not table.superior), (left[1], nation[1], True), ("", "", False)]

    def _head_rows(self) -> int:
        return len(self._head_lines()) + 1 + len(self._table.subtitles) + 1

    def write_top(self) -> None:
        """Head, title, header and numbered row."""
        for left, right, bold in self._head_lines():
            self._sides(left, right, left_bold=bold)
        self._across(self._table.title, bold=True, big=True)
        for line in self._table.subtitles:
            self._across(line)
        self._append([])
        first = self._row + 1
        boxes: dict[tuple[int, int], str] = {}
        for placed in self._table.placed_header():
            top, start, box = first + placed.row, placed.column + 1, placed.box
            boxes[(top, start)] = box.text
            if box.rows > 1 or box.columns > 1:
                self._merge(top, start, top + box.rows - 1, start + box.columns - 1)
        for row in range(first, first + len(self._table.header_rows())):
            texts = [boxes.get((row, start), "") for start in range(1, self._width + 1)]
            lines = 1 if self._table.header else self._lines(texts, BOLD)
            self._append([self._cell(text, bold=True, align=Align.CENTRE, boxed=True) for text in texts], lines)
        if self._table.numbers():
            self._append([self._cell(text, align=Align.CENTRE, boxed=True) for text in self._table.numbers()])

    def write_body(self) -> int:
        """The rows; how many."""
        count = 0
        columns = self._table.columns
        for row in self._table.filled_rows():
            count += 1
            if count > ROWS:
                raise Refused(PAPER_TOO_LONG, limit=ROWS, kind="XLSX")
            texts = [shown(cell, column) for cell, column in zip(row.cells, columns, strict=True)]
            lines = self._lines(texts, BOLD if row.kind.bold else REGULAR)
            self._append(list(self._body_cells(row, columns)), lines)
        return count

    def _body_cells(self, row: Row, columns: tuple[Column, ...]) -> Iterator[WriteOnlyCell]:
        bold = row.kind.bold
        for value, column in zip(row.cells, columns, strict=True):
            yield self._cell(value, bold=bold, align=column.align, boxed=True, form=_number_format(value, column))

    def write_bottom(self) -> None:
        """Notes, place and day, signers."""
        table = self._table
        self._append([])
        for note in table.notes:
            self._across(note, align=Align.LEFT)
        if not table.signers:
            return
        if table.place:
            self._sides("", table.place_line(), italic=True)
        shown = table.signers if len(table.signers) > 1 else (None, *table.signers)
        spans = self._spans(len(shown))
        self._in_spans([each.position if each else "" for each in shown], spans, bold=True)
        self._in_spans([each.note if each else "" for each in shown], spans, italic=True)
        for _ in range(4):
            self._append([])
        self._in_spans([each.name if each else "" for each in shown], spans, bold=True)

    def _spans(self, parts: int) -> list[tuple[int, int]]:
        """First and last column of each of ``parts`` nearly equal parts of the width."""
        parts = min(parts, self._width)
        edges = [1 + self._width * index // parts for index in range(parts + 1)]
        return [(edges[index], edges[index + 1] - 1) for index in range(parts)]

    def _sides(self, left: str, right: str, *, left_bold: bool = False, italic: bool = False) -> None:
        self._in_spans([left, right], self._spans(2), bold=left_bold, right_bold=not italic, italic=italic)

    def _in_spans(
        self, texts: list[str], spans: list[tuple[int, int]], *, bold: bool = False, right_bold: bool | None = None,
        italic: bool = False,
    ) -> None:  # fmt: skip
        cells: list[WriteOnlyCell | None] = [None] * self._width
        for index, (first, last) in enumerate(spans):
            strong = bold if right_bold is None or index == 0 else right_bold
            cells[first - 1] = self._cell(texts[index], bold=strong, align=Align.CENTRE, italic=italic)
            if last > first:
                self._merge(self._row + 1, first, self._row + 1, last)
        self._append(cells)

    def _across(self, text: str, *, bold: bool = False, big: bool = False, align: Align = Align.CENTRE) -> None:
        cells: list[WriteOnlyCell | None] = [None] * self._width
        cells[0] = self._cell(text, bold=bold, align=align, big=big)
        if self._width > 1:
            self._merge(self._row + 1, 1, self._row + 1, self._width)
        self._append(cells)

    def _merge(self, top: int, left: int, bottom: int, right: int) -> None:
        self._sheet.merged_cells.add(f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}")

    def _append(self, cells: list[WriteOnlyCell | None] | list[WriteOnlyCell], lines: int = 1) -> None:
        self._row += 1
        # Not every program fits the height of wrapped text when it opens a file, so the height is written.
        if lines > 1:
            self._sheet.row_dimensions[self._row].height = min(lines * _LEADING + 2, _TALLEST)
        self._sheet.append(cells)
        self._sheet.row_dimensions.pop(self._row, None)

    def _lines(self, texts: Iterable[str], font: str) -> int:
        """How many lines the fullest of the cells has."""
        # No Vietnamese letter is wider than the size of the font, so many cells are known to have one line.
        return max(
            1 if "\n" not in text and len(text) * _WIDEST <= width else len(broken(text, width, font, 11))
            for text, width in zip(texts, self._points, strict=True)
        )

    def _cell(
        self, value: Cell, *, bold: bool = False, align: Align = Align.LEFT, boxed: bool = False, form: str = "General",
        italic: bool = False, big: bool = False,
    ) -> WriteOnlyCell:  # fmt: skip
        stored = _stored(value)
        cell = WriteOnlyCell(self._sheet)
        # The kind is never guessed from the value: a guess turns "=1+1" into a formula.
        cell._value, cell.data_type = stored, _data_type(stored)
        quoted = isinstance(stored, str) and stored.startswith(_FORMULA_SIGNS)
        key = (form, align, bold, boxed, italic, "14" if big else "11", quoted)
        style = self._styles.get(key)
        if style is None:
            cell.font = Font(name="Times New Roman", size=float(key[5]), bold=bold, italic=italic)
            cell.alignment = Alignment(horizontal=align.value, vertical="center" if not boxed or bold else "top",
                                       wrap_text=True)  # fmt: skip
            cell.border = _BORDER if boxed else _NO_BORDER
            cell.number_format = form
            if quoted:
                cell._style.quotePrefix = 1
            self._styles[key] = copy(cell._style)
        else:
            cell._style = style
        return cell


def _number_format(value: Cell, column: Column) -> str:
    if isinstance(value, datetime):
        return "dd/mm/yyyy hh:mm"
    if isinstance(value, date):
        return "dd/mm/yyyy"
    if isinstance(value, float | Decimal):
        return f"#,##0.{'0' * column.decimals}" if column.decimals else "#,##0"
    if isinstance(value, int):
        return "0" if column.plain_numbers else "#,##0"
    return "@" if isinstance(value, str) else "General"


def _data_type(stored: Cell) -> str:
    if isinstance(stored, str):
        return "s"
    return "d" if isinstance(stored, date) else "n"


def _stored(value: Cell) -> Cell:
    """What the cell holds: text without controls, an instant without its zone, no number that is none."""
    if isinstance(value, bool):
        raise TypeError("a truth value has no form in a paper; write a word")
    if isinstance(value, str):
        clean = value if value.isprintable() else "".join(c if c.isprintable() or c == "\n" else " " for c in value)
        clean = nfc(clean)
        return clean if len(clean) <= LONGEST_TEXT else clean[: LONGEST_TEXT - len(_CUT)] + _CUT
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, int) and abs(value) >= _EXACT:
        return str(value)
    if isinstance(value, float | Decimal) and not Decimal(value).is_finite():
        return None
    return value
