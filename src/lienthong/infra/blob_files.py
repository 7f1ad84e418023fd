"""The file operations under the blob store: durable directories, whole writes, refusals for disk errors."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lienthong.base.errors import Refused
from lienthong.infra.errors import STORAGE_AWAY, STORAGE_FULL

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def disk() -> Iterator[None]:
    """Turn a failing disk into STORAGE_FULL or STORAGE_AWAY; a missing file stays ``FileNotFoundError``."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as reason:
        raise refusal(reason) from reason


def refusal(reason: OSError) -> Refused:
    """The refusal for an error of the operating system; it names no path."""
    if reason.errno in _FULL:
        return Refused(STORAGE_FULL)
    return Refused(STORAGE_AWAY, reason=errno.errorcode.get(reason.errno or 0, type(reason).__name__))


def make_directory(path: Path) -> bool:
    """Make one directory of mode 0700 whose parent exists; False when another process was first."""
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        return False
    return True


def sync_directory(path: str | Path) -> None:
    """Make the names in a directory durable."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_all(handle: int, data: bytes | bytearray | memoryview) -> None:
    """Write every byte; the operating system may take fewer at a time."""
    written = os.write(handle, data)
    if written < len(data):
        view = memoryview(data)
        while written < len(view):
            written += os.write(handle, view[written:])
