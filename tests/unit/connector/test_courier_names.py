"""Names on the shelves of the spool: what a crash left half-named is passed over."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from lienthong.connector.courier.sequence import Sequence, day_of, shelved


def test_what_a_crash_left_half_named_keeps_nobody_from_starting(tmp_path: Path) -> None:
    given = Sequence()
    names = [given.following(datetime(2026, 11, 26, tzinfo=UTC)) for _ in range(3)]
    shelf = tmp_path / day_of(names[0])
    shelf.mkdir()
    for name in (*names, f".{names[0]}.making", f"{names[2]}.tmp", "ghi-chu.txt"):
        (shelf / name).touch()
    assert list(shelved(tmp_path, "", True)) == names[::-1]
    assert Sequence(next(shelved(tmp_path, "", True))).following(datetime(2026, 11, 26, tzinfo=UTC)) > names[2]
