"""The log of key uses (nhật ký sử dụng khoá): lines that are only ever added, each bound to the one before by digest.

One JSON object a line; ``prev`` is the SHA-256 of the line before, as hexadecimal, of no line at the beginning. A line
is on disk before the use that it tells of, so that no use goes unlogged; what failed is told by a further line. Whoever
keeps the newest digest elsewhere also notices when the end was cut off. Source: Decree 30/2020/NĐ-CP article 33 (the
agency's key is used by the registrar, at the agency); CSC API v2 clause 7 (audit).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from lienthong.base.clock import Clock, to_text
from lienthong.base.errors import Refused
from lienthong.infra.blob_files import disk, sync_directory, write_all
from lienthong.signing.errors import USE_LOG_BROKEN

_START = hashlib.sha256(b"").hexdigest()
_TAIL = 64 * 1024


class UseLog:
    """One log file. Safe for several threads and processes."""

    def __init__(self, file: Path, clock: Clock) -> None:
        self.file, self._clock = file, clock
        self._lock = threading.Lock()

    def add(self, event: str, members: Mapping[str, object], at: datetime | None = None) -> str:
        """Add a line, durably; its digest. ``at``: when it happened, now by default.

        Refuses STORAGE_FULL, STORAGE_AWAY, USE_LOG_BROKEN for a torn last line.
        """
        with self._lock, disk():
            handle = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                seq, prev = self._last(handle)
                row = {"seq": seq + 1, "at": to_text(at or self._clock.now()), "event": event, **members, "prev": prev}
                line = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()
                write_all(handle, line + b"\n")
                os.fdatasync(handle)
            finally:
                os.close(handle)
            if seq == 0:
                sync_directory(self.file.parent)
            return hashlib.sha256(line).hexdigest()

    def read(self) -> Iterator[dict[str, Any]]:
        """Every line, oldest first, checked. Refuses USE_LOG_BROKEN at the first that does not fit."""
        return (row for row, _ in self._checked())

    def head(self) -> tuple[int, str]:
        """How many lines there are, and the digest of the last: to be kept elsewhere. Refuses as :meth:`read`."""
        count, head = 0, _START
        for row, digest in self._checked():
            count, head = int(row["seq"]), digest
        return count, head

    def _checked(self) -> Iterator[tuple[dict[str, Any], str]]:
        """The lines with their digests."""
        if not self.file.exists():
            return
        prev = _START
        with self.file.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                row = self._row(line, number)
                if row.get("prev") != prev or row.get("seq") != number:
                    raise Refused(USE_LOG_BROKEN, file=self.file, line=number)
                prev = hashlib.sha256(line.rstrip(b"\n")).hexdigest()
                yield row, prev

    def _last(self, handle: int) -> tuple[int, str]:
        size = os.fstat(handle).st_size
        if not size:
            return 0, _START
        tail = os.pread(handle, _TAIL, max(0, size - _TAIL))
        if not tail.endswith(b"\n"):
            # A crash cut a line off. It told of a use that did not happen yet; a fresh line would hide the tear.
            whole = tail.rpartition(b"\n")[0]
            os.ftruncate(handle, size - len(tail) + len(whole) + (1 if whole else 0))
            return self._last(handle)
        line = tail[:-1].rpartition(b"\n")[2]
        return int(self._row(line, 0)["seq"]), hashlib.sha256(line).hexdigest()

    def _row(self, line: bytes, number: int) -> dict[str, Any]:
        try:
            row = json.loads(line)
        except ValueError as error:
            raise Refused(USE_LOG_BROKEN, file=self.file, line=number or "?") from error
        if not isinstance(row, dict) or (not line.endswith(b"\n") and number):
            raise Refused(USE_LOG_BROKEN, file=self.file, line=number or "?")
        return row
