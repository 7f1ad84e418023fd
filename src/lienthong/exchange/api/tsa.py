"""The axis's own time-stamping authority over HTTP. Source: RFC 3161 clause 3.4."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from lienthong.exchange.api.log_requests import Route, log_of, read_body
from lienthong.infra.timestamp_authority import RESPONSE_TYPE
from lienthong.trust.timestamp import MAXIMUM_REQUEST_BYTES


async def timestamp(request: Request) -> Response:
    """Answer a time-stamp request; what is wrong with a request is said in the answer itself, as the RFC has it."""
    body = await read_body(request, MAXIMUM_REQUEST_BYTES)
    answer = await run_in_threadpool(log_of(request).local_authority.respond, body)
    return Response(answer, media_type=RESPONSE_TYPE, headers={"Cache-Control": "no-store"})


ROUTES = [Route("POST", "/tsa", timestamp)]
