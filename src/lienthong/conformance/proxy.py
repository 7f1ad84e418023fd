"""Stands between the two sides: sees every request as it was sent, and may answer wrongly on purpose.

Bytes go through unchanged, names of headers in their own spelling, so that signatures still hold. What is altered is
said by a :class:`Meddler`. Used to play the axis for a system under test, and to prove that checks can fail.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lienthong.conformance.recording import Recorder
from lienthong.conformance.vxp_driver import unchunked

_LARGEST_HEAD = 1 << 19


@dataclass
class Seen:
    """One request and what was answered. ``at``: of ``time.monotonic()``; ``status`` 0: no answer was given."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    head: bytes = field(repr=False)
    at: float = field(default_factory=time.monotonic)
    status: int = 0
    answered: bytes = b""

    @property
    def path(self) -> str:
        """Without the query, doubled slashes as one."""
        return "/" + "/".join(piece for piece in self.target.partition("?")[0].split("/") if piece)

    def header(self, name: str) -> str:
        """The first header of a name in any case, or empty text."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


@dataclass(frozen=True)
class Reply:
    """An answer. ``cut``: only so many bytes of the body are sent, then the line breaks; None: all."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    cut: int | None = None


class Meddler:
    """What happens on the way; this one changes nothing."""

    continues = True
    """Whether ``Expect: 100-continue`` is answered."""

    def before(self, seen: Seen) -> Reply | None:
        """An answer instead of the axis's; the request does not get there."""
        return None

    def request(self, seen: Seen) -> Seen:
        """The request as it goes on."""
        return seen

    def after(self, seen: Seen, reply: Reply) -> Reply | None:
        """The answer as it goes back; None: the line breaks without one."""
        return reply


class Proxy:
    """Listens and passes on to ``upstream``; everything that was seen stays in ``seen``."""

    def __init__(self, upstream: str, meddler: Meddler, recorder: Recorder | None = None) -> None:
        parts = urlsplit(upstream)
        self.upstream = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.meddler = meddler
        self.recorder = recorder
        self.seen: list[Seen] = []
        self.changed = threading.Condition()

    def keep(self, seen: Seen, began: float) -> None:
        """Remember a request that is done with."""
        with self.changed:
            self.seen.append(seen)
            self.changed.notify_all()
        if self.recorder is not None:
            self.recorder.note(f"{seen.method} {seen.target}", seen.head + seen.body, seen.status, seen.answered, began)

    def wait(self, ready: Callable[[], bool], seconds: float) -> bool:
        """Until ``ready()`` is true, looked at whenever a request is done with."""
        with self.changed:
            return bool(self.changed.wait_for(ready, seconds))


@contextlib.contextmanager
def listening(proxy: Proxy, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve until the end of the block; gives the URL."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError, ValueError):
                self.request.settimeout(120)
                while _serve(proxy, self.request):
                    pass

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server((host, port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
        thread.start()
        try:
            yield f"http://{host}:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join(5)


def _serve(proxy: Proxy, line: socket.socket) -> bool:
    """One request on a connection; whether another may follow."""
    head, rest = _read_head(line)
    if not head:
        return False
    began = time.monotonic()
    lines = head.decode("latin-1").split("\r\n")
    method, target, _ = lines[0].split(" ", 2)
    headers = tuple((name, value.strip()) for name, _, value in (each.partition(":") for each in lines[1:] if each))
    seen = Seen(method, target, headers, b"", head)
    if seen.header("expect").lower() == "100-continue" and proxy.meddler.continues:
        line.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    seen.body = _read_body(line, seen, rest)
    reply: Reply | None = None
    try:
        reply = proxy.meddler.before(seen)
        if reply is None:
            sent = proxy.meddler.request(seen)
            reply = proxy.meddler.after(seen, _forward(proxy.upstream, sent))
        if reply is None:
            return False
        seen.status, seen.answered = reply.status, reply.body if reply.cut is None else reply.body[: reply.cut]
        line.sendall(_head_of(reply) + seen.answered)
        return reply.cut is None and seen.header("connection").lower() != "close"
    finally:
        proxy.keep(seen, began)


def _read_head(line: socket.socket) -> tuple[bytes, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = line.recv(65536)
        if not piece or len(data) > _LARGEST_HEAD:
            return b"", b""
        data += piece
    head, _, rest = data.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", rest


def _read_body(line: socket.socket, seen: Seen, rest: bytes) -> bytes:
    if seen.header("transfer-encoding").lower() == "chunked":
        while not rest.endswith(b"0\r\n\r\n"):
            rest += _some(line)
        return unchunked(rest)
    size, pieces = int(seen.header("content-length") or "0"), [rest]
    have = len(rest)
    while have < size:
        pieces.append(_some(line))
        have += len(pieces[-1])
    return b"".join(pieces)


def _some(line: socket.socket) -> bytes:
    piece = line.recv(1 << 18)
    if not piece:
        raise ValueError("cut off")
    return piece


_HOP = {"connection", "keep-alive", "expect", "transfer-encoding", "content-length", "proxy-connection"}


def _forward(upstream: tuple[str, int], seen: Seen) -> Reply:
    """The axis's answer to the request, headers in their own spelling and order."""
    kept = [f"{name}: {value}" for name, value in seen.headers if name.lower() not in _HOP]
    if seen.body or seen.header("content-length"):
        kept.append(f"Content-Length: {len(seen.body)}")
    head = "\r\n".join([f"{seen.method} {seen.target} HTTP/1.1", *kept, "Connection: close", "", ""])
    with socket.create_connection(upstream, timeout=120) as line:
        line.sendall(head.encode("latin-1") + seen.body)
        data = b""
        pieces = []
        while piece := line.recv(1 << 18):
            pieces.append(piece)
        data = b"".join(pieces)
    first, _, body = data.partition(b"\r\n\r\n")
    lines = first.decode("latin-1").split("\r\n")
    headers = tuple((name, value.strip()) for name, _, value in (each.partition(":") for each in lines[1:]))
    given = {name.lower(): value for name, value in headers}
    if given.get("transfer-encoding") == "chunked":
        body = unchunked(body)
    return Reply(int(lines[0].split()[1]), tuple(h for h in headers if h[0].lower() not in _HOP), body)


def _head_of(reply: Reply) -> bytes:
    lines = [f"HTTP/1.1 {reply.status} Answer", *(f"{name}: {value}" for name, value in reply.headers)]
    return "\r\n".join([*lines, f"Content-Length: {len(reply.body)}", "", ""]).encode("latin-1")
