"""What a courier promises its callers, against an axis that answers as it is told: idempotency, order, patience."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from connector_axis import RECIPIENT, SENDER, Answer, Asked, FakeAxis, letter, payload_in, pdf, problem

from lienthong.base.clock import SystemClock
from lienthong.base.errors import Refused
from lienthong.connector.compose import Attachment
from lienthong.connector.courier.engine import Courier
from lienthong.connector.courier.links import AxisLink, AxisSettings
from lienthong.connector.courier.model import Job, JobState, JobView, Recall, ReceiverUpdate
from lienthong.connector.errors import DOWNLOAD_DAMAGED, INPUT_NOT_USABLE
from lienthong.connector.receiving import Inbox
from lienthong.connector.spool import Spool
from lienthong.wire.envelope import Envelope, decode_envelope
from lienthong.wire.event import EventName


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses of tenths of seconds instead of seconds."""
    monkeypatch.setattr("lienthong.connector.courier.links.FIRST_PAUSE", 0.02)
    monkeypatch.setattr("lienthong.connector.courier.links.LONGEST_PAUSE", 0.2)


@contextmanager
def opened(axis: FakeAxis, root: Path, **more: Any) -> Iterator[Courier]:
    settings = AxisSettings("axis.example", axis.url, axis.signer.public_key, 5)
    link = AxisLink(settings, axis.systems[SENDER], root, Spool(root), Inbox(root), SystemClock())
    with Courier(root, [link], [SENDER], wait=0, **more) as courier:
        yield courier


@contextmanager
def running(courier: Courier) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=courier.run, args=(stop,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def until(condition: Callable[[], Any], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.01)


def view(courier: Courier, job: str) -> JobView:
    found = courier.job(job)
    assert found is not None
    return found


def posted(axis: FakeAxis) -> list[Envelope]:
    return [decode_envelope(payload_in(asked)) for asked in axis.posted()]


# --- handing over -----------------------------------------------------------------------------------------------------


def test_the_same_key_with_the_same_content_is_the_same_job_also_after_a_start(axis: FakeAxis, tmp_path: Path) -> None:
    with opened(axis, tmp_path) as courier:
        job = courier.submit(Job(SENDER, letter(), [pdf()], key="dms-1"))
        assert courier.submit(Job(SENDER, letter(), [pdf()], key="dms-1")) == job
    with opened(axis, tmp_path) as courier:
        assert courier.submit(Job(SENDER, letter(), [pdf()], key="dms-1")) == job
        assert courier.by_key(SENDER, "dms-1") == job
        assert len(courier.jobs()) == 1


@pytest.mark.parametrize(
    "other", [Job(SENDER, letter(subject="khác"), [pdf()], "k"), Job(SENDER, letter(), [pdf(size=64)], "k")]
)
def test_the_same_key_with_other_content_is_refused(axis: FakeAxis, tmp_path: Path, other: Job) -> None:
    with opened(axis, tmp_path) as courier:
        courier.submit(Job(SENDER, letter(), [pdf()], key="k"))
        with pytest.raises(Refused) as refused:
            courier.submit(other)
        assert refused.value.code.name == "JOB_KEY_REUSED"
        assert len(courier.jobs()) == 1


def test_files_are_taken_over_when_submit_returns(axis: FakeAxis, tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(b"%PDF-1.7 mau")
    with opened(axis, tmp_path / "spool") as courier:
        courier.submit(Job(SENDER, letter(), [Attachment.of(file)]))
        file.unlink()
        with running(courier):
            until(lambda: courier.jobs(state=JobState.SENT))
    assert b"%PDF-1.7 mau" in axis.posted()[0].body


def test_what_cannot_be_right_is_refused_at_once_and_not_stored(axis: FakeAxis, tmp_path: Path) -> None:
    wrong = [
        (Job("000.00.00.H99", letter()), "AGENCY_NOT_OURS"),
        (Job(SENDER, letter(subject=" ")), "INPUT_NOT_USABLE"),
        (Job(SENDER, letter(to=())), "INPUT_NOT_USABLE"),
        (Job(SENDER, Recall("không có", "nhầm")), "DOCUMENT_UNKNOWN_HERE"),
        (Job(SENDER, ReceiverUpdate("không có", "nhầm", added=("X",))), "DOCUMENT_UNKNOWN_HERE"),
    ]
    with opened(axis, tmp_path) as courier:
        for job, code in wrong:
            with pytest.raises(Refused) as refused:
                courier.submit(job)
            assert refused.value.code.name == code
        assert courier.jobs() == []
        assert courier.events() == []
    assert list((tmp_path / "jobs" / "making").iterdir()) == []


def test_a_second_process_on_the_same_spool_is_refused_in_words(axis: FakeAxis, tmp_path: Path) -> None:
    with opened(axis, tmp_path), pytest.raises(Refused) as refused, opened(axis, tmp_path):
        pass
    assert refused.value.code.name == "SPOOL_IN_USE"
    assert str(os.getpid()) in refused.value.sentence("vi")
    with opened(axis, tmp_path):
        pass


# --- sending ----------------------------------------------------------------------------------------------------------


def test_jobs_for_one_recipient_arrive_in_order_of_submission(axis: FakeAxis, tmp_path: Path) -> None:
    with opened(axis, tmp_path) as courier:
        jobs = [courier.submit(Job(SENDER, letter(number=f"{n}/TB-VP"), [pdf()])) for n in range(30)]
        assert sorted(jobs) == jobs
        with running(courier):
            until(lambda: len(courier.jobs(state=JobState.SENT)) == 30)
        assert [e.document_id for e in posted(axis)] == [view(courier, job).document_id for job in jobs]
        numbers = [event.number for event in courier.events(0, 1000)]
        assert numbers == list(range(1, len(numbers) + 1))


def test_a_lost_answer_is_asked_for_again_with_the_same_bytes(axis: FakeAxis, tmp_path: Path) -> None:
    lost = iter([Answer(201, cut=0)] * 3)
    axis.script = lambda asked: (next(lost, None) if asked.path == "/v1/envelopes" else None) or axis.honest(asked)
    with opened(axis, tmp_path) as courier:
        job = courier.submit(Job(SENDER, letter(), [pdf()]))
        with running(courier):
            until(lambda: view(courier, job).state is JobState.SENT)
        shown = view(courier, job)
        assert shown.envelopes[0].receipt is not None
        assert shown.attempts == 4
    assert len({asked.body for asked in axis.posted()}) == 1
    assert len(axis.posted()) == 4


@pytest.mark.parametrize("status", [429, 503])
def test_an_axis_that_asks_to_wait_is_left_in_peace_for_so_long(axis: FakeAxis, tmp_path: Path, status: int) -> None:
    times: list[float] = []

    def busy_once(asked: Asked) -> Answer:
        if asked.path != "/v1/envelopes":
            return axis.honest(asked)
        times.append(time.monotonic())
        if len(times) > 1:
            return axis.honest(asked)
        answer = problem("AXIS_BUSY", "transient", status)
        answer.headers["Retry-After"] = "1"
        return answer

    axis.script = busy_once
    with opened(axis, tmp_path) as courier:
        jobs = [courier.submit(Job(SENDER, letter(number=f"{n}/TB-VP"))) for n in range(2)]
        with running(courier):
            until(lambda: len(times) == 1)
            until(lambda: view(courier, jobs[0]).state is JobState.QUEUED)
            waiting = view(courier, jobs[0])
            assert waiting.next_at is not None
            assert 0 < (waiting.next_at - datetime.now(UTC)).total_seconds() <= 1.1
            assert waiting.reason is not None
            assert waiting.reason.code == "AXIS_BUSY"
            until(lambda: len(courier.jobs(state=JobState.SENT)) == 2)
    assert times[1] - times[0] >= 0.95


def test_a_refused_job_does_not_hold_up_the_next_and_can_be_tried_again(axis: FakeAxis, tmp_path: Path) -> None:
    locked = {"on": True}

    def script(asked: Asked) -> Answer:
        if asked.path != "/v1/envelopes" or (b"/1," not in (payload := payload_in(asked)) and b",1/TB" not in payload):
            return axis.honest(asked)
        if not locked["on"]:
            return axis.honest(asked)
        evidence = axis.event(payload, EventName.SUBMISSION_REJECTION).decode()
        return problem("RECIPIENTS_REFUSED", "permanent", 422, evidence=evidence)

    axis.script = script
    with opened(axis, tmp_path) as courier:
        first, second = (courier.submit(Job(SENDER, letter(number=f"{n}/TB-VP"))) for n in (1, 2))
        with running(courier):
            until(lambda: view(courier, second).state is JobState.SENT)
            refused = view(courier, first)
            assert refused.state is JobState.REFUSED
            assert refused.reason is not None
            assert refused.reason.code == "RECIPIENTS_REFUSED"
            assert courier.health().refused == 1
            envelope = refused.envelope_id
            locked["on"] = False
            courier.retry(first)
            until(lambda: view(courier, first).state is JobState.SENT)
            assert view(courier, first).envelope_id == envelope
        assert courier.health().refused == 0
        types = [event.type for event in courier.events(0, 100)]
        assert types.count("job.refused") == 1
        assert types.count("job.retried") == 1


def test_an_unsigned_refusal_of_a_proxy_holds_the_recipient_and_nothing_is_given_up(
    axis: FakeAxis, tmp_path: Path
) -> None:
    answers = iter([Answer(403, b"<html>", "text/html"), Answer(404, b"<html>", "text/html")])
    axis.script = lambda asked: (next(answers, None) if asked.path == "/v1/envelopes" else None) or axis.honest(asked)
    with opened(axis, tmp_path) as courier:
        jobs = [courier.submit(Job(SENDER, letter(number=f"{n}/TB-VP"))) for n in (1, 2)]
        with running(courier):
            until(lambda: len(courier.jobs(state=JobState.SENT)) == 2)
    assert [e.document_id.split(",")[-1] for e in posted(axis)] == ["1/TB-VP"] * 3 + ["2/TB-VP"]
    assert jobs[0] < jobs[1]


def test_a_receipt_that_the_axis_did_not_sign_is_not_believed(axis: FakeAxis, tmp_path: Path) -> None:
    forged = {"on": True}

    def script(asked: Asked) -> Answer:
        if asked.path == "/v1/envelopes" and forged["on"]:
            return Answer(201, axis.event(payload_in(asked), signer=axis.systems[RECIPIENT]), "application/jose")
        return axis.honest(asked)

    axis.script = script
    with opened(axis, tmp_path) as courier:
        job = courier.submit(Job(SENDER, letter()))
        with running(courier):
            until(lambda: (reason := view(courier, job).reason) and reason.code == "AXIS_ANSWER_NOT_VALID")
            assert view(courier, job).state is not JobState.SENT
            forged["on"] = False
            until(lambda: view(courier, job).state is JobState.SENT)


def test_only_what_has_not_left_can_be_cancelled(axis: FakeAxis, tmp_path: Path) -> None:
    with opened(axis, tmp_path) as courier:
        first, second = (courier.submit(Job(SENDER, letter(number=f"{n}/TB-VP"))) for n in (1, 2))
        courier.cancel(first)
        with running(courier):
            until(lambda: view(courier, second).state is JobState.SENT)
        assert view(courier, first).state is JobState.CANCELLED
        for job in (first, second):
            with pytest.raises(Refused) as refused:
                courier.cancel(job)
            assert refused.value.code.name == "JOB_HAS_LEFT"
            with pytest.raises(Refused) as refused:
                courier.retry(job)
            assert refused.value.code.name == "JOB_NOT_REPEATABLE"
    assert len(axis.posted()) == 1


def test_with_the_axis_away_for_days_jobs_wait_with_reason_and_time_and_survive_starts(
    axis: FakeAxis, tmp_path: Path
) -> None:
    axis.script = lambda _: Answer(cut=0)
    jobs = []
    for _ in range(3):
        with opened(axis, tmp_path) as courier:
            jobs.append(courier.submit(Job(SENDER, letter(number=f"{len(jobs) + 1}/TB-VP"))))
            with running(courier):
                until(lambda: courier.health().axes[0].away_since is not None)
                until(lambda: view(courier, jobs[0]).reason is not None)
                waiting = view(courier, jobs[0])
                assert waiting.state is JobState.QUEUED
                assert waiting.next_at is not None
    axis.script = axis.honest
    with opened(axis, tmp_path) as courier, running(courier):
        assert courier.health().oldest_waiting is not None
        until(lambda: len(courier.jobs(state=JobState.SENT)) == 3)
    assert [e.document_id.split(",")[-1] for e in posted(axis)] == ["1/TB-VP", "2/TB-VP", "3/TB-VP"]


# --- hooks ------------------------------------------------------------------------------------------------------------


def test_a_hook_may_change_the_files_hold_the_job_or_refuse_it(axis: FakeAxis, tmp_path: Path) -> None:
    asked: list[str] = []

    def hook(departure: Any, files: Any, directory: Any) -> Any:
        asked.append(departure.number)
        assert directory.find(RECIPIENT, datetime.now(UTC).date()) is not None
        if departure.number == "1/TB-VP":
            raise Refused(INPUT_NOT_USABLE, field="file", why="có mã độc")
        if departure.number == "2/TB-VP" and asked.count("2/TB-VP") == 1:
            raise Refused(DOWNLOAD_DAMAGED, name="a.pdf")
        sealed = [Attachment(f"{file.name}.p7m", b"ma hoa", "", "application/pkcs7-mime") for file in files]
        return nullcontext((sealed, {"scan.json": b"{}"}))

    with opened(axis, tmp_path, before_send=hook) as courier:
        jobs = [courier.submit(Job(SENDER, letter(number=f"{n}/TB-VP"), [pdf()])) for n in (1, 2, 3)]
        with running(courier):
            until(lambda: len(courier.jobs(state=JobState.SENT)) == 2)
        refused = view(courier, jobs[0])
        assert refused.state is JobState.REFUSED
        assert refused.reason is not None
        assert "có mã độc" in refused.reason.vi
    assert asked == ["1/TB-VP", "2/TB-VP", "2/TB-VP", "3/TB-VP"]
    assert [(p.name, p.size) for p in posted(axis)[0].parts[1:]] == [("công văn.pdf.p7m", 6)]


# --- trouble with the disk --------------------------------------------------------------------------------------------


def test_a_full_disk_is_said_in_words_and_nothing_half_stored(
    axis: FakeAxis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(axis, tmp_path) as courier:

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", full)
            with pytest.raises(Refused) as refused:
                courier.submit(Job(SENDER, letter(), [pdf()], key="k"))
            assert refused.value.code.name == "STORAGE_FULL"
        assert courier.jobs() == []
        assert list((tmp_path / "jobs" / "making").iterdir()) == []
        courier.submit(Job(SENDER, letter(), [pdf()], key="k"))
        with running(courier):
            until(lambda: courier.jobs(state=JobState.SENT))


def test_a_damaged_job_is_refused_and_the_others_go_on(axis: FakeAxis, tmp_path: Path) -> None:
    with opened(axis, tmp_path) as courier:
        first, second = (courier.submit(Job(SENDER, letter(number=f"{n}/TB-VP"), [pdf()])) for n in (1, 2))
        (tmp_path / "jobs" / "open" / first / "file-000").unlink()
        with running(courier):
            until(lambda: view(courier, second).state is JobState.SENT)
        assert view(courier, first).state is JobState.REFUSED


# --- looking ----------------------------------------------------------------------------------------------------------


def test_jobs_are_listed_in_pages_in_either_direction_without_gap(axis: FakeAxis, tmp_path: Path) -> None:
    with opened(axis, tmp_path) as courier:
        jobs = [courier.submit(Job(SENDER, letter(number=f"{n}/TB-VP"))) for n in range(7)]
        courier.cancel(jobs[3])
        for newest_first in (False, True):
            seen: list[str] = []
            while page := courier.jobs(after=seen[-1] if seen else None, limit=3, newest_first=newest_first):
                seen += [found.id for found in page]
            assert seen == (jobs[::-1] if newest_first else jobs)
        assert [found.id for found in courier.jobs(state=JobState.CANCELLED)] == [jobs[3]]
        assert len(courier.jobs(state=JobState.QUEUED)) == 6
        assert courier.job("../../etc") is None
        assert json.dumps(view(courier, jobs[0]).subject)
