"""A push service on 127.0.0.1 over TLS (RFC 8030), and browsers that subscribe to it and open what comes.

It takes only what a real one takes: a token that the key beside it has signed for this very service (RFC 8292), a TTL, a
body of at most 4096 octets. Messages are opened by http-ece, an implementation of RFC 8291 that is not ours.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey

from lienthong.office.push import vapid
from tls_server import server_context, write_certificate


@dataclass
class Browser:
    """One subscription. ``pushed``: what it was told, in order; ``headers``: with what headers each came."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = b"0123456789abcdef"
    pushed: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def point(self) -> str:
        return vapid.text(self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    @property
    def fields(self) -> dict[str, str]:
        """What a page sends of it."""
        return {"endpoint": self.endpoint, "point": self.point, "auth": vapid.text(self.auth)}

    def open(self, body: bytes) -> dict[str, str]:
        plain = http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth, version="aes128gcm")
        told: dict[str, str] = json.loads(plain)
        return told


@dataclass
class PushServer:
    """``answers``: status and headers with which the next messages are answered; afterwards they are taken."""

    port: int = 0
    certificate: Path = Path()
    browsers: dict[str, Browser] = field(default_factory=dict)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    senders: set[str] = field(default_factory=set)
    count: int = 0

    def browser(self) -> Browser:
        """A new subscription."""
        path = f"/push/{len(self.browsers)}"
        self.browsers[path] = Browser(f"https://127.0.0.1:{self.port}{path}")
        return self.browsers[path]

    def take(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        """One message: refused as a real service refuses, else given to its browser."""
        self.count += 1
        if path not in self.browsers:
            return 404, {}
        if not self._signed(headers.get("authorization", "")):
            return 403, {}
        if not headers.get("ttl", "").isdigit() or len(body) > 4096 or headers.get("content-encoding") != "aes128gcm":
            return 400, {}
        if self.answers:
            status, said = self.answers.pop(0)
            if status >= 300:
                return status, said
        browser = self.browsers[path]
        browser.pushed.append(browser.open(body))
        browser.headers.append(headers)
        return 201, {}

    def _signed(self, said: str) -> bool:
        token, _, public = said.removeprefix("vapid t=").partition(", k=")
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), vapid.octets(public))
        claims = jwt.decode(token, ECKey.import_key(point), algorithms=["ES256"]).claims
        self.senders.add(public)
        return bool(claims["aud"] == f"https://127.0.0.1:{self.port}")


@contextmanager
def push_server(folder: Path) -> Iterator[PushServer]:
    """Serve until the end of the block; ``certificate`` is what clients have to trust."""
    found = PushServer(certificate=write_certificate(folder))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, said = found.take(self.path, headers, body)
            self.send_response(status)
            for name, value in said.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = server_context(folder).wrap_socket(server.socket, server_side=True)
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
