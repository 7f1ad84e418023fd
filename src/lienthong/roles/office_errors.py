"""What the roles of the office refuse."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

MAIL_AWAY = define(
    "MAIL_AWAY", Retry.TRANSIENT, 503,
    vi="Chưa gửi được thư thông báo ({why}).",
    en="A notice could not be mailed ({why}).",
    do_vi="Kiểm tra mail_server, mail_user và tệp mật khẩu trong cấu hình; thư được gửi lại sau.",
    do_en="Check mail_server, mail_user and the password file in the configuration; it is sent again later.",
)  # fmt: skip
AGENCY_UNKNOWN_HERE = define(
    "AGENCY_UNKNOWN_HERE", Retry.PERMANENT, 404,
    vi="Ở đây không có cơ quan mã “{code}”.",
    en="There is no agency “{code}” here.",
    do_vi="Thêm bằng: lienthong office add-agency.",
    do_en="Add it with: lienthong office add-agency.",
)  # fmt: skip
AGENCY_EXISTS = define(
    "AGENCY_EXISTS", Retry.PERMANENT, 409,
    vi="Cơ quan mã “{code}” đã có.",
    en="The agency “{code}” exists already.",
    do_vi="Dùng mã khác, hoặc thêm người vào cơ quan đó.",
    do_en="Use another code, or add people to that agency.",
)  # fmt: skip
PERSON_NOT_USABLE = define(
    "PERSON_NOT_USABLE", Retry.PERMANENT, 400,
    vi="Không lập được tài khoản “{login}”: {reason_vi}.",
    en="The account “{login}” cannot be made: {reason_en}.",
    do_vi="Sửa rồi chạy lại; chưa có gì được ghi.",
    do_en="Correct it and run again; nothing was written.",
)  # fmt: skip
LOGIN_UNKNOWN = define(
    "LOGIN_UNKNOWN", Retry.PERMANENT, 404,
    vi="Không có tài khoản “{login}”.",
    en="There is no account “{login}”.",
    do_vi="Kiểm tra tên đăng nhập.",
    do_en="Check the login.",
)  # fmt: skip
