"""What the roles of the office refuse."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

MAIL_AWAY = define(
    "MAIL_AWAY", Retry.TRANSIENT, 503,
    vi="Chưa gửi được thư ({why}).",
    en="A letter could not be mailed ({why}).",
    do_vi="Kiểm tra mail_server, mail_user và tệp mật khẩu trong cấu hình; thư được gửi lại sau.",
    do_en="Check mail_server, mail_user and the password file in the configuration; it is sent again later.",
)  # fmt: skip

MAIL_REFUSED = define(
    "MAIL_REFUSED", Retry.PERMANENT, 422,
    vi="Máy chủ thư không nhận địa chỉ hoặc thư này ({why}).",
    en="The mail server does not take this address or letter ({why}).",
    do_vi="Sửa địa chỉ thư điện tử; thông báo vẫn có trên trang, văn bản gửi lại được từ dự thảo.",
    do_en="Correct the e-mail address; the notice is on the page, and a document can be sent again from its draft.",
)  # fmt: skip
