"""Write packets in the forms that systems in production read: order J by default, order Q by setting.

Pretty-printed with two spaces, ``edXML:`` inside the envelope, the same namespace as default outside. A
signature that was read is not written again: it could not be valid any more.

Source: exchange facts §1.1, §1.2 (orders J and Q, "Exact child order inside ``Bussiness``"), §1.3, samples
§1.6, §1.7.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import Enum
from typing import Final

from lienthong.base.errors import Refused
from lienthong.edxml import layout
from lienthong.edxml.errors import EDXML_UNWRITABLE
from lienthong.edxml.layout import Node, Order
from lienthong.edxml.model import DocumentPacket, ManifestEntry, StatusPacket, StatusVariant
from lienthong.edxml.names import NAMESPACE, XLINK
from lienthong.edxml.packing import must_wrap, packed_type, wrap

__all__ = ["Order", "Packing", "write_document", "write_packet", "write_status"]

_HEAD: Final = f'<?xml version="1.0" encoding="UTF-8"?>\n<edXML xmlns="{NAMESPACE}">\n'
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PIECE: Final = 192 * 1024


class Packing(Enum):
    """AS_IS: every attachment as it is. SDK: as the vendor's library does, most kinds inside a ZIP."""

    AS_IS = "as-is"
    SDK = "sdk"


def write_document(packet: DocumentPacket, order: Order = Order.J) -> bytes:
    """A document packet without attachments' content, its manifest included: the header of the native wire.

    Refuses: EDXML_UNWRITABLE, when a text holds characters that XML cannot carry.
    """
    return f"{_HEAD}{_envelope(packet, order)}</edXML>\n".encode()


def write_packet(
    packet: DocumentPacket,
    attachments: Iterable[tuple[ManifestEntry, Iterable[bytes]]],
    order: Order = Order.J,
    packing: Packing = Packing.AS_IS,
) -> Iterator[bytes]:
    """A whole packet as a stream of pieces, attachments in Base64 without line breaks.

    The entries must be those of the packet's manifest, in any order.
    Refuses: EDXML_UNWRITABLE, also when an attachment is not in the manifest or one of the manifest is left
    out.
    """
    manifest = {entry.content_id: _packed(entry, packing) for entry in packet.manifest}
    if len(manifest) != len(packet.manifest):
        raise _unwritable("mã tệp đính kèm bị trùng", "a content id is used twice")
    packet = replace(packet, manifest=tuple(manifest.values()))
    yield f"{_HEAD}{_envelope(packet, order)}  <AttachmentEncoded>\n".encode()
    for given, content in attachments:
        entry = manifest.pop(given.content_id, None)
        if entry is None:
            raise _unwritable("tệp đính kèm không có trong danh mục", "an attachment is not in the manifest")
        if packing is Packing.SDK and must_wrap(entry.name):
            yield from _attachment(entry, wrap(content, entry.content_id, entry.name))
        else:
            yield from _attachment(entry, content)
    if manifest:
        raise _unwritable("thiếu tệp đính kèm đã ghi trong danh mục", "an attachment of the manifest is left out")
    yield b"  </AttachmentEncoded>\n</edXML>\n"


def write_status(packet: StatusPacket, variant: StatusVariant | None = None) -> bytes:
    """A status packet; without ``variant`` in the packet's own."""
    message = layout.status(packet, variant or packet.variant)
    return f"{_HEAD}{_wrapped(('edXMLHeader', [message]))}</edXML>\n".encode()


def _packed(entry: ManifestEntry, packing: Packing) -> ManifestEntry:
    return replace(entry, content_type=packed_type(entry.name)) if packing is Packing.SDK else entry


ATTACHMENT_TAIL: Final = b"</edXML:ContentTransferEncoded>\n    </Attachment>\n"


def attachment_head(entry: ManifestEntry) -> bytes:
    """What stands before the Base64 of one attachment."""
    fields = (
        ("ContentId", f"cid:{entry.content_id}"),
        ("AttachmentName", entry.name),
        ("Description", entry.description),
        ("ContentType", entry.content_type),
    )
    lines = "".join(f"      <{name}>{escape(value)}</{name}>\n" for name, value in fields if value)
    return f'    <Attachment>\n{lines}      <edXML:ContentTransferEncoded xmlns:edXML="{NAMESPACE}">'.encode()


def encoded(content: Iterable[bytes]) -> Iterator[bytes]:
    """Base64 without line breaks, in pieces."""
    rest = b""
    for piece in content:
        for at in range(0, len(piece), _PIECE):
            data = rest + piece[at : at + _PIECE]
            whole = len(data) - len(data) % 3
            rest = data[whole:]
            yield base64.b64encode(data[:whole])
    yield base64.b64encode(rest)


def _attachment(entry: ManifestEntry, content: Iterable[bytes]) -> Iterator[bytes]:
    yield attachment_head(entry)
    yield from encoded(content)
    yield ATTACHMENT_TAIL


def _envelope(packet: DocumentPacket, order: Order) -> str:
    header: Node = ("edXMLHeader", [layout.message(packet, order), layout.trace(packet, order)])
    xlink = f' xmlns:xlink="{XLINK}"' if any(entry.href for entry in packet.manifest) else ""
    return _wrapped(header, ("edXMLBody", [layout.manifest(packet.manifest, order)]), xlink=xlink)


def _wrapped(*children: Node, xlink: str = "") -> str:
    out = [f'  <edXML:edXMLEnvelope xmlns:edXML="{NAMESPACE}"{xlink}>\n']
    for child in children:
        _print(child, "    ", out)
    out.append("  </edXML:edXMLEnvelope>\n")
    return "".join(out)


def _print(node: Node, indent: str, out: list[str]) -> None:
    """One element on its lines; attributes stand in its name part, escaped already."""
    start, content = node
    name = start.partition(" ")[0]
    if isinstance(content, str):
        text = escape(content)
        out.append(f"{indent}<edXML:{start}>{text}</edXML:{name}>\n" if text else f"{indent}<edXML:{start}/>\n")
    elif content:
        out.append(f"{indent}<edXML:{start}>\n")
        for child in content:
            _print(child, indent + "  ", out)
        out.append(f"{indent}</edXML:{name}>\n")
    else:
        out.append(f"{indent}<edXML:{start}/>\n")


def escape(text: str) -> str:
    """Text for an element or attribute; a carriage return is written as a reference, or readers would lose
    it.
    """
    if found := _FORBIDDEN.search(text):
        shown = f"U+{ord(found[0]):04X}"
        raise _unwritable(f"có ký tự không được phép trong XML ({shown})", f"XML cannot carry the character {shown}")
    return layout.escape(text)


def _unwritable(reason_vi: str, reason_en: str) -> Refused:
    return Refused(EDXML_UNWRITABLE, reason_vi=reason_vi, reason_en=reason_en)
