"""List, fetch and confirm: the recipient's side for systems that poll a list instead of leasing.

An item stays listed until it is confirmed. Fetching lends the delivery to the system; confirming is an acknowledgement
by digest, signed with the key that the axis holds for it, and goes the same way as everybody's.
Source: docs/protocols/vxp.md §5; exchange facts §2.1 ("Consumption loop", rule 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID
from weakref import WeakKeyDictionary

from lienthong.base.errors import Refused
from lienthong.base.ids import EnvelopeId, Sha256, SystemId
from lienthong.directory.state import DirectoryState
from lienthong.exchange.model.delivery import State
from lienthong.exchange.model.delivery_name import delivery_name, named_delivery
from lienthong.exchange.service.changing import now_of
from lienthong.exchange.service.connection_errors import NOT_FETCHED
from lienthong.exchange.service.connections import FaceCaller
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.downloading import Download, open_download
from lienthong.exchange.service.errors import DELIVERY_UNKNOWN, LEASE_LOST
from lienthong.exchange.service.handing_over import Acknowledged, read_acknowledgement
from lienthong.exchange.service.leasing import agencies_of
from lienthong.exchange.store import listing
from lienthong.exchange.store.connection import AsyncConnection
from lienthong.exchange.store.listing import Held, OpenDelivery, Question
from lienthong.infra.database import database_errors
from lienthong.infra.steps import reached
from lienthong.trust import jws
from lienthong.wire.acknowledgement import TYP, Acknowledgement, Outcome, Reason, encode_acknowledgement
from lienthong.wire.envelope import Kind

LEASE = timedelta(minutes=30)
"""How long a fetched delivery is kept for its system before it is simply on the list again."""

PAGE = 1000


class Transport(Enum):
    """Where a packet stands on its way (trạng thái gói tin); says nothing of what people do with the document."""

    INITIAL = "initial"
    PROCESSING = "processing"
    DONE = "done"
    FAIL = "fail"


_TRANSPORT = {
    State.WAITING: Transport.INITIAL,
    State.AVAILABLE: Transport.INITIAL,
    State.LEASED: Transport.PROCESSING,
    State.DELIVERED: Transport.DONE,
    State.REFUSED: Transport.FAIL,
    State.EXPIRED: Transport.FAIL,
    State.RECALLED: Transport.FAIL,
    State.QUARANTINED: Transport.FAIL,
}


def transport_of(state: State) -> Transport:
    """The transport status of a delivery."""
    return _TRANSPORT[state]


@dataclass(frozen=True, slots=True)
class ListOrder:
    """What a list is asked for. ``sender``: only from this agency, ``""`` for all; ``page`` counts from 0.

    ``before``: only what was accepted before this instant. There is no earliest instant: what a system did not confirm
    yesterday must not be hidden from it for ever because it asks for today only.
    """

    kind: Kind
    sender: str = ""
    page: int = 0
    size: int = PAGE
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One delivery on the list. ``name``: by which the system fetches and confirms it."""

    name: UUID
    row: OpenDelivery

    @property
    def transport(self) -> Transport:
        return transport_of(State(self.row.state))


async def list_open(ctx: AxisContext, caller: FaceCaller, order: ListOrder) -> list[Listed]:
    """Deliveries of the system's agencies that it has not confirmed, oldest first."""
    question = _question(ctx, caller, order)
    with database_errors():
        async with ctx.require_pool().connection() as conn:
            rows = await listing.open_deliveries(conn, question)
    return [Listed(delivery_name(row.delivery, EnvelopeId(row.envelope)), row) for row in rows]


async def count_open(ctx: AxisContext, caller: FaceCaller, order: ListOrder) -> int:
    """How many there are, at most :data:`PAGE`."""
    with database_errors():
        async with ctx.require_pool().connection() as conn:
            return await listing.count_open(conn, _question(ctx, caller, order))


async def fetch(ctx: AxisContext, caller: FaceCaller, name: str) -> Download:
    """Lend a delivery to the system, or prolong its lease, and open its content.

    Refuses: DELIVERY_UNKNOWN, LEASE_LOST (another system of the agency has it), and what ``open_download`` refuses.
    """
    with database_errors():
        async with ctx.require_pool().connection() as conn:
            found = await _named(ctx, conn, caller, name)
            fence = await _take(ctx, conn, caller, found)
            reached("fetch.taken")
            return await open_download(ctx, conn, caller.system.system_id, found.delivery, fence)


async def keep(ctx: AxisContext, caller: FaceCaller, name: str) -> None:
    """(``processing``) Prolong the lease of what was fetched. Refuses DELIVERY_UNKNOWN, NOT_FETCHED, LEASE_LOST."""
    with database_errors():
        async with ctx.require_pool().connection() as conn:
            found = await _fetched(ctx, conn, caller, name)
            if State(found.state) in {State.AVAILABLE, State.LEASED}:
                await _take(ctx, conn, caller, found)


async def confirm(
    ctx: AxisContext, caller: FaceCaller, name: str, outcome: Outcome, reason: Reason | None = None
) -> Acknowledged:
    """(``done``, ``fail``) Acknowledge on the system's behalf; ``done`` again gets the same evidence.

    The lease may have run out as long as nobody else took the delivery.
    Refuses: DELIVERY_UNKNOWN, NOT_FETCHED, and what an acknowledgement is refused for.
    """
    with database_errors():
        async with ctx.require_pool().connection() as conn:
            found = await _fetched(ctx, conn, caller, name)
    at = now_of(ctx)
    ack = Acknowledgement(
        found.delivery, found.fence, found.agency, EnvelopeId(found.envelope), found.sender, Sha256(found.digest),
        outcome, at, reason,
    )  # fmt: skip
    token = jws.sign(encode_acknowledgement(ack), caller.connection.signer, TYP)
    done: Acknowledged = await ctx.require_writer().submit(read_acknowledgement(ctx, token, at))
    reached("ack.committed")
    return done


def _question(ctx: AxisContext, caller: FaceCaller, order: ListOrder) -> Question:
    codes = _served(ctx.directory.state, caller.system.system_id)
    return Question(
        caller.system.system_id,
        codes,
        order.kind.value,
        now_of(ctx),
        order.sender,
        order.page * order.size,
        order.size,
        order.before,
    )


_known: WeakKeyDictionary[DirectoryState, dict[SystemId, Sequence[str]]] = WeakKeyDictionary()


def _served(state: DirectoryState, system: SystemId) -> Sequence[str]:
    """The agencies that a system acts for; a branch is walked once for each version of the directory."""
    known = _known.setdefault(state, {})
    if system not in known:
        known[system] = agencies_of(state, system, None)
    return known[system]


async def _named(ctx: AxisContext, conn: AsyncConnection, caller: FaceCaller, name: str) -> Held:
    """The delivery of that name, if the system may see it. Refuses DELIVERY_UNKNOWN."""
    claimed = named_delivery(name)
    found = None if claimed is None else await listing.held(conn, claimed[0])
    if claimed is None or found is None:
        raise Refused(DELIVERY_UNKNOWN, delivery="-")
    mine = ctx.directory.state.may_act(caller.system.system_id, found.agency)
    if not mine or delivery_name(found.delivery, EnvelopeId(found.envelope)) != claimed[1]:
        raise Refused(DELIVERY_UNKNOWN, delivery="-")
    return found


async def _fetched(ctx: AxisContext, conn: AsyncConnection, caller: FaceCaller, name: str) -> Held:
    """The delivery, if its content was last handed to this very system. Refuses also NOT_FETCHED, LEASE_LOST."""
    found = await _named(ctx, conn, caller, name)
    if found.system is None:
        raise Refused(NOT_FETCHED)
    if found.system != caller.system.system_id:
        raise Refused(LEASE_LOST, delivery=found.delivery, fence="-")
    return found


async def _take(ctx: AxisContext, conn: AsyncConnection, caller: FaceCaller, found: Held) -> int:
    """The fence of this system's lease; of a delivery that is finished the last one. Refuses LEASE_LOST."""
    if State(found.state) not in {State.AVAILABLE, State.LEASED}:
        return found.fence
    now = now_of(ctx)
    fence = await listing.take(conn, found.delivery, caller.system.system_id, now, now + LEASE)
    if fence is not None:
        return fence
    again = await listing.held(conn, found.delivery)
    if again is not None and State(again.state) is State.LEASED and again.system != caller.system.system_id:
        raise Refused(LEASE_LOST, delivery=found.delivery, fence="-")
    # It was finished this very moment; whoever opens the content says how.
    return found.fence
