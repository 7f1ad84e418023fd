"""The refusals of trust stores and trust lists. A bad document is never refused: that is a verdict."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

TRUST_STORE_NOT_USABLE = define(
    "TRUST_STORE_NOT_USABLE",
    Retry.PERMANENT,
    422,
    vi="Kho tin cậy không dùng được: {reason}.",
    en="The trust store cannot be used: {reason}.",
    do_vi="Kiểm tra store.toml và các tệp chứng thư số (PEM) trong thư mục kho tin cậy.",
    do_en="Check store.toml and the certificate files (PEM) in the folder of the trust store.",
)
TRUST_LIST_NOT_VALID = define(
    "TRUST_LIST_NOT_VALID",
    Retry.PERMANENT,
    422,
    vi="Danh sách tin cậy không hợp lệ: {reason}.",
    en="The trust list is not valid: {reason}.",
    do_vi="Lấy lại danh sách từ nơi phát hành và dùng đúng khóa của nơi phát hành.",
    do_en="Obtain the list again from its publisher and use the publisher's key.",
)
