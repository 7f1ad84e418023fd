"""Really signed packets with distinct identifiers and contents, made before anything is timed."""

from __future__ import annotations

import hashlib
import random
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from lienthong.base.ids import AgencyCode
from lienthong.connector import compose
from lienthong.connector.compose import Attachment, OutgoingDocument
from lienthong.edxml.writer import write_document
from lienthong.infra.keys import FileSigner
from lienthong.trust import content_digest, jws, xml_signature
from lienthong.trust.http_signature import sign_request
from lienthong.trust.signer import Signer
from lienthong.wire.envelope import TYP, Envelope, Kind, digest, encode_envelope
from lienthong.wire.packet import content_type, write_packet

HEADER_BYTES = 5000


@dataclass(frozen=True, slots=True)
class Party:
    """A system with its key and the agency it sends for (or the first it receives for)."""

    system: str
    agency: str
    signer: Signer

    @classmethod
    def load(cls, row: dict[str, str]) -> Party:
        return cls(row["system"], row["agency"], FileSigner(Path(row["key"])))


@dataclass(frozen=True, slots=True)
class Packet:
    """One submission, ready but for the signature of the request, which carries the time."""

    envelope: Envelope
    digest: bytes
    sender: Party
    content_type: str
    content_digest: str
    body: bytes


def compose_packet(
    number: int, sender: Party, recipients: Sequence[str], attachments: Sequence[Attachment], inline: bool = True
) -> tuple[Packet, Envelope]:
    """A new official document with its attachments. ``inline`` False: attachments were uploaded before."""
    now = datetime.now(UTC)
    entries = compose.manifest(attachments)
    document = OutgoingDocument(
        number=f"{number}/BM-VP",
        subject=f"Về việc đo hiệu năng liên thông văn bản, lượt {number}",
        to=recipients,
        issued_on=date(2026, 1, 1),
        signer_name="Nguyễn Văn Mẫu",
        signer_position="Chánh Văn phòng",
        document_id=f"{sender.agency}-{secrets.token_hex(8)}-{number}",
        place="Tỉnh Mẫu",
        to_places=tuple(f"Đơn vị Mẫu {place:03d}" for place in range(20)) if len(recipients) < 100 else (),
    )
    packet = compose.document_header(document, AgencyCode(sender.agency), lambda code: code, now, entries)
    header = xml_signature.sign(write_document(packet), sender.signer, None)
    envelope = compose.make_envelope(
        kind=Kind.DOCUMENT,
        sender=AgencyCode(sender.agency),
        recipients=recipients,
        about=packet.document_id,
        header=header,
        entries=entries,
        attachments=attachments,
        now=now,
    )
    payload = encode_envelope(envelope)
    token = jws.sign(payload, sender.signer, TYP)
    boundary = "lt-" + hashlib.sha256(token).hexdigest()[:40]
    contents = [header, *(a.content for a in attachments if isinstance(a.content, bytes))]
    parts = list(enumerate(envelope.parts)) if inline else [(0, envelope.parts[0])]
    body = b"".join(write_packet(boundary, token, parts, lambda index: (contents[index],)))
    return (
        Packet(envelope, digest(payload), sender, content_type(boundary), content_digest.of(body), body),
        envelope,
    )


def prepare(senders: Sequence[Party], recipients: Sequence[str], count: int, size: int) -> tuple[list[Packet], float]:
    """``count`` documents of one recipient each, and the CPU milliseconds that one took to compose and sign."""
    chance = random.Random(secrets.randbits(64))
    contents = [b"%PDF-1.7\n" + chance.randbytes(size - 9) for _ in range(count)]
    packets = []
    start = time.process_time()
    for number, content in enumerate(contents, 1):
        sender, to = senders[number % len(senders)], recipients[number % len(recipients)]
        attachment = Attachment(f"{number}-BM-VP.pdf", content, media_type="application/pdf")
        packets.append(compose_packet(number, sender, [to], [attachment])[0])
    return packets, (time.process_time() - start) * 1000 / count


def signed_head(packet: Packet, host: str) -> bytes:
    """The head of the request that submits the packet, signed now."""
    fields = {
        "Content-Type": packet.content_type,
        "Content-Digest": packet.content_digest,
        **sign_request(
            "POST",
            "/v1/envelopes",
            None,
            packet.content_digest,
            packet.sender.signer,
            int(time.time()),
            secrets.token_urlsafe(12),
        ),
    }
    return request_head("POST", "/v1/envelopes", host, fields, len(packet.body))


def request_head(method: str, target: str, host: str, fields: dict[str, str], length: int | None) -> bytes:
    """The head of an HTTP/1.1 request."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in fields.items())]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")
