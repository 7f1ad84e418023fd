"""A client that pours a body of any length into a socket until it is stopped, and counts what the other side took."""

from __future__ import annotations

import select
import socket
import time
from dataclasses import dataclass

PIECE = bytes(1 << 16)


@dataclass
class Flood:
    """How it went. ``sent``: bytes of the body that left here. ``seconds``: until the other side hung up.

    ``answer``: everything that came back. ``closed``: whether the other side ended the connection.
    """

    sent: int
    seconds: float
    answer: bytes
    closed: bool

    @property
    def body(self) -> bytes:
        return self.answer.partition(b"\r\n\r\n")[2]


def flood(port: int, head: bytes, size: int, *, chunked: bool = False, seconds: float = 20) -> Flood:
    """Send ``head`` and then up to ``size`` bytes, as fast as they are taken, reading what comes back meanwhile."""
    piece = b"%x\r\n" % len(PIECE) + PIECE + b"\r\n" if chunked else PIECE
    sent, answer, rest, began = 0, b"", memoryview(piece), time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as line:
        line.sendall(head)
        line.setblocking(False)
        while sent < size and time.monotonic() - began < seconds:
            readable, writable, _ = select.select([line], [line], [], 0.5)
            try:
                if readable:
                    came = line.recv(1 << 16)
                    if not came:
                        return Flood(sent, time.monotonic() - began, answer, closed=True)
                    answer += came
                if writable:
                    done = line.send(rest)
                    sent += done
                    rest = rest[done:] or memoryview(piece)
            except (ConnectionResetError, BrokenPipeError):
                return Flood(sent, time.monotonic() - began, answer, closed=True)
        return Flood(sent, time.monotonic() - began, answer, closed=False)
