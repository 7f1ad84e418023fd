"""The refusals of a local PKI."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

PKI_NOT_THERE = define(
    "PKI_NOT_THERE",
    Retry.PERMANENT,
    404,
    vi="Thư mục {folder} không phải PKI do lienthong lập.",
    en="The folder {folder} is no PKI made by lienthong.",
    do_vi="Lập PKI bằng “lienthong pki demo THƯ-MỤC” hoặc kiểm tra lại đường dẫn.",
    do_en="Make one with “lienthong pki demo FOLDER”, or check the path.",
)
CERTIFICATE_UNKNOWN = define(
    "CERTIFICATE_UNKNOWN",
    Retry.PERMANENT,
    404,
    vi="PKI này không cấp chứng thư số nào có số sê-ri hay tên «{which}».",
    en="This PKI issued no certificate with the serial number or name “{which}”.",
    do_vi="Xem danh sách bằng “lienthong pki list”.",
    do_en="See “lienthong pki list”.",
)
CERTIFICATE_REVOKED_ALREADY = define(
    "CERTIFICATE_REVOKED_ALREADY",
    Retry.PERMANENT,
    409,
    vi="Chứng thư số {serial} đã bị thu hồi lúc {at}.",
    en="The certificate {serial} was revoked already at {at}.",
    do_vi="Không cần làm gì thêm; thu hồi không đảo ngược được.",
    do_en="Nothing needs to be done; a revocation cannot be undone.",
)
CERTIFICATE_REQUEST_NOT_VALID = define(
    "CERTIFICATE_REQUEST_NOT_VALID",
    Retry.PERMANENT,
    422,
    vi="Yêu cầu cấp chứng thư số không hợp lệ: {why}.",
    en="The certificate request is not valid: {why}.",
    do_vi="Tạo lại yêu cầu PKCS#10 bằng khóa P-256, P-384 hoặc RSA từ 2048 bit.",
    do_en="Make the PKCS #10 request again with a P-256, P-384 or RSA key of 2048 bits or more.",
)
