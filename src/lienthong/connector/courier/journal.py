"""Numbered events in files: appended durably, never changed, without gaps.

One segment a file, ``events/<number of its first event>.jsonl``, one event a line. An event counts from the moment its
line is whole on disk; a torn last line of a crash was never told to anybody and is cut off at the next start.
"""

from __future__ import annotations

import bisect
import json
import os
import threading
from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from lienthong.base.clock import Clock, from_text, to_text
from lienthong.connector.courier.model import CourierEvent, JobId, Listener, ReceivedId
from lienthong.connector.poll import attempt
from lienthong.connector.spool import sync_folder
from lienthong.infra.blob_files import disk, write_all
from lienthong.infra.steps import reached

SEGMENT = 5000
"""Events in one file."""


class Journal:
    """The courier's events. Safe for several threads."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = threading.Lock()
        self._telling = threading.Lock()
        self._untold: deque[CourierEvent] = deque()
        self._listeners: list[Listener] = []
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._firsts = sorted(int(path.stem) for path in folder.glob("*.jsonl"))
        if not self._firsts:
            self._begin(1)
        self._handle = os.open(self._path(self._firsts[-1]), os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        self._once: dict[str, int] = {}
        self._count = self._recover()

    def close(self) -> None:
        os.close(self._handle)

    @property
    def last(self) -> int:
        """Number of the newest event, 0 when there is none."""
        return self._firsts[-1] + self._count - 1

    def append(
        self,
        type_: str,
        *,
        job: str | None = None,
        received: str | None = None,
        agency: str = "",
        once: str = "",
        **data: Any,
    ) -> int:
        """Write one event durably and tell the listeners; its number.

        ``once``: a name under which it happens only once. A step repeated after a crash gives the number of before
        (names are remembered for the newest two segments). Refuses STORAGE_FULL, STORAGE_AWAY; then nothing happened.
        """
        with self._lock:
            if once and once in self._once:
                return self._once[once]
            at = self._clock.now()
            at = at.replace(microsecond=at.microsecond // 1000 * 1000)
            row = {"type": type_, "at": to_text(at), "job": job, "received": received, "agency": agency, "data": data}
            number = self._write(row | ({"once": once} if once else {}))
            if once:
                self._once[once] = number
            self._untold.append(
                CourierEvent(
                    number,
                    type_,
                    at,
                    JobId(job) if job else None,
                    ReceivedId(received) if received else None,
                    agency,
                    data,
                )
            )
        self._tell()
        return number

    def read(self, after: int, limit: int) -> list[CourierEvent]:
        """At most ``limit`` events with numbers above ``after``, in order."""
        return list(islice(self._from(max(after, 0) + 1), max(limit, 0)))

    def subscribe(self, listener: Listener) -> None:
        """Tell ``listener`` of every event from now on, in order, after it is durable."""
        self._listeners.append(listener)

    def _from(self, number: int) -> Iterator[CourierEvent]:
        last = self.last
        at = max(bisect.bisect_right(self._firsts, number) - 1, 0)
        for first in self._firsts[at:]:
            with self._path(first).open("rb") as file:
                for present, line in enumerate(file, first):
                    if present > last:
                        return
                    if present >= number:
                        yield _event(present, json.loads(line))

    def _tell(self) -> None:
        """Tell in order of number. Whoever holds the lock tells for all; a listener may itself cause events."""
        while self._untold and self._telling.acquire(blocking=False):
            try:
                while self._untold:
                    event = self._untold.popleft()
                    for listener in self._listeners:
                        attempt("courier.listener_failed", lambda: listener(event))  # noqa: B023 - called at once
            finally:
                self._telling.release()

    def _write(self, row: dict[str, Any]) -> int:
        line = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        with disk():
            if self._count >= SEGMENT:
                self._turn()
            size = os.fstat(self._handle).st_size
            try:
                write_all(self._handle, line)
                os.fdatasync(self._handle)
            except OSError:
                os.ftruncate(self._handle, size)
                raise
        reached("courier.event_written")
        self._count += 1
        return self.last

    def _turn(self) -> None:
        """Go on in a new segment; names of the last but one are forgotten."""
        following = self._firsts[-1] + self._count
        self._begin(following)
        before = self._firsts[-2]
        handle = os.open(self._path(following), os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        os.close(self._handle)
        self._handle, self._count = handle, 0
        self._once = {name: number for name, number in self._once.items() if number >= before}

    def _begin(self, first: int) -> None:
        with disk():
            self._path(first).touch(mode=0o600)
            sync_folder(self._folder)
        self._firsts.append(first)

    def _path(self, first: int) -> Path:
        return self._folder / f"{first:012d}.jsonl"

    def _recover(self) -> int:
        """Cut a torn last line off; the number of whole events in the last segment."""
        for first in self._firsts[-2:-1]:
            self._remember(first, self._path(first).read_bytes().splitlines())
        data = self._path(self._firsts[-1]).read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.ftruncate(self._handle, whole)
            os.fsync(self._handle)
        lines = data[:whole].splitlines()
        self._remember(self._firsts[-1], lines)
        return len(lines)

    def _remember(self, first: int, lines: list[bytes]) -> None:
        for number, line in enumerate(lines, first):
            if b'"once":' in line:
                name = json.loads(line).get("once")
                if name:
                    self._once[name] = number


def _event(number: int, row: dict[str, Any]) -> CourierEvent:
    job, received = row["job"], row["received"]
    return CourierEvent(
        number, row["type"], from_text(row["at"]), JobId(job) if job else None,
        ReceivedId(received) if received else None, row["agency"], row["data"],
    )  # fmt: skip
