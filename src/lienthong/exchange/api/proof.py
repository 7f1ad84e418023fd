"""The proof file of one envelope, for its sender, its recipients and the operator. Source: PR-EVIDENCE §3."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from lienthong.base.errors import Refused
from lienthong.exchange.api.log_requests import Route, log_of
from lienthong.exchange.errors import REQUEST_MALFORMED
from lienthong.exchange.service.log_context import LogContext
from lienthong.exchange.service.proving import MEDIA_TYPE, find_envelope, proof_stream, viewer


async def proof(request: Request) -> Response:
    """Stream the proof file; ``content=0`` leaves the attachments out. Refuses: REQUEST_MALFORMED, NOT_FOUND."""
    query = request.query_params
    sender, envelope, content = query.get("from", ""), query.get("id", ""), query.get("content", "1")
    if content not in ("0", "1"):
        raise Refused(REQUEST_MALFORMED, member="content", why="0, 1")
    if not 0 < len(sender) <= 35:
        raise Refused(REQUEST_MALFORMED, member="from", why="1–35")
    try:
        identifier = UUID(envelope)
    except ValueError:
        raise Refused(REQUEST_MALFORMED, member="id", why="UUID") from None
    log = log_of(request)
    system = str(request.state.system)
    pieces = await run_in_threadpool(_open, log, system, sender, identifier, content == "1")
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="{identifier}.asice"',
    }
    return StreamingResponse(pieces, media_type=MEDIA_TYPE, headers=headers)


def _open(log: LogContext, system: str, sender: str, envelope: UUID, content: bool) -> Iterator[bytes]:
    """Collect the evidence; attachments are read later, piece by piece, while the answer is written."""
    with log.connect() as conn:
        number = find_envelope(conn, sender, envelope)
        return proof_stream(conn, log, number, viewer(log, system), content=content)


ROUTES = [Route("GET", "/v1/proof", proof, system=True)]
