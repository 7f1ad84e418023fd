"""kill -9 of the database at every named step of the axis: nothing is lost, nothing doubled."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from axis_process import Installation, Party, installation
from faults_steps import steps_of
from faults_story import check, tell


@pytest.fixture(scope="module")
def own() -> Iterator[tuple[Installation, dict[str, Party]]]:
    """An axis with a database of its own, which the tests may kill."""
    with installation() as made:
        yield made, made.bootstrap()


@pytest.mark.parametrize("step", [s for s in steps_of("axis") if not s.startswith("blobs.")])
def test_the_database_killed_at_a_step_loses_and_doubles_nothing(
    own: tuple[Installation, dict[str, Party]], step: str
) -> None:
    axis, parties = own
    before = _server(axis)
    axis.start("axis", kill_at=f"{step}:1@database")
    axis.start("worker")
    try:
        tell(axis, parties)
        assert _server(axis) != before, f"the database was not killed at {step}"
        check(axis, parties)
    finally:
        axis.stop()


def _server(axis: Installation) -> int:
    pid = (axis.data / "pg" / "data" / "postmaster.pid").read_text().splitlines()[0]
    return int(pid)
