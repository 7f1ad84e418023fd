"""From what a registrar knows to a packet: edXML header, envelope, content identifiers. Source: exchange facts §1."""

from __future__ import annotations

import mimetypes
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode, DocumentId, EnvelopeId, uuid7
from lienthong.base.text import nfc
from lienthong.connector.errors import FILE_NOT_USABLE, INPUT_NOT_USABLE
from lienthong.connector.names import safe_name
from lienthong.connector.spool import Source, measure
from lienthong.edxml.limits import DEFAULT
from lienthong.edxml.model import (
    Business,
    DocumentCode,
    DocumentPacket,
    DocumentType,
    ManifestEntry,
    Organization,
    OtherInfo,
    ResponseFor,
    SignerInfo,
    StaffInfo,
    StatusPacket,
    TraceHop,
)
from lienthong.edxml.reader import read_header
from lienthong.trust import jws
from lienthong.trust.signer import Signer
from lienthong.vocabulary import kinds
from lienthong.vocabulary.number import document_id, split
from lienthong.wire.envelope import TYP as ENVELOPE_TYP
from lienthong.wire.envelope import Envelope, Kind, Part, Role, decode_envelope, encode_envelope

HEADER_TYPE = "application/xml"

NameOf = Callable[[str], str]
"""Name of an agency by its code, from the directory; the code itself when it has none."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file of a document. ``content``: a path, read when sent, or the bytes. ``name``: as the recipient sees it.

    ``sealed``: name and type of the file before it was encrypted, which the signed header announces.
    """

    name: str
    content: Source
    description: str = ""
    media_type: str = ""
    sealed: tuple[str, str] | None = None

    @staticmethod
    def of(path: Path | str, description: str = "") -> Attachment:
        """The file at a path. Refuses FILE_NOT_USABLE when it is none, or empty."""
        file = Path(path)
        if file.is_dir():
            raise Refused(FILE_NOT_USABLE, file=file.name, why="đây là thư mục (a folder)")
        if not file.is_file():
            why = "đây là thư mục (a directory)" if file.is_dir() else "không có tệp này (no such file)"
            raise Refused(FILE_NOT_USABLE, file=file.name, why=why)
        if file.stat().st_size == 0:
            raise Refused(FILE_NOT_USABLE, file=file.name, why="tệp rỗng (empty)")
        return Attachment(safe_name(file.name), file, description)

    @property
    def type(self) -> str:
        return self.media_type or mimetypes.guess_type(self.name)[0] or "application/octet-stream"


@dataclass(frozen=True, slots=True)
class OutgoingDocument:
    """An issued document, ready to go out (văn bản đi).

    ``number``: full number and symbol, ``1234/SM-VP``. ``kind``: name of the kind, ``Công văn``. ``urgency`` 0–4.
    ``issued_on``: date of the document, in Vietnam. ``document_id``: made from code, date and number unless given.
    """

    number: str
    subject: str
    to: Sequence[str]
    issued_on: date
    kind: str = "Công văn"
    place: str = ""
    signer_name: str = ""
    signer_position: str = ""
    signer_competence: str = ""
    urgency: int = 0
    due: date | None = None
    to_places: Sequence[str] = ()
    responses_for: Sequence[ResponseFor] = ()
    pages: int | None = None
    staff: StaffInfo = field(default_factory=StaffInfo)
    document_id: str = ""
    business: Business = field(default_factory=Business)


def document_header(
    document: OutgoingDocument, sender: AgencyCode, name_of: NameOf, now: datetime, attachments: Sequence[ManifestEntry]
) -> DocumentPacket:
    """The edXML header of a document. Refuses INPUT_NOT_USABLE."""
    if not document.subject.strip():
        raise Refused(INPUT_NOT_USABLE, field="subject", why="trích yếu không được để trống (empty)")
    if not document.to:
        raise Refused(INPUT_NOT_USABLE, field="to", why="cần ít nhất một nơi nhận (no recipient)")
    if len(set(document.to)) != len(document.to):
        raise Refused(INPUT_NOT_USABLE, field="to", why="có nơi nhận bị lặp lại (a recipient twice)")
    if not 0 <= document.urgency <= 4:
        raise Refused(INPUT_NOT_USABLE, field="urgency", why="độ khẩn từ 0 đến 4 (0 to 4)")
    number, notation = split(document.number)
    found = kinds.look_up(document.kind)
    if found.kind is None:
        raise Refused(INPUT_NOT_USABLE, field="kind", why=f"«{document.kind}» không phải loại văn bản (unknown kind)")
    family = 1 if found.family is kinds.Family.NORMATIVE else 2
    business = document.business
    return DocumentPacket(
        sender=organization(sender, name_of),
        receivers=tuple(organization(AgencyCode(code), name_of) for code in document.to),
        document_id=DocumentId(document.document_id or document_id(sender, document.issued_on, number, notation)),
        code=DocumentCode(number, notation),
        place=document.place,
        promulgation_date=document.issued_on,
        document_type=DocumentType(family, found.kind.edxml, found.kind.name),
        subject=document.subject.strip(),
        content=document.subject.strip(),
        signer=SignerInfo(document.signer_competence, document.signer_position, document.signer_name or "-"),
        due_date=document.due,
        other=OtherInfo(priority=document.urgency, page_amount=document.pages, direction=False),
        responses_for=tuple(document.responses_for),
        steering_type=1,
        to_places=tuple(document.to_places),
        trace=(TraceHop(sender, now.astimezone(VIETNAM).replace(microsecond=0)),),
        business=replace(business, reason=business.reason or "Văn bản điện tử mới", staff=(document.staff,)),
        manifest=tuple(attachments),
    )


def require_reason(text: str) -> None:
    """What takes a document back or turns it away says why. Refuses INPUT_NOT_USABLE."""
    if not text.strip():
        raise Refused(INPUT_NOT_USABLE, field="reason", why="cần nêu lý do (no reason given)")


def status_header(
    sender: AgencyCode, report_to: ResponseFor, code: int, description: str, now: datetime, name_of: NameOf
) -> StatusPacket:
    """The edXML header of a status report."""
    return StatusPacket(
        sender=organization(sender, name_of),
        response_for=report_to,
        status_code=code,
        timestamp=now.astimezone(VIETNAM).replace(microsecond=0),
        staff=StaffInfo(department="Văn thư"),
        description=description,
    )


def manifest(attachments: Sequence[Attachment]) -> tuple[ManifestEntry, ...]:
    """Announce attachments, each with a fresh content identifier."""
    return tuple(
        ManifestEntry(str(uuid.uuid4()), nfc(name), media_type, attachment.description)
        for attachment in attachments
        for name, media_type in [attachment.sealed or (attachment.name, attachment.type)]
    )


def make_envelope(
    *,
    kind: Kind,
    sender: AgencyCode,
    recipients: Sequence[str],
    about: DocumentId,
    header: bytes,
    entries: Sequence[ManifestEntry] = (),
    attachments: Sequence[Attachment] = (),
    urgency: int = 0,
    now: datetime,
    expires_at: datetime | None = None,
) -> Envelope:
    """The envelope over a finished header and its attachments; reads every file once for its digest."""
    size, digest = measure(header)
    parts = [Part(Role.HEADER, "header", "header.edxml", HEADER_TYPE, size, digest)]
    for entry, attachment in zip(entries, attachments, strict=True):
        size, digest = measure(attachment.content)
        parts.append(Part(Role.ATTACHMENT, entry.content_id, nfc(attachment.name), attachment.type, size, digest))
    at = now.replace(microsecond=now.microsecond // 1000 * 1000)
    return Envelope(
        id=EnvelopeId(uuid7()),
        kind=kind,
        sender=sender,
        recipients=tuple(AgencyCode(code) for code in recipients),
        document_id=about,
        created_at=at,
        expires_at=expires_at,
        urgency=urgency,
        parts=tuple(parts),
    )


def seal(envelope: Envelope, signer: Signer) -> tuple[bytes, bytes]:
    """Sign an envelope: its token and its payload. Refuses ENVELOPE_MALFORMED for what no axis could read."""
    payload = encode_envelope(envelope)
    # What no axis could read must not be signed and wait in the spool for ever.
    decode_envelope(payload)
    return jws.sign(payload, signer, ENVELOPE_TYP), payload


def organization(code: AgencyCode, name_of: NameOf) -> Organization:
    """An agency as the packet names it."""
    return Organization(organ_id=code, name=name_of(code) or code)


def read_own_header(header: bytes) -> DocumentPacket:
    """A document header that this agency made itself. Refuses INPUT_NOT_USABLE for a status."""
    packet = read_header(header, DEFAULT).packet
    if not isinstance(packet, DocumentPacket):
        raise Refused(INPUT_NOT_USABLE, field="header", why="không phải văn bản (not a document)")
    return packet
