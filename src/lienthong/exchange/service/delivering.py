"""Join delivery to the writer: who writes which units, what accepting does to earlier envelopes, whom to wake."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lienthong.base.errors import Refused
from lienthong.exchange.service.accepting import AcceptUnit, Incoming, Plan, Receipt
from lienthong.exchange.service.committing import Writer
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.effects import apply_effects
from lienthong.exchange.service.handing_over import Acknowledged, AcknowledgeUnit, acknowledge_batch
from lienthong.exchange.service.incoming import Incoming as Arrived
from lienthong.exchange.service.notifying import Notifier, Waker
from lienthong.exchange.service.quarantining import QuarantineUnit, RequeueUnit, quarantine_batch, requeue_batch
from lienthong.exchange.store.connection import Connection

AcceptBatch = Callable[[Connection, Sequence[AcceptUnit]], list[Receipt | Refused]]


class Delivering:
    """The delivery side of one API process."""

    def __init__(self, ctx: AxisContext, notifier: Notifier) -> None:
        self._ctx, self._waker = ctx, Waker(notifier)

    def effects(self, conn: Connection, ctx: AxisContext, incoming: Incoming) -> Plan:
        """What the accept path asks for every envelope that refers to an earlier one."""
        submission = incoming.submission
        longest = incoming.at + ctx.limits.deadline
        arrived = Arrived(
            incoming.number, submission.envelope, submission.ref, submission.packet, incoming.at,
            min(submission.envelope.expires_at or longest, longest), submission.recipients,
        )  # fmt: skip
        consequences = apply_effects(ctx, conn, arrived)
        self._waker.note(consequences.woken)
        return Plan(consequences.origin_no, consequences.blocked_by)

    def waking(self, accept: AcceptBatch) -> AcceptBatch:
        """The same batch function, after whose commit the recipients' long polls are woken."""

        def accept_and_wake(conn: Connection, units: Sequence[AcceptUnit]) -> list[Receipt | Refused]:
            results = accept(conn, units)
            for unit, result in zip(units, results, strict=True):
                if isinstance(result, Receipt) and result.created:
                    self._waker.note(recipient.agency for recipient in unit.submission.recipients)
            return results

        return accept_and_wake

    def register(self, writer: Writer) -> None:
        """Let the writer know the units of delivery; to be called after the accept batch was registered."""
        writer.register(AcknowledgeUnit, self._acknowledge)
        writer.register(RequeueUnit, self._requeue)
        writer.register(QuarantineUnit, self._quarantine)
        writer.listeners.append(self._waker.after_commit)

    def _acknowledge(self, conn: Connection, units: Sequence[AcknowledgeUnit]) -> list[Acknowledged | Refused]:
        results, woken = acknowledge_batch(self._ctx, conn, units)
        self._waker.note(woken)
        return results

    def _requeue(self, conn: Connection, units: Sequence[RequeueUnit]) -> list[bytes | Refused]:
        results, woken = requeue_batch(self._ctx, conn, units)
        self._waker.note(woken)
        return results

    def _quarantine(self, conn: Connection, units: Sequence[QuarantineUnit]) -> list[bytes | None]:
        results, woken = quarantine_batch(self._ctx, conn, units)
        self._waker.note(woken)
        return results
