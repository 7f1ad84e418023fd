"""Accept envelopes: the same bytes get the same receipt for ever, other bytes under the same name never get in.

Runs on the writer's thread, inside the group's transaction. A receipt is signed here and not before, because what it
says (resent, deadline, time) depends on what is in the database already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from lienthong.base.clock import to_text
from lienthong.base.errors import Refused
from lienthong.base.ids import DeliveryId, Sha256
from lienthong.exchange.errors import AXIS_BUSY, ENVELOPE_ID_REUSED
from lienthong.exchange.model.submission import LIKELY_RESEND, EnvelopeRow, NumberedDelivery, Recipient, Submission
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.effects import Consequences, apply_effects
from lienthong.exchange.service.incoming import Incoming
from lienthong.exchange.service.sameness import Sameness
from lienthong.exchange.service.signing import HighWaterMark, SignedEvent, sign_event
from lienthong.exchange.store import deliveries_insert, envelopes, facts
from lienthong.exchange.store.connection import Connection
from lienthong.exchange.store.events import EventRow, insert_events
from lienthong.infra.blobs import Upload
from lienthong.wire.canonical import Json
from lienthong.wire.event import EventName

CONSIGNED = 64
"""Recipients named in one ContentConsignment event (PR-EVIDENCE §1)."""

MARK_EVERY = timedelta(seconds=1)
_NO_CONSEQUENCES = Consequences(None, {}, frozenset())


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to an accepted envelope. ``created``: accepted just now, not before.

    ``woken``: agencies whose inboxes have something new since this commit.
    """

    jws: bytes
    created: bool
    woken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AcceptUnit:
    """One checked submission with the uploads of its parts; its result is a :class:`Receipt`."""

    submission: Submission
    blobs: Sequence[Upload] = ()


@dataclass(frozen=True, slots=True)
class _Written:
    row: EnvelopeRow
    events: tuple[SignedEvent, ...]


class Acceptance:
    """The batch function of :class:`AcceptUnit`. ``mark`` is shared with whoever else signs events."""

    def __init__(self, ctx: AxisContext, mark: HighWaterMark) -> None:
        self._ctx, self._mark = ctx, mark
        self._mark_written = mark.at

    def __call__(self, conn: Connection, units: Sequence[AcceptUnit]) -> list[Receipt | Refused]:
        """Write a group of submissions; CLOCK_WRONG refuses the whole group."""
        at = self._mark.event_time(self._ctx.clock)
        firsts = _first_of_each_name(units)
        judge = _Judge(conn, [units[place].submission for place in firsts.values()])
        results: dict[int, Receipt | Refused] = {}
        plain: list[tuple[int, Submission]] = []
        for place in firsts.values():
            judged = judge.judge(units[place].submission)
            if not isinstance(judged, Submission):
                results[place] = judged
            elif not judged.has_effects:
                plain.append((place, judged))
        results |= self._write_plain(conn, plain, at)
        # Effects come last, so that a recall finds the document that came in the same group.
        for place in firsts.values():
            if place not in results:
                results[place] = self._with_effects(conn, units[place].submission, at)
        self._write_mark(conn, at)
        return [_of_first(units, place, firsts, results) for place in range(len(units))]

    def _write_plain(
        self, conn: Connection, plain: Sequence[tuple[int, Submission]], at: datetime
    ) -> dict[int, Receipt | Refused]:
        """New documents, all in the same few messages to the database."""
        if not plain:
            return {}
        sizes = [len(submission.recipients) for _, submission in plain]
        # All of them are ready, so the events are known: a receipt each, and a consignment of so many recipients.
        events = sum(1 + ceil(size / CONSIGNED) for size in sizes)
        numbers, deliveries, event_numbers = envelopes.draw_numbers(conn, len(plain), sum(sizes), events)
        written, results, used = [], dict[int, Receipt | Refused](), 0
        for (place, submission), number in zip(plain, numbers, strict=True):
            count = len(submission.recipients)
            made = self._sign(submission, number, deliveries[used : used + count], at, _NO_CONSEQUENCES)
            used += count
            written.append(made)
            results[place] = Receipt(made.row.receipt, created=True, woken=_agencies(submission))
        _write(conn, written, event_numbers)
        return results

    def _with_effects(self, conn: Connection, submission: Submission, at: datetime) -> Receipt | Refused:
        """One envelope that changes earlier ones; its refusal undoes its own changes only."""
        try:
            with conn.transaction():
                [number], deliveries, _ = envelopes.draw_numbers(conn, 1, len(submission.recipients))
                plan = apply_effects(self._ctx, conn, _incoming(submission, number, at, self._ctx.limits.deadline))
                made = self._sign(submission, number, deliveries, at, plan)
                _write(conn, [made])
        except Refused as refusal:
            return refusal
        return Receipt(made.row.receipt, created=True, woken=plan.woken | _agencies(submission))

    def _sign(
        self, submission: Submission, number: int, deliveries: Sequence[int], at: datetime, plan: Consequences
    ) -> _Written:
        """The receipt, the consignments to those who can take it now, and the rows."""
        expires_at = _deadline(submission, at, self._ctx.limits.deadline)
        receipt = self._receipt(submission, at, expires_at)
        pairs = [
            (DeliveryId(delivery), recipient, plan.blocked_by.get(recipient.agency))
            for delivery, recipient in zip(deliveries, submission.recipients, strict=True)
        ]
        ready = [(delivery, recipient) for delivery, recipient, blocked in pairs if blocked is None]
        events, last = [receipt], dict.fromkeys((delivery for delivery, _, _ in pairs), receipt.digest)
        for start in range(0, len(ready), CONSIGNED):
            chunk = ready[start : start + CONSIGNED]
            event = consign(self._ctx, submission, at, receipt, chunk)
            events.append(event)
            last.update((delivery, event.digest) for delivery, _ in chunk)
        rows = tuple(NumberedDelivery(delivery, to, last[delivery], blocked) for delivery, to, blocked in pairs)
        row = EnvelopeRow(number, submission, at, expires_at, receipt.jws, plan.origin_no, rows)
        return _Written(row, tuple(events))

    def _receipt(self, submission: Submission, at: datetime, expires_at: datetime) -> SignedEvent:
        """The SubmissionAcceptance (PR-EVIDENCE §1, A.1)."""
        envelope = submission.envelope
        details: dict[str, Json] = {
            "document_id": envelope.document_id,
            "kind": envelope.kind.value,
            "system": submission.system,
            "recipients": len(submission.recipients),
            "expires_at": to_text(expires_at),
            "size": envelope.size,
            "warnings": [warning.partition(":")[0] for warning in submission.warnings],
        }
        resent = [warning.partition(":")[2] for warning in submission.warnings if warning.startswith(LIKELY_RESEND)]
        if resent:
            details["resend_of"] = resent[0]
        return sign_event(self._ctx, EventName.SUBMISSION_ACCEPTANCE, submission.ref, at, None, details)

    def _write_mark(self, conn: Connection, at: datetime) -> None:
        if at - self._mark_written >= MARK_EVERY:
            facts.put_clock_mark(conn, at)
            self._mark_written = at


def consign(
    ctx: AxisContext,
    submission: Submission,
    at: datetime,
    after: SignedEvent,
    ready: Sequence[tuple[DeliveryId, Recipient]],
) -> SignedEvent:
    """The ContentConsignment (D.1): from now on these recipients can take the document."""
    to: list[Json] = []
    for delivery, recipient in ready:
        entry: dict[str, Json] = {
            "delivery": delivery,
            "addressed_to": recipient.addressed_to,
            "agency": recipient.agency,
        }
        if recipient.note is not None:
            entry["note"] = recipient.note
        to.append(entry)
    details: dict[str, Json] = {"to": to, "directory": submission.directory}
    return sign_event(ctx, EventName.CONTENT_CONSIGNMENT, submission.ref, at, after.digest, details)


class _Judge:
    """Which submissions of a group may be written, by what was accepted before."""

    def __init__(self, conn: Connection, submissions: Sequence[Submission]) -> None:
        self._before = envelopes.find(conn, [(s.envelope.sender, s.envelope.id) for s in submissions])
        self._sameness = Sameness(conn, submissions)

    def judge(self, submission: Submission) -> Submission | Receipt | Refused:
        """The submission, perhaps with a warning; or the first receipt of the same bytes; or a refusal."""
        before = self._before.get((submission.envelope.sender, submission.envelope.id))
        if before is None:
            return self._sameness.judge(submission) if submission.business == 0 else submission
        if before.digest == submission.digest:
            return Receipt(before.receipt, created=False)
        return collision(submission, before.digest)


def _write(conn: Connection, written: Sequence[_Written], event_numbers: Sequence[int] = ()) -> None:
    """Rows, evidence and pending log entries. ``event_numbers``: those drawn already, or none."""
    rows = [one.row for one in written]
    envelopes.insert(conn, rows)
    deliveries_insert.insert(conn, rows)
    insert_events(
        conn,
        [
            EventRow(one.row.number, None, event.name, event.at, event.jws, event.digest)
            for one in written
            for event in one.events
        ],
        event_numbers,
    )


def _agencies(submission: Submission) -> frozenset[str]:
    return frozenset(recipient.agency for recipient in submission.recipients)


def _incoming(submission: Submission, number: int, at: datetime, longest: timedelta) -> Incoming:
    """The envelope as its effects see it."""
    return Incoming(
        number,
        submission.envelope,
        submission.ref,
        submission.packet,
        at,
        _deadline(submission, at, longest),
        submission.recipients,
    )


def _deadline(submission: Submission, at: datetime, longest: timedelta) -> datetime:
    """Until when the document waits: the sender's wish, never longer than the axis allows."""
    wished = submission.envelope.expires_at
    return at + longest if wished is None else min(wished, at + longest)


def _first_of_each_name(units: Sequence[AcceptUnit]) -> dict[envelopes.Key, int]:
    """The first place in the group of each (sender, id)."""
    firsts: dict[envelopes.Key, int] = {}
    for place, unit in enumerate(units):
        firsts.setdefault((unit.submission.envelope.sender, unit.submission.envelope.id), place)
    return firsts


def _of_first(
    units: Sequence[AcceptUnit],
    place: int,
    firsts: Mapping[envelopes.Key, int],
    results: Mapping[int, Receipt | Refused],
) -> Receipt | Refused:
    """The result of a unit; one that repeats a name in the same group follows the first of that name."""
    submission = units[place].submission
    first = firsts[submission.envelope.sender, submission.envelope.id]
    result = results[first]
    if first == place:
        return result
    if units[first].submission.digest == submission.digest:
        return result if isinstance(result, Refused) else Receipt(result.jws, created=False)
    if isinstance(result, Refused):
        # The name is still free, but this group has passed; the sender's next try decides.
        return Refused(AXIS_BUSY, seconds=1)
    return collision(submission, units[first].submission.digest)


def collision(submission: Submission, accepted: Sha256) -> Refused:
    """Other bytes under the name of an accepted envelope."""
    return Refused(ENVELOPE_ID_REUSED, envelope=submission.envelope.id, accepted_digest=accepted.hex())
