"""Read a whole packet with its attachments while its bytes arrive, in bounded memory.

Source: exchange facts §1.2 "Body and attachments": matching by content id without ``cid:``, then by name,
then by position; ``application/zip`` around a file whose name does not end in ``zip`` is the vendor's
wrapping.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from lxml import etree

from lienthong.base.errors import Problem, ProblemKind, Refused, Severity
from lienthong.base.ids import Sha256
from lienthong.edxml.base64stream import Base64Decoder
from lienthong.edxml.cutter import ContentCutter
from lienthong.edxml.errors import EDXML_NOT_EDXML
from lienthong.edxml.fields import ATTACHMENT, REFERENCE
from lienthong.edxml.findings import ERROR, WARNING, Findings
from lienthong.edxml.formats import detect, is_wrapped
from lienthong.edxml.guard import too_large
from lienthong.edxml.limits import DEFAULT, Limits
from lienthong.edxml.model import BusinessKind, DocumentPacket, ManifestEntry
from lienthong.edxml.names import CONTENT_TAG, canonical
from lienthong.edxml.reader import Reading, read_parts
from lienthong.edxml.sink import Sink
from lienthong.edxml.tree import Group
from lienthong.edxml.values import bare_content_id

_HEAD = 512
_FRONT = 16 * 1024


@dataclass(frozen=True, slots=True)
class StreamedAttachment:
    """One attachment (tệp đính kèm) as it was in the packet.

    ``content_id`` without ``cid:``. ``name``: from the attachment, else from the manifest. ``content_type``:
    as declared, a hint. ``format``: what the first bytes are (``pdf``, ``zip``, ``ooxml``, ``ole``,
    ``edxml``, ``xml``, ``png``, ``jpeg``, ``tiff``, ``rtf``, ``""`` unknown). ``size`` and ``sha256``: of the
    decoded bytes.
    ``is_zip_wrapped``: a file of another kind inside a ZIP, to be taken out with
    :mod:`lienthong.edxml.unwrap`.
    ``manifest_index``: its entry in the manifest, ``None`` when it is not announced.
    """

    content_id: str
    name: str
    content_type: str
    format: str
    size: int
    sha256: Sha256
    is_zip_wrapped: bool
    description: str = ""
    manifest_index: int | None = None


@dataclass(frozen=True, slots=True)
class StreamedPacket:
    """A whole packet: its reading, its attachments in the order of the sinks, size and digest of the raw
    bytes.
    """

    reading: Reading
    attachments: tuple[StreamedAttachment, ...]
    raw_size: int
    raw_sha256: Sha256


@dataclass(slots=True)
class _Content:
    """The decoded content of one attachment while it arrives."""

    sink: Sink
    decoder: Base64Decoder
    digest: hashlib._Hash
    size: int = 0
    head: bytes = b""


class PacketStream:
    """A push reader for one packet.

    ``sink_factory`` is called with the ordinal of each attachment, from 0, when its content begins; by then
    the envelope has been read once and :attr:`preview` holds it, so a hopeless packet costs no attachment.
    States: open -> closed | refused. After a refusal or :meth:`abort` every sink has been aborted.
    """

    def __init__(
        self, sink_factory: Callable[[int], Sink], limits: Limits = DEFAULT, today: date | None = None
    ) -> None:
        self.preview: Reading | None = None
        self._sink_factory = sink_factory
        self._limits = limits
        self._today = today
        self._cutter = ContentCutter(self, limits)
        self._contents: list[_Content] = []
        self._raw = hashlib.sha256()
        self._raw_size = 0
        self._decoded = 0
        self._done = False

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the packet, in pieces of any length."""
        self._require_open()
        try:
            self._raw_size += len(data)
            if self._raw_size > self._limits.packet_bytes:
                raise too_large("kích thước gói tin", "the size of the packet", f"{self._limits.packet_bytes} byte")
            self._raw.update(data)
            self._cutter.feed(data)
        except BaseException:
            self.abort()
            raise

    def close(self) -> StreamedPacket:
        """The packet. Refuses as :func:`lienthong.edxml.reader.read_header` does, and EDXML_BASE64."""
        self._require_open()
        try:
            skeleton = self._cutter.close()
            reading, parts = read_parts(skeleton, self._limits, self._today)
            findings = Findings(self._limits.problems)
            attachments = self._attachments(reading, parts.attachments, findings)
        except BaseException:
            self.abort()
            raise
        self._done = True
        problems: tuple[Problem, ...] = reading.problems + tuple(findings.problems)
        return StreamedPacket(
            Reading(reading.packet, problems), attachments, self._raw_size, Sha256(self._raw.digest())
        )

    def abort(self) -> None:
        """Give the packet up and throw every attachment away."""
        if not self._done:
            self._done = True
            for content in self._contents:
                content.sink.abort()

    def begin(self, ordinal: int, skeleton: bytes) -> None:
        """(From the scanner.) An attachment begins; with the first one the envelope is looked at."""
        if skeleton:
            self.preview = read_parts(skeleton, self._limits, self._today)[0]
        self._contents.append(_Content(self._sink_factory(ordinal), Base64Decoder(), hashlib.sha256()))

    def text(self, piece: bytes) -> None:
        """(From the scanner.) Base64 text of the present attachment."""
        content = self._contents[-1]
        data = content.decoder.feed(piece)
        if not data:
            return
        content.size += len(data)
        self._decoded += len(data)
        if content.size > self._limits.attachment_bytes:
            raise too_large(
                "kích thước tệp đính kèm",
                "the size of an attachment",
                f"{self._limits.attachment_bytes} byte",
            )
        if self._decoded > self._limits.attachments_bytes:
            raise too_large(
                "tổng kích thước tệp đính kèm",
                "the size of all attachments",
                f"{self._limits.attachments_bytes} byte",
            )
        content.digest.update(data)
        if len(content.head) < _HEAD:
            content.head += data[: _HEAD - len(content.head)]
        content.sink.write(data)

    def end(self) -> None:
        """(From the scanner.) The present attachment is complete."""
        content = self._contents[-1]
        content.decoder.close()
        content.sink.close()

    def _require_open(self) -> None:
        if self._done:
            raise ValueError("the stream has ended")

    def _attachments(
        self, reading: Reading, containers: list[etree._Element], findings: Findings
    ) -> tuple[StreamedAttachment, ...]:
        """Join what was cut out with where it stood; content outside of attachments is refused."""
        manifest = reading.packet.manifest if isinstance(reading.packet, DocumentPacket) else ()
        found: dict[int, StreamedAttachment] = {}
        position = 0
        for container in containers:
            for element in container:
                if canonical(element.tag) != "Attachment":
                    continue
                group = Group(element, ATTACHMENT, findings)
                inside = group.one(CONTENT_TAG)
                ordinal = _ordinal(inside)
                if ordinal is None or ordinal >= len(self._contents) or ordinal in found:
                    findings.required(f"{ATTACHMENT}.{CONTENT_TAG}", nth=position + 1)
                else:
                    found[ordinal] = self._describe(group, self._contents[ordinal], manifest, position)
                position += 1
        if len(found) != len(self._contents):
            raise Refused(
                EDXML_NOT_EDXML,
                reason_vi="nội dung tệp đính kèm không nằm trong phần tử Attachment",
                reason_en="the content of an attachment stands outside of Attachment",
            )
        attachments = tuple(found[ordinal] for ordinal in sorted(found))
        recalled = isinstance(reading.packet, DocumentPacket) and reading.packet.business.kind is BusinessKind.RECALL
        _compare(manifest, attachments, findings, WARNING if recalled else ERROR)
        return attachments

    def _describe(
        self, group: Group, content: _Content, manifest: tuple[ManifestEntry, ...], position: int
    ) -> StreamedAttachment:
        content_id, name = bare_content_id(group.text("ContentId")), group.text("AttachmentName")
        index = _match(manifest, content_id, name, position)
        entry = manifest[index] if index is not None else ManifestEntry("")
        name = name or entry.name
        declared = group.text("ContentType") or group.text("MimeType") or entry.content_type
        seen = detect(content.head)
        return StreamedAttachment(
            content_id or entry.content_id,
            name,
            declared,
            seen,
            content.size,
            Sha256(content.digest.digest()),
            is_wrapped(seen, declared, name),
            group.text("Description") or entry.description,
            index,
        )


def read_front(pieces: Iterable[bytes]) -> Reading:
    """The envelope of a packet that was checked before, read no further than its first attachment.

    Refuses as :meth:`PacketStream.close` does.
    """
    stream = PacketStream(lambda _: _Nowhere())
    for piece in pieces:
        for at in range(0, len(piece), _FRONT):
            stream.feed(piece[at : at + _FRONT])
            if stream.preview is not None:
                stream.abort()
                return stream.preview
    return stream.close().reading


class _Nowhere:
    """Takes nothing: only the envelope is wanted."""

    def write(self, data: bytes, /) -> None: ...

    def close(self) -> None: ...

    def abort(self) -> None: ...


def _ordinal(element: etree._Element | None) -> int | None:
    text = "" if element is None else (element.text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _match(manifest: tuple[ManifestEntry, ...], content_id: str, name: str, position: int) -> int | None:
    """The manifest entry of an attachment: by content id, by name, or by position if it has neither."""
    for index, entry in enumerate(manifest):
        if content_id and entry.content_id == content_id:
            return index
    named = [index for index, entry in enumerate(manifest) if name and entry.name == name]
    if len(named) == 1:
        return named[0]
    if not content_id and not name and position < len(manifest):
        return position
    return None


def _compare(
    manifest: tuple[ManifestEntry, ...],
    attachments: tuple[StreamedAttachment, ...],
    findings: Findings,
    absent: Severity,
) -> None:
    """What is announced must be there, a recall excepted; what is there should be announced, once."""
    taken: set[int] = set()
    for nth, attachment in enumerate(attachments, 1):
        if attachment.manifest_index is None:
            findings.required(REFERENCE, WARNING, nth)
        elif attachment.manifest_index in taken:
            vi, en = "trùng với một tệp đính kèm khác", "it is that of another attachment too"
            findings.bad(f"{ATTACHMENT}.ContentId", attachment.content_id, vi, en, ProblemKind.RANGE)
        else:
            taken.add(attachment.manifest_index)
        if not attachment.size:
            findings.required(f"{ATTACHMENT}.{CONTENT_TAG}", ERROR, nth)
        if not attachment.name:
            findings.required(f"{ATTACHMENT}.AttachmentName", WARNING, nth)
    for index in range(len(manifest)):
        if index not in taken:
            findings.required(ATTACHMENT, absent, index + 1)
