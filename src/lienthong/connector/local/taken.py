"""What the agency's software has taken over of what was received, and what still waits for it.

The courier has acknowledged a document to the axis as soon as it is durable here; *taken* is the next step, between the
connector and the agency's own software. ``untaken/ID`` exists for what waits; ``taken/YYYYMMDD/ID`` says who took it.
The first follows the courier's events, so it is whole again after any crash.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lienthong.base.clock import Clock, from_text, to_text
from lienthong.connector.courier.model import CourierEvent
from lienthong.connector.courier.sequence import day_of, is_identifier
from lienthong.connector.spool import sync_folder, write_durably
from lienthong.infra.blob_files import disk

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Taking:
    """Who took a received document, by the name of its token, and when."""

    by: str
    at: datetime


class Taken:
    """The marks of one spool. Safe for several threads."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._clock = clock
        self._untaken, self._marks, self._position = folder / "untaken", folder / "taken", folder / "untaken.position"
        self._lock = threading.Lock()
        with disk():
            for each in (self._untaken, self._marks):
                each.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._seen = int(self._position.read_text("ascii")) if self._position.exists() else 0

    def catch_up(self, events: Callable[[int, int], list[CourierEvent]]) -> None:
        """Note everything that arrived since the last look. ``events``: those above a number, at most so many."""
        with self._lock, disk():
            start = self._seen
            while found := events(self._seen, _BATCH):
                for event in found:
                    arrived = event.received if event.type == "document.received" else None
                    if arrived and not self._mark(arrived).exists():
                        (self._untaken / arrived).touch(mode=0o600)
                    self._seen = event.number
            if self._seen != start:
                sync_folder(self._untaken)
                write_durably(self._position, str(self._seen).encode())

    def waiting(self, after: str = "", limit: int = 100) -> list[str]:
        """Identifiers that nobody has taken, oldest first."""
        names = (path.name for path in self._untaken.iterdir())
        return sorted(name for name in names if name > after and is_identifier(name))[:limit]

    def count(self) -> int:
        """How many wait."""
        return sum(1 for _ in self._untaken.iterdir())

    def take(self, received: str, by: str) -> Taking:
        """Mark one as taken; the first to take it stays the one."""
        found = self.of(received)
        if found is None:
            found = Taking(by, self._clock.now())
            mark = self._mark(received)
            with self._lock, disk():
                mark.parent.mkdir(exist_ok=True, mode=0o700)
                write_durably(mark, json.dumps({"by": found.by, "at": to_text(found.at)}).encode())
                sync_folder(mark.parent)
        (self._untaken / received).unlink(missing_ok=True)
        return found

    def of(self, received: str) -> Taking | None:
        """Who took it."""
        mark = self._mark(received)
        if not mark.exists():
            return None
        row = json.loads(mark.read_bytes())
        return Taking(row["by"], from_text(row["at"]))

    def _mark(self, received: str) -> Path:
        return self._marks / day_of(received) / received
