"""Words of states, steps, recipients and columns of outgoing documents, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lienthong.base.errors import Language
from lienthong.office.incoming_words import pick
from lienthong.webkit.look.parts import Column, Tone

STATES: dict[str, tuple[str, str, Tone, str]] = {
    "draft": ("Đang soạn", "Being drafted", "", "edit"),
    "content_review": ("Chờ duyệt nội dung", "Content under review", "waiting", "clock"),
    "form_check": ("Chờ kiểm tra thể thức", "Form to be checked", "waiting", "clock"),
    "signing": ("Đang ký", "Being signed", "waiting", "sign"),
    "signed": ("Đã ký, chờ cấp số", "Signed, to be numbered", "work", "stamp"),
    "numbered": ("Đã cấp số", "Numbered", "work", "register"),
    "issued": ("Đã phát hành", "Issued", "done", "send"),
    "recalled": ("Đã thu hồi", "Recalled", "error", "undo"),
    "cancelled": ("Đã hủy", "Cancelled", "error", "stop"),
}
WAY = (
    ("draft", ("Soạn thảo", "Drafting")), ("content_review", ("Duyệt nội dung", "Content")),
    ("form_check", ("Kiểm tra thể thức", "Form")), ("signing", ("Ký", "Signing")), ("signed", ("Cấp số", "Number")),
    ("numbered", ("Đóng dấu, phát hành", "Seal and issue")), ("issued", ("Theo dõi gửi", "Receipts")),
)  # fmt: skip
SEALED = ("đã đóng dấu, chờ phát hành", "sealed, to be issued")
SECTIONS = {
    "acts": ("Việc tiếp theo", "What comes next"), "deliveries": ("Nơi nhận", "Recipients"),
    "reviews": ("Ý kiến, duyệt", "Opinions and approvals"), "versions": ("Phiên bản", "Versions"),
}  # fmt: skip
FILES = {
    "document": ("Văn bản (PDF)", "Document (PDF)"), "editable": ("Tệp soạn thảo (DOCX)", "Word file (DOCX)"),
    "content": ("Nội dung đã nhập", "What was typed"),
}  # fmt: skip
CHANNELS = {"axis": ("Trục liên thông", "Axis"), "email": ("Thư điện tử", "E-mail"), "paper": ("Bản giấy", "Paper")}
DELIVERIES: dict[str, tuple[str, str, Tone]] = {
    "planned": ("Chờ gửi", "To be sent", "waiting"),
    "again": ("Chờ gửi lại", "To be sent again", "waiting"),
    "sending": ("Đang gửi", "Being sent", "waiting"),
    "accepted": ("Trục đã nhận", "Accepted by the axis", "work"),
    "delivered": ("Đã chuyển đến nơi nhận", "Arrived", "work"),
    "refused": ("Bị từ chối", "Refused", "error"),
    "failed": ("Gửi không được", "Could not be sent", "error"),
    "recalled": ("Đã thu hồi", "Recalled", "error"),
    "sent": ("Đã gửi", "Sent", "done"),
}
DRAFT_TABS = {"mine": ("Của tôi", "Mine"), "waiting": ("Chờ tôi", "Waiting for me"), "unit": ("Của đơn vị", "My units")}
RECEIPT_TABS = {
    "open": ("Đang theo dõi", "Open"), "trouble": ("Có trở ngại, trễ", "Trouble and late"), "all": ("Tất cả", "All")
}  # fmt: skip
FILTERS = {
    "register": ("Sổ", "Register"), "state": ("Tình trạng", "State"), "from": ("Từ ngày", "From"),
    "until": ("Đến ngày", "Until"), "words": ("Có chữ", "Words"),
}  # fmt: skip
_HEADS = {
    "Trích yếu": "Abstract", "Loại văn bản": "Kind", "Người soạn": "Drafter", "Bắt đầu": "Begun", "Tình trạng": "State",
    "Người ký": "Signer", "Số, ký hiệu": "Number", "Phải gửi trước": "Send before", "Ngày văn bản": "Date",
    "Nơi nhận": "Recipients", "Đơn vị soạn": "Unit", "Văn bản": "Document", "Kênh": "Channel", "Trạng thái": "Status",
    "Hạn gửi": "Deadline", "Từ lúc ký": "Since signing",
}  # fmt: skip


def columns_in(language: Language, columns: Sequence[Column]) -> list[Column]:
    """Columns of a table with their heads in one language."""
    return [replace(each, label=_HEADS[each.label] if language == "en" else each.label) for each in columns]


def words_of(table: Mapping[str, tuple[str, ...]], language: Language) -> dict[str, str]:
    """The words of a table in one language."""
    return {key: pick(pair, language) for key, pair in table.items()}
