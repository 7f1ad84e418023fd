"""When a drop is whole: nobody writes to it, and nothing of it changed for a while.

A file counts as unfinished while its size or time of change moves, while a process of this machine has it open for
writing (as far as ``/proc`` lets us see), or while it has only just come. What was written elsewhere and came by one
rename, its row last, needs no wait.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Collection, Hashable, Iterable
from pathlib import Path

from lienthong.connector.folder.drops import Drop


class Stillness:
    """Remembers how each drop looked. ``settle``: seconds without change."""

    def __init__(self, settle: float) -> None:
        self._settle = settle
        self._seen: dict[Hashable, tuple[Hashable, float]] = {}
        self._next: dict[Hashable, tuple[Hashable, float]] = {}

    def begin(self) -> None:
        """A new look at the directory; what was not seen in the last one is forgotten."""
        self._seen, self._next = self._next, {}

    def still(self, drop: Drop) -> bool:
        """Whether a drop looks finished."""
        key, looks = (drop.kind, drop.base), tuple(entry.print for entry in drop.parts or drop.entries)
        now = time.monotonic()
        held = self._seen.get(key)
        since = held[1] if held is not None and held[0] == looks else now
        self._next[key] = (looks, since)
        return now - since >= self._settle or _came_whole(drop, self._settle)


def _came_whole(drop: Drop, settle: float) -> bool:
    """Whether every part was finished long ago, and the row, or the folder or packet itself, came last."""
    before = (time.time() - settle) * 1e9
    parts = drop.parts or drop.entries
    if any(entry.mtime_ns > before for entry in parts):
        return False
    last = drop.row or drop.within or parts[0]
    return all(entry.ctime_ns <= last.ctime_ns for entry in parts) or all(entry.ctime_ns <= before for entry in parts)


def written_to(folder: Path, names: Collection[str]) -> frozenset[int]:
    """Inodes of files of these names that some other process of this machine has open for writing, as far as we see."""
    device, wanted = folder.stat().st_dev, frozenset(names)
    found: set[int] = set()
    own = str(os.getpid())
    for process in _names("/proc"):
        if process.isdigit() and process != own:
            found.update(_written_by(f"/proc/{process}", device, wanted))
    return frozenset(found)


def _written_by(process: str, device: int, wanted: frozenset[str]) -> Iterable[int]:
    for descriptor in _names(f"{process}/fd"):
        # Plain texts and one call each: there may be a hundred thousand of these.
        handle = f"{process}/fd/{descriptor}"
        try:
            if os.readlink(handle).rpartition("/")[2] not in wanted:  # noqa: PTH115
                continue
            told = os.stat(handle)  # noqa: PTH116
            if not stat.S_ISREG(told.st_mode) or told.st_dev != device:
                continue
            flags = Path(f"{process}/fdinfo/{descriptor}").read_text("ascii")
        except OSError:
            continue
        word = next((line.split()[1] for line in flags.splitlines() if line.startswith("flags:")), "0")
        if int(word, 8) & os.O_ACCMODE != os.O_RDONLY:
            yield told.st_ino


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208
    except OSError:
        return []
