"""Refusals of messages that do not follow the native protocol. Source: PR-NATIVE."""

from lienthong.base.errors import Retry, define

ENVELOPE_MALFORMED = define(
    "ENVELOPE_MALFORMED",
    Retry.PERMANENT,
    400,
    vi="Gói tin không đúng quy cách ở mục «{member}»: {why}.",
    en="The envelope breaks the rules at “{member}”: {why}.",
    do_vi="Báo cho đơn vị cung cấp phần mềm; gói tin phải được lập lại đúng quy cách rồi mới gửi.",
    do_en="Tell the supplier of your software; the envelope must be made again by the rules.",
)
PACKET_MALFORMED = define(
    "PACKET_MALFORMED",
    Retry.PERMANENT,
    400,
    vi="Phần thân của gói tin bị hỏng: {why}.",
    en="The body of the packet is broken: {why}.",
    do_vi="Gửi lại nguyên gói tin; nếu vẫn bị từ chối, báo cho đơn vị cung cấp phần mềm.",
    do_en="Send the whole packet again; if it is refused again, tell the supplier of your software.",
)
PACKET_CUT_SHORT = define(
    "PACKET_CUT_SHORT",
    Retry.TRANSIENT,
    400,
    vi="Đường truyền bị ngắt trước khi nhận đủ gói tin; chưa có gì được lưu.",
    en="The connection ended before the whole packet had arrived; nothing was stored.",
    do_vi="Gửi lại gói tin.",
    do_en="Send the packet again.",
)
PART_TOO_LARGE = define(
    "PART_TOO_LARGE",
    Retry.PERMANENT,
    413,
    vi="Phần «{name}» dài {size} byte, vượt mức cho phép {limit} byte.",
    en="Part “{name}” has {size} bytes, more than the {limit} allowed.",
    do_vi="Giảm dung lượng tệp hoặc tải tệp lớn lên theo từng phần trước khi gửi.",
    do_en="Make the file smaller, or upload large files piece by piece before sending.",
)
PART_DIGEST_MISMATCH = define(
    "PART_DIGEST_MISMATCH",
    Retry.TRANSIENT,
    422,
    vi="Nội dung phần «{name}» không khớp mã băm ghi trong gói tin; tệp đã bị thay đổi hoặc hỏng khi truyền.",
    en="The bytes of part “{name}” do not fit the digest in the envelope; they were changed or damaged on the way.",
    do_vi="Gửi lại; nếu vẫn sai, lập lại gói tin từ tệp gốc.",
    do_en="Send again; if it is still wrong, make the envelope again from the original file.",
)
ACKNOWLEDGEMENT_MALFORMED = define(
    "ACKNOWLEDGEMENT_MALFORMED",
    Retry.PERMANENT,
    400,
    vi="Xác nhận không đúng quy cách ở mục «{member}»: {why}.",
    en="The acknowledgement breaks the rules at “{member}”: {why}.",
    do_vi="Báo cho đơn vị cung cấp phần mềm.",
    do_en="Tell the supplier of your software.",
)
EVENT_MALFORMED = define(
    "EVENT_MALFORMED",
    Retry.PERMANENT,
    400,
    vi="Chứng cứ không đúng quy cách ở mục «{member}»: {why}.",
    en="The evidence breaks the rules at “{member}”: {why}.",
    do_vi="Không dùng chứng cứ này; xin lại từ trục liên thông.",
    do_en="Do not use this evidence; ask the axis for it again.",
)
KEY_CHANGE_MALFORMED = define(
    "KEY_CHANGE_MALFORMED",
    Retry.PERMANENT,
    400,
    vi="Yêu cầu đổi khoá không đúng quy cách ở mục «{member}»: {why}.",
    en="The change of a key breaks the rules at “{member}”: {why}.",
    do_vi="Dùng “lienthong keys rotate”, hoặc báo cho đơn vị cung cấp phần mềm.",
    do_en="Use “lienthong keys rotate”, or tell the supplier of your software.",
)
