"""Advisory locks on files, released by the kernel when their last holder dies, kill -9 included (flock(2))."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lienthong.base.errors import Refused
from lienthong.infra.postgres.account import Account
from lienthong.infra.postgres.errors import DATA_DIRECTORY_UNUSABLE

_PAUSE = 0.02


def open_lock(path: Path, account: Account) -> int:
    """Open a lock file for flock, owned by the server's account so that its processes may lock it too."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        if account.switch:
            os.fchown(descriptor, account.uid, account.gid)
    except OSError as error:
        raise Refused(DATA_DIRECTORY_UNUSABLE, path=path, reason=error.strerror or error) from error
    return descriptor


def try_exclusive(descriptor: int) -> bool:
    """Take the lock alone if nobody has it; never waits."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def shared(descriptor: int) -> None:
    """Hold the lock together with others. Only called under the change lock, so it never waits."""
    fcntl.flock(descriptor, fcntl.LOCK_SH)


@contextmanager
def exclusive(path: Path, account: Account, waiting: Callable[[float], None]) -> Iterator[None]:
    """Hold the lock alone for the block; ``waiting`` is told the seconds waited, about once a second."""
    descriptor = open_lock(path, account)
    try:
        began = told = time.monotonic()
        while not try_exclusive(descriptor):
            time.sleep(_PAUSE)
            if time.monotonic() - told >= 1:
                told = time.monotonic()
                waiting(told - began)
        yield
    finally:
        os.close(descriptor)
