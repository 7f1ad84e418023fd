"""Put a delivery aside, and let it go again by one command, with evidence of both.

Source: PR-EVIDENCE §1 (D.2, and D.1 with the operator's system for the requeue).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lienthong.base.errors import Refused
from lienthong.base.ids import DeliveryId, SystemId
from lienthong.exchange.model.delivery import State
from lienthong.exchange.service.changing import Changes, now_of
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.errors import DELIVERY_UNKNOWN, NOT_IN_QUARANTINE
from lienthong.exchange.service.handing_over import put_aside
from lienthong.exchange.store import deliveries as store
from lienthong.exchange.store.connection import Connection
from lienthong.infra import telemetry
from lienthong.infra.blobs import Upload
from lienthong.wire.acknowledgement import Reason
from lienthong.wire.canonical import Json
from lienthong.wire.event import EventName

CORRUPT = Reason("BLOB_CORRUPT", "the stored bytes no longer fit their digest")


@dataclass(frozen=True, slots=True)
class RequeueUnit:
    """An operator lets a delivery out of quarantine; ``system``: whose key asked for it. Result: the signed D.1."""

    delivery: DeliveryId
    system: SystemId
    blobs: list[Upload] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class QuarantineUnit:
    """A delivery whose content cannot be handed out. ``fence``: of the lease under which that was noticed.

    Result: the signed D.2, None when the delivery had moved on.
    """

    delivery: DeliveryId
    fence: int
    reason: Reason
    blobs: list[Upload] = field(default_factory=list)


def requeue_batch(
    ctx: AxisContext, conn: Connection, units: Sequence[RequeueUnit]
) -> tuple[list[bytes | Refused], frozenset[str]]:
    """Make deliveries available again, attempts counted anew; the signed D.1 of each, and whom to wake.

    Refuses: DELIVERY_UNKNOWN, NOT_IN_QUARANTINE.
    """
    changes = Changes(ctx, conn)
    changes.hold(store.lock(conn, (unit.delivery for unit in units)).values())
    results = [_requeue(ctx, changes, unit) for unit in units]
    return results, changes.write()


def _requeue(ctx: AxisContext, changes: Changes, unit: RequeueUnit) -> bytes | Refused:
    delivery = changes.get(unit.delivery)
    if delivery is None:
        return Refused(DELIVERY_UNKNOWN, delivery=unit.delivery)
    if delivery.state is not State.QUARANTINED:
        return Refused(NOT_IN_QUARANTINE, delivery=unit.delivery)
    to: list[Json] = [{"delivery": delivery.number, "addressed_to": delivery.addressed_to, "agency": delivery.agency}]
    details: dict[str, Json] = {"to": to, "directory": ctx.directory.state.version, "requeued_by": unit.system}
    event = changes.record(
        delivery, EventName.CONTENT_CONSIGNMENT, details,
        state=State.AVAILABLE, available_at=now_of(ctx), attempts=0, reason=None,
    )  # fmt: skip
    telemetry.info("quarantine.requeued", delivery=delivery.number, system=unit.system)
    return event.jws


def quarantine_batch(
    ctx: AxisContext, conn: Connection, units: Sequence[QuarantineUnit]
) -> tuple[list[bytes | None], frozenset[str]]:
    """Put deliveries aside with D.2; None where the delivery has moved on since and nothing was done."""
    changes = Changes(ctx, conn)
    changes.hold(store.lock(conn, (unit.delivery for unit in units)).values())
    results: list[bytes | None] = []
    for unit in units:
        delivery = changes.get(unit.delivery)
        if delivery is None or delivery.state is not State.LEASED or delivery.fence != unit.fence:
            results.append(None)
            continue
        results.append(put_aside(changes, delivery, unit.reason, delivery.attempts + 1))
    return results, changes.write()
