"""What the courier refuses."""

from __future__ import annotations

from lienthong.base.errors import Retry, define

SPOOL_IN_USE = define(
    "SPOOL_IN_USE",
    Retry.TRANSIENT,
    409,
    vi="Thư mục «{spool}» đang được một đầu nối khác sử dụng (tiến trình {pid}).",
    en="Directory “{spool}” is in use by another connector (process {pid}).",
    do_vi="Mỗi thư mục chỉ dùng cho một đầu nối: dừng tiến trình kia, hoặc khai spool_dir khác trong cấu hình.",
    do_en="One directory serves one connector: stop the other process or name another spool_dir in the configuration.",
)
JOB_KEY_REUSED = define(
    "JOB_KEY_REUSED",
    Retry.PERMANENT,
    409,
    vi="Khóa yêu cầu «{key}» đã dùng cho một nội dung khác (công việc {job}).",
    en="Request key “{key}” was used for other content already (job {job}).",
    do_vi="Gửi lại đúng nội dung cũ với khóa cũ, hoặc dùng khóa mới cho nội dung mới.",
    do_en="Repeat the old content under the old key, or use a new key for the new content.",
)
COURIER_JOB_UNKNOWN = define(
    "COURIER_JOB_UNKNOWN",
    Retry.PERMANENT,
    404,
    vi="Không có công việc gửi «{job}» trong đầu nối này.",
    en="This connector has no job “{job}”.",
    do_vi="Kiểm tra lại mã công việc; «lienthong connector status» liệt kê những gì đang chờ.",
    do_en="Check the identifier; “lienthong connector status” lists what waits.",
)
JOB_HAS_LEFT = define(
    "JOB_HAS_LEFT",
    Retry.PERMANENT,
    409,
    vi="Công việc {job} đang gửi hoặc đã gửi, không hủy tại chỗ được nữa.",
    en="Job {job} is leaving or has left; it cannot be cancelled here any more.",
    do_vi="Nếu văn bản đã tới trục, hãy gửi lệnh thu hồi.",
    do_en="When the axis has the document, recall it instead.",
)
JOB_NOT_REPEATABLE = define(
    "JOB_NOT_REPEATABLE",
    Retry.PERMANENT,
    409,
    vi="Công việc {job} đang ở trạng thái «{state}», không cần gửi lại.",
    en="Job {job} is “{state}” and needs no retry.",
    do_vi="Chỉ gửi lại công việc bị từ chối hoặc đang chờ.",
    do_en="Only a refused or waiting job is retried.",
)
RECEIVED_UNKNOWN = define(
    "RECEIVED_UNKNOWN",
    Retry.PERMANENT,
    404,
    vi="Không có văn bản đã nhận «{received}» trong đầu nối này.",
    en="This connector has received nothing as “{received}”.",
    do_vi="Kiểm tra lại mã; danh sách đã nhận cho biết các mã hiện có.",
    do_en="Check the identifier against the list of what was received.",
)
AGENCY_NOT_OURS = define(
    "AGENCY_NOT_OURS",
    Retry.PERMANENT,
    403,
    vi="Đầu nối này không đại diện cho cơ quan {agency}.",
    en="This connector does not act for agency {agency}.",
    do_vi="Dùng một trong các mã cơ quan đã khai trong cấu hình: {agencies}.",
    do_en="Use one of the agency codes of the configuration: {agencies}.",
)
