"""A trouble that lasts fills no log."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable

import pytest

from lienthong.base.errors import Refused
from lienthong.infra import telemetry
from lienthong.infra.complaints import EVERY, Complaints
from lienthong.infra.errors import STORAGE_FULL
from lienthong.infra.postgres.errors import DATABASE_AWAY

AWAY, FULL = Refused(DATABASE_AWAY), Refused(STORAGE_FULL)


@pytest.fixture
def said() -> Callable[[], list[tuple[str, str, int]]]:
    log = io.StringIO()
    telemetry.configure("info", log)

    def lines() -> list[tuple[str, str, int]]:
        found = [json.loads(line) for line in log.getvalue().splitlines()]
        return [(each["agency"], each["code"], each["count"]) for each in found]

    return lines


def test_the_same_trouble_is_said_once_a_changed_one_at_once_and_of_each_agency(said) -> None:
    complaints = Complaints("office.sending_waits")
    for _ in range(30):
        complaints.about("H01", AWAY)
        complaints.about("H02", AWAY)
    complaints.about("H01", FULL)
    assert said() == [("H01", AWAY.code.name, 1), ("H02", AWAY.code.name, 1), ("H01", FULL.code.name, 1)]


def test_a_trouble_that_lasts_is_said_again_after_an_hour_with_how_often_it_came(said, monkeypatch) -> None:
    complaints, begun = Complaints("office.sending_waits"), time.monotonic()
    for at in (0.0, 1.0, EVERY - 1, EVERY + 1, EVERY + 2):
        monkeypatch.setattr(time, "monotonic", lambda at=at: begun + at)
        complaints.about("H01", AWAY)
    assert said() == [("H01", AWAY.code.name, 1), ("H01", AWAY.code.name, 3)]


def test_a_trouble_that_comes_back_after_work_went_well_is_new(said) -> None:
    complaints = Complaints("office.sending_waits")
    complaints.about("H01", AWAY)
    complaints.over("H01")
    complaints.about("H01", AWAY)
    assert said() == [("H01", AWAY.code.name, 1)] * 2
