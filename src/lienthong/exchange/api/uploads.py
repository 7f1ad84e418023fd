"""Resumable uploads over HTTP. Source: PR-NATIVE §4."""

from __future__ import annotations

import json
from functools import partial
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from lienthong.base.errors import Refused
from lienthong.base.ids import Sha256
from lienthong.exchange.api.bodies import announced_size, header, pump
from lienthong.exchange.api.routes import KEY, Access, ApiRoute, Call, call_of, route
from lienthong.exchange.errors import BODY_TOO_LARGE, LENGTH_REQUIRED, REQUEST_MALFORMED
from lienthong.exchange.service.uploading import Uploading
from lienthong.infra.errors import UPLOAD_UNKNOWN
from lienthong.trust import content_digest


async def begin(uploading: Uploading, request: Request) -> Response:
    """Begin or continue an upload."""
    call = call_of(request)
    try:
        members = json.loads(call.body)
        sha256, size = bytes.fromhex(members["sha256"]), members["size"]
        good = isinstance(size, int) and not isinstance(size, bool) and size > 0
        good = good and len(sha256) == 32 and sha256.hex() == members["sha256"]
    except (ValueError, TypeError, KeyError, RecursionError) as reason:
        raise Refused(REQUEST_MALFORMED, member="-", why='{"sha256": hex, "size": bytes}') from reason
    if not good:
        raise Refused(REQUEST_MALFORMED, member="-", why='{"sha256": hex, "size": bytes}')
    progress = await uploading.begin(call.require_caller().system.system_id, Sha256(sha256), size)
    return JSONResponse(progress.members(), 201)


async def look(uploading: Uploading, request: Request) -> Response:
    """Where to continue."""
    caller = call_of(request).require_caller()
    progress = await uploading.look(caller.system.system_id, _id(request.path_params["upload"]))
    return JSONResponse(progress.members())


async def append(uploading: Uploading, scope: Scope, receive: Receive, send: Send) -> None:
    """Append one piece at an offset; it counts only when its digest fits."""
    call: Call = scope[KEY]
    caller, upload, size = call.require_caller(), _id(scope["path_params"]["upload"]), announced_size(scope)
    offset = header(scope, b"upload-offset") or ""
    if not (offset.isascii() and offset.isdigit() and len(offset) < 16):
        raise Refused(REQUEST_MALFORMED, member="Upload-Offset", why="a whole number is needed")
    if size is None:
        raise Refused(LENGTH_REQUIRED)
    if size > call.ctx.limits.piece:
        raise Refused(BODY_TOO_LARGE, size=size, limit=call.ctx.limits.piece)
    with uploading.begin_piece() as piece:
        digest = await pump(receive, piece.write, call.limits, size)
        content_digest.compare(caller.content_digest or "", digest)
        progress = await uploading.append(caller.system.system_id, upload, int(offset), piece)
    await JSONResponse(progress.members())(scope, receive, send)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as reason:
        raise Refused(UPLOAD_UNKNOWN) from reason


def routes(uploading: Uploading) -> list[ApiRoute]:
    """The routes of this module."""
    return [
        route("POST", "/v1/uploads", partial(begin, uploading), access=Access.SYSTEM, answers={201: "application/json"},
              vi="Bắt đầu hoặc tiếp tục tải lên.", en="Begin or continue an upload."),
        route("GET", "/v1/uploads/{upload}", partial(look, uploading), access=Access.SYSTEM,
              vi="Đã tải lên đến đâu.", en="How far an upload is."),
        route("PATCH", "/v1/uploads/{upload}", raw=partial(append, uploading), access=Access.SYSTEM,
              vi="Tải lên một phần.", en="Append a piece."),
    ]  # fmt: skip
