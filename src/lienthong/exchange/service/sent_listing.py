"""What a system sent through a compatible face, and where each delivery stands.

Source: docs/protocols/vxp.md §5; exchange facts §2.1 (``getSentEdocList``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from lienthong.base.ids import DeliveryId
from lienthong.exchange.model.delivery import State
from lienthong.exchange.model.delivery_name import delivery_name
from lienthong.exchange.service.changing import now_of
from lienthong.exchange.service.connections import FaceCaller
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.fetching import Transport, transport_of
from lienthong.exchange.store import posts
from lienthong.exchange.store.posts import SentRow
from lienthong.infra.database import database_errors
from lienthong.wire.envelope import Kind

USUAL, LONGEST = timedelta(days=7), timedelta(days=31)
MOST = 5000
"""Rows of one answer; who sent more asks for a shorter time."""


@dataclass(frozen=True, slots=True)
class SentDelivery:
    """One delivery of what was sent, under the name by which its recipient knows it."""

    name: UUID
    row: SentRow

    @property
    def transport(self) -> Transport:
        return transport_of(State(self.row.state))


async def list_sent_rows(
    ctx: AxisContext, caller: FaceCaller, kind: Kind, since: datetime | None, until: datetime | None
) -> list[SentDelivery]:
    """Deliveries of what the system sent between two instants, newest first, at most :data:`MOST`.

    Without a usable beginning the last week; never more than a month, counted from the end.
    """
    end = until if until is not None else now_of(ctx)
    begin = since if since is not None and since <= end else end - USUAL
    with database_errors():
        async with ctx.require_pool().connection() as conn:
            rows = await posts.sent(conn, caller.system.system_id, kind.value, max(begin, end - LONGEST), end, MOST)
    return [SentDelivery(delivery_name(DeliveryId(row.delivery), row.envelope), row) for row in rows]
