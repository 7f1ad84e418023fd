"""The envelope (gói tin): the sender's signed statement of what goes to whom. Source: PR-NATIVE §1."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from lienthong.base.clock import from_text, to_text
from lienthong.base.ids import AgencyCode, DocumentId, EnvelopeId, Sha256
from lienthong.wire.canonical import Json, Reader, decode, encode
from lienthong.wire.errors import ENVELOPE_MALFORMED

TYP = "lt-envelope"
MAX_RECIPIENTS = 10_000
MAX_PARTS = 201
MAX_PART_SIZE = 1 << 40

_HEX = re.compile(r"[0-9a-f]{64}").fullmatch
_MEDIA = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,60}/[A-Za-z0-9!#$&^_.+-]{1,90}").fullmatch


class Kind(Enum):
    """What the header part holds: a document of any business kind, or a status report."""

    DOCUMENT = "document"
    STATUS = "status"


class Role(Enum):
    """HEADER: edXML without attachments. ATTACHMENT: bytes of one file. PACKET: a whole edXML file as received."""

    HEADER = "header"
    ATTACHMENT = "attachment"
    PACKET = "packet"


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of content, named by its digest.

    ``content_id``: as in the edXML manifest, without ``cid:``. ``name``: file name as metadata only, never a path to
    write to. ``size``: bytes. ``sha256``: of the bytes as they travel.
    """

    role: Role
    content_id: str
    name: str
    media_type: str
    size: int
    sha256: Sha256


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message from one agency to one or many; fields as in PR-NATIVE §1."""

    id: EnvelopeId
    kind: Kind
    sender: AgencyCode
    recipients: tuple[AgencyCode, ...]
    document_id: DocumentId
    created_at: datetime
    expires_at: datetime | None
    urgency: int
    parts: tuple[Part, ...]

    @property
    def size(self) -> int:
        """Bytes of all parts together."""
        return sum(part.size for part in self.parts)

    @property
    def head(self) -> Part:
        """The part that holds the edXML: the header, or the whole packet."""
        return self.parts[0]


def digest(payload: bytes) -> Sha256:
    """The digest of an envelope: over its payload bytes, so that signing again gives the same envelope."""
    return Sha256(hashlib.sha256(payload).digest())


def encode_envelope(envelope: Envelope) -> bytes:
    """The payload bytes that the sender signs."""
    members: dict[str, Json] = {
        "v": 1,
        "id": str(envelope.id),
        "kind": envelope.kind.value,
        "from": envelope.sender,
        "to": list(envelope.recipients),
        "document_id": envelope.document_id,
        "created_at": to_text(envelope.created_at),
        "urgency": envelope.urgency,
        "parts": [_encode_part(part) for part in envelope.parts],
    }
    if envelope.expires_at is not None:
        members["expires_at"] = to_text(envelope.expires_at)
    return encode(members)


def decode_envelope(payload: bytes) -> Envelope:
    """Read the payload of an envelope; refuses ENVELOPE_MALFORMED with the member at fault."""
    read = Reader(decode(payload, ENVELOPE_MALFORMED), ENVELOPE_MALFORMED)
    read.number("v", 1, 1)
    envelope = Envelope(
        id=EnvelopeId(read_uuid(read, "id")),
        kind=Kind(read.text("kind", check=lambda v: v in {k.value for k in Kind})),
        sender=AgencyCode(read.text("from", 35)),
        recipients=_recipients(read),
        document_id=DocumentId(read.text("document_id", 200)),
        created_at=read_instant(read, "created_at"),
        expires_at=read_instant(read, "expires_at") if read.has("expires_at") else None,
        urgency=read.number("urgency", 0, 4),
        parts=_parts(read),
    )
    read.finish()
    return envelope


def read_uuid(read: Reader, member: str) -> UUID:
    """A UUID in its one canonical spelling."""
    text = read.text(member, 36)
    try:
        value = UUID(text)
    except ValueError:
        read.refuse(member, "needs a UUID")
    if str(value) != text:
        read.refuse(member, "needs a UUID in lower case with hyphens")
    return value


def read_instant(read: Reader, member: str) -> datetime:
    """An instant in its one canonical spelling."""
    text = read.text(member, 30)
    try:
        value = from_text(text)
        canonical = to_text(value) == text
    except (ValueError, OverflowError):
        read.refuse(member, "needs an instant such as 2026-11-20T08:42:07.123Z")
    if not canonical:
        read.refuse(member, "needs an instant in UTC with milliseconds")
    return value


def read_digest(read: Reader, member: str) -> Sha256:
    """A SHA-256 in lower-case hex."""
    return Sha256(bytes.fromhex(read.text(member, 64, check=lambda v: _HEX(v) is not None)))


def _recipients(read: Reader) -> tuple[AgencyCode, ...]:
    codes = read.array("to", 1, MAX_RECIPIENTS)
    if not all(isinstance(code, str) and 0 < len(code) <= 35 and code.isprintable() for code in codes):
        read.refuse("to", "needs agency codes")
    if len(set(map(str, codes))) != len(codes):
        read.refuse("to", "names a recipient twice")
    return tuple(AgencyCode(str(code)) for code in codes)


def _parts(read: Reader) -> tuple[Part, ...]:
    parts = tuple(_decode_part(row, i) for i, row in enumerate(read.array("parts", 1, MAX_PARTS)))
    roles = [part.role for part in parts]
    whole = roles == [Role.PACKET]
    if not whole and (roles[0] is not Role.HEADER or any(role is not Role.ATTACHMENT for role in roles[1:])):
        read.refuse("parts", "needs one header and then attachments, or one packet alone")
    if len({part.content_id for part in parts}) != len(parts):
        read.refuse("parts", "uses a content_id twice")
    return parts


def _encode_part(part: Part) -> dict[str, Json]:
    return {
        "role": part.role.value,
        "content_id": part.content_id,
        "name": part.name,
        "type": part.media_type,
        "size": part.size,
        "sha256": part.sha256.hex(),
    }


def _decode_part(row: Json, index: int) -> Part:
    members: Mapping[str, Json] = row if isinstance(row, dict) else {}
    read = Reader(members, ENVELOPE_MALFORMED, f"parts[{index}].")
    part = Part(
        role=Role(read.text("role", check=lambda v: v in {r.value for r in Role})),
        content_id=read.text("content_id", 200),
        name=read.text("name", 500),
        media_type=read.text("type", 150, check=lambda v: _MEDIA(v) is not None),
        size=read.number("size", 0, MAX_PART_SIZE),
        sha256=read_digest(read, "sha256"),
    )
    read.finish()
    return part
