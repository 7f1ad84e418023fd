"""What the connector's local face refuses."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

LOCAL_TOKEN_NEEDED = define(
    "LOCAL_TOKEN_NEEDED",
    Retry.PERMANENT,
    401,
    vi="Yêu cầu không kèm mã truy cập tại chỗ, hoặc mã không còn hiệu lực.",
    en="The request carries no local access token, or one that is no longer valid.",
    do_vi="Tạo mã bằng «lienthong connector token create --name …» rồi gửi trong tiêu đề “Authorization: Bearer …”.",
    do_en="Make a token with “lienthong connector token create --name …” and send it as “Authorization: Bearer …”.",
)
LOCAL_TOKEN_READS_ONLY = define(
    "LOCAL_TOKEN_READS_ONLY",
    Retry.PERMANENT,
    403,
    vi="Mã truy cập «{name}» chỉ được xem, không được gửi hay thay đổi.",
    en="Access token “{name}” may only read, not send or change anything.",
    do_vi="Dùng mã có quyền ghi: «lienthong connector token create --name … --write».",
    do_en="Use a token that may write: “lienthong connector token create --name … --write”.",
)
LOCAL_TOKEN_NAME_TAKEN = define(
    "LOCAL_TOKEN_NAME_TAKEN",
    Retry.PERMANENT,
    409,
    vi="Đã có mã truy cập tên «{name}» đang dùng.",
    en="There is an access token named “{name}” already.",
    do_vi="Chọn tên khác, hoặc thu hồi mã cũ bằng «lienthong connector token revoke».",
    do_en="Choose another name, or revoke the old one with “lienthong connector token revoke”.",
)
LOCAL_TOKEN_UNKNOWN = define(
    "LOCAL_TOKEN_UNKNOWN",
    Retry.PERMANENT,
    404,
    vi="Không có mã truy cập đang dùng nào tên «{name}».",
    en="No access token named “{name}” is in use.",
    do_vi="Xem danh sách bằng «lienthong connector token list».",
    do_en="See the list with “lienthong connector token list”.",
)
LOCAL_HOST_FOREIGN = define(
    "LOCAL_HOST_FOREIGN",
    Retry.PERMANENT,
    421,
    vi="Yêu cầu gọi đầu nối bằng một tên máy không được khai.",
    en="The request names the connector by a host that is not configured.",
    do_vi="Gọi bằng địa chỉ trong “listen”, hoặc thêm tên máy vào “hosts” ở phần [local] của cấu hình.",
    do_en="Use the address in “listen”, or add the host name to “hosts” under [local] in the configuration.",
)
LOCAL_ADDRESS_UNKNOWN = define(
    "LOCAL_ADDRESS_UNKNOWN",
    Retry.PERMANENT,
    404,
    vi="Đầu nối không có địa chỉ này.",
    en="The connector has no such address.",
    do_vi="Xem các địa chỉ ở trang /api của đầu nối.",
    do_en="See the addresses on the connector’s page /api.",
)
LOCAL_PAGE_EXPIRED = define(
    "LOCAL_PAGE_EXPIRED",
    Retry.PERMANENT,
    403,
    vi="Trang đã cũ hoặc không do đầu nối này lập nên lệnh không được thực hiện.",
    en="The page is out of date or was not made by this connector, so nothing was done.",
    do_vi="Mở lại trang của đầu nối rồi bấm lại.",
    do_en="Open the connector’s page again and press once more.",
)
LOCAL_FORM_NOT_USABLE = define(
    "LOCAL_FORM_NOT_USABLE",
    Retry.PERMANENT,
    400,
    vi="Không đọc được nội dung gửi lên ở «{part}»: {why}.",
    en="The request cannot be read at “{part}”: {why}.",
    do_vi="Gửi multipart/form-data gồm phần «document» (JSON) và các phần «file», hoặc một phần «packet» (edXML).",
    do_en="Send multipart/form-data with a part “document” (JSON) and parts “file”, or one part “packet” (edXML).",
)
LOCAL_INPUT_NOT_VALID = define(
    "LOCAL_INPUT_NOT_VALID",
    Retry.PERMANENT,
    400,
    vi="Dữ liệu gửi lên có {count} chỗ chưa đúng.",
    en="The data sent has {count} problem(s).",
    do_vi="Sửa tất cả các mục nêu trong “problems” rồi gửi lại; chưa có gì được lưu.",
    do_en="Correct everything listed under “problems” and send again; nothing was stored.",
)
LOCAL_FILE_UNKNOWN = define(
    "LOCAL_FILE_UNKNOWN",
    Retry.PERMANENT,
    404,
    vi="Văn bản này không có tệp số {file}.",
    en="This document has no file number {file}.",
    do_vi="Xem danh sách “files” của văn bản.",
    do_en="See the document’s list “files”.",
)
LOCAL_RECEIPT_NOT_YET = define(
    "LOCAL_RECEIPT_NOT_YET",
    Retry.TRANSIENT,
    404,
    vi="Công việc {job} chưa có biên nhận.",
    en="Job {job} has no receipt yet.",
    do_vi="Chờ công việc chuyển sang trạng thái “sent”.",
    do_en="Wait until the job is “sent”.",
)
LOCAL_FAULT = define(
    "LOCAL_FAULT",
    Retry.INDETERMINATE,
    500,
    vi="Đầu nối gặp lỗi ngoài dự kiến (mã tra cứu {trace}).",
    en="The connector met an unforeseen fault (reference {trace}).",
    do_vi="Gửi lại đúng yêu cầu này với cùng Idempotency-Key; nếu lỗi lặp lại, báo mã tra cứu cho đơn vị hỗ trợ.",
    do_en="Repeat exactly this request under the same Idempotency-Key; if it fails again, report the reference.",
)
AXIS_NOT_CONFIGURED = define(
    "AXIS_NOT_CONFIGURED",
    Retry.PERMANENT,
    404,
    vi="Đầu nối không nối với trục nào tên «{axis}».",
    en="The connector is not connected to an axis named “{axis}”.",
    do_vi="Xem tên các trục trong /v1/health.",
    do_en="See the names of the axes in /v1/health.",
)
WEBHOOK_TARGET_NOT_ALLOWED = define(
    "WEBHOOK_TARGET_NOT_ALLOWED",
    Retry.PERMANENT,
    403,
    vi="Đầu nối không được gọi tới địa chỉ này: {why}.",
    en="The connector may not call this address: {why}.",
    do_vi="Người quản trị thêm địa chỉ hoặc dải mạng vào “webhook_targets” ở phần [local] của cấu hình.",
    do_en="An administrator adds the address or network to “webhook_targets” under [local] in the configuration.",
)
WEBHOOK_UNKNOWN = define(
    "WEBHOOK_UNKNOWN",
    Retry.PERMANENT,
    404,
    vi="Không có đăng ký nhận báo «{webhook}».",
    en="There is no webhook “{webhook}”.",
    do_vi="Xem danh sách ở /v1/webhooks.",
    do_en="See the list at /v1/webhooks.",
)
WEBHOOK_TOO_MANY = define(
    "WEBHOOK_TOO_MANY",
    Retry.PERMANENT,
    409,
    vi="Đã có {limit} đăng ký nhận báo, không thêm được nữa.",
    en="There are {limit} webhooks already; no more can be added.",
    do_vi="Xóa một đăng ký không dùng nữa rồi thêm lại.",
    do_en="Delete one that is no longer used and add it again.",
)
WEBHOOK_NOT_ANSWERED = define(
    "WEBHOOK_NOT_ANSWERED",
    Retry.TRANSIENT,
    502,
    vi="Phần mềm nhận báo không trả lời đúng: {why}.",
    en="The receiving software did not answer well: {why}.",
    do_vi="Kiểm tra phần mềm tại địa chỉ đã đăng ký; đầu nối tự gọi lại theo đúng thứ tự.",
    do_en="Check the software at the registered address; the connector calls again by itself, in order.",
)
LOCAL_ADDRESS_TAKEN = define(
    "LOCAL_ADDRESS_TAKEN",
    Retry.PERMANENT,
    503,
    vi="Không mở được địa chỉ {address} cho giao diện tại chỗ.",
    en="The address {address} cannot be opened for the local face.",
    do_vi="Dừng chương trình đang dùng cổng này, hoặc khai “listen” khác ở phần [local] của cấu hình.",
    do_en="Stop the program that uses this port, or set another “listen” under [local] in the configuration.",
)
