"""Answers kept on disk until they are out of date, for any number of processes.

A file appears whole or not at all; of two processes that fetch the same thing at one time, the later one's stays.
What lies here is believed no more than what comes over the network: it is checked again at every use.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lienthong.infra.blob_files import disk, sync_directory


class RevocationCache:
    """One folder, made when it is first written to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, kind: str, what: bytes, limit: int) -> bytes | None:
        """What is kept under this name, None when there is nothing, or more than ``limit`` bytes."""
        try:
            with self._file(kind, what).open("rb") as opened:
                found = opened.read(limit + 1)
        except OSError:
            return None  # A cache that cannot be read is an empty one.
        return found if len(found) <= limit else None

    @contextmanager
    def writing(self, kind: str, what: bytes) -> Iterator[BinaryIO]:
        """A new file to write to and read from; it takes its name, durably, when the block ends without an error."""
        target = self._file(kind, what)
        making = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        with disk():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            opened = making.open("x+b")
        try:
            with opened:
                yield opened
                with disk():
                    opened.flush()
                    os.fsync(opened.fileno())
            with disk():
                making.replace(target)
                sync_directory(self.folder)
        finally:
            making.unlink(missing_ok=True)

    def _file(self, kind: str, what: bytes) -> Path:
        return self.folder / f"{hashlib.sha256(what).hexdigest()}.{kind}"
