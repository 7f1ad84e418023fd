"""Wrong PINs in a row, by signer, remembered over restarts: tokens count them as well, and lock."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from lienthong.infra.blob_files import disk
from lienthong.infra.keys import write_durably

WARN_AFTER = 2
"""Wrong PINs in a row after which another is tried only on the official's explicit word."""


class PinTries:
    """The counts of one computer."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()

    def wrong(self, signer: str) -> int:
        """How many wrong PINs there were since the last right one."""
        return self._read().get(signer, 0)

    def note(self, signer: str, *, right: bool) -> int:
        """Count a PIN that was tried; the new number of wrong ones in a row."""
        with self._lock:
            counts = self._read()
            before = counts.get(signer, 0)
            counts[signer] = 0 if right else before + 1
            if counts[signer] != before:
                self._write(counts)
            return counts[signer]

    def _read(self) -> dict[str, int]:
        try:
            found: dict[str, int] = json.loads(self._file.read_bytes())
        except FileNotFoundError:
            return {}
        return found

    def _write(self, counts: dict[str, int]) -> None:
        fresh = self._file.with_suffix(".new")
        with disk():
            fresh.unlink(missing_ok=True)
            write_durably(fresh, json.dumps(counts).encode())
            fresh.replace(self._file)
