"""The evidence log for everybody: the checkpoint, the tiles, and our service as a witness for other axes.

Source: C2SP tlog-tiles (paths, media types, caching) and tlog-witness.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from lienthong.base.errors import Refused
from lienthong.exchange.api.log_requests import Route, log_of, read_body
from lienthong.exchange.errors import NOT_FOUND
from lienthong.exchange.service import witnessing
from lienthong.exchange.service.log_context import LogContext
from lienthong.exchange.service.log_errors import LOG_EMPTY
from lienthong.exchange.store import witnesses
from lienthong.ledger.checkpoint import parse_checkpoint
from lienthong.ledger.notes import parse_note
from lienthong.ledger.tiles import HEIGHT, WIDTH, TileName

FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
NOT_KEPT = {"Cache-Control": "no-cache"}


async def checkpoint(request: Request) -> Response:
    """The newest published checkpoint. Refuses: LOG_EMPTY."""
    note = await run_in_threadpool(log_of(request).files.published)
    if note is None:
        raise Refused(LOG_EMPTY)
    return Response(note, media_type="text/plain; charset=utf-8", headers=NOT_KEPT)


async def tile(request: Request) -> Response:
    """One tile or bundle of entries. Refuses: LEDGER_PATH_MALFORMED, NOT_FOUND."""
    name = TileName.parse(f"tile/{request.path_params['path']}")
    data = await run_in_threadpool(_read_tile, log_of(request), name)
    return Response(data, media_type="application/octet-stream", headers=FOR_EVER)


async def add_checkpoint(request: Request) -> Response:
    """Cosign the checkpoint of another axis. A conflict is answered with the size that we know, as text."""
    log = log_of(request)
    body = await read_body(request, witnessing.MAX_SUBMISSION)
    try:
        line = await run_in_threadpool(_witness, log, body)
    except Refused as refusal:
        if refusal.code.http != 409:
            raise
        size = await run_in_threadpool(_known_size, log, body)
        return Response(f"{size}\n", status_code=409, headers={"Content-Type": witnessing.SIZE_TYPE})
    return PlainTextResponse(line)


def _read_tile(log: LogContext, name: TileName) -> bytes:
    """A tile is shown only once the published checkpoint covers it: files of an interrupted run may still change."""
    note = log.files.published()
    size = 0 if note is None else parse_checkpoint(parse_note(note).text).size
    covered = size >> HEIGHT * (name.level or 0)
    data = log.files.read(name.path) if name.index * WIDTH + name.width <= covered else None
    if data is None:
        raise Refused(NOT_FOUND)
    return data


def _witness(log: LogContext, body: bytes) -> str:
    with log.connect() as conn:
        return witnessing.witness(conn, log, body)


def _known_size(log: LogContext, body: bytes) -> int:
    origin = witnessing.origin_of(body)
    with log.connect() as conn:
        return witnesses.known_size(conn, origin)


ROUTES = [
    Route("GET", "/log/checkpoint", checkpoint),
    Route("GET", "/log/tile/{path:path}", tile),
    Route("POST", "/log/add-checkpoint", add_checkpoint),
]
