"""Refusals of composing and reading drafts."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

DRAFT_INCOMPLETE = define(
    "DRAFT_INCOMPLETE",
    Retry.PERMANENT,
    422,
    vi="Bản thảo chưa trình bày được theo thể thức: {why_vi}.",
    en="The draft cannot be laid out in the prescribed form: {why_en}.",
    do_vi="Bổ sung hoặc sửa thành phần vừa nêu rồi làm lại.",
    do_en="Add or correct the component named and do it again.",
)
DOCX_NOT_READABLE = define(
    "DOCX_NOT_READABLE",
    Retry.PERMANENT,
    422,
    vi="Không đọc được tệp Word (.docx): {reason}.",
    en="The Word file (.docx) cannot be read: {reason}.",
    do_vi="Mở tệp bằng trình soạn thảo, lưu lại dạng .docx rồi gửi lại.",
    do_en="Open the file in a word processor, save it as .docx and send it again.",
)
