"""The refusals of sources of revocation data."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

REVOCATION_SOURCE_AWAY = define(
    "REVOCATION_SOURCE_AWAY",
    Retry.TRANSIENT,
    503,
    vi="Nguồn dữ liệu thu hồi {url} không trả lời ({reason}).",
    en="The source of revocation data {url} does not answer ({reason}).",
    do_vi="Chữ ký vẫn có giá trị ở mức thấp hơn; kiểm tra đường truyền rồi chạy “lienthong sign-upkeep complete”.",
    do_en="The signature stands at a lower level; check the line, then run “lienthong sign-upkeep complete”.",
)
REVOCATION_ANSWER_WRONG = define(
    "REVOCATION_ANSWER_WRONG",
    Retry.TRANSIENT,
    502,
    vi="Trả lời của nguồn dữ liệu thu hồi {url} không dùng được: {why_vi}.",
    en="The answer of the source of revocation data {url} cannot be used: {why_en}.",
    do_vi="Không dùng trả lời này. Kiểm tra địa chỉ và đồng hồ; báo nơi cấp chứng thư số nếu còn lặp lại.",
    do_en="It is not used. Check the address and the clock; tell the issuer of the certificate if it goes on.",
)
REVOCATION_HOST_NOT_ALLOWED = define(
    "REVOCATION_HOST_NOT_ALLOWED",
    Retry.PERMANENT,
    403,
    vi="Không được phép hỏi dữ liệu thu hồi ở «{host}».",
    en="Revocation data may not be asked for at “{host}”.",
    do_vi="Nếu đây là dịch vụ của nơi cấp chứng thư số, thêm vào mục hosts của [revocation] trong tsa.toml.",
    do_en="If this is a service of the certificate's issuer, add it to hosts of [revocation] in tsa.toml.",
)
REVOCATION_ADDRESS_MISSING = define(
    "REVOCATION_ADDRESS_MISSING",
    Retry.PERMANENT,
    404,
    vi="Chứng thư số «{name}» không ghi địa chỉ nào cho dữ liệu thu hồi.",
    en="The certificate “{name}” names no address of revocation data.",
    do_vi="Khai ocsp_urls hoặc crl_urls trong mục [revocation], hoặc tệp crls, ở tsa.toml.",
    do_en="Set ocsp_urls or crl_urls of [revocation], or files in crls, in tsa.toml.",
)
