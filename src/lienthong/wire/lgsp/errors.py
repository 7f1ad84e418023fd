"""Why a token of this façade does not count. Source: docs/protocols/lgsp.md §2."""

from lienthong.base.errors import Retry, define

LGSP_TOKEN_WRONG = define(
    "LGSP_TOKEN_WRONG",
    Retry.PERMANENT,
    401,
    vi="Mã truy cập (token) bị thiếu, không đúng, hoặc không phải của hệ thống này.",
    en="The token is missing or wrong, or it belongs to another system.",
    do_vi="Đăng nhập lại bằng systemid và khóa bí mật của chính hệ thống, rồi gửi lại yêu cầu với token mới.",
    do_en="Log in again with the system's own identifier and secret, then repeat the request with the new token.",
)
LGSP_TOKEN_EXPIRED = define(
    "LGSP_TOKEN_EXPIRED",
    Retry.PERMANENT,
    401,
    vi="Mã truy cập (token) đã hết hạn lúc {at}.",
    en="The token expired at {at}.",
    do_vi="Đăng nhập lại rồi gửi lại yêu cầu với token mới.",
    do_en="Log in again and repeat the request with the new token.",
)
