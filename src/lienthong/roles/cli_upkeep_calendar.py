"""The rows of the renewal calendar, read by as many processes as there are cores when there are many files."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from lienthong.base.clock import FixedClock
from lienthong.roles.cli_upkeep_text import entry_line, entry_members
from lienthong.signing.documents import Level
from lienthong.signing.evidence import Evidence
from lienthong.signing.upkeep.keeping import Keeper
from lienthong.signing.upkeep.margins import read_margins

_MANY, _BATCH = 32, 16
"""Below so many files, starting processes costs more than it saves."""


@dataclass(frozen=True, slots=True)
class Row:
    """One document as it is told; small, so that another process can hand it over. ``renew_by``: None when skipped."""

    file: str
    renew_by: datetime | None
    members: dict[str, Any]
    line: str


def look_at(files: Sequence[Path], margins: Path | None, now: datetime) -> Iterator[Row]:
    """A row for each file, in order. Refuses: UPKEEP_MARGINS_INVALID, before anything is read."""
    read_margins(margins)
    if len(files) < _MANY:
        yield from _rows(files, margins, now)
        return
    workers = max(1, min(os.cpu_count() or 1, 8))
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        batches = (files[at : at + _BATCH] for at in range(0, len(files), _BATCH))
        waiting = [pool.submit(_rows, batch, margins, now) for batch in islice(batches, workers * 3)]
        while waiting:
            yield from waiting.pop(0).result()
            waiting += [pool.submit(_rows, batch, margins, now) for batch in islice(batches, 1)]


def _rows(files: Sequence[Path], margins: Path | None, now: datetime) -> list[Row]:
    keeper, found = _keeper(margins, now), []
    for file in files:
        entry = keeper.look(file)
        found.append(Row(str(file), entry.renew_by, entry_members(entry, now), entry_line(entry, now)))
    return found


@lru_cache(maxsize=2)
def _keeper(margins: Path | None, now: datetime) -> Keeper:
    return Keeper(Evidence(), read_margins(margins), FixedClock(now), None)


def in_order(rows: Sequence[Row]) -> list[Row]:
    """The most urgent first, what was skipped last."""
    return sorted(rows, key=lambda row: (row.renew_by.timestamp() if row.renew_by else float("inf"), row.file))


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Counts by level, of those due, of those skipped."""
    levels = {level.value: 0 for level in reversed(Level)}
    for row in rows:
        if row.members["level"] is not None:
            levels[row.members["level"]] += 1
    return {
        "levels": levels, "due": sum(row.members["due"] for row in rows),
        "skipped": sum(row.members["level"] is None for row in rows), "total": len(rows),
    }  # fmt: skip
