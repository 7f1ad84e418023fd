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
PASSKEY_WRONG = define(
    "PASSKEY_WRONG", Retry.PERMANENT, 403,
    vi="Không đăng nhập được bằng khóa truy cập này.",
    en="This passkey did not open the system.",
    do_vi="Thử lại. Nếu khóa không còn trong danh sách của anh/chị, đăng nhập bằng mật khẩu và mã xác thực.",
    do_en="Try once more. If the key is no longer in your list, sign in with password and code.",
)  # fmt: skip
PASSKEY_NOT_MADE = define(
    "PASSKEY_NOT_MADE", Retry.PERMANENT, 422,
    vi="Chưa thêm được khóa truy cập.",
    en="The passkey was not added.",
    do_vi="Bấm thêm khóa lại và làm theo thiết bị trong vòng 5 phút; thiết bị phải có khóa màn hình hoặc mã PIN.",
    do_en="Press add again and follow the device within 5 minutes; it must have a screen lock or a PIN.",
)  # fmt: skip
PASSKEY_LIMIT = define(
    "PASSKEY_LIMIT", Retry.PERMANENT, 409,
    vi="Mỗi tài khoản có nhiều nhất {most} khóa truy cập.",
    en="An account has at most {most} passkeys.",
    do_vi="Xóa một khóa không còn dùng rồi thêm khóa mới.",
    do_en="Remove a key that is no longer used, then add the new one.",
)  # fmt: skip
SIGN_IN_ELSEWHERE = define(
    "SIGN_IN_ELSEWHERE", Retry.PERMANENT, 403,
    vi="Tài khoản này chỉ đăng nhập qua đăng nhập một lần của cơ quan.",
    en="This account signs in only through your agency's single sign-on.",
    do_vi="Bấm nút đăng nhập một lần trên trang đăng nhập. Nếu hệ thống đó hỏng, quản trị dùng tài khoản dự phòng.",
    do_en="Press the button for single sign-on. If that system is down, administrators use the break-glass account.",
)  # fmt: skip
SINGLE_FAILED = define(
    "SINGLE_FAILED", Retry.TRANSIENT, 403,
    vi="Đăng nhập một lần không thành: {reason_vi}.",
    en="Single sign-on did not succeed: {reason_en}.",
    do_vi="Thử lại từ trang đăng nhập. Nếu vẫn lỗi, báo quản trị kèm thời điểm này.",
    do_en="Try again from the sign-in page. If it fails again, tell the administrator the time.",
)  # fmt: skip
SINGLE_UNKNOWN = define(
    "SINGLE_UNKNOWN", Retry.PERMANENT, 403,
    vi="Hệ thống đăng nhập một lần đã nhận ra anh/chị ({subject}), nhưng ở đây chưa có tài khoản nào gắn với tên đó.",
    en="Single sign-on knows you ({subject}), but no account here is linked to that name.",
    do_vi="Gửi tên trong ngoặc cho quản trị của cơ quan để gắn vào tài khoản của anh/chị.",
    do_en="Give the name in brackets to your agency's administrator, who links it to your account.",
)  # fmt: skip
SINGLE_UNREACHABLE = define(
    "SINGLE_UNREACHABLE", Retry.TRANSIENT, 503,
    vi="Chưa liên lạc được với hệ thống đăng nhập một lần.",
    en="The system of single sign-on cannot be reached.",
    do_vi="Thử lại sau ít phút. Tài khoản không gắn đăng nhập một lần vẫn vào bằng mật khẩu và mã.",
    do_en="Try again in some minutes. Accounts that are not linked still sign in with password and code.",
)  # fmt: skip
