"""Evidence of what went over the line: digests of everything, beginnings without secrets."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx

from lienthong.base.clock import to_text
from lienthong.conformance.model import Evidence

EXCERPT = 600
"""Bytes of a request or answer that a report shows."""

_SECRET = re.compile(
    rb"(?im)^((?:authorization|x-secretkey|xroadvnpt-hash-header|signature|xroadvnpt-sign-header)\s*:\s*)[^\r\n]*"
)
_SECRET_MEMBER = re.compile(rb'(?i)("(?:secret|secretkey|password|token|accesstoken|access_token)"\s*:\s*)"[^"]*"?')


def excerpt(data: bytes) -> str:
    """The beginning of what went over the line, without secrets, as text that every reader shows."""
    # Cut after the secrets are out: half a secret is still one.
    shown = _SECRET_MEMBER.sub(rb'\1"***"', _SECRET.sub(rb"\1***", data[: EXCERPT * 8]))[:EXCERPT]
    text = shown.decode("utf-8", "replace").replace("\r\n", "\n")
    clean = "".join(c if c.isprintable() or c == "\n" else "·" for c in text)
    return clean + ("…" if len(data) > EXCERPT else "")


class Recorder:
    """Collects the evidence of the check that runs now; may be written to from several threads."""

    def __init__(self) -> None:
        self._held: list[Evidence] = []
        self._lock = threading.Lock()

    def note(self, what: str, request: bytes, status: int, response: bytes, began: float) -> None:
        """Keep one exchange. ``began``: of ``time.monotonic()``."""
        found = Evidence(
            at=to_text(datetime.now(UTC)),
            what=what,
            request_size=len(request),
            request_sha256=hashlib.sha256(request).hexdigest(),
            request_excerpt=excerpt(request),
            status=status,
            response_size=len(response),
            response_sha256=hashlib.sha256(response).hexdigest(),
            response_excerpt=excerpt(response),
            milliseconds=round((time.monotonic() - began) * 1000),
        )
        with self._lock:
            self._held.append(found)

    def take(self) -> tuple[Evidence, ...]:
        """What was kept since the last time."""
        with self._lock:
            held, self._held = tuple(self._held), []
        return held


class RecordingTransport(httpx.BaseTransport):
    """An HTTP transport that leaves evidence of every exchange."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._inner = httpx.HTTPTransport(trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        began = time.monotonic()
        sent: list[bytes] = []

        def watched() -> Iterator[bytes]:
            for piece in request.stream if isinstance(request.stream, httpx.SyncByteStream) else ():
                sent.append(piece)
                yield piece

        line = f"{request.method} {request.url.raw_path.decode('ascii', 'replace')}"
        head = line.encode() + b"\r\n" + b"".join(name + b": " + value + b"\r\n" for name, value in request.headers.raw)
        copy = httpx.Request(
            request.method,
            request.url,
            headers=request.headers,
            stream=_Pieces(watched()),
            extensions=request.extensions,
        )
        try:
            answer = self._inner.handle_request(copy)
            body = answer.read()
            answer.close()
        except httpx.TransportError:
            self._recorder.note(line, head + b"\r\n" + b"".join(sent), 0, b"", began)
            raise
        self._recorder.note(line, head + b"\r\n" + b"".join(sent), answer.status_code, body, began)
        headers = [
            (n, v) for n, v in answer.headers.raw if n.lower() not in {b"content-encoding", b"transfer-encoding"}
        ]
        return httpx.Response(answer.status_code, headers=headers, content=body, extensions=answer.extensions)

    def close(self) -> None:
        self._inner.close()


class _Pieces(httpx.SyncByteStream):
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces
