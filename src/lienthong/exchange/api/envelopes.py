"""``POST /v1/envelopes``: the hot path, straight on ASGI."""

from __future__ import annotations

from starlette.types import Receive, Scope, Send

from lienthong.base.errors import Refused
from lienthong.exchange.api.bodies import announced_size, header, pump
from lienthong.exchange.api.routes import KEY, Access, ApiRoute, Call, route
from lienthong.exchange.errors import BODY_TOO_LARGE, LENGTH_REQUIRED
from lienthong.exchange.service.accepting import Receipt
from lienthong.exchange.service.receiving import Reception
from lienthong.exchange.service.submitting import prove_refusal, submit
from lienthong.infra import telemetry
from lienthong.infra.errors import STORAGE_FULL
from lienthong.infra.steps import reached
from lienthong.trust import content_digest
from lienthong.wire.packet import ENVELOPE_LIMIT, boundary_of

_FRAMING = 256 * 1024


async def post_envelope(scope: Scope, receive: Receive, send: Send) -> None:
    """Submit a packet: 201 with a new receipt, 200 with the receipt of before."""
    call: Call = scope[KEY]
    size = _admit(scope, call)
    caller = call.require_caller()
    reception = Reception(call.ctx, caller.system, boundary_of(header(scope, b"content-type") or ""))
    try:
        digest = await pump(receive, reception.feed, call.limits, size)
        content_digest.compare(caller.content_digest or "", digest)
        receipt = await submit(call.ctx, reception)
    except Refused as refusal:
        reception.abandon()
        raise await prove_refusal(call.ctx, reception, refusal) from refusal
    except BaseException:
        # The peer went away or the server stops: nothing of an unfinished packet stays.
        reception.abandon()
        raise
    await _answer(receipt, send)
    telemetry.info(
        "envelope.accepted", system=caller.system.system_id, bytes=size, status=201 if receipt.created else 200
    )


def _admit(scope: Scope, call: Call) -> int:
    """The size of the body, when there is room for it. Refuses before anything is read."""
    limits = call.ctx.limits
    size = announced_size(scope)
    if size is None:
        raise Refused(LENGTH_REQUIRED)
    most = max(limits.document, limits.packet) + ENVELOPE_LIMIT + _FRAMING
    if size > most:
        raise Refused(BODY_TOO_LARGE, size=size, limit=most)
    call.ctx.require_writer().require_room()
    if call.ctx.blobs.free_bytes() < limits.spare_disk + size:
        raise Refused(STORAGE_FULL)
    return size


async def _answer(receipt: Receipt, send: Send) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": 201 if receipt.created else 200,
            "headers": [
                (b"content-type", b"application/jose"),
                (b"content-length", str(len(receipt.jws)).encode("ascii")),
            ],
        }
    )
    await send({"type": "http.response.body", "body": receipt.jws})
    reached("accept.answered")


def routes() -> list[ApiRoute]:
    """The routes of this module."""
    return [
        route(
            "POST",
            "/v1/envelopes",
            raw=post_envelope,
            access=Access.SENDER,
            vi="Gửi một gói tin; trả lời là biên nhận đã ký.",
            en="Submit a packet; the answer is the signed receipt.",
            answers={201: "application/jose", 200: "application/jose"},
        )
    ]
