"""What a row asks for: every finding at once, in words that name the place and say what to write.

Source: exchange facts §1.2 (particulars of a packet), §1.8 (code lists), §3.1 (status codes).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.base.ids import AgencyCode, DocumentId
from lienthong.base.text import fold, one_line
from lienthong.connector.client import Original
from lienthong.connector.compose import OutgoingDocument
from lienthong.connector.courier.model import (
    ChangeAnswer,
    Content,
    ContentUpdate,
    Recall,
    ReceivedView,
    ReceiverUpdate,
    ReplacingDocument,
    StatusReport,
)
from lienthong.connector.folder.cells import Cells
from lienthong.connector.folder.columns import Column
from lienthong.connector.folder.recipients import Recipients
from lienthong.connector.folder.rows import Row
from lienthong.edxml.model import BusinessKind, DocumentPacket, ResponseFor
from lienthong.vocabulary import kinds, number, secrecy, status, urgency
from lienthong.vocabulary.number import IdForm, document_id, parse_document_id


class Operation(Enum):
    """What a row wants done; values are what people write."""

    SEND = "gửi"
    REPLACE = "thay thế"
    UPDATE = "cập nhật"
    CHANGE_RECIPIENTS = "cập nhật nơi nhận"
    RECALL = "thu hồi"
    STATUS = "trạng thái"

    @property
    def takes_files(self) -> bool:
        return self in {Operation.SEND, Operation.REPLACE, Operation.UPDATE}


_OPERATIONS = {fold(operation.value): operation for operation in Operation} | {
    "send": Operation.SEND, "gui moi": Operation.SEND, "replace": Operation.REPLACE, "update": Operation.UPDATE,
    "change recipients": Operation.CHANGE_RECIPIENTS, "change_recipients": Operation.CHANGE_RECIPIENTS,
    "recall": Operation.RECALL, "lay lai": Operation.RECALL, "status": Operation.STATUS,
    "bao trang thai": Operation.STATUS,
}  # fmt: skip
_ALWAYS = {Column.OPERATION, Column.FROM}
_DOCUMENT = _ALWAYS | {
    Column.TO, Column.NUMBER, Column.SUBJECT, Column.ISSUED_ON, Column.KIND, Column.URGENCY, Column.DUE_DATE,
    Column.SECRECY, Column.PLACE, Column.COMPETENCE, Column.POSITION, Column.SIGNER, Column.PAGES, Column.TO_PLACES,
    Column.ANSWERS, Column.DOCUMENT_ID, Column.FILES, Column.DESCRIPTION,
}  # fmt: skip
_CHANGING = _DOCUMENT | {Column.ABOUT, Column.REASON}
_USED = {
    Operation.SEND: _DOCUMENT,
    Operation.REPLACE: _CHANGING,
    Operation.UPDATE: _CHANGING - {Column.DOCUMENT_ID},
    Operation.CHANGE_RECIPIENTS: _ALWAYS | {Column.ABOUT, Column.REASON, Column.ADDED, Column.REMOVED},
    Operation.RECALL: _ALWAYS | {Column.ABOUT, Column.REASON, Column.TO},
    Operation.STATUS: _ALWAYS | {Column.ABOUT, Column.STATUS, Column.DESCRIPTION, Column.RECEIVED},
}


@dataclass(frozen=True, slots=True)
class Desk:
    """What a row is read against. ``received``: something received by its identifier; refuses RECEIVED_UNKNOWN."""

    agencies: Sequence[str]
    recipients: Recipients
    received: Callable[[str], ReceivedView]


@dataclass(frozen=True, slots=True)
class Order:
    """What a row asks for. ``files``: named in the row; None when the rule of names decides. ``title``: for people."""

    operation: Operation
    agency: str
    content: Content
    files: tuple[str, ...] | None
    title: str


def understand(row: Row, desk: Desk, today: date) -> tuple[Order | None, tuple[Problem, ...]]:
    """The order in a row, or everything that is wrong with it."""
    cells = Cells(row)
    operation = _operation(cells)
    cells.unused(_USED[operation], operation.value)
    agency = _agency(cells, desk)
    content: Content | None
    if operation.takes_files:
        content = _sent(operation, cells, desk, agency, today)
    elif operation is Operation.STATUS:
        content = _status(cells, desk)
    else:
        content = _about(operation, cells, desk, today)
    files = cells.texts(Column.FILES) if cells.has(Column.FILES) else None
    if cells.problems or content is None:
        return None, tuple(cells.problems)
    return Order(operation, agency, content, files or None, _title(operation, cells)), ()


def _title(operation: Operation, cells: Cells) -> str:
    shown = cells.text(Column.NUMBER) or cells.text(Column.ABOUT) or cells.text(Column.RECEIVED)
    return one_line(f"{operation.value} {shown}", 120)


def _operation(cells: Cells) -> Operation:
    text = cells.text(Column.OPERATION)
    found = _OPERATIONS.get(fold(text)) if text else Operation.SEND
    if found is None:
        known = ", ".join(operation.value for operation in Operation)
        cells.wrong(Column.OPERATION, f"không có việc này; dùng một trong: {known}", f"no such thing; one of: {known}")
    return found or Operation.SEND


def _agency(cells: Cells, desk: Desk) -> str:
    text = cells.text(Column.FROM)
    if not text and len(desk.agencies) == 1:
        return desk.agencies[0]
    if text not in desk.agencies:
        known = ", ".join(desk.agencies)
        cells.wrong(
            Column.FROM, f"phải là một mã cơ quan của đầu nối này: {known}", f"must be one of this connector's: {known}"
        )
    return text


def _sent(operation: Operation, cells: Cells, desk: Desk, agency: str, today: date) -> Content | None:
    """A document that goes out with files, new or in the place of another."""
    notation = cells.text(Column.NUMBER, required=True)
    subject = cells.text(Column.SUBJECT, required=True)
    issued_on = cells.day(Column.ISSUED_ON, required=True)
    _check_number(cells, agency, notation, issued_on)
    _check_secrecy(cells, subject)
    kind = cells.text(Column.KIND) or "Công văn"
    if kinds.look_up(kind).kind is None:
        cells.wrong(
            Column.KIND, f"«{one_line(kind, 40)}» không phải loại văn bản; ghi như Công văn, Quyết định, Thông báo",
            f"“{one_line(kind, 40)}” is no kind of document; write its Vietnamese name",
        )  # fmt: skip
    due = cells.day(Column.DUE_DATE)
    if due is not None and issued_on is not None and due < issued_on:
        cells.wrong(Column.DUE_DATE, "sớm hơn ngày ban hành", "is before the date of issue", ProblemKind.RANGE)
    document = OutgoingDocument(
        number=notation,
        subject=subject,
        to=_agencies(cells, Column.TO, desk, today, required=True),
        issued_on=issued_on or today,
        kind=kind,
        place=cells.text(Column.PLACE),
        signer_name=cells.text(Column.SIGNER),
        signer_position=cells.text(Column.POSITION),
        signer_competence=cells.text(Column.COMPETENCE),
        urgency=_urgency(cells),
        due=due,
        to_places=cells.texts(Column.TO_PLACES),
        responses_for=tuple(filter(None, (_answered(cells, text) for text in cells.texts(Column.ANSWERS)))),
        pages=cells.whole(Column.PAGES, 1, 999),
        document_id=cells.text(Column.DOCUMENT_ID),
    )
    if operation is Operation.SEND:
        return document
    about, reason = cells.text(Column.ABOUT, required=True), cells.text(Column.REASON, required=True)
    if operation is Operation.UPDATE:
        return ContentUpdate(document, about, reason)
    return ReplacingDocument(document, about, reason)


def _about(operation: Operation, cells: Cells, desk: Desk, today: date) -> Content | None:
    about, reason = cells.text(Column.ABOUT, required=True), cells.text(Column.REASON, required=True)
    if operation is Operation.RECALL:
        return Recall(about, reason, _agencies(cells, Column.TO, desk, today))
    added = _agencies(cells, Column.ADDED, desk, today)
    removed = _agencies(cells, Column.REMOVED, desk, today)
    if not cells.texts(Column.ADDED) and not cells.texts(Column.REMOVED):
        cells.wrong(
            Column.ADDED, "cần ít nhất một nơi nhận thêm hoặc bớt", "name at least one to add or remove",
            ProblemKind.REQUIRED,
        )  # fmt: skip
    return ReceiverUpdate(about, reason, added, removed)


def _status(cells: Cells, desk: Desk) -> Content | None:
    code = read_status(cells)
    description = cells.text(Column.DESCRIPTION)
    if cells.has(Column.RECEIVED):
        try:
            view = desk.received(cells.text(Column.RECEIVED, required=True))
        except Refused as refused:
            cells.refused(Column.RECEIVED, refused)
            return None
        return report_on(view, code or 0, description)
    about = cells.text(Column.ABOUT, required=True)
    original = _identified(cells, Column.ABOUT, about) if about else None
    if original is None or code is None:
        return None
    issuer, full, day = original.organ_id, original.code, original.promulgation_date
    return StatusReport(Original(issuer, original.document_id, full, day), code, description)


def read_status(cells: Cells) -> int | None:
    """A status code that a receiver may report, and the reason that some need."""
    text = cells.text(Column.STATUS, required=True)
    if not text:
        return None
    try:
        found = status.normalise(text)
    except Refused as refused:
        cells.refused(Column.STATUS, refused)
        return None
    if found.sent_by_issuer:
        cells.wrong(
            Column.STATUS, "13 do nơi gửi báo; muốn lấy lại văn bản đã gửi, dùng việc «thu hồi»",
            "13 is the issuer's; to take a document back use “recall”",
        )  # fmt: skip
        return None
    if found.needs_reason and not cells.text(Column.DESCRIPTION):
        cells.wrong(
            Column.DESCRIPTION, "còn trống; trạng thái này cần nêu lý do", "is missing; this status needs a reason",
            ProblemKind.REQUIRED,
        )  # fmt: skip
    return int(found.value)


def report_on(view: ReceivedView, code: int, description: str) -> Content:
    """A status of something received; 15 and 16 of a recall or update answer it."""
    packet = view.packet
    if isinstance(packet, DocumentPacket):
        if code in {15, 16} and packet.business.kind is not BusinessKind.NEW:
            return ChangeAnswer(view.id, code == 15, description)
        original = Original(packet.sender.organ_id, packet.document_id, packet.code.full, packet.promulgation_date)
        return StatusReport(original, code, description, view.axes)
    return ChangeAnswer(view.id, code == 15, description)


def _check_number(cells: Cells, agency: str, notation: str, issued_on: date | None) -> None:
    if not notation:
        return
    try:
        found = number.parse(notation)
        if not cells.text(Column.DOCUMENT_ID) and issued_on is not None and agency:
            document_id(agency, issued_on, found.number, found.notation)
    except Refused as refused:
        cells.refused(Column.NUMBER, refused)


def _check_secrecy(cells: Cells, subject: str) -> None:
    """State secrets never enter the axis (Decision 28/2018/QĐ-TTg art. 1)."""
    try:
        secrecy.refuse_if_secret(secrecy.from_text(cells.text(Column.SECRECY)), {"trích yếu": subject})
    except Refused as refused:
        cells.refused(Column.SECRECY, refused)


def _urgency(cells: Cells) -> int:
    try:
        return int(urgency.from_priority(cells.text(Column.URGENCY)))
    except Refused as refused:
        cells.refused(Column.URGENCY, refused)
        return 0


def _agencies(cells: Cells, column: Column, desk: Desk, today: date, *, required: bool = False) -> tuple[str, ...]:
    """Codes of the agencies that a column names by code or exact name."""
    found: list[str] = []
    for text in cells.texts(column, required=required):
        code, close = desk.recipients.find(text, today)
        if code:
            if code in found:
                cells.wrong(column, f"{code} được ghi hai lần", f"{code} stands twice")
            found.append(code)
            continue
        shown = one_line(text, 80)
        if close:
            several = "; ".join(close)
            cells.wrong(
                column, f"«{shown}» không chỉ đúng một cơ quan; ghi mã của cơ quan cần gửi, có thể là: {several}",
                f"“{shown}” does not name exactly one agency; write its code, perhaps: {several}",
            )  # fmt: skip
        else:
            cells.wrong(
                column, f"«{shown}» không có trong danh bạ; ghi mã hoặc tên đúng như danh bạ",
                f"“{shown}” is not in the directory; write its code or exact name",
            )  # fmt: skip
    return tuple(dict.fromkeys(found))


def _answered(cells: Cells, text: str) -> ResponseFor | None:
    return _identified(cells, Column.ANSWERS, text)


def _identified(cells: Cells, column: Column, text: str) -> ResponseFor | None:
    """A document by its identifier alone, or, where that says nothing, by ``code | number | date | identifier``."""
    parts = [part.strip() for part in text.split("|")]
    if len(parts) == 4:
        day, _ = number.read_date(parts[2])
        if all(parts) and day is not None:
            return ResponseFor(AgencyCode(parts[0]), parts[1], DocumentId(parts[3]), day)
    elif len(parts) == 1:
        try:
            found = parse_document_id(text)
        except Refused as refused:
            cells.refused(column, refused)
            return None
        if found.form is IdForm.CODE_DATE_NUMBER and found.code and found.number and found.issue_date:
            return ResponseFor(AgencyCode(found.code.text), found.number.text, found.text, found.issue_date)
    cells.wrong(
        column,
        "ghi mã văn bản như «H26,2026/11/20,12/SM-VP», hoặc «mã cơ quan | số ký hiệu | ngày | mã văn bản»",
        "write the identifier like “H26,2026/11/20,12/SM-VP”, or “agency | number | date | identifier”",
    )
    return None
