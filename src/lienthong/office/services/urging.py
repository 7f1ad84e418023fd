"""Deadlines kept (đôn đốc, gia hạn): reminders of people, of the system, more time, and telling those above.

A reminder of a person waits for a reply and keeps the task from finishing; those of the system do not.
Source: facts §6.6.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import DatabaseError, transaction
from django.db.models import Q, QuerySet

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import ProblemKind, Refused
from lienthong.infra import telemetry
from lienthong.office.deadlines import calendar_of, days_left, working_day_before
from lienthong.office.errors import NOT_YOURS, STEP_NOT_POSSIBLE, wrong_field
from lienthong.office.models import Opinion, Task
from lienthong.office.notice_words import Said, Sentence, sentence
from lienthong.office.services import tasks
from lienthong.office.services.assigning import title_of, where_of
from lienthong.office.services.routing import require_giver, say
from lienthong.office.services.settling import HANDLED, REMINDER, hold_task
from lienthong.office.services.tasks import Owner
from lienthong.office.services.telling import notify
from lienthong.office.states import LIVE, NoticeKind, Role
from lienthong.vocabulary.working_calendar import WorkingCalendar
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.in_force import holders
from lienthong.webkit.people.models import Agency
from lienthong.webkit.site.duties import Duty

BEFORE = 2
"""Working days before the deadline from which the system reminds; ``remind_before`` of an agency's settings."""

ESCALATE = 3
"""Working days after the deadline from which those above are told; ``escalate_after`` of an agency's settings."""

DAILY = 3
"""Working days after the deadline on each of which the system reminds; ``remind_daily`` of an agency's settings."""

AGAIN = 7
"""Days between two reminders of the system after that; ``remind_again`` of an agency's settings."""

BATCH = 500


def remind(visit: Visit, task: int, words: str) -> Opinion:
    """Urge whoever owns a task (đôn đốc). The giver, the office chief, follow-up officers and the registrar may.

    Refuses NOT_YOURS, STEP_NOT_POSSIBLE, FIELDS_WRONG. While one reminder of the same person waits, it is that one.
    """
    held = hold_task(visit, task)
    if not visit.who.may(Duty.OFFICE_CHIEF, Duty.FOLLOW_UP, Duty.REGISTRAR):
        require_giver(visit, held)
    if held.state not in LIVE or held.document is None:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="việc đã kết thúc", reason_en="the task has ended")
    if not words.strip():
        raise wrong_field(ProblemKind.RANGE, "words", "Nhập nội dung đôn đốc.", "Enter the reminder.")
    waiting = Opinion.objects.filter(task=held, kind=REMINDER, author=visit.who.account, superseded_by__isnull=True)
    first = waiting.first()
    if first is not None:
        return first
    made = say(visit, held.document, REMINDER, words, held)
    notify(visit, tasks.people_of(visit, Owner(held.account_id, held.unit_id)), NoticeKind.REMINDED,
           sentence(Said.REMINDED, title=held.document.abstract),
           f"/documents/{held.document_id}?task={held.pk}")  # fmt: skip
    return made


def ask_extension(visit: Visit, task: int, until: date | None, reason: str) -> Task:
    """The owner asks for more time; the giver decides. Refuses NOT_YOURS, STEP_NOT_POSSIBLE, FIELDS_WRONG."""
    held = hold_task(visit, task)
    tasks.require_mine(visit, held)
    if held.state not in LIVE or held.due_date is None or held.document is None:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="việc không có hạn hoặc đã kết thúc",
                      reason_en="it has no deadline or has ended")  # fmt: skip
    if until is None or until <= held.due_date or until < visit.today:
        raise wrong_field(
            ProblemKind.RANGE, "until", "Ngày xin gia hạn phải sau hạn hiện tại.", "It must be later than the deadline."
        )
    if not reason.strip():
        raise wrong_field(ProblemKind.RANGE, "reason", "Nhập lý do xin gia hạn.", "Enter the reason.")
    if held.extension == until and held.extension_reason == reason[:500]:
        return held
    held.extension, held.extension_reason = until, reason[:500]
    held.save(update_fields=["extension", "extension_reason"])
    say(visit, held.document, "extension", f"{until:%d/%m/%Y}: {reason}", held)
    if held.giver_id is not None:
        notify(visit, [held.giver_id], NoticeKind.EXTENSION,
               sentence(Said.EXTENSION_ASKED, until=f"{until:%d/%m/%Y}", title=held.document.abstract),
               f"/documents/{held.document_id}?task={held.pk}")  # fmt: skip
    return held


def decide_extension(visit: Visit, task: int, grant: bool, words: str = "") -> Task:
    """Grant or refuse more time; a refusal says why. What was asked becomes the deadline, not after that of the task
    above. Refuses NOT_YOURS, STEP_NOT_POSSIBLE, FIELDS_WRONG. Again: no change."""
    held = hold_task(visit, task)
    require_giver(visit, held)
    if held.extension is None or held.document is None:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="không có đề nghị gia hạn đang chờ", reason_en="nothing was asked")
    if not grant and not words.strip():
        raise wrong_field(ProblemKind.RANGE, "words", "Từ chối gia hạn phải có lý do.", "A refusal needs a reason.")
    limit = held.parent.due_date if held.parent is not None and held.parent.kind == "handling" else None
    if grant and limit is not None and held.extension > limit:
        raise wrong_field(
            ProblemKind.RANGE, "until",
            f"Hạn của việc cấp trên là {limit:%d/%m/%Y}; xin gia hạn việc đó trước.",
            f"The task above ends on {limit:%d/%m/%Y}; ask for more time there first.",
        )  # fmt: skip
    asked = held.extension
    if grant:
        held.due_date = asked
    held.extension, held.extension_reason = None, ""
    held.save(update_fields=["due_date", "extension", "extension_reason"])
    if grant and held.parent_id is None and held.document.due_date and held.document.due_date < asked:
        held.document.due_date = asked
        held.document.save(update_fields=["due_date"])
    said = "Đồng ý gia hạn đến" if grant else "Không gia hạn đến"
    say(visit, held.document, "granted" if grant else "refused", f"{said} {asked:%d/%m/%Y}. {words}".strip(), held)
    notify(visit, tasks.people_of(visit, Owner(held.account_id, held.unit_id)), NoticeKind.EXTENSION,
           sentence(Said.EXTENSION_GRANTED if grant else Said.EXTENSION_REFUSED, until=f"{asked:%d/%m/%Y}",
                 title=held.document.abstract),
           f"/documents/{held.document_id}?task={held.pk}")  # fmt: skip
    return held


@dataclass(frozen=True, slots=True)
class _Round:
    """What one round of reminders reads once. ``before``, ``after``: working days around a deadline; ``long_late``: a
    deadline before this day passed so long ago that it is told of only every ``again`` days."""

    visit: Visit
    calendar: WorkingCalendar
    before: int
    after: int
    long_late: date
    again: int
    follow_up: Sequence[int]
    chiefs: Sequence[int]


def remind_and_escalate(visit: Visit) -> int:
    """For the worker, once or many times a day for the agency of its connection: notices before, on and after deadlines
    to owners, their heads and follow-up officers; later also to givers and the office chief. Each task once a working
    day, and once a week when it has been late for long; on days off nobody is told.

    Answers how many tasks were told of. Called outside of a transaction: each task has its own, with its notices and
    its mark, so that one that fails leaves the others and no list keeps people from their tasks.
    """
    agency, day, calendar = visit.agency, visit.today, calendar_of(visit.agency)
    if not calendar.is_working_day(day):
        return 0
    round_ = _Round(
        visit, calendar, _days(agency, "remind_before", BEFORE), _days(agency, "escalate_after", ESCALATE),
        working_day_before(calendar, day, _days(agency, "remind_daily", DAILY)), _days(agency, "remind_again", AGAIN),
        holders(agency, day, Duty.FOLLOW_UP), holders(agency, day, Duty.OFFICE_CHIEF),
    )  # fmt: skip
    found, past = 0, 0
    while ids := list(_due(round_).filter(pk__gt=past).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        found, past = found + sum(_remind_of(round_, each) for each in ids), ids[-1]
    return found


def _due(round_: _Round) -> QuerySet[Task]:
    """Live tasks, near their deadline or past it, of which it is time to tell: of long late ones not every day."""
    visit = round_.visit
    start = datetime.combine(visit.today, time(), VIETNAM)
    again = start - timedelta(days=max(round_.again - 1, 0))
    later = round_.calendar.add_working_days(visit.today, round_.before + 1)
    due = Q(state__in=LIVE, due_date__lt=later, role__in=(Role.LEAD.value, Role.SUPPORT.value))
    unreminded = Q(reminded_at__isnull=True) | Q(reminded_at__lt=again)
    unreminded |= Q(reminded_at__lt=start, due_date__gte=round_.long_late)
    return Task.objects.filter(due & unreminded, agency=visit.agency, kind__in=HANDLED)


def _remind_of(round_: _Round, task: int) -> bool:
    """Tell of one task and mark it; one that somebody uses just now, or that fails, waits for the next round."""
    try:
        with transaction.atomic():
            locked = _due(round_).select_for_update(of=("self",), skip_locked=True).filter(pk=task)
            found = locked.select_related("document", "parent").first()
            told = found is not None and _tell(round_, found)
            if told:
                Task.objects.filter(pk=task).update(reminded_at=round_.visit.now)
            return told
    except (Refused, DatabaseError) as failure:
        telemetry.fault("office.reminder_failed", failure, agency=round_.visit.agency.code)
        return False


def _tell(round_: _Round, task: Task) -> bool:
    visit = round_.visit
    left = days_left(round_.calendar, visit.today, task.due_date) if task.due_date else 0
    if left > round_.before:
        return False
    owners = tasks.people_of(visit, Owner(task.account_id, task.unit_id))
    accounts = [*owners, *_heads(visit, task), *round_.follow_up]
    late = left <= -round_.after
    if late:
        accounts += [task.giver_id] if task.giver_id else []
        accounts += round_.chiefs
    notify(visit, accounts, NoticeKind.ESCALATED if late else NoticeKind.DUE, _due_words(task, left), where_of(task))
    return True


def _due_words(task: Task, left: int) -> Sentence:
    if left == 0:
        return sentence(Said.DUE_TODAY, title=title_of(task))
    return sentence(Said.DAYS_LEFT if left > 0 else Said.DAYS_LATE, days=abs(left), title=title_of(task))


def _heads(visit: Visit, task: Task) -> Iterable[int]:
    """Heads of the unit in whose name a person works."""
    if task.account_id is None or task.parent is None or task.parent.unit_id is None:
        return ()
    return tasks.people_of(visit, Owner(unit=task.parent.unit_id))


def _days(agency: Agency, name: str, otherwise: int) -> int:
    given = agency.settings.get(name, otherwise)
    return given if isinstance(given, int) and 0 <= given <= 60 else otherwise


def may_urge(visit: Visit, task: Task) -> bool:
    """Whether the page offers to remind."""
    if task.state not in LIVE or task.role not in {Role.LEAD.value, Role.SUPPORT.value}:
        return False
    if visit.who.may(Duty.OFFICE_CHIEF, Duty.FOLLOW_UP, Duty.REGISTRAR):
        return True
    try:
        require_giver(visit, task)
    except Refused as refused:
        if refused.code is not NOT_YOURS:
            raise
        return False
    return True
