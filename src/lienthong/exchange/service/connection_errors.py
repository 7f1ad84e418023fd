"""Refusals of systems that connect through a compatible face, and of their operator."""

from lienthong.base.errors import Retry, define

CREDENTIALS_WRONG = define(
    "CREDENTIALS_WRONG",
    Retry.PERMANENT,
    401,
    vi="Mã hệ thống hoặc khóa bí mật không đúng, hoặc kết nối đã bị thu hồi.",
    en="The system's identifier or its secret is wrong, or the connection was revoked.",
    do_vi="Kiểm tra mã hệ thống và khóa bí mật; thư mục lưu tệp chỉ nên có chữ không dấu. Nếu cần, xin cấp lại.",
    do_en="Check identifier and secret; the storing folder should have ASCII letters only. Else ask for a new secret.",
)
NETWORK_NOT_ALLOWED = define(
    "NETWORK_NOT_ALLOWED",
    Retry.PERMANENT,
    403,
    vi="Hệ thống «{system}» không được kết nối từ địa chỉ {address}.",
    en="The system “{system}” may not connect from the address {address}.",
    do_vi="Kết nối từ mạng đã đăng ký, hoặc đề nghị đơn vị vận hành trục bổ sung địa chỉ.",
    do_en="Connect from the registered network, or ask the operator of the axis to add the address.",
)
CONNECTION_UNKNOWN = define(
    "CONNECTION_UNKNOWN",
    Retry.PERMANENT,
    404,
    vi="Hệ thống «{system}» chưa có kết nối, hoặc kết nối đã bị thu hồi.",
    en="The system “{system}” has no connection, or it was revoked.",
    do_vi="Xem danh sách kết nối; tạo kết nối trước khi cấp lại khóa bí mật.",
    do_en="Look at the list of connections; add one before issuing a new secret.",
)
CONNECTION_EXISTS = define(
    "CONNECTION_EXISTS",
    Retry.PERMANENT,
    409,
    vi="Hệ thống «{system}» đã có kết nối đang dùng.",
    en="The system “{system}” has a connection already.",
    do_vi="Dùng lệnh đổi khóa bí mật, hoặc thu hồi kết nối cũ trước.",
    do_en="Rotate its secret, or revoke the old connection first.",
)
CONNECTION_CODE_CLAIMED = define(
    "CONNECTION_CODE_CLAIMED",
    Retry.PERMANENT,
    409,
    vi="Cơ quan «{agency}» đã do hệ thống «{system}» đại diện qua một kết nối khác.",
    en="The agency “{agency}” is served by the system “{system}” through another connection.",
    do_vi="Một cơ quan chỉ nên có một hệ thống nhận văn bản; thu hồi kết nối kia trước, hoặc chọn mã khác.",
    do_en="One system should receive for an agency; revoke the other connection first, or choose another code.",
)
NOT_FETCHED = define(
    "NOT_FETCHED",
    Retry.PERMANENT,
    409,
    vi="Văn bản chưa được hệ thống này tải về nên chưa xác nhận được.",
    en="The system has not fetched this document, so it cannot confirm it.",
    do_vi="Tải văn bản rồi mới cập nhật trạng thái.",
    do_en="Fetch the document first, then report its status.",
)
AGENCY_NOT_BELOW = define(
    "AGENCY_NOT_BELOW",
    Retry.PERMANENT,
    403,
    vi="Hệ thống «{system}» chỉ được thêm, sửa, xóa đơn vị trực thuộc nhánh của mình; «{agency}» không thuộc nhánh đó.",
    en="The system “{system}” may only change agencies below its own branch; “{agency}” is not below it.",
    do_vi="Kiểm tra mã đơn vị và mã đơn vị cấp trên, hoặc đề nghị đơn vị vận hành trục thực hiện.",
    do_en="Check the code and the code above it, or ask the operator of the axis to do it.",
)
AGENCY_FORM_WRONG = define(
    "AGENCY_FORM_WRONG",
    Retry.PERMANENT,
    422,
    vi="Thông tin đơn vị chưa đúng: {why_vi}.",
    en="The agency's particulars are not right: {why_en}.",
    do_vi="Sửa thông tin rồi gửi lại.",
    do_en="Correct them and send again.",
)
