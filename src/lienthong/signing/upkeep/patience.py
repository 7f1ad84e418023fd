"""An authority that is away is asked again with growing pauses, whatever the number of documents that wait for it."""

from __future__ import annotations

import time
from collections.abc import Callable

from cryptography import x509

from lienthong.base.errors import Refused
from lienthong.infra.timestamp_authority import TimestampAuthority
from lienthong.infra.timestamp_errors import TSA_AWAY

FIRST, LONGEST = 30.0, 3600.0
"""Seconds."""


class PatientAuthority:
    """The authority behind it; in a pause it refuses at once with what was refused last."""

    def __init__(self, authority: TimestampAuthority, now: Callable[[], float] = time.monotonic) -> None:
        self._authority, self._now = authority, now
        self._pause, self._until = 0.0, 0.0
        self._last: Refused | None = None

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        return self._authority.chain

    @property
    def waits(self) -> float:
        """How many seconds are left of the pause; 0 outside of one."""
        return max(0.0, self._until - self._now()) if self._last is not None else 0.0

    def stamp(self, digest: bytes) -> bytes:
        """As the authority does."""
        if self._last is not None and self.waits > 0:
            raise self._last
        try:
            token = self._authority.stamp(digest)
        except Refused as refused:
            if refused.code is TSA_AWAY:
                self._pause = min(LONGEST, self._pause * 2 or FIRST)
                self._until, self._last = self._now() + self._pause, refused
            raise
        self._pause, self._last = 0.0, None
        return token
