"""Hand over: what a recipient's system says of its deliveries becomes state and evidence.

Source: PR-NATIVE §5 and §6; PR-EVIDENCE §1 (E.1, C.4, D.2). At most one hand-over for a delivery, however often the
recipient repeats itself: the same statement gets the same evidence bytes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lienthong.base.errors import ErrorCode, Refused
from lienthong.base.ids import DeliveryId, SystemId
from lienthong.exchange.model.delivery import Delivery, State
from lienthong.exchange.service.changing import Changes, back_off, now_of
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.errors import (
    ACKNOWLEDGEMENT_MISMATCH,
    ACKNOWLEDGEMENT_NOT_YOURS,
    DELIVERY_EXPIRED,
    DELIVERY_FINISHED,
    DELIVERY_IN_QUARANTINE,
    DELIVERY_RECALLED,
    DELIVERY_UNKNOWN,
    LEASE_LOST,
    LEASE_RAN_OUT,
)
from lienthong.exchange.service.keyring import held
from lienthong.exchange.store import deliveries as store
from lienthong.exchange.store.connection import Connection
from lienthong.infra.blobs import Upload
from lienthong.infra.steps import reached
from lienthong.trust import jws
from lienthong.trust.keys import DEFAULT_POLICY, PublicKey
from lienthong.wire.acknowledgement import (
    TYP,
    Acknowledgement,
    Outcome,
    Reason,
    decode_acknowledgement,
    encode_reason,
)
from lienthong.wire.canonical import Json
from lienthong.wire.event import EventName

TOKEN_LIMIT = 16 * 1024
_EVIDENCE = {Outcome.TAKEN: EventName.CONTENT_HANDOVER, Outcome.REFUSED: EventName.CONSIGNMENT_REJECTION}
_FINAL = {Outcome.TAKEN: State.DELIVERED, Outcome.REFUSED: State.REFUSED}
_ENDED: dict[State, ErrorCode] = {
    State.RECALLED: DELIVERY_RECALLED,
    State.EXPIRED: DELIVERY_EXPIRED,
    State.QUARANTINED: DELIVERY_IN_QUARANTINE,
}


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Where the delivery stands now. ``evidence``: the signed event, absent for a failure that will be tried again."""

    delivery: DeliveryId
    state: State
    evidence: bytes | None


@dataclass(frozen=True, slots=True)
class AcknowledgeUnit:
    """A verified acknowledgement on its way to the writer. ``token``: as the recipient signed it."""

    token: bytes
    ack: Acknowledgement
    system: SystemId
    blobs: list[Upload] = field(default_factory=list)


def read_acknowledgement(ctx: AxisContext, token: bytes, at: datetime) -> AcknowledgeUnit:
    """Verify signature, key and authority; nothing is looked up in the database.

    Refuses: JWS_MALFORMED, SIGNER_NOT_KNOWN, SIGNATURE_NOT_VALID, ACKNOWLEDGEMENT_MALFORMED,
    ACKNOWLEDGEMENT_NOT_YOURS.
    """
    directory = ctx.directory.state

    def resolve(key_id: str) -> PublicKey | None:
        key = directory.key(key_id, at)
        return None if key is None else held(key.public_key_pem)

    verified = jws.verify(token, resolve, TYP, DEFAULT_POLICY, at, TOKEN_LIMIT)
    ack = decode_acknowledgement(verified.payload)
    owner = directory.key_owner(verified.key_id)
    if owner is None or not directory.may_act(owner.system_id, ack.agency):
        system = "?" if owner is None else owner.system_id
        raise Refused(ACKNOWLEDGEMENT_NOT_YOURS, system=system, agency=ack.agency)
    return AcknowledgeUnit(token, ack, owner.system_id)


def acknowledge_batch(
    ctx: AxisContext, conn: Connection, units: Sequence[AcknowledgeUnit]
) -> tuple[list[Acknowledged | Refused], frozenset[str]]:
    """Carry out a batch inside the caller's transaction: results in order, and the agencies to wake after commit."""
    changes = Changes(ctx, conn)
    changes.hold(store.lock(conn, (unit.ack.delivery for unit in units)).values())
    results: list[Acknowledged | Refused] = []
    for unit in units:
        try:
            results.append(_acknowledge(ctx, changes, unit))
        except Refused as refused:
            results.append(refused)
    woken = changes.write()
    reached("ack.before_commit")
    return results, woken


def _acknowledge(ctx: AxisContext, changes: Changes, unit: AcknowledgeUnit) -> Acknowledged:
    ack = unit.ack
    delivery = changes.get(ack.delivery)
    if delivery is None or delivery.agency != ack.agency:
        raise Refused(DELIVERY_UNKNOWN, delivery=ack.delivery)
    _require_match(delivery, ack)
    if ack.fence != delivery.fence:
        raise Refused(LEASE_LOST, delivery=ack.delivery, fence=ack.fence)
    if ack.outcome is Outcome.FAILED:
        return _fail(ctx, changes, delivery, unit)
    return _finish(changes, delivery, unit)


def _require_match(delivery: Delivery, ack: Acknowledgement) -> None:
    ref = delivery.envelope
    pairs = (
        ("envelope", ack.envelope == ref.id),
        ("from", ack.sender == ref.sender),
        ("digest", ack.digest == ref.digest),
    )
    for member, fits in pairs:
        if not fits:
            raise Refused(ACKNOWLEDGEMENT_MISMATCH, delivery=delivery.number, member=member)


def _finish(changes: Changes, delivery: Delivery, unit: AcknowledgeUnit) -> Acknowledged:
    """Taken or refused: for good. A lease that ran out still counts while nobody else got a newer one."""
    ack = unit.ack
    name, final = _EVIDENCE[ack.outcome], _FINAL[ack.outcome]
    if delivery.state in {State.LEASED, State.AVAILABLE}:
        details: dict[str, Json] = {"acknowledgement": unit.token.decode("ascii")}
        if ack.outcome is Outcome.TAKEN:
            details["system"] = unit.system
        reason = None
        if ack.outcome is Outcome.REFUSED and ack.reason is not None:
            details["reason"], reason = encode_reason(ack.reason), ack.reason.code
        event = changes.record_about(delivery, name, delivery.agency, details, state=final, reason=reason)
        return Acknowledged(delivery.number, final, event.jws)
    first = changes.evidence(delivery, name) if delivery.state in {State.DELIVERED, State.REFUSED} else None
    if first is not None:
        # Said before: the first evidence again, also when the document was refused by a status since.
        return Acknowledged(delivery.number, delivery.state, first)
    raise _ended(delivery)


def _fail(ctx: AxisContext, changes: Changes, delivery: Delivery, unit: AcknowledgeUnit) -> Acknowledged:
    """Not now: offered again after a pause, or put aside when it failed too often."""
    if delivery.state is State.AVAILABLE:
        return Acknowledged(delivery.number, delivery.state, None)
    if delivery.state is State.QUARANTINED:
        return Acknowledged(
            delivery.number, delivery.state, changes.evidence(delivery, EventName.CONTENT_CONSIGNMENT_FAILURE)
        )
    if delivery.state is not State.LEASED:
        raise _ended(delivery)
    reason = unit.ack.reason or Reason("FAILED", "-")
    evidence = give_back(ctx, changes, delivery, reason)
    state = State.AVAILABLE if evidence is None else State.QUARANTINED
    return Acknowledged(delivery.number, state, evidence)


def give_back(ctx: AxisContext, changes: Changes, delivery: Delivery, reason: Reason) -> bytes | None:
    """A lease ended without result: the delivery is offered again after a pause that grows with each attempt.

    After the configured number of attempts it goes to quarantine; then its D.2 is returned.
    """
    attempts = delivery.attempts + 1
    if attempts >= ctx.limits.attempts:
        return put_aside(changes, delivery, reason, attempts)
    pause = timedelta(seconds=back_off(ctx, attempts, random.random()))
    changes.update(
        delivery, state=State.AVAILABLE, attempts=attempts, available_at=now_of(ctx) + pause, reason=reason.code
    )
    return None


def put_aside(changes: Changes, delivery: Delivery, reason: Reason, attempts: int) -> bytes:
    """Into quarantine, with D.2: people must look at it."""
    details: dict[str, Json] = {"reason": encode_reason(reason)}
    event = changes.record_about(
        delivery, EventName.CONTENT_CONSIGNMENT_FAILURE, delivery.agency, details,
        state=State.QUARANTINED, attempts=attempts, reason=reason.code,
    )  # fmt: skip
    return event.jws


def _ended(delivery: Delivery) -> Refused:
    code = _ENDED.get(delivery.state)
    if code is not None:
        return Refused(code, delivery=delivery.number)
    if delivery.state is State.WAITING:
        return Refused(LEASE_RAN_OUT, delivery=delivery.number)
    return Refused(DELIVERY_FINISHED, delivery=delivery.number, state=delivery.state.value)
