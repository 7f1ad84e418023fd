"""The recipient's side: lease by long poll, and acknowledge in batches. Source: PR-NATIVE §4, §5."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lienthong.base.clock import to_text
from lienthong.base.errors import Refused
from lienthong.exchange.api.problems import members
from lienthong.exchange.api.questions import body_object, number_in, texts_in
from lienthong.exchange.api.routes import Access, ApiRoute, Call, call_of, route
from lienthong.exchange.service.changing import now_of
from lienthong.exchange.service.handing_over import TOKEN_LIMIT, Acknowledged, read_acknowledgement
from lienthong.exchange.service.leasing import MOST_AGENCIES, agencies_of, lease_or_wait
from lienthong.exchange.store.leases import Lease
from lienthong.infra import telemetry
from lienthong.infra.steps import reached

MOST_LEASES = 200
LONGEST_WAIT = 60
MOST_ACKNOWLEDGEMENTS = 200
_QUESTION = frozenset({"agencies", "max", "wait", "lease_seconds"})


async def post_leases(request: Request) -> Response:
    """Lease deliveries, waiting for the first. Refuses REQUEST_MALFORMED, AGENCY_NOT_SERVED."""
    call = call_of(request)
    asked = body_object(call.body or b"{}", _QUESTION)
    system = call.require_caller().system.system_id
    wanted = texts_in(asked["agencies"], "agencies", MOST_AGENCIES, 35) if "agencies" in asked else None
    found = await lease_or_wait(
        call.ctx,
        call.ctx.require_pool(),
        call.ctx.require_notifier(),
        system,
        agencies_of(call.ctx.directory.state, system, wanted),
        number_in(asked.get("max", 20), "max", 1, MOST_LEASES),
        number_in(asked.get("lease_seconds", 300), "lease_seconds", 10, 3600),
        number_in(asked.get("wait", 0), "wait", 0, LONGEST_WAIT),
        request.is_disconnected,
    )
    return JSONResponse({"leases": [_lease(lease) for lease in found]})


async def post_acknowledgements(request: Request) -> Response:
    """Carry out acknowledgements, each for itself: one that is refused does not stop the others."""
    call = call_of(request)
    asked = body_object(call.body, frozenset({"acknowledgements"}))
    tokens = texts_in(asked.get("acknowledgements"), "acknowledgements", MOST_ACKNOWLEDGEMENTS, TOKEN_LIMIT)
    results = await asyncio.gather(*(_acknowledge(call, token) for token in tokens))
    reached("ack.committed")
    telemetry.info("deliveries.acknowledged", system=call.require_caller().system.system_id, count=len(tokens))
    return JSONResponse({"results": results})


async def _acknowledge(call: Call, token: str) -> dict[str, object]:
    delivery: int | None = None
    try:
        unit = read_acknowledgement(call.ctx, token.encode("utf-8"), now_of(call.ctx))
        delivery = unit.ack.delivery
        return _result(await call.ctx.require_writer().submit(unit))
    except Refused as refusal:
        return {"delivery": delivery, "error": members(refusal)}


def _result(done: Acknowledged) -> dict[str, object]:
    return {
        "delivery": done.delivery,
        "result": done.state.value,
        "evidence": None if done.evidence is None else done.evidence.decode("ascii"),
    }


def _lease(lease: Lease) -> dict[str, object]:
    return {
        "delivery": lease.delivery,
        "fence": lease.fence,
        "lease_until": to_text(lease.until),
        "agency": lease.agency,
        "addressed_to": lease.addressed_to,
        "attempt": lease.attempt,
        "envelope": lease.envelope.decode("ascii"),
        "receipt": lease.receipt.decode("ascii"),
    }


def routes() -> list[ApiRoute]:
    """The routes of this module."""
    return [
        route(
            "POST", "/v1/inbox/leases", post_leases, access=Access.RECIPIENT,
            vi="Xin nhận văn bản đến, chờ đến khi có.", en="Lease deliveries, by long poll.",
        ),
        route(
            "POST", "/v1/inbox/acknowledgements", post_acknowledgements, access=Access.RECIPIENT,
            vi="Xác nhận đã nhận, từ chối hoặc chưa nhận được.", en="Acknowledge deliveries.",
            body_limit=MOST_ACKNOWLEDGEMENTS * TOKEN_LIMIT,
        ),
    ]  # fmt: skip
