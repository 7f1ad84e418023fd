"""What a sender sent, newest first. Source: PR-NATIVE §4."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lienthong.exchange.api.questions import query_number, query_text
from lienthong.exchange.api.routes import Access, ApiRoute, call_of, route
from lienthong.exchange.service.leasing import agencies_of
from lienthong.exchange.service.tracing import outbox

MOST = 200


async def get_outbox(request: Request) -> Response:
    """A page of an agency's own envelopes. Refuses REQUEST_MALFORMED, AGENCY_NOT_SERVED."""
    call = call_of(request)
    agency = query_text(request, "agency", 35)
    agencies_of(call.ctx.directory.state, call.require_caller().system.system_id, [agency])
    before = query_number(request, "after", 1, 1 << 62)
    most = query_number(request, "max", 1, MOST) or 50
    async with call.ctx.require_pool().connection() as conn:
        return JSONResponse(await outbox(conn, agency, before, most))


def routes() -> list[ApiRoute]:
    """The routes of this module."""
    return [
        route(
            "GET", "/v1/outbox", get_outbox, access=Access.SENDER,
            vi="Văn bản đã gửi và tình trạng giao.", en="Own envelopes and where their deliveries stand.",
        )
    ]  # fmt: skip
