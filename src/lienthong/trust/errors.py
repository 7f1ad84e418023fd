"""The refusals of signatures, keys, certificates and timestamps."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

KEY_NOT_READABLE = define(
    "KEY_NOT_READABLE",
    Retry.PERMANENT,
    422,
    vi="Không đọc được khóa: {reason}.",
    en="The key cannot be read: {reason}.",
    do_vi="Gửi khóa dạng PEM hoặc DER chuẩn và kiểm tra mật khẩu của khóa.",
    do_en="Supply the key as standard PEM or DER and check its password.",
)
KEY_NOT_ALLOWED = define(
    "KEY_NOT_ALLOWED",
    Retry.PERMANENT,
    422,
    vi="Khóa không thuộc loại được phép dùng: {reason}.",
    en="The key is not of an allowed kind: {reason}.",
    do_vi="Dùng khóa P-256, P-384 hoặc RSA từ 2048 bit trở lên.",
    do_en="Use a P-256, P-384 or RSA key of at least 2048 bits.",
)
ALGORITHM_NOT_ALLOWED = define(
    "ALGORITHM_NOT_ALLOWED",
    Retry.PERMANENT,
    401,
    vi="Thuật toán ký {algorithm} không được phép dùng với khóa này tại thời điểm này.",
    en="The signature algorithm {algorithm} is not allowed with this key at this time.",
    do_vi="Ký lại bằng thuật toán nằm trong danh sách được phép.",
    do_en="Sign again with an algorithm of the allowed list.",
)
SIGNER_NOT_KNOWN = define(
    "SIGNER_NOT_KNOWN",
    Retry.PERMANENT,
    401,
    vi="Không nhận ra khóa ký {key_id}.",
    en="The signing key {key_id} is not known.",
    do_vi="Đăng ký khóa này trong danh bạ hoặc ký bằng khóa đã đăng ký.",
    do_en="Register this key in the directory, or sign with a registered key.",
)
SIGNATURE_NOT_VALID = define(
    "SIGNATURE_NOT_VALID",
    Retry.PERMANENT,
    401,
    vi="Chữ ký số không khớp với nội dung.",
    en="The digital signature does not match the content.",
    do_vi="Kiểm tra nội dung có bị thay đổi sau khi ký hay không, rồi ký và gửi lại.",
    do_en="Check whether the content changed after it was signed, then sign and send again.",
)
JWS_MALFORMED = define(
    "JWS_MALFORMED",
    Retry.PERMANENT,
    400,
    vi="Bản tin ký JWS sai định dạng: {reason}.",
    en="The signed JWS message is malformed: {reason}.",
    do_vi="Gửi JWS dạng rút gọn, phần đầu chỉ gồm alg, kid và typ.",
    do_en="Send a compact JWS whose header holds only alg, kid and typ.",
)
CONTENT_DIGEST_MALFORMED = define(
    "CONTENT_DIGEST_MALFORMED",
    Retry.PERMANENT,
    400,
    vi="Tiêu đề Content-Digest sai định dạng hoặc thiếu sha-256: {reason}.",
    en="The Content-Digest header is malformed or lacks sha-256: {reason}.",
    do_vi="Gửi Content-Digest dạng sha-256=:…: theo RFC 9530.",
    do_en="Send Content-Digest as sha-256=:…: after RFC 9530.",
)
CONTENT_DIGEST_MISMATCH = define(
    "CONTENT_DIGEST_MISMATCH",
    Retry.TRANSIENT,
    400,
    vi="Nội dung nhận được không khớp với giá trị băm đã khai báo.",
    en="The content received does not match its declared digest.",
    do_vi="Gửi lại nguyên vẹn nội dung; có thể dữ liệu đã hỏng trên đường truyền.",
    do_en="Send the whole content again; it may have been damaged on the way.",
)
HTTP_SIGNATURE_MISSING = define(
    "HTTP_SIGNATURE_MISSING",
    Retry.PERMANENT,
    401,
    vi="Yêu cầu chưa được ký.",
    en="The request is not signed.",
    do_vi="Ký yêu cầu theo RFC 9421 bằng khóa của hệ thống đã đăng ký.",
    do_en="Sign the request after RFC 9421 with the key of the registered system.",
)
HTTP_SIGNATURE_MALFORMED = define(
    "HTTP_SIGNATURE_MALFORMED",
    Retry.PERMANENT,
    400,
    vi="Chữ ký của yêu cầu sai định dạng: {reason}.",
    en="The request's signature is malformed: {reason}.",
    do_vi="Kiểm tra các tiêu đề Signature-Input và Signature theo RFC 9421.",
    do_en="Check the headers Signature-Input and Signature against RFC 9421.",
)
HTTP_SIGNATURE_INCOMPLETE = define(
    "HTTP_SIGNATURE_INCOMPLETE",
    Retry.PERMANENT,
    401,
    vi="Chữ ký của yêu cầu không bao gồm thành phần bắt buộc: {missing}.",
    en="The request's signature does not cover a required component: {missing}.",
    do_vi="Ký lại, đưa đủ các thành phần bắt buộc vào chữ ký.",
    do_en="Sign again and cover every required component.",
)
HTTP_SIGNATURE_OUT_OF_TIME = define(
    "HTTP_SIGNATURE_OUT_OF_TIME",
    Retry.PERMANENT,
    401,
    vi="Chữ ký của yêu cầu được tạo ngoài khoảng thời gian cho phép ({reason}).",
    en="The request's signature was created outside the permitted time ({reason}).",
    do_vi="Đồng bộ đồng hồ của hệ thống và ký lại yêu cầu.",
    do_en="Synchronise the system's clock and sign the request again.",
)
CERTIFICATE_NOT_READABLE = define(
    "CERTIFICATE_NOT_READABLE",
    Retry.PERMANENT,
    422,
    vi="Không đọc được dữ liệu chứng thư số: {reason}.",
    en="The certificate data cannot be read: {reason}.",
    do_vi="Gửi chứng thư số, CRL hoặc OCSP dạng PEM hoặc DER chuẩn.",
    do_en="Supply the certificate, CRL or OCSP answer as standard PEM or DER.",
)
XML_NOT_SIGNABLE = define(
    "XML_NOT_SIGNABLE",
    Retry.PERMANENT,
    422,
    vi="Không thể ký tệp XML này: {reason}.",
    en="This XML file cannot be signed: {reason}.",
    do_vi="Kiểm tra tệp là XML đúng chuẩn, không có DOCTYPE và chưa có chữ ký.",
    do_en="Check that the file is well-formed XML without a DOCTYPE and not signed yet.",
)
TIMESTAMP_MALFORMED = define(
    "TIMESTAMP_MALFORMED",
    Retry.PERMANENT,
    422,
    vi="Dấu thời gian sai định dạng: {reason}.",
    en="The timestamp is malformed: {reason}.",
    do_vi="Xin cấp lại dấu thời gian theo RFC 3161.",
    do_en="Obtain the timestamp again after RFC 3161.",
)
PROOF_NOT_VALID = define(
    "PROOF_NOT_VALID",
    Retry.PERMANENT,
    422,
    vi="Việc kiểm tra không đạt: {reason}",
    en="The verification did not pass: {reason}",
    do_vi="Xem từng mục trong báo cáo kiểm tra để biết nguyên nhân.",
    do_en="See each item of the verification report for the cause.",
)
