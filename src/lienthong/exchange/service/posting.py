"""Post a whole edXML file for a system that signs nothing: read it while it comes, envelop it, sign it, accept it.

The envelope's name and time are fixed in the database before the envelope is made, so a library that silently posts
the same bytes again makes the same envelope: one delivery, the same name, also after a crash or on another node.
Source: docs/protocols/vxp.md §4; exchange facts §2.1 rules 1, 4 and 7.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode, DocumentId, EnvelopeId, Sha256, uuid7
from lienthong.base.text import one_line
from lienthong.directory.model import Agency
from lienthong.edxml.model import DocumentPacket, StatusPacket
from lienthong.edxml.reader import Reading
from lienthong.edxml.screening import BombScreen
from lienthong.edxml.stream import PacketStream
from lienthong.exchange.errors import SENDER_NOT_ALLOWED
from lienthong.exchange.model.submission import Submission
from lienthong.exchange.service.accepting import AcceptUnit, Receipt
from lienthong.exchange.service.changing import now_of
from lienthong.exchange.service.checking import HEADER_BYTES, CheckedEnvelope, check_content, check_envelope, end_of
from lienthong.exchange.service.connections import FaceCaller
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.receiving import PacketSink
from lienthong.exchange.service.refusing import RefusalUnit, is_for_good
from lienthong.exchange.store import posts
from lienthong.exchange.store.posts import Post
from lienthong.infra.blobs import Upload
from lienthong.infra.database import database_errors
from lienthong.infra.steps import reached
from lienthong.trust import jws
from lienthong.wire.envelope import TYP, Envelope, Kind, Part, Role, decode_envelope, digest, encode_envelope
from lienthong.wire.errors import PART_TOO_LARGE

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

WINDOW = timedelta(hours=24)
"""How long the same request with the same content counts as posted again. Afterwards the document's own identifier
decides, as for everybody."""

MEDIA_TYPE = "application/xml"


@dataclass(frozen=True, slots=True)
class PostOrder:
    """What the request says beside the file. ``sender``: any code of the sending agency, None when the file decides.
    ``recipients``: empty when the file decides. ``mark``: what makes two requests the same beside their content.
    """

    sender: str | None
    kind: Kind
    recipients: tuple[str, ...]
    mark: bytes


class StatusSink:
    """A status: small by rule, needed whole. Refuses PART_TOO_LARGE."""

    def __init__(self, today: date) -> None:
        self.data = bytearray()
        self.stream = PacketStream(lambda _: BombScreen(), today=today)

    def write(self, data: bytes) -> None:
        self.data += data
        if len(self.data) > HEADER_BYTES:
            raise Refused(PART_TOO_LARGE, name="status", size=len(self.data), limit=HEADER_BYTES)
        self.stream.feed(data)

    @property
    def size(self) -> int:
        return len(self.data)

    @property
    def sha256(self) -> bytes:
        return self.hashed().digest()

    def hashed(self) -> Hash:
        """The hash of what came so far."""
        return hashlib.sha256(self.data)


class Posting:
    """One file on its way in. States: open (``write``) -> finished | abandoned; nothing is kept of a refused one."""

    def __init__(self, ctx: AxisContext, caller: FaceCaller, order: PostOrder) -> None:
        """Refuses SENDER_NOT_ALLOWED before a byte is read."""
        self._ctx, self._caller, self._order = ctx, caller, order
        self._now: datetime = now_of(ctx)
        self._state = ctx.directory.state
        self._sender = None if order.sender is None else self._own_agency(order.sender)
        self._upload: Upload | None = None
        self._sink: PacketSink | StatusSink
        if order.kind is Kind.STATUS:
            self._sink = StatusSink(self._today)
        else:
            self._upload = ctx.blobs.begin(ctx.limits.packet)
            self._sink = PacketSink(self._upload, self._today, lambda _: BombScreen())
        self.write: Callable[[bytes], None] = self._sink.write
        # The digest of the content so far, for a face that compares it with one that the request states.
        self.hashed: Callable[[], Hash] = self._sink.hashed

    @property
    def _today(self) -> date:
        return self._now.astimezone(VIETNAM).date()

    def abandon(self) -> None:
        """Drop the bytes; harmless after they were accepted."""
        if self._upload is not None:
            self._upload.abandon()
        self._sink.stream.abort()

    async def finish(self) -> EnvelopeId:
        """Accept the file and give its envelope's name, durably; the same for the same file posted again.

        Refuses what ``check_envelope`` and ``check_content`` refuse, and what the writer refuses (with evidence).
        """
        sha256 = Sha256(self._sink.sha256)
        mark = Sha256(hashlib.sha256(self._order.mark + sha256).digest())
        since = self._now - WINDOW
        with database_errors():
            async with self._ctx.require_pool().connection() as conn:
                before = await posts.find(conn, self._caller.system.system_id, mark, since)
        if before is not None and before.accepted:
            self.abandon()
            return before.envelope
        submission = self._checked(sha256, self._sink.stream.close().reading)
        name = EnvelopeId(uuid7(int(self._now.timestamp() * 1000)))
        new = Post(name, submission.envelope.sender, self._now, accepted=False)
        with database_errors():
            async with self._ctx.require_pool().connection() as conn:
                post = await posts.claim(
                    conn, self._caller.system.system_id, mark, new, _title(submission.packet), since
                )
        reached("post.claimed")
        if post.accepted:
            self.abandon()
            return post.envelope
        return await self._accept(self._signed(submission, post))

    async def _accept(self, submission: Submission) -> EnvelopeId:
        writer = self._ctx.require_writer()
        try:
            receipt: Receipt = await writer.submit(
                AcceptUnit(submission, [] if self._upload is None else [self._upload])
            )
        except Refused as refusal:
            if is_for_good(refusal):
                await writer.submit(RefusalUnit(submission.ref, refusal))
            raise
        reached("post.accepted" if receipt.created else "post.repeated")
        return submission.envelope.id

    def _own_agency(self, named: str) -> Agency:
        """The agency that the request or the file names, if the system acts for it."""
        system, code = self._caller.system.system_id, AgencyCode(named)
        sender = self._state.find(code, self._today) if code else None
        if sender is None or not self._state.may_act(system, sender.code):
            raise Refused(SENDER_NOT_ALLOWED, system=system, agency=one_line(code or "-", 40))
        return sender

    def _checked(self, sha256: Sha256, reading: Reading) -> Submission:
        """The submission with a name and time that are not the final ones; every check that needs no database."""
        packet = reading.require_valid()
        sender = self._sender or self._own_agency(packet.sender.organ_id)
        # A status is nothing but its header, so it travels as one and stands in its row.
        status = self._order.kind is Kind.STATUS
        role, name = (Role.HEADER, "header") if status else (Role.PACKET, "packet")
        part = Part(role, name, f"{name}.edxml", MEDIA_TYPE, self._sink.size, sha256)
        named = packet.document_id if isinstance(packet, DocumentPacket) else packet.response_for.document_id
        envelope = Envelope(
            id=EnvelopeId(uuid7()),
            kind=self._order.kind,
            sender=sender.code,
            recipients=self._recipients(packet),
            document_id=named or DocumentId("-"),
            created_at=self._now,
            expires_at=None,
            urgency=(packet.other.priority or 0) if isinstance(packet, DocumentPacket) else 0,
            parts=(part,),
        )
        payload = encode_envelope(envelope)
        checked = CheckedEnvelope(decode_envelope(payload), digest(payload), b"", self._caller.system.system_id)
        check_envelope(checked.envelope, self._state, self._ctx.limits, self._now)
        return check_content(checked, self._header(), reading, self._state, self._now, part_of_to=True)

    def _header(self) -> bytes:
        return bytes(self._sink.data) if isinstance(self._sink, StatusSink) else b""

    def _recipients(self, packet: DocumentPacket | StatusPacket) -> tuple[AgencyCode, ...]:
        """Who receives: the file's receivers, or those of them that the request names when it names no others."""
        if isinstance(packet, StatusPacket):
            return (packet.response_for.organ_id,)
        named = tuple(dict.fromkeys(to.organ_id for to in packet.receivers))
        end = end_of(self._state, self._today)
        wanted = {end(code) for code in self._order.recipients}
        if not wanted or not wanted <= {end(code) for code in named}:
            return named
        return tuple(code for code in named if end(code) in wanted)

    def _signed(self, submission: Submission, post: Post) -> Submission:
        """The submission under its final name, signed with the key that the axis holds for the system."""
        envelope = replace(submission.envelope, id=post.envelope, sender=post.sender, created_at=post.created_at)
        payload = encode_envelope(envelope)
        token = jws.sign(payload, self._caller.connection.signer, TYP)
        return replace(submission, envelope=decode_envelope(payload), digest=digest(payload), token=token)


def _title(packet: DocumentPacket | StatusPacket) -> str:
    return one_line(packet.subject, 500) if isinstance(packet, DocumentPacket) else ""
