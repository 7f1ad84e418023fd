"""Which job goes next: order within a recipient, the urgent first, nobody starved. Checked against a slow, plain model."""

from __future__ import annotations

import random
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.connector.courier.queue import FAIR_TURN, Entry, Phase, Queue

LANES = "ABCD"
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sets(st.sampled_from(LANES), min_size=1), st.integers(0, 4)),
        st.tuples(st.just("take")),
        st.tuples(st.just("leave"), st.integers(0, 3)),
        st.tuples(st.just("rest"), st.integers(0, 3), st.integers(1, 5)),
        st.tuples(st.just("cancel"), st.integers(0, 20)),
        st.tuples(st.just("wait"), st.integers(1, 5)),
    ),
    max_size=80,
)


@settings(max_examples=300, deadline=None)
@given(OPERATIONS)
def test_no_job_overtakes_another_of_its_recipient_and_none_is_lost(operations: list[tuple[object, ...]]) -> None:
    queue, now = Queue(), 1.0
    waiting: dict[str, set[str]] = {}  # jobs in order of submission, with their lanes: the model
    flying: list[str] = []
    resting: dict[str, float] = {}
    for number, operation in enumerate(operations):
        match operation:
            case ("add", lanes, urgency):
                name = f"{number:04d}"
                waiting[name] = set(lanes)  # type: ignore[call-overload]
                queue.add(Entry(name, tuple(sorted(lanes)), urgency))  # type: ignore[call-overload, arg-type]
            case ("take",):
                first = [
                    job for job, lanes in waiting.items()
                    if not any(lanes & other for before, other in waiting.items() if before < job)
                ]  # fmt: skip
                able = {job for job in first if job not in flying and resting.get(job, 0.0) <= now}
                found = queue.take(now)
                assert (found is None) == (not able)
                if found is not None:
                    assert found.id in able
                    flying.append(found.id)
            case ("leave", n) if flying:
                job = flying.pop(n % len(flying))  # type: ignore[operator]
                queue.remove(job)
                del waiting[job]
                resting.pop(job, None)
            case ("rest", n, seconds) if flying:
                job = flying.pop(n % len(flying))  # type: ignore[operator]
                resting[job] = now + seconds  # type: ignore[operator]
                queue.put_back(job, resting[job])
            case ("cancel", n) if waiting:
                job = list(waiting)[n % len(waiting)]  # type: ignore[operator]
                if job not in flying:
                    queue.remove(job)
                    del waiting[job]
                    resting.pop(job, None)
            case ("wait", seconds):
                now += seconds  # type: ignore[operator]
    assert len(queue) == len(waiting)
    # Everything that is left leaves in the end.
    for job in flying:
        queue.remove(job)
        del waiting[job]
    while (entry := queue.take(now + 1000)) is not None:
        queue.remove(entry.id)
        del waiting[entry.id]
    assert not waiting


def order_of(queue: Queue, now: float = 1.0) -> list[str]:
    found = []
    while (entry := queue.take(now)) is not None:
        found.append(entry.id)
        queue.remove(entry.id)
    return found


def test_the_urgent_comes_first_across_recipients() -> None:
    queue = Queue()
    for n in range(3):
        queue.add(Entry(f"{n}", (f"lane{n}",)))
    queue.add(Entry("3", ("lane3",), urgency=4))
    assert order_of(queue)[0] == "3"


def test_an_urgent_job_behind_others_of_its_recipient_pulls_them_forward() -> None:
    queue = Queue()
    for n in range(8):
        queue.add(Entry(f"0{n}", (f"other{n}",)))
    queue.add(Entry("10", ("A",)))
    queue.add(Entry("11", ("A",), urgency=3))
    assert order_of(queue)[:2] == ["10", "11"]


def test_ordinary_jobs_are_not_starved_by_an_endless_stream_of_urgent_ones() -> None:
    queue = Queue()
    queue.add(Entry("000", ("ordinary",)))
    for n in range(FAIR_TURN):
        queue.add(Entry(f"1{n:02d}", (f"urgent{n}",), urgency=4))
    taken = []
    for n in range(FAIR_TURN):
        entry = queue.take(1.0)
        assert entry is not None
        taken.append(entry.id)
        queue.remove(entry.id)
        queue.add(Entry(f"2{n:02d}", (f"more{n}",), urgency=4))
    assert "000" in taken


def test_a_resting_job_holds_its_recipient_and_nobody_else() -> None:
    queue = Queue()
    queue.add(Entry("1", ("A",)))
    queue.add(Entry("2", ("A",)))
    queue.add(Entry("3", ("B",)))
    first = queue.take(1.0)
    assert first is not None
    queue.put_back(first.id, 50.0)
    assert order_of(queue, 2.0) == ["3"]
    assert queue.next_at() == 50.0
    assert order_of(queue, 50.0) == ["1", "2"]


def test_a_job_for_several_recipients_goes_when_it_is_first_for_all_of_them() -> None:
    queue = Queue()
    queue.add(Entry("1", ("A",)))
    queue.add(Entry("2", ("B",)))
    queue.add(Entry("3", ("A", "B")))
    queue.add(Entry("4", ("B",)))
    one, two = queue.take(1.0), queue.take(1.0)
    assert one is not None
    assert two is not None
    assert queue.take(1.0) is None
    queue.remove(one.id)
    assert queue.take(1.0) is None
    queue.remove(two.id)
    assert order_of(queue) == ["3", "4"]


def test_waking_lets_a_resting_job_go_at_once() -> None:
    queue = Queue()
    queue.add(Entry("1", ("A",), not_before=99.0))
    assert queue.take(1.0) is None
    queue.wake(["1", "unknown"])
    entry = queue.take(1.0)
    assert entry is not None
    assert entry.phase is Phase.FLYING
    assert queue.flying() == [entry]


def test_a_job_stands_in_the_queue_once() -> None:
    queue = Queue()
    queue.add(Entry("1", ("A",)))
    with pytest.raises(ValueError, match="already"):
        queue.add(Entry("1", ("B",)))


def test_ten_thousand_jobs_cost_no_more_than_their_number() -> None:
    """Work grows with the number of jobs, not with its square: ten times as many in far less than a hundred times."""
    queue, choose = Queue(), random.Random(3)
    for n in range(10_000):
        queue.add(Entry(f"{n:06d}", (f"lane{choose.randrange(50)}",), choose.choice([0, 0, 0, 2])))
    order = deque(order_of(queue))
    assert len(order) == 10_000
    assert len(queue) == 0
