"""What the office refuses, in the words of clerical work."""

from __future__ import annotations

from lienthong.base.errors import Problem, ProblemKind, Refused, Retry, define

REGISTER_CLOSED = define(
    "REGISTER_CLOSED", Retry.PERMANENT, 409,
    vi="Sổ “{register}” đã khóa, không cấp số được nữa.",
    en="The register “{register}” is closed and gives no numbers.",
    do_vi="Mở sổ của năm nay, hoặc chọn sổ khác.",
    do_en="Open the register of this year, or choose another one.",
)  # fmt: skip
NUMBER_IN_CLOSED_REGISTER = define(
    "NUMBER_IN_CLOSED_REGISTER", Retry.PERMANENT, 409,
    vi="Số {number} nằm trong sổ “{register}” đã khóa; sổ đã khóa thì không sửa được nữa.",
    en="Number {number} stands in the register “{register}”, which is closed and does not change any more.",
    do_vi="Phát hành văn bản, cần thì thu hồi sau; nếu không dùng số này, lập biên bản và lưu cùng sổ đã khóa.",
    do_en="Issue the document, and recall it if need be; or write minutes on the number, kept with the register.",
)  # fmt: skip
REGISTER_MISSING = define(
    "REGISTER_MISSING", Retry.PERMANENT, 409,
    vi="Chưa mở sổ {direction} của năm {year} cho loại văn bản này.",
    en="No {direction} register of {year} is open for this kind of document.",
    do_vi="Văn thư mở sổ ở trang Sổ đăng ký.",
    do_en="The registrar opens one on the page of registers.",
)  # fmt: skip
STEP_NOT_POSSIBLE = define(
    "STEP_NOT_POSSIBLE", Retry.PERMANENT, 409,
    vi="Không làm được bước này: {reason_vi}.",
    en="This step is not possible: {reason_en}.",
    do_vi="Tải lại trang để xem tình trạng hiện tại.",
    do_en="Reload the page to see how things stand.",
)  # fmt: skip
NOT_YOURS = define(
    "NOT_YOURS", Retry.PERMANENT, 403,
    vi="Anh/chị không làm được việc này: {reason_vi}.",
    en="You may not do this: {reason_en}.",
    do_vi="Đề nghị đúng người làm, hoặc nhờ quản trị phân công, ủy quyền.",
    do_en="Ask the right person, or have the administrator assign or delegate it.",
)  # fmt: skip
SIGNER_CHANGED = define(
    "SIGNER_CHANGED", Retry.PERMANENT, 409,
    vi="Người ký đã thay đổi: {reason_vi}.",
    en="The signer has changed: {reason_en}.",
    do_vi="Trả lại dự thảo; người soạn chọn lại người ký, tạo lại văn bản rồi trình lại.",
    do_en="Return the draft; its drafter chooses the signer again, lays it out anew and submits it.",
)  # fmt: skip
FIELDS_WRONG = define(
    "FIELDS_WRONG", Retry.PERMANENT, 400,
    vi="Có {count} chỗ cần sửa.",
    en="{count} entries need correcting.",
    do_vi="Sửa các ô được đánh dấu rồi gửi lại; những gì đã nhập vẫn còn.",
    do_en="Correct the marked entries and send again; what you typed is still there.",
)  # fmt: skip
FILE_NOT_TAKEN = define(
    "FILE_NOT_TAKEN", Retry.PERMANENT, 400,
    vi="Không nhận tệp “{name}”: {reason_vi}.",
    en="The file “{name}” was not taken: {reason_en}.",
    do_vi="Chọn tệp khác; các tệp khác và phần đã nhập không bị ảnh hưởng.",
    do_en="Choose another file; the others and what you typed are not affected.",
)  # fmt: skip
SECRET_NOT_ALLOWED = define(
    "SECRET_NOT_ALLOWED", Retry.PERMANENT, 403,
    vi="Văn bản mang dấu mật không được đưa vào hệ thống này.",
    en="A document with a secrecy mark must not enter this system.",
    do_vi="Xử lý theo quy định bảo vệ bí mật nhà nước, ở sổ và mạng riêng; báo người phụ trách nếu tệp đã tải lên.",
    do_en="Handle it under the rules on state secrets, in their own register and network; report an upload.",
)  # fmt: skip
SIGNING_SECRET_WRONG = define(
    "SIGNING_SECRET_WRONG", Retry.PERMANENT, 409,
    vi="Mật khẩu của khóa ký không đúng hoặc còn thiếu; chưa ký gì.",
    en="The password of the signing key is wrong or missing; nothing was signed.",
    do_vi="Nhập lại mật khẩu của tệp khóa (không phải mật khẩu đăng nhập).",
    do_en="Enter the password of the key file again (not the one you sign in with).",
)  # fmt: skip
MAILBOX_AWAY = define(
    "MAILBOX_AWAY", Retry.TRANSIENT, 503,
    vi="Chưa đọc được hộp thư của cơ quan ({why}).",
    en="The agency's mailbox could not be read ({why}).",
    do_vi="Kiểm tra địa chỉ máy chủ, tài khoản và mật khẩu hộp thư; hệ thống tự thử lại.",
    do_en="Check the mailbox's server, account and password; it is tried again by itself.",
)  # fmt: skip
AGENCY_UNKNOWN_HERE = define(
    "AGENCY_UNKNOWN_HERE", Retry.PERMANENT, 404,
    vi="Ở đây không có cơ quan mã “{agency}”.",
    en="There is no agency “{agency}” here.",
    do_vi="Thêm bằng: lienthong office add-agency.",
    do_en="Add it with: lienthong office add-agency.",
)  # fmt: skip
AGENCY_EXISTS = define(
    "AGENCY_EXISTS", Retry.PERMANENT, 409,
    vi="Cơ quan mã “{agency}” đã có.",
    en="The agency “{agency}” exists already.",
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
DUPLICATE_SUSPECTED = define(
    "DUPLICATE_SUSPECTED", Retry.PERMANENT, 409,
    vi="Có thể văn bản này đã được tiếp nhận.",
    en="This document may have been received before.",
    do_vi="Xem các văn bản nghi trùng bên dưới; nếu không trùng, đánh dấu xác nhận rồi lưu lại.",
    do_en="Look at the documents below; if it is another one, tick the confirmation and save again.",
)  # fmt: skip
IMPORT_TABLE_UNREADABLE = define(
    "IMPORT_TABLE_UNREADABLE", Retry.PERMANENT, 422,
    vi="Không đọc được bảng “{name}”: {why_vi}.",
    en="The table “{name}” cannot be read: {why_en}.",
    do_vi="Sửa tệp rồi tải lên lại; chưa có gì được nhập.",
    do_en="Correct the file and upload it again; nothing was imported.",
)  # fmt: skip
IMPORT_PACKAGE_REFUSED = define(
    "IMPORT_PACKAGE_REFUSED", Retry.PERMANENT, 422,
    vi="Không nhận gói tệp “{name}”: {why_vi}.",
    en="The package of files “{name}” was not taken: {why_en}.",
    do_vi="Nén lại các tệp thành ZIP thường, chia thành nhiều gói nếu lớn, rồi tải lên lại.",
    do_en="Pack the files into a plain ZIP again, into several if they are large, and upload that.",
)  # fmt: skip
HOOK_TARGET_NOT_ALLOWED = define(
    "HOOK_TARGET_NOT_ALLOWED", Retry.PERMANENT, 400,
    vi="Không được báo tới địa chỉ này: {why}.",
    en="This address may not be called: {why}.",
    do_vi="Dùng https; mạng nội bộ phải có trong webhook_targets của cấu hình văn phòng.",
    do_en="Use https; internal networks must be listed in webhook_targets of the office's configuration.",
)  # fmt: skip
HOOK_NOT_ANSWERED = define(
    "HOOK_NOT_ANSWERED", Retry.TRANSIENT, 502,
    vi="Nơi nhận báo chưa trả lời đúng: {why}.",
    en="The receiver of the call did not answer as it should: {why}.",
    do_vi="Kiểm tra phần mềm nhận; hệ thống tự báo lại, giãn dần, trong ba ngày.",
    do_en="Check the receiving program; the call is repeated at growing intervals for three days.",
)  # fmt: skip
PUSH_NOT_POSSIBLE = define(
    "PUSH_NOT_POSSIBLE", Retry.PERMANENT, 400,
    vi="Chưa bật được thông báo đẩy trên máy này: {reason_vi}.",
    en="Push notices could not be switched on for this device: {reason_en}.",
    do_vi="Thử trình duyệt khác; nếu cần, quản trị hệ thống thêm máy chủ vào push_hosts của cấu hình văn phòng.",
    do_en="Try another browser; the operator may list the push service in push_hosts of the office's configuration.",
)  # fmt: skip
KEY_REUSED = define(
    "KEY_REUSED", Retry.PERMANENT, 422,
    vi="Khóa Idempotency-Key này đã dùng cho một yêu cầu khác.",
    en="This Idempotency-Key was used for another request.",
    do_vi="Mỗi yêu cầu khác nhau dùng một khóa mới.",
    do_en="Use a new key for each different request.",
)  # fmt: skip
REVISION_CHANGED = define(
    "REVISION_CHANGED", Retry.PERMANENT, 412,
    vi="Văn bản đã thay đổi so với bản mà If-Match nêu.",
    en="The document has changed since the version that If-Match names.",
    do_vi="Đọc lại văn bản, quyết định lại, rồi gửi với ETag mới.",
    do_en="Read the document again, decide again, and send with the new ETag.",
)  # fmt: skip
DEVICE_CERTIFICATE_FOREIGN = define(
    "DEVICE_CERTIFICATE_FOREIGN", Retry.PERMANENT, 409,
    vi="Chứng thư số trên thiết bị là của “{subject}”, không phải của {person}; chưa ký gì.",
    en="The certificate on the device is of “{subject}”, not of {person}; nothing was signed.",
    do_vi="Cắm thiết bị của chính anh/chị, hoặc nhờ quản trị sửa họ tên trong tài khoản cho đúng chứng thư số.",
    do_en="Plug in your own device, or have the administrator correct the name of your account.",
)  # fmt: skip
DEVICE_CERTIFICATE_NOT_TRUSTED = define(
    "DEVICE_CERTIFICATE_NOT_TRUSTED", Retry.PERMANENT, 409,
    vi="Chưa tin được chứng thư số “{subject}” trên thiết bị: {why_vi}",
    en="The certificate “{subject}” on the device is not trusted: {why_en}",
    do_vi="Nhờ quản trị khai kho tin cậy (khóa “trust”) hoặc chứng thư số trong hồ sơ ký của anh/chị.",
    do_en="Have the administrator set the trust stores (key “trust”) or the certificate in your signer's profile.",
)  # fmt: skip
DEVICE_CERTIFICATE_NOT_CONFIRMED = define(
    "DEVICE_CERTIFICATE_NOT_CONFIRMED", Retry.PERMANENT, 409,
    vi="Chứng thư số “{subject}” mang tên {person} nhưng {why_vi}; chưa ký gì.",
    en="The certificate “{subject}” bears the name of {person}, but {why_en}; nothing was signed.",
    do_vi="Nhờ quản trị xác nhận chứng thư số này ở trang Chứng thư số thiết bị, rồi ký lại.",
    do_en="The administrator confirms on the page of device certificates that it is yours; then sign again.",
)  # fmt: skip
DEVICE_SIGNING_EXPIRED = define(
    "DEVICE_SIGNING_EXPIRED", Retry.PERMANENT, 409,
    vi="Lượt ký bằng thiết bị này đã hết hạn hoặc không phải của anh/chị.",
    en="This signing with the device has expired or is not yours.",
    do_vi="Mở lại trang Ký số, đánh dấu các văn bản chưa ký rồi ký lại.",
    do_en="Open the signing page again, tick what is not signed yet and sign again.",
)  # fmt: skip


def impossible(vi: str, en: str) -> Refused:
    """STEP_NOT_POSSIBLE with its reason."""
    return Refused(STEP_NOT_POSSIBLE, reason_vi=vi, reason_en=en)


def wrong_field(kind: ProblemKind, field: str, vi: str, en: str) -> Refused:
    """FIELDS_WRONG for one field of a form."""
    return Refused(FIELDS_WRONG, (Problem(kind, field, vi, en),), count=1)
