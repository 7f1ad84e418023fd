"""What any HTTP edge refuses before it looks at the matter itself."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

METHOD_NOT_ALLOWED = define(
    "METHOD_NOT_ALLOWED",
    Retry.PERMANENT,
    405,
    vi="Địa chỉ này không dùng được với phương thức {method}.",
    en="This address does not take the method {method}.",
    do_vi="Báo cho đơn vị cung cấp phần mềm kết nối.",
    do_en="Tell the supplier of your connecting software.",
)
LENGTH_REQUIRED = define(
    "LENGTH_REQUIRED",
    Retry.PERMANENT,
    411,
    vi="Yêu cầu thiếu tiêu đề Content-Length hợp lệ.",
    en="The request has no valid Content-Length header.",
    do_vi="Báo cho đơn vị cung cấp phần mềm kết nối.",
    do_en="Tell the supplier of your connecting software.",
)
BODY_TOO_LARGE = define(
    "BODY_TOO_LARGE",
    Retry.PERMANENT,
    413,
    vi="Thân yêu cầu dài {size} byte, vượt mức {limit} byte.",
    en="The body of the request has {size} bytes, more than {limit}.",
    do_vi="Chia nhỏ yêu cầu, hoặc tải tệp lớn lên theo từng phần.",
    do_en="Split the request, or upload large files piece by piece.",
)
REQUEST_MALFORMED = define(
    "REQUEST_MALFORMED",
    Retry.PERMANENT,
    400,
    vi="Yêu cầu không đúng quy cách ở «{member}»: {why}.",
    en="The request breaks the rules at “{member}”: {why}.",
    do_vi="Báo cho đơn vị cung cấp phần mềm kết nối.",
    do_en="Tell the supplier of your connecting software.",
)
