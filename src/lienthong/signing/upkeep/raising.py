"""Completing the level of a signed PDF later, and renewing its archive timestamp: a file in, a longer file out.

Source: ETSI EN 319 142-1 clauses 5.4 and 6.3, annex A (life cycle): validation data, then a document timestamp over it;
again with data for the last timestamp before that one weakens. Everything is appended; what was signed stays as it is,
and that is checked before the result counts.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from lienthong.base.errors import Refused
from lienthong.signing.documents import Level
from lienthong.signing.evidence import Evidence
from lienthong.signing.gathering import Need, gather
from lienthong.signing.upkeep.errors import (
    DOCUMENT_NOT_SIGNED,
    DOCUMENT_SIGNATURE_BROKEN,
    RENEWAL_GAINS_NOTHING,
    RENEWAL_TOO_LATE,
)
from lienthong.signing.upkeep.margins import Margins
from lienthong.signing.upkeep.standing import ORDER, Limit, Standing, proof_of, standing_of
from lienthong.trust.pdf.levels import add_archive_timestamp, add_validation_data
from lienthong.trust.pdf.signing import require_unharmed
from lienthong.trust.pdf.state import PdfState, read_state


@dataclass(slots=True)
class Raised:
    """``before``, ``after``: how the document stood and stands. ``changed``: whether ``target`` was written at all.

    ``missing``: a refusal for each thing that was not to be had.
    """

    before: Standing
    after: Standing
    changed: bool = False
    missing: list[Refused] = field(default_factory=list)


def state_of(source: BinaryIO, margins: Margins, now: datetime) -> Standing:
    """How a signed PDF stands. Refuses: as opening does, DOCUMENT_NOT_SIGNED, DOCUMENT_SIGNATURE_BROKEN."""
    return _judged(read_state(source), margins, now)


def _judged(state: PdfState, margins: Margins, now: datetime) -> Standing:
    found = standing_of(state, margins, now)
    if not found.levels:
        raise Refused(DOCUMENT_NOT_SIGNED)
    for name in found.broken:
        raise Refused(DOCUMENT_SIGNATURE_BROKEN, field=name)
    return found


class Raising:
    """One document on its way up. ``folder``: where the steps in between lie, with room for the file."""

    def __init__(self, evidence: Evidence, margins: Margins, now: datetime, folder: Path | None = None) -> None:
        self._evidence, self._margins, self._now, self._folder = evidence, margins, now, folder

    def raise_level(self, source: BinaryIO, target: BinaryIO, wanted: Level) -> Raised:
        """Up to ``wanted`` as far as evidence is to be had; what is missing is told. ``target``: empty, readable.

        A level that needs what is missing is not begun: a second attempt appends nothing twice.
        Refuses: as :func:`state_of`, EARLIER_SIGNATURE_HARMED, RENEWAL_TOO_LATE when what proves the time has ended.
        """
        with self._steps(source) as steps:
            done = Raised(steps.standing, steps.standing)
            self._require_alive(steps.standing)
            if steps.standing.is_below(Level.T) and _reaches(wanted, Level.T):
                self._stamp(steps, done)
            if not steps.standing.is_below(Level.T) and _reaches(wanted, Level.LT):
                self._add_data(steps, done, renewing=False)
            if not steps.standing.is_below(Level.LT) and wanted is Level.LTA and steps.standing.is_below(Level.LTA):
                self._stamp(steps, done)
            return steps.finish(target, done)

    def renew(self, source: BinaryIO, target: BinaryIO) -> Raised:
        """New validation data for the last timestamp, and a new one over everything.

        Without that data nothing is done until the end is near: then a timestamp is better than none.
        Refuses: as :meth:`raise_level`, RENEWAL_GAINS_NOTHING; ``target`` is empty when nothing was changed.
        """
        with self._steps(source) as steps:
            done = Raised(steps.standing, steps.standing)
            old = self._require_alive(steps.standing)
            near = self._now >= old.until - self._margins.at(self._now).urgent
            self._add_data(steps, done, renewing=True)
            # Data alone renews nothing: added at every attempt while the authority is away, it would only pile up.
            if (done.missing and not near) or not self._stamp(steps, done):
                return done
            new = steps.standing.limit
            if new is not None and new.until <= old.until:
                raise Refused(RENEWAL_GAINS_NOTHING, until=f"{new.until:%d/%m/%Y}")
            return steps.finish(target, done)

    def _require_alive(self, standing: Standing) -> Limit:
        limit = standing.limit
        if limit is None:
            raise Refused(DOCUMENT_NOT_SIGNED)
        if limit.until <= self._now:
            raise Refused(RENEWAL_TOO_LATE, until=f"{limit.until:%d/%m/%Y}")
        return limit

    @contextmanager
    def _steps(self, source: BinaryIO) -> Iterator[_Steps]:
        steps = _Steps(source, self._folder, self._read)
        try:
            yield steps
        finally:
            steps.close()

    def _read(self, stream: BinaryIO) -> tuple[PdfState, Standing]:
        state = read_state(stream)
        return state, _judged(state, self._margins, self._now)

    def _stamp(self, steps: _Steps, done: Raised) -> bool:
        """Whether there is a timestamp more."""
        try:
            steps.add(lambda source, target: add_archive_timestamp(source, target, self._evidence.stamp))
        except Refused as refused:
            done.missing.append(refused)
            return False
        return True

    def _add_data(self, steps: _Steps, done: Raised, *, renewing: bool) -> None:
        state = steps.state
        found = gather(
            list(self._needs(state, renewing)), state.data.certificates, state.data.revocation, self._evidence
        )
        done.missing += found.missing
        if found.crls or found.answers or set(found.certificates) - set(state.data.certificates):
            steps.add(
                lambda source, target: add_validation_data(
                    source, target, found.certificates, found.crls, found.answers
                )
            )

    def _needs(self, state: PdfState, renewing: bool) -> Iterator[Need]:
        """Signers and authorities, each for the time at which it counts.

        When renewing, the authority of the last timestamp is asked about for this moment, the last at which it can be.
        """
        newest = state.newest_stamp
        for each in state.signatures:
            proof = proof_of(each, state) if not each.is_timestamp else each
            at = proof.stamp.time if proof is not None and proof.stamp is not None else self._now
            if not each.is_timestamp and each.made is not None:
                yield Need(each.made.path[0], at)
            if each.stamp is not None:
                last = renewing and (newest is None or each is newest)
                yield Need(each.stamp.made.path[0], self._now if last else each.stamp.time)


class _Steps:
    """Files of the way; each step reads the last one."""

    def __init__(
        self, source: BinaryIO, folder: Path | None, read: Callable[[BinaryIO], tuple[PdfState, Standing]]
    ) -> None:
        self._source, self._folder, self._read = source, folder, read
        self._current = source
        self.state, self.standing = read(source)
        self._earlier = [each.name for each in self.state.signatures]

    def add(self, step: Callable[[BinaryIO, BinaryIO], object]) -> None:
        """One step; when it refuses, everything is as before it."""
        with ExitStack() as undo:
            following: BinaryIO = undo.enter_context(tempfile.TemporaryFile(dir=self._folder))
            self._current.seek(0)
            step(self._current, following)
            state, standing = self._read(following)
            undo.pop_all()
        self._drop()
        self._current, self.state, self.standing = following, state, standing

    def finish(self, target: BinaryIO, done: Raised) -> Raised:
        """Copy the result, unless there is nothing new. Refuses: EARLIER_SIGNATURE_HARMED."""
        done.after = self.standing
        if self._current is self._source:
            return done
        require_unharmed(self._current, self._earlier)
        self._current.seek(0)
        while piece := self._current.read(1 << 20):
            target.write(piece)
        done.changed = True
        return done

    def close(self) -> None:
        self._drop()

    def _drop(self) -> None:
        if self._current is not self._source:
            self._current.close()


def _reaches(wanted: Level, level: Level) -> bool:
    return ORDER.index(wanted) >= ORDER.index(level)
