"""One document after the other: how it stands, completing it, renewing it, a line in the log for everything done."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from lienthong.base.clock import Clock
from lienthong.base.errors import Refused
from lienthong.infra.blob_files import disk
from lienthong.signing.documents import Level
from lienthong.signing.evidence import Evidence
from lienthong.signing.upkeep.files import hold
from lienthong.signing.upkeep.margins import Margins
from lienthong.signing.upkeep.raising import Raised, Raising, state_of
from lienthong.signing.upkeep.standing import Standing
from lienthong.signing.use_log import UseLog


@dataclass(frozen=True, slots=True)
class Entry:
    """One document of the calendar. ``standing``: None when it was refused, and ``refused`` says why."""

    file: Path
    standing: Standing | None
    refused: Refused | None = None

    @property
    def renew_by(self) -> datetime | None:
        limit = self.standing.limit if self.standing is not None else None
        return limit.renew_by if limit is not None else None

    def is_due(self, now: datetime) -> bool:
        return self.renew_by is not None and self.renew_by <= now


@dataclass(slots=True)
class Outcome:
    """What became of one document. ``action``: "complete", "renew" or "" when nothing was to do.

    ``changed``: the file is another one now. ``missing``: why more was not reached; a document that was skipped has
    its refusal there and no ``entry.standing``.
    """

    entry: Entry
    action: str = ""
    changed: bool = False
    missing: list[Refused] = field(default_factory=list)


class Keeper:
    """Works with one configuration. ``log``: None logs nothing (for looking only)."""

    def __init__(self, evidence: Evidence, margins: Margins, clock: Clock, log: UseLog | None) -> None:
        self._evidence, self._margins, self._clock, self._log = evidence, margins, clock, log
        self._missed: dict[Path, list[str]] = {}

    def look(self, file: Path) -> Entry:
        """How a document stands. What cannot be read is told in the entry."""
        try:
            with disk(), file.open("rb") as source:
                return Entry(file, state_of(source, self._margins, self._clock.now()))
        except Refused as refused:
            return Entry(file, None, refused)

    def complete(self, file: Path, wanted: Level) -> Outcome:
        """Raise a document that is below ``wanted``. Never raises for the document's sake: the outcome tells."""
        entry = self.look(file)
        if entry.standing is None:
            return _skipped(entry)
        if not entry.standing.is_below(wanted):
            return Outcome(entry)
        return self._work(entry, "complete", lambda raising, old, new: raising.raise_level(old, new, wanted))

    def renew(self, file: Path) -> Outcome:
        """Renew a document that is due. As :meth:`complete`."""
        entry = self.look(file)
        if entry.standing is None:
            return _skipped(entry)
        if not entry.is_due(self._clock.now()):
            return Outcome(entry)
        return self._work(entry, "renew", lambda raising, old, new: raising.renew(old, new))

    def _work(self, entry: Entry, action: str, step: Callable[[Raising, BinaryIO, BinaryIO], Raised]) -> Outcome:
        try:
            with disk(), hold(entry.file) as held, held.new_content() as target:
                now = self._clock.now()
                done = step(Raising(self._evidence, self._margins, now, held.path.parent), held.source, target)
                if done.changed:
                    # Before the change: one that cannot be written down does not happen.
                    self._tell(action, entry, done, held.source, target)
                    held.replace(target)
        except FileNotFoundError:
            return self._failed(entry, action, [])
        except Refused as refused:
            return self._failed(entry, action, [refused])
        if done.missing:
            self._tell_missing(action, entry, done.missing)
        return Outcome(Entry(entry.file, done.after), action, done.changed, done.missing)

    def _failed(self, entry: Entry, action: str, missing: list[Refused]) -> Outcome:
        self._tell_missing(action, entry, missing)
        return Outcome(entry, action, False, missing)

    def _tell(self, action: str, entry: Entry, done: Raised, old: BinaryIO, new: BinaryIO) -> None:
        if self._log is not None:
            limit = done.after.limit
            members = {
                "file": str(entry.file), "from": done.before.level.value, "to": done.after.level.value,
                "renew_by": f"{limit.renew_by:%Y-%m-%d}" if limit else None,
                "sha256_before": _digest(old), "sha256_after": _digest(new),
            }  # fmt: skip
            self._log.add(f"upkeep.{action}", members)

    def _tell_missing(self, action: str, entry: Entry, missing: list[Refused]) -> None:
        codes = sorted({each.code.name for each in missing})
        # Once: a program that runs for weeks tries again and again, and the log tells what was done.
        if self._log is not None and self._missed.get(entry.file) != codes:
            self._missed[entry.file] = codes
            self._log.add(f"upkeep.{action}.missing", {"file": str(entry.file), "codes": codes})


def _skipped(entry: Entry) -> Outcome:
    return Outcome(entry, missing=[entry.refused] if entry.refused is not None else [])


def _digest(stream: BinaryIO) -> str:
    stream.seek(0)
    running = hashlib.sha256()
    while piece := stream.read(1 << 20):
        running.update(piece)
    return running.hexdigest()


def documents_in(places: Iterable[Path]) -> Iterator[Path]:
    """Files as they are given, and the PDFs in folders and below, in order; hidden ones and links are passed over."""
    for place in places:
        if not place.is_dir():
            yield place
            continue
        for folder, folders, files in os.walk(place):
            folders[:] = sorted(each for each in folders if not each.startswith("."))
            for name in sorted(files):
                found = Path(folder, name)
                if name.lower().endswith(".pdf") and not name.startswith(".") and not found.is_symlink():
                    yield found
