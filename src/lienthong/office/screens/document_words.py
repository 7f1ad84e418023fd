"""How a document is told in lists: its fields as columns, the words of its states."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal
from urllib.parse import urlencode

from lienthong.office.models import Document
from lienthong.vocabulary.urgency import Urgency

STATES = {
    "registered": "Đã vào sổ", "submitted": "Đã trình", "directed": "Đã chỉ đạo", "in_progress": "Đang xử lý",
    "finished": "Hoàn thành", "recalled": "Đã thu hồi", "draft": "Dự thảo", "content_review": "Chờ duyệt nội dung",
    "form_check": "Chờ kiểm tra thể thức", "signing": "Đang ký", "signed": "Đã ký", "numbered": "Đã cấp số",
    "issued": "Đã phát hành", "cancelled": "Đã hủy",
}  # fmt: skip
TONES: dict[str, str] = {
    "registered": "waiting", "submitted": "waiting", "directed": "work", "in_progress": "work", "finished": "done",
    "recalled": "error", "draft": "", "content_review": "waiting", "form_check": "waiting", "signing": "work",
    "signed": "work", "numbered": "work", "issued": "done", "cancelled": "error",
}  # fmt: skip
URGENCY_VI: dict[int, str] = {each.value: each.label("vi") for each in Urgency}

Kind = Literal["text", "number", "date", "abstract", "state"]
FIELDS: Sequence[tuple[str, str, Kind, bool, bool, bool]] = (
    ("number", "Số, ký hiệu", "text", True, True, True),
    ("issued_date", "Ngày văn bản", "date", True, False, True),
    ("abstract", "Trích yếu", "abstract", True, True, True),
    ("kind", "Loại văn bản", "text", False, False, True),
    ("issuer_name", "Cơ quan ban hành", "text", True, False, True),
    ("arrival_number", "Số đến", "number", False, False, True),
    ("arrival_date", "Ngày đến", "date", False, False, True),
    ("signer", "Người ký", "text", False, False, True),
    ("to_places", "Nơi nhận", "text", False, False, True),
    ("due_date", "Hạn xử lý", "date", False, False, True),
    ("urgency", "Độ khẩn", "text", False, False, True),
    ("language", "Ngôn ngữ", "text", False, False, True),
    ("pages", "Số trang", "number", False, False, True),
    ("identifier", "Mã định danh", "text", False, False, True),
    ("note", "Ghi chú", "text", False, False, True),
    ("state", "Tình trạng", "state", True, False, True),
)
"""Key, label, kind, shown at first, always shown, shown on a phone."""


def document_href(document: int, question: str = "") -> str:
    """The page of a document, with the words of a question marked on its pages."""
    return f"/documents/{document}{'?' + urlencode({'q': question}) if question else ''}"


def cell_of(document: Document, key: str) -> str | int | date | None:
    """What stands in a column for a document."""
    if key == "number":
        return document.number_and_symbol or "(chưa có số)"
    if key == "signer":
        return ", ".join(part for part in (document.signer_position, document.signer_name) if part)
    if key == "urgency":
        return URGENCY_VI.get(document.urgency, "")
    if key == "state":
        return STATES.get(document.state, document.state)
    value: str | int | date | None = getattr(document, key)
    return value
