"""Which job goes next: order within a recipient, the urgent first across recipients, nobody starved.

Pure bookkeeping, without clock, lock or disk. A job stands in one *lane* for each of its recipients; it may go when it
is the first in all of them. An urgent job lends its urgency to the first of every lane in which it waits, so that what
stands before it moves. Every fourth turn goes to the job that has waited longest, whatever its urgency.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum

URGENCIES = 5
FAIR_TURN = 4
"""Every so many turns one belongs to the longest waiting."""


class Phase(Enum):
    """Where an entry is: BLOCKED behind another, READY, RESTING until its time, FLYING in a sender's hands, GONE."""

    BLOCKED = 1
    READY = 2
    RESTING = 3
    FLYING = 4
    GONE = 5


@dataclass(slots=True)
class Entry:
    """One waiting job. ``id`` sorts by submission. ``not_before``: seconds of the caller's clock."""

    id: str
    lanes: tuple[str, ...]
    urgency: int = 0
    not_before: float = 0.0
    attempts: int = 0
    blockers: int = 0
    phase: Phase = Phase.BLOCKED


@dataclass(slots=True)
class _Lane:
    """Entries for one recipient in order. ``waiting``: how many there are of each urgency."""

    entries: deque[Entry] = field(default_factory=deque)
    waiting: list[int] = field(default_factory=lambda: [0] * URGENCIES)

    @property
    def urgency(self) -> int:
        return next((u for u in range(URGENCIES - 1, 0, -1) if self.waiting[u]), 0)


class Queue:
    """All jobs that have not left yet."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._lanes: dict[str, _Lane] = {}
        self._urgent: list[tuple[int, str]] = []
        self._oldest: list[str] = []
        self._resting: list[tuple[float, str]] = []
        self._flying: dict[str, Entry] = {}
        self._turn = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, job: str) -> bool:
        return job in self._entries

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def get(self, job: str) -> Entry | None:
        return self._entries.get(job)

    def add(self, entry: Entry) -> None:
        """Put a job at the end of its lanes."""
        if entry.id in self._entries:
            raise ValueError(f"{entry.id} is in the queue already")
        self._entries[entry.id] = entry
        entry.blockers = 0
        for name in entry.lanes:
            lane = self._lanes.setdefault(name, _Lane())
            before = lane.urgency
            lane.entries.append(entry)
            lane.waiting[entry.urgency] += 1
            if lane.entries[0] is not entry:
                entry.blockers += 1
                if entry.urgency > before:
                    self._offer(lane.entries[0])
        if entry.blockers:
            entry.phase = Phase.BLOCKED
        else:
            self._settle(entry)

    def take(self, now: float) -> Entry | None:
        """The job whose turn it is, from now on in flight; None when none may go."""
        while self._resting and self._resting[0][0] <= now:
            entry = self._entries.get(heapq.heappop(self._resting)[1])
            if entry is not None and entry.phase is Phase.RESTING and entry.not_before <= now:
                self._ready(entry)
        found = self._pop_oldest() if self._turn % FAIR_TURN == FAIR_TURN - 1 else self._pop_urgent()
        if found is not None:
            self._turn += 1
            found.phase = Phase.FLYING
            self._flying[found.id] = found
        return found

    def flying(self) -> list[Entry]:
        """Jobs in senders' hands."""
        return list(self._flying.values())

    def put_back(self, job: str, not_before: float) -> None:
        """A job in flight did not get through and rests; it keeps its place in its lanes."""
        entry = self._entries[job]
        self._flying.pop(job, None)
        entry.not_before = not_before
        self._settle(entry)

    def wake(self, jobs: Iterable[str]) -> None:
        """Let resting jobs go at once."""
        for job in jobs:
            entry = self._entries.get(job)
            if entry is not None:
                entry.not_before = 0.0
                if entry.phase is Phase.RESTING:
                    self._ready(entry)

    def remove(self, job: str) -> None:
        """A job has left, was refused or was cancelled: those behind it move up."""
        entry = self._entries.pop(job)
        self._flying.pop(job, None)
        entry.phase = Phase.GONE
        for name in entry.lanes:
            lane = self._lanes[name]
            lane.waiting[entry.urgency] -= 1
            if lane.entries[0] is entry:
                self._move_up(name, lane)

    def next_at(self) -> float | None:
        """When the next resting job may go; None when none rests. Says nothing of those that are ready."""
        while self._resting:
            at, job = self._resting[0]
            entry = self._entries.get(job)
            if entry is not None and entry.phase is Phase.RESTING and entry.not_before == at:
                return at
            heapq.heappop(self._resting)
        return None

    def _move_up(self, name: str, lane: _Lane) -> None:
        while lane.entries and lane.entries[0].phase is Phase.GONE:
            lane.entries.popleft()
        if not lane.entries:
            del self._lanes[name]
            return
        first = lane.entries[0]
        first.blockers -= 1
        if first.blockers == 0:
            self._settle(first)

    def _settle(self, entry: Entry) -> None:
        """An entry that nothing blocks: ready, or resting until its time."""
        if entry.not_before > 0:
            entry.phase = Phase.RESTING
            heapq.heappush(self._resting, (entry.not_before, entry.id))
        else:
            self._ready(entry)

    def _ready(self, entry: Entry) -> None:
        entry.phase = Phase.READY
        self._offer(entry)
        heapq.heappush(self._oldest, entry.id)

    def _offer(self, entry: Entry) -> None:
        """Stand among the ready by the urgency that counts; an older, lower offer of the same entry is passed over."""
        if entry.phase is Phase.READY:
            urgency = max([entry.urgency, *(self._lanes[name].urgency for name in entry.lanes)])
            heapq.heappush(self._urgent, (-urgency, entry.id))

    def _pop_urgent(self) -> Entry | None:
        while self._urgent:
            entry = self._entries.get(heapq.heappop(self._urgent)[1])
            if entry is not None and entry.phase is Phase.READY:
                return entry
        return None

    def _pop_oldest(self) -> Entry | None:
        while self._oldest:
            entry = self._entries.get(heapq.heappop(self._oldest))
            if entry is not None and entry.phase is Phase.READY:
                return entry
        return None
