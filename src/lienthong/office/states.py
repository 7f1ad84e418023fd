"""States of documents, arrivals, tasks and messages, and the moves between them (clerical-archive facts §6.3–6.6)."""

from __future__ import annotations

from enum import Enum


class Direction(Enum):
    """Văn bản đến, văn bản đi."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"


class Incoming(Enum):
    """Where an incoming document stands (§6.4). The steps before registration are those of its arrival."""

    REGISTERED = "registered"
    SUBMITTED = "submitted"
    DIRECTED = "directed"
    IN_PROGRESS = "in_progress"
    FINISHED = "finished"
    RECALLED = "recalled"


class Outgoing(Enum):
    """Where an outgoing document stands (§6.5)."""

    DRAFT = "draft"
    CONTENT_REVIEW = "content_review"
    FORM_CHECK = "form_check"
    SIGNING = "signing"
    SIGNED = "signed"
    NUMBERED = "numbered"
    ISSUED = "issued"
    RECALLED = "recalled"
    CANCELLED = "cancelled"


class Source(Enum):
    """How something came in."""

    AXIS = "axis"
    PAPER = "paper"
    SCAN = "scan"
    MAIL = "mail"


class ArrivalState(Enum):
    """CHECKING: the system verifies it. WAITING: for the registrar. Then one of three ends."""

    CHECKING = "checking"
    WAITING = "waiting"
    REGISTERED = "registered"
    RETURNED = "returned"
    RECALLED = "recalled"


class TaskKind(Enum):
    """SUBMISSION (trình): somebody has to decide. HANDLING: somebody has to do. REVIEW, SIGNATURE: of a draft."""

    SUBMISSION = "submission"
    HANDLING = "handling"
    REVIEW = "review"
    SIGNATURE = "signature"


class Role(Enum):
    """Role of a recipient in one routing (§6.3)."""

    LEAD = "lead"
    SUPPORT = "support"
    INFORM = "inform"
    FOLLOW = "follow"

    @property
    def vi(self) -> str:
        return {"lead": "Chủ trì", "support": "Phối hợp", "inform": "Để biết", "follow": "Theo dõi"}[self.value]


class TaskState(Enum):
    """NEW: not read. OPEN: read or taken. PASSED: handed on, which is not finished. REPORTED: waits for the giver.
    FINISHED, WITHDRAWN, RETURNED end it."""

    NEW = "new"
    OPEN = "open"
    PASSED = "passed"
    REPORTED = "reported"
    FINISHED = "finished"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"


LIVE = (TaskState.NEW.value, TaskState.OPEN.value, TaskState.PASSED.value, TaskState.REPORTED.value)
"""Tasks that are not at an end."""

TO_DO = (TaskState.NEW.value, TaskState.OPEN.value)
"""Tasks on which their owner has to act."""


class Channel(Enum):
    """How an outgoing document reaches a recipient."""

    AXIS = "axis"
    EMAIL = "email"
    PAPER = "paper"


class DeliveryState(Enum):
    """What is known of one recipient; from the axis's hand-over and the recipient's own statuses."""

    PLANNED = "planned"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    REFUSED = "refused"
    FAILED = "failed"
    RECALLED = "recalled"


class NoticeKind(Enum):
    """What a notice to a person is about. Those of tasks begin with “task.”, those of dossiers with “dossier.”."""

    ARRIVAL = "arrival"
    SENDING = "sending"
    STATUS = "status"
    RECALL = "recall"
    DRAFT = "draft"
    HANDED_OVER = "handed_over"
    SUBMISSION = "task.submission"
    HANDLING = "task.handling"
    REVIEW = "task.review"
    SIGNATURE = "task.signature"
    DUE = "task.due"
    ESCALATED = "task.escalated"
    REMINDED = "task.reminded"
    EXTENSION = "task.extension"
    REPORTED = "task.reported"
    ACCEPTED = "task.accepted"
    HANDED_BACK = "task.handed_back"
    WITHDRAWN = "task.withdrawn"
    RETURNED = "task.returned"
    AGAIN = "task.again"
    FINISHED = "task.finished"
    CONFIRMED = "task.confirmed"
    MORE = "task.more"
    DOSSIER_RIGHT = "dossier.right"
    DOSSIER_SUBMITTED = "dossier.submitted"
    DOSSIER_RECEIVED = "dossier.received"
    CERTIFICATE = "certificate"
