"""The vendor's library on a real socket: a connection for each call, silent repetition, and how it reads answers."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from axis_process import Installation
from lienthong.wire.vxp.sdk import SdkRequest, SdkService, timestamp

REPEATS = {"apache": 3, "jdk": 2}
"""How often the two stacks send the same bytes when no answer comes."""


class NoAnswer(Exception):
    """The connection ended without an answer that can be read."""


@dataclass
class Answer:
    """What came back. ``continued``: seconds until ``100 Continue``, when it was waited for."""

    status: int
    headers: dict[str, str]
    body: bytes
    continued: float | None = None

    @property
    def json(self) -> Any:
        """The body as the library needs it: ASCII, an object, three members, no null anywhere."""
        assert self.status == 200
        found = json.loads(self.body.decode("ascii"))
        for member in ("status", "ErrorCode", "ErrorDesc"):
            assert isinstance(found[member], str), found
        assert found["status"] in {"OK", "FAIL"}
        assert "null" not in json.dumps(found)
        return found


@dataclass
class Sdk:
    """One service object that talks to an axis."""

    port: int
    service: SdkService
    patience: float = 30.0
    sent: list[bytes] = field(default_factory=list)

    def call(self, request: SdkRequest) -> Answer:
        """Send as the library does: again with the same bytes when the connection breaks before an answer."""
        for left in reversed(range(REPEATS[request.stack])):
            self.sent.append(request.head)
            try:
                return exchange(self.port, request, self.patience)
            except (NoAnswer, ConnectionError):
                if not left:
                    raise
        raise NoAnswer

    def ok(self, request: SdkRequest) -> Any:
        found = self.call(request).json
        assert (found["status"], found["ErrorCode"]) == ("OK", "0"), found
        return found

    def fails(self, request: SdkRequest) -> Any:
        found = self.call(request).json
        assert found["status"] == "FAIL", found
        assert found["ErrorCode"] != "0"
        return found


def exchange(port: int, request: SdkRequest, patience: float = 30.0) -> Answer:
    """One request on a connection of its own."""
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as line:
        line.sendall(request.head)
        continued = None
        if request.expects:
            began = time.monotonic()
            line.settimeout(3.0)
            seen = line.recv(65536, socket.MSG_PEEK)
            if seen.startswith(b"HTTP/1.1 100"):
                continued = time.monotonic() - began
                while not seen.endswith(b"\r\n\r\n"):
                    seen = line.recv(25, socket.MSG_PEEK)
                line.recv(len(b"HTTP/1.1 100 Continue\r\n\r\n"))
                line.sendall(request.body)
            line.settimeout(patience)
        elif request.body:
            line.sendall(request.body)
        answer = read_answer(line)
        answer.continued = continued
        return answer


def read_answer(line: socket.socket) -> Answer:
    """One answer with Content-Length or chunks. Raises NoAnswer when it is cut."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = line.recv(65536)
        if not piece:
            raise NoAnswer
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines[1:])}
    chunked = headers.get("transfer-encoding") == "chunked"
    length = None if chunked else int(headers.get("content-length", "0"))
    parts, size = [body], len(body)
    while (length is not None and size < length) or (chunked and not b"".join(parts[-2:]).endswith(b"\r\n0\r\n\r\n")):
        piece = line.recv(1 << 20)
        if not piece:
            raise NoAnswer
        parts.append(piece)
        size += len(piece)
    whole = b"".join(parts)
    return Answer(int(lines[0].split()[1]), headers, _unchunked(whole) if chunked else whole)


def _unchunked(data: bytes) -> bytes:
    out, at = [], 0
    while True:
        end = data.index(b"\r\n", at)
        size = int(data[at:end], 16)
        if not size:
            return b"".join(out)
        out.append(data[end + 2 : end + 2 + size])
        at = end + 2 + size + 2


def add_connection(axis: Installation, system_id: str, **more: Any) -> str:
    """A connection made by the operator; its secret."""
    order = {"system_id": system_id, "face": "vxp", "name": f"Phần mềm {system_id}", **more}
    with axis.operator as operator:
        found = operator.request("POST", "/v1/operator/connections", body=_json(order)).json()
    return str(found["secret"])


def operate(axis: Installation, path: str, order: dict[str, Any] | None = None) -> Any:
    """An order of the operator about connections."""
    with axis.operator as operator:
        return operator.request("POST", f"/v1/operator/connections/{path}", body=_json(order or {})).json()


def sdk(axis: Installation, system_id: str, secret: str, endpoint: str = "/vxp", at: datetime | None = None) -> Sdk:
    """A new service object of a system."""
    made = timestamp(at or datetime.now(UTC))
    return Sdk(axis.port, SdkService(f"127.0.0.1:{axis.port}", endpoint, system_id, secret, made))


def _json(members: dict[str, Any]) -> Any:
    from lienthong.connector.bodies import bytes_body

    return bytes_body(json.dumps(members).encode(), "application/json")
