"""Identifiers that sort by when they were given out, also within one millisecond and after the clock was set back."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from lienthong.base.ids import uuid7


class Sequence:
    """Gives UUIDs version 7 (RFC 9562), each greater than the one before. One thread at a time."""

    def __init__(self, last: str = "") -> None:
        self._last = uuid.UUID(last).int if last else 0

    def following(self, at: datetime) -> str:
        """The next identifier; its time is ``at``, or a little later than the last one's when that was not earlier."""
        made = uuid7(int(at.timestamp() * 1000)).int
        if made <= self._last:
            made = uuid7((self._last >> 80) + 1).int
        self._last = made
        return str(uuid.UUID(int=made))


def time_of(identifier: str) -> datetime:
    """The time in such an identifier."""
    return datetime.fromtimestamp((uuid.UUID(identifier).int >> 80) / 1000, UTC)


def day_of(identifier: str) -> str:
    """The day in such an identifier, UTC, as the name of a folder: ``20261124``."""
    return f"{time_of(identifier):%Y%m%d}"


def is_identifier(text: str) -> bool:
    """Whether a text is one, in its one spelling; so that no foreign text becomes a path."""
    try:
        return str(uuid.UUID(text)) == text and time_of(text) is not None
    except (ValueError, OverflowError):
        return False


def shelved(root: Path, after: str, newest_first: bool) -> Iterator[str]:
    """Names in the day folders below ``root``, beyond ``after``, in order; days are read only as far as needed.

    What is no identifier is passed over: a crash may have left a file under its passing name.
    """
    days = sorted((path.name for path in root.iterdir()), reverse=newest_first)
    edge = day_of(after) if is_identifier(after) else ""
    for day in days:
        if not edge or (day <= edge if newest_first else day >= edge):
            names = sorted(path.name for path in (root / day).iterdir() if is_identifier(path.name))
            yield from beyond(names, after, newest_first)


def beyond(names: list[str], after: str, newest_first: bool) -> Iterator[str]:
    """Of names in order, those past ``after`` in the direction of reading."""
    for name in reversed(names) if newest_first else names:
        if not after or (name < after if newest_first else name > after):
            yield name
