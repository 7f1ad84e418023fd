"""Registers and forms of the decree: every column, void numbers, totals in figures and words."""

from __future__ import annotations

import io

import pypdfium2
import pytest

import papers_samples as samples
from lienthong.office.papers.register import kind_and_abstract
from lienthong.webkit.papers.form import Form, write_form
from lienthong.webkit.papers.model import RowKind, Table, shown
from lienthong.webkit.papers.pdf import write_pdf

COLUMNS = {
    "outgoing": ["Số, ký hiệu văn bản", "Ngày tháng văn bản", "Tên loại và trích yếu nội dung văn bản", "Người ký",
                 "Nơi nhận văn bản", "Đơn vị, người nhận bản lưu", "Số lượng bản", "Ngày chuyển", "Ký nhận", "Ghi chú"],
    "postal": ["Ngày chuyển", "Số, ký hiệu văn bản", "Nơi nhận văn bản", "Số lượng bì", "Ký nhận và dấu bưu điện", "Ghi chú"],
    "copies": ["Ngày tháng", "Họ tên người sử dụng", "Số, ký hiệu, ngày tháng văn bản", "Tên loại và trích yếu",
               "Số và ký hiệu HS", "Ký nhận", "Ngày trả", "Người cho phép sử dụng", "Ghi chú"],
    "incoming": ["Ngày đến", "Số đến", "Tác giả", "Số, ký hiệu văn bản", "Ngày tháng văn bản", "Tên loại và trích yếu nội dung",
                 "Đơn vị hoặc người nhận", "Ngày chuyển", "Ký nhận", "Ghi chú"],
    "follow_up": ["Số đến", "Tên loại, số, ký hiệu, ngày tháng và tên cơ quan ban hành", "Đơn vị hoặc người nhận",
                  "Thời hạn giải quyết", "Tiến độ giải quyết", "Số, ký hiệu văn bản trả lời", "Ghi chú"],
    "plan": ["Số và ký hiệu hồ sơ", "Tên đề mục và tiêu đề hồ sơ", "Thời hạn bảo quản", "Người lập hồ sơ", "Ghi chú"],
    "deposited": ["Số TT", "Số, ký hiệu hồ sơ", "Tiêu đề hồ sơ", "Thời gian tài liệu", "Thời hạn bảo quản", "Số tờ/Số trang",
                  "Ghi chú"],
    "contents": ["STT", "Số, ký hiệu văn bản", "Ngày tháng năm văn bản", "Tên loại và trích yếu nội dung", "Tác giả văn bản",
                 "Tờ số/Trang số", "Ghi chú"],
}  # fmt: skip


def rows(table: Table) -> list[list[str]]:
    return [
        [shown(cell, column) for cell, column in zip(row.cells, table.columns, strict=True)]
        for row in table.filled_rows()
    ]


def text(made: Table | Form) -> str:
    out = io.BytesIO()
    if isinstance(made, Table):
        write_pdf(made, out)
    else:
        write_form(made, out)
    found = pypdfium2.PdfDocument(out.getvalue())
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in found).split())


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_each_register_has_every_column_numbered(name):
    table = samples.TABLES[name]()
    assert [column.header for column in table.columns] == COLUMNS[name]
    assert table.numbers() == tuple(f"({n})" for n in range(1, len(COLUMNS[name]) + 1))
    assert table.title.casefold() in text(table).casefold()
    assert samples.MARK.line() in text(samples.TABLES[name]())


def test_an_annulled_number_stays_in_the_register_with_its_reason():
    found = rows(samples.outgoing(12))
    assert [row[0] for row in found] == [f"{n:02d}/QĐ-SNV" for n in range(1, 13)]
    assert found[2] == ["03/QĐ-SNV", "08/01/2026", found[2][2], "", "", "", "", "", "",
                        "Số đã hủy: đánh nhầm ký hiệu, văn bản không ban hành"]  # fmt: skip
    assert rows(samples.incoming())[3][9] == "Số đã hủy: đăng ký trùng"


def test_the_outgoing_register_shows_what_was_given():
    assert rows(samples.outgoing(1))[0] == [
        "01/QĐ-SNV", "06/01/2026", "Quyết định về việc phân bổ kinh phí thực hiện nhiệm vụ số 1 của Phòng Tổ chức cán bộ",
        "Nguyễn Văn An", "Sở Tài chính; Kho bạc Nhà nước khu vực", "Văn thư; Phòng Tổ chức", "3", "06/01/2026", "", "",
    ]  # fmt: skip


def test_other_registers_show_what_was_given():
    assert rows(samples.incoming(1))[0][:4] == ["05/01/2026", "01", "Văn phòng Chính phủ", "11/VPCP-TH"]
    assert rows(samples.postal())[0] == [
        "05/01/2026",
        "01/QĐ-SNV; 02/SNV-VP",
        "Bưu điện tỉnh Thử Nghiệm",
        "1.250",
        "",
        "",
    ]
    assert rows(samples.copies())[0][2:5] == [
        "15/QĐ-SNV; 05/01/2026",
        "Quyết định về việc cử công chức đi học",
        "01.TCCB",
    ]
    assert rows(samples.follow_up())[0][:2] == ["07", "Công văn số 88/VPCP-TH ngày 05/01/2026 của Văn phòng Chính phủ"]
    assert rows(samples.contents())[0][:3] == ["1", "01/QĐ-SNV", "05/01/2026"]


def test_a_register_has_a_cover_with_year_days_numbers_and_volume():
    cover = samples.outgoing(1).cover
    assert cover.lines == ("Năm: 2026", "Từ ngày 05/01/2026 đến ngày 30/06/2026", "Từ số 01 đến số 640", "Quyển số: 01")
    assert text(samples.outgoing(1)).startswith(
        "ỦY BAN NHÂN DÂN TỈNH THỬ NGHIỆM SỞ NỘI VỤ SỔ ĐĂNG KÝ VĂN BẢN ĐI Năm: 2026"
    )


def test_the_file_plan_has_roman_and_arabic_headings():
    table = samples.plan()
    found = list(table.filled_rows())
    assert [(row.kind, row.cells[1]) for row in found if row.kind is not RowKind.PLAIN] == [
        (RowKind.HEADING, "I. TỔ CHỨC CÁN BỘ"), (RowKind.SUBHEADING, "1. Tuyển dụng"), (RowKind.SUBHEADING, "2. Thi đua"),
        (RowKind.HEADING, "II. VĂN THƯ - LƯU TRỮ"),
    ]  # fmt: skip
    assert found[2].cells == ("01.TCCB", "Hồ sơ tuyển dụng công chức năm 2026", "Vĩnh viễn", "Phạm Ngọc Ưng", "")


def test_the_file_plan_closes_with_its_totals():
    assert samples.plan().notes == (
        "Bản Danh mục hồ sơ này có: 04 (bốn) hồ sơ, trong đó:", "- 02 (hai) hồ sơ bảo quản vĩnh viễn;",
        "- 02 (hai) hồ sơ bảo quản có thời hạn.",
    )  # fmt: skip
    assert "Kèm theo Quyết định số 02/QĐ-SNV" in text(samples.plan())


def test_the_inventory_closes_with_its_total_in_figures_and_words():
    assert samples.deposited(25).notes[0] == "Mục lục này gồm: 25 (hai mươi lăm) hồ sơ (đơn vị bảo quản)."
    assert samples.deposited(25).notes[1] == "Viết bằng chữ: Hai mươi lăm hồ sơ (đơn vị bảo quản)."
    assert rows(samples.deposited(1))[0] == ["1", "01.TCCB", "Hồ sơ công việc thứ 1", "05/01/2026 - 01/10/2026", "Vĩnh viễn",
                                             "1.001", ""]  # fmt: skip
    assert "NGƯỜI LẬP (Ký, ghi rõ họ tên, chức vụ) Phạm Ngọc Ưng" in text(samples.deposited(3))


def test_the_slip_says_who_leads_who_supports_and_until_when():
    found = text(samples.slip())
    for part in ("PHIẾU GIẢI QUYẾT VĂN BẢN ĐẾN", "Công văn số 88/VPCP-TH ngày 03 tháng 01 năm 2026", "Văn phòng Chính phủ",
                 "V/v báo cáo tình hình gửi, nhận văn bản điện tử", "Phòng Công nghệ (thời hạn: 20/01/2026)",
                 "Văn phòng; Thanh tra (thời hạn: 15/01/2026)", "Lê Quốc Đại (thời hạn: 18/01/2026)",
                 "Đề nghị gia hạn đến ngày 22/01/2026", "ngày 06 tháng 01 năm 2026"):  # fmt: skip
        assert part in found


def test_what_the_slip_does_not_know_yet_is_left_to_be_written():
    assert text(samples.slip(False)).count("....") >= 9
    assert "...." not in text(samples.slip())


def test_the_minutes_count_paper_and_electronic_apart():
    found = text(samples.minutes())
    for part in ("BIÊN BẢN Về việc giao nhận hồ sơ, tài liệu", "Căn cứ Danh mục hồ sơ năm 2026;", "BÊN GIAO: Phòng Tổ chức cán bộ",
                 "Tổng số hộp (cặp): 03 (ba)", "Quy ra mét giá: 1,25 mét", "Tổng số hồ sơ: 40 (bốn mươi)",
                 "Tổng số tệp tin trong hồ sơ: 1.215 (một nghìn hai trăm mười lăm)", "ĐẠI DIỆN BÊN NHẬN", "02 (hai) bản"):  # fmt: skip
        assert part in found


@pytest.mark.parametrize(
    ("kind", "abstract", "said"),
    [("Quyết định", "Về việc A", "Quyết định về việc A"), ("Quyết định", "Quyết định về việc A", "Quyết định về việc A"),
     ("", "Về việc A", "Về việc A"), ("Công văn", "V/v B", "Công văn V/v B"), ("Báo cáo", "", "Báo cáo")],
)  # fmt: skip
def test_the_kind_is_not_said_twice(kind, abstract, said):
    assert kind_and_abstract(kind, abstract) == said
