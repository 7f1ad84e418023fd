"""An agency's book of certificates (sổ chứng thư số): a folder with a hash-chained list of events and the papers.

``book.jsonl`` is the record (:class:`~lienthong.signing.use_log.UseLog`), one line an event; ``documents/`` holds the
papers by their digest. A paper is on disk before the event that names it. Any number of processes may work on it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cryptography import x509

from lienthong.base.clock import VIETNAM, Clock, from_text, to_text
from lienthong.base.errors import Refused
from lienthong.base.text import fold, nfc, one_line
from lienthong.infra.blob_files import disk, make_directory
from lienthong.infra.keys import replace_durably
from lienthong.signing.holdings.errors import (
    CERTIFICATE_BOOK_EXISTS,
    CERTIFICATE_BOOK_MISSING,
    CERTIFICATE_HELD_ALREADY,
    HOLDING_AMBIGUOUS,
    HOLDING_MINUTES_MISSING,
    HOLDING_UNKNOWN,
)
from lienthong.signing.holdings.events import Event, Step, from_members, to_members
from lienthong.signing.holdings.life import after, begin, require, require_own
from lienthong.signing.holdings.model import OF_AGENCY, OF_PERSON, Cause, Holder, Holding, State
from lienthong.signing.holdings.rules import Rules, rules_at
from lienthong.signing.use_log import UseLog

_BEGUN = "book.begun"
_ENDED = (State.REFUSED, State.REVOKED, State.EXPIRED)


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody says with a step, besides the step itself; see :class:`~.events.Event`."""

    by: str
    note: str = ""
    holder: Holder | None = None
    certificate: x509.Certificate | None = None
    cause: Cause | None = None
    since: datetime | None = None
    device: str = ""
    document: Path | None = None


class CertificateBook:
    """One agency's book, opened from its folder. Refuses CERTIFICATE_BOOK_MISSING."""

    def __init__(self, folder: Path, clock: Clock, rules: Path | None = None) -> None:
        self.folder, self._clock, self._own_rules = folder, clock, rules
        self._log = UseLog(folder / "book.jsonl", clock)
        if not self._log.file.is_file():
            raise Refused(CERTIFICATE_BOOK_MISSING, folder=folder)
        self._known: tuple[tuple[int, int], dict[int, Holding]] = (0, 0), {}
        self.agency = str(next(self._log.read())["agency"])

    @classmethod
    def create(cls, folder: Path, agency: str, clock: Clock, by: str) -> CertificateBook:
        """A new, empty book. Refuses CERTIFICATE_BOOK_EXISTS."""
        if (folder / "book.jsonl").exists():
            raise Refused(CERTIFICATE_BOOK_EXISTS, folder=folder, agency=cls(folder, clock).agency)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        UseLog(folder / "book.jsonl", clock).add(_BEGUN, {"agency": nfc(agency), "by": by})
        return cls(folder, clock)

    @property
    def rules(self) -> Rules:
        """The rules of today in Vietnam."""
        return rules_at(self._clock.now().astimezone(VIETNAM).date(), self._own_rules)

    def all(self) -> dict[int, Holding]:
        """Every holding by its number. Refuses USE_LOG_BROKEN when the book was changed by another hand.

        Read anew only when the file is another: who takes in a thousand certificates looks a thousand times.
        """
        state = self._state()
        if state != self._known[0]:
            found: dict[int, Holding] = {}
            for event in self.events():
                found[event.number] = _next(found.get(event.number), event)
            self._known = state, found
        return dict(self._known[1])

    def events(self, number: int | None = None) -> Iterator[Event]:
        """What happened, oldest first; of one holding or of all."""
        for row in self._log.read():
            if row["event"] != _BEGUN and number in {None, row["number"]}:
                yield from_members(row)

    def find(self, which: str) -> Holding:
        """By number, serial number or name; living ones before ended ones.

        Refuses HOLDING_UNKNOWN, HOLDING_AMBIGUOUS.
        """
        found = [each for each in self.all().values() if _names(each, which)]
        living = [each for each in found if each.state_at(self._clock.now()) not in _ENDED]
        several = living or found
        if not several:
            raise Refused(HOLDING_UNKNOWN, which=one_line(which, 80))
        if len(several) > 1:
            numbers = ", ".join(str(each.number) for each in several)
            raise Refused(HOLDING_AMBIGUOUS, which=one_line(which, 80), count=len(several), numbers=numbers)
        return several[0]

    def request(self, told: Told) -> Holding:
        """A new holding by asking for its issue; ``told.holder`` is whose it shall be."""
        return self._begin(Step.REQUEST, told)

    def take_in(self, told: Told) -> Holding:
        """A new holding of a certificate that the holder has already. Refuses CERTIFICATE_HELD_ALREADY."""
        if told.holder is not None and told.certificate is not None:
            require_own(told.holder, told.certificate)
        return self._begin(Step.IMPORT, told)

    def step(self, which: str, step: Step, told: Told) -> Holding:
        """One step of a holding. Refuses as :meth:`find` and :func:`~.life.require` do; nothing is written then."""
        with self._alone():
            holding = self.find(which)
            if told.certificate is not None:
                self.require_new(told.certificate)
            event = self._event(step, holding.number, told)
            require(holding, event, self.rules)
            if step is Step.DELIVER and told.document is None:
                raise Refused(HOLDING_MINUTES_MISSING, number=holding.number)
            return after(holding, self._write(event, told))

    def propose(self, cause: Cause, who: str, told: Told) -> list[Holding]:
        """Propose revocation in every holding that a personnel record or a change of agencies concerns.

        ``who``: a person's or agency's name, or what :meth:`find` takes. Refuses HOLDING_UNKNOWN for none.
        """
        with self._alone():
            now = self._clock.now()
            living = [each for each in self.all().values() if each.state_at(now) not in _ENDED]
            found = [each for each in living if _concerned(each, cause, who)]
            if not found:
                raise Refused(HOLDING_UNKNOWN, which=one_line(who, 80))
            made = []
            for each in found:
                if any(known.cause is cause for known in each.proposals):
                    made.append(each)
                    continue
                event = replace(self._event(Step.PROPOSE, each.number, told), cause=cause)
                made.append(after(each, self._write(event, told)))
            return made

    def document(self, digest: str) -> Path:
        """Where a paper lies, by its SHA-256."""
        return self.folder / "documents" / digest

    def _begin(self, step: Step, told: Told) -> Holding:
        with self._alone():
            if told.certificate is not None:
                self.require_new(told.certificate)
            event = self._event(step, max(self.all(), default=0) + 1, told)
            begin(event)
            return begin(self._write(event, told))

    def _event(self, step: Step, number: int, told: Told) -> Event:
        # As precise as the log: what is remembered is what would be read.
        now = from_text(to_text(self._clock.now()))
        return Event(
            step, number, now, nfc(told.by), nfc(told.note), told.holder, told.certificate, told.cause,
            told.since, nfc(told.device),
        )  # fmt: skip

    def _write(self, event: Event, told: Told) -> Event:
        written = event if told.document is None else replace(event, document=self._keep(told.document))
        known = self.all()
        self._log.add(event.step.value, to_members(written), event.at)
        self._known = self._state(), known | {event.number: _next(known.get(event.number), written)}
        return written

    def _state(self) -> tuple[int, int]:
        found = self._log.file.stat()
        return found.st_size, found.st_mtime_ns

    def _keep(self, file: Path) -> tuple[str, str]:
        content = file.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        place = self.document(digest)
        with disk():
            make_directory(place.parent)
        if not place.exists():
            replace_durably(place, content)
        return nfc(file.name), digest

    def require_new(self, certificate: x509.Certificate) -> None:
        """Refuses CERTIFICATE_HELD_ALREADY."""
        for each in self.all().values():
            for held in each.certificates:
                if held.certificate == certificate:
                    raise Refused(CERTIFICATE_HELD_ALREADY, serial=held.serial, number=each.number)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One writer at a time between looking and writing, over processes as well."""
        handle = os.open(self.folder / ".writing", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _next(known: Holding | None, event: Event) -> Holding:
    return begin(event) if known is None else after(known, event)


def _names(holding: Holding, which: str) -> bool:
    wanted = which.strip()
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 10:
        return holding.number == int(wanted)
    serial = wanted.lower().replace(":", "")
    return fold(wanted) == fold(holding.holder.name) or any(each.serial == serial for each in holding.certificates)


def _concerned(holding: Holding, cause: Cause, who: str) -> bool:
    holder = holding.holder
    if cause in OF_AGENCY:
        return fold(who) == fold(holder.agency)
    if cause in OF_PERSON and holder.kind.value != "person":
        return False
    return _names(holding, who)
