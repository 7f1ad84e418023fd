"""From what a caller submits to what is stored: the edXML header, its recipients, its files.

Everything that can be wrong with a job by itself is refused here, before anything is stored.
Source: exchange facts §1, §3.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode, DocumentId
from lienthong.connector import compose
from lienthong.connector.compose import Attachment, NameOf, OutgoingDocument
from lienthong.connector.courier.model import (
    ChangeAnswer,
    ContentUpdate,
    FinishedPacket,
    Job,
    Recall,
    ReceivedId,
    ReceiverUpdate,
    ReplacingDocument,
    StatusReport,
)
from lienthong.connector.errors import INPUT_NOT_USABLE
from lienthong.connector.spool import Source, measure
from lienthong.connector.unpacking import read_packet
from lienthong.edxml.model import (
    Business,
    BusinessKind,
    DocumentPacket,
    ManifestEntry,
    ReceiverChange,
    Replacement,
    StatusPacket,
)
from lienthong.edxml.writer import write_document, write_status
from lienthong.vocabulary.status import StatusCode

_KINDS = {
    BusinessKind.NEW: "document",
    BusinessKind.RECALL: "recall",
    BusinessKind.UPDATE: "update",
    BusinessKind.REPLACE: "replacement",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A job as it is stored.

    ``header``: edXML without signature; of a finished packet it only serves to name the document later, since the
    packet's own bytes, the only file, are what travels. ``entries``: the
    manifest, one for each of ``files``. ``about``: identifier of the document of ours that this is about. ``axes``:
    the only ones that may carry it; none: by the directory.
    """

    kind: str
    agency: AgencyCode
    to: tuple[str, ...]
    urgency: int
    document_id: str
    number: str
    subject: str
    header: bytes
    entries: tuple[ManifestEntry, ...] = ()
    files: tuple[Attachment, ...] = ()
    about: str = ""
    axes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Earlier:
    """Where earlier documents are looked up. ``sent``: the header of a document that was submitted for an agency, and
    refuses DOCUMENT_UNKNOWN_HERE; ``answered``: what a received recall or update is about."""

    sent: Callable[[AgencyCode, str], DocumentPacket]
    answered: Callable[[ReceivedId], StatusReport]


def draft(job: Job, earlier: Earlier, name_of: NameOf, now: datetime) -> Draft:
    """Make what is stored of a job. Refuses INPUT_NOT_USABLE, DOCUMENT_UNKNOWN_HERE, EDXML_… for a finished packet."""
    content, agency = job.content, AgencyCode(job.agency)
    if isinstance(content, ChangeAnswer):
        report = earlier.answered(content.received)
        content = replace(report, code=15 if content.agree else 16, description=content.description)
    if not isinstance(content, OutgoingDocument | ContentUpdate | ReplacingDocument) and job.attachments:
        raise Refused(INPUT_NOT_USABLE, field="attachments", why="loại này không kèm tệp (takes no files)")
    if isinstance(content, FinishedPacket):
        return _finished(content.source, agency)
    if isinstance(content, StatusReport):
        return _status(content, agency, name_of, now)
    if isinstance(content, Recall | ReceiverUpdate):
        return _about(content, agency, earlier.sent(agency, content.document_id), name_of)
    document, about = _new(content)
    if about:
        earlier.sent(agency, about)
    entries = compose.manifest(job.attachments)
    packet = compose.document_header(document, agency, name_of, now, entries)
    return _document(packet, about, entries, tuple(job.attachments))


def _new(content: OutgoingDocument | ContentUpdate | ReplacingDocument) -> tuple[OutgoingDocument, str]:
    """The document that goes out, and the earlier one that it corrects or replaces, if any."""
    if isinstance(content, OutgoingDocument):
        return content, ""
    if isinstance(content, ContentUpdate):
        about = content.document_id
        change = Business(BusinessKind.UPDATE, content.reason, document_id=DocumentId(about), document_changes=True)
        return replace(content.document, business=change, document_id=about), about
    organs = tuple(AgencyCode(code) for code in content.document.to)
    replaced = Replacement(DocumentId(content.replaced), organs)
    change = Business(BusinessKind.REPLACE, content.reason, replacements=(replaced,))
    return replace(content.document, business=change), content.replaced


def fingerprint(job: Job) -> str:
    """SHA-256 that two requests share exactly when they ask for the same: members that say something, and the bytes of
    files rather than their places."""
    text = json.dumps(_plain(replace(job, key=None)), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _document(
    packet: DocumentPacket, about: str, entries: tuple[ManifestEntry, ...] = (), files: tuple[Attachment, ...] = ()
) -> Draft:
    return Draft(
        _KINDS[packet.business.kind], packet.sender.organ_id, tuple(o.organ_id for o in packet.receivers),
        packet.other.priority or 0, packet.document_id, packet.code.full, packet.subject, write_document(packet),
        entries, files, about,
    )  # fmt: skip


def _about(content: Recall | ReceiverUpdate, agency: AgencyCode, earlier: DocumentPacket, name_of: NameOf) -> Draft:
    """The header of the earlier document once more, with another operation."""
    had = tuple(str(o.organ_id) for o in earlier.receivers)
    about = DocumentId(content.document_id)
    if isinstance(content, Recall):
        to, business = content.to or had, Business(BusinessKind.RECALL, content.reason, document_id=about)
    else:
        changes = [ReceiverChange(AgencyCode(code), True) for code in content.added]
        changes += [ReceiverChange(AgencyCode(code), False) for code in content.removed]
        if not changes:
            raise Refused(INPUT_NOT_USABLE, field="added", why="không thay đổi nơi nhận nào (nothing changes)")
        to, business = had, Business(
            BusinessKind.UPDATE, content.reason, document_id=about, receivers_change=True, receivers=tuple(changes)
        )  # fmt: skip
    if not content.reason.strip():
        raise Refused(INPUT_NOT_USABLE, field="reason", why="cần nêu lý do (a reason is needed)")
    known = {str(o.organ_id): o for o in earlier.receivers}
    receivers = tuple(known.get(c) or compose.organization(AgencyCode(c), name_of) for c in dict.fromkeys(to))
    packet = replace(earlier, receivers=receivers, business=business, manifest=(), signature_xml=None)
    return _document(packet, content.document_id)


def _status(content: StatusReport, agency: AgencyCode, name_of: NameOf, now: datetime) -> Draft:
    known = {int(code.value): code for code in StatusCode}
    code = known.get(content.code)
    if code is None or code.sent_by_issuer:
        raise Refused(INPUT_NOT_USABLE, field="code", why="dùng 01–06, 15 hoặc 16 (01–06, 15, 16)")
    original = content.original
    packet = compose.status_header(agency, original.response_for(), content.code, content.description, now, name_of)
    return Draft(
        "status", agency, (str(original.issuer),), 0, original.document_id, original.code, code.label("vi"),
        write_status(packet), axes=content.axes,
    )  # fmt: skip


def _finished(source: Source, agency: AgencyCode) -> Draft:
    """Read a whole packet once, in a stream, for what the envelope must say."""
    packet = read_packet(source).require_valid()
    if packet.sender.organ_id != agency:
        why = f"tệp ghi nơi gửi {packet.sender.organ_id} (another sender is written in it)"
        raise Refused(INPUT_NOT_USABLE, field="agency", why=why)
    name = source.name if isinstance(source, Path) else "packet.edxml"
    files = (Attachment(name, source, "", "application/xml"),)
    entries = (ManifestEntry("packet", name, "application/xml"),)
    if isinstance(packet, StatusPacket):
        about = packet.response_for
        return Draft(
            "packet", agency, (str(about.organ_id),), 0, about.document_id, about.code, packet.description, b"",
            entries, files,
        )  # fmt: skip
    made = _document(packet, packet.business.document_id, entries, files)
    return replace(made, kind="packet")


def _plain(value: Any) -> Any:
    """A value as JSON without empty members, so that a member added later changes nothing that was said before."""
    if isinstance(value, Attachment):
        size, digest = measure(value.content)
        return {
            "name": value.name,
            "type": value.type,
            "about": value.description,
            "size": size,
            "sha256": digest.hex(),
        }
    if isinstance(value, FinishedPacket):
        return {"packet": measure(value.source)[1].hex()}
    if is_dataclass(value) and not isinstance(value, type):
        members = {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
        kept = {name: member for name, member in members.items() if member not in (None, "", [], {})}
        return {"is": type(value).__name__, **kept}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, str | int | float) else str(value)
