"""Refusals of the demonstration."""

from lienthong.base.errors import Retry, define

DEMO_CHILD_DIED = define(
    "DEMO_CHILD_DIED",
    Retry.PERMANENT,
    500,
    vi="Tiến trình «{name}» của bản trình diễn đã dừng. Nhật ký {log}: {lines}",
    en="Process “{name}” of the demonstration has stopped. Log {log}: {lines}",
    do_vi="Xem nhật ký; xóa thư mục dữ liệu rồi chạy lại nếu dữ liệu cũ bị hỏng.",
    do_en="Read the log; remove the data folder and run again if old data is damaged.",
)
