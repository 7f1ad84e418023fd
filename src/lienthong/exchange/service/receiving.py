"""Receive one packet while it arrives: envelope first, then each part to its place, nothing kept on refusal."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.base.ids import Sha256
from lienthong.directory.model import System
from lienthong.directory.state import DirectoryState
from lienthong.edxml.reader import Reading, read_header
from lienthong.edxml.sink import Sink
from lienthong.edxml.stream import PacketStream
from lienthong.exchange.errors import PART_MISSING
from lienthong.exchange.service.accepting import AcceptUnit
from lienthong.exchange.service.checking import (
    CheckedEnvelope,
    authenticate_envelope,
    check_content,
    check_envelope,
    header_allowance,
)
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.store import uploads as claims
from lienthong.infra.blobs import Upload
from lienthong.infra.database import database_errors
from lienthong.infra.steps import reached
from lienthong.wire.envelope import Envelope, Part, Role
from lienthong.wire.errors import PART_DIGEST_MISMATCH, PART_TOO_LARGE
from lienthong.wire.event import EnvelopeRef
from lienthong.wire.packet import PacketReader, PartSink

if TYPE_CHECKING:
    from hashlib import _Hash as Hash


class _Digested(PartSink, Protocol):
    @property
    def sha256(self) -> bytes: ...


class _Memory:
    """A header part: small by rule, needed whole."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes | memoryview) -> None:
        self.data += data

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.data).digest()


class _Nowhere:
    """Attachments inside an edXML file are checked and thrown away: the file itself is what is kept."""

    def write(self, data: bytes, /) -> None: ...

    def close(self) -> None: ...

    def abort(self) -> None: ...


class PacketSink:
    """A whole edXML file: stored as it comes, and read at the same time."""

    def __init__(self, upload: Upload, today: date, sink: Callable[[int], Sink] = lambda _: _Nowhere()) -> None:
        self._upload = upload
        self.stream = PacketStream(sink, today=today)

    def write(self, data: bytes | memoryview) -> None:
        self._upload.write(data)
        self.stream.feed(bytes(data))

    @property
    def size(self) -> int:
        return self._upload.size

    @property
    def sha256(self) -> bytes:
        return self._upload.sha256

    def hashed(self) -> Hash:
        """The hash of what came so far."""
        return self._upload.hashed()


class Reception:
    """One submission on its way in.

    States: open -> finished (a unit for the writer) | abandoned. ``authentic``: the envelope's name as soon as its
    sender is certain; from then on a refusal for good deserves evidence.
    """

    def __init__(self, ctx: AxisContext, caller: System, boundary: bytes) -> None:
        self._ctx, self._caller = ctx, caller
        self._state: DirectoryState = ctx.directory.state
        self._now: datetime = ctx.clock.now()
        self._reader = PacketReader(boundary, self)
        self._checked: CheckedEnvelope | None = None
        self._sinks: dict[int, _Digested] = {}
        self._uploads: list[Upload] = []
        self.feed = self._reader.feed
        self.authentic: EnvelopeRef | None = None

    def on_envelope(self, token: bytes) -> Envelope:
        """(From the reader.) Who sends, and may he?"""
        checked = authenticate_envelope(token, self._state, self._caller, self._now)
        envelope = checked.envelope
        self.authentic = EnvelopeRef(envelope.id, envelope.sender, checked.digest)
        check_envelope(envelope, self._state, self._ctx.limits, self._now)
        self._checked = checked
        return envelope

    def on_part(self, index: int, part: Part) -> PartSink:
        """(From the reader.) Where the bytes of a part go."""
        sink: _Digested
        if part.role is Role.HEADER:
            allowed = header_allowance(self._require_checked().envelope)
            if part.size > allowed:
                raise Refused(PART_TOO_LARGE, name=part.name, size=part.size, limit=allowed)
            sink = _Memory()
        else:
            upload = self._ctx.blobs.begin(part.size)
            self._uploads.append(upload)
            sink = PacketSink(upload, self._today) if part.role is Role.PACKET else upload
        self._sinks[index] = sink
        return sink

    async def finish(self) -> AcceptUnit:
        """The body has ended: the unit to commit.

        Refuses: PACKET_CUT_SHORT, PART_DIGEST_MISMATCH, PART_MISSING, and what ``check_content`` refuses.
        """
        envelope = self._reader.close()
        reached("accept.received")
        for index, sink in self._sinks.items():
            if sink.sha256 != envelope.parts[index].sha256:
                raise Refused(PART_DIGEST_MISMATCH, name=envelope.parts[index].name)
        if len(self._sinks) < len(envelope.parts):
            await self._require_claims(envelope)
        header, reading = await self._read(envelope)
        submission = check_content(self._require_checked(), header, reading, self._state, self._now)
        reached("accept.checked")
        return AcceptUnit(submission, self._uploads)

    def abandon(self) -> None:
        """Drop everything; harmless after the writer took it."""
        for upload in self._uploads:
            upload.abandon()

    @property
    def _today(self) -> date:
        return self._now.astimezone(VIETNAM).date()

    def _require_checked(self) -> CheckedEnvelope:
        if self._checked is None:
            raise RuntimeError("the reader gives the envelope before anything else")
        return self._checked

    async def _read(self, envelope: Envelope) -> tuple[bytes, Reading]:
        """The header's bytes (none for a whole packet) and its reading."""
        sink = self._sinks.get(0)
        if isinstance(sink, _Memory):
            header = bytes(sink.data)
            return header, read_header(header, today=self._today)
        if isinstance(sink, PacketSink):
            return b"", sink.stream.close().reading
        return b"", await asyncio.to_thread(self._read_stored, envelope.head)

    def _read_stored(self, part: Part) -> Reading:
        """Read a packet that was uploaded before."""
        stream = PacketStream(lambda _: _Nowhere(), today=self._today)
        for chunk in self._ctx.blobs.read_verified(part.sha256):
            stream.feed(chunk)
        return stream.close().reading

    async def _require_claims(self, envelope: Envelope) -> None:
        """Parts that did not come must have been uploaded by the same system. Refuses PART_MISSING."""
        absent = [part for index, part in enumerate(envelope.parts) if index not in self._sinks]
        held: dict[Sha256, int] = {}
        with database_errors():
            async with self._ctx.require_pool().connection() as conn:
                wanted = [part.sha256 for part in absent if part.role is not Role.HEADER]
                held.update(await claims.claimed(conn, self._caller.system_id, wanted, self._now))
        missing = [part.name for part in absent if part.role is Role.HEADER or held.get(part.sha256) != part.size]
        if missing:
            shown = ", ".join(missing[:5]) + (" …" if len(missing) > 5 else "")
            raise Refused(PART_MISSING, count=len(missing), names=shown)
