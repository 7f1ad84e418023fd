"""Packets as vendors' software makes them, and a town in which some agencies speak VXP."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from lienthong.base.clock import VIETNAM
from lienthong.base.ids import AgencyCode, DocumentId
from lienthong.edxml.model import (
    DocumentCode,
    DocumentPacket,
    DocumentType,
    ManifestEntry,
    Organization,
    ResponseFor,
    SignerInfo,
    StatusPacket,
    StatusVariant,
)
from lienthong.edxml.writer import write_packet, write_status

_numbers = itertools.count(1)
ISSUED = date(2026, 11, 20)


def document_packet(
    sender: str, to: Sequence[str], files: Sequence[str] = ("toan-van.pdf",), **more: Any
) -> DocumentPacket:
    number = f"{next(_numbers)}"
    packet = DocumentPacket(
        sender=Organization(AgencyCode(sender), f"Cơ quan {sender}"),
        receivers=tuple(Organization(AgencyCode(code), f"Cơ quan {code}") for code in to),
        document_id=DocumentId(f"{sender},2026/11/20,{number}/VXP-VP"),
        code=DocumentCode(number, "VXP-VP"),
        promulgation_date=ISSUED,
        subject="V/v kiểm thử giao diện VXP của trục",
        document_type=DocumentType(2, 18, "Công văn"),
        signer=SignerInfo("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", "Nguyễn Văn Mẫu"),
        manifest=tuple(ManifestEntry(f"tep-{n}", name, "application/pdf") for n, name in enumerate(files)),
    )
    return replace(packet, **more)


def edxml(packet: DocumentPacket, contents: Sequence[bytes] | None = None) -> bytes:
    """The file of a packet; ``contents`` of its attachments, random when not given."""
    given = contents if contents is not None else [b"%PDF-1.7\n" + os.urandom(4000) for _ in packet.manifest]
    return b"".join(write_packet(packet, zip(packet.manifest, ([each] for each in given), strict=True)))


def document(sender: str, to: Sequence[str], **more: Any) -> bytes:
    """A whole file with one attachment."""
    return edxml(document_packet(sender, to, **more))


def status(
    reporter: str, about: DocumentPacket | ResponseFor, code: int, form: StatusVariant = StatusVariant.M, text: str = ""
) -> bytes:
    """A status file that reports on a document."""
    if isinstance(about, DocumentPacket):
        about = ResponseFor(about.sender.organ_id, about.code.full, about.document_id, about.promulgation_date)
    sender = Organization(AgencyCode(reporter), f"Cơ quan {reporter}")
    at = datetime.now(UTC).astimezone(VIETNAM).replace(microsecond=0)
    return write_status(StatusPacket(sender, about, code, at, description=text), form)
