"""The named steps at which a process may be killed, read from the source."""

from __future__ import annotations

import re

from axis_process import SOURCE

_REACHED = re.compile(r'reached\("([a-z_.]+)"\)')
ELSEWHERE = {"jobs.ran", "expiry.before_commit", "witness.before_commit", "directory.key_written"}
"""Steps that the story does not pass; each has a test of its own."""
OTHERS = ("courier.", "folder.", "rotation.", "post.", "fetch.", "office.", "page.")
"""Steps of the connector, its folder, its keys, the compatible faces, the office and its pages: killed in files of
their own."""
WORKER = ("sequence.", "jobs.", "stamp.", "expiry.", "sweep.")


def steps_of(role: str) -> list[str]:
    """Every step that the source names for a role, so that a new one is killed as soon as it is written."""
    found = {
        name for path in (SOURCE / "lienthong").rglob("*.py") for name in _REACHED.findall(path.read_text("utf-8"))
    }
    found = {name for name in found if not name.startswith(OTHERS)}
    return sorted(n for n in found - ELSEWHERE if n.startswith(WORKER) == (role == "worker"))
