"""An invented directory of any size, for benchmarks and demonstrations.

Its codes are in the family ``Z``, which no real directory uses, and its names are visibly made up.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from lienthong.base.ids import AgencyCode, SystemId
from lienthong.directory.model import Agency, Scope, System

PROVINCES = 99
UNITS = 99


def agencies(count: int) -> Iterator[Agency]:
    """``count`` agencies in three levels, parents before children; always the same rows."""
    return islice(_all(), count)


def systems(count: int) -> Iterator[System]:
    """``count`` systems (at most 99) without keys, each for one whole branch."""
    for top in range(1, min(count, PROVINCES) + 1):
        scope = Scope(AgencyCode(f"Z{top:02d}"), subtree=True)
        yield System(SystemId(f"he-thong-mau-{top:02d}"), f"Phần mềm mẫu {top:02d}", (scope,))


def _all() -> Iterator[Agency]:
    """All tops, then their units, then units of units, which are numbered without end."""
    for top in range(1, PROVINCES + 1):
        yield _agency(f"Z{top:02d}", f"000.00.00.Z{top:02d}", None, 1, f"Tỉnh Mẫu {top:02d}")
    for unit in range(1, UNITS + 1):
        for top in range(1, PROVINCES + 1):
            yield _agency(
                f"Z{top:02d}.{unit:03d}",
                f"000.00.{unit:02d}.Z{top:02d}",
                f"Z{top:02d}",
                2,
                f"Đơn vị Mẫu {unit:03d}",
            )
    below = 0
    while True:
        below += 1
        for unit in range(1, UNITS + 1):
            for top in range(1, PROVINCES + 1):
                parent = f"Z{top:02d}.{unit:03d}"
                # The thirteen-character code has room for 99 units below a unit and no more.
                code102 = f"000.{below:02d}.{unit:02d}.Z{top:02d}" if below <= 99 else None
                yield _agency(f"{parent}.{below:03d}", code102, parent, 3, f"Phòng Mẫu {below:03d} của {parent}")


def _agency(code: str, code102: str | None, parent: str | None, level: int, name: str) -> Agency:
    return Agency(
        code=AgencyCode(code),
        name=name,
        code102=AgencyCode(code102) if code102 is not None else None,
        parent=AgencyCode(parent) if parent is not None else None,
        level=level,
        email=f"{code.lower()}@mau.example",
    )
