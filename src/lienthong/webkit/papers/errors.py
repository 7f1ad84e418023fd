"""What papers refuse: exports that do not fit their format, and spreadsheets that cannot be read back."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

PAPER_TOO_LONG = define(
    "PAPER_TOO_LONG",
    Retry.PERMANENT,
    422,
    vi="Danh sách dài hơn {limit} dòng, không xuất được ra {kind}.",
    en="The list has more than {limit} rows and cannot be exported as {kind}.",
    do_vi="Thu hẹp điều kiện lọc, hoặc xuất ra định dạng khác.",
    do_en="Narrow the filter, or export in another format.",
)
SPREADSHEET_UNREADABLE = define(
    "SPREADSHEET_UNREADABLE",
    Retry.PERMANENT,
    422,
    vi="Tệp «{name}» không đọc được như bảng tính .xlsx: {why_vi}.",
    en="The file “{name}” cannot be read as an .xlsx spreadsheet: {why_en}.",
    do_vi="Mở tệp bằng phần mềm bảng tính, lưu lại dạng .xlsx không có macro rồi tải lên.",
    do_en="Open it in a spreadsheet program, save it as .xlsx without macros and upload that.",
)
SPREADSHEET_TOO_LARGE = define(
    "SPREADSHEET_TOO_LARGE",
    Retry.PERMANENT,
    413,
    vi="Tệp «{name}» vượt mức cho phép: {what_vi}, tối đa {limit}.",
    en="The file “{name}” is over the limit: {what_en}, at most {limit}.",
    do_vi="Tách bảng thành nhiều tệp, xoá các trang và hình không dùng.",
    do_en="Split the table into several files; delete unused sheets and pictures.",
)
SPREADSHEET_HEADER_WRONG = define(
    "SPREADSHEET_HEADER_WRONG",
    Retry.PERMANENT,
    422,
    vi="Trang «{sheet}» không có dòng tiêu đề đúng: {why_vi}.",
    en="Sheet “{sheet}” has no right header row: {why_en}.",
    do_vi="Giữ nguyên tên cột của tệp mẫu: {columns}.",
    do_en="Keep the column names of the template: {columns}.",
)
SPREADSHEET_CELLS_WRONG = define(
    "SPREADSHEET_CELLS_WRONG",
    Retry.PERMANENT,
    422,
    vi="Bảng có {count} ô chưa đúng; không dòng nào được nhận.",
    en="{count} cells of the table are not right; no row was taken.",
    do_vi="Sửa từng ô theo danh sách kèm theo rồi tải lên lại.",
    do_en="Correct each cell of the list and upload again.",
)
