"""The vendor's library on a real socket, with evidence: its bytes, its 100-continue, how it reads answers."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from lienthong.conformance.model import Unmet, expect
from lienthong.conformance.recording import Recorder
from lienthong.wire.vxp.sdk import SdkRequest, SdkService, timestamp

PATIENCE = 30.0
CONTINUE_SECONDS = 3.0
"""The library waits so long for ``100 Continue`` and then sends the body all the same."""

_HUNDRED = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass
class Answer:
    """What came back. ``continued``: seconds until ``100 Continue``; None when the body was sent without it."""

    status: int
    headers: dict[str, str]
    body: bytes
    continued: float | None = None

    @property
    def members(self) -> dict[str, Any]:
        """The body as the library reads it. Raises Unmet for what the library could not read."""
        expect(self.status == 200, f"HTTP {self.status} thay vì 200", f"HTTP {self.status} instead of 200")
        try:
            found = json.loads(self.body.decode("ascii"))
        except ValueError as error:
            raise Unmet("trả lời không phải JSON thuần ASCII", f"the answer is not ASCII JSON ({error})") from error
        expect(isinstance(found, dict), "trả lời không phải đối tượng JSON", "the answer is not a JSON object")
        for member in ("status", "ErrorCode", "ErrorDesc"):
            expect(isinstance(found.get(member), str), f"thiếu {member}", f"{member} is missing or no text")
        expect(found["status"] in {"OK", "FAIL"}, "status không phải OK hay FAIL", "status is neither OK nor FAIL")
        expect(not _has_null(found), "trả lời có null: thư viện bỏ cả danh sách", "a null: the library drops the whole")
        return dict(found)


@dataclass
class VxpParty:
    """One system with the library. ``endpoint``: URL whose path the library would be configured with. ``wait``: seconds
    for ``100 Continue``.
    """

    endpoint: str
    system: str
    agency: str
    secret: str = field(repr=False)
    recorder: Recorder
    wait: float = CONTINUE_SECONDS

    def service(self, at: datetime | None = None, secret: str | None = None, endpoint: str | None = None) -> SdkService:
        """A new service object of the library."""
        parts = urlsplit(self.endpoint)
        path = parts.path if endpoint is None else endpoint
        made = timestamp(at or datetime.now(UTC))
        return SdkService(parts.netloc, path, self.system, secret or self.secret, made)

    def call(self, request: SdkRequest) -> Answer:
        """One request on a connection of its own. Raises Unmet when no whole answer comes."""
        began = time.monotonic()
        line = request.head.split(b"\r\n", 1)[0].decode("latin-1").removesuffix(" HTTP/1.1")
        try:
            answer = self._exchange(request)
        except (OSError, ValueError) as error:
            self.recorder.note(line, request.whole, 0, b"", began)
            raise Unmet(f"không nhận được trả lời trọn vẹn ({error})", f"no whole answer ({error})") from error
        self.recorder.note(line, request.whole, answer.status, answer.body, began)
        return answer

    def ok(self, request: SdkRequest) -> dict[str, Any]:
        """The members of an answer that it was done. Raises Unmet."""
        found = self.call(request).members
        why = f"{found['ErrorCode']} {found['ErrorDesc']}"
        expect((found["status"], found["ErrorCode"]) == ("OK", "0"), f"bị từ chối: {why}", f"refused: {why}")
        return found

    def fails(self, request: SdkRequest) -> dict[str, Any]:
        """The members of a refusal. Raises Unmet when it was done instead."""
        found = self.call(request).members
        bad = found["status"] == "FAIL" and found["ErrorCode"] != "0"
        expect(bad, "được chấp nhận trong khi phải từ chối", "accepted where it must be refused")
        return found

    def listed(self, kind: str = "edoc") -> list[dict[str, str]]:
        """Rows of a fresh list."""
        return list(self.ok(self.service().received(kind)).get("data") or [])

    def _exchange(self, request: SdkRequest) -> Answer:
        parts = urlsplit(self.endpoint)
        secure = parts.scheme == "https"
        place = (parts.hostname or "", parts.port or (443 if secure else 80))
        plain = socket.create_connection(place, timeout=PATIENCE)
        with ssl.create_default_context().wrap_socket(plain, server_hostname=place[0]) if secure else plain as line:
            line.sendall(request.head)
            continued, seen = None, b""
            if request.expects:
                continued, seen = _await_continue(line, self.wait)
            if request.body and not seen:
                line.sendall(request.body)
            line.settimeout(PATIENCE)
            answer = read_answer(line, seen)
            answer.continued = continued
            return answer


def _await_continue(line: socket.socket, wait: float) -> tuple[float | None, bytes]:
    """Seconds until 100 Continue, None when it did not come within ``wait``; and what came instead."""
    began = time.monotonic()
    line.settimeout(wait)
    seen = b""
    try:
        while len(seen) < len(_HUNDRED) and _HUNDRED.startswith(seen):
            piece = line.recv(len(_HUNDRED) - len(seen))
            if not piece:
                raise ValueError("closed")
            seen += piece
    except TimeoutError:
        return None, b""
    return (time.monotonic() - began, b"") if seen == _HUNDRED else (None, seen)


def read_answer(line: socket.socket, seen: bytes = b"") -> Answer:
    """One answer with a length or in chunks. Raises ValueError when it is cut."""
    data = seen
    while b"\r\n\r\n" not in data:
        data += _more(line)
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines[1:])}
    status = int(lines[0].split()[1])
    if headers.get("transfer-encoding") == "chunked":
        while not body.endswith(b"0\r\n\r\n"):
            body += _more(line)
        return Answer(status, headers, unchunked(body))
    size = int(headers.get("content-length", "0"))
    pieces = [body]
    have = len(body)
    while have < size:
        pieces.append(_more(line))
        have += len(pieces[-1])
    return Answer(status, headers, b"".join(pieces))


def unchunked(data: bytes) -> bytes:
    """The body without its chunks."""
    out: list[bytes] = []
    at = 0
    while True:
        end = data.index(b"\r\n", at)
        size = int(data[at:end].split(b";")[0], 16)
        if not size:
            return b"".join(out)
        out.append(data[end + 2 : end + 2 + size])
        at = end + 2 + size + 2


def _more(line: socket.socket) -> bytes:
    piece = line.recv(1 << 18)
    if not piece:
        raise ValueError("cut off")
    return piece


def _has_null(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_null, value.values()))
    if isinstance(value, list):
        return any(map(_has_null, value))
    return value is None
