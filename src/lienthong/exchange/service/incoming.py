"""An envelope that is being accepted, as its effects on earlier ones see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from lienthong.edxml.model import DocumentPacket, StatusPacket
from lienthong.exchange.model.submission import Recipient
from lienthong.exchange.service.agencies import day_of
from lienthong.wire.envelope import Envelope
from lienthong.wire.event import EnvelopeRef


@dataclass(frozen=True, slots=True)
class Incoming:
    """Checked, not yet written. ``expires_at``: the deadline that its own deliveries get."""

    envelope_no: int
    envelope: Envelope
    ref: EnvelopeRef
    packet: DocumentPacket | StatusPacket
    accepted_at: datetime
    expires_at: datetime
    recipients: tuple[Recipient, ...]

    @property
    def agencies(self) -> list[str]:
        """Who receives it."""
        return [recipient.agency for recipient in self.recipients]

    @property
    def day(self) -> date:
        """Date of acceptance in Vietnam."""
        return day_of(self.accepted_at)
