"""Named steps at which a test may kill the process, to prove that a crash there loses nothing.

In normal running a step costs one comparison. A process arms at most one step, from the configuration key
``kill_at`` (testing only). The end is SIGKILL: no handler, no ``finally`` and no buffer gets a chance.
"""

from __future__ import annotations

import os
import signal

_armed: list[tuple[str, int]] = []


def reached(name: str) -> None:
    """Say that this step is reached; the armed occurrence of it does not return."""
    if _armed and _armed[0][0] == name:
        _count_down(name)


def arm(name: str, nth: int = 1) -> None:
    """Die at the ``nth`` arrival at the step ``name``."""
    if nth < 1:
        raise ValueError("a step is counted from one")
    _armed[:] = [(name, nth)]


def arm_from(kill_at: str | None) -> None:
    """Arm from the configuration's ``step:nth``; nothing when the key is absent."""
    if kill_at is not None:
        name, _, nth = kill_at.partition(":")
        arm(name, int(nth or 1))


def disarm() -> None:
    """Forget the armed step."""
    _armed.clear()


def _count_down(name: str) -> None:
    left = _armed[0][1] - 1
    _armed[:] = [(name, left)]
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
