"""Business statuses that came back for deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lienthong.base.ids import AgencyCode, EnvelopeId, Sha256
from lienthong.exchange.store.connection import Connection
from lienthong.wire.event import EnvelopeRef


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One status for one delivery. ``at``: the time that the status claims; ``outcome``: what it did on arrival."""

    status_envelope_no: int
    delivery_no: int
    code: int
    at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class Reported:
    """A recorded status together with the envelope that brought it."""

    row: StatusRow
    by: EnvelopeRef
    accepted_at: datetime


def insert(conn: Connection, row: StatusRow) -> None:
    conn.execute(
        """INSERT INTO business_status (status_envelope_no, delivery_no, code, at, outcome)
           VALUES (%s, %s, %s, %s, %s)""",
        (row.status_envelope_no, row.delivery_no, row.code, row.at, row.outcome),
    )


def of_delivery(conn: Connection, deliveries: Sequence[int]) -> list[Reported]:
    """Everything reported on these deliveries, in order of arrival."""
    rows = conn.execute(
        """SELECT s.status_envelope_no, s.delivery_no, s.code, s.at, s.outcome, e.envelope_id, e.sender, e.digest,
                  e.accepted_at
           FROM business_status s JOIN envelope e ON e.envelope_no = s.status_envelope_no
           WHERE s.delivery_no = ANY(%s) ORDER BY s.status_envelope_no, s.delivery_no""",
        (list(deliveries),),
    )
    return [
        Reported(StatusRow(*row[:5]), EnvelopeRef(EnvelopeId(row[5]), AgencyCode(row[6]), Sha256(row[7])), row[8])
        for row in rows
    ]
