"""kill -9 at every named step of axis and worker: nothing is lost, nothing doubled."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from axis_process import Installation, attachment, document, new_signer, rows, wait_for
from faults_invariants import posted_again
from faults_steps import steps_of
from faults_story import check, settle, tell
from lienthong.base.errors import Refused
from lienthong.connector.errors import AXIS_UNREACHABLE
from lienthong.connector.http import AxisConnection
from lienthong.connector.rotation import KeyDesk
from lienthong.directory.model import KeyPurpose


def test_the_steps_between_receive_and_hand_over_are_named() -> None:
    axis = set(steps_of("axis"))
    assert {"accept.received", "accept.before_commit", "accept.committed", "accept.answered", "lease.committed"} <= axis
    assert {"download.begun", "ack.before_commit", "blobs.synced", "blobs.renamed"} <= axis
    assert {"sequence.tiles_written", "sequence.committed"} <= set(steps_of("worker"))


@pytest.mark.parametrize("step", steps_of("axis"))
def test_the_axis_killed_at_a_step_loses_and_doubles_nothing(axis: Installation, step: str) -> None:
    parties = axis.bootstrap()
    axis.start("axis", kill_at=f"{step}:1")
    axis.start("worker")
    with axis.keep_running("axis") as ended:
        tell(axis, parties)
    assert ended == [-signal.SIGKILL], f"the axis was not killed at {step}"
    check(axis, parties)
    assert posted_again(parties.values()) >= 4


@pytest.mark.parametrize("step", steps_of("worker"))
def test_the_worker_killed_at_a_step_loses_and_doubles_nothing(axis: Installation, step: str) -> None:
    parties = axis.bootstrap()
    axis.start("axis")
    axis.start("worker", kill_at=f"{step}:1")
    with axis.keep_running("worker") as ended:
        tell(axis, parties)
        wait_for(lambda: ended, f"the worker reaches {step}", 30)
    assert ended == [-signal.SIGKILL]
    settle(axis, parties)
    check(axis, parties)


def test_everything_killed_at_once_again_and_again_loses_nothing(axis: Installation) -> None:
    """A power cut for both processes while documents are on their way."""
    parties = axis.bootstrap()
    sender, second, *_ = parties.values()
    for cut in range(3):
        for role in ("axis", "worker"):
            axis.start(role)
        for _ in range(4):
            sender.client.send(document([second.agency]), [attachment()])
        for received in second.client.receive(2):
            second.client.take(received)
        spooled = sender.client.prepare(document([second.agency]), [attachment()])
        for role in ("worker", "axis"):
            axis.processes[role].kill()
        assert spooled.receipt is None, cut
    axis.start("axis")
    axis.start("worker")
    assert len(list(sender.client.resume())) == 3
    _end_leases(axis)
    settle(axis, parties)
    assert check(axis, parties).counts() == {"delivered": 15}


def _end_leases(axis: Installation) -> None:
    """Leases that died with their holder's line run out, here at once."""
    import psycopg

    with psycopg.connect(axis.database) as connection:
        connection.execute("UPDATE delivery SET lease_until = now() - interval '1 second' WHERE state = 'leased'")


def test_blobs_of_a_killed_upload_are_found_by_the_sweep(axis: Installation) -> None:
    """What a crash leaves in the temporary folder is rubbish, and it is named so that it can be told apart."""
    parties = axis.bootstrap()
    sender, second, *_ = parties.values()
    axis.start("axis", kill_at="blobs.synced:1")
    with axis.keep_running("axis") as ended:
        sender.client.send(document([second.agency]), [attachment()])
    assert ended
    left = [p for p in (axis.blobs / "tmp").iterdir() if p.is_file()]
    assert len(left) == 1
    assert len(rows(axis.database, "SELECT 1 FROM envelope")) == 1
    assert isinstance(left[0], Path)


def test_an_axis_killed_while_it_writes_a_changed_key_takes_the_same_key_once(axis: Installation) -> None:
    parties = axis.bootstrap()
    axis.start("axis", kill_at="directory.key_written:1")
    party, new = next(iter(parties.values())), new_signer()
    with axis.keep_running("axis") as ended:

        def add() -> bool:
            connection = AxisConnection(axis.url, party.signer, timeout=10, pauses=())
            try:
                KeyDesk(connection, axis.name, party.system_id).add(new, KeyPurpose.SIGN)
            except Refused as refused:
                assert refused.code is AXIS_UNREACHABLE
                return False
            return True

        wait_for(add, "the key is registered", 40)
        assert ended == [-signal.SIGKILL], "the axis was not killed"
        assert add(), "once more is the same"
    found = rows(axis.database, "SELECT count(*) FROM directory_key_change WHERE key_id = %s", new.key_id)
    assert found == [(1,)]
