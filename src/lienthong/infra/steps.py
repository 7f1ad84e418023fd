"""Named steps at which a test may kill the process, to prove that a crash there loses nothing.

In normal running a step costs one comparison. A process arms at most one step, from the configuration key
``kill_at`` (testing only). The end is SIGKILL: no handler, no ``finally`` and no buffer gets a chance.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

Victim = Callable[[], int | None]
"""Finds the process that is to die; None when there is none (then nobody does)."""

_armed: list[tuple[str, int, Victim]] = []


def reached(name: str) -> None:
    """Say that this step is reached; the armed occurrence of it does not return."""
    if _armed and _armed[0][0] == name:
        _count_down(name)


def arm(name: str, nth: int = 1, victim: Victim = os.getpid) -> None:
    """Die, or let ``victim`` die, at the ``nth`` arrival at the step ``name``."""
    if nth < 1:
        raise ValueError("a step is counted from one")
    _armed[:] = [(name, nth, victim)]


def arm_from(kill_at: str | None, database: Victim = lambda: None) -> None:
    """Arm from the configuration's ``step:nth`` or ``step:nth@database``; nothing when the key is absent.

    ``database``: finds the process of the database server.
    """
    if kill_at is not None:
        step, _, victim = kill_at.partition("@")
        name, _, nth = step.partition(":")
        arm(name, int(nth or 1), database if victim else os.getpid)


def disarm() -> None:
    """Forget the armed step."""
    _armed.clear()


def _count_down(name: str) -> None:
    left, victim = _armed[0][1] - 1, _armed[0][2]
    _armed[:] = [(name, left, victim)]
    if left == 0:
        pid = victim()
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
