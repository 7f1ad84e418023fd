"""How long before an end archive timestamps are renewed, and the days on which algorithms end: dated data."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.signing.upkeep.errors import UPKEEP_MARGINS_INVALID
from lienthong.trust.keys import Algorithm
from lienthong.trust.validation.policy import DOCUMENT_POLICY, End, ValidationPolicy

_NAMES = {*(each.value for each in Algorithm), "sha256", "sha384", "sha512"}
_DAYS = ("certificate_days", "algorithm_days", "urgent_days")
_MAXIMUM = 64 * 1024


@dataclass(frozen=True, slots=True)
class Margin:
    """``certificate``: before a certificate ends, at most a third of its validity. ``algorithm``: before an algorithm.

    ``urgent``: so near to the end, a renewal goes ahead although revocation data cannot be had. All from
    ``not_before`` on.
    """

    not_before: datetime
    certificate: timedelta
    algorithm: timedelta
    urgent: timedelta


@dataclass(frozen=True, slots=True)
class Margins:
    """The rows of one file. ``policy``: the validation policy with the ends that the file sets."""

    rows: tuple[Margin, ...]
    policy: ValidationPolicy = DOCUMENT_POLICY

    def at(self, now: datetime) -> Margin:
        """The newest row that has begun; the oldest before that."""
        begun = [row for row in self.rows if row.not_before <= now]
        return max(begun or self.rows[:1], key=lambda row: row.not_before)


def read_margins(file: Path | None = None) -> Margins:
    """Read a file, or the one that comes with the product. Refuses: UPKEEP_MARGINS_INVALID."""
    name = str(file) if file is not None else "margins.toml"
    source = file if file is not None else resources.files("lienthong.signing.upkeep") / "margins.toml"
    try:
        with source.open("rb") as opened:
            members = tomllib.loads(opened.read(_MAXIMUM).decode("utf-8"))
    except (OSError, ValueError) as error:
        why = one_line(str(error), 120)
        raise Refused(UPKEEP_MARGINS_INVALID, file=name, why_vi=why, why_en=why) from error
    try:
        margins = sorted((_margin(row) for row in _rows(members, "margins")), key=lambda row: row.not_before)
        ends = [_end(row) for row in _rows(members, "end")]
    except (KeyError, TypeError, ValueError) as error:
        why = one_line(str(error), 120)
        raise Refused(UPKEEP_MARGINS_INVALID, file=name, why_vi=why, why_en=why) from error
    if not margins and file is not None:
        margins = list(read_margins().rows)
    return Margins(tuple(margins), DOCUMENT_POLICY.with_ends(ends))


def _rows(members: dict[str, Any], name: str) -> Sequence[dict[str, Any]]:
    if unknown := sorted(set(members) - {"margins", "end"}):
        raise ValueError(f"[[{unknown[0]}]]")
    rows = members.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise TypeError(f"[[{name}]]")
    return rows


def _margin(row: dict[str, Any]) -> Margin:
    if set(row) != {"not_before", *_DAYS}:
        raise ValueError(f"[[margins]]: not_before, {', '.join(_DAYS)}")
    days = []
    for name in _DAYS:
        if isinstance(row[name], bool) or not isinstance(row[name], int) or not 0 <= row[name] <= 3650:
            raise ValueError(f"{name} = 0 … 3650")
        days.append(timedelta(days=row[name]))
    return Margin(_instant(row, "not_before"), *days)


def _end(row: dict[str, Any]) -> End:
    if not {"name", "at"} <= set(row) <= {"name", "at", "below_bits"} or row["name"] not in _NAMES:
        raise ValueError(f"[[end]]: name = {' | '.join(sorted(_NAMES))}, at, below_bits")
    bits = row.get("below_bits")
    if bits is not None and (isinstance(bits, bool) or not isinstance(bits, int)):
        raise ValueError("below_bits = 3000")
    return End(row["name"], _instant(row, "at"), bits)


def _instant(row: dict[str, Any], name: str) -> datetime:
    value = row[name]
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError(f"{name} = 2031-01-01T00:00:00+07:00")
    return value.astimezone(UTC)
