"""Where decoded bytes go: the one contract that readers and unwrappers have with storage.

Source: project decision; a stored attachment is content-addressed (architecture §6).
"""

from __future__ import annotations

from typing import Protocol


class Sink(Protocol):
    """Takes the bytes of one attachment."""

    def write(self, data: bytes, /) -> object:
        """Take the next bytes."""
        ...

    def close(self) -> object:
        """The content is complete; whether the packet is good is not known yet."""
        ...

    def abort(self) -> object:
        """Throw everything away; may come after ``close``, when a later part of the packet is refused."""
        ...
