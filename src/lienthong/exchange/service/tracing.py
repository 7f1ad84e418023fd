"""Tell the story of one envelope to those who may hear it, and list what a sender sent.

The sender and the operator see everything; a recipient sees its own deliveries and what concerns all. The five
acknowledgements are kept apart: accepted, relayed, available, handed over, and the business status.
Source: PR-NATIVE §4 and §8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from lienthong.base.clock import to_text
from lienthong.base.errors import Refused
from lienthong.base.ids import SystemId
from lienthong.directory.state import DirectoryState
from lienthong.exchange.errors import NOT_FOUND
from lienthong.exchange.model.delivery import State
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.naming import RELATIONS, STATES, event_words
from lienthong.exchange.store import trace as store
from lienthong.exchange.store.connection import AsyncConnection
from lienthong.exchange.store.trace import Traced, TracedDelivery, TracedEvent, TracedStatus
from lienthong.trust import jws
from lienthong.vocabulary.status import StatusCode
from lienthong.wire.canonical import Json
from lienthong.wire.event import Event, EventName, decode_event, entry


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks: a system, perhaps the operator's."""

    system: SystemId
    operator: bool

    def acts_for(self, directory: DirectoryState, *codes: str) -> bool:
        return any(directory.may_act(self.system, code) for code in codes)


async def trace(
    ctx: AxisContext,
    conn: AsyncConnection,
    reader: Reader,
    sender: str,
    envelope_id: UUID | None,
    document_id: str | None,
) -> dict[str, Json]:
    """Everything that this reader may know of an envelope. Refuses NOT_FOUND, also when it may know nothing."""
    found = await (
        store.by_id(conn, sender, envelope_id)
        if envelope_id is not None
        else store.by_document(conn, sender, document_id or "")
    )
    if found is None:
        raise Refused(NOT_FOUND)
    directory = ctx.directory.state
    deliveries = await store.deliveries(conn, [found.number])
    if not (reader.operator or reader.acts_for(directory, found.sender)):
        deliveries = [d for d in deliveries if reader.acts_for(directory, d.agency, d.addressed_to)]
        if not deliveries:
            raise Refused(NOT_FOUND)
    numbers = {delivery.number for delivery in deliveries}
    events = _visible(await store.events(conn, found.number), numbers)
    statuses = await store.statuses(conn, sorted(numbers))
    linked = await store.linked(conn, found.number, found.origin_no)
    linked = await _known_to(ctx, conn, reader, linked, found)
    times = _times(events)
    reported = {row.delivery: row for row in statuses}
    agencies = {delivery.number: delivery.agency for delivery in deliveries}
    return {
        "envelope": _envelope(found),
        "recipients": [_recipient(d, times, reported) for d in deliveries],
        "events": [_event(event, row) for row, event in events],
        "statuses": [_status(row, agencies[row.delivery]) for row in statuses],
        "linked": [_link(row, found) for row in linked],
    }


async def outbox(conn: AsyncConnection, sender: str, before: int | None, at_most: int) -> dict[str, Json]:
    """A page of a sender's envelopes, newest first; ``next`` is the cursor of the following page, absent at the end."""
    rows = await store.outbox(conn, sender, before, at_most)
    places: dict[int, list[Json]] = {row.number: [] for row in rows}
    for delivery in await store.deliveries(conn, list(places)):
        places[delivery.envelope_no].append(_place(delivery))
    page: dict[str, Json] = {"envelopes": [{**_envelope(row), "deliveries": places[row.number]} for row in rows]}
    if len(rows) == at_most:
        page["next"] = str(rows[-1].number)
    return page


async def _known_to(
    ctx: AxisContext, conn: AsyncConnection, reader: Reader, linked: list[Traced], found: Traced
) -> list[Traced]:
    """Linked envelopes that the reader sent or received; all of them for the operator."""
    directory = ctx.directory.state
    if reader.operator:
        return linked
    received = {
        d.envelope_no
        for d in await store.deliveries(conn, [row.number for row in linked])
        if reader.acts_for(directory, d.agency, d.addressed_to)
    }
    return [row for row in linked if row.number in received or reader.acts_for(directory, row.sender)]


def _visible(rows: list[TracedEvent], deliveries: set[int]) -> list[tuple[TracedEvent, Event]]:
    """Events of the whole envelope and of these deliveries. Consignments name several: only the reader's are shown."""
    shown = []
    for row in rows:
        if row.delivery is not None and row.delivery not in deliveries:
            continue
        event = decode_event(jws.unverified_payload(row.jws))
        if event.name is EventName.CONTENT_CONSIGNMENT and not _consigned(event) & deliveries:
            continue
        shown.append((row, event))
    return shown


def _consigned(event: Event) -> set[int]:
    to = event.details.get("to")
    rows = to if isinstance(to, list) else []
    return {n for row in rows if isinstance(row, dict) and isinstance(n := row.get("delivery"), int)}


def _envelope(row: Traced) -> dict[str, Json]:
    return {
        "id": str(row.id),
        "from": row.sender,
        "kind": row.kind,
        "business": RELATIONS[row.business],
        "document_id": row.document_id,
        "document_code": row.document_code,
        "issued_date": None if row.issued_date is None else row.issued_date.isoformat(),
        "digest": row.digest.hex(),
        "system": row.system,
        "urgency": row.urgency,
        "recipients": row.recipients,
        "size": row.size,
        "accepted_at": to_text(row.accepted_at),
        "expires_at": to_text(row.expires_at),
    }


def _place(delivery: TracedDelivery) -> dict[str, Json]:
    vi, en = STATES[State(delivery.state)]
    return {
        "delivery": delivery.number,
        "agency": delivery.agency,
        "addressed_to": delivery.addressed_to,
        "state": delivery.state,
        "state_vi": vi,
        "state_en": en,
        "status": None if delivery.status_code is None else f"{delivery.status_code:02d}",
        "reason": delivery.reason,
        "expires_at": to_text(delivery.expires_at),
        "finished_at": None if delivery.finished_at is None else to_text(delivery.finished_at),
    }


Times = dict[int | None, dict[EventName, str]]
"""When each kind of event first happened, by delivery; under None what holds for the whole envelope."""


def _times(events: list[tuple[TracedEvent, Event]]) -> Times:
    times: Times = {None: {}}
    for row, event in events:
        numbers: set[int | None] = {*_consigned(event)} or {row.delivery}
        for number in numbers:
            times.setdefault(number, {}).setdefault(event.name, to_text(event.at))
    return times


def _recipient(delivery: TracedDelivery, times: Times, reported: Mapping[int, TracedStatus]) -> dict[str, Json]:
    own, last = times.get(delivery.number, {}), reported.get(delivery.number)
    acknowledgements: dict[str, Json] = {
        "accepted": times[None].get(EventName.SUBMISSION_ACCEPTANCE),
        "relayed": None,
        "available": own.get(EventName.CONTENT_CONSIGNMENT),
        "handed_over": own.get(EventName.CONTENT_HANDOVER),
        "status": None if last is None else to_text(last.at),
    }
    return {
        **_place(delivery),
        "attempts": delivery.attempts,
        "waits_for": delivery.blocked_by,
        "acknowledgements": acknowledgements,
    }


def _event(event: Event, row: TracedEvent) -> dict[str, Json]:
    vi, en = event_words(event.name, event.details)
    if isinstance(status := event.details.get("status"), str):
        label = StatusCode(status)
        vi, en = f"{vi} {status}: {label.label('vi')}", f"{en} {status}: {label.label('en')}"
    return {
        "event": event.name.value,
        "name": event.name.short,
        "vi": vi,
        "en": en,
        "at": to_text(event.at),
        "delivery": row.delivery,
        "agency": event.details.get("agency", ""),
        "digest": entry(row.jws).hex(),
        "previous": None if event.previous is None else event.previous.hex(),
        "leaf": row.leaf,
        "details": _shown(event.details),
    }


_LEFT_OUT = frozenset({"to", "acknowledgement", "delivery", "agency"})


def _shown(details: Mapping[str, Json]) -> dict[str, Json]:
    """Details without the long ones: lists of recipients and tokens are in the proof."""
    return {name: value for name, value in details.items() if name not in _LEFT_OUT}


def _status(row: TracedStatus, agency: str) -> dict[str, Json]:
    code = StatusCode(f"{row.code:02d}")
    return {
        "code": code.value,
        "vi": code.label("vi"),
        "en": code.label("en"),
        "at": to_text(row.at),
        "received_at": to_text(row.accepted_at),
        "agency": agency,
        "delivery": row.delivery,
        "outcome": row.outcome,
        "by": {"id": str(row.id), "from": row.sender},
    }


def _link(row: Traced, found: Traced) -> dict[str, Json]:
    original = row.number == found.origin_no
    return {
        "relation": "original" if original else RELATIONS[row.business],
        "id": str(row.id),
        "from": row.sender,
        "kind": row.kind,
        "document_id": row.document_id,
        "accepted_at": to_text(row.accepted_at),
    }
