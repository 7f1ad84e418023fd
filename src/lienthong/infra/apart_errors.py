"""What is refused of files that are worked on apart."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

FILE_NOT_DIGESTED = define(
    "FILE_NOT_DIGESTED", Retry.PERMANENT, 422,
    vi="Không xử lý được tệp này trong giới hạn cho phép ({why}).",
    en="This file could not be handled within the limits ({why}).",
    do_vi="Tải tệp về để xem; nếu do hệ thống mình tạo, tạo lại từ bản gốc.",
    do_en="Download the file to look at it; if it was made here, make it again from the original.",
)  # fmt: skip
