"""Business status codes (mã trạng thái xử lý): what they mean, who sends them, in which direction.

Source: QCVN 102:2016/BTTTT practice (codes 01–06, 13, 15, 16; no source shows 07–12 or 14); Decision
28/2018/QĐ-TTg art. 10(2)(h) for the legal states. Transport states of a packet are something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from lienthong.base.errors import Language, Refused
from lienthong.base.text import one_line
from lienthong.vocabulary.errors import STATUS_CODE_UNKNOWN


class StatusCode(Enum):
    """A report on one document between one issuer and one receiver (trạng thái xử lý)."""

    ARRIVED = "01"
    REFUSED = "02"
    ACCEPTED = "03"
    ASSIGNED = "04"
    PROCESSING = "05"
    COMPLETED = "06"
    RECALL_ASKED = "13"
    CHANGE_AGREED = "15"
    CHANGE_REFUSED = "16"

    @property
    def sent_by_issuer(self) -> bool:
        """Only the request to take a document back comes from its issuer; all others from its receiver."""
        return self is StatusCode.RECALL_ASKED

    @property
    def is_answer(self) -> bool:
        """Whether it answers a recall or an update."""
        return self in {StatusCode.CHANGE_AGREED, StatusCode.CHANGE_REFUSED}

    @property
    def repeatable(self) -> bool:
        """Whether the same code again is news (only 05)."""
        return self is StatusCode.PROCESSING

    @property
    def needs_reason(self) -> bool:
        """Whether a reason is expected in practice."""
        return self in {StatusCode.REFUSED, StatusCode.CHANGE_REFUSED}

    def label(self, language: Language) -> str:
        """Name to show."""
        return (_VI if language == "vi" else _EN)[self]


_VI = {
    StatusCode.ARRIVED: "Đã đến",
    StatusCode.REFUSED: "Từ chối tiếp nhận",
    StatusCode.ACCEPTED: "Đã tiếp nhận",
    StatusCode.ASSIGNED: "Phân công",
    StatusCode.PROCESSING: "Đang xử lý",
    StatusCode.COMPLETED: "Hoàn thành",
    StatusCode.RECALL_ASKED: "Lấy lại",
    StatusCode.CHANGE_AGREED: "Đồng ý lấy lại hoặc cập nhật",
    StatusCode.CHANGE_REFUSED: "Từ chối lấy lại hoặc cập nhật",
}
_EN = {
    StatusCode.ARRIVED: "Arrived",
    StatusCode.REFUSED: "Refused",
    StatusCode.ACCEPTED: "Accepted",
    StatusCode.ASSIGNED: "Assigned",
    StatusCode.PROCESSING: "In process",
    StatusCode.COMPLETED: "Completed",
    StatusCode.RECALL_ASKED: "Recall asked",
    StatusCode.CHANGE_AGREED: "Recall or update agreed",
    StatusCode.CHANGE_REFUSED: "Recall or update refused",
}


@dataclass(frozen=True, slots=True)
class Parties:
    """Issuer and receiver of the *document* that a report speaks of."""

    issuer: str
    receiver: str


def normalise(text: str | int) -> StatusCode:
    """Status of a code by its integer value (``1``, ``01``, ``" 001 "``). Refuses STATUS_CODE_UNKNOWN."""
    digits = str(text).strip()
    if digits.isascii() and digits.isdigit() and len(digits) <= 4:
        for code in StatusCode:
            if int(code.value) == int(digits):
                return code
    raise Refused(STATUS_CODE_UNKNOWN, status=one_line(digits, 20))


def parties(code: StatusCode, sender: str, response_for: str) -> Parties:
    """Who issued the document and who received it, from ``From`` and ``ResponseFor/OrganId`` of a status
    packet.

    The direction of 13 is reversed: there the sender is the issuer.
    """
    if code.sent_by_issuer:
        return Parties(issuer=sender, receiver=response_for)
    return Parties(issuer=response_for, receiver=sender)


def addressee(code: StatusCode, document: Parties) -> tuple[str, str]:
    """``From`` and ``ResponseFor/OrganId`` to write for a status of this document: the inverse of
    :func:`parties`.
    """
    if code.sent_by_issuer:
        return document.issuer, document.receiver
    return document.receiver, document.issuer
