"""The acknowledgement: what the recipient's system says of one delivery, signed. Source: PR-NATIVE §5."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from lienthong.base.clock import to_text
from lienthong.base.ids import AgencyCode, DeliveryId, EnvelopeId, Sha256
from lienthong.wire.canonical import Json, Reader, decode, encode
from lienthong.wire.envelope import read_digest, read_instant, read_uuid
from lienthong.wire.errors import ACKNOWLEDGEMENT_MALFORMED

TYP = "lt-acknowledgement"


class Outcome(Enum):
    """TAKEN: held durably and checked. REFUSED: will never be taken. FAILED: not now, offer it again."""

    TAKEN = "taken"
    REFUSED = "refused"
    FAILED = "failed"


_OUTCOMES = frozenset(outcome.value for outcome in Outcome)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a short code for software and a sentence for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Fields as in PR-NATIVE §5. ``fence`` proves that the sender of this still holds the lease."""

    delivery: DeliveryId
    fence: int
    agency: AgencyCode
    envelope: EnvelopeId
    sender: AgencyCode
    digest: Sha256
    outcome: Outcome
    at: datetime
    reason: Reason | None = None


def encode_acknowledgement(ack: Acknowledgement) -> bytes:
    """The payload bytes that the recipient's system signs."""
    members: dict[str, Json] = {
        "v": 1,
        "delivery": ack.delivery,
        "fence": ack.fence,
        "agency": ack.agency,
        "envelope": str(ack.envelope),
        "from": ack.sender,
        "digest": ack.digest.hex(),
        "outcome": ack.outcome.value,
        "at": to_text(ack.at),
    }
    if ack.reason is not None:
        members["reason"] = encode_reason(ack.reason)
    return encode(members)


def decode_acknowledgement(payload: bytes) -> Acknowledgement:
    """Read the payload; refuses ACKNOWLEDGEMENT_MALFORMED. A refusal or failure needs its reason."""
    read = Reader(decode(payload, ACKNOWLEDGEMENT_MALFORMED), ACKNOWLEDGEMENT_MALFORMED)
    read.number("v", 1, 1)
    outcome = Outcome(read.text("outcome", check=_OUTCOMES.__contains__))
    if outcome is not Outcome.TAKEN and not read.has("reason"):
        read.refuse("reason", "is needed to refuse or fail")
    ack = Acknowledgement(
        delivery=DeliveryId(read.number("delivery", 1, 1 << 62)),
        fence=read.number("fence", 1, 1 << 30),
        agency=AgencyCode(read.text("agency", 35)),
        envelope=EnvelopeId(read_uuid(read, "envelope")),
        sender=AgencyCode(read.text("from", 35)),
        digest=read_digest(read, "digest"),
        outcome=outcome,
        at=read_instant(read, "at"),
        reason=read_reason(read, "reason") if read.has("reason") else None,
    )
    read.finish()
    return ack


def encode_reason(reason: Reason) -> dict[str, Json]:
    return {"code": reason.code, "text": reason.text}


def read_reason(read: Reader, member: str) -> Reason:
    inner = Reader(read.object(member), ACKNOWLEDGEMENT_MALFORMED, f"{member}.")
    reason = Reason(inner.text("code", 80), inner.text("text", 1000))
    inner.finish()
    return reason
