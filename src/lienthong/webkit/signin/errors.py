"""What is refused to whoever signs in. It never tells whether a login exists."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

SIGN_IN_WRONG = define(
    "SIGN_IN_WRONG", Retry.PERMANENT, 403,
    vi="Tên đăng nhập hoặc mật khẩu không đúng.",
    en="Login or password is not right.",
    do_vi="Kiểm tra phím Caps Lock và bộ gõ tiếng Việt; quên mật khẩu thì đề nghị quản trị của cơ quan cấp lại.",
    do_en="Check Caps Lock and the input method; ask your administrator for a new password if it is forgotten.",
)  # fmt: skip
SIGN_IN_SLOWED = define(
    "SIGN_IN_SLOWED", Retry.TRANSIENT, 429,
    vi="Sai quá nhiều lần. Thử lại sau {minutes} phút.",
    en="Too many failures. Try again in {minutes} minutes.",
    do_vi="Chờ hết thời gian trên; nếu không phải anh/chị đã thử, báo quản trị.",
    do_en="Wait that long; tell the administrator if it was not you who tried.",
)  # fmt: skip
CODE_WRONG = define(
    "CODE_WRONG", Retry.PERMANENT, 403,
    vi="Mã xác thực không đúng hoặc đã dùng.",
    en="The code is not right or was used already.",
    do_vi="Chờ mã mới trong ứng dụng rồi nhập lại; kiểm tra giờ của điện thoại. Có thể dùng một mã khôi phục.",
    do_en="Wait for the next code and enter it; check the clock of your phone. A recovery code works too.",
)  # fmt: skip
PASSWORD_WEAK = define(
    "PASSWORD_WEAK", Retry.PERMANENT, 400,
    vi="Mật khẩu mới chưa đạt: {reason_vi}.",
    en="The new password will not do: {reason_en}.",
    do_vi="Chọn một câu dài từ 12 ký tự, không chứa tên đăng nhập hay họ tên.",
    do_en="Choose a phrase of 12 characters or more without your login or name.",
)  # fmt: skip
