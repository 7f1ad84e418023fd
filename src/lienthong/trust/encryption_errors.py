"""The refusals of encrypted content."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

ENCRYPTED_MALFORMED = define(
    "ENCRYPTED_MALFORMED",
    Retry.PERMANENT,
    422,
    vi="Tệp mã hoá sai định dạng: {reason}.",
    en="The encrypted file is malformed: {reason}.",
    do_vi="Đề nghị nơi gửi mã hoá lại theo CMS AuthEnvelopedData (AES-256-GCM) rồi gửi lại.",
    do_en="Ask the sender to encrypt it again as CMS AuthEnvelopedData (AES-256-GCM).",
)
ENCRYPTED_FOR_OTHERS = define(
    "ENCRYPTED_FOR_OTHERS",
    Retry.PERMANENT,
    422,
    vi="Tệp được mã hoá cho {count} khoá khác, không khoá nào của hệ thống này mở được.",
    en="The file is encrypted for {count} other key(s); none of this system's keys opens it.",
    do_vi="Đặt lại khoá mã hoá cũ vào thư mục khoá, hoặc đề nghị nơi gửi cập nhật danh bạ rồi gửi lại.",
    do_en="Put the old encryption key back into the key folder, or ask the sender to refresh its directory and resend.",
)
ENCRYPTED_DAMAGED = define(
    "ENCRYPTED_DAMAGED",
    Retry.PERMANENT,
    422,
    vi="Nội dung mã hoá đã bị thay đổi hoặc khoá không khớp: {reason}.",
    en="The encrypted content was changed, or the key does not fit: {reason}.",
    do_vi="Không dùng tệp này; đề nghị nơi gửi gửi lại.",
    do_en="Do not use the file; ask the sender to send it again.",
)
ENCRYPTION_NOT_ALLOWED = define(
    "ENCRYPTION_NOT_ALLOWED",
    Retry.PERMANENT,
    422,
    vi="Thuật toán mã hoá không được phép dùng: {reason}.",
    en="The encryption algorithm is not allowed: {reason}.",
    do_vi="Dùng AES-256-GCM với RSA-OAEP (SHA-256 trở lên) hoặc ECDH P-256/P-384 (SHA-256 trở lên).",
    do_en="Use AES-256-GCM with RSA-OAEP (SHA-256 or more) or ECDH P-256/P-384 (SHA-256 or more).",
)
