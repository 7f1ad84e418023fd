"""What is written beside a drop for people and programs: receipt, statuses, reason. Vietnamese first, then English."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from lienthong.base.clock import VIETNAM, from_text, to_text
from lienthong.base.errors import Problem, Refused
from lienthong.base.text import one_line
from lienthong.connector.courier.model import CourierEvent, EnvelopeView, JobState, JobView, Reason
from lienthong.trust import jws
from lienthong.vocabulary.status import StatusCode

_STATES = {
    JobState.QUEUED: ("Đang chờ gửi", "Waiting to be sent"),
    JobState.SENDING: ("Đang gửi", "Being sent"),
    JobState.SENT: ("Đã gửi, trục đã cấp biên nhận", "Sent, with the axis's receipt"),
    JobState.REFUSED: ("Bị từ chối", "Refused"),
    JobState.CANCELLED: ("Đã hủy, chưa gửi đi", "Cancelled, never sent"),
}
_DELIVERIES = {
    "waiting": ("chờ văn bản trước đó", "behind an earlier document"),
    "available": ("chờ bên nhận lấy", "ready for the recipient"),
    "leased": ("bên nhận đang lấy", "being fetched by the recipient"),
    "delivered": ("đã giao cho phần mềm bên nhận", "handed over to the recipient's system"),
    "refused": ("phần mềm bên nhận từ chối", "refused by the recipient's system"),
    "expired": ("hết hạn giao", "not fetched in time"),
    "recalled": ("đã thu hồi", "recalled"),
    "quarantined": ("bị giữ lại để kiểm tra", "set aside"),
}
_EVENTS = {
    "job.queued": ("đã xếp hàng gửi", "queued"),
    "job.sent": ("đã gửi, có biên nhận", "sent, receipt kept"),
    "job.refused": ("bị từ chối", "refused"),
    "job.retried": ("gửi lại theo yêu cầu", "tried again by hand"),
    "job.cancelled": ("đã hủy trước khi gửi", "cancelled before it left"),
    "status.received": ("bên nhận báo", "recipient reports"),
    **{f"delivery.{state}": names for state, names in _DELIVERIES.items()},
}
_CODES = {int(code.value): code for code in StatusCode}


NOTE_HEAD = "ĐANG CHỜ · WAITING"
"""First line of the notes in ``outbox/``."""


def when(at: datetime) -> str:
    """An instant as people in Vietnam write it."""
    return at.astimezone(VIETNAM).strftime("%H:%M:%S %d/%m/%Y")


def status_name(code: int) -> tuple[str, str]:
    """Vietnamese and English name of a business status."""
    known = _CODES.get(code)
    return (known.label("vi"), known.label("en")) if known is not None else (f"mã {code:02d}", f"code {code:02d}")


# --- reason -----------------------------------------------------------------------------------------------------------


def reason_text(title: str, reason: Reason, problems: Sequence[Problem], at: datetime) -> str:
    """Why something was refused and what to do (``ly-do.txt``)."""
    return "\n".join([
        "KHÔNG GỬI ĐƯỢC · NOT SENT", "", f"Về · About: {one_line(title)}", f"Lúc · At:    {when(at)}",
        f"Mã · Code:  {reason.code}", "",
        "— Tiếng Việt —", reason.vi, *_numbered(problem.vi for problem in problems), f"Cách xử lý: {reason.do_vi}", "",
        "— English —", reason.en, *_numbered(problem.en for problem in problems), f"What to do: {reason.do_en}", "",
    ])  # fmt: skip


def reason_of(refused: Refused) -> tuple[Reason, tuple[Problem, ...]]:
    """A refusal as a reason with its findings."""
    return Reason.of(refused), refused.problems


def waiting_text(title: str, vi: str, en: str, at: datetime) -> str:
    """Why something in ``outbox/`` is not taken yet (``dang-cho.txt``)."""
    return f"{NOTE_HEAD}\n\n{one_line(title)}\n{vi}\n{en}\n\nGhi lúc · Written at {when(at)}\n"


def already_text(view: JobView, first: str, at: datetime) -> str:
    """That the same was sent before (``da-gui.txt``)."""
    vi, en = _STATES[view.state]
    return (
        "ĐÃ GỬI TRƯỚC ĐÓ, KHÔNG GỬI LẠI · ALREADY SENT, NOT SENT AGAIN\n\n"
        f"Nội dung và dòng mô tả này giống hệt lần gửi lúc {when(view.submitted_at)} (công việc {view.id}).\n"
        f"Lần gửi đó: {vi}. Biên nhận và trạng thái của nó ở cạnh: {one_line(first, 400)}\n\n"
        f"Content and row are those submitted at {when(view.submitted_at)} (job {view.id}).\n"
        f"That one: {en}. Its receipt and statuses lie beside: {one_line(first, 400)}\n\n"
        f"Ghi lúc · Written at {when(at)}\n"
    )


def _numbered(sentences: Iterable[str]) -> list[str]:
    return [f"  {number}. {sentence}" for number, sentence in enumerate(sentences, 1)]


# --- receipt ----------------------------------------------------------------------------------------------------------


def receipts(view: JobView) -> dict[str, bytes]:
    """The receipt slips of a sent job by their endings: the axis's signed bytes, and what they say."""
    made: dict[str, bytes] = {}
    rows = []
    for number, envelope in enumerate((e for e in view.envelopes if e.receipt is not None), 1):
        token = envelope.receipt.read_bytes() if envelope.receipt is not None else b""
        ending = ".bien-nhan.jws" if number == 1 else f".bien-nhan-{number}.jws"
        made[ending] = token
        rows.append(_receipt(envelope, token, ending))
    if rows:
        members = {"v": 1, **_named(view), "receipts": rows}
        made[".bien-nhan.json"] = _json(members)
        made[".bien-nhan.txt"] = _receipt_text(view, rows).encode()
    return made


def _receipt(envelope: EnvelopeView, token: bytes, ending: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(jws.unverified_payload(token))
    return {
        "axis": envelope.axis, "envelope": envelope.id, "recipients": list(envelope.recipients),
        "accepted_at": event.get("at"), "file": ending.lstrip("."), "event": event,
    }  # fmt: skip


def _receipt_text(view: JobView, rows: Sequence[Mapping[str, Any]]) -> str:
    lines = ["BIÊN NHẬN CỦA TRỤC LIÊN THÔNG · RECEIPT OF THE AXIS", "", *_about(view)]
    for row in rows:
        lines += [
            "", f"Trục · Axis:            {row['axis']}", f"Mã gói tin · Envelope:  {row['envelope']}",
            f"Nhận lúc · Accepted at: {when(from_text(row['accepted_at']))}",
            f"Nơi nhận · Recipients:  {', '.join(row['recipients'])}",
        ]  # fmt: skip
    lines += [
        "", "Bản có chữ ký của trục nằm trong tệp .bien-nhan.jws cạnh tệp này; đó mới là bằng chứng.",
        "The copy signed by the axis is the .bien-nhan.jws beside this file; that one is the evidence.", "",
    ]  # fmt: skip
    return "\n".join(lines)


# --- statuses ---------------------------------------------------------------------------------------------------------


def history_row(event: CourierEvent) -> dict[str, Any]:
    """One event as it is kept in ``trang-thai.json``."""
    return {"number": event.number, "type": event.type, "at": to_text(event.at), **event.data}


def statuses(view: JobView, history: Sequence[Mapping[str, Any]]) -> dict[str, bytes]:
    """The two status slips: everything so far for programs, the present for people."""
    recipients = [
        {
            "agency": each.agency, "axis": each.axis, "delivery": each.delivery,
            "delivery_at": to_text(each.delivery_at) if each.delivery_at else None, "status": each.status,
            "status_text": each.status_text, "status_at": to_text(each.status_at) if each.status_at else None,
        }
        for each in view.recipients
    ]  # fmt: skip
    members = {"v": 1, **_named(view), "state": view.state.value, "recipients": recipients, "history": list(history)}
    return {
        ".trang-thai.json": _json(members),
        ".trang-thai.txt": _status_text(view, history).encode("utf-8", "replace"),
    }


def _status_text(view: JobView, history: Sequence[Mapping[str, Any]]) -> str:
    vi, en = _STATES[view.state]
    lines = ["TRẠNG THÁI · STATUS", "", *_about(view), f"Hiện tại · Now:         {vi} · {en}"]
    if view.reason is not None and view.state is not JobState.SENT:
        lines += [f"  {view.reason.vi} {view.reason.do_vi}", f"  {view.reason.en} {view.reason.do_en}"]
    for each in view.recipients:
        lines += ["", f"Nơi nhận · Recipient:   {each.agency}"]
        if each.delivery:
            name = _DELIVERIES.get(each.delivery, (each.delivery, each.delivery))
            at = f", {when(each.delivery_at)}" if each.delivery_at else ""
            lines.append(f"  Giao · Delivery:      {name[0]} · {name[1]}{at}")
        if each.status:
            name = status_name(each.status)
            at = f", {when(each.status_at)}" if each.status_at else ""
            lines.append(f"  Xử lý · Handling:     {each.status:02d} {name[0]} · {name[1]}{at}")
            if each.status_text:
                lines.append(f"    «{one_line(each.status_text, 400)}»")
    if history:
        lines += ["", "Diễn biến · History:"]
        lines += [_happened(row) for row in history]
    return "\n".join([*lines, ""])


def _happened(row: Mapping[str, Any]) -> str:
    """One line of the history; ``trang-thai.json`` has the same with the names for programs."""
    vi, en = _EVENTS.get(row["type"], (row["type"], row["type"]))
    return f"  {when(from_text(row['at']))}  {vi} · {en}  {_detail(row)}".rstrip()


def _detail(row: Mapping[str, Any]) -> str:
    said = [str(row[name]) for name in ("recipient", "sender", "code", "description") if row.get(name)]
    return one_line(" ".join(said), 200)


def _about(view: JobView) -> list[str]:
    return [
        f"Số, ký hiệu · Number:   {one_line(view.number)}", f"Trích yếu · Subject:    {one_line(view.subject, 400)}",
        f"Mã văn bản · Document:  {one_line(view.document_id)}", f"Công việc · Job:        {view.id}",
    ]  # fmt: skip


def _named(view: JobView) -> dict[str, Any]:
    return {
        "job": view.id, "agency": view.agency, "kind": view.kind, "document_id": view.document_id,
        "number": view.number, "subject": view.subject,
    }  # fmt: skip


def _json(members: Mapping[str, Any]) -> bytes:
    return json.dumps(members, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def put(folder: Path, name: str, content: bytes) -> None:
    """Write a slip in one step, or anew; whoever reads sees the old one or the new one."""
    making = folder / f".{abs(hash(name)):x}.tmp"
    making.write_bytes(content)
    making.replace(folder / name)
