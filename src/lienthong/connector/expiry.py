"""How long the connector's keys and certificates still count: for its status page, its log and ``keys list``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from cryptography import x509

from lienthong.base.text import one_line
from lienthong.directory.model import System

DAY = timedelta(days=1)


class Level(Enum):
    """How urgent the end is: more than 60 days away, at most 60, 30, 7, or over."""

    GOOD = "good"
    NOTICE = "notice"
    WARNING = "warning"
    URGENT = "urgent"
    ENDED = "ended"


_LEVELS = ((0, Level.ENDED), (7, Level.URGENT), (30, Level.WARNING), (60, Level.NOTICE))


@dataclass(frozen=True, slots=True)
class Expiry:
    """The end of one key or certificate. ``days``: whole days left, 0 on the last one, negative afterwards."""

    name: str
    ends_at: datetime
    days: int
    level: Level

    def sentence(self) -> tuple[str, str]:
        """What to tell the registrar, Vietnamese first."""
        if self.level is Level.ENDED:
            return f"{self.name} đã hết hạn; hãy thay khoá ngay.", f"{self.name} has ended; change the key now."
        if self.level is Level.GOOD:
            return f"{self.name} còn {self.days} ngày.", f"{self.name}: {self.days} days left."
        vi = f"{self.name} còn {self.days} ngày; hãy xin gia hạn và chạy “lienthong keys rotate”."
        return vi, f"{self.name}: {self.days} days left; renew it and run “lienthong keys rotate”."


def certificate_expiry(chain: Sequence[x509.Certificate], at: datetime) -> list[Expiry]:
    """Each certificate of the connector's chain, the soonest end first."""
    found = [_expiry(one_line(c.subject.rfc4514_string(), 120), c.not_valid_after_utc, at) for c in chain]
    return sorted(found, key=lambda each: each.ends_at)


def key_expiry(system: System, at: datetime) -> list[Expiry]:
    """The keys of a system for which the directory sets an end, the soonest first; revoked ones are left out."""
    found = [
        _expiry(key.key_id, key.valid_to, at)
        for key in system.keys
        if key.revoked_at is None and key.valid_to is not None
    ]
    return sorted(found, key=lambda each: each.ends_at)


def _expiry(name: str, ends_at: datetime, at: datetime) -> Expiry:
    left = ends_at - at
    days = left // DAY
    level = next((level for limit, level in _LEVELS if left <= limit * DAY), Level.GOOD)
    return Expiry(name, ends_at, days, level)
