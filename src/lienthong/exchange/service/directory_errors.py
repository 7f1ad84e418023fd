"""Refusal codes of changes to the directory and of questions to it."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

DIRECTORY_ROWS_REFUSED = define(
    "DIRECTORY_ROWS_REFUSED",
    Retry.PERMANENT,
    422,
    vi="Có {count} lỗi trong các dòng danh bạ được gửi lên; không dòng nào được ghi.",
    en="There are {count} errors in the directory rows; none was written.",
    do_vi="Sửa các dòng được nêu rồi gửi lại toàn bộ.",
    do_en="Correct the lines that are named and send everything again.",
)
DIRECTORY_TOO_LARGE = define(
    "DIRECTORY_TOO_LARGE",
    Retry.PERMANENT,
    413,
    vi="Một lần gửi danh bạ không được vượt quá {limit} dòng hoặc {bytes} byte.",
    en="One request may change at most {limit} rows or {bytes} bytes of the directory.",
    do_vi="Chia thành nhiều lần gửi, đơn vị cấp trên trước.",
    do_en="Send it in several requests, upper agencies first.",
)
DIRECTORY_NO_OPERATOR = define(
    "DIRECTORY_NO_OPERATOR",
    Retry.PERMANENT,
    409,
    vi="Sau thay đổi này sẽ không còn hệ thống vận hành nào có khóa dùng được.",
    en="After this change no operator's system would be left with a key that counts.",
    do_vi="Đăng ký khóa hoặc hệ thống vận hành khác trước, rồi thực hiện lại.",
    do_en="Register another operator's key or system first, then repeat.",
)
DIRECTORY_UNKNOWN = define(
    "DIRECTORY_UNKNOWN",
    Retry.PERMANENT,
    404,
    vi="Danh bạ không có “{what}”.",
    en="The directory has no “{what}”.",
    do_vi="Tìm lại theo tên hoặc mã bằng «lienthong directory list --query …».",
    do_en="Look for the name or code with “lienthong directory list --query …”.",
)
DIRECTORY_QUERY_INVALID = define(
    "DIRECTORY_QUERY_INVALID",
    Retry.PERMANENT,
    400,
    vi="Tham số “{name}” chưa đúng: {why_vi}.",
    en="The parameter “{name}” is not right: {why_en}.",
    do_vi="Sửa tham số rồi gửi lại.",
    do_en="Correct the parameter and ask again.",
)
KEY_CHANGE_REFUSED = define(
    "KEY_CHANGE_REFUSED",
    Retry.PERMANENT,
    409,
    vi="Trục không đổi khoá của hệ thống “{system}”: {why_vi}.",
    en="The axis does not change a key of system “{system}”: {why_en}.",
    do_vi="Kiểm tra bằng “lienthong keys list”; nếu không tự đổi được, gửi khoá mới cho đơn vị vận hành trục.",
    do_en="Check with “lienthong keys list”; if it cannot be done so, send the new key to the axis's operator.",
)
