"""The HTTP server: uvicorn with guards that it does not have itself: against heads that never end, and against bodies
that go on after their request was refused."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import Any, ClassVar

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from lienthong.infra.http_limits import HttpLimits

_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class GuardedProtocol(HttpToolsProtocol):
    """Ends a connection whose request head is too long or takes too long, or whose body never ends although it was
    answered; uvicorn waits for ever, and reads for ever."""

    limits = HttpLimits()
    large_heads: ClassVar[set[int]] = set()
    """Connections of this process whose head is larger than usual."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._in_head = True
        self._in_body = False
        self._lingering: asyncio.TimerHandle | None = None
        self._linger_until = 0.0
        self._thrown_away = self._seen_away = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_done()
        self._linger_done()
        self.large_heads.discard(id(self))
        super().connection_lost(exc)

    def on_header(self, name: bytes, value: bytes) -> None:
        # The server folds names to lower case; a face whose names differ by case reads these.
        self._spelled.append((name, value))
        super().on_header(name, value)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._lingering is not None:
            self._thrown_away += len(data)
            if self._thrown_away > self.limits.linger_bytes:
                self._hang_up()
        if self._in_head:
            # Counted afterwards: the first piece of a head is what makes the parser begin a new one.
            self._head_bytes += len(data)
            if self._head_bytes > self.limits.head_bytes:
                self._weigh(self._head_bytes)

    def on_message_begin(self) -> None:
        self._head_bytes, self._in_head = 0, True
        if self._deadline is None:
            self._await_head()
        super().on_message_begin()
        self._spelled: list[tuple[bytes, bytes]] = []
        self.scope["lienthong.headers"] = self._spelled  # type: ignore[typeddict-unknown-key]  # an extension of ours

    def on_headers_complete(self) -> None:
        self._head_done()
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > self.limits.head_bytes and not self._weigh(size):
            return
        self._in_body = True
        super().on_headers_complete()
        if size <= self.limits.head_bytes:
            self.large_heads.discard(id(self))

    def on_message_complete(self) -> None:
        self._in_body = False
        super().on_message_complete()
        if self._lingering is not None:
            # The connection may serve another request; what came meanwhile has stopped the watch over its idle time.
            self._linger_done()
            self._unset_keepalive_if_required()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def on_response_complete(self) -> None:
        self.large_heads.discard(id(self))
        super().on_response_complete()
        # The newest request's, and not one before it whose answer a pipelining client did not wait for.
        if self._in_body and self.cycle.response_complete and self._lingering is None:
            self._thrown_away, self._seen_away = 0, -1
            self._linger_until = self.loop.time() + self.limits.linger_seconds
            self._linger()

    def _weigh(self, size: int) -> bool:
        """Whether a head of more than the usual size may be: where such heads are usual, and not too many at once."""
        few = id(self) in self.large_heads or len(self.large_heads) < self.limits.large_heads
        if size <= self.limits.head_limit(bytes(getattr(self, "url", b""))) and few:
            self.large_heads.add(id(self))
            return True
        self._end(_TOO_LARGE)
        return False

    def _await_head(self) -> None:
        self._deadline = self.loop.call_later(self.limits.head_seconds, self._end, _TOO_SLOW)

    def _head_done(self) -> None:
        self._in_head = False
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _linger(self) -> None:
        """Throw away for another while what still comes of a body that was answered; not what has stopped coming."""
        if self._thrown_away == self._seen_away or self.loop.time() >= self._linger_until:
            self._hang_up()
            return
        self._seen_away = self._thrown_away
        self._lingering = self.loop.call_later(self.limits.linger_pause, self._linger)

    def _linger_done(self) -> None:
        if self._lingering is not None:
            self._lingering.cancel()
            self._lingering = None

    def _hang_up(self) -> None:
        self._linger_done()
        self.transport.close()

    def _end(self, answer: bytes) -> None:
        self._head_done()
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()


def listening_socket(address: str, port: int, backlog: int = 64) -> socket.socket:
    """Take an address of this machine, IPv4 or IPv6; port 0 takes a free one. ``OSError``: it is not to be had."""
    taken = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((address, port))
        taken.listen(backlog)
    except OSError:
        taken.close()
        raise
    return taken


def make_server(
    app: Any, host: str, port: int, limits: HttpLimits, tls: ssl.SSLContext | None = None
) -> uvicorn.Server:
    """A server for one process; it handles SIGTERM and SIGINT by finishing what it has begun.

    ``tls``: for HTTPS; a certificate loaded into it later is used from the next connection on.
    """
    guarded = type("_Guarded", (GuardedProtocol,), {"limits": limits, "large_heads": set()})
    options = limits.uvicorn_options()
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=guarded,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=options["timeout_keep_alive"],
        limit_concurrency=options["limit_concurrency"],
        timeout_graceful_shutdown=options["timeout_graceful_shutdown"],
        backlog=2048,
        ssl_context_factory=None if tls is None else lambda *_: tls,
    )
    return uvicorn.Server(config)
