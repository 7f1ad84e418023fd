"""Completing and renewing again and again, until told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

from lienthong.base.clock import Clock
from lienthong.base.errors import Refused, Retry
from lienthong.signing.documents import Level
from lienthong.signing.upkeep.errors import DOCUMENT_NOT_SIGNED, RENEWAL_GAINS_NOTHING
from lienthong.signing.upkeep.keeping import Keeper, Outcome

_FIRST_PAUSE = 60.0
Seen = tuple[int, int, int]


class Runner:
    """``places``: the documents of one pass. ``tell``: is given each outcome with something to say, and each trouble
    once, until it is over (``None`` as its file: of all documents).
    """

    def __init__(
        self,
        keeper: Keeper,
        places: Callable[[], Iterable[Path]],
        wanted: Level,
        clock: Clock,
        told: Callable[[Path | None, Outcome | Refused], None],
    ) -> None:
        self._keeper, self._places, self._wanted, self._clock, self._told = keeper, places, wanted, clock, told
        self._quiet: dict[Path, tuple[Seen, datetime | None]] = {}
        self._troubles: set[str] = set()
        self._bad_passes = 0

    def run(self, every: float, stop: threading.Event) -> None:
        """Pass after pass, ``every`` seconds; sooner, with growing pauses, while something was away."""
        while not stop.is_set():
            self._bad_passes = 0 if self.one_pass(stop) else self._bad_passes + 1
            pause = every
            if self._bad_passes:
                pause = min(every, _FIRST_PAUSE * 2.0 ** min(self._bad_passes - 1, 10))
            stop.wait(pause)

    def one_pass(self, stop: threading.Event) -> bool:
        """Every document once; whether nothing was away. Ends early, between two documents, when told to stop."""
        troubles: set[str] = set()
        present: set[Path] = set()
        was_away = False
        for file in self._places():
            if stop.is_set():
                return True
            present.add(file)
            seen = _seen(file)
            if seen is None or self._rests(file, seen):
                continue
            outcome = self._one(file)
            away = [each for each in outcome.missing if each.code.retry is not Retry.PERMANENT]
            waiting = [each for each in away if each.code is not RENEWAL_GAINS_NOTHING]
            for each in away:
                self._once(each, troubles)
            self._say(file, outcome, away)
            if not waiting and (seen := _seen(file)) is not None:
                self._quiet[file] = seen, self._next_look(outcome)
            was_away = was_away or bool(waiting)
        self._quiet = {file: kept for file, kept in self._quiet.items() if file in present}
        self._troubles = troubles
        return not was_away

    def _one(self, file: Path) -> Outcome:
        """Completed as far as it goes; and renewed when it is due, even where completing it lacks something."""
        outcome = self._keeper.complete(file, self._wanted)
        if not outcome.entry.is_due(self._clock.now()):
            return outcome
        renewed = self._keeper.renew(file)
        both = {each.sentence("en"): each for each in (*outcome.missing, *renewed.missing)}
        changed = outcome.changed or renewed.changed
        action = "renew" if renewed.changed or not outcome.changed else outcome.action
        return Outcome(renewed.entry, action, changed, list(both.values()))

    def _next_look(self, outcome: Outcome) -> datetime | None:
        """When to look again at a file that does not change: when it is due, tomorrow when it is due already."""
        due = outcome.entry.renew_by
        tomorrow = self._clock.now() + timedelta(days=1)
        return None if due is None else max(due, tomorrow)

    def _rests(self, file: Path, seen: Seen) -> bool:
        """Whether the file is as it was when nothing was to be done, and nothing is due yet."""
        kept = self._quiet.get(file)
        return kept is not None and kept[0] == seen and (kept[1] is None or kept[1] > self._clock.now())

    def _once(self, refused: Refused, troubles: set[str]) -> None:
        sentence = refused.sentence("en")
        if sentence not in self._troubles and sentence not in troubles:
            self._told(None, refused)
        troubles.add(sentence)

    def _say(self, file: Path, outcome: Outcome, away: list[Refused]) -> None:
        final = [each for each in outcome.missing if each not in away and each.code is not DOCUMENT_NOT_SIGNED]
        if outcome.changed or final:
            self._told(file, outcome)


def _seen(file: Path) -> Seen | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
