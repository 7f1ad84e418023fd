"""Words of states, kinds of opinions and acts of incoming documents, in both languages."""

from __future__ import annotations

from lienthong.base.errors import Language
from lienthong.webkit.look.parts import Tone

_States = dict[str, tuple[str, str, Tone, str]]
STATES: _States = {
    "registered": ("Đã vào sổ", "Registered", "waiting", "book"),
    "submitted": ("Đã trình", "Submitted", "waiting", "forward"),
    "directed": ("Đã chỉ đạo", "Directed", "work", "opinion"),
    "in_progress": ("Đang xử lý", "In progress", "work", "edit"),
    "finished": ("Hoàn thành", "Finished", "done", "check"),
    "recalled": ("Đã thu hồi", "Recalled", "error", "undo"),
}
TASKS: _States = {
    "new": ("Chưa đọc", "Not read", "waiting", "clock"),
    "open": ("Đang làm", "In work", "work", "edit"),
    "passed": ("Đã chuyển", "Passed on", "work", "forward"),
    "reported": ("Chờ xác nhận", "To be confirmed", "waiting", "half"),
    "finished": ("Xong", "Finished", "done", "check"),
    "withdrawn": ("Đã thu hồi", "Withdrawn", "", "undo"),
    "returned": ("Bị trả lại", "Returned", "error", "return"),
}
ROLES = {
    "lead": ("Chủ trì", "Lead"), "support": ("Phối hợp", "Supporting"), "inform": ("Để biết", "For information"),
    "follow": ("Theo dõi", "Following"),
}  # fmt: skip
SOURCES = {
    "axis": ("Trục liên thông", "Axis"), "paper": ("Văn bản giấy", "Paper"), "scan": ("Bản quét", "Scan"),
    "mail": ("Thư điện tử", "E-mail"),
}  # fmt: skip
OPINIONS = {
    "proposal": ("đề xuất", "proposed"), "directive": ("chỉ đạo", "directed"),
    "passing": ("chuyển thẳng", "passed directly"), "assignment": ("phân công", "assigned"),
    "forwarding": ("chuyển tiếp", "forwarded"), "opinion": ("cho ý kiến", "said"),
    "report": ("báo cáo kết quả", "reported"), "remark": ("yêu cầu bổ sung", "asked for more"),
    "return": ("trả lại", "returned"), "reminder": ("đôn đốc", "reminded"),
    "extension": ("xin gia hạn đến", "asked for more time"),
    "granted": ("trả lời gia hạn", "answered on more time"), "refused": ("trả lời gia hạn", "answered on more time"),
}  # fmt: skip
ACTS = {
    "document.registered": ("đăng ký văn bản", "registered it", "book"),
    "document.corrected": ("sửa thông tin đăng ký", "corrected the fields", "edit"),
    "document.viewed": ("xem văn bản", "looked at it", "eye"),
    "document.printed": ("in phiếu giải quyết", "printed the slip", "print"),
    "document.answered": ("gắn văn bản trả lời", "linked an answer", "link"),
    "document.recalled": ("hủy bản nhận theo thu hồi của nơi gửi", "destroyed it on the issuer's recall", "trash"),
    "document.recall_refused": ("không thu hồi được", "refused the recall", "stop"),
    "file.downloaded": ("tải tệp", "downloaded a file", "download"),
    "task.withdrawn": ("thu hồi việc", "withdrew a task", "undo"),
    "task.read": ("đã đọc", "read it", "eye"),
    "task.taken": ("nhận việc", "took it on", "check"),
}


def pick(pair: tuple[str, ...], language: Language) -> str:
    """The word of a pair in one language."""
    return pair[language == "en"]
