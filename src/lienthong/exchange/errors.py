"""Why the axis refuses, in the words of whoever must act."""

from __future__ import annotations

from lienthong.base.errors import Retry, define
from lienthong.webkit import errors as edge

_SUPPLIER_VI = "Báo cho đơn vị cung cấp phần mềm kết nối."
_SUPPLIER_EN = "Tell the supplier of your connecting software."

ENVELOPE_ID_REUSED = define(
    "ENVELOPE_ID_REUSED",
    Retry.PERMANENT,
    409,
    vi="Mã gói tin {envelope} đã được dùng cho một gói tin khác của cùng cơ quan gửi.",
    en="The envelope id {envelope} was already used by the same sender for another envelope.",
    do_vi="Lập gói tin mới với mã mới. Nếu phần mềm tự cấp mã, báo cho đơn vị cung cấp phần mềm.",
    do_en="Make a new envelope with a new id. If the software gives the ids, tell its supplier.",
)
DOCUMENT_ID_REUSED = define(
    "DOCUMENT_ID_REUSED",
    Retry.PERMANENT,
    409,
    vi="Mã văn bản «{document}» đã được gửi trước đó với nội dung khác (gói tin {earlier}).",
    en="The document id “{document}” was sent before with other content (envelope {earlier}).",
    do_vi="Để sửa văn bản đã gửi, dùng nghiệp vụ cập nhật, thay thế hoặc thu hồi rồi gửi lại.",
    do_en="To change a document that was sent, use update or replacement, or recall it and send again.",
)
SENDER_NOT_ALLOWED = define(
    "SENDER_NOT_ALLOWED",
    Retry.PERMANENT,
    403,
    vi="Hệ thống «{system}» không được đăng ký để gửi thay cơ quan «{agency}».",
    en="The system “{system}” is not registered to act for the agency “{agency}”.",
    do_vi="Kiểm tra mã cơ quan gửi, hoặc đề nghị đơn vị vận hành trục đăng ký hệ thống cho cơ quan này.",
    do_en="Check the sender's code, or ask the operator of the axis to register the system for this agency.",
)
SENDER_NOT_ACTIVE = define(
    "SENDER_NOT_ACTIVE",
    Retry.PERMANENT,
    403,
    vi="Cơ quan gửi «{agency}» đang bị khóa hoặc đã kết thúc hoạt động trong danh bạ.",
    en="The sending agency “{agency}” is locked or closed in the directory.",
    do_vi="Liên hệ đơn vị vận hành trục.",
    do_en="Contact the operator of the axis.",
)
SIGNER_MISMATCH = define(
    "SIGNER_MISMATCH",
    Retry.PERMANENT,
    403,
    vi="Gói tin được ký bằng khóa của hệ thống «{envelope_system}», nhưng do hệ thống «{request_system}» gửi lên.",
    en="The envelope is signed by the system “{envelope_system}” but was sent by “{request_system}”.",
    do_vi="Hệ thống nào ký gói tin thì hệ thống đó gửi.",
    do_en="The system that signs an envelope must be the one that sends it.",
)
KEY_REVOKED = define(
    "KEY_REVOKED",
    Retry.PERMANENT,
    401,
    vi="Khóa ký của hệ thống «{system}» không có hiệu lực lúc này: chưa tới ngày, đã hết hạn hoặc bị thu hồi.",
    en="The signing key of the system “{system}” does not count now: not yet valid, expired or revoked.",
    do_vi="Đăng ký khóa mới với đơn vị vận hành trục, hoặc dùng khóa đang có hiệu lực.",
    do_en="Register a new key with the operator of the axis, or use one that is valid.",
)
SYSTEM_SUSPENDED = define(
    "SYSTEM_SUSPENDED",
    Retry.PERMANENT,
    403,
    vi="Hệ thống «{system}» đang bị tạm ngừng kết nối.",
    en="The system “{system}” is suspended.",
    do_vi="Liên hệ đơn vị vận hành trục.",
    do_en="Contact the operator of the axis.",
)
NONCE_REPLAYED = define(
    "NONCE_REPLAYED",
    Retry.TRANSIENT,
    401,
    vi="Yêu cầu này đã được nhận một lần; mỗi chữ ký yêu cầu chỉ dùng được một lần.",
    en="This request was received before; a request's signature can be used only once.",
    do_vi="Ký lại yêu cầu với nonce mới rồi gửi.",
    do_en="Sign the request again with a new nonce and send it.",
)
OPERATOR_ONLY = define(
    "OPERATOR_ONLY",
    Retry.PERMANENT,
    403,
    vi="Chỉ đơn vị vận hành trục được thực hiện việc này.",
    en="Only the operator of the axis may do this.",
    do_vi="Dùng khóa của đơn vị vận hành, hoặc đề nghị đơn vị vận hành thực hiện.",
    do_en="Use the operator's key, or ask the operator to do it.",
)
RECIPIENTS_REFUSED = define(
    "RECIPIENTS_REFUSED",
    Retry.PERMANENT,
    422,
    vi="{count} nơi nhận không gửi tới được: {codes}.",
    en="{count} recipients cannot be reached: {codes}.",
    do_vi="Bỏ hoặc sửa các mã nơi nhận này rồi gửi lại bằng gói tin mới.",
    do_en="Remove or correct these codes and send again in a new envelope.",
)
HEADER_DISAGREES = define(
    "HEADER_DISAGREES",
    Retry.PERMANENT,
    422,
    vi="Phần tiêu đề edXML không khớp với gói tin ({count} chỗ); chỗ đầu tiên: {first_vi}",
    en="The edXML header does not agree with the envelope ({count} places); the first: {first_en}",
    do_vi=_SUPPLIER_VI,
    do_en=_SUPPLIER_EN,
)
CREATED_AT_NOT_PLAUSIBLE = define(
    "CREATED_AT_NOT_PLAUSIBLE",
    Retry.PERMANENT,
    422,
    vi="Thời điểm lập gói tin lệch {seconds} giây so với đồng hồ của trục ({now}).",
    en="The envelope's time of creation differs by {seconds} s from the axis's clock ({now}).",
    do_vi="Đồng bộ đồng hồ của hệ thống, lập lại gói tin rồi gửi.",
    do_en="Synchronise the system's clock, make the envelope again and send it.",
)
EXPIRES_TOO_SOON = define(
    "EXPIRES_TOO_SOON",
    Retry.PERMANENT,
    422,
    vi="Thời hạn nhận của gói tin đã qua hoặc còn dưới {seconds} giây.",
    en="The envelope's deadline has passed or is less than {seconds} s away.",
    do_vi="Lập gói tin mới với thời hạn dài hơn.",
    do_en="Make a new envelope with a later deadline.",
)
DOCUMENT_TOO_LARGE = define(
    "DOCUMENT_TOO_LARGE",
    Retry.PERMANENT,
    413,
    vi="Văn bản dài {size} byte, vượt mức {limit} byte mà trục cho phép.",
    en="The document has {size} bytes, more than the {limit} that the axis allows.",
    do_vi="Giảm dung lượng tệp đính kèm.",
    do_en="Make the attachments smaller.",
)
PART_MISSING = define(
    "PART_MISSING",
    Retry.TRANSIENT,
    422,
    vi="Thiếu nội dung của {count} phần và hệ thống này chưa tải chúng lên: {names}.",
    en="The content of {count} parts is missing and this system has not uploaded it: {names}.",
    do_vi="Tải các tệp này lên trước, hoặc gửi kèm trong gói tin, rồi gửi lại.",
    do_en="Upload these files first, or send them inside the packet, then send again.",
)
CLOCK_WRONG = define(
    "CLOCK_WRONG",
    Retry.TRANSIENT,
    503,
    vi="Đồng hồ của trục chậm {seconds} giây so với chứng cứ đã ký; trục tạm ngừng ký.",
    en="The axis's clock is {seconds} s behind evidence already signed; the axis has stopped signing.",
    do_vi="Đơn vị vận hành trục phải chỉnh lại đồng hồ; bên gửi thử lại sau.",
    do_en="The operator must correct the clock; senders try again later.",
)
AXIS_BUSY = define(
    "AXIS_BUSY",
    Retry.TRANSIENT,
    503,
    vi="Trục đang quá tải; hãy đợi {seconds} giây.",
    en="The axis is overloaded; wait {seconds} s.",
    do_vi="Gửi lại nguyên gói tin sau thời gian nêu trong tiêu đề Retry-After.",
    do_en="Send the same bytes again after the time in the Retry-After header.",
)
AXIS_FAULT = define(
    "AXIS_FAULT",
    Retry.INDETERMINATE,
    500,
    vi="Trục gặp lỗi ngoài dự kiến (mã tra cứu {trace}).",
    en="The axis met an unforeseen fault (reference {trace}).",
    do_vi="Gửi lại đúng yêu cầu này; nếu lỗi lặp lại, báo mã tra cứu cho đơn vị vận hành trục.",
    do_en="Repeat exactly this request; if it fails again, give the reference to the operator of the axis.",
)
NOT_FOUND = define(
    "NOT_FOUND",
    Retry.PERMANENT,
    404,
    vi="Không có nội dung này trên trục, hoặc hệ thống này không được xem.",
    en="There is no such thing on the axis, or this system may not see it.",
    do_vi="Kiểm tra lại địa chỉ và mã đã dùng.",
    do_en="Check the address and the identifiers.",
)

# What every edge refuses, under the names by which the axis's modules know it.
METHOD_NOT_ALLOWED = edge.METHOD_NOT_ALLOWED
LENGTH_REQUIRED = edge.LENGTH_REQUIRED
BODY_TOO_LARGE = edge.BODY_TOO_LARGE
REQUEST_MALFORMED = edge.REQUEST_MALFORMED
