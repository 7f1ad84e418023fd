"""The job table: every statement of the job engine, named, and the verbs of whoever enqueues or repairs.

All times are the database's, so that nodes with different clocks agree. A lease is fenced by its owner and the count
of attempts: a worker that lost its lease cannot finish the job of its successor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any, LiteralString, TypeAlias

import psycopg
from psycopg.types.json import Jsonb

from lienthong.base.errors import Refused
from lienthong.infra.errors import JOB_UNKNOWN
from lienthong.infra.telemetry import trace_id

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]
AsyncConnection: TypeAlias = psycopg.AsyncConnection[tuple[Any, ...]]
Payload: TypeAlias = Mapping[str, str | int | None]

URGENT, NORMAL, IDLE = 30, 0, -30
"""Usual priorities; one step is worth one minute of waiting."""

INSERT: LiteralString = """
insert into job (name, key, payload, priority, run_at, rank_at, max_attempts, trace_id)
values (%(name)s, %(key)s, %(payload)s, %(priority)s, now() + %(delay)s,
        now() + %(delay)s - %(priority)s * interval '1 minute', %(max_attempts)s, %(trace_id)s)
on conflict (name, key) where key is not null and state = 'ready' do update
set run_at = least(job.run_at, excluded.run_at), rank_at = least(job.rank_at, excluded.rank_at),
    priority = greatest(job.priority, excluded.priority)
returning id"""

CLAIM: LiteralString = """
with picked as (
    select id from job
    where state = 'ready' and rank_at <= now() and run_at <= now() and name = any(%(names)s)
    order by rank_at, id limit %(count)s for update skip locked)
update job set state = 'leased', lease_owner = %(owner)s, lease_until = now() + %(lease)s, attempts = attempts + 1
from picked where job.id = picked.id
returning job.id, job.name, job.key, job.payload, job.attempts, job.max_attempts, job.lease_owner, job.trace_id,
          job.rank_at"""

HEARTBEAT: LiteralString = """
update job set lease_until = now() + %(lease)s
where state = 'leased' and lease_owner = %(owner)s and id = any(%(ids)s)"""

COMPLETE: LiteralString = """
delete from job using unnest(%(ids)s::bigint[], %(attempts)s::int[]) as held (id, attempts)
where job.id = held.id and job.attempts = held.attempts and state = 'leased' and lease_owner = %(owner)s
returning job.id"""

_FENCE = "id = %(id)s and state = 'leased' and lease_owner = %(owner)s and attempts = %(attempts)s"

# A failed job gives way to a waiting one of the same key, which was made later and does the same.
SUPERSEDED: LiteralString = f"""
delete from job where {_FENCE} and key is not null
and exists (select from job as other where other.name = job.name and other.key = job.key and other.state = 'ready')"""

RETRY: LiteralString = f"""
update job set state = 'ready', lease_owner = null, lease_until = null, last_error = %(error)s,
    run_at = now() + %(delay)s, rank_at = now() + %(delay)s - priority * interval '1 minute'
where {_FENCE}"""

BURY: LiteralString = f"""
update job set state = 'dead', lease_owner = null, lease_until = null, last_error = %(error)s where {_FENCE}"""

RELEASE: LiteralString = """
update job set state = 'ready', lease_owner = null, lease_until = null, attempts = attempts - 1
where state = 'leased' and lease_owner = %(owner)s and id = any(%(ids)s)
and not exists (select from job as other
                where other.name = job.name and other.key = job.key and other.state = 'ready')"""

# A worker that died gives its jobs back here; a job that killed its worker every time ends as dead.
EXPIRED: LiteralString = """
with lost as (
    select id from job where state = 'leased' and lease_until < now() order by id limit 1000 for update skip locked),
superseded as (
    delete from job using lost where job.id = lost.id and job.key is not null and exists (
        select from job as other where other.name = job.name and other.key = job.key and other.state = 'ready')
    returning job.id)
update job set state = case when attempts >= max_attempts then 'dead' else 'ready' end,
    lease_owner = null, lease_until = null, last_error = 'LEASE_EXPIRED'
from lost where job.id = lost.id and job.id not in (select id from superseded)
and not exists (select from job as twin, lost as other
                where other.id = twin.id and twin.id < job.id and twin.name = job.name and twin.key = job.key)"""

REQUEUE: LiteralString = """
update job set state = 'ready', attempts = 0, run_at = now(), rank_at = now() - priority * interval '1 minute'
where id = %(id)s and state = 'dead'
and not exists (select from job as other
                where other.name = job.name and other.key = job.key and other.state = 'ready')
returning id"""

DEAD: LiteralString = """
select id, name, key, payload, attempts, last_error, created_at, trace_id from job
where state = 'dead' order by id limit %(count)s"""

COUNTS: LiteralString = "select name, state, count(*) from job group by name, state order by name, state"

PERIOD_BEGIN: LiteralString = """
insert into job_period (name, last_at) values (%(name)s, now())
on conflict (name) do update set last_at = now() where job_period.last_at <= now() - %(every)s
returning name"""


@dataclass(frozen=True, slots=True)
class Job:
    """One leased job. ``attempts`` counts this one; ``payload`` holds identifiers only."""

    id: int
    name: str
    key: str | None
    payload: Mapping[str, Any]
    attempts: int
    max_attempts: int
    owner: str
    trace_id: str | None

    def complete(self, connection: Connection) -> None:
        """End the job inside the caller's transaction, so that its effect and its end are one.

        Raises :class:`LeaseLost` when the lease went to another worker: the transaction must roll back.
        """
        ended = connection.execute(COMPLETE, {"ids": [self.id], "attempts": [self.attempts], "owner": self.owner})
        if ended.rowcount != 1:
            raise LeaseLost(self.id)


class LeaseLost(Exception):
    """Another worker holds the job now; what this one did in the transaction must not count."""


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A parked job (công việc treo): it failed too often, or can never succeed; ``last_error`` says why."""

    id: int
    name: str
    key: str | None
    payload: Mapping[str, Any]
    attempts: int
    last_error: str | None
    created_at: datetime
    trace_id: str | None


def schema_sql() -> str:
    """The statements that make the engine's tables, for a migration to include."""
    return files("lienthong.infra").joinpath("sql/job.sql").read_text("utf-8")


def insert_values(
    name: str,
    payload: Payload,
    key: str | None = None,
    priority: int = NORMAL,
    delay: timedelta = timedelta(0),
    max_attempts: int = 12,
) -> dict[str, object]:
    """The parameters of :data:`INSERT`; the present trace goes with the job."""
    return {
        "name": name,
        "key": key,
        "payload": Jsonb(dict(payload)),
        "priority": priority,
        "delay": delay,
        "max_attempts": max_attempts,
        "trace_id": trace_id(),
    }


def enqueue(connection: Connection, name: str, payload: Payload, **how: Any) -> int:
    """Add a job inside the caller's transaction; ``how`` as for :func:`insert_values`. The job's number.

    With a ``key``, a job of that name and key that still waits is used instead, at the earlier of the two times.
    """
    row = connection.execute(INSERT, insert_values(name, payload, **how)).fetchone()
    return _number(row)


async def enqueue_async(connection: AsyncConnection, name: str, payload: Payload, **how: Any) -> int:
    """The same for the asynchronous message path."""
    row = await (await connection.execute(INSERT, insert_values(name, payload, **how))).fetchone()
    return _number(row)


def requeue(connection: Connection, job: int) -> None:
    """Give a parked job all its attempts again. Refuses: JOB_UNKNOWN."""
    if connection.execute(REQUEUE, {"id": job}).fetchone() is None:
        raise Refused(JOB_UNKNOWN, job=job)


def dead_jobs(connection: Connection, count: int = 100) -> list[DeadJob]:
    """The parked jobs, oldest first."""
    return [DeadJob(*row) for row in connection.execute(DEAD, {"count": count})]


def _number(row: tuple[Any, ...] | None) -> int:
    if row is None:
        raise LookupError("the insertion of a job returned no row")
    return int(row[0])
