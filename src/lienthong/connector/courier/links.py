"""The axes (trục liên thông) of a connector: for each its address book, its clients, and how it answers now."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from lienthong.base.clock import Clock
from lienthong.base.errors import Refused
from lienthong.connector.book import AddressBook
from lienthong.connector.client import Client
from lienthong.connector.courier.model import AxisHealth, Reason
from lienthong.connector.errors import AXIS_UNREACHABLE, AxisRefused
from lienthong.connector.guarding import Guard
from lienthong.connector.http import AxisConnection
from lienthong.connector.names import safe_name
from lienthong.connector.receiving import Inbox
from lienthong.connector.spool import Spool
from lienthong.connector.uploads import PIECE
from lienthong.directory.state import DirectoryState
from lienthong.trust.keys import PublicKey
from lienthong.trust.signer import Signer

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
"""Seconds between attempts: the first, and the longest that doubling leads to."""

RECEIVING_PAUSES = (0.3, 1.0)


@dataclass(frozen=True, slots=True)
class AxisSettings:
    """One axis as configured. ``key``: its pinned public key; receipts under any other are refused. ``piece``: bytes of
    one piece of an upload."""

    name: str
    url: str
    key: PublicKey
    timeout: float = 60.0
    piece: int = PIECE


def pause_after(failures: int) -> float:
    """Seconds until the next attempt after so many failures: doubling, bounded, with jitter so that agencies that
    failed together do not come back together."""
    return min(FIRST_PAUSE * 2.0 ** min(failures - 1, 20), LONGEST_PAUSE) * (0.5 + random.random())


class AxisLink:
    """One axis and how it answers. Safe for several threads.

    Sending and receiving have connections of their own, so that a long poll never stands before a document.
    ``guard``: scans and opens what arrives. ``told``: called with True when the axis is back and False when it goes
    away.
    """

    def __init__(
        self,
        settings: AxisSettings,
        signer: Signer,
        root: Path,
        spool: Spool,
        inbox: Inbox,
        clock: Clock,
        guard: Guard | None = None,
    ) -> None:
        self.name, self.url = settings.name, settings.url
        self.signer = signer
        self._settings, self._clock = settings, clock
        self._spool, self._inbox = spool, inbox
        self.guard = guard or Guard.of(root)
        self.sending = AxisConnection(settings.url, signer, timeout=settings.timeout, pauses=(), clock=clock)
        self.receiving = AxisConnection(
            settings.url, signer, timeout=settings.timeout + 30, pauses=RECEIVING_PAUSES, clock=clock
        )
        self._store = root / "axes" / safe_name(settings.name)
        self.book = AddressBook(self.sending, settings.key, self._store / "directory")
        self.told: Callable[[AxisLink, bool], None] = lambda _, __: None
        self._clients: dict[tuple[str, bool], Client] = {}
        self._lock = threading.Lock()
        self._reachable_since: datetime | None = None
        self._away_since: datetime | None = None
        self._away_clock = 0.0
        self._retry_at = 0.0
        self._busy_until: datetime | None = None
        self._busy_clock = 0.0
        self._failures = self._refusals = 0
        self._reason: Reason | None = None

    def close(self) -> None:
        self.sending.close()
        self.receiving.close()

    def client(self, agency: str, *, receiving: bool = False) -> Client:
        """The client of one agency at this axis."""
        with self._lock:
            found = self._clients.get((agency, receiving))
            if found is None:
                connection = self.receiving if receiving else self.sending
                found = self._clients[agency, receiving] = Client(
                    connection, agency, self._settings.key, self._store,
                    clock=self._clock, book=self.book, spool=self._spool, inbox=self._inbox, guard=self.guard,
                    piece=self._settings.piece,
                )  # fmt: skip
            return found

    # --- its directory -------------------------------------------------------------------------------------------

    def directory(self) -> DirectoryState | None:
        """The signed directory that is here, asked for once when there is none yet."""
        held = self.book.held
        if held is None and self.usable():
            self.refresh()
            held = self.book.held
        return held

    def refresh(self) -> None:
        """Bring the directory up to date; an axis that is away leaves it as it is."""
        try:
            self.book.refresh()
        except (Refused, AxisRefused) as refused:
            self.failed(refused)

    def knows(self, codes: Iterable[str], day: date) -> set[str]:
        """Which of these codes this axis's directory leads to an agency."""
        state = self.book.held
        return {code for code in codes if state is not None and _leads(state, code, day)}

    # --- how it answers ------------------------------------------------------------------------------------------

    def usable(self) -> bool:
        """Whether it may be asked to take something now: neither away nor asking us to wait."""
        return time.monotonic() >= self.retry_at

    @property
    def retry_at(self) -> float:
        """Monotonic time from which it may be asked."""
        return max(self._retry_at, self._busy_clock)

    def away_for(self) -> float:
        """Seconds since it stopped answering; 0 while it answers."""
        with self._lock:
            return time.monotonic() - self._away_clock if self._away_since is not None else 0.0

    def answered(self) -> None:
        """It answered; a wait that it asked for still holds."""
        with self._lock:
            back = self._away_since is not None
            self._failures, self._retry_at, self._away_since = 0, 0.0, None
            if time.monotonic() >= self._busy_clock:
                self._refusals, self._busy_until, self._reason = 0, None, None
            self._reachable_since = self._reachable_since or self._clock.now()
        if back:
            self.told(self, True)

    def failed(self, refused: Refused | AxisRefused) -> None:
        """It could not be reached, or could not serve us: leave it in peace for a while.

        Attempts that were under way at the same time fail together and count once.
        """
        if isinstance(refused, Refused) and refused.code is AXIS_UNREACHABLE:
            with self._lock:
                first = self._away_since is None
                if first:
                    self._away_since, self._away_clock = self._clock.now(), time.monotonic()
                    self._reachable_since = None
                if time.monotonic() >= self._retry_at:
                    self._failures += 1
                    self._retry_at = time.monotonic() + pause_after(self._failures)
                self._reason = Reason.of(refused)
            if first:
                self.told(self, False)
            return
        asked = refused.retry_after if isinstance(refused, AxisRefused) else None
        with self._lock:
            self._reason = Reason.of(refused)
            if asked is None and time.monotonic() < self._busy_clock:
                return
            self._refusals += 1
            pause = pause_after(self._refusals) if asked is None else asked
            self._busy_clock = max(self._busy_clock, time.monotonic() + pause)
            self._busy_until = self._clock.now() + timedelta(seconds=pause)

    def probe(self) -> None:
        """Let the next attempt go at once."""
        self._retry_at = self._busy_clock = 0.0

    def health(self) -> AxisHealth:
        """How it stands."""
        state = self.book.held
        held = state.key(self.signer.key_id, datetime.now(UTC)) if state is not None else None
        with self._lock:
            return AxisHealth(
                self.name, self.url, self._reachable_since, self._away_since, self._busy_until, self._reason,
                state.version if state is not None else None, held.valid_to if held is not None else None,
            )  # fmt: skip


def concerns_axis(refused: Refused | AxisRefused) -> bool:
    """Whether a failure is about the axis or our standing there, rather than about one job."""
    if isinstance(refused, Refused):
        return refused.code is AXIS_UNREACHABLE
    return refused.http_status in {401, 407, 429, 502, 503, 504} and refused.evidence is None


def _leads(state: DirectoryState, code: str, day: date) -> bool:
    try:
        return state.resolve(code, day).agency is not None
    except Refused:
        return True
