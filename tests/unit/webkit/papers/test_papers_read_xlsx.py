"""A spreadsheet read back: round trips, refusals cell by cell, files made to harm."""

from __future__ import annotations

import io
import random
import zipfile
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest

from lienthong.base.errors import ProblemKind, Refused
from lienthong.webkit.papers.model import Column, Row, RowKind, Signer, Table
from lienthong.webkit.papers.read_xlsx import Field, Kind, ReadRow, read_xlsx
from lienthong.webkit.papers.workbook import WorkbookLimits
from lienthong.webkit.papers.xlsx import write_xlsx

FIELDS = (
    Field("code", "Số và ký hiệu hồ sơ", required=True, longest=20),
    Field("title", "Tên đề mục và tiêu đề hồ sơ", required=True),
    Field("retention", "Thời hạn bảo quản", choices=("Vĩnh viễn", "10 năm")),
    Field("pages", "Số trang", Kind.WHOLE, least=1, most=999),
    Field("metres", "Mét giá", Kind.NUMBER),
    Field("opened", "Ngày mở", Kind.DAY),
)
HEADERS = [field.header for field in FIELDS]
GOOD = ["01.TCCB", "Hồ sơ tuyển dụng", "Vĩnh viễn", 12, 1.25, date(2026, 1, 5)]


def book(*rows: list[object], title: str = "Danh mục") -> bytes:
    made = openpyxl.Workbook()
    made.active.title = title
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def refused(data: bytes, name: str = "danh-muc.xlsx", **options) -> Refused:
    with pytest.raises(Refused) as caught:
        read_xlsx(name, data, FIELDS, **options)
    return caught.value


def test_a_good_table_gives_values_of_their_kinds():
    rows = read_xlsx("danh-muc.xlsx", book(HEADERS, GOOD), FIELDS)
    assert rows == [
        ReadRow(2, {"code": "01.TCCB", "title": "Hồ sơ tuyển dụng", "retention": "Vĩnh viễn", "pages": 12,
                    "metres": Decimal("1.25"), "opened": date(2026, 1, 5)})
    ]  # fmt: skip


def test_what_this_system_wrote_is_read_back():
    columns = tuple(Column(header, plain_numbers=True) for header in HEADERS)
    rows = [
        Row((None, "I. TỔ CHỨC CÁN BỘ"), RowKind.HEADING),
        Row(tuple(GOOD)),
        Row(("02.TCCB", "=Hồ sơ lạ", "10 năm")),
    ]
    out = io.BytesIO()
    write_xlsx(Table("DANH MỤC HỒ SƠ", columns, rows, agency="Sở Nội vụ", notes=("Tổng số: 02",),
                     signers=(Signer("GIÁM ĐỐC"),)), out)  # fmt: skip
    found = read_xlsx("d.xlsx", out.getvalue(), FIELDS, heading="title", stop_at_blank=True)
    assert [(row.heading, row.values["code"], row.values["title"]) for row in found] == [
        (True, "", "I. TỔ CHỨC CÁN BỘ"), (False, "01.TCCB", "Hồ sơ tuyển dụng"), (False, "02.TCCB", "=Hồ sơ lạ"),
    ]  # fmt: skip
    assert found[1].values["opened"] == date(2026, 1, 5)


def test_columns_may_stand_in_any_order_and_spelling_of_their_names_is_lenient():
    order = [3, 0, 5, 1, 4, 2]
    data = book(["", ""], [HEADERS[i].upper() for i in order], [GOOD[i] for i in order])
    assert read_xlsx("a.XLSX", data, FIELDS)[0].values["code"] == "01.TCCB"


def test_numbers_and_days_typed_as_text_are_read_in_their_vietnamese_form():
    found = read_xlsx("a.xlsx", book(HEADERS, [1, "x", "10 NĂM", "12", "1.234,5", "29/06/2026"]), FIELDS)[0].values
    assert (found["code"], found["retention"], found["pages"]) == ("1", "10 năm", 12)
    assert (found["metres"], found["opened"]) == (Decimal("1234.5"), date(2026, 6, 29))


def test_every_wrong_cell_is_named_and_no_row_is_taken():
    bad = ["x" * 21, "", "20 năm", 0, "nhiều", "31/02/2026"]
    error = refused(book(HEADERS, GOOD, bad, ["02", "=1+1", "", 1.5, "", datetime(1800, 1, 1)]))
    assert error.code.name == "SPREADSHEET_CELLS_WRONG"
    assert [problem.path.removeprefix("Danh mục!") for problem in error.problems] == [
        "A3", "C3", "D3", "E3", "F3", "B3", "B4", "D4", "F4",
    ]  # fmt: skip
    said = {problem.path: problem for problem in error.problems}
    assert said["Danh mục!A3"].vi == "Danh mục!A3 (cột «Số và ký hiệu hồ sơ»): dài 21 ký tự, tối đa 20."
    assert "«Vĩnh viễn», «10 năm»" in said["Danh mục!C3"].vi and "từ 1 đến 999" in said["Danh mục!D3"].vi
    assert said["Danh mục!B3"].kind is ProblemKind.REQUIRED
    assert "công thức" in said["Danh mục!B4"].vi
    assert all(problem.en != problem.vi for problem in error.problems)


def test_a_cell_outside_the_table_is_named():
    error = refused(book(HEADERS, [*GOOD, "lạc lõng"]))
    assert [problem.path for problem in error.problems] == ["Danh mục!G2"]


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        (["a", "b"], "không thấy dòng"), ([*HEADERS, "Màu sắc"], "cột G có tên lạ"),
        ([*HEADERS, "Ngày mở"], "«Ngày mở» có hai lần"), (HEADERS[:-1], "thiếu cột «Ngày mở»"),
    ],
)  # fmt: skip
def test_a_header_that_is_not_right_is_refused_with_the_names_to_keep(headers, why):
    error = refused(book(headers, GOOD))
    assert error.code.name == "SPREADSHEET_HEADER_WRONG"
    assert why in error.sentence("vi")
    assert "«Thời hạn bảo quản»" in error.advice("vi")


def test_too_many_rows_are_refused():
    assert refused(book(HEADERS, *[GOOD] * 4), most_rows=3).code.name == "SPREADSHEET_TOO_LARGE"


def package(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


def parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(book(HEADERS, GOOD))) as found:
        return {name: found.read(name) for name in found.namelist()}


def test_a_file_that_unpacks_without_end_is_refused_before_it_is_read():
    bomb = parts() | {"xl/worksheets/sheet1.xml": b"<worksheet>" + b" " * 60_000_000}
    data = package(bomb)
    assert len(data) < 200_000
    assert refused(data, limits=WorkbookLimits(unpacked_bytes=5_000_000)).code.name == "SPREADSHEET_TOO_LARGE"


@pytest.mark.parametrize(
    "change",
    [
        {"xl/vbaProject.bin": b"macro"},
        {"xl/workbook.xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><workbook/>'},
        {"xl/workbook.xml": '<?xml version="1.0" encoding="UTF-16"?><workbook/>'.encode("utf-16")},
        {"[Content_Types].xml": b"<Types/>"},
    ],
)  # fmt: skip
def test_macros_entities_and_other_kinds_of_file_are_refused(change):
    assert refused(package(parts() | change)).code.name == "SPREADSHEET_UNREADABLE"


def test_other_files_are_refused_by_name_size_and_content():
    assert refused(book(HEADERS, GOOD), "a.xlsm").code.name == "SPREADSHEET_UNREADABLE"
    assert refused(b"PK\x03\x04 no").code.name == "SPREADSHEET_UNREADABLE"
    assert refused(b"x" * 100, limits=WorkbookLimits(file_bytes=50)).code.name == "SPREADSHEET_TOO_LARGE"
    assert refused(book(HEADERS, GOOD), limits=WorkbookLimits(parts=3)).code.name == "SPREADSHEET_TOO_LARGE"


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_damaged_workbook_is_refused_or_read_and_never_anything_else():
    draw = random.Random(5)
    good = parts()
    outcomes = set()
    for _ in range(150):
        changed = dict(good)
        name = draw.choice([each for each in good if each.startswith("xl/")])
        content = bytearray(changed[name])
        for _ in range(draw.randint(1, 6)):
            content[draw.randrange(len(content))] = draw.choice(b'<>"&0aZ/= ')
        changed[name] = bytes(content)
        try:
            read_xlsx("a.xlsx", package(changed), FIELDS)
            outcomes.add("read")
        except Refused:
            outcomes.add("refused")
    assert outcomes == {"read", "refused"}
