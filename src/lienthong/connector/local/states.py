"""States in words that a registrar knows, each with the chip that shows it: colour, icon and word together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from lienthong.base.errors import Language, Refused
from lienthong.connector.courier.model import JobState
from lienthong.vocabulary.status import normalise

SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Chip:
    """``tone``: ``waiting``, ``work``, ``done``, ``error`` or ``neutral``. ``word``: source text of the catalogue."""

    tone: str
    icon: str
    word: str


JOBS = {
    JobState.QUEUED: Chip("waiting", "clock", "đang chờ"),
    JobState.SENDING: Chip("work", "send", "đang gửi"),
    JobState.SENT: Chip("done", "check", "đã gửi"),
    JobState.REFUSED: Chip("error", "alert", "bị từ chối"),
    JobState.CANCELLED: Chip("neutral", "minus", "đã hủy"),
}
DELIVERIES = {
    "": Chip("neutral", "minus", "chưa rõ"),
    "waiting": Chip("waiting", "clock", "chờ văn bản trước"),
    "available": Chip("waiting", "inbox", "chờ bên nhận lấy"),
    "leased": Chip("work", "send", "bên nhận đang tải"),
    "delivered": Chip("done", "check", "bên nhận đã có"),
    "refused": Chip("error", "stop", "bên nhận từ chối"),
    "expired": Chip("error", "clock", "quá hạn giao"),
    "recalled": Chip("neutral", "again", "đã thu hồi"),
    "quarantined": Chip("error", "alert", "bị cách ly"),
}
KINDS = {
    "document": "văn bản",
    "packet": "gói tin edXML",
    "status": "trạng thái",
    "recall": "thu hồi",
    "update": "cập nhật",
    "replacement": "thay thế",
}
SIGNATURES = {
    "PASSED": Chip("done", "check", "chữ ký đúng"),
    "INDETERMINATE": Chip("neutral", "info", "không kèm chữ ký riêng kiểm được"),
    "FAILED": Chip("error", "alert", "chữ ký sai"),
    "": Chip("neutral", "minus", "chưa kiểm"),
}


def ending(at: datetime | None, now: datetime) -> Chip:
    """How long a certificate or key still holds."""
    if at is None:
        return Chip("neutral", "info", "không có hạn")
    if at <= now:
        return Chip("error", "alert", "đã hết hạn")
    return Chip("waiting", "clock", "sắp hết hạn") if at - now < SOON else Chip("done", "check", "còn hạn")


def days_until(at: datetime | None, now: datetime) -> int | None:
    """Whole days that are left."""
    return None if at is None else (at - now).days


def status_label(code: int, language: Language) -> str:
    """``03 Đã tiếp nhận``; the number alone when nobody knows it."""
    try:
        found = normalise(code)
    except Refused:
        return f"{code:02d}"
    return f"{found.value} {found.label(language)}"
