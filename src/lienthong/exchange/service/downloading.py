"""Hand out the bytes of a delivery: verified on the way, in bounded memory, to the holder of the lease.

A damaged file never arrives complete: its last piece is held back until the digest of the whole is right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lienthong.base.errors import Refused
from lienthong.base.ids import DeliveryId, Sha256, SystemId
from lienthong.exchange.model.delivery import State
from lienthong.exchange.service.changing import now_of
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.errors import (
    DELIVERY_EXPIRED,
    DELIVERY_FINISHED,
    DELIVERY_IN_QUARANTINE,
    DELIVERY_RECALLED,
    DELIVERY_UNKNOWN,
    LEASE_LOST,
    LEASE_RAN_OUT,
    PART_UNKNOWN,
)
from lienthong.exchange.store import trace as store
from lienthong.exchange.store.connection import AsyncConnection
from lienthong.exchange.store.trace import Content
from lienthong.infra.errors import BLOB_CORRUPT
from lienthong.infra.steps import reached
from lienthong.trust import jws
from lienthong.wire.envelope import Envelope, Part, Role, decode_envelope, digest
from lienthong.wire.packet import packet_size, write_packet

_ENDED = {
    State.RECALLED: DELIVERY_RECALLED,
    State.EXPIRED: DELIVERY_EXPIRED,
    State.QUARANTINED: DELIVERY_IN_QUARANTINE,
}


@dataclass(frozen=True, slots=True)
class Download:
    """A delivery whose content may be handed out now. ``token``: the envelope as its sender signed it."""

    delivery: DeliveryId
    fence: int
    token: bytes
    envelope: Envelope
    header: bytes

    def part(self, index: int) -> Part:
        """One part. Refuses PART_UNKNOWN."""
        if not 0 <= index < len(self.envelope.parts):
            raise Refused(PART_UNKNOWN, part=index)
        return self.envelope.parts[index]


async def open_download(
    ctx: AxisContext, conn: AsyncConnection, system: SystemId, delivery: int, fence: int | None
) -> Download:
    """See whether this system may have the content: with the newest lease, or again after it took it.

    Refuses: DELIVERY_UNKNOWN, LEASE_LOST, LEASE_RAN_OUT, DELIVERY_RECALLED, DELIVERY_EXPIRED, DELIVERY_FINISHED,
    DELIVERY_IN_QUARANTINE.
    """
    found = await store.content(conn, delivery)
    if found is None or not ctx.directory.state.may_act(system, found.agency):
        raise Refused(DELIVERY_UNKNOWN, delivery=delivery)
    _require_right(ctx, found, fence, now_of(ctx))
    reached("download.begun")
    envelope = decode_envelope(jws.unverified_payload(found.jws))
    return Download(DeliveryId(found.number), found.fence, found.jws, envelope, found.header)


def _require_right(ctx: AxisContext, found: Content, fence: int | None, now: datetime) -> None:
    state = State(found.state)
    if state is State.LEASED:
        if fence != found.fence:
            raise Refused(LEASE_LOST, delivery=found.number, fence=fence)
        if found.lease_until is not None and found.lease_until <= now:
            raise Refused(LEASE_RAN_OUT, delivery=found.number)
        return
    if state is State.DELIVERED:
        # The recipient's own document: it may fetch it again for a while.
        if found.finished_at is not None and now - found.finished_at <= ctx.limits.own_documents_for:
            return
        raise Refused(DELIVERY_FINISHED, delivery=found.number, state=state.value)
    if state in _ENDED:
        raise Refused(_ENDED[state], delivery=found.number)
    if state is State.REFUSED:
        raise Refused(DELIVERY_FINISHED, delivery=found.number, state=state.value)
    raise Refused(LEASE_RAN_OUT, delivery=found.number)


def part_content(
    ctx: AxisContext, download: Download, index: int, start: int = 0, length: int | None = None
) -> Iterator[bytes]:
    """Bytes of one part, in pieces of at most a mebibyte; blocking. Refuses BLOB_CORRUPT, BLOB_MISSING, STORAGE_AWAY.

    A small part is refused before anything was given; a large one may break off.
    """
    part = download.part(index)
    wanted = part.size - start if length is None else length
    if part.role is Role.HEADER:
        if digest(download.header) != part.sha256:
            raise Refused(BLOB_CORRUPT, sha256=part.sha256.hex())
        return iter([download.header[start : start + wanted]])
    _require_size(ctx, part.sha256, part.size)
    return _clipped(ctx.blobs.read_verified(part.sha256, start), wanted)


def packet_content(ctx: AxisContext, download: Download, boundary: str) -> tuple[int, Iterator[bytes]]:
    """Size and bytes of the whole packet; blocking. Refuses as :func:`part_content`."""
    parts = list(enumerate(download.envelope.parts))
    for _, part in parts:
        if part.role is not Role.HEADER:
            _require_size(ctx, part.sha256, part.size)
    size = packet_size(boundary, download.token, parts)
    return size, write_packet(boundary, download.token, parts, lambda index: part_content(ctx, download, index))


def _require_size(ctx: AxisContext, sha256: Sha256, size: int) -> None:
    """A file of another length is damaged; that is known before its first byte is given."""
    if ctx.blobs.size(sha256) != size:
        raise Refused(BLOB_CORRUPT, sha256=sha256.hex())


def _clipped(pieces: Iterator[bytes], length: int) -> Iterator[bytes]:
    """The first ``length`` bytes. The rest is read as well: only at its end the digest is known to be right, and
    until then the last wanted piece is held.
    """
    held, left = b"", length
    for piece in pieces:
        wanted = piece[:left]
        left -= len(wanted)
        if wanted:
            if held:
                yield held
            held = wanted
    if held:
        yield held
