"""A signed file that grows in its place: alone, atomically, never half-written.

The document itself is locked (flock), so that nothing is left lying beside it; whoever waits for the lock looks again
whether the name still means the file that was locked. The new content is written beside it, made durable, and takes the
name in one step: after a kill at any moment the old file or the new one is there, whole.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from lienthong.base.errors import Refused
from lienthong.infra.blob_files import disk, sync_directory
from lienthong.signing.upkeep.errors import DOCUMENT_BUSY, DOCUMENT_CHANGED_MEANWHILE

MAKING = ".upkeep-"
"""How the names of files in the making begin; what a kill left behind is cleared away by the next run on that file."""


class Held:
    """A document that nobody else works on. ``source``: open for reading."""

    def __init__(self, path: Path, source: BinaryIO) -> None:
        self.path, self.source = path, source
        self._seen = _state(os.fstat(source.fileno()))
        # The name says nothing of the document: names in Vietnamese may be as long as the system allows.
        stem = MAKING + hashlib.sha256(path.name.encode()).hexdigest()[:24]
        for left in path.parent.glob(f"{stem}-*"):
            left.unlink(missing_ok=True)
        # One name for each content: whoever works on what this file is replaced with has another one.
        self._making = path.with_name(f"{stem}-{self._seen[1]:x}")

    @contextmanager
    def new_content(self) -> Iterator[BinaryIO]:
        """An empty file for the new content; gone when :meth:`replace` did not come in the block."""
        with disk():
            opened = self._making.open("x+b")
        try:
            with opened:
                yield opened
        finally:
            self._making.unlink(missing_ok=True)

    def replace(self, target: BinaryIO) -> None:
        """Give the new content the document's name, durably, with its permissions.

        Refuses: DOCUMENT_CHANGED_MEANWHILE, STORAGE_FULL, STORAGE_AWAY.
        """
        with disk():
            old = os.fstat(self.source.fileno())
            os.fchmod(target.fileno(), old.st_mode & 0o7777)
            with suppress(PermissionError):  # Only the administrator gives files away.
                os.fchown(target.fileno(), old.st_uid, old.st_gid)
            target.flush()
            os.fsync(target.fileno())
            try:
                now = _state(self.path.stat())
            except FileNotFoundError:
                now = None
            if now != self._seen:
                raise Refused(DOCUMENT_CHANGED_MEANWHILE)
            self._making.replace(self.path)
            sync_directory(self.path.parent)


@contextmanager
def hold(path: Path) -> Iterator[Held]:
    """Lock a document. A link is followed: what it points to is replaced, not the link.

    Refuses: DOCUMENT_BUSY when another process has it, STORAGE_AWAY; ``FileNotFoundError``.
    """
    real = path.resolve()
    while True:
        with disk():
            source = _opened(real)
        with source:
            try:
                fcntl.flock(source, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Refused(DOCUMENT_BUSY) from None
            # The one that was locked may have been replaced between opening and locking.
            if os.path.samestat(os.fstat(source.fileno()), real.stat()):
                yield Held(real, source)
                return


def _opened(path: Path) -> BinaryIO:
    """Open for writing where that is allowed, although nothing is written: a lock on a network share wants it."""
    try:
        return path.open("r+b")
    except PermissionError:
        return path.open("rb")


def _state(found: os.stat_result) -> tuple[int, ...]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
