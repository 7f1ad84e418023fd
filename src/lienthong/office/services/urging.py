"""Deadlines kept (đôn đốc, gia hạn): reminders of people, of the system, more time, and telling those above.

A reminder of a person waits for a reply and keeps the task from finishing; those of the system do not.
Source: facts §6.6.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time

from django.db import transaction
from django.db.models import Q, QuerySet

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.office.deadlines import calendar_of, days_left
from lienthong.office.errors import FIELDS_WRONG, NOT_YOURS, STEP_NOT_POSSIBLE
from lienthong.office.models import Notice, Opinion, Task
from lienthong.office.services import tasks
from lienthong.office.services.routing import require_giver, say
from lienthong.office.services.settling import HANDLED, REMINDER, hold_task
from lienthong.office.services.tasks import Owner
from lienthong.office.services.telling import notify
from lienthong.office.states import LIVE, NoticeKind, Role
from lienthong.vocabulary.working_calendar import WorkingCalendar
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.models import Agency, Appointment
from lienthong.webkit.site.duties import Duty

BEFORE = 2
"""Working days before the deadline from which the system reminds; ``remind_before`` of an agency's settings."""

ESCALATE = 3
"""Working days after the deadline from which those above are told; ``escalate_after`` of an agency's settings."""

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
        raise _wrong("words", "Nhập nội dung đôn đốc.", "Enter the reminder.")
    waiting = Opinion.objects.filter(task=held, kind=REMINDER, author=visit.who.account, superseded_by__isnull=True)
    first = waiting.first()
    if first is not None:
        return first
    made = say(visit, held.document, REMINDER, words, held)
    notify(visit, tasks.people_of(Owner(held.account_id, held.unit_id)), NoticeKind.REMINDED,
           f"Đôn đốc: {held.document.abstract}", f"/documents/{held.document_id}?task={held.pk}")  # fmt: skip
    return made


def ask_extension(visit: Visit, task: int, until: date | None, reason: str) -> Task:
    """The owner asks for more time; the giver decides. Refuses NOT_YOURS, STEP_NOT_POSSIBLE, FIELDS_WRONG."""
    held = hold_task(visit, task)
    tasks.require_mine(visit, held)
    if held.state not in LIVE or held.due_date is None or held.document is None:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="việc không có hạn hoặc đã kết thúc",
                      reason_en="it has no deadline or has ended")  # fmt: skip
    if until is None or until <= held.due_date or until < visit.today:
        raise _wrong("until", "Ngày xin gia hạn phải sau hạn hiện tại.", "It must be later than the deadline.")
    if not reason.strip():
        raise _wrong("reason", "Nhập lý do xin gia hạn.", "Enter the reason.")
    if held.extension == until and held.extension_reason == reason[:500]:
        return held
    held.extension, held.extension_reason = until, reason[:500]
    held.save(update_fields=["extension", "extension_reason"])
    say(visit, held.document, "extension", f"{until:%d/%m/%Y}: {reason}", held)
    if held.giver_id is not None:
        notify(visit, [held.giver_id], NoticeKind.EXTENSION,
               f"Xin gia hạn đến {until:%d/%m/%Y}: {held.document.abstract}",
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
        raise _wrong("words", "Từ chối gia hạn phải có lý do.", "A refusal needs a reason.")
    limit = held.parent.due_date if held.parent is not None and held.parent.kind == "handling" else None
    if grant and limit is not None and held.extension > limit:
        raise _wrong("until", f"Hạn của việc cấp trên là {limit:%d/%m/%Y}; xin gia hạn việc đó trước.",
                     f"The task above ends on {limit:%d/%m/%Y}; ask for more time there first.")  # fmt: skip
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
    notify(visit, tasks.people_of(Owner(held.account_id, held.unit_id)), NoticeKind.EXTENSION,
           f"{said} {asked:%d/%m/%Y}: {held.document.abstract}",
           f"/documents/{held.document_id}?task={held.pk}")  # fmt: skip
    return held


def remind_and_escalate(visit: Visit) -> int:
    """For the worker, once or many times a day for the agency of its connection: notices before, on and after deadlines
    to owners, their heads and follow-up officers; later also to givers and the office chief. Each task once a day.

    Answers how many tasks were told of.
    """
    count, past = 0, 0
    calendars: dict[int, WorkingCalendar] = {}
    while True:
        # A transaction for each batch: a long list must not keep people from their tasks.
        with transaction.atomic():
            rows = list(_unreminded(visit).filter(pk__gt=past)[:BATCH])
            told = [each.pk for each in rows if _tell(visit, each, calendars)]
            Task.objects.filter(pk__in=told).update(reminded_at=visit.now)
        if not rows:
            return count
        past, count = rows[-1].pk, count + len(told)


def _unreminded(visit: Visit) -> QuerySet[Task]:
    """Live tasks with a deadline of which nobody was told today; those in use by somebody wait for the next round."""
    start = datetime.combine(visit.today, time(), VIETNAM)
    due = Q(state__in=LIVE, due_date__isnull=False, role__in=(Role.LEAD.value, Role.SUPPORT.value))
    unreminded = Q(reminded_at__isnull=True) | Q(reminded_at__lt=start)
    locked = Task.objects.select_for_update(of=("self",), skip_locked=True)
    found = locked.filter(due & unreminded, agency=visit.agency, kind__in=HANDLED)
    return found.select_related("agency", "document", "parent").order_by("pk")


def _tell(visit: Visit, task: Task, calendars: dict[int, WorkingCalendar]) -> bool:
    agency = task.agency
    calendar = calendars.setdefault(agency.pk, calendar_of(agency))
    left = days_left(calendar, visit.today, task.due_date) if task.due_date else 0
    if left > _days(agency, "remind_before", BEFORE):
        return False
    accounts = [
        *tasks.people_of(Owner(task.account_id, task.unit_id)),
        *_heads(task),
        *_with_duty(agency, Duty.FOLLOW_UP),
    ]
    late = left <= -_days(agency, "escalate_after", ESCALATE)
    if late:
        accounts += [task.giver_id] if task.giver_id else []
        accounts += _with_duty(agency, Duty.OFFICE_CHIEF)
    words = (
        f"còn {left} ngày làm việc"
        if left > 0
        else "đến hạn hôm nay"
        if left == 0
        else f"quá hạn {-left} ngày làm việc"
    )
    what = task.title or (task.document.abstract if task.document else "")
    where = f"/documents/{task.document_id}?task={task.pk}" if task.document_id else "/"
    kind = NoticeKind.ESCALATED if late else NoticeKind.DUE
    Notice.objects.bulk_create(
        Notice(agency=agency, account_id=each, kind=kind.value,
               text=f"{words[:1].upper()}{words[1:]}: {what}"[:500], where=where, at=visit.now)
        for each in dict.fromkeys(accounts)
    )  # fmt: skip
    return True


def _heads(task: Task) -> Iterable[int]:
    """Heads of the unit in whose name a person works."""
    if task.account_id is None or task.parent is None or task.parent.unit_id is None:
        return ()
    return tasks.people_of(Owner(unit=task.parent.unit_id))


def _with_duty(agency: Agency, duty: Duty) -> list[int]:
    found = Appointment.objects.filter(agency=agency, duty=duty.value, valid_until__isnull=True)
    return list(found.values_list("account_id", flat=True))


def _days(agency: Agency, name: str, otherwise: int) -> int:
    given = agency.settings.get(name, otherwise)
    return given if isinstance(given, int) and 0 <= given <= 60 else otherwise


def _wrong(field: str, vi: str, en: str) -> Refused:
    return Refused(FIELDS_WRONG, (Problem(ProblemKind.RANGE, field, vi, en),), count=1)


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
