"""Deliveries: lock them, read them, write back what changed, and let those go on that waited for them.

Rows are always locked in the order of their numbers, so that two batches never wait for each other in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from lienthong.base.ids import AgencyCode, DeliveryId, EnvelopeId, Sha256, SystemId
from lienthong.exchange.model.delivery import Delivery, State
from lienthong.exchange.store.connection import Connection
from lienthong.wire.event import EnvelopeRef

COLUMNS = """d.delivery_no, d.envelope_no, e.envelope_id, e.sender, e.digest, d.addressed_to, d.agency, d.state,
    d.urgency, d.created_at, d.available_at, d.expires_at, d.attempts, d.fence, d.lease_until, d.lease_system,
    d.blocked_by, d.last_event, d.last_event_at, d.status_code, d.finished_at, d.reason"""
"""What :func:`read_row` takes, of ``delivery d JOIN envelope e``."""

_FROM = "FROM delivery d JOIN envelope e USING (envelope_no)"


def read_row(row: Sequence[Any]) -> Delivery:
    """A delivery from the columns of :data:`COLUMNS`."""
    ref = EnvelopeRef(EnvelopeId(row[2]), AgencyCode(row[3]), Sha256(row[4]))
    return Delivery(
        number=DeliveryId(row[0]),
        envelope_no=row[1],
        envelope=ref,
        addressed_to=AgencyCode(row[5]),
        agency=AgencyCode(row[6]),
        state=State(row[7]),
        urgency=row[8],
        created_at=row[9],
        available_at=row[10],
        expires_at=row[11],
        attempts=row[12],
        fence=row[13],
        lease_until=row[14],
        lease_system=None if row[15] is None else SystemId(row[15]),
        blocked_by=None if row[16] is None else DeliveryId(row[16]),
        last_event=Sha256(row[17]),
        last_event_at=row[18],
        status_code=row[19],
        finished_at=row[20],
        reason=row[21],
    )


def lock(conn: Connection, numbers: Iterable[int]) -> dict[int, Delivery]:
    """The deliveries with these numbers, held until the transaction ends; unknown numbers are left out."""
    rows = conn.execute(
        f"SELECT {COLUMNS} {_FROM} WHERE d.delivery_no = ANY(%s) ORDER BY d.delivery_no FOR UPDATE OF d",
        (sorted(set(numbers)),),
    )
    return {row[0]: read_row(row) for row in rows}


def lock_of_envelopes(conn: Connection, envelopes: Sequence[int], agencies: Sequence[str]) -> list[Delivery]:
    """The deliveries of these envelopes to these agencies, oldest first, held until the transaction ends.

    An agency is meant by the code that receives or by the one that the sender wrote.
    """
    rows = conn.execute(
        f"""SELECT {COLUMNS} {_FROM} WHERE d.envelope_no = ANY(%(envelopes)s)
            AND (d.agency = ANY(%(agencies)s) OR d.addressed_to = ANY(%(agencies)s))
            ORDER BY d.delivery_no FOR UPDATE OF d""",
        {"envelopes": list(envelopes), "agencies": list(agencies)},
    )
    return [read_row(row) for row in rows]


def lock_past_deadline(conn: Connection, now: datetime, at_most: int) -> list[Delivery]:
    """Pending deliveries whose deadline has passed and that nobody else is working on."""
    return _lock_some(
        conn,
        "d.state IN ('waiting', 'available', 'leased', 'quarantined') AND d.expires_at <= %s ORDER BY d.expires_at",
        (now, at_most),
    )


def lock_run_out(conn: Connection, now: datetime, at_most: int) -> list[Delivery]:
    """Leased deliveries whose lease has run out and that nobody else is working on."""
    return _lock_some(conn, "d.state = 'leased' AND d.lease_until <= %s ORDER BY d.lease_until", (now, at_most))


def _lock_some(conn: Connection, condition: str, values: tuple[object, ...]) -> list[Delivery]:
    rows = conn.execute(f"SELECT {COLUMNS} {_FROM} WHERE {condition} LIMIT %s FOR UPDATE OF d SKIP LOCKED", values)
    return [read_row(row) for row in rows]


_SAVE = """
UPDATE delivery d SET state = n.state, available_at = n.available_at, attempts = n.attempts,
    lease_until = n.lease_until, blocked_by = n.blocked_by, last_event = n.last_event, last_event_at = n.last_event_at,
    status_code = n.status_code, finished_at = n.finished_at, reason = n.reason
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::smallint[], %s::timestamptz[], %s::bigint[], %s::bytea[],
        %s::timestamptz[], %s::smallint[], %s::timestamptz[], %s::text[])
    AS n (delivery_no, state, available_at, attempts, lease_until, blocked_by, last_event, last_event_at, status_code,
        finished_at, reason)
WHERE d.delivery_no = n.delivery_no"""


def save(conn: Connection, deliveries: Iterable[Delivery]) -> None:
    """Write back deliveries that were locked before in this transaction, in one statement."""
    rows = [
        (d.number, d.state.value, d.available_at, d.attempts, d.lease_until, d.blocked_by, d.last_event,
         d.last_event_at, d.status_code, d.finished_at, d.reason)
        for d in deliveries
    ]  # fmt: skip
    if rows:
        conn.execute(_SAVE, [list(column) for column in zip(*rows, strict=True)])


def lock_blocked_by(conn: Connection, finished: Sequence[int]) -> list[Delivery]:
    """The deliveries that wait for one of these, held until the transaction ends."""
    if not finished:
        return []
    rows = conn.execute(
        f"SELECT {COLUMNS} {_FROM} WHERE d.blocked_by = ANY(%s) ORDER BY d.delivery_no FOR UPDATE OF d",
        (list(finished),),
    )
    return [read_row(row) for row in rows]


def insert(conn: Connection, deliveries: Iterable[Delivery]) -> None:
    """Write new deliveries, of an envelope that exists already (receivers that an update adds)."""
    with (
        conn.cursor() as cursor,
        cursor.copy(
            "COPY delivery (delivery_no, envelope_no, addressed_to, agency, state, urgency, created_at, available_at,"
            " expires_at, blocked_by, last_event, last_event_at) FROM STDIN"
        ) as copy,
    ):
        for d in deliveries:
            copy.write_row(
                (d.number, d.envelope_no, d.addressed_to, d.agency, d.state.value, d.urgency, d.created_at,
                 d.available_at, d.expires_at, d.blocked_by, d.last_event, d.last_event_at)
            )  # fmt: skip


def evidence_of(conn: Connection, envelope_no: int, delivery: int, name: str) -> bytes | None:
    """The newest event of this name for one delivery, as it was signed."""
    row = conn.execute(
        """SELECT jws FROM event WHERE envelope_no = %s AND delivery_no = %s AND name = %s
           ORDER BY event_no DESC LIMIT 1""",
        (envelope_no, delivery, name),
    ).fetchone()
    return None if row is None else bytes(row[0])


def database_time(conn: Connection) -> datetime:
    """The clock of the database's machine: a second opinion."""
    row = conn.execute("SELECT clock_timestamp()").fetchone()
    if row is None:
        raise LookupError("a query without a row")
    found: datetime = row[0]
    return found
