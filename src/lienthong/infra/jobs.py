"""The worker: claims jobs in batches, runs their handlers, retries with growing pauses, parks what cannot succeed.

A handler is a function of a connection (in autocommit mode) and a job. It must be idempotent: a job runs at least
once. A handler that wants its effect and the end of the job in one transaction calls ``job.complete`` inside it.
Workers need no coordination beside the database; any number may run, and a killed one loses only its lease.
"""

from __future__ import annotations

import os
import random
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import psycopg

from lienthong.base.errors import Refused, Retry
from lienthong.base.text import one_line
from lienthong.infra import telemetry
from lienthong.infra.job_table import (
    BURY,
    CLAIM,
    COMPLETE,
    EXPIRED,
    HEARTBEAT,
    PERIOD_BEGIN,
    RELEASE,
    RETRY,
    SUPERSEDED,
    Connection,
    Job,
    LeaseLost,
)
from lienthong.infra.steps import reached

Handler = Callable[[Connection, Job], None]
Connect = Callable[[], Connection]

BATCH = 20
BACKOFF_FIRST = timedelta(seconds=2)
BACKOFF_LAST = timedelta(minutes=30)
COMPLAIN_EVERY = 60.0
"""Seconds between two log lines about the same failure of a periodic work."""


@dataclass(frozen=True, slots=True)
class Periodic:
    """Work that comes round: begun at most once in ``every`` in the whole cluster, never twice at one time."""

    name: str
    every: timedelta
    run: Callable[[Connection], None]


@dataclass(frozen=True, slots=True)
class Pace:
    """How a worker spends its time. ``poll``: pause when idle. ``lease``: a job is lost after this without a sign."""

    threads: int = 2
    poll: timedelta = timedelta(milliseconds=250)
    lease: timedelta = timedelta(seconds=60)


@dataclass
class Worker:
    """One worker process: ``pace.threads`` loops, one heartbeat, one loop for each periodic work.

    ``connect`` makes a new autocommit connection. States: new -> running -> stopped; used once.
    """

    connect: Connect
    handlers: Mapping[str, Handler]
    periodic: Sequence[Periodic] = ()
    pace: Pace = Pace()
    owner: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}")
    _stop: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)
    _held: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        """Work until :meth:`stop`; then finish what runs, give back what was only claimed, and return."""
        loops = [threading.Thread(target=self._keep, args=(self._work,)) for _ in range(self.pace.threads)]
        loops += [threading.Thread(target=self._keep, args=(self._round(each),)) for each in self.periodic]
        beating = threading.Thread(target=self._keep, args=(self._beat,), daemon=True)
        for thread in (*loops, beating):
            thread.start()
        for thread in loops:
            thread.join()
        self._ended.set()
        beating.join()

    def stop(self) -> None:
        """Ask the worker to end; returns at once."""
        self._stop.set()

    def run_waiting(self) -> int:
        """Run what waits now, in this thread, until nothing is due; how many jobs ran. For tests and commands."""
        with self.connect() as connection:
            connection.execute(EXPIRED)
            total = 0
            while count := self._batch(connection):
                total += count
            return total

    def _keep(self, loop: Callable[[Connection], None]) -> None:
        """Run a loop on its own connection; when the database goes away, wait and connect again."""
        pause = 0.1
        while not self._ended.is_set():
            try:
                with self.connect() as connection:
                    pause = 0.1
                    loop(connection)
                    return
            except (psycopg.OperationalError, Refused) as reason:
                telemetry.fault("worker.database_away", reason, owner=self.owner)
                if self._stop.wait(pause):
                    return
                pause = min(pause * 2, 10)

    def _work(self, connection: Connection) -> None:
        while not self._stop.is_set():
            if self._batch(connection) < BATCH:
                self._stop.wait(self.pace.poll.total_seconds())

    def _batch(self, connection: Connection) -> int:
        """Claim and run one batch; how many jobs were claimed."""
        jobs = self._claim(connection)
        done: list[Job] = []
        with self._lock:
            self._held |= {job.id for job in jobs}
        try:
            for index, job in enumerate(jobs):
                if self._stop.is_set():
                    rest = [each.id for each in jobs[index:]]
                    connection.execute(RELEASE, {"owner": self.owner, "ids": rest})
                    break
                if self._run(connection, job):
                    done.append(job)
                reached("jobs.ran")
            self._complete(connection, done)
        finally:
            with self._lock:
                self._held -= {job.id for job in jobs}
        return len(jobs)

    def _claim(self, connection: Connection) -> list[Job]:
        values = {"names": list(self.handlers), "count": BATCH, "owner": self.owner, "lease": self.pace.lease}
        rows = connection.execute(CLAIM, values).fetchall()
        return [Job(*row[:-1]) for row in sorted(rows, key=lambda row: (row[-1], row[0]))]

    def _run(self, connection: Connection, job: Job) -> bool:
        """Run one job; True when it succeeded and must be completed by the batch."""
        with telemetry.tracing(job.trace_id):
            failure = _guarded(lambda: self.handlers[job.name](connection, job))
            if failure is None:
                return True
            if isinstance(failure, psycopg.OperationalError) and connection.closed:
                raise failure
            self._failed(connection, job, failure)
            return False

    def _complete(self, connection: Connection, done: Sequence[Job]) -> None:
        """End a batch's jobs together; those that ended themselves are gone already."""
        if done:
            ids, attempts = [job.id for job in done], [job.attempts for job in done]
            connection.execute(COMPLETE, {"ids": ids, "attempts": attempts, "owner": self.owner})

    def _failed(self, connection: Connection, job: Job, failure: BaseException) -> None:
        """Retry later, or park: when attempts are used up, or when the refusal says that repeating cannot help."""
        if isinstance(failure, LeaseLost):
            telemetry.warning("job.lease_lost", job=job.id, name=job.name)
            return
        hopeless = isinstance(failure, Refused) and failure.code.retry is Retry.PERMANENT
        fence = {"id": job.id, "owner": self.owner, "attempts": job.attempts, "error": _reason(failure)}
        if hopeless or job.attempts >= job.max_attempts:
            connection.execute(BURY, fence)
            telemetry.fault("job.dead", failure, job=job.id, name=job.name, attempts=job.attempts)
            return
        delay = backoff(job.attempts)
        telemetry.fault("job.retry", failure, job=job.id, name=job.name, retry_s=round(delay.total_seconds(), 1))
        with connection.transaction():
            if connection.execute(SUPERSEDED, fence).rowcount == 0:
                connection.execute(RETRY, {**fence, "delay": delay})

    def _beat(self, connection: Connection) -> None:
        """Keep the leases of what this worker holds, and give back those of workers that died."""
        while not self._ended.wait(self.pace.lease.total_seconds() / 4):
            with self._lock:
                held = list(self._held)
            if held:
                connection.execute(HEARTBEAT, {"owner": self.owner, "ids": held, "lease": self.pace.lease})
            connection.execute(EXPIRED)

    def _round(self, work: Periodic) -> Callable[[Connection], None]:
        """The loop of one periodic work; the advisory lock is held while it runs, wherever that is."""

        complaint = Complaint(work.name)

        def loop(connection: Connection) -> None:
            pause = min(work.every.total_seconds() / 4, 1.0)
            while not self._stop.wait(pause):
                run_if_due(connection, work, complaint)

        return loop


class Complaint:
    """What a periodic work's failures look like in the log: the same one again is a line a minute, with a count."""

    def __init__(self, name: str) -> None:
        self._name, self._reason, self._at, self._kept = name, "", 0.0, 0

    def about(self, failure: Exception) -> None:
        """Log it, unless it was logged within the minute."""
        reason, now = _reason(failure), time.monotonic()
        if reason == self._reason and now - self._at < COMPLAIN_EVERY:
            self._kept += 1
            return
        telemetry.fault("periodic.failed", failure, name=self._name, count=self._kept + 1)
        self._reason, self._at, self._kept = reason, now, 0


def run_if_due(connection: Connection, work: Periodic, complaint: Complaint | None = None) -> bool:
    """Run a periodic work if its time has come and nobody else runs it; whether it ran."""
    got = connection.execute("select pg_try_advisory_lock(hashtext('job_period'), hashtext(%s))", (work.name,))
    if got.fetchone() != (True,):
        return False
    try:
        begun = connection.execute(PERIOD_BEGIN, {"name": work.name, "every": work.every}).fetchone()
        if begun is None:
            return False
        with telemetry.tracing():
            if failure := _guarded(lambda: work.run(connection)):
                (complaint or Complaint(work.name)).about(failure)
        return True
    finally:
        if not connection.closed:
            connection.execute("select pg_advisory_unlock(hashtext('job_period'), hashtext(%s))", (work.name,))


def backoff(attempts: int) -> timedelta:
    """Pause after the n-th failure: doubling from two seconds to half an hour, spread by a third either way."""
    plain = min(BACKOFF_FIRST * 2.0 ** min(attempts - 1, 20), BACKOFF_LAST)
    return timedelta(seconds=plain.total_seconds() * random.uniform(0.67, 1.33))


def _guarded(work: Callable[[], None]) -> Exception | None:
    """Run a handler and catch whatever it raises: the one place of the worker where that is allowed."""
    try:
        work()
    except Exception as failure:  # noqa: BLE001  (a job that fails in any way must not stop the others)
        return failure
    return None


def _reason(failure: BaseException) -> str:
    """What is stored of a failure: the code of a refusal, else the kind of error; never its message."""
    if isinstance(failure, Refused):
        return one_line(failure.code.name, 100)
    return one_line(type(failure).__name__, 100)
