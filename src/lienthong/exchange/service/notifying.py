"""Wake long polls of this process when something became available to their agencies.

Only a hint that saves time: whoever waits looks at the database anyway, at least every second.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress


class Bell:
    """What one long poll listens to. Used on the event loop only."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    def now(self) -> float:
        """Seconds of the loop's monotonic clock."""
        return self._loop.time()

    def clear(self) -> None:
        self._event.clear()

    def ring(self) -> None:
        self._event.set()

    async def rings(self, seconds: float) -> None:
        """Return when it rings, at the latest after ``seconds``."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)


class Notifier:
    """Who listens for which agency. :meth:`wake` may be called from any thread; all else on the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._bells: dict[str, set[Bell]] = {}

    @contextmanager
    def listening(self, agencies: Sequence[str]) -> Iterator[Bell]:
        bell = Bell()
        for agency in agencies:
            self._bells.setdefault(agency, set()).add(bell)
        try:
            yield bell
        finally:
            for agency in agencies:
                bells = self._bells.get(agency, set())
                bells.discard(bell)
                if not bells:
                    self._bells.pop(agency, None)

    def wake(self, agencies: Iterable[str]) -> None:
        """Something was committed for these agencies. Harmless after the loop has ended."""
        codes = tuple(agencies)
        if codes:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._ring, codes)

    def _ring(self, agencies: tuple[str, ...]) -> None:
        for agency in agencies:
            for bell in self._bells.get(agency, ()):
                bell.ring()


class Waker:
    """Remembers on the writer's thread whom a group concerns, and wakes them on the event loop after its commit."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self._agencies: deque[str] = deque()

    def note(self, agencies: Iterable[str]) -> None:
        """(Writer's thread.) These inboxes will have something new once the group is committed."""
        self._agencies.extend(agencies)

    def after_commit(self) -> None:
        """(Event loop.) Tell them. One hint too many, after a group that failed, harms nobody."""
        found = {self._agencies.popleft() for _ in range(len(self._agencies))}
        self._notifier.wake(found)
