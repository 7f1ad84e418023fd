"""The story of one envelope. Source: PR-NATIVE §4, §8."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lienthong.exchange.api.questions import query_text, query_uuid
from lienthong.exchange.api.routes import Access, ApiRoute, call_of, route
from lienthong.exchange.service.tracing import Reader, trace


async def get_trace(request: Request) -> Response:
    """By envelope identifier or by document identifier. Refuses REQUEST_MALFORMED, NOT_FOUND."""
    call = call_of(request)
    system = call.require_caller().system
    sender, envelope = query_text(request, "from", 35), query_uuid(request, "id")
    document = None if envelope is not None else query_text(request, "document_id", 75)
    reader = Reader(system.system_id, system.operator)
    async with call.ctx.require_pool().connection() as conn:
        return JSONResponse(await trace(call.ctx, conn, reader, sender, envelope, document))


def routes() -> list[ApiRoute]:
    """The routes of this module."""
    return [
        route(
            "GET", "/v1/trace", get_trace, access=Access.PARTY,
            vi="Toàn bộ hành trình của một gói tin.", en="The whole story of one envelope.",
        )
    ]  # fmt: skip
