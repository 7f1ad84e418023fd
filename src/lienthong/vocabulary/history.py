"""History of one document between one issuer and one receiver: which statuses move it, which only stay on
record.
 Reports come late, twice and in the wrong order. The state is therefore always the replay of *all* known
events in the order of their own time, ties in the order of arrival: whatever order they came in, the final
state is the same. An event that has no place yet (05 before its 03) is kept and gets its place when the
missing one is known.
 Source: legal transitions of exchange practice under QCVN 102:2016/BTTTT; Decision 28/2018/QĐ-TTg art.
8(2), 9(2) (recall). One tolerance of ours: 15/16 may answer a recall before any 01 was sent, since a system
may answer by itself.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from lienthong.vocabulary.status import StatusCode


class Request(Enum):
    """A packet that asks the receiver to change its copy (``BussinessDocType`` 1 and 2); answered by 15 or
    16.
    """

    RECALL = "recall"
    UPDATE = "update"


class State(Enum):
    """Where the receiver stands with the document."""

    SENT = "sent"
    ARRIVED = "arrived"
    REFUSED = "refused"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    PROCESSING = "processing"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


class Outcome(Enum):
    """What an event did. Every one is recorded; only ADVANCED changes the state or what is pending."""

    ADVANCED = "advanced"
    REPEATED = "repeated"
    LATE = "late"
    ILLEGAL = "illegal"
    IGNORED_DUPLICATE = "ignored_duplicate"


@dataclass(frozen=True, slots=True)
class Event:
    """A status or a request about the document.

    ``at``: its own time (``Timestamp``), aware. ``arrival``: order in which it was recorded, unique.
    ``answers``: which request an answer means, when its sender said so. ``reference``: what makes two
    requests different (packet id).
    """

    what: StatusCode | Request
    at: datetime
    arrival: int
    answers: Request | None = None
    reference: str = ""

    @property
    def place(self) -> tuple[datetime, int]:
        """Place in the history."""
        return (self.at, self.arrival)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an event had its outcome, as sentences."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded event with what it did, seen from all that is known now."""

    event: Event
    outcome: Outcome
    reason: Reason


@dataclass(frozen=True, slots=True)
class Standing:
    """Result of a replay.

    ``pending``: requests without answer, oldest first. ``answered``: answers given since the last request.
    """

    state: State = State.SENT
    pending: tuple[Event, ...] = ()
    seen: frozenset[StatusCode] = frozenset()
    answered: frozenset[StatusCode] = frozenset()


@dataclass(frozen=True, slots=True)
class Applied:
    """Answer of :meth:`History.apply`."""

    outcome: Outcome
    reason: Reason
    before: State
    after: State


_STEPS = {
    State.SENT: {StatusCode.ARRIVED, StatusCode.REFUSED, StatusCode.ACCEPTED},
    State.ARRIVED: {StatusCode.REFUSED, StatusCode.ACCEPTED},
    State.ACCEPTED: {StatusCode.ASSIGNED, StatusCode.PROCESSING, StatusCode.COMPLETED},
    State.ASSIGNED: {StatusCode.PROCESSING, StatusCode.COMPLETED},
    State.PROCESSING: {StatusCode.PROCESSING, StatusCode.COMPLETED},
}
_TARGET = {
    StatusCode.ARRIVED: State.ARRIVED,
    StatusCode.REFUSED: State.REFUSED,
    StatusCode.ACCEPTED: State.ACCEPTED,
    StatusCode.ASSIGNED: State.ASSIGNED,
    StatusCode.PROCESSING: State.PROCESSING,
    StatusCode.COMPLETED: State.COMPLETED,
}
_RANK = {
    State.SENT: 0,
    State.ARRIVED: 1,
    State.REFUSED: 2,
    State.ACCEPTED: 3,
    State.ASSIGNED: 4,
    State.PROCESSING: 5,
    State.COMPLETED: 6,
}
_ADVANCED = Reason("Trạng thái được cập nhật.", "The status was updated.")
_PENDING = Reason("Đã ghi nhận yêu cầu, chờ nơi nhận trả lời.", "The request is recorded and waits for its answer.")
_AGAIN = Reason("Văn bản vẫn đang được xử lý.", "The document is still in process.")
_SECOND_CHANNEL = Reason(
    "Yêu cầu thu hồi đã có, nay đến thêm bằng kênh thứ hai.",
    "The recall was asked before and now came by its second channel too.",
)
_DUPLICATE = Reason("Trạng thái này đã nhận trước đó.", "This status was received before.")
_LOWER = Reason(
    "Trạng thái đến muộn; chỉ ghi vào lịch sử, không lùi trạng thái.",
    "The status came late; it is recorded and does not move the state back.",
)
_OLDER = Reason(
    "Trạng thái có thời điểm sớm hơn các trạng thái đã biết; chỉ ghi vào lịch sử.",
    "The status is older than those known already; it is recorded only.",
)
_WAITS = Reason(
    "Chưa có trạng thái phải đi trước; được giữ lại đến khi có đủ.",
    "A status that must come first is missing; this one is kept until it is known.",
)
_TOO_LATE_TO_REFUSE = Reason(
    "Văn bản đã được tiếp nhận, không thể từ chối nữa.",
    "The document was accepted and can no longer be refused.",
)
_AFTER_REFUSAL = Reason(
    "Văn bản đã bị từ chối; muốn tiếp tục phải gửi lại.",
    "The document was refused; only a new sending can go on.",
)
_AFTER_WITHDRAWAL = Reason("Văn bản đã được thu hồi.", "The document was withdrawn.")
_NOTHING_ASKED = Reason(
    "Không có yêu cầu thu hồi hoặc cập nhật nào đang chờ trả lời.",
    "No recall or update is waiting for an answer.",
)

_Verdict = tuple[Standing, Outcome, Reason]


class History:
    """All events of one delivery, in their own order."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._events: list[Event] = sorted(events, key=lambda event: event.place)
        self._standing, self._entries = _replay(self._events)

    @property
    def state(self) -> State:
        """Where the document stands now."""
        return self._standing.state

    @property
    def pending(self) -> tuple[Event, ...]:
        """Requests that wait for 15 or 16, oldest first."""
        return self._standing.pending

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every event with its outcome, in the order of its own time."""
        return tuple(self._entries)

    def apply(self, event: Event) -> Applied:
        """Record an event and say what it did.

        An event older than what is known is LATE unless it changes the state or the pending requests.
        """
        before = self._standing
        newest = not self._events or event.place > self._events[-1].place
        insort(self._events, event, key=lambda known: known.place)
        self._standing, self._entries = _replay(self._events)
        entry = next(entry for entry in self._entries if entry.event is event)
        outcome, reason = entry.outcome, entry.reason
        unchanged = (before.state, before.pending) == (self._standing.state, self._standing.pending)
        if not newest and unchanged and outcome in {Outcome.ADVANCED, Outcome.REPEATED}:
            outcome, reason = Outcome.LATE, _OLDER
        return Applied(outcome, reason, before.state, self._standing.state)


def _replay(events: list[Event]) -> tuple[Standing, list[Entry]]:
    standing = Standing()
    verdicts: dict[int, tuple[Outcome, Reason]] = {}
    waiting: list[int] = []
    exact: set[tuple[StatusCode | Request, datetime, str]] = set()
    for position, event in enumerate(events):
        same = (event.what, event.at, event.reference)
        if same in exact:
            verdicts[position] = (Outcome.IGNORED_DUPLICATE, _DUPLICATE)
            continue
        exact.add(same)
        standing, outcome, reason = _step(standing, event)
        verdicts[position] = (outcome, reason)
        if outcome is Outcome.ILLEGAL:
            waiting.append(position)
        elif outcome is Outcome.ADVANCED:
            standing = _place_waiting(standing, events, waiting, verdicts)
    return standing, [Entry(event, *verdicts[position]) for position, event in enumerate(events)]


def _place_waiting(
    standing: Standing, events: list[Event], waiting: list[int], verdicts: dict[int, tuple[Outcome, Reason]]
) -> Standing:
    """Try the kept events again, from the oldest, until none finds a place."""
    moved = True
    while moved:
        moved = False
        for position in list(waiting):
            event = events[position]
            if isinstance(event.what, StatusCode) and event.what.is_answer and not _could_answer(standing, event):
                continue
            after, outcome, reason = _step(standing, event)
            if outcome is Outcome.ILLEGAL:
                continue
            waiting.remove(position)
            verdicts[position] = (outcome, reason)
            standing, moved = after, True
    return standing


def _could_answer(standing: Standing, answer: Event) -> bool:
    """Clocks differ, so an answer may be stamped before its request; it cannot arrive before it."""
    return any(request.arrival < answer.arrival for request in standing.pending)


def _step(now: Standing, event: Event) -> _Verdict:
    what = event.what
    if now.state is State.WITHDRAWN:
        return _after_withdrawal(now, what)
    if isinstance(what, Request) or what is StatusCode.RECALL_ASKED:
        return _ask(now, event)
    if what.is_answer:
        return _answer(now, event, what)
    return _process(now, what)


def _after_withdrawal(now: Standing, what: StatusCode | Request) -> _Verdict:
    if isinstance(what, StatusCode) and (what in now.seen or what in now.answered):
        return now, Outcome.IGNORED_DUPLICATE, _DUPLICATE
    return now, Outcome.ILLEGAL, _AFTER_WITHDRAWAL


def _process(now: Standing, code: StatusCode) -> _Verdict:
    if code in now.seen and not code.repeatable:
        return now, Outcome.IGNORED_DUPLICATE, _DUPLICATE
    target = _TARGET[code]
    if code in _STEPS.get(now.state, set()):
        seen = now.seen | {code}
        if target is now.state:
            return replace(now, seen=seen), Outcome.REPEATED, _AGAIN
        # A refused document is back with its issuer: nothing is left to recall.
        pending = () if target is State.REFUSED else now.pending
        return replace(now, state=target, seen=seen, pending=pending), Outcome.ADVANCED, _ADVANCED
    if code is StatusCode.REFUSED:
        return now, Outcome.ILLEGAL, _TOO_LATE_TO_REFUSE
    if _RANK[target] < _RANK[now.state]:
        return replace(now, seen=now.seen | {code}), Outcome.LATE, _LOWER
    if now.state is State.REFUSED:
        return now, Outcome.ILLEGAL, _AFTER_REFUSAL
    return now, Outcome.ILLEGAL, _WAITS


def _ask(now: Standing, event: Event) -> _Verdict:
    if now.state is State.REFUSED:
        return now, Outcome.ILLEGAL, _AFTER_REFUSAL
    for asked in now.pending:
        if asked.what is event.what and asked.reference == event.reference:
            return now, Outcome.IGNORED_DUPLICATE, _DUPLICATE
        if event.what is not Request.UPDATE and _kind(asked) is Request.RECALL:
            return now, Outcome.REPEATED, _SECOND_CHANNEL
    return replace(now, pending=(*now.pending, event), answered=frozenset()), Outcome.ADVANCED, _PENDING


def _answer(now: Standing, event: Event, code: StatusCode) -> _Verdict:
    for asked in now.pending:
        if event.answers is not None and event.answers is not _kind(asked):
            continue
        left = tuple(other for other in now.pending if other is not asked)
        state, answered = now.state, now.answered | {code}
        if code is StatusCode.CHANGE_AGREED and _kind(asked) is Request.RECALL:
            state, left = State.WITHDRAWN, ()
        return replace(now, state=state, pending=left, answered=answered), Outcome.ADVANCED, _ADVANCED
    if code in now.answered:
        return now, Outcome.IGNORED_DUPLICATE, _DUPLICATE
    return now, Outcome.ILLEGAL, _NOTHING_ASKED


def _kind(asked: Event) -> Request:
    return Request.UPDATE if asked.what is Request.UPDATE else Request.RECALL
