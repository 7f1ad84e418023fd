"""What the compatible faces have in common at the HTTP edge: small bodies, room for a file, whole packets as answers.

A face knows its own headers and words; what it asks of the exchange is the same (docs/adr/0014).
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterable, Iterator
from functools import partial
from itertools import chain

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.types import Receive, Scope, Send

from lienthong.base.errors import Refused
from lienthong.directory.model import Agency
from lienthong.edxml.assembling import base64_size
from lienthong.exchange.api.bodies import announced_size, pour
from lienthong.exchange.api.downloads import begun
from lienthong.exchange.errors import BODY_TOO_LARGE, LENGTH_REQUIRED, REQUEST_MALFORMED
from lienthong.exchange.service.connections import FaceCaller
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.downloading import Download
from lienthong.exchange.service.fetching import Transport, confirm, keep
from lienthong.exchange.service.repacking import whole_packet
from lienthong.infra.errors import STORAGE_FULL
from lienthong.infra.http_limits import HttpLimits
from lienthong.wire.acknowledgement import Outcome, Reason
from lienthong.wire.envelope import Kind
from lienthong.wire.vxp.answers import Row

JSON = b"application/json"
SMALL_BODY = 64 * 1024
FRAMING = 64 * 1024
"""What a form may add to its file."""

KINDS = {"edoc": Kind.DOCUMENT, "status": Kind.STATUS}
"""Message types by the name that both façades give them."""

WORDS = {
    Transport.INITIAL: "Chờ nhận",
    Transport.PROCESSING: "Đang nhận",
    Transport.DONE: "Đã nhận",
    Transport.FAIL: "Không giao được",
}
"""Transport statuses for people."""

FAILED = Reason("RECIPIENT_FAILED", "Hệ thống nhận báo lỗi · the recipient's system reported a failure")


def kind_named(name: str, member: str) -> Kind:
    """The kind of a message type. Refuses REQUEST_MALFORMED."""
    kind = KINDS.get(name.lower())
    if kind is None:
        raise Refused(REQUEST_MALFORMED, member=member, why="edoc | status")
    return kind


async def small_body(scope: Scope, receive: Receive, limits: HttpLimits) -> bytes:
    """A small body, whole; also answers ``Expect: 100-continue``. Refuses BODY_TOO_LARGE, LENGTH_REQUIRED."""
    size = announced_size(scope)
    if size is None:
        return b""
    if size > SMALL_BODY:
        raise Refused(BODY_TOO_LARGE, size=size, limit=SMALL_BODY)
    held = bytearray()
    await pour(receive, held.extend, limits, size)
    return bytes(held)


def room_for_file(ctx: AxisContext, scope: Scope) -> int:
    """The size of a body that holds a file, when there is room for it. Refuses before anything is read."""
    limits = ctx.limits
    size = announced_size(scope)
    if size is None:
        raise Refused(LENGTH_REQUIRED)
    if size > limits.packet + FRAMING:
        raise Refused(BODY_TOO_LARGE, size=size, limit=limits.packet)
    ctx.require_writer().require_room()
    if ctx.blobs.free_bytes() < limits.spare_disk + size:
        raise Refused(STORAGE_FULL)
    return size


async def report_transport(ctx: AxisContext, caller: FaceCaller, name: str, wanted: str) -> None:
    """``done``, ``fail`` or ``processing`` about a fetched packet; the same again is as good.

    Refuses: REQUEST_MALFORMED, and what ``confirm`` and ``keep`` refuse.
    """
    status = wanted.lower()
    if status == Transport.DONE.value:
        await confirm(ctx, caller, name, Outcome.TAKEN)
    elif status == Transport.FAIL.value:
        await confirm(ctx, caller, name, Outcome.FAILED, FAILED)
    elif status == Transport.PROCESSING.value:
        await keep(ctx, caller, name)
    else:
        raise Refused(REQUEST_MALFORMED, member="status", why="done | fail | processing")


async def opened(ctx: AxisContext, caller: FaceCaller, download: Download) -> tuple[int, AsyncIterator[bytes]]:
    """Size and bytes of the file; damage that shows at once is a refusal, later it cuts the answer off."""
    sizes: list[int] = []

    def content() -> Iterator[bytes]:
        size, pieces = whole_packet(ctx, download, caller.connection.status_form)
        sizes.append(size)
        return pieces

    found = await begun(ctx, download, content)
    return sizes[0], _one(found) if isinstance(found, bytes) else found


async def _one(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def answer(send: Send, body: bytes) -> None:
    """One small answer."""
    headers = [(b"content-type", JSON), (b"content-length", str(len(body)).encode("ascii"))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def stream_file(send: Send, length: int, pieces: AsyncIterator[bytes], kind: bytes = JSON) -> None:
    """An answer of known length that is not held in memory."""
    headers = [
        (b"content-type", kind),
        (b"content-length", str(length).encode("ascii")),
        (b"cache-control", b"private, no-store"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    async for piece in pieces:
        if piece:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def stream_base64(send: Send, size: int, pieces: AsyncIterator[bytes], head: bytes, tail: bytes) -> None:
    """A file in Base64 between the members of a JSON answer, as a stream."""
    await stream_file(send, len(head) + base64_size(size) + len(tail), _in_json(pieces, head, tail))


async def _in_json(pieces: AsyncIterator[bytes], head: bytes, tail: bytes) -> AsyncIterator[bytes]:
    yield head
    rest = b""
    async for piece in pieces:
        data = rest + piece
        whole = len(data) - len(data) % 3
        rest = data[whole:]
        yield base64.b64encode(data[:whole])
    yield base64.b64encode(rest) + tail


async def stream_rows(send: Send, written: Iterable[bytes]) -> None:
    """A list of any length: it is written off the event loop, a few hundred rows at a time."""
    pieces = iter(written)
    first = await run_in_threadpool(partial(next, pieces))
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", JSON)]})
    async for piece in iterate_in_threadpool(chain([first], pieces)):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def agency_row(agency: Agency) -> Row:
    """An agency with its place in the tree."""
    members = {
        "id": agency.code, "pid": agency.parent or "", "code": agency.code, "name": agency.name, "mail": agency.email,
    }  # fmt: skip
    other = agency.code102 or (agency.old_codes[0] if agency.old_codes else "")
    return {**members, "oldCode": other} if other else members
