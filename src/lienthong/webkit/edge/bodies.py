"""Request bodies: announced, bounded, not too slow."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable

from starlette.types import Receive, Scope

from lienthong.base.errors import Refused
from lienthong.infra.errors import BODY_TOO_SLOW
from lienthong.infra.http_limits import BodyWatch, HttpLimits
from lienthong.webkit.errors import BODY_TOO_LARGE, LENGTH_REQUIRED


class PeerGone(Exception):
    """The client closed the connection before its body was whole; there is nobody to answer."""


def header(scope: Scope, name: bytes) -> str | None:
    """The first header of that (lower-case) name."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return None


def announced_size(scope: Scope) -> int | None:
    """Content-Length, None for a request without a body. Refuses LENGTH_REQUIRED for a body of unknown length."""
    length = header(scope, b"content-length")
    if length is None:
        if header(scope, b"transfer-encoding") is not None:
            raise Refused(LENGTH_REQUIRED)
        return None
    if not (length.isascii() and length.isdigit() and len(length) < 14):
        raise Refused(LENGTH_REQUIRED)
    return int(length) or None


async def pump(receive: Receive, take: Callable[[bytes], None], limits: HttpLimits, at_most: int) -> bytes:
    """Hand every piece of the body to ``take`` as it comes; the SHA-256 of the whole. Otherwise as :func:`pour`."""
    digest = hashlib.sha256()

    def hashed(piece: bytes) -> None:
        digest.update(piece)
        take(piece)

    await pour(receive, hashed, limits, at_most)
    return digest.digest()


async def pour(receive: Receive, take: Callable[[bytes], None], limits: HttpLimits, at_most: int) -> None:
    """Hand every piece of the body to ``take`` as it comes. Refuses BODY_TOO_SLOW, BLOB_TOO_LARGE; raises PeerGone."""
    now = time.monotonic()
    watch = BodyWatch(limits, now, at_most)
    while True:
        try:
            async with asyncio.timeout(watch.patience(now)):
                message = await receive()
        except TimeoutError as reason:
            raise Refused(BODY_TOO_SLOW) from reason
        if message["type"] != "http.request":
            raise PeerGone
        piece = message.get("body", b"")
        now = time.monotonic()
        if piece:
            watch.took(len(piece), now)
            take(piece)
        if not message.get("more_body", False):
            return


async def read_small(scope: Scope, receive: Receive, limits: HttpLimits, at_most: int) -> tuple[bytes, bytes]:
    """A small body, whole, and its SHA-256; both empty when there is none.

    Refuses: LENGTH_REQUIRED, BODY_TOO_LARGE, BODY_TOO_SLOW.
    """
    size = announced_size(scope)
    if size is None:
        return b"", b""
    if size > at_most:
        raise Refused(BODY_TOO_LARGE, size=size, limit=at_most)
    held = bytearray()
    digest = await pump(receive, held.extend, limits, size)
    return bytes(held), digest
