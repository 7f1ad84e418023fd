"""Refusals of packages."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

_AGAIN_VI = "Xin lại tệp chứng minh gốc từ trục; giữ tệp này nếu nghi có người sửa."
_AGAIN_EN = "Ask the axis for the original proof file; keep this one if you suspect that somebody changed it."

PROOF_CONTAINER_BROKEN = define(
    "PROOF_CONTAINER_BROKEN",
    Retry.PERMANENT,
    422,
    vi="Tệp chứng minh bị hỏng hoặc đã bị ghi lại bằng phần mềm khác: {why}.",
    en="The proof file is damaged or was rewritten by another program: {why}.",
    do_vi=_AGAIN_VI,
    do_en=_AGAIN_EN,
)
PROOF_MALFORMED = define(
    "PROOF_MALFORMED",
    Retry.PERMANENT,
    422,
    vi="Tệp chứng minh không đúng quy cách ở «{member}»: {why}.",
    en='The proof file breaks the rules at "{member}": {why}.',
    do_vi=_AGAIN_VI,
    do_en=_AGAIN_EN,
)
PROOF_CONTENT_DAMAGED = define(
    "PROOF_CONTENT_DAMAGED",
    Retry.PERMANENT,
    500,
    vi="Nội dung «{name}» không khớp với gói tin đã ký; không lập được tệp chứng minh.",
    en='The content "{name}" does not match the signed envelope; no proof file can be made.',
    do_vi="Báo cho đơn vị vận hành trục để khôi phục nội dung từ bản sao lưu.",
    do_en="Tell the operator of the axis to restore the content from a copy.",
)
PROOF_NOT_NEWER = define(
    "PROOF_NOT_NEWER",
    Retry.PERMANENT,
    409,
    vi="Không thể thay tệp chứng minh cũ bằng chứng cứ này: {why}.",
    en="This evidence cannot replace the older proof file: {why}.",
    do_vi="Giữ tệp cũ; xin trục chứng cứ mới nhất của đúng văn bản này.",
    do_en="Keep the older file; ask the axis for the newest evidence of this very document.",
)
DOSSIER_XML_FIELDS_WRONG = define(
    "DOSSIER_XML_FIELDS_WRONG",
    Retry.PERMANENT,
    422,
    vi="Hồ sơ có {count} trường không đúng quy định dữ liệu đầu vào; không xuất tệp nào.",
    en="{count} fields of the dossier break the rules for input data; no file was made.",
    do_vi="Sửa từng trường theo danh sách kèm theo; không trường nào được tự cắt ngắn.",
    do_en="Correct each field of the list; nothing is shortened by itself.",
)
DOSSIER_XML_MALFORMED = define(
    "DOSSIER_XML_MALFORMED",
    Retry.PERMANENT,
    422,
    vi="Tệp XML của hồ sơ không đúng quy cách ở «{place}»: {why_vi}.",
    en="The XML file of the dossier breaks the rules at “{place}”: {why_en}.",
    do_vi="Xuất lại hồ sơ từ hệ thống đã lập tệp này.",
    do_en="Export the dossier again from the system that made the file.",
)
