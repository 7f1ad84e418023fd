"""By when a signed document must be sent, and whether it was (thời hạn gửi văn bản).
 Source: Decision 28/2018/QĐ-TTg art. 6(2): on the day of signing, at the latest in the morning of the next
working day; urgent documents immediately after signing. The end of the morning (12:00) and the minutes that
still count as "immediately" are settings: no text fixes them. Local time is Vietnam's (art. 14(4)).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import Enum

from lienthong.base.clock import VIETNAM
from lienthong.vocabulary.urgency import Urgency
from lienthong.vocabulary.working_calendar import WorkingCalendar

MORNING_END = time(12, 0)
IMMEDIATELY = timedelta(minutes=30)


class Timeliness(Enum):
    """How a sending stands to its limits.

    ON_TIME: on the day of signing (urgent: immediately). LATE_TOLERATED: up to the limit. OVERDUE: after it.
    """

    ON_TIME = "on_time"
    LATE_TOLERATED = "late_tolerated"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class SendingDeadline:
    """Limits for sending one signed document; all instants in UTC.

    ``on_time_until``: last instant that is on time. ``due_at``: the legal limit. ``certain``: whether the
    calendar knew every day that was counted.
    """

    signed_at: datetime
    urgent: bool
    on_time_until: datetime
    due_at: datetime
    certain: bool

    def classify(self, at: datetime) -> Timeliness:
        """Timeliness of a document sent at ``at`` (or, for one still unsent, of this moment)."""
        if at <= self.on_time_until:
            return Timeliness.ON_TIME
        return Timeliness.LATE_TOLERATED if at <= self.due_at else Timeliness.OVERDUE

    def minutes_waited(self, at: datetime) -> int:
        """Whole minutes from signing to ``at``; never negative, since two clocks may differ."""
        return max(0, int((at - self.signed_at).total_seconds() // 60))


def sending_deadline(
    signed_at: datetime,
    urgency: Urgency,
    calendar: WorkingCalendar,
    *,
    morning_end: time = MORNING_END,
    immediately: timedelta = IMMEDIATELY,
) -> SendingDeadline:
    """Deadline of a document signed at ``signed_at`` (aware; ``ValueError`` otherwise)."""
    if signed_at.tzinfo is None:
        raise ValueError("an instant needs its zone")
    local_date = signed_at.astimezone(VIETNAM).date()
    if urgency.is_urgent:
        limit = (signed_at + immediately).astimezone(UTC)
        return SendingDeadline(signed_at.astimezone(UTC), True, limit, limit, certain=True)
    day_ends = datetime.combine(local_date, time.max, VIETNAM).astimezone(UTC)
    next_day = calendar.next_working_day(local_date)
    due_at = datetime.combine(next_day, morning_end, VIETNAM).astimezone(UTC)
    certain = calendar.covers(local_date) and calendar.covers(next_day)
    return SendingDeadline(signed_at.astimezone(UTC), False, day_ends, due_at, certain)
