"""Signed events: the evidence of each step. Names after ETSI EN 319 522-1 clause 6. Source: PR-EVIDENCE §1."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from uuid import UUID

from lienthong.base.clock import to_text
from lienthong.base.ids import AgencyCode, EnvelopeId, Sha256
from lienthong.wire.canonical import Json, Reader, decode, encode
from lienthong.wire.envelope import read_digest, read_instant, read_uuid
from lienthong.wire.errors import EVENT_MALFORMED

TYP = "lt-event"
_ETSI = "http://uri.etsi.org/19522/Event/"
_OWN = "urn:lienthong:event:"


class EventName(Enum):
    """What happened. Values are the URIs on the wire."""

    SUBMISSION_ACCEPTANCE = _ETSI + "SubmissionAcceptance"
    SUBMISSION_REJECTION = _ETSI + "SubmissionRejection"
    CONTENT_CONSIGNMENT = _ETSI + "ContentConsignment"
    CONTENT_CONSIGNMENT_FAILURE = _ETSI + "ContentConsignmentFailure"
    CONTENT_HANDOVER = _ETSI + "ContentHandover"
    CONSIGNMENT_REJECTION = _ETSI + "ConsignmentRejection"
    EXPIRY = _ETSI + "AcceptanceRejectionExpiry"
    RECALL = _OWN + "Recall"
    BUSINESS_STATUS = _OWN + "BusinessStatus"

    @property
    def short(self) -> str:
        """The name without its prefix, for people and indexes."""
        return self.value.rsplit("/", 1)[-1].rsplit(":", 1)[-1]


_NAMES = frozenset(name.value for name in EventName)


@dataclass(frozen=True, slots=True)
class EnvelopeRef:
    """Names one envelope beyond doubt."""

    id: EnvelopeId
    sender: AgencyCode
    digest: Sha256

    def members(self) -> dict[str, Json]:
        return {"id": str(self.id), "from": self.sender, "digest": self.digest.hex()}


@dataclass(frozen=True, slots=True)
class Event:
    """One signed fact about one envelope.

    ``previous``: SHA-256 of the JWS text of the event before it in the same delivery's chain, None in the first.
    ``details``: members by kind, as in the table of PR-EVIDENCE §1.
    """

    id: UUID
    name: EventName
    at: datetime
    axis: str
    envelope: EnvelopeRef
    previous: Sha256 | None = None
    details: Mapping[str, Json] = field(default_factory=dict)


def encode_event(event: Event) -> bytes:
    """The payload bytes that the axis signs."""
    members: dict[str, Json] = {
        **event.details,
        "v": 1,
        "id": str(event.id),
        "event": event.name.value,
        "at": to_text(event.at),
        "axis": event.axis,
        "envelope": event.envelope.members(),
    }
    if event.previous is not None:
        members["previous"] = event.previous.hex()
    return encode(members)


def decode_event(payload: bytes) -> Event:
    """Read the payload of an event; refuses EVENT_MALFORMED."""
    read = Reader(decode(payload, EVENT_MALFORMED), EVENT_MALFORMED)
    read.number("v", 1, 1)
    return Event(
        id=read_uuid(read, "id"),
        name=EventName(read.text("event", check=_NAMES.__contains__)),
        at=read_instant(read, "at"),
        axis=read.text("axis", 200),
        envelope=read_envelope_ref(read.object("envelope")),
        previous=read_digest(read, "previous") if read.has("previous") else None,
        details=read.rest(),
    )


def read_envelope_ref(members: Mapping[str, Json]) -> EnvelopeRef:
    """The three members that name an envelope."""
    read = Reader(members, EVENT_MALFORMED, "envelope.")
    ref = EnvelopeRef(EnvelopeId(read_uuid(read, "id")), AgencyCode(read.text("from", 35)), read_digest(read, "digest"))
    read.finish()
    return ref


def entry(jws: bytes) -> Sha256:
    """The log entry of an event, and its name in the chain: SHA-256 of the JWS text (PR-EVIDENCE §2)."""
    return Sha256(hashlib.sha256(jws).digest())
