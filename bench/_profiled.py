"""Run the command under a profiler that sees every thread, and keep the statistics when it ends.

``python -m bench._profiled FILE axis run --config …``. The times are inflated by the profiler; shares are what counts.
"""

from __future__ import annotations

import cProfile
import pstats
import signal
import sys
import threading
from typing import Any

from lienthong.roles.cli import main as command

_profiles: list[cProfile.Profile] = []
_run = threading.Thread.run


def _run_profiled(self: threading.Thread) -> None:
    profile = cProfile.Profile()
    _profiles.append(profile)
    profile.runcall(_run, self)


def top(file: str, count: int = 25) -> list[dict[str, Any]]:
    """The functions with the most time of their own."""
    stats = pstats.Stats(file)
    rows = sorted(stats.stats.items(), key=lambda item: -item[1][2])[:count]  # type: ignore[attr-defined]
    return [
        {
            "function": f"{path.rpartition('lienthong/')[2].rpartition('site-packages/')[2]}:{line} {name}",
            "calls": counted[1],
            "own_s": round(counted[2], 3),
            "with_callees_s": round(counted[3], 3),
        }
        for (path, line, name), counted in rows
    ]


def main() -> None:
    file = sys.argv.pop(1)
    # The server raises the signal again when it has stopped; it must not end the process before the statistics.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    threading.Thread.run = _run_profiled  # type: ignore[method-assign]
    profile = cProfile.Profile()
    try:
        profile.runcall(command)
    finally:
        stats = pstats.Stats(profile)
        for other in _profiles:
            other.create_stats()
            if other.getstats():
                stats.add(other)
        stats.dump_stats(file)


if __name__ == "__main__":
    main()
