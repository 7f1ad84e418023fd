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

DEMO_FOLDER_TAKEN = define(
    "DEMO_FOLDER_TAKEN",
    Retry.PERMANENT,
    409,
    vi="Thư mục {folder} đang chứa dữ liệu khác, không phải của bản trình diễn.",
    en="The folder {folder} holds something else than a demonstration.",
    do_vi="Chọn thư mục khác bằng --data.",
    do_en="Choose another folder with --data.",
)
DEMO_RUNNING = define(
    "DEMO_RUNNING",
    Retry.PERMANENT,
    409,
    vi="Một bản trình diễn khác đang chạy trong thư mục {folder} (tiến trình {pid}).",
    en="Another demonstration is running in the folder {folder} (process {pid}).",
    do_vi="Dừng bản đó bằng Ctrl-C, hoặc chọn thư mục khác bằng --data.",
    do_en="Stop it with Ctrl-C, or choose another folder with --data.",
)
DEMO_PAGE_REFUSED = define(
    "DEMO_PAGE_REFUSED", Retry.PERMANENT, 500,
    vi="Trang {page} không làm việc được giao cho {login} (mã {status}).",
    en="The page {page} did not do what {login} asked (status {status}).",
    do_vi="Xem nhật ký trong thư mục log của bản trình diễn.",
    do_en="Look at the logs in the demonstration's folder.",
)  # fmt: skip
