"""Refusal codes of the directory."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

DIRECTORY_ROW_INVALID = define(
    "DIRECTORY_ROW_INVALID",
    Retry.PERMANENT,
    422,
    vi="Dòng {row} của danh bạ không hợp lệ: {why_vi}.",
    en="Row {row} of the directory is not valid: {why_en}.",
    do_vi="Lấy lại bản danh bạ đầy đủ từ trục; nếu vẫn lỗi, báo đơn vị vận hành.",
    do_en="Fetch the whole directory again from the axis; if the error stays, tell its operator.",
)

DIRECTORY_DIGEST_MISMATCH = define(
    "DIRECTORY_DIGEST_MISMATCH",
    Retry.PERMANENT,
    422,
    vi="Nội dung danh bạ không khớp với mã băm trong phần đầu đã ký.",
    en="The directory's rows do not match the digest in its signed header.",
    do_vi="Tải lại danh bạ; không dùng bản này.",
    do_en="Download the directory again; do not use this copy.",
)

DIRECTORY_HEADER_INVALID = define(
    "DIRECTORY_HEADER_INVALID",
    Retry.PERMANENT,
    422,
    vi="Phần đầu của danh bạ không đọc được: {why_vi}.",
    en="The directory's header cannot be read: {why_en}.",
    do_vi="Tải lại danh bạ; nếu vẫn lỗi, kiểm tra phiên bản phần mềm.",
    do_en="Download the directory again; if the error stays, check the software's version.",
)

DIRECTORY_VERSION_GAP = define(
    "DIRECTORY_VERSION_GAP",
    Retry.PERMANENT,
    409,
    vi=("Bản cập nhật danh bạ bắt đầu từ phiên bản {base} nhưng đang có phiên bản {have}; thiếu các thay đổi ở giữa."),
    en="The directory update starts from version {base} but version {have} is held; changes are missing.",
    do_vi="Lấy bản cập nhật từ phiên bản đang có, hoặc lấy bản danh bạ đầy đủ.",
    do_en="Fetch an update from the version held, or the whole directory.",
)

DIRECTORY_OTHER_AXIS = define(
    "DIRECTORY_OTHER_AXIS",
    Retry.PERMANENT,
    409,
    vi="Bản cập nhật thuộc danh bạ của trục {theirs}, không phải trục {ours}.",
    en="The update belongs to the directory of axis {theirs}, not of {ours}.",
    do_vi="Lấy bản cập nhật từ đúng trục.",
    do_en="Fetch the update from the right axis.",
)

IMPORT_UNREADABLE = define(
    "IMPORT_UNREADABLE",
    Retry.PERMANENT,
    422,
    vi="Tệp danh bạ không đọc được: {why_vi}.",
    en="The directory file cannot be read: {why_en}.",
    do_vi="Lưu lại tệp dưới dạng CSV UTF-8 có dòng tiêu đề, hoặc JSON là một mảng các dòng.",
    do_en="Save the file as CSV in UTF-8 with a header line, or as JSON holding an array of rows.",
)
