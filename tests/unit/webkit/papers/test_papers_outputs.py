"""The same table as PDF, spreadsheet and word-processor file says the same, each in the way of its format."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pikepdf
import pypdfium2
import pytest
from docx import Document

from lienthong.base.errors import Refused
from lienthong.webkit.papers import docx as docx_module
from lienthong.webkit.papers import xlsx as xlsx_module
from lienthong.webkit.papers.docx import write_docx
from lienthong.webkit.papers.model import (
    Align,
    Column,
    HeaderCell,
    PrintMark,
    Row,
    RowKind,
    Signer,
    Table,
    place_header,
    shown,
)
from lienthong.webkit.papers.pdf import write_pdf
from lienthong.webkit.papers.xlsx import write_xlsx

MARK = PrintMark("Hệ thống & văn bản", "Trần Thị Bưởi", datetime(2026, 11, 26, 8, 5))
COLUMNS = (
    Column("Số TT", 0.5, Align.CENTRE, plain_numbers=True),
    Column("Đơn vị", 3),
    Column("Số văn bản", 1, Align.RIGHT),
    Column("Tỷ lệ", 1, Align.RIGHT),
    Column("Ngày", 1, Align.CENTRE),
    Column("Lúc", 1.2),
)
ROWS = (
    Row((None, "I. Khối sở"), RowKind.HEADING),
    Row((1, "Sở Nội vụ – phòng có cái tên rất dài để phải xuống dòng trong ô của mình, thêm một đoạn nữa", 1234567, 98.765,
         date(2026, 1, 5), datetime(2026, 6, 29, 17, 3))),
    Row((2026, "=1+1", 0, Decimal("0.125"), None, None)),
    Row((None, "Cộng", 1234567, 98.89, None, None), RowKind.SUBTOTAL),
    Row((None, "Tổng cộng", 1234567, None, None, None), RowKind.TOTAL),
)  # fmt: skip


def table(**changes) -> Table:
    given = Table(
        "BÁO CÁO SỐ LIỆU", COLUMNS, ROWS, subtitles=("Quý I năm 2026",), agency="Sở Nội vụ", superior="UBND tỉnh Thử Nghiệm",
        place="Thử Nghiệm", sign_on=date(2026, 1, 5), notes=("Ghi chú cuối.",), signers=(Signer("GIÁM ĐỐC", "Nguyễn Văn An"),),
        mark=MARK,
    )  # fmt: skip
    return replace(given, **changes)


def pdf(given: Table, **options) -> bytes:
    out = io.BytesIO()
    write_pdf(given, out, **options)
    return out.getvalue()


def pages(data: bytes) -> list[str]:
    return [page.get_textpage().get_text_range().replace("\r", "") for page in pypdfium2.PdfDocument(data)]


def sheet(given: Table, **options) -> openpyxl.worksheet.worksheet.Worksheet:
    out = io.BytesIO()
    write_xlsx(given, out, **options)
    return openpyxl.load_workbook(out).active


def docx(given: Table):
    out = io.BytesIO()
    write_docx(given, out)
    out.seek(0)
    return Document(out)


def bare(text: str) -> str:
    return "".join(text.split())


def body_of_sheet(found) -> list[list[object]]:
    """The rows between the numbered row and the first empty one."""
    rows = [[cell.value for cell in row] for row in found.iter_rows()]
    start = next(index for index, row in enumerate(rows) if row[0] == "(1)") + 1
    return rows[start : start + len(ROWS)]


def test_the_three_files_show_the_same_figures():
    expected = [
        [shown(cell, column) for cell, column in zip(row.cells, COLUMNS, strict=True)] for row in table().filled_rows()
    ]
    from_sheet = []
    for cells in body_of_sheet(sheet(table())):
        # A spreadsheet has instants and numbers only; which is a day or has decimals, the column knows.
        cells[4] = cells[4].date() if cells[4] else None
        cells[3] = float(cells[3]) if cells[3] is not None else None
        from_sheet.append([shown(cell, column) for cell, column in zip(cells, COLUMNS, strict=True)])
    grid = docx(table()).tables[1]
    from_docx = [[cell.text for cell in row.cells] for row in grid.rows][2:]
    assert from_sheet == expected
    assert from_docx == expected
    whole = bare("".join(pages(pdf(table()))))
    assert bare("".join(cell for row in expected for cell in row)) in whole
    assert "1.234.567" in whole and "98,77" in whole and "05/01/2026" in whole


def test_numbers_and_days_are_real_in_the_spreadsheet():
    found = sheet(table())
    row = next(row for row in found.iter_rows() if row[1].value and str(row[1].value).startswith("Sở Nội vụ –"))
    assert [cell.data_type for cell in row] == ["n", "s", "n", "n", "d", "d"]
    assert [cell.number_format for cell in row][2:] == ["#,##0", "#,##0.00", "dd/mm/yyyy", "dd/mm/yyyy hh:mm"]


@pytest.mark.parametrize(
    "text", ["=1+1", '=HYPERLINK("http://x")', "+84", "-5", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "#REF!", "1e5"]
)
def test_text_stays_text_in_the_spreadsheet(text):
    found = sheet(table(rows=[Row((None, text))]))
    cell = next(row for row in found.iter_rows() if row[0].value == "(1)")[1].offset(1, 0)
    assert cell.data_type == "s"
    assert cell.value.strip() == text.strip()
    # Whoever edits such a cell and leaves it must not make a formula of it either.
    assert bool(cell.quotePrefix) == (cell.value[0] in "=+-@\n")


def test_a_very_long_text_says_that_it_was_cut_and_a_very_long_number_keeps_its_digits():
    found = sheet(table(rows=[Row((None, "a" * 40_000, 12345678901234567890))]))
    cell = next(row for row in found.iter_rows() if row[0].value == "(1)")[1].offset(1, 0)
    assert len(cell.value) == 32_000 and cell.value.endswith("[…]")
    assert cell.offset(0, 1).value == "12345678901234567890"


def test_the_sheet_is_ready_to_print():
    found = sheet(table(), a3=True)
    header = next(row[0].row for row in found.iter_rows() if row[0].value == "Số TT")
    assert found.freeze_panes == f"A{header + 2}"
    assert found.print_title_rows == f"${header}:${header + 1}"
    assert (found.page_setup.orientation, found.page_setup.paperSize, found.page_setup.fitToHeight) == (
        "landscape",
        8,
        0,
    )
    assert found.sheet_properties.pageSetUpPr.fitToPage
    assert "Trần Thị Bưởi" in found.oddFooter.left.text and "&&" in found.oddFooter.left.text
    assert all(
        cell.font.name == "Times New Roman" for row in found.iter_rows() for cell in row if cell.value is not None
    )


def test_header_and_mark_stand_on_every_page_of_the_pdf():
    many = pages(pdf(table(rows=[Row((n, f"Đơn vị {n}")) for n in range(1, 200)])))
    assert len(many) > 4
    for number, text in enumerate(many, 1):
        assert MARK.line() in text
        assert f"Trang{number}/{len(many)}" in bare(text)
    for text in many[:-1]:
        assert "Tỷ lệ" in text and "(6)" in text
    rows = Counter(word for text in many for word in text.split("\n") if "Đơn vị " in word)
    assert sum(rows.values()) >= 199


def test_the_fonts_are_embedded_and_the_same_table_gives_the_same_bytes():
    data = pdf(table())
    assert data == pdf(table())
    with pikepdf.open(io.BytesIO(data)) as found:
        fonts = [font for page in found.pages for font in page.Resources.Font.values()]
        assert fonts
        assert all("/FontFile2" in font.FontDescriptor for font in fonts)
        assert found.Root.Lang == "vi-VN"


def test_paper_lies_across_and_is_a3_when_asked():
    sizes = [pypdfium2.PdfDocument(pdf(table(), a3=a3))[0].get_size() for a3 in (False, True)]
    assert [(round(w), round(h)) for w, h in sizes] == [(842, 595), (1191, 842)]


def test_a_cell_longer_than_a_page_goes_on_over_pages_and_loses_nothing():
    text = " ".join(f"chữ{n}" for n in range(4000))
    found = pages(pdf(table(rows=[Row((1, "trước")), Row((2, text)), Row((3, "sau"))])))
    assert len(found) > 3
    words = " ".join(found).split()
    assert [word for word in words if word.startswith("chữ")] == text.split()


def test_a_heading_is_never_the_last_row_of_a_page():
    for before in range(1, 40):
        rows = [Row((n, f"dòng {n}")) for n in range(before)]
        rows += [
            Row((None, "MỤC LỚN"), RowKind.HEADING),
            Row((None, "mục nhỏ"), RowKind.SUBHEADING),
            Row((1, "thuộc mục")),
        ]
        found = pages(pdf(table(rows=rows)))
        page = next(text for text in found if "MỤC LỚN" in text)
        assert "mục nhỏ" in page and "thuộc mục" in page


def test_signers_stand_with_the_notes_on_one_page():
    for count in range(1, 40):
        found = pages(pdf(table(rows=[Row((n, f"dòng {n}")) for n in range(count)])))
        last = found[-1]
        assert "Ghi chú cuối" in last and "GIÁM ĐỐC" in last and "Nguyễn Văn An" in last
        assert "Thử Nghiệm, ngày 05 tháng 01 năm 2026" in last


def test_a_header_of_two_rows_is_merged_in_each_file():
    header = (
        (HeaderCell("Chung", 2), HeaderCell("Số liệu", 2), HeaderCell("Ngày", 1, 2), HeaderCell("Lúc", 1, 2)),
        (HeaderCell("Số TT"), HeaderCell("Đơn vị"), HeaderCell("Số"), HeaderCell("Tỷ lệ")),
    )
    given = table(header=header)
    found = sheet(given)
    top = next(row[0].row for row in found.iter_rows() if row[0].value == "Chung")
    merged = {str(each) for each in found.merged_cells.ranges}
    assert {f"A{top}:B{top}", f"C{top}:D{top}", f"E{top}:E{top + 1}", f"F{top}:F{top + 1}"} <= merged
    assert found.freeze_panes == f"A{top + 3}"
    text = bare(pages(pdf(given))[0])
    assert all(bare(box.text) in text for row in header for box in row)
    grid = docx(given).tables[1]
    assert [cell.text for cell in grid.rows[0].cells] == ["Chung", "Chung", "Số liệu", "Số liệu", "Ngày", "Lúc"]
    assert [cell.text for cell in grid.rows[1].cells] == ["Số TT", "Đơn vị", "Số", "Tỷ lệ", "Ngày", "Lúc"]


@pytest.mark.parametrize(
    "rows",
    [[[HeaderCell("a", 3)]], [[HeaderCell("a")]], [[HeaderCell("a", 1, 2), HeaderCell("b")], [HeaderCell("c", 2)]],
     [[HeaderCell("a", 2, 2)]]],
)  # fmt: skip
def test_a_header_that_does_not_fit_is_an_error(rows):
    with pytest.raises(ValueError, match="header"):
        place_header(rows, 2)


def test_a_row_with_too_many_cells_is_an_error_and_a_short_one_is_filled():
    with pytest.raises(ValueError, match="cells"):
        list(table(rows=[Row((1,) * 7)]).filled_rows())
    assert list(table(rows=[Row((1,))]).filled_rows()) == [Row((1, None, None, None, None, None))]


def test_a_truth_value_is_no_cell():
    with pytest.raises(TypeError):
        pdf(table(rows=[Row((True,))]))
    with pytest.raises(TypeError):
        sheet(table(rows=[Row((True,))]))


def test_an_export_that_is_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(docx_module, "ROWS", 3)
    monkeypatch.setattr(xlsx_module, "ROWS", 3)
    for write in (write_docx, write_xlsx):
        out = io.BytesIO()
        with pytest.raises(Refused) as refused:
            write(table(), out)
        assert (refused.value.code.name, out.getvalue()) == ("PAPER_TOO_LONG", b"")


def test_an_empty_table_still_has_its_head_header_and_end():
    text = pages(pdf(table(rows=[])))[0]
    assert "BÁO CÁO SỐ LIỆU" in text and "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text and "Nguyễn Văn An" in text
    assert body_of_sheet(sheet(table(rows=[])))[0] == [None] * 6


def test_the_word_file_repeats_its_header_and_says_who_printed_it():
    paper = docx(table())
    grid = paper.tables[1]
    assert [len(row._tr.xpath("w:trPr/w:tblHeader")) for row in grid.rows] == [1, 1, 0, 0, 0, 0, 0]
    assert MARK.line() in paper.sections[0].footer.paragraphs[0].text
    assert paper.sections[0].page_width > paper.sections[0].page_height
