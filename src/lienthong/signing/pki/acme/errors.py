"""The refusals of the ACME server, and the type of RFC 8555 clause 6.7 that a client's program knows each by."""

from __future__ import annotations

from lienthong.base.errors import ErrorCode, Retry, define

URN = "urn:ietf:params:acme:error:"

ACME_REQUEST_MALFORMED = define(
    "ACME_REQUEST_MALFORMED",
    Retry.PERMANENT,
    400,
    vi="Yêu cầu ACME không đúng dạng: {why}.",
    en="The ACME request is malformed: {why}.",
    do_vi="Cập nhật chương trình ACME; nếu vẫn lỗi, gửi câu này cho người viết chương trình đó.",
    do_en="Update the ACME client; if that does not help, send this sentence to its makers.",
)
ACME_METHOD_NOT_OFFERED = define(
    "ACME_METHOD_NOT_OFFERED",
    Retry.PERMANENT,
    405,
    vi="Địa chỉ ACME này chỉ nhận {wanted}.",
    en="This ACME address takes {wanted} only.",
    do_vi="Cập nhật chương trình ACME lên phiên bản theo RFC 8555.",
    do_en="Update the ACME client to one that follows RFC 8555.",
)
ACME_MEDIA_TYPE_WRONG = define(
    "ACME_MEDIA_TYPE_WRONG",
    Retry.PERMANENT,
    415,
    vi="Yêu cầu ACME phải có kiểu nội dung “application/jose+json”.",
    en="An ACME request must have the content type “application/jose+json”.",
    do_vi="Cập nhật chương trình ACME lên phiên bản theo RFC 8555.",
    do_en="Update the ACME client to one that follows RFC 8555.",
)
ACME_NOT_FOUND = define(
    "ACME_NOT_FOUND",
    Retry.PERMANENT,
    404,
    vi="Máy chủ ACME không có địa chỉ này, hoặc đơn đã quá hạn và bị xóa.",
    en="The ACME server has nothing at this address, or the order expired and was removed.",
    do_vi="Bắt đầu lại bằng một đơn mới; xem địa chỉ đầu tiên ở “/acme/directory”.",
    do_en="Begin anew with a new order; the first address is “/acme/directory”.",
)
ACME_NONCE_NOT_VALID = define(
    "ACME_NONCE_NOT_VALID",
    Retry.TRANSIENT,
    400,
    vi="Số dùng một lần của yêu cầu đã dùng, quá hạn hoặc không phải của máy chủ này.",
    en="The nonce of the request was used already, expired, or is not of this server.",
    do_vi="Chương trình ACME tự gửi lại với số mới trong “Replay-Nonce”; không cần làm gì.",
    do_en="The ACME client repeats by itself with the new one in “Replay-Nonce”; nothing needs to be done.",
)
ACME_URL_WRONG = define(
    "ACME_URL_WRONG",
    Retry.PERMANENT,
    403,
    vi="Yêu cầu ký cho một địa chỉ khác với địa chỉ nhận được.",
    en="The request was signed for another address than the one it came to.",
    do_vi="Dùng đúng tên và cổng của “--acme-name” và “--acme-port”; không đặt máy chủ trung gian đổi địa chỉ.",
    do_en="Use the name and port of “--acme-name” and “--acme-port”; put no proxy between that changes addresses.",
)
ACME_SIGNATURE_NOT_VALID = define(
    "ACME_SIGNATURE_NOT_VALID",
    Retry.PERMANENT,
    403,
    vi="Chữ ký của yêu cầu ACME sai.",
    en="The signature of the ACME request is wrong.",
    do_vi="Kiểm tra tài khoản và khóa mà chương trình ACME đang dùng.",
    do_en="Check which account and key the ACME client uses.",
)
ACME_ALGORITHM_NOT_OFFERED = define(
    "ACME_ALGORITHM_NOT_OFFERED",
    Retry.PERMANENT,
    400,
    vi="Thuật toán ký «{algorithm}» không được nhận, hoặc không hợp với khóa.",
    en="The signature algorithm “{algorithm}” is not accepted, or does not fit the key.",
    do_vi="Dùng RS256, ES256, ES384 hoặc EdDSA với khóa cùng loại.",
    do_en="Use RS256, ES256, ES384 or EdDSA with a key of that kind.",
)
ACME_KEY_NOT_ALLOWED = define(
    "ACME_KEY_NOT_ALLOWED",
    Retry.PERMANENT,
    400,
    vi="Khóa tài khoản ACME không được phép: {why}.",
    en="The ACME account key is not allowed: {why}.",
    do_vi="Tạo khóa P-256, P-384, Ed25519 hoặc RSA từ 2048 đến 8192 bit.",
    do_en="Make a P-256, P-384 or Ed25519 key, or RSA from 2048 to 8192 bits.",
)
ACME_KEY_TAKEN = define(
    "ACME_KEY_TAKEN",
    Retry.PERMANENT,
    409,
    vi="Khóa này đã thuộc về một tài khoản ACME khác.",
    en="This key belongs to another ACME account already.",
    do_vi="Tạo một khóa mới rồi đổi khóa lại.",
    do_en="Make a fresh key and change keys again.",
)
ACME_ACCOUNT_UNKNOWN = define(
    "ACME_ACCOUNT_UNKNOWN",
    Retry.PERMANENT,
    400,
    vi="Máy chủ ACME này không có tài khoản nào với khóa hay địa chỉ đó.",
    en="This ACME server has no account with that key or address.",
    do_vi="Đăng ký tài khoản mới trên máy chủ này.",
    do_en="Register a new account at this server.",
)
ACME_ACCOUNT_DEACTIVATED = define(
    "ACME_ACCOUNT_DEACTIVATED",
    Retry.PERMANENT,
    401,
    vi="Tài khoản ACME này đã ngừng.",
    en="This ACME account was deactivated.",
    do_vi="Đăng ký tài khoản mới bằng khóa mới; ngừng tài khoản không đảo ngược được.",
    do_en="Register a new account with a new key; a deactivation cannot be undone.",
)
ACME_NOT_ENTITLED = define(
    "ACME_NOT_ENTITLED",
    Retry.PERMANENT,
    403,
    vi="Tài khoản hay khóa này không có quyền với đối tượng được hỏi.",
    en="This account or key has no right to what it asks about.",
    do_vi="Dùng tài khoản đã gửi đơn, hoặc khóa của chính chứng thư số khi thu hồi.",
    do_en="Use the account that made the order, or to revoke the certificate's own key.",
)
ACME_EXTERNAL_ACCOUNT_REQUIRED = define(
    "ACME_EXTERNAL_ACCOUNT_REQUIRED",
    Retry.PERMANENT,
    403,
    vi="Máy chủ ACME này chỉ nhận tài khoản có mã do người vận hành cấp.",
    en="This ACME server takes only accounts bound to a key that its operator gave out.",
    do_vi="Xin mã (“lienthong pki acme-key”) và đưa vào lúc đăng ký (EAB).",
    do_en="Ask for a key (“lienthong pki acme-key”) and give it when registering (EAB).",
)
ACME_EXTERNAL_ACCOUNT_NOT_VALID = define(
    "ACME_EXTERNAL_ACCOUNT_NOT_VALID",
    Retry.PERMANENT,
    403,
    vi="Mã liên kết tài khoản (EAB) sai hoặc đã dùng cho tài khoản khác.",
    en="The external account binding (EAB) is wrong, or its key was used for another account.",
    do_vi="Kiểm tra tên và mã; mỗi mã chỉ dùng cho một tài khoản, mất thì xin mã mới.",
    do_en="Check name and key; each key serves one account, ask for a new one when it is lost.",
)
ACME_CONTACT_NOT_VALID = define(
    "ACME_CONTACT_NOT_VALID",
    Retry.PERMANENT,
    400,
    vi="Địa chỉ liên hệ «{contact}» không dùng được.",
    en="The contact address “{contact}” cannot be used.",
    do_vi="Dùng dạng “mailto:ten@co-quan.vn”, tối đa 5 địa chỉ.",
    do_en="Write it as “mailto:name@agency.vn”, at most 5 of them.",
)
ACME_IDENTIFIER_KIND_UNKNOWN = define(
    "ACME_IDENTIFIER_KIND_UNKNOWN",
    Retry.PERMANENT,
    400,
    vi="Loại tên «{kind}» không được cấp; chỉ có “dns” và “ip”.",
    en="Names of the kind “{kind}” are not certified; only “dns” and “ip” are.",
    do_vi="Đặt đơn cho tên máy hoặc địa chỉ IP.",
    do_en="Order for a host name or an IP address.",
)
ACME_IDENTIFIER_REFUSED = define(
    "ACME_IDENTIFIER_REFUSED",
    Retry.PERMANENT,
    400,
    vi="Không cấp chứng thư số cho «{value}»: {why}.",
    en="No certificate is issued for “{value}”: {why}.",
    do_vi="Ghi từng tên máy đầy đủ bằng chữ thường, không có dấu “*”; tên có dấu viết ở dạng “xn--”.",
    do_en="Write each full host name in lower case without “*”; names with accents in the form “xn--”.",
)
ACME_ADDRESS_NOT_ALLOWED = define(
    "ACME_ADDRESS_NOT_ALLOWED",
    Retry.PERMANENT,
    403,
    vi="«{value}» ở địa chỉ {address}, ngoài các mạng mà máy chủ ACME được phép hỏi.",
    en="“{value}” is at {address}, outside the networks that the ACME server may ask.",
    do_vi="Người vận hành thêm mạng bằng “--allow”, ví dụ “--allow 203.0.113.0/24”.",
    do_en="The operator adds the network with “--allow”, for example “--allow 203.0.113.0/24”.",
)
ACME_HOST_NOT_FOUND = define(
    "ACME_HOST_NOT_FOUND",
    Retry.TRANSIENT,
    400,
    vi="Không tìm thấy địa chỉ của «{value}».",
    en="The address of “{value}” was not found.",
    do_vi="Khai tên này trong DNS của mạng, rồi đặt đơn lại.",
    do_en="Enter the name in the network's DNS, then order again.",
)
ACME_HOST_NOT_REACHED = define(
    "ACME_HOST_NOT_REACHED",
    Retry.TRANSIENT,
    400,
    vi="Không hỏi được «{value}» ở {address} cổng {port}: {why}.",
    en="“{value}” at {address} port {port} could not be asked: {why}.",
    do_vi="Mở cổng đó cho máy chủ ACME trong lúc xác minh, rồi đặt đơn lại.",
    do_en="Open that port to the ACME server while it checks, then order again.",
)
ACME_ANSWER_NOT_EXPECTED = define(
    "ACME_ANSWER_NOT_EXPECTED",
    Retry.PERMANENT,
    403,
    vi="«{value}» trả lời khác với điều cần xác minh: {why}.",
    en="“{value}” answered otherwise than the check expects: {why}.",
    do_vi="Để tệp xác minh trả về trực tiếp từ “/.well-known/acme-challenge/”, không chuyển hướng.",
    do_en="Let the file of the check be answered directly below “/.well-known/acme-challenge/”, without a redirect.",
)
ACME_ORDER_NOT_READY = define(
    "ACME_ORDER_NOT_READY",
    Retry.PERMANENT,
    403,
    vi="Đơn đang ở trạng thái “{status}” nên chưa hoặc không còn cấp được.",
    en="The order is “{status}”, so that it cannot be finalized yet or any more.",
    do_vi="Chờ xác minh xong mọi tên; nếu đơn hỏng, đặt đơn mới.",
    do_en="Wait until every name is checked; when the order failed, make a new one.",
)
ACME_CSR_REFUSED = define(
    "ACME_CSR_REFUSED",
    Retry.PERMANENT,
    400,
    vi="Yêu cầu PKCS#10 không được nhận: {why}.",
    en="The PKCS #10 request is refused: {why}.",
    do_vi="Tạo lại yêu cầu với đúng các tên của đơn và khóa P-256, P-384 hoặc RSA từ 2048 bit, khác khóa tài khoản.",
    do_en="Make it again with exactly the order's names and a P-256, P-384 or RSA key of 2048 bits, not the account's.",
)
ACME_REVOKED_ALREADY = define(
    "ACME_REVOKED_ALREADY",
    Retry.PERMANENT,
    400,
    vi="Chứng thư số này đã bị thu hồi từ trước.",
    en="This certificate was revoked before.",
    do_vi="Không cần làm gì thêm.",
    do_en="Nothing needs to be done.",
)
ACME_REASON_NOT_ALLOWED = define(
    "ACME_REASON_NOT_ALLOWED",
    Retry.PERMANENT,
    400,
    vi="Lý do thu hồi «{reason}» không được nhận.",
    en="The revocation reason “{reason}” is not accepted.",
    do_vi="Dùng 0 (không nêu), 1 (lộ khóa), 3 (đổi cơ quan), 4 (đã thay) hoặc 5 (ngừng dùng).",
    do_en="Use 0 (unspecified), 1 (key compromise), 3 (affiliation changed), 4 (superseded) or 5 (cessation).",
)
ACME_TOO_MANY = define(
    "ACME_TOO_MANY",
    Retry.TRANSIENT,
    429,
    vi="Quá nhiều {what_vi} trên máy chủ ACME này.",
    en="There are too many {what_en} at this ACME server.",
    do_vi="Hoàn thành hoặc chờ các đơn cũ hết hạn rồi thử lại.",
    do_en="Finish the old orders or wait until they expire, then try again.",
)
ACME_STATE_BROKEN = define(
    "ACME_STATE_BROKEN",
    Retry.PERMANENT,
    500,
    vi="Tệp trạng thái ACME {file} đã hỏng.",
    en="The ACME state file {file} is damaged.",
    do_vi="Khôi phục tệp từ bản sao lưu, hoặc xóa tệp: chương trình ACME sẽ đăng ký hoặc đặt đơn lại.",
    do_en="Restore the file from the backup, or remove it: the clients register or order again.",
)

_TYPES = {
    "badNonce": (ACME_NONCE_NOT_VALID,), "badSignatureAlgorithm": (ACME_ALGORITHM_NOT_OFFERED,),
    "badPublicKey": (ACME_KEY_NOT_ALLOWED,), "accountDoesNotExist": (ACME_ACCOUNT_UNKNOWN,),
    "unauthorized": (
        ACME_URL_WRONG, ACME_SIGNATURE_NOT_VALID, ACME_ACCOUNT_DEACTIVATED, ACME_NOT_ENTITLED,
        ACME_EXTERNAL_ACCOUNT_NOT_VALID,
    ),
    "externalAccountRequired": (ACME_EXTERNAL_ACCOUNT_REQUIRED,), "invalidContact": (ACME_CONTACT_NOT_VALID,),
    "unsupportedIdentifier": (ACME_IDENTIFIER_KIND_UNKNOWN,),
    "rejectedIdentifier": (ACME_IDENTIFIER_REFUSED, ACME_ADDRESS_NOT_ALLOWED), "dns": (ACME_HOST_NOT_FOUND,),
    "connection": (ACME_HOST_NOT_REACHED,), "incorrectResponse": (ACME_ANSWER_NOT_EXPECTED,),
    "orderNotReady": (ACME_ORDER_NOT_READY,), "badCSR": (ACME_CSR_REFUSED,), "alreadyRevoked": (ACME_REVOKED_ALREADY,),
    "badRevocationReason": (ACME_REASON_NOT_ALLOWED,), "rateLimited": (ACME_TOO_MANY,),
}  # fmt: skip
_TYPE_OF = {code.name: name for name, codes in _TYPES.items() for code in codes}


def type_of(code: ErrorCode) -> str:
    """The URN of clause 6.7 for a code; for one that has none ``malformed`` or, when the fault is ours,
    ``serverInternal``."""
    return URN + _TYPE_OF.get(code.name, "malformed" if code.http < 500 else "serverInternal")
