"""What is shown of a job that moves on while it is looked at."""

from pathlib import Path
from typing import Any

from lienthong.connector.courier.departing import axes_of, legs_of
from lienthong.connector.courier.engine import _envelopes
from lienthong.connector.courier.model import JobId
from lienthong.connector.courier.records import Record

PLAN = [
    {"to": ["H26"], "axes": ["truc.example"], "envelope": "01"},
    {"to": ["H29"], "axes": ["truc.example"], "envelope": "02"},
]


class MovingOn(Record):
    """A record whose folder is renamed right after its plan was read once."""

    looks = 0

    @property
    def plan(self) -> list[dict[str, Any]] | None:
        type(self).looks += 1
        return PLAN if self.looks == 1 else None


def test_a_job_that_moves_on_between_two_looks_at_its_plan_is_shown_with_the_plan_that_was_read(tmp_path: Path) -> None:
    MovingOn.looks = 0
    shown = _envelopes(MovingOn(JobId("x"), tmp_path / "gone", "open", {"to": ["H26", "H29"]}))
    assert [each.id for each in shown] == ["01", "02"]
    assert [each.receipt for each in shown] == [None, None]


def test_a_leg_whose_folder_has_gone_names_no_axis(tmp_path: Path) -> None:
    MovingOn.looks = 0
    record = MovingOn(JobId("x"), tmp_path / "gone", "open", {"to": []})
    assert [leg.axis for leg in legs_of(record)] == ["", ""]
    assert axes_of(record) == {}
