"""The dated rules of official-duty certificates: periods, warnings, renewals (``rules.toml`` or the operator's own)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.signing.holdings.errors import HOLDING_RULES_INVALID


@dataclass(frozen=True, slots=True)
class Rules:
    """What counts from a day on. Years and days; ``warn_days``: before the end, longest first."""

    source: str
    new_years: int
    renewal_years: int
    provider_working_days: int
    renewals_of_a_key: int
    renewal_before_end: bool
    warn_days: tuple[int, ...]
    title_needed: bool


def rules_at(day: date, own: Path | None = None) -> Rules:
    """The rules of that day; before the first block's day, the first block. Refuses HOLDING_RULES_INVALID."""
    blocks = _read_own(own) if own is not None else _usual()
    counting = [rules for since, rules in blocks if since <= day]
    return counting[-1] if counting else blocks[0][1]


@cache
def _usual() -> tuple[tuple[date, Rules], ...]:
    text = (resources.files("lienthong.signing.holdings") / "rules.toml").read_text("utf-8")
    return _blocks(tomllib.loads(text))


def _read_own(file: Path) -> tuple[tuple[date, Rules], ...]:
    try:
        return _blocks(tomllib.loads(file.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refused(HOLDING_RULES_INVALID, file=file, why=one_line(str(error), 120)) from error


def _blocks(members: dict[str, Any]) -> tuple[tuple[date, Rules], ...]:
    found = []
    for block in members["rules"]:
        row = dict(block)
        since = row.pop("from")
        if not isinstance(since, date):
            raise TypeError("from")
        row["warn_days"] = tuple(sorted((int(each) for each in row["warn_days"]), reverse=True))
        found.append((since, Rules(**row)))
    if not found:
        raise ValueError("rules")
    return tuple(sorted(found, key=lambda each: each[0]))
