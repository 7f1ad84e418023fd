"""The directory over HTTP: the signed whole and what changed, search, single rows, and the operator's changes.

Every answer depends only on the directory; who may ask is the route table's matter. Source: PR-NATIVE §4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lienthong.base.errors import Refused
from lienthong.exchange.service.directory import MAX_BYTES, MAX_ROWS
from lienthong.exchange.service.directory_desk import DirectoryDesk
from lienthong.exchange.service.directory_errors import DIRECTORY_QUERY_INVALID, DIRECTORY_TOO_LARGE
from lienthong.trust import content_digest
from lienthong.wire.key_change import LIMIT as KEY_CHANGE_LIMIT

MEDIA_TYPE = "application/x-ndjson"
MAX_FOUND = 200
MAX_QUERY = 200

Endpoint = Callable[[Request], Awaitable[Response]]


async def snapshot(request: Request) -> Response:
    """The whole directory, signed; 304 when the caller's copy is the newest."""
    packed = "gzip" in request.headers.get("accept-encoding", "")
    signed, data = await run_in_threadpool(_desk(request).snapshot, packed)
    headers = {"ETag": signed.etag, "Vary": "Accept-Encoding", "Cache-Control": "private, no-cache"}
    if signed.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(data, media_type=MEDIA_TYPE, headers=headers)


async def delta(request: Request) -> Response:
    """What changed after version ``since``, signed. Refuses DIRECTORY_VERSION_GAP for a version not made yet."""
    since = _number(request, "since", None, 2**62)
    signed = await run_in_threadpool(_desk(request).delta, since)
    return Response(signed.data, media_type=MEDIA_TYPE, headers={"ETag": signed.etag, "Cache-Control": "no-store"})


async def agencies(request: Request) -> Response:
    """Search by ``q``, at most ``max`` rows."""
    query, limit = request.query_params.get("q", ""), _number(request, "max", 20, MAX_FOUND)
    if len(query) > MAX_QUERY:
        raise _invalid("q", f"dài hơn {MAX_QUERY} ký tự", f"longer than {MAX_QUERY} characters")
    return JSONResponse(await run_in_threadpool(_desk(request).search, query, limit))


async def agency(request: Request) -> Response:
    """One agency under any of its codes."""
    return JSONResponse(_desk(request).agency(request.path_params["code"]))


async def systems(request: Request) -> Response:
    """Every system with its public keys."""
    return JSONResponse(await run_in_threadpool(_desk(request).systems))


async def system(request: Request) -> Response:
    """One system with its public keys."""
    return JSONResponse(_desk(request).system(request.path_params["system_id"]))


async def rows(request: Request) -> Response:
    """Put and delete rows by JSON lines: all or nothing, faults by line."""
    data = await _content(request)
    changed = await run_in_threadpool(_desk(request).change, data, str(request.state.system_id))
    return JSONResponse({"version": changed.state.version, "changed": changed.rows, "asked": changed.asked})


async def keys(request: Request) -> Response:
    """Add or revoke a key of the calling system, by its own signed statement."""
    token = await _content(request, KEY_CHANGE_LIMIT)
    return JSONResponse(await run_in_threadpool(_desk(request).change_key, token, str(request.state.system_id)))


ROUTES: list[tuple[str, str, Endpoint, str]] = [
    ("GET", "/v1/directory/snapshot", snapshot, "system"),
    ("GET", "/v1/directory/delta", delta, "system"),
    ("GET", "/v1/directory/agencies", agencies, "system"),
    ("GET", "/v1/directory/agencies/{code:path}", agency, "system"),
    ("GET", "/v1/directory/systems", systems, "system"),
    ("GET", "/v1/directory/systems/{system_id}", system, "system"),
    ("POST", "/v1/directory/rows", rows, "operator"),
    ("POST", "/v1/directory/keys", keys, "system"),
]
"""Method, path, endpoint, and who may call: any known system, or the operator's."""


def _desk(request: Request) -> DirectoryDesk:
    desk: DirectoryDesk = request.app.state.directory_desk
    return desk


async def _content(request: Request, limit: int = MAX_BYTES) -> bytes:
    """The body, as long as is allowed, after comparing it with the Content-Digest that the caller signed."""
    pieces: list[bytes] = []
    running, size = hashlib.sha256(), 0
    async for piece in request.stream():
        size += len(piece)
        if size > limit:
            raise Refused(DIRECTORY_TOO_LARGE, limit=MAX_ROWS, bytes=limit)
        running.update(piece)
        pieces.append(piece)
    content_digest.compare(request.headers.get("content-digest", ""), running.digest())
    return b"".join(pieces)


def _number(request: Request, name: str, default: int | None, maximum: int) -> int:
    text = request.query_params.get(name)
    if text is None and default is not None:
        return default
    if text is None or not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= maximum):
        raise _invalid(name, f"phải là số nguyên từ 0 đến {maximum}", f"it must be a whole number from 0 to {maximum}")
    return int(text)


def _invalid(name: str, vi: str, en: str) -> Refused:
    return Refused(DIRECTORY_QUERY_INVALID, name=name, why_vi=vi, why_en=en)
