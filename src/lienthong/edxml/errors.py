"""Why a packet is refused as a whole; findings about single fields are ``Problem``s of the reading.

Source: QCVN 102:2016/BTTTT for what a packet is; the limits are the project's own.
"""

from __future__ import annotations

from lienthong.base.errors import Retry, define

_RESEND_VI = "Đề nghị đơn vị gửi kiểm tra phần mềm kết xuất gói tin và gửi lại."
_RESEND_EN = "Ask the sender to check the software that made the packet, and to send it again."

EDXML_NOT_XML = define(
    "EDXML_NOT_XML",
    Retry.PERMANENT,
    400,
    vi="Gói tin không phải là XML hợp lệ (dòng {line}).",
    en="The packet is not well-formed XML (line {line}).",
    do_vi=_RESEND_VI,
    do_en=_RESEND_EN,
)
EDXML_NOT_UTF8 = define(
    "EDXML_NOT_UTF8",
    Retry.PERMANENT,
    400,
    vi="Gói tin không dùng bảng mã UTF-8.",
    en="The packet is not encoded in UTF-8.",
    do_vi="Đề nghị đơn vị gửi kết xuất gói tin bằng bảng mã UTF-8 và gửi lại.",
    do_en="Ask the sender to write the packet in UTF-8 and to send it again.",
)
EDXML_DOCTYPE = define(
    "EDXML_DOCTYPE",
    Retry.PERMANENT,
    400,
    vi="Gói tin có khai báo DOCTYPE; vì lý do an toàn, gói tin như vậy không được tiếp nhận.",
    en="The packet has a DOCTYPE declaration; for safety such packets are not accepted.",
    do_vi="Đề nghị đơn vị gửi bỏ khai báo DOCTYPE và gửi lại.",
    do_en="Ask the sender to leave the DOCTYPE out and to send the packet again.",
)
EDXML_TOO_LARGE = define(
    "EDXML_TOO_LARGE",
    Retry.PERMANENT,
    413,
    vi="Gói tin vượt giới hạn cho phép: {what_vi} (tối đa {limit}).",
    en="The packet is over a limit: {what_en} (at most {limit}).",
    do_vi="Giảm bớt nội dung hoặc chia thành nhiều gói tin rồi gửi lại.",
    do_en="Make it smaller or split it into several packets, then send again.",
)
EDXML_TOO_DEEP = define(
    "EDXML_TOO_DEEP",
    Retry.PERMANENT,
    400,
    vi="Các phần tử của gói tin lồng nhau quá sâu (tối đa {limit} mức).",
    en="The elements of the packet are nested too deeply (at most {limit} levels).",
    do_vi=_RESEND_VI,
    do_en=_RESEND_EN,
)
EDXML_NOT_EDXML = define(
    "EDXML_NOT_EDXML",
    Retry.PERMANENT,
    422,
    vi="Tệp là XML nhưng không phải gói tin edXML: {reason_vi}.",
    en="The file is XML but not an edXML packet: {reason_en}.",
    do_vi="Kiểm tra lại tệp đã chọn; gói tin phải theo QCVN 102:2016/BTTTT.",
    do_en="Check the chosen file; a packet must follow QCVN 102:2016/BTTTT.",
)
EDXML_INVALID = define(
    "EDXML_INVALID",
    Retry.PERMANENT,
    422,
    vi="Gói tin có {count} lỗi dữ liệu; lỗi đầu tiên: {first_vi}",
    en="The packet has {count} errors in its fields; the first: {first_en}",
    do_vi="Sửa các trường được nêu rồi gửi lại gói tin.",
    do_en="Correct the fields that are named and send the packet again.",
)
EDXML_BASE64 = define(
    "EDXML_BASE64",
    Retry.PERMANENT,
    422,
    vi="Nội dung tệp đính kèm thứ {nth} không phải là Base64 hợp lệ.",
    en="The content of attachment {nth} is not valid Base64.",
    do_vi=_RESEND_VI,
    do_en=_RESEND_EN,
)
EDXML_ZIP_BOMB = define(
    "EDXML_ZIP_BOMB",
    Retry.PERMANENT,
    413,
    vi="Tệp nén bung ra quá lớn so với giới hạn cho phép ({what_vi}, tối đa {limit}).",
    en="The compressed file expands beyond a limit ({what_en}, at most {limit}).",
    do_vi="Đề nghị đơn vị gửi gửi lại tệp không nén.",
    do_en="Ask the sender to send the file uncompressed.",
)
EDXML_ZIP_ENCRYPTED = define(
    "EDXML_ZIP_ENCRYPTED",
    Retry.PERMANENT,
    422,
    vi="Tệp nén có đặt mật khẩu nên không mở được.",
    en="The compressed file is protected by a password and cannot be opened.",
    do_vi="Đề nghị đơn vị gửi gửi lại tệp không đặt mật khẩu.",
    do_en="Ask the sender to send the file without a password.",
)
EDXML_ZIP_DAMAGED = define(
    "EDXML_ZIP_DAMAGED",
    Retry.PERMANENT,
    422,
    vi="Tệp nén bị hỏng hoặc dùng cách nén không được hỗ trợ.",
    en="The compressed file is damaged or uses a method that is not supported.",
    do_vi="Đề nghị đơn vị gửi kiểm tra và gửi lại tệp.",
    do_en="Ask the sender to check the file and to send it again.",
)
EDXML_ZIP_ENTRIES = define(
    "EDXML_ZIP_ENTRIES",
    Retry.PERMANENT,
    422,
    vi="Tệp nén chứa nhiều hơn {limit} tệp nên không phải là lớp bọc của một tệp đính kèm.",
    en="The compressed file holds more than {limit} files, so it is not the wrapping of one attachment.",
    do_vi="Giữ nguyên tệp nén; người nhận tự mở bằng phần mềm giải nén.",
    do_en="Keep the compressed file as it is; the recipient opens it with an archiver.",
)
EDXML_UNWRITABLE = define(
    "EDXML_UNWRITABLE",
    Retry.PERMANENT,
    422,
    vi="Không ghi được gói tin: {reason_vi}.",
    en="The packet cannot be written: {reason_en}.",
    do_vi="Sửa dữ liệu của văn bản rồi thực hiện lại.",
    do_en="Correct the document's data and try again.",
)
