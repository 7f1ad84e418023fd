"""A scanner for tests. ``FakeClamd`` speaks clamd's protocol to the byte (PING and INSTREAM in their ``z`` form, the size
limit that cuts the line, FOUND); ``real_clamd`` starts the distribution's clamd with a signature of our own, if it is here.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
"""The harmless string that every scanner reports; in two pieces here, so that no scanner reports this file."""


class FakeClamd:
    """``limit``: StreamMaxLength. ``silent``: takes everything and says nothing."""

    def __init__(
        self, family: socket.AddressFamily = socket.AF_UNIX, limit: int = 1 << 20, silent: bool = False
    ) -> None:
        self.limit, self.silent = limit, silent
        self.scanned: list[int] = []
        self.folder = Path(tempfile.mkdtemp(prefix="lt-clamd-"))
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        if family == socket.AF_UNIX:
            self._socket.bind(str(self.folder / "ctl"))
            self.address = f"unix:{self.folder}/ctl"
        else:
            self._socket.bind(("127.0.0.1", 0))
            self.address = f"tcp:127.0.0.1:{self._socket.getsockname()[1]}"
        self._socket.listen(16)
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(line,), daemon=True).start()

    def _answer(self, line: socket.socket) -> None:
        with line, line.makefile("rb") as read:
            command = b""
            while not command.endswith(b"\0"):
                octet = read.read(1)
                if not octet:
                    return
                command += octet
            if self.silent:
                time.sleep(5)
            elif command == b"zPING\0":
                line.sendall(b"PONG\0")
            elif command == b"zINSTREAM\0":
                self._stream(line, read)
            else:
                line.sendall(b"UNKNOWN COMMAND\0")

    def _stream(self, line: socket.socket, read: object) -> None:
        data = b""
        while size := int.from_bytes(read.read(4)):  # type: ignore[attr-defined]
            if len(data) + size > self.limit:
                line.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
            data += read.read(size)  # type: ignore[attr-defined]
        self.scanned.append(len(data))
        line.sendall(b"stream: Eicar-Test-Signature FOUND\0" if EICAR in data else b"stream: OK\0")


@contextmanager
def real_clamd() -> Iterator[str]:
    """The address of a clamd with one signature, that of the EICAR string."""
    program = shutil.which("clamd") or "/usr/sbin/clamd"
    folder = Path(tempfile.mkdtemp(prefix="lt-clamd-"))
    (folder / "db").mkdir()
    (folder / "db" / "own.ndb").write_text(f"Eicar-Test-Signature:0:*:{EICAR.hex()}\n")
    (folder / "clamd.conf").write_text(
        f"DatabaseDirectory {folder}/db\nLocalSocket {folder}/ctl\nForeground yes\nStreamMaxLength 1M\nTemporaryDirectory {folder}\n"
    )
    process = subprocess.Popen(
        [program, "-c", str(folder / "clamd.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 30
        while not (folder / "ctl").exists() and time.monotonic() < until:
            time.sleep(0.1)
        yield f"unix:{folder}/ctl"
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)
