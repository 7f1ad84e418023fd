"""The packaged level-1 list: central agencies and provinces with their succession of 1 July 2025.
 Source: a real provincial directory of 2020 for the central agencies (later mergers of ministries are not
in it, since the new codes are not known); the 63-province list and its 34 successors. Each row of
``level1.json`` says how sure it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources

from lienthong.base.ids import AgencyCode
from lienthong.directory.model import Agency, AgencyStatus, Row
from lienthong.vocabulary.alias import Succession, SuccessionKind


@dataclass(frozen=True, slots=True)
class Seed:
    """Rows of the seed; ``confidence`` by code or by ``old>new``: confirmed, listed or presumed."""

    agencies: tuple[Agency, ...]
    successions: tuple[Succession, ...]
    confidence: dict[str, str]

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, to build a state from."""
        return (*self.agencies, *self.successions)


@lru_cache(maxsize=1)
def seed() -> Seed:
    """Read the packaged list."""
    table = json.loads(resources.files(__package__).joinpath("level1.json").read_bytes())
    agencies = tuple(
        Agency(
            code=AgencyCode(row["code"]),
            name=row["name"],
            code102=AgencyCode(row["code102"]),
            level=1,
            status=AgencyStatus(row["status"]),
            valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        )
        for row in table["agencies"]
    )
    successions = tuple(
        Succession(
            AgencyCode(row["old"]),
            AgencyCode(row["new"]),
            SuccessionKind(row["kind"]),
            date.fromisoformat(row["valid_from"]),
            row["note"],
        )
        for row in table["successions"]
    )
    confidence = {row["code"]: str(row["confidence"]) for row in table["agencies"]}
    confidence |= {f"{row['old']}>{row['new']}": str(row["confidence"]) for row in table["successions"]}
    return Seed(agencies, successions, confidence)
