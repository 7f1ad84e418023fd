"""Refusals of recognising text in pictures of pages."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

RECOGNISER_MISSING = define(
    "RECOGNISER_MISSING",
    Retry.PERMANENT,
    503,
    vi="Máy này chưa có chương trình nhận dạng chữ ({what}).",
    en="This machine has no program that recognises text ({what}).",
    do_vi="Cài các gói “tesseract-ocr” và “tesseract-ocr-vie”; trong khi chờ, nhập các trường bằng tay.",
    do_en="Install the packages “tesseract-ocr” and “tesseract-ocr-vie”; meanwhile fill in the fields by hand.",
)
RECOGNITION_TIMED_OUT = define(
    "RECOGNITION_TIMED_OUT",
    Retry.TRANSIENT,
    504,
    vi="Nhận dạng chữ trên trang {page} quá {seconds} giây nên đã dừng.",
    en="Recognising the text of page {page} took more than {seconds} seconds and was stopped.",
    do_vi="Thử lại khi máy rảnh hơn, hoặc nhập các trường bằng tay.",
    do_en="Try again when the machine is less busy, or fill in the fields by hand.",
)
RECOGNITION_FAILED = define(
    "RECOGNITION_FAILED",
    Retry.PERMANENT,
    422,
    vi="Không nhận dạng được chữ trên trang {page}: {reason}.",
    en="The text of page {page} could not be recognised: {reason}.",
    do_vi="Kiểm tra bản quét (200 dpi trở lên, tỷ lệ 100 %), hoặc nhập các trường bằng tay.",
    do_en="Check the scan (200 dpi or more, true size), or fill in the fields by hand.",
)
