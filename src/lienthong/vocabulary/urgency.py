"""Urgency of a document (độ khẩn), the ``Priority`` of a packet.

Source: Decree 30/2020/NĐ-CP art. 8 and Appendix VI; Decision 28/2018/QĐ-TTg art. 10(2)(k). The digits 0–4 are
those of connected systems: no text publishes them.
"""

from __future__ import annotations

from enum import IntEnum

from lienthong.base.errors import Language, Refused
from lienthong.base.text import fold, one_line
from lienthong.vocabulary.errors import URGENCY_UNKNOWN


class Urgency(IntEnum):
    """How fast a document must go (độ khẩn); a greater value goes first."""

    NORMAL = 0
    URGENT = 1
    VERY_URGENT = 2
    IMMEDIATE = 3
    IMMEDIATE_TIMED = 4

    @property
    def is_urgent(self) -> bool:
        """Whether it is sent immediately after signing (Decision 28/2018/QĐ-TTg art. 6(2))."""
        return self >= Urgency.URGENT

    def label(self, language: Language) -> str:
        """Name to show."""
        return (_VI if language == "vi" else _EN)[self]


_VI = {
    Urgency.NORMAL: "Thường",
    Urgency.URGENT: "Khẩn",
    Urgency.VERY_URGENT: "Thượng khẩn",
    Urgency.IMMEDIATE: "Hỏa tốc",
    Urgency.IMMEDIATE_TIMED: "Hỏa tốc hẹn giờ",
}
_EN = {
    Urgency.NORMAL: "Normal",
    Urgency.URGENT: "Urgent",
    Urgency.VERY_URGENT: "Very urgent",
    Urgency.IMMEDIATE: "Immediate",
    Urgency.IMMEDIATE_TIMED: "Immediate, at a set time",
}
_BY_NAME = {fold(name): urgency for urgency, name in _VI.items()}


def from_priority(value: str | int | None) -> Urgency:
    """Urgency of a ``Priority`` digit or of a Vietnamese name; an absent one means normal.

    Refuses URGENCY_UNKNOWN.
    """
    text = "" if value is None else str(value).strip()
    if not text:
        return Urgency.NORMAL
    if text in {"0", "1", "2", "3", "4"}:
        return Urgency(int(text))
    named = _BY_NAME.get(fold(text))
    if named is None:
        raise Refused(URGENCY_UNKNOWN, value=one_line(text, 40))
    return named
