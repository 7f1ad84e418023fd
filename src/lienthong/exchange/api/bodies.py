"""Request bodies that are what their signature says they are."""

from __future__ import annotations

from starlette.types import Receive, Scope

from lienthong.infra.http_limits import HttpLimits
from lienthong.trust import content_digest
from lienthong.webkit.edge.bodies import PeerGone, announced_size, header, pour, pump, read_small

__all__ = ["PeerGone", "announced_size", "header", "pour", "pump", "read_signed"]


async def read_signed(scope: Scope, receive: Receive, limits: HttpLimits, at_most: int, declared: str | None) -> bytes:
    """A small body, whole, whose digest is the declared one (when one is declared).

    Refuses: LENGTH_REQUIRED, BODY_TOO_LARGE, BODY_TOO_SLOW, CONTENT_DIGEST_MISMATCH.
    """
    body, digest = await read_small(scope, receive, limits, at_most)
    if digest and declared is not None:
        content_digest.compare(declared, digest)
    return body
