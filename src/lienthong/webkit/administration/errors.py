"""What administration refuses."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

PERSON_FIELDS_WRONG = define(
    "PERSON_FIELDS_WRONG", Retry.PERMANENT, 422,
    vi="Có {count} chỗ cần sửa.",
    en="{count} entries need correcting.",
    do_vi="Sửa các ô được đánh dấu rồi gửi lại; những gì đã nhập vẫn còn.",
    do_en="Correct the marked entries and send again; what you typed is still there.",
)  # fmt: skip
LOGIN_TAKEN = define(
    "LOGIN_TAKEN", Retry.PERMANENT, 409,
    vi="Tên đăng nhập “{login}” đã có người dùng.",
    en="The login “{login}” is taken.",
    do_vi="Chọn tên khác, ví dụ thêm mã cơ quan ở cuối.",
    do_en="Choose another, for example with the agency's code at the end.",
)  # fmt: skip
SUBJECT_TAKEN = define(
    "SUBJECT_TAKEN", Retry.PERMANENT, 409,
    vi="Tên này ở hệ thống đăng nhập một lần đã gắn với tài khoản khác.",
    en="This name at single sign-on is linked to another account.",
    do_vi="Kiểm tra lại tên; nếu người đó đã chuyển cơ quan, quản trị của cơ quan cũ phải gỡ tên trước.",
    do_en="Check the name; if the person has moved, the administrator of the former agency has to unlink it first.",
)  # fmt: skip
NOT_FOR_YOURSELF = define(
    "NOT_FOR_YOURSELF", Retry.PERMANENT, 403,
    vi="Không ai tự thay đổi quyền của chính mình.",
    en="Nobody changes his own rights.",
    do_vi="Đề nghị một quản trị khác làm việc này.",
    do_en="Ask another administrator to do it.",
)  # fmt: skip
DELEGATION_NOT_POSSIBLE = define(
    "DELEGATION_NOT_POSSIBLE", Retry.PERMANENT, 422,
    vi="Chưa ủy quyền được: {reason_vi}.",
    en="The delegation is not possible: {reason_en}.",
    do_vi="Sửa lại rồi gửi lại.",
    do_en="Correct it and send again.",
)  # fmt: skip
