"""The operator's questions: does the conservation law hold, what is in quarantine, let it go.

Source: PR-NATIVE §4, §6.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lienthong.base.clock import to_text
from lienthong.base.errors import Refused
from lienthong.base.ids import DeliveryId
from lienthong.exchange.api.questions import digits, query_number
from lienthong.exchange.api.routes import Access, ApiRoute, call_of, route
from lienthong.exchange.errors import NOT_FOUND
from lienthong.exchange.service.conserving import FACT
from lienthong.exchange.service.quarantining import RequeueUnit
from lienthong.exchange.store import conservation, quarantine
from lienthong.exchange.store.quarantine import Quarantined

MOST = 500


async def get_conservation(request: Request) -> Response:
    """The worker's newest check; a count of everything is not made at each request. Refuses NOT_FOUND before it."""
    async with call_of(request).ctx.require_pool().connection() as conn:
        found = await conservation.newest(conn, FACT)
    if found is None:
        raise Refused(NOT_FOUND)
    return JSONResponse(found)


async def get_quarantine(request: Request) -> Response:
    """A page of the quarantine in the order of delivery numbers."""
    after = query_number(request, "after", 0, 1 << 62) or 0
    most = query_number(request, "max", 1, MOST) or 100
    async with call_of(request).ctx.require_pool().connection() as conn:
        rows = await quarantine.page(conn, after, most)
    page: dict[str, object] = {"deliveries": [_row(row) for row in rows]}
    if len(rows) == most:
        page["next"] = str(rows[-1].delivery)
    return JSONResponse(page)


async def post_requeue(request: Request) -> Response:
    """Let one delivery out of quarantine; the evidence says who did. Refuses DELIVERY_UNKNOWN, NOT_IN_QUARANTINE."""
    call = call_of(request)
    delivery = DeliveryId(digits(request.path_params["delivery"], "delivery", 1, 1 << 62))
    unit = RequeueUnit(delivery, call.require_caller().system.system_id)
    evidence = await call.ctx.require_writer().submit(unit)
    return JSONResponse({"delivery": delivery, "result": "available", "evidence": evidence.decode("ascii")})


def _row(row: Quarantined) -> dict[str, object]:
    return {
        "delivery": row.delivery,
        "agency": row.agency,
        "from": row.sender,
        "id": str(row.envelope_id),
        "document_id": row.document_id,
        "reason": row.reason,
        "attempts": row.attempts,
        "since": to_text(row.since),
        "expires_at": to_text(row.expires_at),
    }


def routes() -> list[ApiRoute]:
    """The routes of this module."""
    return [
        route(
            "GET", "/v1/operator/conservation", get_conservation, access=Access.OPERATOR,
            vi="Cân đối: nhận = giao + chờ + từ chối + hết hạn + thu hồi.", en="The conservation law, as last checked.",
        ),
        route(
            "GET", "/v1/operator/quarantine", get_quarantine, access=Access.OPERATOR,
            vi="Các lượt giao bị cách ly và lý do.", en="Deliveries in quarantine, with reasons.",
        ),
        route(
            "POST", "/v1/operator/quarantine/{delivery}/requeue", post_requeue, access=Access.OPERATOR,
            vi="Cho một lượt giao ra khỏi cách ly.", en="Let a delivery out of quarantine.",
        ),
    ]  # fmt: skip
