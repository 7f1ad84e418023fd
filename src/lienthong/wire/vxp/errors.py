"""Why a request in the SDK's form cannot be believed. Source: docs/protocols/vxp.md §2, exchange facts §2.1."""

from lienthong.base.errors import Retry, define

VXP_HEADERS_MALFORMED = define(
    "VXP_HEADERS_MALFORMED",
    Retry.PERMANENT,
    400,
    vi="Tiêu đề yêu cầu không đúng giao thức: {why_vi}.",
    en="The headers of the request do not follow the protocol: {why_en}.",
    do_vi="Báo cho đơn vị cung cấp phần mềm kết nối.",
    do_en="Tell the supplier of your connecting software.",
)
VXP_HEADERS_NOT_SIGNED = define(
    "VXP_HEADERS_NOT_SIGNED",
    Retry.PERMANENT,
    401,
    vi="Tiêu đề «{header}» không khớp với phần đã ký trong sign-header.",
    en="The header “{header}” is not what the sign-header says.",
    do_vi="Ký đúng các tiêu đề gửi đi; kiểm tra máy trung gian có thêm hay sửa tiêu đề không.",
    do_en="Sign exactly the headers that are sent; see whether something in between adds or changes headers.",
)
VXP_TIMESTAMP_AHEAD = define(
    "VXP_TIMESTAMP_AHEAD",
    Retry.PERMANENT,
    401,
    vi="Thời điểm của yêu cầu ({timestamp}) ở tương lai so với đồng hồ của trục ({now}).",
    en="The request's time ({timestamp}) is in the future of the axis's clock ({now}).",
    do_vi="Chỉnh đồng hồ của máy chạy phần mềm kết nối rồi khởi động lại phần mềm.",
    do_en="Set the clock of the machine with the connecting software, then restart the software.",
)
VXP_HASH_FILE_WRONG = define(
    "VXP_HASH_FILE_WRONG",
    Retry.PERMANENT,
    422,
    vi="Nội dung nhận được không khớp với hash-file; tệp có thể bị cắt hoặc bị sửa trên đường truyền.",
    en="The content received does not fit its hash-file; it may have been cut or changed on the way.",
    do_vi="Gửi lại tệp; nếu vẫn lỗi, báo cho đơn vị cung cấp phần mềm kết nối.",
    do_en="Send the file again; if that fails too, tell the supplier of your connecting software.",
)
