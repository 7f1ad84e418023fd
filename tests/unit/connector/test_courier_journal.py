"""Events: numbered without gaps, durable before they are told, never doubled by a crash."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.base.clock import SystemClock
from lienthong.connector.courier import journal as module
from lienthong.connector.courier.journal import Journal
from lienthong.connector.courier.model import CourierEvent


@contextmanager
def opened(folder: Path) -> Iterator[Journal]:
    journal = Journal(folder, SystemClock())
    try:
        yield journal
    finally:
        journal.close()


@pytest.fixture(autouse=True)
def _small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SEGMENT", 4)


def test_numbers_go_on_without_gaps_across_segments_and_starts(tmp_path: Path) -> None:
    for start in range(3):
        with opened(tmp_path) as journal:
            for n in range(5):
                assert journal.append("job.sent", job=None, n=n) == start * 5 + n + 1
    with opened(tmp_path) as journal:
        assert [e.number for e in journal.read(0, 100)] == list(range(1, 16))
        assert [e.number for e in journal.read(6, 3)] == [7, 8, 9]
        assert journal.read(15, 10) == []
        assert [e.data["n"] for e in journal.read(0, 6)] == [0, 1, 2, 3, 4, 0]


@given(cut=st.integers(1, 60))
def test_a_torn_last_line_is_cut_off_and_its_number_given_again(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    with opened(folder) as journal:
        journal.append("axis.away")
        journal.append("axis.back")
    (file,) = folder.glob("*.jsonl")
    data = file.read_bytes()
    file.write_bytes(data[: -min(cut, len(data.splitlines()[1]))])
    with opened(folder) as journal:
        assert journal.last == 1
        assert journal.append("axis.gone") == 2
        assert [e.type for e in journal.read(0, 10)] == ["axis.away", "axis.gone"]


def test_what_happens_once_is_written_once_also_after_a_start(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        assert journal.append("job.sent", once="a") == 1
        assert journal.append("job.sent", once="a") == 1
    with opened(tmp_path) as journal:
        assert journal.append("job.sent", once="a") == 1
        for n in range(5):
            journal.append("axis.away", n=n)
        assert journal.append("job.sent", once="a") == 1
        assert journal.last == 6


def test_listeners_hear_every_event_in_order_and_a_failing_one_harms_nobody(tmp_path: Path) -> None:
    heard: list[int] = []

    def fails(event: CourierEvent) -> None:
        raise RuntimeError("phần mềm hỏng")

    def hears(event: CourierEvent) -> None:
        heard.append(event.number)
        if event.type == "job.queued":
            journal.append("job.sent")  # a listener may itself cause an event

    with opened(tmp_path) as journal:
        journal.subscribe(fails)
        journal.subscribe(hears)
        threads = [threading.Thread(target=journal.append, args=("job.queued",)) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert heard == list(range(1, 41))
