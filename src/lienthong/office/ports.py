"""What the office needs from whoever carries its documents (bộ phận chuyển phát), without knowing who that is.

A role binds it to the connector's courier (ADR 0001: the office never imports it). Codes of agencies are those of the
axis's directory; instants are aware; text is NFC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

# --- what goes out ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file as the recipient gets it. ``path``: its bytes, which never change."""

    name: str
    path: Path
    media_type: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The document that this one answers: its issuer, number and symbol, identifier, date."""

    agency: str
    number: str
    identifier: str
    issued_on: date | None


@dataclass(frozen=True, slots=True)
class Letter:
    """An issued document with all that its packet says. ``number``: with symbol. ``identifier``: empty: it is made."""

    number: str
    subject: str
    to: Sequence[str]
    issued_on: date
    kind: str
    place: str = ""
    signer_name: str = ""
    signer_position: str = ""
    signer_competence: str = ""
    urgency: int = 0
    due: date | None = None
    to_places: Sequence[str] = ()
    pages: int | None = None
    identifier: str = ""
    answers: Sequence[Answered] = ()
    files: Sequence[OutgoingFile] = ()


@dataclass(frozen=True, slots=True)
class SendLetter:
    """Send a document. ``replaces``: identifier of the one whose place it takes; then ``reason`` says why."""

    letter: Letter
    replaces: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SendRecall:
    """Take back what was sent. ``to``: from whom; nobody named: from all."""

    identifier: str
    reason: str
    to: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SendStatus:
    """Report a business status (01–06, 15, 16) of something received; 15 and 16 answer a recall or an update when
    ``received`` is that of the recall itself."""

    received: str
    code: int
    text: str = ""


Request = SendLetter | SendRecall | SendStatus


# --- what is known of it ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RecipientFacts:
    """One recipient of a job. ``delivery``: state of the hand-over as the axis tells it, empty until known."""

    agency: str
    delivery: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class JobFacts:
    """A job as it stands. ``state``: ``queued``, ``sending``, ``sent``, ``refused``, ``cancelled``. ``reason_…``: why
    it was refused or waits."""

    id: str
    agency: str
    key: str
    kind: str
    state: str
    identifier: str
    reason_vi: str = ""
    reason_en: str = ""
    finished_at: datetime | None = None
    recipients: Sequence[RecipientFacts] = ()


# --- what comes in ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A received file, verified; ``path`` stays until the office has taken it."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Item:
    """Something received for an agency, verified and durable.

    ``kind``: ``document``, ``replacement``, ``recall``, ``update``, ``status``. ``identifier``: of the document itself,
    or of the one that a recall, an update or a status is about. ``fields``: what the packet of a document says, by the
    names of the registration form, JSON values only. ``replaces``: identifiers of documents whose place it takes.
    ``removed``: agencies that an update takes from the recipients. ``packet``: ``envelope``, ``header_signature``,
    ``axes``. ``code``, ``at``: of a status.
    """

    id: str
    agency: str
    sender: str
    sender_name: str
    kind: str
    identifier: str
    title: str
    urgency: int
    received_at: datetime
    fields: Mapping[str, Any] = field(default_factory=dict)
    packet: Mapping[str, Any] = field(default_factory=dict)
    files: Sequence[IncomingFile] = ()
    reason: str = ""
    replaces: Sequence[str] = ()
    removed: Sequence[str] = ()
    has_content: bool = False
    code: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened: numbered from 1 without gaps. ``job`` or ``received``: what it is about."""

    number: int
    type: str
    agency: str
    job: str = ""
    received: str = ""


class Carrier(Protocol):
    """What carries documents for several agencies of one installation. Calls may be repeated after any crash."""

    @property
    def agencies(self) -> Sequence[str]:
        """Codes of the agencies for which it may act."""

    def submit(self, agency: str, request: Request, key: str) -> JobFacts:
        """Take a request over, durably; the same ``key`` of an agency is the same job for ever. Refuses what the
        courier refuses, permanently or for now."""

    def find(self, agency: str, key: str) -> JobFacts | None:
        """The job that was submitted under a key."""

    def job(self, job: str) -> JobFacts | None:
        """One job as it stands."""

    def item(self, received: str) -> Item:
        """Something that was received."""

    def events(self, after: int, limit: int) -> Sequence[Event]:
        """Events with numbers above ``after``, in order."""

    def last_event(self) -> int:
        """Number of the newest event."""

    def directory(self) -> Sequence[tuple[str, str]]:
        """Code and name of every agency that can be written to, as far as a directory is here."""
