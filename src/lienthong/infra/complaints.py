"""What waits because of a trouble that lasts: said once, then when the trouble changes, else once an hour."""

from __future__ import annotations

import time

from lienthong.base.errors import Refused
from lienthong.infra import telemetry

EVERY = 3600.0
"""Seconds after which a trouble that has not changed is said again, so that a new log tells of it too."""


class Complaints:
    """The troubles of one work that comes round every second or so, by agency. For one thread."""

    def __init__(self, event: str) -> None:
        self._event = event
        self._said: dict[str, tuple[str, float, int]] = {}

    def about(self, agency: str, refused: Refused) -> None:
        """Log it as a warning, unless the same was said of this agency within the hour; ``count``: times since then."""
        now = time.monotonic()
        code, at, kept = self._said.get(agency, ("", 0.0, 0))
        if code == refused.code.name and now - at < EVERY:
            self._said[agency] = (code, at, kept + 1)
            return
        repeated = kept + 1 if code == refused.code.name else 1
        telemetry.warning(self._event, agency=agency, code=refused.code.name, count=repeated)
        self._said[agency] = (refused.code.name, now, 0)

    def over(self, agency: str) -> None:
        """The work went well: the next trouble is a new one."""
        self._said.pop(agency, None)
