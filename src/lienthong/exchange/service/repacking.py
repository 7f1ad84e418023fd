"""Hand out a delivery as one edXML file, for systems that know nothing else.

A file that came whole leaves as exactly the same bytes. A document that came as header and files is put together; a
status in the form that this system does not read is written again in the one that it reads.
Source: docs/protocols/vxp.md §5; exchange facts §1.3 (rule on variants M and S).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from lienthong.edxml.assembling import AssembledPacket, AttachedFile
from lienthong.edxml.model import DocumentPacket, ManifestEntry, StatusPacket, StatusVariant
from lienthong.edxml.reader import read_header
from lienthong.edxml.writer import write_status
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.downloading import Download, part_content
from lienthong.wire.envelope import Kind, Role

Pieces = tuple[int, Iterator[bytes]]


def whole_packet(ctx: AxisContext, download: Download, form: StatusVariant) -> Pieces:
    """Size and bytes of the file; blocking. Refuses BLOB_CORRUPT, BLOB_MISSING, STORAGE_AWAY, EDXML_UNWRITABLE."""
    envelope = download.envelope
    if envelope.kind is Kind.STATUS:
        return _status(ctx, download, form)
    if envelope.head.role is Role.PACKET:
        return envelope.head.size, part_content(ctx, download, 0)
    header = b"".join(part_content(ctx, download, 0))
    assembled = AssembledPacket(header, _files(ctx, download, header))
    return assembled.size, assembled.pieces()


def _status(ctx: AxisContext, download: Download, form: StatusVariant) -> Pieces:
    """A status is small; it is read whole, because its form decides whether its bytes may stay."""
    raw = b"".join(part_content(ctx, download, 0))
    packet = read_header(raw).packet
    if isinstance(packet, StatusPacket) and packet.variant is not form:
        raw = write_status(packet, form)
    return len(raw), iter([raw])


def _files(ctx: AxisContext, download: Download, header: bytes) -> list[AttachedFile]:
    """The attachments in the order of the envelope, described as the header announces them."""
    packet = read_header(header).packet
    manifest = packet.manifest if isinstance(packet, DocumentPacket) else ()
    announced = {entry.content_id: entry for entry in manifest}
    files = []
    for index, part in enumerate(download.envelope.parts):
        if part.role is Role.ATTACHMENT:
            entry = announced.get(part.content_id) or ManifestEntry(part.content_id, part.name)
            whole = ManifestEntry(
                entry.content_id, entry.name or part.name, entry.content_type or part.media_type, entry.description
            )
            files.append(AttachedFile(whole, part.size, partial(part_content, ctx, download, index)))
    return files
