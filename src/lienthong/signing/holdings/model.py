"""What is known of one certificate: its holder, where it is in its life, and what is asked for at the moment.

A holding is made of its events alone (:mod:`lienthong.signing.holdings.life`); nothing here changes in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from cryptography import x509

DEVICE_STATES = ("kept", "returned", "destroyed")


class HolderKind(Enum):
    """Whose certificate it is (Decree 68/2024 articles 10 and 11; request forms 01, 02, 03)."""

    PERSON = "person"
    AGENCY = "agency"
    DEVICE = "device"


class State(Enum):
    """Where a certificate is in its life, as its agency sees it. EXPIRED comes by time and is never written."""

    REQUESTED = "requested"
    APPROVED = "approved"
    SENT = "sent"
    ISSUED = "issued"
    DELIVERED = "delivered"
    ACTIVE = "active"
    LOCKED = "locked"
    REFUSED = "refused"
    REVOKED = "revoked"
    EXPIRED = "expired"


STATE_WORDS = {
    State.REQUESTED: ("đã đề nghị", "requested"), State.APPROVED: ("đã duyệt", "approved"),
    State.SENT: ("đã gửi nhà cung cấp", "sent to the provider"), State.ISSUED: ("đã cấp", "issued"),
    State.DELIVERED: ("đã bàn giao", "delivered"), State.ACTIVE: ("đang hiệu lực", "active"),
    State.LOCKED: ("thiết bị bị khóa", "device locked"), State.REFUSED: ("không được cấp", "refused"),
    State.REVOKED: ("đã thu hồi", "revoked"), State.EXPIRED: ("hết hạn", "expired"),
}  # fmt: skip
"""Each state in the words of its readers, Vietnamese and English."""


class RequestKind(Enum):
    """What can be asked of the provider (yêu cầu chứng thực, Decree 68/2024)."""

    ISSUE = "issue"
    RENEWAL = "renewal"
    CHANGE = "change"
    RECOVERY = "recovery"
    REVOCATION = "revocation"


REQUEST_WORDS = {
    RequestKind.ISSUE: ("cấp mới", "issue"), RequestKind.RENEWAL: ("gia hạn", "renewal"),
    RequestKind.CHANGE: ("thay đổi thông tin", "change"), RequestKind.RECOVERY: ("khôi phục thiết bị", "recovery"),
    RequestKind.REVOCATION: ("thu hồi", "revocation"),
}  # fmt: skip
"""Each kind of request in the words of its readers."""


class Progress(Enum):
    """How far a request is: asked for in the agency, approved by the managing agency, with the provider."""

    REQUESTED = "requested"
    APPROVED = "approved"
    SENT = "sent"


class Cause(Enum):
    """Why a certificate should end (Decree 68/2024 article 17), and what a personnel record or a merger tells."""

    TRANSFER = "transfer"
    RETIREMENT = "retirement"
    RESIGNATION = "resignation"
    DEATH = "death"
    DISSOLUTION = "dissolution"
    SPLIT = "split"
    MERGER = "merger"
    STOPPED = "stopped"
    KEY_EXPOSED = "key-exposed"
    DEVICE_LOST = "device-lost"
    DEVICE_DAMAGED = "device-damaged"
    AUTHORITY = "authority"


CAUSE_WORDS = {
    Cause.TRANSFER: ("điều động, luân chuyển", "transfer"), Cause.RETIREMENT: ("nghỉ hưu", "retirement"),
    Cause.RESIGNATION: ("thôi việc", "resignation"), Cause.DEATH: ("từ trần", "death"),
    Cause.DISSOLUTION: ("giải thể", "dissolution"), Cause.SPLIT: ("chia tách", "split"),
    Cause.MERGER: ("sáp nhập", "merger"), Cause.STOPPED: ("ngừng hoạt động", "it stopped working"),
    Cause.KEY_EXPOSED: ("lộ hoặc nghi lộ khóa bí mật", "the key is or may be exposed"),
    Cause.DEVICE_LOST: ("mất thiết bị", "the device is lost"),
    Cause.DEVICE_DAMAGED: ("hỏng thiết bị", "the device is damaged"),
    Cause.AUTHORITY: ("yêu cầu của cơ quan có thẩm quyền", "an authority asks for it"),
}  # fmt: skip
"""Each cause in the words of its readers."""

OF_PERSON = frozenset({Cause.TRANSFER, Cause.RETIREMENT, Cause.RESIGNATION, Cause.DEATH})
OF_AGENCY = frozenset({Cause.DISSOLUTION, Cause.SPLIT, Cause.MERGER})


@dataclass(frozen=True, slots=True)
class Holder:
    """To whom or what a certificate is given.

    ``name``: as the certificate shall say it. ``agency``: the agency that it belongs to or is. ``title``: position of a
    person. ``email``: the official address. ``details``: what a form asks for besides, by the form's own keys.
    """

    kind: HolderKind
    name: str
    agency: str
    title: str = ""
    email: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """One request that is under way. ``since``: when it came to its present progress.

    ``cause``: of a revocation. ``changed``: the holder as a change of information asks for it.
    """

    kind: RequestKind
    progress: Progress
    since: datetime
    reason: str = ""
    cause: Cause | None = None
    changed: Holder | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """One certificate of a holding. ``renewal``: whether it came by renewal, over the same key or another."""

    certificate: x509.Certificate
    since: datetime
    renewal: bool = False

    @property
    def serial(self) -> str:
        """Serial number, hexadecimal in small letters."""
        return f"{self.certificate.serial_number:x}"


@dataclass(frozen=True, slots=True)
class Document:
    """A paper of the file: a form, minutes, an answer. ``digest``: SHA-256, which is its name in the book's folder."""

    name: str
    digest: str
    event: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """That an event in the agency calls for revocation; a person decides (Decree 68/2024 article 17)."""

    cause: Cause
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Holding:
    """One certificate's file (hồ sơ chứng thư số).

    ``number``: in the agency's book, from 1, without gaps. ``certificates``: oldest first; the last one counts.
    ``request``: the one under way, at most one. ``proposals``: open ones. ``device``: the token's own name, and whether
    it is kept, returned or destroyed.
    """

    number: int
    holder: Holder
    state: State
    since: datetime
    certificates: tuple[Held, ...] = ()
    request: Request | None = None
    proposals: tuple[Proposal, ...] = ()
    documents: tuple[Document, ...] = ()
    device: str = ""
    device_state: str = DEVICE_STATES[0]
    cause: Cause | None = None

    @property
    def current(self) -> x509.Certificate | None:
        """The certificate that counts, or counted last."""
        return self.certificates[-1].certificate if self.certificates else None

    def state_at(self, at: datetime) -> State:
        """The state at an instant: one whose certificate has ended by time is EXPIRED, revoked or not before."""
        living = self.state in {State.ISSUED, State.DELIVERED, State.ACTIVE, State.LOCKED}
        if living and self.current is not None and self.current.not_valid_after_utc <= at:
            return State.EXPIRED
        return self.state
