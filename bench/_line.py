"""A cheap HTTP/1.1 client for load: one kept connection, one request at a time, answers read whole."""

from __future__ import annotations

import asyncio
import secrets
import socket
import time
from dataclasses import dataclass, field
from typing import cast

import httptools
from bench._bodies import request_head

from lienthong.trust import content_digest
from lienthong.trust.http_signature import sign_request
from lienthong.trust.signer import Signer


@dataclass(slots=True)
class Answer:
    """A whole answer; header names in lower case."""

    status: int = 0
    fields: dict[bytes, bytes] = field(default_factory=dict)
    pieces: list[bytes] = field(default_factory=list)

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)


class Line(asyncio.Protocol):
    """One connection to ``host:port``; connects again by itself when the server closed it between requests."""

    def __init__(self, host: str) -> None:
        self.host = host
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._answer = Answer()
        self._waiting: asyncio.Future[Answer] | None = None

    async def ask(self, head: bytes, body: bytes = b"") -> Answer:
        """Send one request and wait for its answer. ``ConnectionError`` when the line breaks meanwhile."""
        loop = asyncio.get_running_loop()
        if self._transport is None or self._transport.is_closing():
            name, _, port = self.host.rpartition(":")
            await loop.create_connection(lambda: self, name, int(port))
        assert self._transport is not None
        self._waiting = loop.create_future()
        self._transport.write(head)
        if body:
            self._transport.write(body)
        return await self._waiting

    async def signed(self, method: str, target: str, signer: Signer, body: bytes | None = None) -> Answer:
        """Sign a request now and send it; a body is JSON."""
        fields, digest = {}, None
        if body is not None:
            digest = content_digest.of(body)
            fields = {"Content-Type": "application/json", "Content-Digest": digest}
        created, nonce = int(time.time()), secrets.token_urlsafe(12)
        fields |= sign_request(method, target, None, digest, signer, created, nonce)
        length = len(body) if body is not None else None
        return await self.ask(request_head(method, target, self.host, fields, length), body or b"")

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    # --- asyncio -----------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._parser = httptools.HttpResponseParser(self)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionResetError("the server closed the connection"))

    # --- httptools ---------------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._answer = Answer()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._answer.fields[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        self._answer.pieces.append(body)

    def on_message_complete(self) -> None:
        self._answer.status = self._parser.get_status_code()
        if self._answer.status >= 200 and self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(self._answer)
