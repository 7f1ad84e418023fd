"""Join delivery to the writer: who writes which units, and whom to wake after the commit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lienthong.base.errors import Refused
from lienthong.exchange.service.accepting import Receipt
from lienthong.exchange.service.committing import Writer
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.handing_over import Acknowledged, AcknowledgeUnit, acknowledge_batch
from lienthong.exchange.service.notifying import Notifier, Waker
from lienthong.exchange.service.quarantining import QuarantineUnit, RequeueUnit, quarantine_batch, requeue_batch
from lienthong.exchange.store.connection import Connection


class Delivering:
    """The delivery side of one API process."""

    def __init__(self, ctx: AxisContext, notifier: Notifier) -> None:
        self._ctx, self._waker = ctx, Waker(notifier)

    def register(self, writer: Writer) -> None:
        """Let the writer know the units of delivery, and listen to its commits."""
        writer.register(AcknowledgeUnit, self._acknowledge)
        writer.register(RequeueUnit, self._requeue)
        writer.register(QuarantineUnit, self._quarantine)
        writer.listeners.append(self._wake)

    def _wake(self, results: Sequence[Any]) -> None:
        """(Event loop.) A group is committed: its new deliveries, and what became available through it."""
        for result in results:
            if isinstance(result, Receipt):
                self._waker.note(result.woken)
        self._waker.after_commit()

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
