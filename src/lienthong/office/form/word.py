"""The pieces of a Word file that official forms are made of: paragraphs, lines under texts, tables, boxes.

One place for what the word-processing format wants (ISO/IEC 29500-1 clause 17). Measures in points unless said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

from docx.document import Document
from docx.enum.table import WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from lienthong.base.text import nfc
from lienthong.office.form.metrics import FONT

Align = Literal["left", "centre", "right", "justify"]
_ALIGN = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "centre": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "justify": WD_ALIGN_PARAGRAPH.JUSTIFY,
}
BRIGHT_RED = "FF0000"
Holder = Document | _Cell
"""What holds paragraphs: the page or a cell."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a paragraph looks. ``outline``: its level in the structure of the document, for readers that speak it."""

    size: float
    align: Align = "left"
    bold: bool = False
    italic: bool = False
    first: float = 0
    indent: float = 0
    before: float = 0
    after: float = 0
    lines: float = 1.0
    together: bool = False
    outline: int | None = None

    def but(self, **changes: object) -> Look:
        """The same with some things changed."""
        return replace(self, **changes)  # type: ignore[arg-type]  # the names and types are those of the fields


def write(paragraph: Paragraph, text: str, look: Look) -> Paragraph:
    """Give a paragraph its text and look."""
    shape = paragraph.paragraph_format
    shape.alignment = _ALIGN[look.align]
    shape.first_line_indent, shape.left_indent = Pt(look.first), Pt(look.indent)
    shape.space_before, shape.space_after = Pt(look.before), Pt(look.after)
    shape.line_spacing = look.lines
    shape.keep_with_next = look.together
    shape.widow_control = True
    if look.outline is not None:
        properties = paragraph._p.get_or_add_pPr()
        properties.append(element("w:outlineLvl", val=str(look.outline)))
    if text:
        run(paragraph, text, look)
    else:
        # An empty paragraph is as high as its mark.
        mark = element("w:rPr")
        mark.append(element("w:sz", val=str(round(look.size * 2))))
        paragraph._p.get_or_add_pPr().insert_element_before(mark, "w:sectPr", "w:pPrChange")
    return paragraph


def run(paragraph: Paragraph, text: str, look: Look) -> Run:
    """Text of one type at the end of a paragraph."""
    piece = paragraph.add_run(nfc(text))
    face(piece, look)
    return piece


def face(piece: Run, look: Look) -> None:
    """The type of a run, also for the scripts that Word gives fonts of their own."""
    piece.font.name, piece.font.size = FONT, Pt(look.size)
    piece.font.bold, piece.font.italic = look.bold, look.italic
    piece.font.color.rgb = RGBColor(0, 0, 0)
    fonts = piece._r.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:eastAsia", "w:cs"):
        fonts.set(qn(script), FONT)


def add(holder: Holder, text: str, look: Look) -> Paragraph:
    """A further paragraph; the empty one that a cell is born with is used first."""
    if isinstance(holder, _Cell):
        last = holder.paragraphs[-1]
        blank = len(holder.paragraphs) == 1 and not last.runs and last._p.pPr is None
        return write(last if blank else holder.add_paragraph(), text, look)
    return write(holder.add_paragraph(), text, look)


def rule(holder: Holder, room: float, length: float, gap: float = 2.5) -> None:
    """A solid line, centred in ``room``: the line below a text. ``gap``: what lies between the text and the line."""
    paragraph = add(holder, "", Look(1, before=gap))
    shape = paragraph.paragraph_format
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(3)
    side = max(0.0, (room - length) / 2)
    shape.left_indent = shape.right_indent = Pt(side)
    border(paragraph, ("top",), "000000", 6)


def border(paragraph: Paragraph, sides: Iterable[str], colour: str, eighths: int, space: int = 0) -> None:
    """Lines on the sides of a paragraph, in eighths of a point."""
    box = element("w:pBdr")
    for side in sides:
        box.append(element(f"w:{side}", val="single", sz=str(eighths), space=str(space), color=colour))
    # The schema fixes the order of a paragraph's properties; borders come before spacing and indents.
    paragraph._p.get_or_add_pPr().insert_element_before(
        box, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:outlineLvl", "w:rPr"
    )


def grid(holder: Holder, widths: Sequence[float], rows: int = 1, *, lines: bool = False, split: bool = False) -> Table:
    """A table of fixed columns. ``lines``: with borders; ``split``: its rows may go over two pages."""
    table = holder.add_table(rows, len(widths))
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    if lines:
        table.style = "Table Grid"
    properties = table._tbl.tblPr
    # The schema fixes the order of properties: what follows the margins of cells in it is the look.
    properties.insert_element_before(_margins(4 if lines else 0), "w:tblLook")
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Pt(width)
        if not split:
            row._tr.get_or_add_trPr().append(element("w:cantSplit"))
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Pt(width)
    return table


def framed(holder: _Cell, text: str, size: tuple[float, float], look: Look, colour: str) -> None:
    """A text in a box of a true size with a single border: marks of urgency, notes on circulation."""
    width, height = size
    add(holder, "", Look(6))
    table = grid(holder, [width])
    table.rows[0].height, table.rows[0].height_rule = Pt(height), WD_ROW_HEIGHT_RULE.EXACTLY
    cell = table.cell(0, 0)
    sides = element("w:tcBorders")
    for side in ("top", "left", "bottom", "right"):
        sides.append(element(f"w:{side}", val="single", sz="10", space="0", color=colour))
    cell._tc.get_or_add_tcPr().append(sides)
    cell._tc.get_or_add_tcPr().append(element("w:vAlign", val="center"))
    paragraph = add(cell, text, look)
    for piece in paragraph.runs:
        piece.font.color.rgb = RGBColor.from_string(colour)
    # A cell must end with a paragraph; this one takes no room.
    write(holder.paragraphs[-1], "", Look(2))


def repeat_head(table: Table) -> None:
    """The first row of a table stands again on each page."""
    table.rows[0]._tr.get_or_add_trPr().append(element("w:tblHeader"))


def page_number(paragraph: Paragraph, look: Look) -> None:
    """The number of the page, kept up to date by the word processor."""
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        piece = run(paragraph, "", look)
        if kind:
            piece._r.append(element("w:fldChar", fldCharType=kind))
        else:
            instruction = element("w:instrText")
            instruction.text = text
            piece._r.append(instruction)


def element(tag: str, **attributes: str) -> BaseOxmlElement:
    """An element of the word-processing format with its attributes, names as in the standard."""
    made = cast(BaseOxmlElement, OxmlElement(tag))
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def _margins(side: float) -> BaseOxmlElement:
    """Room between the border of a cell and its text, left and right."""
    made = element("w:tblCellMar")
    for name in ("left", "right"):
        made.append(element(f"w:{name}", w=str(int(side * 20)), type="dxa"))
    return made
