"""What a web context refuses to people."""

from __future__ import annotations

from lienthong.base.errors import Refused, Retry, define

SIGN_IN_NEEDED = define(
    "SIGN_IN_NEEDED", Retry.PERMANENT, 401,
    vi="Anh/chị chưa đăng nhập, hoặc phiên làm việc đã hết.",
    en="You are not signed in, or the session has ended.",
    do_vi="Đăng nhập lại; việc đang làm dở trên trang vẫn còn nếu chưa đóng trang.",
    do_en="Sign in again; what you typed is still on the page if you have not closed it.",
)  # fmt: skip
DUTY_MISSING = define(
    "DUTY_MISSING", Retry.PERMANENT, 403,
    vi="Trang này dành cho: {duties_vi}.",
    en="This page is for: {duties_en}.",
    do_vi="Nếu công việc cần đến, đề nghị quản trị của cơ quan phân công vai trò.",
    do_en="If your work needs it, ask your agency's administrator for the role.",
)  # fmt: skip
NOT_FOUND_HERE = define(
    "NOT_FOUND_HERE", Retry.PERMANENT, 404,
    vi="Không có trang hoặc tài liệu này, hoặc anh/chị không có quyền xem.",
    en="There is no such page or document, or you may not see it.",
    do_vi="Kiểm tra đường dẫn; tìm văn bản bằng ô tìm kiếm; hỏi người đã gửi đường dẫn.",
    do_en="Check the address; look for the document with the search box; ask whoever sent the link.",
)  # fmt: skip
FORM_STALE = define(
    "FORM_STALE", Retry.PERMANENT, 409,
    vi="Nội dung này đã được {who_vi} thay đổi {at_vi} trong khi anh/chị đang sửa.",
    en="{who_en} changed this {at_en} while you were editing.",
    do_vi="Mở lại trang để xem bản mới, rồi nhập lại phần của mình. Chưa có gì bị ghi đè.",
    do_en="Open the page again to see the new version and enter your part again. Nothing was overwritten.",
)  # fmt: skip
FORM_EXPIRED = define(
    "FORM_EXPIRED", Retry.PERMANENT, 403,
    vi="Trang này mở đã lâu hoặc được gửi từ nơi khác, nên hệ thống không nhận.",
    en="This page was opened too long ago or was sent from elsewhere, so it was not accepted.",
    do_vi="Quay lại, tải lại trang rồi gửi lại. Chưa có gì bị thay đổi.",
    do_en="Go back, reload the page and send again. Nothing was changed.",
)  # fmt: skip
ONLY_BY_FORM = define(
    "ONLY_BY_FORM", Retry.PERMANENT, 405,
    vi="Địa chỉ này thực hiện một việc, nên không mở được bằng đường dẫn.",
    en="This address does something, so it does not open as a link.",
    do_vi="Chưa có gì bị thay đổi. Về trang đầu, mở trang có việc cần làm rồi bấm nút ở đó.",
    do_en="Nothing was changed. Go to the first page, open the page with the matter and press the button there.",
)  # fmt: skip
PAGE_FAULT = define(
    "PAGE_FAULT", Retry.TRANSIENT, 500,
    vi="Hệ thống gặp lỗi khi xử lý yêu cầu này. Mã theo dõi: {trace}.",
    en="The system failed while handling this request. Trace: {trace}.",
    do_vi="Chưa có gì bị thay đổi. Thử lại; nếu vẫn lỗi, gửi mã theo dõi cho quản trị.",
    do_en="Nothing was changed. Try again; if it fails again, give the trace to the administrator.",
)  # fmt: skip
INPUT_WRONG = define(
    "INPUT_WRONG", Retry.PERMANENT, 400,
    vi="Dữ liệu gửi lên không dùng được: {reason_vi}.",
    en="What was sent cannot be used: {reason_en}.",
    do_vi="Sửa lại rồi gửi lại.",
    do_en="Correct it and send again.",
)  # fmt: skip


UPLOAD_TOO_LARGE = define(
    "UPLOAD_TOO_LARGE", Retry.PERMANENT, 413,
    vi="Nội dung gửi lên dài {size}, quá mức {limit}.",
    en="What was sent has {size}, more than {limit}.",
    do_vi="Chưa có gì được ghi. Giảm dung lượng (quét lại ở 300 dpi, đen trắng) hoặc tách thành nhiều tệp rồi gửi lại.",
    do_en="Nothing was kept. Make the file smaller (scan at 300 dpi, black and white) or split it, and send again.",
)  # fmt: skip
UPLOAD_BROKE_OFF = define(
    "UPLOAD_BROKE_OFF", Retry.TRANSIENT, 400,
    vi="Kết nối bị ngắt khi nội dung chưa lên hết.",
    en="The connection broke off before everything had arrived.",
    do_vi="Chưa có gì được ghi. Kiểm tra mạng rồi gửi lại.",
    do_en="Nothing was kept. Check the network and send again.",
)  # fmt: skip


def stale(who: str = "", at: str = "") -> Refused:
    """FORM_STALE, in words that stand in both languages when it is not known who changed it, or at what time."""
    return Refused(
        FORM_STALE,
        who_vi=who or "người khác", who_en=who or "Somebody else",
        at_vi=f"lúc {at}" if at else "vừa rồi", at_en=f"at {at}" if at else "just now",
    )  # fmt: skip
