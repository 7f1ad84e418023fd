"""The cover page of something received (``bia.html``): what a person wants to know, on one sheet, without any program.

It stands alone: no script, no address of anything but the files beside it, and a policy that forbids everything but its
own style. Every word from outside is escaped. Vietnamese first, English beside it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from html import escape
from importlib import resources
from urllib.parse import quote

from lienthong.base.clock import VIETNAM, from_text
from lienthong.base.text import one_line
from lienthong.edxml.model import BusinessKind, DocumentPacket, StatusPacket
from lienthong.vocabulary.status import StatusCode
from lienthong.vocabulary.urgency import Urgency
from lienthong.webkit.look import colours

Pair = tuple[str, str]
"""The same said in Vietnamese and in English."""

_OPERATIONS: dict[BusinessKind, Pair] = {
    BusinessKind.NEW: ("Văn bản đến", "Incoming document"),
    BusinessKind.RECALL: ("Yêu cầu thu hồi", "Recall"),
    BusinessKind.UPDATE: ("Cập nhật văn bản", "Update of a document"),
    BusinessKind.REPLACE: ("Văn bản thay thế", "Replacing document"),
}
_VERDICTS: dict[str, tuple[str, Pair]] = {
    "PASSED": ("done", ("Chữ ký số của gói tin hợp lệ", "The packet's own signature is valid")),
    "INDETERMINATE": (
        "neutral",
        ("Không có chữ ký riêng, hoặc ký bằng chứng thư chưa đánh giá được", "None of its own, or one we cannot judge"),
    ),
    "FAILED": ("error", ("Chữ ký trong gói tin SAI: hỏi lại nơi gửi", "The signature is WRONG: ask the sender")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CoverFile:
    """One attachment. ``path``: below the page's own folder."""

    name: str
    path: str
    size: int
    sha256: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How it came. ``accepted_at``: when the axis took it from the sender, from its signed receipt."""

    received_id: str
    envelope: str
    digest: str
    axis: str
    accepted_at: str
    received_at: datetime
    agency: str
    addressed_to: str
    verdict: str


def page(packet: DocumentPacket | StatusPacket, files: Sequence[CoverFile], delivery: Delivery) -> str:
    """The whole page."""
    if isinstance(packet, StatusPacket):
        title, head, body = _status(packet)
    else:
        title, head, body = _document(packet, files)
    style = _style()
    mark = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{mark}'; base-uri 'none'; form-action 'none'"
    return "".join([
        '<!DOCTYPE html>\n<html lang="vi"><head><meta charset="utf-8">\n',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n',
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
        '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">\n',
        f"<title>{_text(title)}</title>\n<style>{style}</style></head>\n<body><main>\n",
        head, body, _proof(delivery), "</main></body></html>\n",
    ])  # fmt: skip


@cache
def _style() -> str:
    return colours() + (resources.files(__package__) / "cover.css").read_text("utf-8")


def _document(packet: DocumentPacket, files: Sequence[CoverFile]) -> tuple[str, str, str]:
    business = packet.business
    urgency = Urgency(packet.other.priority) if packet.other.priority in set(Urgency) else Urgency.NORMAL
    chip = "error" if urgency >= Urgency.IMMEDIATE else "waiting" if urgency.is_urgent else "neutral"
    number = packet.code.full
    kind = packet.document_type.name
    head = (
        f"<header><div><div class='sender'>{_text(packet.sender.name or packet.sender.organ_id)} "
        f"<span class='code'>{_text(packet.sender.organ_id)}</span></div>"
        f"<div>{_pair(_OPERATIONS[business.kind])}</div></div>"
        f"<span class='chip {chip}'>{_text(urgency.label('vi'))} · {_text(urgency.label('en'))}</span></header>"
        f"<h1>{_text(packet.subject)}</h1><p class='number'>{_text(' '.join(filter(None, (kind, number))))}</p>"
    )
    rows: list[tuple[Pair, str]] = [
        (("Số, ký hiệu", "Number and symbol"), _text(number)),
        (("Ngày ban hành", "Date of issue"), _day(packet.promulgation_date)),
        (("Nơi ban hành", "Place"), _text(packet.place)),
        (("Cơ quan gửi", "Sender"), _agency(packet.sender.name, packet.sender.organ_id)),
        (("Hạn trả lời", "Answer due"), f"<strong>{_day(packet.due_date)}</strong>" if packet.due_date else ""),
        (("Người ký", "Signed by"), _signer(packet)),
        (("Nơi nhận", "Recipients"), "<br>".join(_agency(o.name, o.organ_id) for o in packet.receivers[:50])),
        (("Mã văn bản", "Document identifier"), _mono(packet.document_id)),
    ]
    if business.kind is not BusinessKind.NEW:
        rows.append((("Lý do", "Reason"), _text(business.reason)))
    body = _section(("Thông tin văn bản", "About the document"), _list(rows))
    body += _section(("Tệp kèm theo", "Attachments"), _files(files))
    related = _related(packet)
    return (
        f"{number} — {packet.subject}",
        head,
        body + (_section(("Văn bản liên quan", "Related"), related) if related else ""),
    )


def _status(packet: StatusPacket) -> tuple[str, str, str]:
    known = {int(code.value): code for code in StatusCode}.get(packet.status_code)
    name = (known.label("vi"), known.label("en")) if known else ("Trạng thái không rõ", "Unknown status")
    about = packet.response_for
    head = (
        f"<header><div><div class='sender'>{_text(packet.sender.name or packet.sender.organ_id)} "
        f"<span class='code'>{_text(packet.sender.organ_id)}</span></div>"
        f"<div>{_pair(('Trạng thái xử lý', 'Business status'))}</div></div></header>"
        f"<h1>{packet.status_code:02d} {_pair(name)}</h1>"
    )
    at = _instant(packet.timestamp) if packet.timestamp else ""
    rows = [
        (("Về văn bản", "About the document"), _text(about.code)),
        (("Mã văn bản", "Document identifier"), _mono(about.document_id)),
        (("Ngày ban hành", "Date of issue"), _day(about.promulgation_date)),
        (("Nội dung", "Description"), _text(packet.description)),
        (("Lúc", "At"), _text(at)),
    ]
    return (
        f"{packet.status_code:02d} {name[0]} — {about.code}",
        head,
        _section(("Nội dung", "What it says"), _list(rows)),
    )


def _signer(packet: DocumentPacket) -> str:
    signer = packet.signer
    return "<br>".join(
        _text(part) for part in (signer.competence, signer.position, signer.full_name) if part.strip("- ")
    )


def _files(files: Sequence[CoverFile]) -> str:
    if not files:
        return f"<p>{_pair(('Không có tệp kèm theo.', 'None.'))}</p>"
    rows = "".join(
        f"<tr><td><a href='{escape(quote(each.path), quote=True)}'>{_text(each.name)}</a>"
        f"{'<br>' + _text(each.description) if each.description else ''}"
        f"<span class='hash'>SHA-256 {_text(each.sha256)}</span></td><td class='size'>{_size(each.size)}</td></tr>"
        for each in files
    )
    return (
        f"<table><thead><tr><th scope='col'>{_pair(('Tên tệp và mã băm', 'Name and digest'))}</th>"
        f"<th scope='col' class='size'>{_pair(('Dung lượng', 'Size'))}</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _related(packet: DocumentPacket) -> str:
    rows: list[tuple[Pair, str]] = [
        (("Phúc đáp", "Answers"), f"{_text(each.code)} {_day(each.promulgation_date)} {_mono(each.document_id)}")
        for each in packet.responses_for
    ]
    if packet.business.document_id:
        rows.append((("Về văn bản", "About"), _mono(packet.business.document_id)))
    rows += [(("Thay thế", "Replaces"), _mono(each.document_id)) for each in packet.business.replacements]
    return _list(rows) if rows else ""


def _proof(delivery: Delivery) -> str:
    chip, verdict = _VERDICTS.get(delivery.verdict, _VERDICTS["INDETERMINATE"])
    envelope = (
        "Chữ ký của hệ thống gửi hợp lệ; nội dung đúng mã băm đã ký",
        "Valid; content as signed",
    )
    rows: list[tuple[Pair, str]] = [
        (("Chữ ký trên gói gửi", "Sending system"), _chip("done", envelope)),
        (("Chữ ký trong gói tin", "In the packet"), _chip(chip, verdict)),
        (("Trục nhận lúc", "Accepted by the axis"), _text(f"{_local(delivery.accepted_at)} — {delivery.axis}")),
        (("Đầu nối nhận lúc", "Received here"),
         _text(_instant(delivery.received_at))),
        (("Cho cơ quan", "For agency"), _text(delivery.agency)),
        (("Mã gói tin", "Envelope"), _mono(delivery.envelope)),
        (("Mã băm gói tin", "Envelope digest"), _mono(delivery.digest)),
        (("Mã nhận", "Received as"), _mono(delivery.received_id)),
    ]  # fmt: skip
    if delivery.addressed_to and delivery.addressed_to != delivery.agency:
        rows.insert(5, (("Ghi gửi tới mã cũ", "Addressed to"), _text(delivery.addressed_to)))
    hint = (
        "Bằng chứng có chữ ký nằm cạnh trang này: goi-tin.jws (nơi gửi), bien-nhan.jws (trục), packet.edxml.",
        "Signed evidence lies beside this page: goi-tin.jws (sender), bien-nhan.jws (axis), packet.edxml.",
    )
    return _section(("Chứng cứ giao nhận", "Proof of delivery"), _list(rows)) + f"<p class='hint'>{_pair(hint)}</p>"


def _chip(chip: str, said: Pair) -> str:
    sign = {"done": "✓", "error": "✗"}.get(chip, "–")
    return f"<span class='chip {chip}'>{sign}</span> {_pair(said)}"


def _section(title: Pair, inner: str) -> str:
    return f"<section><h2>{_pair(title)}</h2>{inner}</section>\n"


def _list(rows: Iterable[tuple[Pair, str]]) -> str:
    shown = "".join(f"<dt>{_pair(name)}</dt><dd>{value}</dd>" for name, value in rows if value)
    return f"<dl>{shown}</dl>"


def _pair(said: Pair) -> str:
    return f"{_text(said[0])} <small lang='en'>{_text(said[1])}</small>"


def _agency(name: str, code: str) -> str:
    return f"{_text(name)} <span class='code'>{_text(code)}</span>" if name and name != code else _mono(code)


def _mono(text: str) -> str:
    return f"<span class='hash'>{_text(text)}</span>"


def _day(day: date | None) -> str:
    return day.strftime("%d/%m/%Y") if day is not None else ""


def _instant(at: datetime) -> str:
    return at.astimezone(VIETNAM).strftime("%H:%M:%S %d/%m/%Y")


def _local(text: str) -> str:
    """An instant as the axis writes it, in the time of people here; anything else as it is."""
    try:
        return _instant(from_text(text))
    except ValueError:
        return text


def _size(size: int) -> str:
    if size < 1000:
        return f"{size} B"
    shown, unit = (size / 1000, "kB") if size < 10**6 else (size / 10**6, "MB")
    return f"{shown:.1f}".replace(".", ",") + f" {unit}"


def _text(text: str) -> str:
    """Text from outside: one line, no control or direction characters, escaped."""
    return escape(one_line(text, 2000), quote=True)
