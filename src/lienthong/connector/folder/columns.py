"""The columns that a row may have, under their Vietnamese and English names.

Letter case, accents and the signs between words do not matter: ``Số, ký hiệu``, ``so ky hieu`` and ``SỐ/KÝ HIỆU``
are one.
"""

from __future__ import annotations

import difflib
import re
from enum import Enum

from lienthong.base.text import fold

_SIGNS = re.compile(r"[\W_]+")


class Column(Enum):
    """What a row may say; values are the English names, :meth:`label` the Vietnamese ones."""

    OPERATION = "operation"
    FROM = "from"
    TO = "to"
    NUMBER = "number"
    SUBJECT = "subject"
    ISSUED_ON = "issued_on"
    KIND = "kind"
    URGENCY = "urgency"
    DUE_DATE = "due_date"
    SECRECY = "secrecy"
    PLACE = "place"
    COMPETENCE = "signing_capacity"
    POSITION = "position"
    SIGNER = "signer"
    PAGES = "pages"
    TO_PLACES = "to_places"
    ANSWERS = "answers"
    DOCUMENT_ID = "document_id"
    ABOUT = "about"
    REASON = "reason"
    ADDED = "added"
    REMOVED = "removed"
    STATUS = "status"
    DESCRIPTION = "description"
    RECEIVED = "received_id"
    FILES = "files"

    @property
    def label(self) -> str:
        """The Vietnamese name, as templates and findings write it."""
        return _NAMES[self][0]


_NAMES: dict[Column, tuple[str, ...]] = {
    Column.OPERATION: ("việc", "nghiệp vụ", "action"),
    Column.FROM: ("cơ quan gửi", "nơi gửi", "sender"),
    Column.TO: ("nơi nhận", "cơ quan nhận", "recipients", "recipient"),
    Column.NUMBER: ("số ký hiệu", "số và ký hiệu", "document number"),
    Column.SUBJECT: ("trích yếu", "trích yếu nội dung", "abstract"),
    Column.ISSUED_ON: ("ngày ban hành", "ngày văn bản", "ngày", "date", "issue date"),
    Column.KIND: ("loại", "loại văn bản", "document kind", "type"),
    Column.URGENCY: ("độ khẩn", "priority"),
    Column.DUE_DATE: ("hạn trả lời", "hạn xử lý", "due"),
    Column.SECRECY: ("độ mật",),
    Column.PLACE: ("địa danh", "nơi ban hành"),
    Column.COMPETENCE: ("thẩm quyền ký", "thẩm quyền", "competence"),
    Column.POSITION: ("chức vụ", "chức vụ người ký"),
    Column.SIGNER: ("người ký", "họ tên người ký"),
    Column.PAGES: ("số trang", "page count"),
    Column.TO_PLACES: ("nơi nhận ghi trên văn bản", "printed recipients"),
    Column.ANSWERS: ("phúc đáp", "trả lời văn bản", "in reply to"),
    Column.DOCUMENT_ID: ("mã văn bản", "mã định danh văn bản"),
    Column.ABOUT: ("văn bản gốc", "về văn bản", "original"),
    Column.REASON: ("lý do",),
    Column.ADDED: ("thêm nơi nhận", "added recipients"),
    Column.REMOVED: ("bớt nơi nhận", "removed recipients"),
    Column.STATUS: ("mã trạng thái", "trạng thái", "status code", "code"),
    Column.DESCRIPTION: ("mô tả", "ghi chú", "note"),
    Column.RECEIVED: ("mã nhận", "mã đến"),
    Column.FILES: ("tệp", "các tệp", "tên tệp", "file"),
}


def _key(name: str) -> str:
    return _SIGNS.sub(" ", fold(name)).strip()


_BY_NAME = {_key(name): column for column, names in _NAMES.items() for name in (column.value, *names)}


def find(name: str) -> Column | None:
    """The column of a name."""
    return _BY_NAME.get(_key(name))


def nearest(name: str) -> str:
    """The known name most like this one, in Vietnamese; empty when none is."""
    close = difflib.get_close_matches(_key(name)[:60], _BY_NAME, 1, 0.6)
    return _BY_NAME[close[0]].label if close else ""
