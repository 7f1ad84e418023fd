"""Whom one can send to: a snapshot of the directory when the operator has given one, and earlier correspondents.

Other agencies of this installation are not looked up: each agency sees only what is its own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.db.models import Q

from lienthong.base.text import fold
from lienthong.office.models import Arrival, Delivery, Document
from lienthong.office.states import Direction
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.site.configure import site

SHOWN = 30
_SEEN = 3_000


@dataclass(frozen=True, slots=True)
class Party:
    """An agency on the axis: its code and its name."""

    code: str
    name: str


def look_up(visit: Visit, words: str) -> list[Party]:
    """Agencies whose name or code holds these words, accents left out; those written to before come first."""
    wanted = fold(words)
    known = _correspondents(visit)
    found = {
        each.code: each
        for each in (*known, *_snapshot())
        if wanted in fold(each.name) or wanted in each.code.casefold()
    }
    found.pop(visit.agency.code, None)
    return list(found.values())[:SHOWN]


def _correspondents(visit: Visit) -> list[Party]:
    pairs = [
        *Delivery.objects.filter(~Q(code=""), agency=visit.agency).values_list("code", "name").distinct()[:_SEEN],
        *Arrival.objects.filter(~Q(sender_code=""), ~Q(sender_name=""), agency=visit.agency)
        .values_list("sender_code", "sender_name").distinct()[:_SEEN],
        *Document.objects.filter(~Q(issuer_code=""), agency=visit.agency, direction=Direction.INCOMING.value)
        .values_list("issuer_code", "issuer_name").distinct()[:_SEEN],
    ]  # fmt: skip
    return [Party(code, name) for code, name in dict(pairs).items()]


def _snapshot() -> tuple[Party, ...]:
    """The agencies of the operator's snapshot file: a list of objects with ``code`` and ``name``; none without one."""
    place = site().context.get("directory")
    if place is None:
        return ()
    path = Path(place)
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError:
        return ()
    return _read(path, changed)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> tuple[Party, ...]:
    del changed  # only part of the key: a new snapshot is read anew
    rows = json.loads(path.read_bytes())
    listed = rows.get("agencies", []) if isinstance(rows, dict) else rows
    return tuple(Party(str(each["code"]), str(each["name"])) for each in listed if {"code", "name"} <= set(each))
