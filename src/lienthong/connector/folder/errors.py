"""What the folder refuses."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

FOLDER_ROW_INVALID = define(
    "FOLDER_ROW_INVALID",
    Retry.PERMANENT,
    422,
    vi="Dòng mô tả trong «{file}» có {count} chỗ chưa đúng.",
    en="The row in “{file}” has {count} places that are not right.",
    do_vi="Sửa từng chỗ được liệt kê, rồi thả lại cả tệp và dòng mô tả vào outbox.",
    do_en="Correct each place in the list, then drop files and row into outbox again.",
)
FOLDER_ROW_UNREADABLE = define(
    "FOLDER_ROW_UNREADABLE",
    Retry.PERMANENT,
    422,
    vi="Không đọc được dòng mô tả «{file}»: {why_vi}.",
    en="The row file “{file}” cannot be read: {why_en}.",
    do_vi="Mở lại bằng chương trình đã tạo ra nó, lưu lại cho đúng, hoặc làm lại từ tệp mẫu trong thư mục mau.",
    do_en="Open it with the program that made it and save it anew, or start from a template in folder mau.",
)
FOLDER_FILE_MISSING = define(
    "FOLDER_FILE_MISSING",
    Retry.PERMANENT,
    422,
    vi="Dòng mô tả «{file}» đã chờ quá lâu mà chưa có tệp: {missing}.",
    en="Row “{file}” waited too long for its files: {missing}.",
    do_vi="Thả lại dòng mô tả cùng với các tệp của nó; kiểm tra tên tệp có khớp không.",
    do_en="Drop the row again together with its files; check that the names agree.",
)
FOLDER_ROW_MISSING = define(
    "FOLDER_ROW_MISSING",
    Retry.PERMANENT,
    422,
    vi="Tệp «{file}» đã chờ quá lâu mà không có dòng mô tả nào nhắc tới.",
    en="File “{file}” waited too long and no row speaks of it.",
    do_vi="Thả lại tệp cùng một dòng mô tả cùng tên, ví dụ «cong-van.pdf» và «cong-van.toml».",
    do_en="Drop the file again with a row of the same name, such as “cong-van.pdf” and “cong-van.toml”.",
)
FOLDER_ENTRY_NOT_TAKEN = define(
    "FOLDER_ENTRY_NOT_TAKEN",
    Retry.PERMANENT,
    422,
    vi="Không nhận «{file}»: {why_vi}.",
    en="“{file}” is not taken: {why_en}.",
    do_vi="Chỉ thả tệp thường, hoặc một thư mục con chỉ chứa tệp thường và dòng mô tả van-ban.toml.",
    do_en="Drop plain files only, or one sub-folder of plain files with a row van-ban.toml in it.",
)
FOLDER_STATUS_NOT_TAKEN = define(
    "FOLDER_STATUS_NOT_TAKEN",
    Retry.PERMANENT,
    422,
    vi="Không báo được trạng thái «{file}»: {why_vi}.",
    en="Status “{file}” cannot be reported: {why_en}.",
    do_vi="Đặt tên tệp theo mã trạng thái (02.toml, 03.toml …) hoặc ghi «mã trạng thái» trong trang-thai.toml.",
    do_en="Name the file after the status code (02.toml, 03.toml …) or write “status” in trang-thai.toml.",
)
