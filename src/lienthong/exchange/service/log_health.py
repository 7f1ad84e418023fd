"""How the evidence log stands: what it has, what it owes, and whether it stopped. For health, figures and operators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lienthong.exchange.service.anchoring import TSA_FACT, witness_fact
from lienthong.exchange.service.log_context import LogContext
from lienthong.exchange.service.sequencing import ALARM
from lienthong.exchange.store import checkpoints, leaves, witnesses
from lienthong.exchange.store.connection import Connection
from lienthong.infra.metrics import Registry

LATE = timedelta(minutes=5)
"""Entries, timestamps and cosignatures that wait longer are worth a warning."""


@dataclass(frozen=True, slots=True)
class LogHealth:
    """The state of the evidence log.

    ``size``: leaves in the newest checkpoint. ``pending``: entries that wait for their place. ``unstamped``:
    checkpoints newer than the newest timestamp. The ``…_seconds`` are the ages of the oldest of them.
    ``unwitnessed_seconds``: age of the newest cosigned checkpoint, None when there is none or nobody to cosign.
    ``alarm``: code, when signing stopped. ``waiting_for``: code of the last failure by authority or witness.
    """

    size: int
    pending: int
    pending_seconds: float
    unstamped: int
    unstamped_seconds: float
    unwitnessed_seconds: float | None
    alarm: str | None
    waiting_for: dict[str, str]

    @property
    def is_healthy(self) -> bool:
        """Whether nothing needs an operator."""
        late = LATE.total_seconds()
        waits = (self.pending_seconds, self.unstamped_seconds, self.unwitnessed_seconds or 0)
        return self.alarm is None and max(waits) <= late

    def members(self) -> dict[str, Any]:
        """For the health answer, as JSON."""
        return {
            "size": self.size,
            "pending": self.pending,
            "pending_seconds": round(self.pending_seconds, 1),
            "unstamped": self.unstamped,
            "unstamped_seconds": round(self.unstamped_seconds, 1),
            "unwitnessed_seconds": None if self.unwitnessed_seconds is None else round(self.unwitnessed_seconds, 1),
            "alarm": self.alarm,
            "waiting_for": self.waiting_for,
            "healthy": self.is_healthy,
        }


def log_health(conn: Connection, log: LogContext) -> LogHealth:
    """Ask the database how the log stands."""
    now = log.clock.now()
    newest = checkpoints.newest(conn)
    backlog, debt = leaves.backlog(conn), checkpoints.unstamped(conn)
    alarm = witnesses.read_fact(conn, ALARM)
    others = {TSA_FACT: "tsa"} | {witness_fact(w.key.name): w.key.name for w in log.peers.witnesses}
    facts = {name: witnesses.read_fact(conn, fact) for fact, name in others.items()}
    return LogHealth(
        size=newest.size if newest is not None else 0,
        pending=backlog.count,
        pending_seconds=_age(now, backlog.oldest_at),
        unstamped=debt.count,
        unstamped_seconds=_age(now, debt.oldest_at),
        unwitnessed_seconds=_unwitnessed(conn, log, now, newest.size if newest is not None else 0),
        alarm=None if alarm is None else str(alarm["code"]),
        waiting_for={name: str(fact["code"]) for name, fact in facts.items() if fact is not None},
    )


class LogFigures:
    """The log's part of the page of figures; made once a process."""

    def __init__(self, metrics: Registry) -> None:
        self._size = metrics.gauge("lienthong_log_size", "Leaves of the evidence log")
        self._pending = metrics.gauge("lienthong_log_pending", "Entries that wait for their place in the log")
        self._unstamped = metrics.gauge("lienthong_log_unstamped", "Checkpoints newer than the newest timestamp")
        self._unstamped_seconds = metrics.gauge(
            "lienthong_log_unstamped_seconds", "Age of the oldest checkpoint without a timestamp"
        )
        self._alarm = metrics.gauge("lienthong_log_alarm", "1 when the log stopped because it does not extend itself")

    def record(self, health: LogHealth) -> None:
        """Show one look at the log."""
        self._size.set(health.size)
        self._pending.set(health.pending)
        self._unstamped.set(health.unstamped)
        self._unstamped_seconds.set(health.unstamped_seconds)
        self._alarm.set(0 if health.alarm is None else 1)


def _unwitnessed(conn: Connection, log: LogContext, now: datetime, size: int) -> float | None:
    if not log.peers.witnesses:
        return None
    last = checkpoints.last_cosigned(conn)
    if last is None or last[0] == size:
        return None if last is None else 0.0
    return _age(now, last[1])


def _age(now: datetime, since: datetime | None) -> float:
    return 0.0 if since is None else max((now - since).total_seconds(), 0.0)
