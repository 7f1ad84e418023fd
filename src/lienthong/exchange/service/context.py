"""What the verbs of the axis work with: one object a process, wired by hand in the roles."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from lienthong.base.clock import Clock
from lienthong.directory.state import DirectoryState
from lienthong.exchange.service.committing import Writer
from lienthong.exchange.service.notifying import Notifier
from lienthong.infra.blobs import BlobStore
from lienthong.infra.database import AsyncPool
from lienthong.infra.metrics import Registry
from lienthong.trust.signer import Signer


class DirectoryHolder(Protocol):
    """Has the newest directory that this process knows; the whole state is swapped when it changes."""

    @property
    def state(self) -> DirectoryState: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How patient and how generous the axis is.

    ``attempts``: failures of a delivery before quarantine. ``deadline``: longest time a document may wait for its
    recipient. ``future``: how far ahead of the axis's clock an envelope may say it was made. ``age``: how old an
    envelope may be when it arrives. ``clock_tolerance``: how far the clock may stand behind the newest event before
    nothing more is signed. ``document``/``packet``: bytes of a document with its attachments, and of one edXML file
    with attachments inside. ``spare_disk``: bytes that stay free. ``queue``: submissions that may wait for the writer.
    """

    attempts: int = 8
    back_off: timedelta = timedelta(seconds=15)
    longest_back_off: timedelta = timedelta(hours=1)
    clock_tolerance: timedelta = timedelta(seconds=60)
    own_documents_for: timedelta = timedelta(days=30)
    deadline: timedelta = timedelta(days=30)
    future: timedelta = timedelta(minutes=10)
    age: timedelta = timedelta(days=7)
    shortest_life: timedelta = timedelta(seconds=60)
    document: int = 2048 * 10**6
    packet: int = 300 * 10**6
    piece: int = 16 * 2**20
    spare_disk: int = 10**9
    queue: int = 2000
    quota_per_second: float = 200.0
    quota_burst: int = 1000


@dataclass(slots=True)
class AxisContext:
    """``name``: origin of the axis, in every event. ``receipt_signer`` signs events, ``note_key`` checkpoints.

    ``pool``: connections of the API. ``writer``: commits in groups; ``notifier``: wakes long polls.
    All three are None in processes that have no API.
    """

    name: str
    clock: Clock
    receipt_signer: Signer
    blobs: BlobStore
    directory: DirectoryHolder
    limits: Limits = field(default_factory=Limits)
    metrics: Registry = field(default_factory=Registry)
    note_key: Signer | None = None
    pool: AsyncPool | None = None
    writer: Writer | None = None
    notifier: Notifier | None = None

    def require_pool(self) -> AsyncPool:
        """The pool, in a process that serves the API."""
        if self.pool is None:
            raise RuntimeError("this process has no connection pool")
        return self.pool

    def require_writer(self) -> Writer:
        """The writer, in a process that serves the API."""
        if self.writer is None:
            raise RuntimeError("this process has no writer")
        return self.writer

    def require_notifier(self) -> Notifier:
        """The notifier of long polls, in a process that serves the API."""
        if self.notifier is None:
            raise RuntimeError("this process has no notifier")
        return self.notifier
