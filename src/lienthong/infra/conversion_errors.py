"""Refusals of converting office documents to PDF."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

CONVERTER_MISSING = define(
    "CONVERTER_MISSING",
    Retry.TRANSIENT,
    503,
    vi="Máy này chưa cài LibreOffice nên chưa chuyển được văn bản sang PDF.",
    en="LibreOffice is not installed on this machine, so documents cannot be converted to PDF.",
    do_vi="Người quản trị cài gói libreoffice-writer-nogui và fonts-liberation; hoặc tự chuyển sang PDF/A rồi tải lên.",
    do_en="The administrator installs libreoffice-writer-nogui and fonts-liberation; or upload a PDF/A made elsewhere.",
)
CONVERSION_TIMED_OUT = define(
    "CONVERSION_TIMED_OUT",
    Retry.TRANSIENT,
    504,
    vi="Chuyển văn bản sang PDF quá {seconds} giây nên đã dừng.",
    en="Converting the document to PDF took more than {seconds} seconds and was stopped.",
    do_vi="Thử lại khi máy rảnh hơn; nếu vẫn vậy, bỏ bớt hình và bảng lớn trong tệp hoặc tự chuyển sang PDF/A.",
    do_en="Try again when the machine is less busy; otherwise take large pictures and tables out.",
)
CONVERSION_FAILED = define(
    "CONVERSION_FAILED",
    Retry.PERMANENT,
    422,
    vi="Không chuyển được văn bản sang PDF: {why_vi}.",
    en="The document could not be converted to PDF: {why_en}.",
    do_vi="Mở tệp bằng trình soạn thảo, bỏ mật khẩu nếu có, lưu lại dạng .docx rồi gửi lại.",
    do_en="Open the file in a word processor, remove a password if it has one, save it as .docx and send it again.",
)
