"""Refuse an authentic envelope for good, with signed evidence (SubmissionRejection, ETSI A.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lienthong.base.errors import Refused, Retry
from lienthong.base.text import one_line
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.signing import HighWaterMark, sign_event
from lienthong.exchange.store import refusals
from lienthong.exchange.store.connection import Connection
from lienthong.exchange.store.events import EventRow, insert_events
from lienthong.infra.blobs import Upload
from lienthong.wire.canonical import Json
from lienthong.wire.event import EnvelopeRef, EventName


@dataclass(frozen=True, slots=True)
class RefusalUnit:
    """The refusal of one envelope whose sender is certain; its result is the evidence."""

    envelope: EnvelopeRef
    refusal: Refused
    blobs: Sequence[Upload] = ()


def is_for_good(refusal: Refused) -> bool:
    """Whether the same bytes can never be accepted: only then the refusal is worth evidence."""
    return refusal.code.retry is Retry.PERMANENT


class Refusing:
    """The batch function of :class:`RefusalUnit`. The same refusal of the same bytes has the same evidence."""

    def __init__(self, ctx: AxisContext, mark: HighWaterMark) -> None:
        self._ctx, self._mark = ctx, mark

    def __call__(self, conn: Connection, units: Sequence[RefusalUnit]) -> list[bytes]:
        return [self._evidence(conn, unit.envelope, unit.refusal) for unit in units]

    def _evidence(self, conn: Connection, envelope: EnvelopeRef, refusal: Refused) -> bytes:
        name = refusal.code.name
        before = refusals.find(conn, envelope, name)
        if before is not None:
            return before
        at = self._mark.event_time(self._ctx.clock)
        reason: dict[str, Json] = {"code": name, "text": one_line(refusal.sentence("vi"), 500)}
        details: dict[str, Json] = {"reason": reason}
        if "accepted_digest" in refusal.params:
            details["accepted_digest"] = refusal.params["accepted_digest"]
        event = sign_event(self._ctx, EventName.SUBMISSION_REJECTION, envelope, at, None, details)
        row = EventRow(None, None, event.name, event.at, event.jws, event.digest)
        [number] = insert_events(conn, [row])
        refusals.insert(conn, number, envelope, name, at)
        return event.jws
