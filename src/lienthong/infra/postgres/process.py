"""The server as a process: is it running, is it ready, what has a killed one left behind.

The server inherits an exclusive flock on ``server.lock`` and so do all its children: the lock is free exactly when
the last of them has ended, whatever killed them. That needs no rights over other processes, and no guess about
process numbers, which another program may have by now after a power cut. ``postmaster.pid`` gives the number (first
line) and whether recovery is over (eighth line).
"""

from __future__ import annotations

import os
from pathlib import Path


def recorded_pid(data: Path) -> int | None:
    """Process number in ``postmaster.pid``; None without the file or while it is being written."""
    lines = _pid_file(data)
    number = lines[0].strip().lstrip("-") if lines else ""
    return int(number) if number.isdigit() else None


def is_ready(data: Path) -> bool:
    """Whether the server has finished its recovery and accepts connections."""
    lines = _pid_file(data)
    return len(lines) >= 8 and lines[7].strip() == "ready"


def started_by_others(data: Path) -> int | None:
    """Number of a live server over this data that somebody started by hand, so without our lock."""
    pid = recorded_pid(data)
    if pid is None:
        return None
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return None
    wanted = {os.fsencode(data), os.fsencode(data.resolve())}
    return pid if any(word in wanted or word.removeprefix(b"-D") in wanted for word in words) else None


def remove_stale(data: Path, sockets: Path) -> None:
    """Remove what a killed server left; only when no process of it lives any more.

    PostgreSQL does this itself unless the old process number belongs to another program of the same user by now;
    then it would refuse to start for ever.
    """
    (data / "postmaster.pid").unlink(missing_ok=True)
    for path in sockets.glob(".s.PGSQL.*"):
        path.unlink(missing_ok=True)


def is_alive(pid: int) -> bool:
    """Whether a process exists and has not ended (a zombie has)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def _pid_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return []
