"""What a job's files pass before they leave: the scanner, and encryption for the recipients of their envelope."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lienthong.base.clock import Clock
from lienthong.connector.compose import Attachment
from lienthong.connector.courier.model import BeforeSend, Departure, Prepared
from lienthong.connector.guarding import Guard
from lienthong.connector.sealing import Encrypt
from lienthong.directory.state import DirectoryState


def guarded(guard: Guard, clock: Clock) -> BeforeSend:
    """The hook of a guard. A finished packet is scanned and stays as it is: its header announces its plain content.

    Refuses as :meth:`Guard.outgoing`.
    """

    @contextmanager
    def before_send(departure: Departure, files: Sequence[Attachment], directory: DirectoryState) -> Iterator[Prepared]:
        wanted: Encrypt | None = "never" if departure.kind == "packet" else None
        with guard.outgoing(
            departure.number, departure.recipients, files, lambda: directory, clock.now(), wanted
        ) as prepared:
            yield prepared

    return before_send
