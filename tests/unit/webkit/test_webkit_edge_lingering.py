"""A body that goes on after its request was answered is thrown away for a while, and then its connection ends."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from axis_process import free_port, wait_for
from lienthong.infra.http_limits import HttpLimits
from lienthong.webkit.edge.server import make_server

LIMITS = HttpLimits(linger_seconds=1.5, linger_pause=0.5, linger_bytes=1 << 20, idle_seconds=3.0, stop_seconds=2.0)
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def refuses(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers without reading."""
    await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"no"})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    found = free_port()
    server = make_server(refuses, "127.0.0.1", found, LIMITS)
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for(lambda: server.started, "the server listens")
    yield found
    server.should_exit = True
    thread.join(10)


def line_to(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def answer(line: socket.socket) -> bytes:
    got = b""
    while not got.endswith(b"no"):
        got += line.recv(65536)
    return got


def ended(line: socket.socket) -> float:
    """Seconds until the other side has ended the connection."""
    began = time.monotonic()
    with suppress(ConnectionResetError):
        assert line.recv(65536) == b""
    return time.monotonic() - began


def test_a_body_that_stops_coming_ends_the_connection(port: int) -> None:
    with line_to(port) as line:
        line.sendall(POST % 1000)
        answer(line)
        assert ended(line) < 1.2


def test_a_body_that_dribbles_on_ends_the_connection(port: int) -> None:
    with line_to(port) as line:
        line.sendall(POST % 1000)
        answer(line)
        began = time.monotonic()
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            while time.monotonic() - began < 6:
                line.sendall(b"x")
                time.sleep(0.1)
        assert 1.0 < time.monotonic() - began < 4


def test_a_body_that_pours_ends_the_connection(port: int) -> None:
    sent = 0
    with line_to(port) as line:
        line.sendall(POST % (1 << 30))
        answer(line)
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            while sent < 1 << 30:
                line.sendall(bytes(1 << 16))
                sent += 1 << 16
    assert sent < 16 << 20


def test_a_body_that_ends_soon_leaves_the_connection_for_the_next_request_and_its_idle_time(port: int) -> None:
    with line_to(port) as line:
        for _ in range(3):
            line.sendall(POST % 1000 + bytes(10))
            answer(line)
            line.sendall(bytes(990))
            line.sendall(GET)
            answer(line)
        line.sendall(POST % 1000)
        answer(line)
        line.sendall(bytes(1000))
        assert 1.8 < ended(line) < 5, "an idle connection ends after its own time"


def test_requests_sent_without_waiting_are_all_answered(port: int) -> None:
    with line_to(port) as line:
        line.sendall((POST % 5 + b"abcde") * 3 + GET)
        got = b""
        while got.count(b"\r\n\r\nno") < 4:
            got += line.recv(65536)
        line.sendall(GET)
        assert answer(line)
