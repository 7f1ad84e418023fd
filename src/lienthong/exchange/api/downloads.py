"""Hand out the content of a delivery: the whole packet, or one part with ranges.

Source: PR-NATIVE §2, §4; RFC 9110 §14.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from itertools import chain

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from lienthong.base.errors import Refused
from lienthong.exchange.api.questions import digits, query_number
from lienthong.exchange.api.routes import Access, ApiRoute, Call, call_of, route
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.downloading import Download, open_download, packet_content, part_content
from lienthong.exchange.service.errors import RANGE_NOT_POSSIBLE
from lienthong.exchange.service.quarantining import CORRUPT, QuarantineUnit
from lienthong.infra import telemetry
from lienthong.infra.errors import BLOB_CORRUPT
from lienthong.wire.packet import content_type

GATHERED = 1 << 20
"""Least bytes of a piece that is not the last."""

Begin = Callable[[], Iterator[bytes]]
Content = bytes | AsyncIterator[bytes]
_RANGE = re.compile(r"bytes=([0-9]{1,15})-([0-9]{0,15})")


async def get_part(request: Request) -> Response:
    """One part; a range continues a download that broke off."""
    call = call_of(request)
    download = await _open(request, call)
    index = digits(request.path_params["part"], "part", 0, 10_000)
    part = download.part(index)
    start, end = _range(request.headers.get("range"), part.size)
    headers = {"Accept-Ranges": "bytes", "Cache-Control": "private, no-store", "Content-Length": str(end - start)}
    status = 200
    if end - start < part.size:
        status, headers["Content-Range"] = 206, f"bytes {start}-{end - 1}/{part.size}"
    content = await begun(call.ctx, download, lambda: part_content(call.ctx, download, index, start, end - start))
    return _answer(content, status, headers, "application/octet-stream")


async def get_packet(request: Request) -> Response:
    """The packet with all parts, framed as it would be submitted."""
    call = call_of(request)
    download = await _open(request, call)
    boundary = secrets.token_hex(16)
    sizes: list[int] = []

    def content() -> Iterator[bytes]:
        size, pieces = packet_content(call.ctx, download, boundary)
        sizes.append(size)
        return pieces

    found = await begun(call.ctx, download, content)
    headers = {"Cache-Control": "private, no-store", "Content-Length": str(sizes[0])}
    return _answer(found, 200, headers, content_type(boundary))


async def _open(request: Request, call: Call) -> Download:
    delivery = digits(request.path_params["delivery"], "delivery", 1, 1 << 62)
    fence = query_number(request, "fence", 1, 1 << 30)
    async with call.ctx.require_pool().connection() as conn:
        return await open_download(call.ctx, conn, call.require_caller().system.system_id, delivery, fence)


async def begun(ctx: AxisContext, download: Download, content: Begin) -> Content:
    """The whole of small content; of larger content the pieces, the first of which is read already. So damage found
    by then is answered as a refusal.
    """

    def begin() -> tuple[bytes, Iterator[bytes]]:
        pieces = _gathered(content())
        return next(pieces, b""), pieces

    try:
        first, rest = await run_in_threadpool(begin)
    except Refused as refusal:
        await _set_aside(ctx, download, refusal)
        raise
    return first if len(first) < GATHERED else _watched(ctx, download, chain([first], rest))


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of about a mebibyte: fetching one in a thread costs more than reading a small file."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= GATHERED:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def _answer(content: Content, status: int, headers: Mapping[str, str], media_type: str) -> Response:
    if isinstance(content, bytes):
        return Response(content, status, headers, media_type=media_type)
    return StreamingResponse(content, status, headers, media_type=media_type)


async def _watched(ctx: AxisContext, download: Download, pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """All pieces; damage breaks the answer off before its last one."""
    try:
        async for piece in iterate_in_threadpool(pieces):
            yield piece
    except Refused as refusal:
        await _set_aside(ctx, download, refusal)
        raise


async def _set_aside(ctx: AxisContext, download: Download, refusal: Refused) -> None:
    """Damaged content is for people to look at: alarm, and quarantine instead of endless tries."""
    if refusal.code is BLOB_CORRUPT:
        telemetry.error("download.blob_corrupt", delivery=download.delivery, sha256=refusal.params.get("sha256", ""))
        await ctx.require_writer().submit(QuarantineUnit(download.delivery, download.fence, CORRUPT))


def _range(header: str | None, size: int) -> tuple[int, int]:
    """First byte and the one after the last. A header of another form is ignored, as RFC 9110 §14.2 wants."""
    found = _RANGE.fullmatch(header) if header else None
    if found is None:
        return 0, size
    start, end = int(found[1]), min(int(found[2] or size) + (1 if found[2] else 0), size)
    if start >= end:
        raise Refused(RANGE_NOT_POSSIBLE, size=size)
    return start, end


def routes() -> list[ApiRoute]:
    """The routes of this module."""
    return [
        route(
            "GET", "/v1/deliveries/{delivery}/packet", get_packet, access=Access.RECIPIENT,
            vi="Tải trọn gói tin của một lượt giao.", en="Download the packet of a delivery.",
            answers={200: "multipart/related"},
        ),
        route(
            "GET", "/v1/deliveries/{delivery}/parts/{part}", get_part, access=Access.RECIPIENT,
            vi="Tải một phần của gói tin, có thể tải tiếp.", en="Download one part; may be continued.",
            answers={200: "application/octet-stream", 206: "application/octet-stream"},
        ),
    ]  # fmt: skip
