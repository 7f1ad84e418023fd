"""One process on one spool: a lock that ends with its process, however that ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from lienthong.base.errors import Refused
from lienthong.connector.courier.errors import SPOOL_IN_USE
from lienthong.infra.blob_files import disk


class SpoolLock:
    """Held from its making on. Refuses SPOOL_IN_USE, and STORAGE_AWAY when the directory cannot be written."""

    def __init__(self, spool: Path) -> None:
        with disk():
            spool.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._handle = os.open(spool / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.pread(self._handle, 20, 0).decode("ascii", "replace").strip() or "?"
            os.close(self._handle)
            raise Refused(SPOOL_IN_USE, spool=spool, pid=pid) from None
        with disk():
            os.ftruncate(self._handle, 0)
            os.pwrite(self._handle, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        os.close(self._handle)


def holder(spool: Path) -> str | None:
    """The process that holds a spool now, None when none does."""
    try:
        handle = os.open(spool / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.pread(handle, 20, 0).decode("ascii", "replace").strip() or "?"
    finally:
        os.close(handle)
    return None
