"""Refusals of a system's key, wherever it is kept: a file, a PKCS #12 bundle or a PKCS #11 token."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

KEY_PASSWORD_WRONG = define(
    "KEY_PASSWORD_WRONG",
    Retry.PERMANENT,
    500,
    vi="Không mở được {path}: mật khẩu thiếu hoặc không đúng, hoặc tệp không phải PKCS#12.",
    en="{path} cannot be opened: its password is missing or wrong, or it is no PKCS#12 file.",
    do_vi="Ghi đúng mật khẩu vào tệp nêu ở “key_password_file”; kiểm tra bằng “openssl pkcs12 -info -in {path}”.",
    do_en="Put the right password into the “key_password_file”; check with “openssl pkcs12 -info -in {path}”.",
)
KEY_SECRET_MISSING = define(
    "KEY_SECRET_MISSING",
    Retry.PERMANENT,
    500,
    vi="Chưa có mật khẩu hoặc mã PIN của khoá: {where}.",
    en="The key's password or PIN is not there: {where}.",
    do_vi="Khai “key_password_file” (tệp chmod 600) hoặc đặt biến môi trường nêu ở “key_password_env”.",
    do_en="Set “key_password_file” (a file with mode 600), or the variable that “key_password_env” names.",
)
KEY_SOURCE_INVALID = define(
    "KEY_SOURCE_INVALID",
    Retry.PERMANENT,
    500,
    vi="Khai báo nơi giữ khoá chưa đúng: {why_vi}.",
    en="Where the key is kept is not stated rightly: {why_en}.",
    do_vi="Khai “key_file” (PEM hoặc PKCS#12), hoặc “key_uri” dạng “pkcs11:token=…;object=…?module-path=…”.",
    do_en="Set “key_file” (PEM or PKCS#12), or “key_uri” as “pkcs11:token=…;object=…?module-path=…”.",
)
CERTIFICATE_NOT_OF_KEY = define(
    "CERTIFICATE_NOT_OF_KEY",
    Retry.PERMANENT,
    500,
    vi="Chứng thư số “{subject}” không phải của khoá đang dùng ({key}).",
    en="Certificate “{subject}” does not belong to the key in use ({key}).",
    do_vi="Chọn đúng cặp khoá và chứng thư số; chứng thư số của khoá phải đứng đầu tệp.",
    do_en="Choose a key and certificate that belong together; the key's own certificate comes first in its file.",
)
CERTIFICATE_OUT_OF_TIME = define(
    "CERTIFICATE_OUT_OF_TIME",
    Retry.PERMANENT,
    500,
    vi="Chứng thư số “{subject}” chỉ có hiệu lực từ {begin} đến {end}.",
    en="Certificate “{subject}” is valid only from {begin} to {end}.",
    do_vi="Xin gia hạn chứng thư số rồi thay khoá bằng “lienthong keys rotate”; kiểm tra cả đồng hồ của máy.",
    do_en="Renew the certificate, then change keys with “lienthong keys rotate”; check this machine's clock too.",
)
TOKEN_MODULE_UNUSABLE = define(
    "TOKEN_MODULE_UNUSABLE",
    Retry.PERMANENT,
    500,
    vi="Không nạp được thư viện PKCS#11 {module}: {reason}.",
    en="The PKCS#11 library {module} cannot be loaded: {reason}.",
    do_vi="Cài phần mềm của thiết bị ký và kiểm tra “module-path” trong “key_uri”.",
    do_en="Install the token's software and check “module-path” in “key_uri”.",
)
TOKEN_MISSING = define(
    "TOKEN_MISSING",
    Retry.TRANSIENT,
    503,
    vi="Không thấy thiết bị ký “{token}”; đang có: {present}.",
    en="There is no token “{token}”; present: {present}.",
    do_vi="Cắm thiết bị, kiểm tra dịch vụ của thiết bị đang chạy và nhãn trong “key_uri”; không cần khởi động lại.",
    do_en="Plug it in, check that its service runs and the label in “key_uri”; no restart is needed.",
)
TOKEN_AMBIGUOUS = define(
    "TOKEN_AMBIGUOUS",
    Retry.PERMANENT,
    500,
    vi="Có {count} thiết bị ký cùng khớp “{token}”.",
    en="{count} tokens match “{token}”.",
    do_vi="Thêm “serial=…” hoặc “slot-id=…” vào “key_uri”.",
    do_en="Add “serial=…” or “slot-id=…” to “key_uri”.",
)
TOKEN_PIN_WRONG = define(
    "TOKEN_PIN_WRONG",
    Retry.PERMANENT,
    500,
    vi="Mã PIN của thiết bị ký “{token}” không đúng; sẽ không thử lại để thiết bị khỏi bị khoá.",
    en="The PIN of token “{token}” is wrong; it is not tried again, so that the token does not lock.",
    do_vi="Sửa mã PIN trong tệp hoặc biến môi trường rồi khởi động lại.",
    do_en="Correct the PIN in its file or variable, then start again.",
)
TOKEN_PIN_LOCKED = define(
    "TOKEN_PIN_LOCKED",
    Retry.PERMANENT,
    500,
    vi="Thiết bị ký “{token}” đã bị khoá hoặc mã PIN đã hết hạn.",
    en="Token “{token}” is locked, or its PIN has expired.",
    do_vi="Mở khoá bằng phần mềm của thiết bị hoặc liên hệ nơi cấp, rồi khởi động lại.",
    do_en="Unlock it with the token's software or its issuer, then start again.",
)
TOKEN_PIN_FINAL_TRY = define(
    "TOKEN_PIN_FINAL_TRY",
    Retry.PERMANENT,
    409,
    vi="Thiết bị ký “{token}” chỉ còn một lần nhập mã PIN trước khi bị khoá; mã PIN chưa được dùng thử.",
    en="Token “{token}” has one PIN try left before it locks; the PIN was not tried.",
    do_vi="Đăng nhập đúng một lần bằng phần mềm của thiết bị để đặt lại số lần thử, rồi ký tiếp; nếu quên mã PIN, "
    "liên hệ nơi cấp.",
    do_en="Log in rightly once with the token's own software, which resets the tries, then sign on; if the PIN is "
    "forgotten, ask its issuer.",
)
TOKEN_KEY_MISSING = define(
    "TOKEN_KEY_MISSING",
    Retry.PERMANENT,
    500,
    vi="Thiết bị ký “{token}” không có khoá “{key}”; đang có: {present}.",
    en="Token “{token}” has no key “{key}”; it has: {present}.",
    do_vi="Sửa “object=…” hoặc “id=…” trong “key_uri”.",
    do_en="Correct “object=…” or “id=…” in “key_uri”.",
)
TOKEN_KEY_AMBIGUOUS = define(
    "TOKEN_KEY_AMBIGUOUS",
    Retry.PERMANENT,
    500,
    vi="Thiết bị ký “{token}” có {count} khoá cùng tên “{key}” (mã: {ids}).",
    en="Token “{token}” has {count} keys called “{key}” (ids: {ids}).",
    do_vi="Thêm “id=%…” của khoá cần dùng vào “key_uri”.",
    do_en="Add “id=%…” of the key to use to “key_uri”.",
)
TOKEN_KEY_UNUSABLE = define(
    "TOKEN_KEY_UNUSABLE",
    Retry.PERMANENT,
    500,
    vi="Không dùng được khoá “{key}” trên thiết bị ký “{token}”: {reason}.",
    en="Key “{key}” on token “{token}” cannot be used: {reason}.",
    do_vi="Dùng khoá P-256, P-384 hoặc RSA từ 2048 bit, được phép ký, có khoá công khai hoặc chứng thư số đi kèm.",
    do_en="Use a P-256, P-384 or RSA key of 2048 bits that may sign and lies beside its public key or certificate.",
)
TOKEN_AWAY = define(
    "TOKEN_AWAY",
    Retry.TRANSIENT,
    503,
    vi="Thiết bị ký “{token}” không trả lời ({reason}).",
    en="Token “{token}” does not answer ({reason}).",
    do_vi="Cắm lại thiết bị hoặc khởi động lại dịch vụ của nó; việc gửi tiếp tục khi thiết bị trở lại, không mất gì.",
    do_en="Plug it in again or restart its service; sending goes on when it is back, nothing is lost.",
)
