"""What the endpoints of the evidence service share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from lienthong.base.errors import Refused
from lienthong.exchange.errors import BODY_TOO_LARGE
from lienthong.exchange.service.log_context import LogContext


@dataclass(frozen=True, slots=True)
class Route:
    """One operation; ``system``: only for a system of the directory, else for anyone."""

    method: str
    path: str
    endpoint: Callable[[Request], Awaitable[Response]]
    system: bool = False


def log_of(request: Request) -> LogContext:
    """The evidence log that this application serves."""
    log = request.app.state.log
    if not isinstance(log, LogContext):
        raise TypeError("this application serves no evidence log")
    return log


async def read_body(request: Request, limit: int) -> bytes:
    """The body, refused as soon as it is longer than ``limit`` bytes. Refuses: BODY_TOO_LARGE."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise Refused(BODY_TOO_LARGE, size=len(body), limit=limit)
    return bytes(body)
