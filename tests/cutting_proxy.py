"""A line to a server that breaks in the middle: bytes go through until a switch is thrown, and then the line is cut."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass
class Line:
    """``url``: where the browser connects. ``cut_after``: bytes that one connection may still send up; None: all."""

    url: str
    cut_after: int | None = None
    cuts: int = 0

    def pass_on(self, near: socket.socket, target: tuple[str, int]) -> None:
        """One connection, until either side ends it or the line is cut."""
        with near, suppress(OSError), socket.create_connection(target) as far:
            threading.Thread(target=self._down, args=(far, near), daemon=True).start()
            sent = 0
            while piece := near.recv(16384):
                sent += len(piece)
                if self.cut_after is not None and sent > self.cut_after:
                    self.cuts += 1
                    for each in (near, far):
                        each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
                    return
                far.sendall(piece)

    def _down(self, far: socket.socket, near: socket.socket) -> None:
        with suppress(OSError):
            while piece := far.recv(65536):
                near.sendall(piece)
            near.shutdown(socket.SHUT_WR)


@contextmanager
def cutting(url: str) -> Iterator[Line]:
    """A line to the server at ``url``."""
    address = urlsplit(url)
    target = (address.hostname or "127.0.0.1", address.port or 80)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        line = Line(f"http://127.0.0.1:{listening.getsockname()[1]}")

        def take() -> None:
            with suppress(OSError):
                while True:
                    near, _ = listening.accept()
                    threading.Thread(target=line.pass_on, args=(near, target), daemon=True).start()

        threading.Thread(target=take, daemon=True).start()
        yield line
        listening.shutdown(socket.SHUT_RDWR)
