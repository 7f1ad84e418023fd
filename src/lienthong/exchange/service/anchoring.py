"""Tie the newest checkpoint to others: first a timestamp, then the witnesses, then publish it with what they gave.

Both take the same checkpoint, so that one checkpoint soon has everything. Each failure is remembered with a growing
pause and is no failure of the round: what is missing is a debt that :mod:`log_health` shows.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from lienthong.base.clock import from_text, to_text
from lienthong.base.errors import Refused
from lienthong.exchange.service import sequencing, witnessing
from lienthong.exchange.service.log_context import LogContext
from lienthong.exchange.service.stamping import text_digest
from lienthong.exchange.store import checkpoints, leaves, witnesses
from lienthong.exchange.store.checkpoints import CheckpointRow
from lienthong.exchange.store.connection import Connection
from lienthong.exchange.store.witnesses import Fact
from lienthong.infra import telemetry
from lienthong.infra.jobs import Periodic
from lienthong.ledger.notes import parse_note

FIRST_PAUSE, LAST_PAUSE = timedelta(seconds=5), timedelta(minutes=10)
TSA_FACT = "log.tsa"
PRUNE_EVERY = timedelta(minutes=5)


def periodic_jobs(log: LogContext) -> list[Periodic]:
    """What the worker does for the log; each is one runner in the whole cluster."""
    return [
        Periodic("log.sequence", log.every, lambda conn: _sequence(conn, log)),
        Periodic("log.anchor", log.anchor_every, lambda conn: anchor(conn, log)),
        Periodic("log.prune", PRUNE_EVERY, _prune),
    ]


def anchor(conn: Connection, log: LogContext) -> None:
    """One round: timestamp and cosignatures for the newest checkpoint."""
    newest = checkpoints.newest(conn)
    if newest is None or witnesses.read_fact(conn, sequencing.ALARM) is not None:
        return
    stamp(conn, log, newest)
    for witness in log.peers.witnesses:
        cosign = partial(witnessing.submit, conn, log, witness, newest)
        _patiently(conn, log, witness_fact(witness.key.name), cosign)
    if leaves.lock(conn):
        try:
            sequencing.publish(conn, log)
        finally:
            leaves.unlock(conn)


def stamp(conn: Connection, log: LogContext, row: CheckpointRow) -> bool:
    """Take a timestamp over a checkpoint that has none; whether it has one now."""
    if row.token is not None:
        return True

    def take() -> None:
        token = log.authority.stamp(text_digest(parse_note(row.note.encode("utf-8")).text))
        checkpoints.set_token(conn, row.size, token, log.clock.now())

    return _patiently(conn, log, TSA_FACT, take)


def witness_fact(name: str) -> str:
    """Name of the fact that holds our patience with one witness."""
    return f"log.witness:{name}"


def _patiently(conn: Connection, log: LogContext, fact: str, work: Callable[[], None]) -> bool:
    """Do a work that needs somebody else; after a failure pause, doubling from seconds to minutes."""
    state = witnesses.read_fact(conn, fact) or {}
    now = log.clock.now()
    if _is_resting(state, now):
        return False
    try:
        work()
    except Refused as refusal:
        failures = int(state.get("failures", 0)) + 1
        pause = min(FIRST_PAUSE * 2.0 ** min(failures - 1, 20), LAST_PAUSE)
        since = str(state.get("since", to_text(now)))
        value: Fact = {"failures": failures, "next_at": to_text(now + pause), "since": since, "code": refusal.code.name}
        witnesses.write_fact(conn, fact, value, now)
        telemetry.warning("log.anchor_missing", name=fact, code=refusal.code.name, retry_s=pause.total_seconds())
        return False
    if state:
        witnesses.drop_fact(conn, fact)
    return True


def _is_resting(state: dict[str, str], now: datetime) -> bool:
    if "next_at" not in state:
        return False
    left = from_text(state["next_at"]) - now
    # A clock that was set back must not make the pause endless.
    return timedelta(0) < left <= LAST_PAUSE


def _sequence(conn: Connection, log: LogContext) -> None:
    sequencing.sequence_all(conn, log)


def _prune(conn: Connection) -> None:
    checkpoints.prune(conn)
