"""kill -9 of the connector at every named step: every job leaves once, everything received has one effect."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import signal
from collections import Counter
from pathlib import Path

import pytest

from axis_process import SOURCE, attachment, document, rows
from courier_process import WAITING, run_task, write_config
from fixtures_axis import Town

_REACHED = re.compile(r'reached\("(courier\.[a-z_.]+)"\)')
STEPS = sorted({n for path in (SOURCE / "lienthong").rglob("*.py") for n in _REACHED.findall(path.read_text("utf-8"))})
_runs = itertools.count(1)


def test_the_steps_of_a_courier_are_named() -> None:
    assert {"courier.job_made", "courier.job_named", "courier.job_stored", "courier.plan_made"} <= set(STEPS)
    assert {"courier.leaving", "courier.receipt_kept", "courier.job_ended", "courier.event_written"} <= set(STEPS)
    assert {"courier.received_stored", "courier.received_named", "courier.received_listed", "courier.taken"} <= set(
        STEPS
    )


@pytest.mark.parametrize(("step", "nth"), [*((step, 1) for step in STEPS), ("courier.event_written", 5)])
def test_a_connector_killed_at_a_step_loses_and_doubles_nothing(
    town: Town, tmp_path: Path, step: str, nth: int
) -> None:
    first, second, *_ = town
    run = next(_runs)
    for _ in range(2):
        second.client.send(document([first.agency]), [attachment(size=2000)])
    config = write_config(tmp_path, first, town.axis, spool_dir=f'"{first.store}-{run}"')
    jobs = [
        {"agency": first.agency, "number": f"{run:03d}{n}/KILL", "to": [second.agency], "key": f"k{run}-{n}"}
        for n in range(3)
    ]
    task = {"config": str(config), "jobs": jobs, "wait": {"job.sent": 3, "document.received": 2}}
    task |= {"database": town.axis.database, "agency": first.agency}
    died = run_task(tmp_path, task, f"{step}:{nth}")
    assert died.returncode == -signal.SIGKILL, f"not killed at {step}: {died.stderr[-2000:]}"
    _end_leases(town)
    ended = run_task(tmp_path, task)
    assert ended.returncode == 0, ended.stderr[-3000:]
    # The invariants of the axis look for what was acknowledged in the party's own store.
    shutil.copytree(Path(f"{first.store}-{run}") / "inbox", first.store / "inbox", dirs_exist_ok=True)
    said = json.loads(ended.stdout)
    assert said["enough"], said["events"]

    events = said["events"]
    assert [event[0] for event in events] == list(range(1, len(events) + 1))
    happened = Counter((type_, job or received) for _, type_, job, received, _ in events if type_ != "axis.away")
    for type_, count in (("job.queued", 3), ("job.sent", 3), ("document.received", 2)):
        assert [n for (what, _), n in happened.items() if what == type_] == [1] * count, (type_, events)
    found = rows(
        town.axis.database,
        "SELECT document_code, count(*) FROM envelope WHERE document_code LIKE %s GROUP BY 1 ORDER BY min(envelope_no)",
        f"{run:03d}%/KILL",
    )
    assert found == [(f"{run:03d}{n}/KILL", 1) for n in range(3)]
    assert rows(town.axis.database, WAITING, first.agency) == [(0,)]
    assert not list((Path(f"{first.store}-{run}") / "jobs" / "making").iterdir())


def _end_leases(town: Town) -> None:
    """Leases that died with the connector run out, here at once."""
    import psycopg

    with psycopg.connect(town.axis.database) as connection:
        connection.execute("UPDATE delivery SET lease_until = now() - interval '1 second' WHERE state = 'leased'")
