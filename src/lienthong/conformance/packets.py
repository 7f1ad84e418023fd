"""The packets that the kit offers: the thirteen of the sample set in our own data, and the traps of real files.

Source: exchange facts §1.8.5 (samples), §1.9 (traps).
"""

from __future__ import annotations

import hashlib
import itertools
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from lienthong.base.clock import VIETNAM
from lienthong.base.ids import AgencyCode, DocumentId
from lienthong.conformance.model import Text
from lienthong.edxml.model import (
    Business,
    BusinessKind,
    DocumentCode,
    DocumentPacket,
    DocumentType,
    ManifestEntry,
    Organization,
    OtherInfo,
    Replacement,
    ResponseFor,
    SignerInfo,
    StaffInfo,
    StatusPacket,
    StatusVariant,
    TraceHop,
)
from lienthong.edxml.writer import write_packet, write_status

STATUSES = (1, 2, 3, 4, 5, 6, 13, 15, 16)
"""The nine status packets of the sample set."""

STATUS_WORDS = {
    1: "đã đến", 2: "từ chối: gửi nhầm nơi nhận", 3: "đã tiếp nhận, vào sổ đến số 56", 4: "đã phân công",
    5: "đang xử lý", 6: "đã hoàn thành", 13: "lấy lại: sai phụ lục", 15: "đồng ý", 16: "không đồng ý: đã xử lý xong",
}  # fmt: skip

NAMESPACE = b"http://www.mic.gov.vn/TBT/QCVN_102_2016"


class Numbers:
    """Numbers and a symbol for documents that no other run uses, not even one that begins in the same moment.

    A number has at most eleven characters (QCVN 102), so the symbol carries what tells runs apart.
    """

    def __init__(self, start: int | None = None) -> None:
        self._base = secrets.randbelow(10_000_000) if start is None else start
        self._next = itertools.count(1)
        self.symbol = "KT-VP" if start is not None else f"KT{secrets.token_hex(6).upper()}-VP"

    def next(self) -> str:
        return f"{self._base}{next(self._next):03d}"


def pdf(mark: str, size: int = 2_000) -> bytes:
    """A file that looks like a PDF, the same for the same mark."""
    noise = b"".join(hashlib.sha256(f"{mark}{n}".encode()).hexdigest().encode() + b"\n" for n in range(size // 65 + 1))
    return b"%PDF-1.4\n%" + noise[:size] + b"\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def document(numbers: Numbers, sender: str, to: Sequence[str], **more: object) -> DocumentPacket:
    """A new document with one attachment; ``more``: members that differ."""
    number = numbers.next()
    packet = DocumentPacket(
        sender=Organization(AgencyCode(sender), f"Cơ quan {sender}", "Đơn vị kiểm thử"),
        receivers=tuple(Organization(AgencyCode(code), f"Cơ quan {code}") for code in to),
        document_id=DocumentId(f"{sender},2026/11/20,{number}/{numbers.symbol}"),
        code=DocumentCode(number, numbers.symbol),
        place="Hà Nội",
        promulgation_date=date(2026, 11, 20),
        document_type=DocumentType(2, 18, "Công văn"),
        subject="V/v kiểm thử tuân thủ liên thông văn bản",
        content="Đề nghị kiểm thử.",
        signer=SignerInfo("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", "Nguyễn Văn Mẫu"),
        other=OtherInfo(priority=0, page_amount=2, direction=False),
        steering_type=1,
        to_places=("Như trên", "Lưu: VT"),
        trace=(TraceHop(AgencyCode(sender), datetime(2026, 11, 20, 8, 30, tzinfo=VIETNAM)),),
        business=Business(
            reason="Văn bản điện tử mới", staff=(StaffInfo(department="Văn thư", staff="Trần Thị Ví Dụ"),)
        ),
        manifest=(ManifestEntry("tep-1", "toan-van.pdf", "application/pdf", "Toàn văn"),),
    )
    return replace(packet, **more)  # type: ignore[arg-type]  # members of the packet, checked by replace


def whole(packet: DocumentPacket, contents: Sequence[bytes] | None = None) -> bytes:
    """The file of a packet with its attachments."""
    given = contents if contents is not None else [pdf(packet.document_id + e.name) for e in packet.manifest]
    return b"".join(write_packet(packet, zip(packet.manifest, ([each] for each in given), strict=True)))


def about(packet: DocumentPacket, organ: str = "") -> ResponseFor:
    """Names a document in a status."""
    return ResponseFor(
        AgencyCode(organ or packet.sender.organ_id), packet.code.full, packet.document_id, packet.promulgation_date
    )


def status(
    reporter: str, on: ResponseFor, code: int, form: StatusVariant = StatusVariant.M, at: datetime | None = None
) -> bytes:
    """A status file. Code 13 goes the other way: the reporter is the issuer, and ``on`` names the receiver."""
    sender = Organization(AgencyCode(reporter), f"Cơ quan {reporter}")
    at = (at or datetime.now(UTC)).astimezone(VIETNAM).replace(microsecond=0)
    staff = StaffInfo(department="Văn thư", staff="Lê Thị Mẫu")
    return write_status(StatusPacket(sender, on, code, at, staff, f"Văn thư – {STATUS_WORDS[code]}"), form)


def follow_ups(numbers: Numbers, original: DocumentPacket) -> Iterator[tuple[str, DocumentPacket]]:
    """Recall, update and replacement of a document, as the sample set has them."""
    sender = original.sender.organ_id
    to = [each.organ_id for each in original.receivers]
    yield (
        "update",
        replace(
            original,
            business=Business(
                BusinessKind.UPDATE, "Sửa phụ lục", document_id=original.document_id, document_changes=True
            ),
        ),
    )
    yield (
        "recall",
        replace(
            original,
            business=Business(BusinessKind.RECALL, "Gửi nhầm nơi nhận", document_id=original.document_id),
            manifest=(),
        ),
    )
    again = document(numbers, sender, to, subject="V/v thay thế văn bản kiểm thử")
    replaced = Replacement(original.document_id, tuple(to))
    yield (
        "replace",
        replace(again, business=Business(BusinessKind.REPLACE, "Thay thế văn bản trước", replacements=(replaced,))),
    )


@dataclass(frozen=True)
class Trap:
    """One oddity of real files. ``make``: from a good file to the odd one."""

    name: str
    title: Text
    make: Callable[[bytes], bytes]


def _swap(old: str, new: str) -> Callable[[bytes], bytes]:
    def make(raw: bytes) -> bytes:
        made = raw.replace(old.encode(), new.encode())
        if made == raw:
            raise ValueError(f"the packet has no {old}")
        return made

    return make


TRAPS = (
    Trap(
        "date-form",
        Text("ngày ban hành viết dd/MM/yyyy", "date of issue as dd/MM/yyyy"),
        _swap("PromulgationDate>2026/11/20<", "PromulgationDate>20/11/2026<"),
    ),
    Trap(
        "impossible-date",
        Text("ngày không có thật trong mã văn bản", "impossible date inside the identifier"),
        _swap(",2026/11/20,", ",2026/02/30,"),
    ),
    Trap(
        "empty-parts",
        Text("hạn trả lời, người ký, văn bản liên quan để trống", "empty due date, signer, answered document"),
        _swap(
            "</edXML:SignerInfo>",
            "</edXML:SignerInfo><edXML:DueDate/><edXML:ResponseFor><edXML:OrganId/>"
            "<edXML:Code/><edXML:DocumentId/><edXML:PromulgationDate/></edXML:ResponseFor>",
        ),
    ),
    Trap(
        "comments",
        Text("chú thích XML và ký tự tab trong phong bì", "XML comments and tabs inside the envelope"),
        _swap("<edXML:MessageHeader>", "<!-- phần mềm A -->\t\t<edXML:MessageHeader>"),
    ),
    Trap(
        "content-id",
        Text("mã nội dung lúc có lúc không có «cid:»", "content identifiers with and without cid:"),
        _swap("cid:tep-1</edXML:ContentId>", "tep-1</edXML:ContentId>"),
    ),
    Trap(
        "zip-label",
        Text("tệp PDF ghi nhãn application/zip trong danh mục", "a PDF labelled application/zip in the manifest"),
        _swap("<edXML:ContentType>application/pdf<", "<edXML:ContentType>application/zip<"),
    ),
    Trap(
        "old-codes",
        Text("mã cơ quan kiểu cũ trong văn bản liên quan", "old agency codes in the answered document"),
        _swap(
            "<edXML:SteeringType>",
            "<edXML:ResponseFor><edXML:OrganId>14.00.W00</edXML:OrganId><edXML:Code>7/VB</edXML:Code>"
            "<edXML:DocumentId>14.00.W00,2015/01/02,7/VB</edXML:DocumentId></edXML:ResponseFor><edXML:SteeringType>",
        ),
    ),
    Trap(
        "xlink",
        Text("xlink:href không khai báo tiền tố", "xlink:href with an undeclared prefix"),
        _swap("<edXML:Reference>", '<edXML:Reference xlink:href="">'),
    ),
    Trap(
        "namespace",
        Text("không gian tên khác (phần mềm đời cũ)", "another namespace (older software)"),
        _swap(NAMESPACE.decode(), "http://www.e-doc.vn/Schema/"),
    ),
    Trap(
        "capital-e",
        Text("thẻ EdXMLEnvelope viết hoa E", "EdXMLEnvelope with a capital E"),
        _swap("edXML:edXMLEnvelope", "edXML:EdXMLEnvelope"),
    ),
)
"""Traps of a document file. Name orders (4) and status forms (6) are checked by themselves."""


def sample_files(sender: str, recipient: str, at: datetime) -> dict[str, bytes]:
    """The thirteen samples and the traps by file name, the same bytes for the same arguments."""
    numbers = Numbers(1000)
    original = document(numbers, sender, [recipient])
    good = whole(original)
    found = {"document-new.edxml": good}
    for name, packet in follow_ups(numbers, original):
        found[f"document-{name}.edxml"] = whole(packet)
    for code in STATUSES:
        reporter, named = (sender, about(original, recipient)) if code == 13 else (recipient, about(original))
        found[f"status-{code:02d}.edxml"] = status(reporter, named, code, at=at)
    found["trap-status-form-s.edxml"] = status(recipient, about(original), 1, StatusVariant.S, at)
    found["trap-status-one-digit.edxml"] = found["status-04.edxml"].replace(b">04<", b">4<")
    return found | {f"trap-{trap.name}.edxml": trap.make(good) for trap in TRAPS}
