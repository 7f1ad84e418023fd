"""Time: always aware, always UTC inside, written as RFC 3339 with milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol

VIETNAM = timezone(timedelta(hours=7), "+07:00")
"""Vietnam's only zone, without daylight saving (Decision 28/2018/QĐ-TTg art. 14.4)."""


class Clock(Protocol):
    """Where the time comes from; passed as an argument, never read inside the pure packages."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class OffsetClock:
    """The machine's clock, wrong by a fixed amount: how an installation behaves then is tested with it."""

    def __init__(self, by: timedelta) -> None:
        self.by = by

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by


class FixedClock:
    """A clock that tests set and move."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        self.at += by


def to_text(instant: datetime) -> str:
    """RFC 3339, UTC, milliseconds, ``Z``: the only written form of an instant on our own wire."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """Read an RFC 3339 instant; a missing zone is a ``ValueError``."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return instant.astimezone(UTC)
