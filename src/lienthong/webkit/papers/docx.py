"""A table as a word-processor file, for lists that people go on editing: results of a search, drafts of a list."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import BinaryIO

from docx import Document
from docx.document import Document as DocxDocument
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table as DocxTable
from docx.table import _Cell as DocxCell
from docx.table import _Row as DocxRow
from docx.text.paragraph import Paragraph

from lienthong.base.errors import Refused
from lienthong.trust.pdf.drawing import MOTTO, NATION
from lienthong.webkit.papers.errors import PAPER_TOO_LONG
from lienthong.webkit.papers.model import Align, Head, Row, Table, shown

ROWS = 5000
"""Rows at most: the whole file stands in memory, and no word processor is pleasant with more."""
_ALIGN = {
    Align.LEFT: WD_ALIGN_PARAGRAPH.LEFT,
    Align.CENTRE: WD_ALIGN_PARAGRAPH.CENTER,
    Align.RIGHT: WD_ALIGN_PARAGRAPH.RIGHT,
}
_FONT = "Times New Roman"


def write_docx(table: Table, out: BinaryIO) -> int:
    """Write the table, landscape A4, its header repeated; how many rows its body has. Refuses PAPER_TOO_LONG."""
    rows = list(islice(table.filled_rows(), ROWS + 1))
    if len(rows) > ROWS:
        raise Refused(PAPER_TOO_LONG, limit=ROWS, kind="DOCX")
    paper = Document()
    _set_up(paper, table)
    _head(paper, table)
    _grid(paper, table, rows)
    _end(paper, table)
    paper.save(out)
    return len(rows)


def _set_up(paper: DocxDocument, table: Table) -> None:
    section = paper.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(15)
    section.top_margin = section.bottom_margin = Mm(15)
    normal = paper.styles["Normal"]
    normal.font.name, normal.font.size = _FONT, Pt(table.size)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    normal.paragraph_format.space_after = Pt(0)
    paper.core_properties.title, paper.core_properties.author = table.title[:255], table.agency[:255]
    foot = section.footer.paragraphs[0]
    if table.mark is not None:
        _say(foot, f"{table.mark.line()}        ", italic=True, size=9)
    _say(foot, "Trang ", size=9)
    _field(foot, "PAGE")
    _say(foot, "/", size=9)
    _field(foot, "NUMPAGES")


def _head(paper: DocxDocument, table: Table) -> None:
    if table.head is not Head.NONE:
        sides = paper.add_table(rows=1, cols=2)
        left, right = sides.rows[0].cells
        if table.superior:
            _line(left, table.superior.upper())
        _line(left, table.agency.upper(), bold=True)
        if table.head is Head.NATION:
            _line(right, NATION, bold=True)
            _line(right, MOTTO, bold=True)
    for text, bold, size in [("", False, 8.0), (table.title, True, 14.0), *((each, False, 12.5) for each in
                                                                       table.subtitles), ("", False, 6.0)]:  # fmt: skip
        paragraph = paper.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _say(paragraph, text, bold=bold, size=size)


def _grid(paper: DocxDocument, table: Table, rows: list[Row]) -> None:
    boxes = table.header_rows()
    grid = paper.add_table(rows=len(boxes), cols=len(table.columns))
    grid.style = "Table Grid"
    grid.autofit = False
    total = sum(column.weight for column in table.columns)
    widths = [Mm(267 * column.weight / total) for column in table.columns]
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    _narrow_margins(grid)
    _header(grid, table)
    if table.numbers():
        _fill(grid.add_row(), table.numbers(), [Align.CENTRE] * len(widths), bold=False)
    aligns = [column.align for column in table.columns]
    for row in rows:
        texts = [shown(cell, column) for cell, column in zip(row.cells, table.columns, strict=True)]
        _fill(grid.add_row(), texts, aligns, bold=row.kind.bold)
    for repeated in range(len(boxes) + bool(table.numbers())):
        _repeat(grid.rows[repeated])


def _header(grid: DocxTable, table: Table) -> None:
    for placed in table.placed_header():
        box = placed.box
        cell = grid.cell(placed.row, placed.column)
        if box.rows > 1 or box.columns > 1:
            cell = cell.merge(grid.cell(placed.row + box.rows - 1, placed.column + box.columns - 1))
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        _write(cell.paragraphs[0], box.text, Align.CENTRE, bold=True)


def _fill(row: DocxRow, texts: Iterable[str], aligns: list[Align], *, bold: bool) -> None:
    for cell, text, align in zip(row.cells, texts, aligns, strict=True):
        if text:
            _write(cell.paragraphs[0], text, align, bold=bold)
    _whole(row)


def _end(paper: DocxDocument, table: Table) -> None:
    for note in table.notes:
        _say(paper.add_paragraph(), note, size=12)
    if not table.signers:
        return
    count = max(2, len(table.signers))
    boxes = paper.add_table(rows=1, cols=count).rows[0].cells
    if table.place:
        _line(boxes[-1], table.place_line(), italic=True)
    for cell, signer in zip(boxes[count - len(table.signers) :], table.signers, strict=True):
        _line(cell, signer.position, bold=True)
        _line(cell, signer.note, italic=True)
        for _ in range(4):
            cell.add_paragraph()
        _line(cell, signer.name, bold=True)


def _line(cell: DocxCell, text: str, *, bold: bool = False, italic: bool = False) -> None:
    paragraph = cell.paragraphs[0] if not cell.text else cell.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _say(paragraph, text, bold=bold, italic=italic, size=12)


def _write(paragraph: Paragraph, text: str, align: Align, *, bold: bool) -> None:
    paragraph.alignment = _ALIGN[align]
    _say(paragraph, text, bold=bold)


def _say(paragraph: Paragraph, text: str, *, bold: bool = False, italic: bool = False, size: float = 0) -> None:
    clean = text if text.isprintable() else "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    run = paragraph.add_run(clean)
    run.bold, run.italic = bold, italic
    if size:
        run.font.size = Pt(size)


def _field(paragraph: Paragraph, name: str) -> None:
    """A number that the word processor fills in: the page, the count of pages."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _narrow_margins(grid: DocxTable) -> None:
    """A millimetre on each side of a cell: ten columns leave no more."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        each = OxmlElement(f"w:{side}")
        each.set(qn("w:w"), "57")
        each.set(qn("w:type"), "dxa")
        margins.append(each)
    grid._tbl.tblPr.append(margins)


def _repeat(row: DocxRow) -> None:
    """The row stands on top of every page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _whole(row: DocxRow) -> None:
    """The row is not cut by the end of a page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
