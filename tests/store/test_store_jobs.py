"""The job engine on a real PostgreSQL: nothing is lost, nothing runs under two leases, poison is parked."""

import multiprocessing
import signal
import threading
import time
from datetime import timedelta

import psycopg
import pytest

from lienthong.base.errors import Refused
from lienthong.infra import steps, telemetry
from lienthong.infra.database import connect
from lienthong.infra.errors import BLOB_TOO_LARGE, STORAGE_AWAY
from lienthong.infra.job_table import (
    CLAIM,
    COUNTS,
    URGENT,
    Job,
    LeaseLost,
    dead_jobs,
    enqueue,
    enqueue_async,
    requeue,
)
from lienthong.infra.jobs import Complaint, Pace, Periodic, Worker, backoff, run_if_due


@pytest.fixture
def conn(database):
    with connect(database.dsn, "test") as connection:
        connection.execute("create table effect (job bigint, note text)")
        yield connection


@pytest.fixture
def worker(database):
    def make(*, poll=0.01, lease=60.0, threads=1, periodic=(), **handlers):
        pace = Pace(threads, timedelta(seconds=poll), timedelta(seconds=lease))
        return Worker(lambda: connect(database.dsn, "worker"), handlers, periodic, pace)

    return make


def note(connection, job):
    connection.execute("insert into effect values (%s, %s)", (job.id, job.name))


def effects(conn):
    return [row[0] for row in conn.execute("select job from effect order by ctid")]


def states(conn):
    return {(name, state): count for name, state, count in conn.execute(COUNTS)}


def make_due(conn):
    conn.execute("update job set run_at = now(), rank_at = now() where state = 'ready'")


def test_a_job_exists_only_if_the_transaction_that_made_it_commits(conn, worker):
    with pytest.raises(ZeroDivisionError), conn.transaction():
        enqueue(conn, "note", {"envelope": "a"})
        raise ZeroDivisionError
    assert worker(note=note).run_waiting() == 0
    with conn.transaction():
        job = enqueue(conn, "note", {"envelope": "a"})
        assert worker(note=note).run_waiting() == 0
    assert worker(note=note).run_waiting() == 1
    assert effects(conn) == [job]
    assert states(conn) == {}


def test_many_jobs_run_in_batches_each_once_with_two_workers(conn, worker):
    wanted = [enqueue(conn, "note", {"n": n}) for n in range(105)]
    two = [threading.Thread(target=worker(note=note).run_waiting) for _ in range(2)]
    for each in two:
        each.start()
    for each in two:
        each.join(30)
    assert sorted(effects(conn)) == wanted


def test_a_waiting_job_of_the_same_key_is_used_and_a_running_one_is_not(conn, worker):
    seen = []

    def again(connection, job):
        seen.append(job.id)
        if len(seen) == 1:
            enqueue(conn, "again", {}, key="k")

    first = enqueue(conn, "again", {}, key="k", delay=timedelta(hours=1))
    assert enqueue(conn, "again", {}, key="k") == first
    assert worker(again=again).run_waiting() == 2
    assert seen[0] == first != seen[1]


def test_urgent_jobs_go_first_but_old_normal_ones_are_not_starved(conn, worker):
    normal = enqueue(conn, "note", {})
    urgent = enqueue(conn, "note", {}, priority=URGENT)
    aged = enqueue(conn, "note", {})
    conn.execute("update job set rank_at = rank_at - interval '2 hours' where id = %s", (aged,))
    worker(note=note).run_waiting()
    assert effects(conn) == [aged, urgent, normal]


def test_urgency_does_not_run_a_job_before_its_time(conn, worker):
    enqueue(conn, "note", {}, priority=URGENT, delay=timedelta(minutes=5))
    assert worker(note=note).run_waiting() == 0


def test_a_failing_job_is_retried_later_then_parked_and_can_be_requeued(conn, worker):
    def fail(connection, job):
        raise ValueError("content that must not be stored")

    job = enqueue(conn, "fail", {"envelope": "e"}, max_attempts=3)
    for attempt in range(1, 4):
        assert worker(fail=fail).run_waiting() == 1
        assert states(conn) == {("fail", "dead" if attempt == 3 else "ready"): 1}
        if attempt < 3:
            assert worker(fail=fail).run_waiting() == 0
            make_due(conn)
    (dead,) = dead_jobs(conn)
    assert (dead.id, dead.attempts, dead.last_error) == (job, 3, "ValueError")
    requeue(conn, job)
    assert worker(fail=note).run_waiting() == 1
    with pytest.raises(Refused, match="JOB_UNKNOWN"):
        requeue(conn, job)


@pytest.mark.parametrize(("code", "state"), [(BLOB_TOO_LARGE, "dead"), (STORAGE_AWAY, "ready")])
def test_a_refusal_decides_whether_repeating_can_help(conn, worker, code, state):
    def refuse(connection, job):
        raise Refused(code)

    enqueue(conn, "refuse", {})
    worker(refuse=refuse).run_waiting()
    assert states(conn) == {("refuse", state): 1}
    assert conn.execute("select last_error from job").fetchone() == (code.name,)


def test_one_failing_job_does_not_stop_the_others_of_its_batch(conn, worker):
    def odd(connection, job):
        if job.payload["n"] % 2:
            raise psycopg.errors.UniqueViolation("x")
        note(connection, job)

    for n in range(10):
        enqueue(conn, "odd", {"n": n})
    worker(odd=odd).run_waiting()
    assert len(effects(conn)) == 5
    assert states(conn) == {("odd", "ready"): 5}


def test_a_failed_job_gives_way_to_a_newer_one_of_its_key(conn, worker):
    def fail(connection, job):
        enqueue(conn, "fail", {}, key="k", delay=timedelta(hours=1))
        raise ValueError

    first = enqueue(conn, "fail", {}, key="k")
    worker(fail=fail).run_waiting()
    (left,) = conn.execute("select id from job").fetchall()
    assert left[0] != first


def claim(conn, owner, lease):
    values = {"names": ["note"], "count": 20, "owner": owner, "lease": timedelta(seconds=lease)}
    return [Job(*row[:-1]) for row in conn.execute(CLAIM, values)]


def test_an_effect_and_the_end_of_its_job_can_be_one_transaction(conn, worker):
    def together(connection, job):
        with connection.transaction():
            note(connection, job)
            job.complete(connection)

    enqueue(conn, "together", {})
    worker(together=together).run_waiting()
    assert len(effects(conn)) == 1
    assert states(conn) == {}


def test_who_lost_the_lease_cannot_finish_the_successors_job(conn, worker):
    enqueue(conn, "note", {})
    (stale,) = claim(conn, "slow", -1)
    assert worker(note=lambda c, j: None).run_waiting() == 1  # takes over the expired lease and ends the job
    with pytest.raises(LeaseLost), conn.transaction():
        note(conn, stale)
        stale.complete(conn)
    assert effects(conn) == []


def test_the_same_worker_cannot_finish_an_attempt_that_it_lost(conn):
    enqueue(conn, "note", {})
    (first,) = claim(conn, "me", 60)
    conn.execute("update job set state = 'ready', lease_owner = null, lease_until = null")
    (second,) = claim(conn, "me", 60)
    with pytest.raises(LeaseLost):
        first.complete(conn)
    second.complete(conn)


def test_a_job_that_kills_its_worker_every_time_ends_parked(conn, worker):
    enqueue(conn, "note", {}, max_attempts=2)
    for _ in range(2):
        assert len(claim(conn, "dies", -1)) == 1
        worker().run_waiting()  # returns expired leases; knows no handler, so runs nothing
    assert states(conn) == {("note", "dead"): 1}
    assert dead_jobs(conn)[0].last_error == "LEASE_EXPIRED"


def test_jobs_without_a_handler_here_are_left_for_another_version(conn, worker):
    enqueue(conn, "from_the_future", {})
    assert worker(note=note).run_waiting() == 0
    assert states(conn) == {("from_the_future", "ready"): 1}


def run_in_thread(worker):
    thread = threading.Thread(target=worker.run)
    thread.start()
    return thread


def wait_until(condition, seconds=15.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.01)


def test_a_long_job_keeps_its_lease_by_heartbeat(conn, worker):
    runs = []

    def long(connection, job):
        runs.append(job.id)
        time.sleep(1.2)

    enqueue(conn, "long", {})
    two = [worker(lease=0.4, long=long) for _ in range(2)]
    threads = [run_in_thread(each) for each in two]
    wait_until(lambda: states(conn) == {})
    for each in two:
        each.stop()
    for thread in threads:
        thread.join(10)
    assert len(runs) == 1


def test_stopping_finishes_the_running_job_and_gives_back_the_rest(conn, worker):
    started = threading.Event()

    def slow(connection, job):
        started.set()
        time.sleep(0.3)
        note(connection, job)

    for _ in range(5):
        enqueue(conn, "slow", {})
    one = worker(slow=slow)
    thread = run_in_thread(one)
    assert started.wait(10)
    one.stop()
    thread.join(10)
    assert not thread.is_alive()
    assert len(effects(conn)) == 1
    assert conn.execute("select distinct state, attempts from job").fetchall() == [("ready", 0)]


def test_a_killed_worker_loses_nothing(conn, worker, database):
    wanted = [enqueue(conn, "note", {}) for _ in range(5)]
    child = multiprocessing.get_context("fork").Process(target=die_after_three, args=(database.dsn,))
    child.start()
    child.join(30)
    assert child.exitcode == -signal.SIGKILL
    time.sleep(0.3)
    worker(note=note).run_waiting()
    assert sorted(set(effects(conn))) == wanted
    assert states(conn) == {}


def die_after_three(dsn):
    steps.arm("jobs.ran", 3)
    pace = Pace(1, timedelta(seconds=0.01), timedelta(seconds=0.2))
    Worker(lambda: connect(dsn, "worker"), {"note": note}, (), pace).run_waiting()


def test_a_worker_survives_the_loss_of_its_connections(conn, worker):
    one = worker(note=note)
    thread = run_in_thread(one)
    wait_until(lambda: conn.execute("select count(*) from pg_stat_activity where application_name = 'worker'")
               .fetchone()[0] >= 2)  # fmt: skip
    conn.execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'worker'")
    job = enqueue(conn, "note", {})
    wait_until(lambda: effects(conn) == [job])
    one.stop()
    thread.join(10)


def test_periodic_work_runs_once_in_its_time_in_the_whole_cluster(conn, database):
    runs = []
    work = Periodic("count", timedelta(hours=1), lambda connection: runs.append(1))
    assert run_if_due(conn, work)
    with connect(database.dsn, "other") as other:
        assert not run_if_due(other, work)
        conn.execute("update job_period set last_at = last_at - interval '2 hours'")
        conn.execute("select pg_advisory_lock(hashtext('job_period'), hashtext('count'))")
        assert not run_if_due(other, work)
        conn.execute("select pg_advisory_unlock_all()")
        assert run_if_due(other, work)
    assert len(runs) == 2


def test_failing_periodic_work_comes_round_again(conn, worker):
    runs = []

    def fail(connection):
        runs.append(1)
        raise ValueError

    one = worker(periodic=[Periodic("fail", timedelta(seconds=0.05), fail)])
    thread = run_in_thread(one)
    wait_until(lambda: len(runs) >= 3)
    one.stop()
    thread.join(10)


def test_the_same_failure_of_periodic_work_is_one_line_a_minute(conn, monkeypatch):
    told = []
    monkeypatch.setattr(
        telemetry, "fault", lambda event, failure, **fields: told.append((fields["count"], str(failure)))
    )
    failures = iter([ValueError("a"), ValueError("b"), KeyError("c"), KeyError("d")])

    def fail(connection):
        raise next(failures)

    complaint, work = Complaint("fail"), Periodic("fail", timedelta(0), fail)
    for _ in range(3):
        assert run_if_due(conn, work, complaint)
    assert told == [(1, "a"), (2, "'c'")]
    monkeypatch.setattr("lienthong.infra.jobs.COMPLAIN_EVERY", 0.0)
    assert run_if_due(conn, work, complaint)
    assert told[2:] == [(1, "'d'")]


def test_the_trace_goes_from_the_request_into_the_job(conn, worker):
    seen = []
    with telemetry.tracing() as trace:
        enqueue(conn, "look", {})
    worker(look=lambda c, j: seen.append(telemetry.trace_id())).run_waiting()
    assert seen == [trace]


async def enqueue_once(dsn):
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        return await enqueue_async(connection, "note", {"envelope": "e"}, key="k")


def test_the_asynchronous_path_enqueues_the_same_job(conn, worker, database):
    import asyncio

    job = asyncio.run(enqueue_once(database.dsn))
    assert enqueue(conn, "note", {}, key="k") == job
    assert worker(note=note).run_waiting() == 1


def test_pauses_grow_and_are_bounded_and_spread():
    for attempt, plain in ((1, 2), (2, 4), (5, 32), (12, 1800), (10_000, 1800)):
        pauses = {backoff(attempt).total_seconds() for _ in range(50)}
        assert all(plain * 0.66 <= pause <= plain * 1.34 for pause in pauses)
        assert len(pauses) > 10
