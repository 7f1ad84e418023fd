"""A submission (văn bản gửi lên trục): an envelope that was checked and is ready to be written.

Source: PR-NATIVE §1 and §4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from lienthong.base.ids import AgencyCode, DeliveryId, Sha256, SystemId
from lienthong.edxml.model import DocumentPacket, StatusPacket
from lienthong.wire.envelope import Envelope, Role
from lienthong.wire.event import EnvelopeRef

STATUS: Final = -1
"""The column ``business`` of a status; documents have their ``BusinessKind``."""

LIKELY_RESEND: Final = "LIKELY_RESEND"
RECIPIENT_NOT_CONNECTED: Final = "RECIPIENT_NOT_CONNECTED"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One place that the envelope goes to. ``addressed_to``: the code written; ``agency``: who receives.

    ``note``: why the two differ, as a sentence for the sender; None when they are one agency under one code.
    """

    addressed_to: AgencyCode
    agency: AgencyCode
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """Everything known of an envelope before it is accepted.

    ``token``: its JWS, the record. ``header``: bytes of the edXML header, empty when the envelope carries a whole
    packet. ``business``: 0 new, 1 recall, 2 update, 3 replacement, -1 status. ``warnings``: codes for the receipt.
    ``directory``: version of the directory that was asked.
    """

    envelope: Envelope
    digest: Sha256
    token: bytes
    system: SystemId
    header: bytes
    packet: DocumentPacket | StatusPacket
    business: int
    document_code: str
    issued_date: date | None
    recipients: tuple[Recipient, ...]
    warnings: tuple[str, ...]
    directory: int

    @property
    def ref(self) -> EnvelopeRef:
        """The name of this envelope in evidence."""
        return EnvelopeRef(self.envelope.id, self.envelope.sender, self.digest)

    @property
    def has_effects(self) -> bool:
        """Whether it does something to envelopes accepted before."""
        return self.business != 0


@dataclass(frozen=True, slots=True)
class NumberedDelivery:
    """One delivery about to be written. ``blocked_by``: the earlier delivery that it waits for."""

    number: DeliveryId
    recipient: Recipient
    last_event: Sha256
    blocked_by: DeliveryId | None


@dataclass(frozen=True, slots=True)
class EnvelopeRow:
    """One accepted envelope about to be written, with its deliveries."""

    number: int
    submission: Submission
    accepted_at: datetime
    expires_at: datetime
    receipt: bytes
    origin_no: int | None
    deliveries: tuple[NumberedDelivery, ...]

    def blobs(self) -> list[tuple[int, Sha256, int]]:
        """Index, digest and size of every part that is kept as a file."""
        parts = self.submission.envelope.parts
        return [(i, part.sha256, part.size) for i, part in enumerate(parts) if part.role is not Role.HEADER]
