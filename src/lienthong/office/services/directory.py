"""Whom one can send to: a snapshot of the directory when the operator has given one, and earlier correspondents.

Other agencies of this installation are not looked up: each agency sees only what is its own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.db import connection

from lienthong.base.text import fold
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.site.configure import site

SHOWN = 30
_SEEN = 3_000

_SOURCES = (
    ("office_delivery", "code", "name", ""),
    ("office_arrival", "sender_code", "sender_name", ""),
    ("office_document", "issuer_code", "issuer_name", " and direction = 'incoming'"),
)
"""Tables that name correspondents: their columns of code and name, and which rows count."""


def _next(after: str) -> str:
    """The smallest code after another one, of all sources: a step in the index of each."""
    steps = (
        f"(select {code} from {table} where agency_id = %(agency)s and {code} <> ''{only} and {code} > {after}"
        f" order by {code} limit 1)"
        for table, code, _, only in _SOURCES
    )
    return f"least({', '.join(steps)})"


def _newest(wanted: str) -> str:
    """The name of a code in its newest row; those written to are named as one wrote to them."""
    names = (
        f"(select {name} from {table} where agency_id = %(agency)s and {code} <> ''{only} and {code} = {wanted}"
        f" order by id desc limit 1)"
        for table, code, name, only in _SOURCES
    )
    return f"coalesce({', '.join(names)})"


# DISTINCT would read every row of an agency, which may be half a million; this goes from code to code by the indexes.
_CORRESPONDENTS = f"""
with recursive known(code) as (
    select {_next("''")}
    union all
    select {_next("known.code")} from known where known.code is not null
)
select code, {_newest("known.code")} from known where code is not null limit {_SEEN}
"""


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
    """Agencies with a code that this one has written to or had something from, in the order of their codes."""
    with connection.cursor() as cursor:
        cursor.execute(_CORRESPONDENTS, {"agency": visit.agency.pk})
        return [Party(code, name or code) for code, name in cursor.fetchall()]


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
