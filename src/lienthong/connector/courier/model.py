"""What the courier takes, shows and tells: jobs, what was received, events, health."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, NewType

from lienthong.base.errors import Language, Refused, Retry
from lienthong.connector.client import Original
from lienthong.connector.compose import Attachment, OutgoingDocument
from lienthong.connector.errors import AxisRefused
from lienthong.connector.guarding import Notes
from lienthong.connector.spool import Source
from lienthong.directory.state import DirectoryState
from lienthong.edxml.model import DocumentPacket, StatusPacket

JobId = NewType("JobId", str)
"""Identifier of a job: a UUID whose text sorts by the time of submission."""

ReceivedId = NewType("ReceivedId", str)
"""Identifier of something received here: a UUID whose text sorts by the time of arrival."""


# --- what may be submitted --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FinishedPacket:
    """A whole edXML file as other software made it; its bytes travel unchanged. Recipients are those written in it."""

    source: Source


@dataclass(frozen=True, slots=True)
class StatusReport:
    """A business status (01–06, 15, 16) of a document that came here. ``axes``: where it came from, when known."""

    original: Original
    code: int
    description: str = ""
    axes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recall:
    """Take a document back that was sent from here. ``to``: only from these; none: from all."""

    document_id: str
    reason: str
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiverUpdate:
    """Change who receives a document that was sent from here: added ones get it, removed ones have it recalled."""

    document_id: str
    reason: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContentUpdate:
    """Corrected content of a document that was sent from here, under its own identifier."""

    document: OutgoingDocument
    document_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReplacingDocument:
    """A document that takes the place of an earlier one that was sent from here."""

    document: OutgoingDocument
    replaced: str
    reason: str


@dataclass(frozen=True, slots=True)
class ChangeAnswer:
    """The answer to a recall or update that came here: agreed (15) or refused (16)."""

    received: ReceivedId
    agree: bool
    description: str = ""


Content = (
    OutgoingDocument
    | FinishedPacket
    | StatusReport
    | Recall
    | ReceiverUpdate
    | ContentUpdate
    | ReplacingDocument
    | ChangeAnswer
)


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to be sent for one agency.

    ``key``: the caller's own name for this request; the same key with the same content is the same job for ever.
    ``attachments``: only with content that has files of its own.
    """

    agency: str
    content: Content
    attachments: Sequence[Attachment] = ()
    key: str | None = None


# --- what is shown ----------------------------------------------------------------------------------------------------


class JobState(Enum):
    """QUEUED: waits for its turn, for a recipient's earlier job, or for the axis (``reason`` and ``next_at`` say).
    SENDING: on its way now. SENT: every envelope has its receipt. REFUSED: needs a person. CANCELLED: never left.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a job waits or was refused, in the words of whoever refused it. ``vi``/``en`` one sentence each."""

    code: str
    vi: str
    en: str
    do_vi: str = ""
    do_en: str = ""
    retry: Retry = Retry.TRANSIENT

    @staticmethod
    def of(refused: Refused | AxisRefused) -> Reason:
        """The reason in a refusal, ours or the axis's."""
        code, retry = (refused.code, refused.retry) if isinstance(refused, AxisRefused) else _own(refused)
        return Reason(
            code, refused.sentence("vi"), refused.sentence("en"), refused.advice("vi"), refused.advice("en"), retry
        )

    def sentence(self, language: Language) -> str:
        return self.vi if language == "vi" else self.en


def _own(refused: Refused) -> tuple[str, Retry]:
    return refused.code.name, refused.code.retry


@dataclass(frozen=True, slots=True)
class RecipientView:
    """One recipient of a job.

    ``delivery``: state of the hand-over as the axis tells it (PR-NATIVE §6), empty until known. ``status``: newest
    business status that the recipient reported, 0 when none.
    """

    agency: str
    axis: str = ""
    delivery: str = ""
    delivery_at: datetime | None = None
    status: int = 0
    status_text: str = ""
    status_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EnvelopeView:
    """One envelope of a job. ``receipt``: file of the axis's signed receipt, None until there is one."""

    id: str
    axis: str
    recipients: tuple[str, ...]
    receipt: Path | None


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as it stands. ``kind``: ``document``, ``packet``, ``status``, ``recall``, ``update`` or ``replacement``.

    ``next_at``: when the next attempt is due, while it is queued. ``number``: of the document, as people call it.
    """

    id: JobId
    state: JobState
    kind: str
    agency: str
    document_id: str
    number: str
    subject: str
    urgency: int
    key: str | None
    submitted_at: datetime
    finished_at: datetime | None
    reason: Reason | None
    attempts: int
    next_at: datetime | None
    envelopes: tuple[EnvelopeView, ...]
    recipients: tuple[RecipientView, ...]
    folder: Path

    @property
    def envelope_id(self) -> str | None:
        """Identifier of the first envelope; a job for one axis has only this one."""
        return self.envelopes[0].id if self.envelopes else None


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """One file of something received. ``name``: as the sender called it. ``path``: where it lies, under a safe name."""

    name: str
    path: Path
    size: int
    sha256: str
    media_type: str


@dataclass(frozen=True, slots=True)
class ReceivedView:
    """A document or status that came here, verified and durable.

    ``kind``: ``document`` or ``status``. ``axes``: the axis that brought it, and further ones that brought it again.
    ``files``: attachments only; ``folder`` also holds envelope, header (or raw packet) and receipt.
    """

    id: ReceivedId
    agency: str
    sender: str
    kind: str
    envelope_id: str
    document_id: str
    urgency: int
    received_at: datetime
    axes: tuple[str, ...]
    folder: Path
    packet: DocumentPacket | StatusPacket
    files: tuple[ReceivedFile, ...]
    header_signature: str = ""


@dataclass(frozen=True, slots=True)
class CourierEvent:
    """One thing that happened. ``number``: from 1, without gaps.

    ``type``: ``job.queued``, ``job.sent``, ``job.refused``, ``job.retried``, ``job.cancelled``; ``delivery.`` and the
    state of the hand-over (PR-NATIVE §6); ``status.received``; ``document.received``; ``axis.away``, ``axis.back``.
    ``data``: further members, JSON values only.
    """

    number: int
    type: str
    at: datetime
    job: JobId | None = None
    received: ReceivedId | None = None
    agency: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AxisHealth:
    """One axis as seen from here. ``reachable_since`` or ``away_since``, whichever is the case now; both None before
    the first answer. ``busy_until``: it asked to wait. ``key_ends_at``: end of our key there."""

    name: str
    url: str
    reachable_since: datetime | None
    away_since: datetime | None
    busy_until: datetime | None
    reason: Reason | None
    directory_version: int | None
    key_ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Health:
    """The courier at a glance. ``oldest_waiting``: submission time of the oldest job that waits."""

    waiting: int
    sending: int
    refused: int
    oldest_waiting: datetime | None
    axes: tuple[AxisHealth, ...]
    events: int
    storage: Reason | None
    certificate_ends_at: datetime | None


# --- where others hook in ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Departure:
    """What is about to be made into one envelope. ``recipients``: those of this envelope, all on one axis."""

    job: JobId
    kind: str
    agency: str
    recipients: tuple[str, ...]
    document_id: str
    number: str
    subject: str
    urgency: int


Prepared = tuple[Sequence[Attachment], Notes]
"""Files as they travel, and what is kept beside their envelope."""

BeforeSend = Callable[[Departure, Sequence[Attachment], DirectoryState], AbstractContextManager[Prepared]]
"""Sees the files once, before their envelope is made and signed, and gives the files that travel in their order: scan
them, or encrypt them to the recipients' keys in the axis's directory; they last inside the block. A finished packet is
one file, which must stay as it is. A permanent ``Refused`` refuses the job; anything else holds it for another try."""

AfterReceive = Callable[[ReceivedView], None]
"""Sees what was received, whole and verified, before it is acknowledged and told: scan it, decrypt it beside. Durable
when it returns. A permanent ``Refused`` refuses the delivery to its sender; anything else reports it as failed, and the
axis offers it again. May see the same delivery twice."""

Listener = Callable[[CourierEvent], None]
"""Told of an event that is durable already. Must return soon; its failure harms nobody."""


def keep_files(_: Departure, files: Sequence[Attachment], __: DirectoryState) -> AbstractContextManager[Prepared]:
    """Nothing to do before sending."""
    return nullcontext((files, {}))


def accept_all(_: ReceivedView) -> None:
    """Nothing to do after receiving."""
