"""Tasks on their own (việc không từ văn bản): given, divided, reported, accepted, extended, withdrawn, reminded.

Source: clerical-archive facts §6.6. Tasks of documents have a flow of their own; reminding is common to both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.base.text import nfc, one_line
from lienthong.office.deadlines import calendar_of
from lienthong.office.errors import FIELDS_WRONG, NOT_YOURS, STEP_NOT_POSSIBLE, wrong_field
from lienthong.office.models import Task
from lienthong.office.notice_words import Said, sentence
from lienthong.office.services.reading_rights import readable
from lienthong.office.services.tasks import Owner, end, give, lock, people_of, queue_up, require_mine
from lienthong.office.services.telling import notify
from lienthong.office.states import LIVE, NoticeKind, Role, TaskKind, TaskState
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.models import Account, Unit
from lienthong.webkit.site.duties import WHOLE_AGENCY, Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

GIVERS = (Duty.LEADER, Duty.OFFICE_CHIEF, Duty.UNIT_HEAD)
"""Duties that may give work to others; everybody may give some to himself."""

PAUSE = timedelta(hours=12)
"""A task is not reminded of twice within this time."""


@dataclass(frozen=True, slots=True)
class TaskFields:
    """A task as it is given. ``owners``: who does it, the first one leads. ``days``: working days, without a date."""

    title: str
    directive: str = ""
    owners: tuple[Owner, ...] = ()
    due: date | None = None
    days: int | None = None
    needs_answer: bool = False


def visible(visit: Visit) -> QuerySet[Task]:
    """Tasks on their own that somebody has to do with: as owner, giver, or above and below in the tree; leaders, the
    office chief and follow-up officers see all."""
    person = visit.who
    alone = Task.objects.filter(agency=visit.agency, document__isnull=True)
    if person.may(*WHOLE_AGENCY, Duty.FOLLOW_UP):
        return alone
    mine = Q(account__in=person.stands_for) | Q(unit__in=person.units) | Q(giver__in=person.stands_for)
    own = Task.objects.filter(mine, agency=visit.agency, document__isnull=True)
    return alone.filter(mine | Q(parent__in=own.values("pk")) | Q(pk__in=own.values("parent")))


def find_task(visit: Visit, task: int) -> Task:
    """One task that somebody has to do with. Refuses NOT_FOUND_HERE."""
    related = ("giver", "account", "unit", "parent", "for_whom")
    found = visible(visit).filter(pk=task).select_related(*related).first()
    if found is None:
        raise Refused(NOT_FOUND_HERE)
    return found


def create(visit: Visit, fields: TaskFields, parent: Task | None = None) -> list[Task]:
    """Give a task that has no document, to each of its owners; of a parent's, none is due after it.

    Refuses FIELDS_WRONG, NOT_YOURS (who may not give work gives it only to himself; a task of others is not divided),
    STEP_NOT_POSSIBLE when the parent is at an end.
    """
    due = due_of(visit, fields)
    above = None
    if parent is not None:
        above = lock(parent.pk, visit)
        require_mine(visit, above)
        if above.state not in LIVE:
            raise Refused(STEP_NOT_POSSIBLE, reason_vi="việc cha đã kết thúc", reason_en="the task above is at an end")
    _check(visit, fields, due, above)
    only_self = all(each.account in visit.who.stands_for for each in fields.owners)
    if not (only_self or visit.who.may(*GIVERS) or (parent is not None and visit.who.units_as(Duty.UNIT_REGISTRAR))):
        raise Refused(NOT_YOURS, reason_vi="giao việc cho người khác là quyền của lãnh đạo",
                      reason_en="only leaders give work to others")  # fmt: skip
    # The same form sent twice gives the same tasks, also at once.
    queue_up(visit.who.account)
    title = one_line(nfc(fields.title), 500)
    same = Task.objects.filter(
        agency=visit.agency, document__isnull=True, parent=above, giver=visit.who.account, title=title,
        directive=fields.directive.strip(), due_date=due, given_at__gt=visit.now - timedelta(minutes=1),
    )  # fmt: skip
    before = list(same.order_by("pk"))
    if before:
        return before
    return [
        give(visit, None, each, TaskKind.HANDLING, Role.LEAD if at == 0 else Role.SUPPORT, parent=above, due=due,
             directive=fields.directive.strip(), title=title, needs_answer=fields.needs_answer)
        for at, each in enumerate(fields.owners)
    ]  # fmt: skip


def due_of(visit: Visit, fields: TaskFields) -> date | None:
    """The day that is said, or so many working days from today by the agency's calendar."""
    if fields.due is not None or fields.days is None:
        return fields.due
    return calendar_of(visit.agency).add_working_days(visit.today, min(max(fields.days, 0), 500))


def _check(visit: Visit, fields: TaskFields, due: date | None, parent: Task | None) -> None:
    problems = []
    if not fields.title.strip():
        problems.append(Problem(ProblemKind.REQUIRED, "title", "Nhập tên việc.", "Enter what is to be done."))
    if not fields.owners:
        problems.append(Problem(ProblemKind.REQUIRED, "owners", "Chọn người hoặc đơn vị làm.", "Choose who does it."))
    if due is not None and due < visit.today:
        problems.append(Problem(ProblemKind.RANGE, "due", "Hạn đã qua.", "The deadline has passed."))
    if due is not None and parent is not None and parent.due_date is not None and due > parent.due_date:
        said = f"{parent.due_date:%d/%m/%Y}"
        problems.append(
            Problem(ProblemKind.RANGE, "due", f"Hạn không sau hạn của việc cha ({said}).", f"Not after {said}.")
        )
    accounts = {each.account for each in fields.owners if each.account is not None}
    units = {each.unit for each in fields.owners if each.unit is not None}
    known = Account.objects.filter(agency=visit.agency, disabled_at__isnull=True, pk__in=accounts).count()
    if known != len(accounts) or Unit.objects.filter(agency=visit.agency, pk__in=units).count() != len(units):
        problems.append(
            Problem(ProblemKind.FORMAT, "owners", "Có người hoặc đơn vị không còn.", "Somebody is not here.")
        )
    if problems:
        raise Refused(FIELDS_WRONG, tuple(problems), count=len(problems))


def report(visit: Visit, task: Task, result: str) -> Task:
    """Report a task as done; its giver accepts it. What one gave oneself is finished at once. Reported: it stays.

    Refuses NOT_YOURS, STEP_NOT_POSSIBLE (an end; no words; children in the lead that are open).
    """
    found = _own(visit, task)
    if found.state in {TaskState.REPORTED.value, TaskState.FINISHED.value}:
        return found
    text = result.strip()
    if found.needs_answer and not text:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="phải ghi kết quả", reason_en="the result has to be said")
    open_ = found.children.filter(state__in=LIVE, role=Role.LEAD.value)
    if open_.exists():
        raise Refused(STEP_NOT_POSSIBLE, reason_vi=f"còn {open_.count()} việc con chủ trì chưa xong",
                      reason_en=f"{open_.count()} tasks below in the lead are open")  # fmt: skip
    if found.giver_id in visit.who.stands_for:
        _finish(visit, found, text)
        return found
    end(visit, found, TaskState.REPORTED, text)
    if found.giver_id:
        notify(
            visit,
            [found.giver_id],
            NoticeKind.REPORTED,
            sentence(Said.TASK_REPORTED, title=found.title),
            where_of(found),
        )
    return found


def accept(visit: Visit, task: Task) -> Task:
    """The giver accepts what was reported; open tasks below close with it. Refuses NOT_YOURS, STEP_NOT_POSSIBLE."""
    found = _given(visit, task)
    if found.state == TaskState.FINISHED.value:
        return found
    if found.state != TaskState.REPORTED.value:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="việc chưa được báo cáo", reason_en="it was not reported yet")
    _finish(visit, found, found.result)
    said = sentence(Said.TASK_ACCEPTED, title=found.title)
    notify(visit, _people(visit, found), NoticeKind.ACCEPTED, said, where_of(found))
    return found


def hand_back(visit: Visit, task: Task, reason: str) -> Task:
    """The giver does not accept it: it is open again, with his reason. Refuses NOT_YOURS, STEP_NOT_POSSIBLE."""
    found, text = _given(visit, task), " ".join(reason.split())
    if found.state != TaskState.REPORTED.value or not text:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="chỉ trả lại việc đã báo cáo, và phải có lý do",
                      reason_en="only what was reported is handed back, with a reason")  # fmt: skip
    end(visit, found, TaskState.OPEN)
    visit.note("task.handed_back", f"task:{found.pk}", reason=text[:300])
    notify(
        visit,
        _people(visit, found),
        NoticeKind.HANDED_BACK,
        sentence(Said.TASK_HANDED_BACK, title=found.title, why=text),
        where_of(found),
    )
    return found


def withdraw(visit: Visit, task: Task) -> Task:
    """The giver takes a task back, and everything below it. At an end already: nothing to do. Refuses NOT_YOURS."""
    found = _given(visit, task)
    for each in [found, *_below(found)]:
        if each.state in LIVE:
            end(visit, each, TaskState.WITHDRAWN)
            said = sentence(Said.TASK_WITHDRAWN, title=each.title)
            notify(visit, _people(visit, each), NoticeKind.WITHDRAWN, said, where_of(each))
    found.refresh_from_db()
    return found


def ask_extension(visit: Visit, task: Task, until: date | None, reason: str) -> Task:
    """Ask for a later day, with a reason. Refuses NOT_YOURS, FIELDS_WRONG."""
    found, text = _own(visit, task), " ".join(reason.split())
    if until is None or until <= (found.due_date or visit.today) or not text:
        raise wrong_field(
            ProblemKind.RANGE, "until", "Chọn ngày sau hạn hiện tại và ghi lý do.", "A later day, and why."
        )
    found.extension, found.extension_reason = until, text[:500]
    found.save(update_fields=["extension", "extension_reason"])
    visit.note("task.extension_asked", f"task:{found.pk}", until=str(until))
    if found.giver_id:
        notify(
            visit,
            [found.giver_id],
            NoticeKind.EXTENSION,
            sentence(Said.TASK_EXTENSION_ASKED, title=found.title, until=f"{until:%d/%m/%Y}"),
            where_of(found),
        )
    return found


def decide_extension(visit: Visit, task: Task, *, agreed: bool) -> Task:
    """The giver agrees to the day that was asked for, or not. Decided already: nothing to do. Refuses NOT_YOURS."""
    found = _given(visit, task)
    if found.extension is None:
        return found
    asked = found.extension
    found.due_date = asked if agreed else found.due_date
    found.extension, found.extension_reason = None, ""
    found.save(update_fields=["due_date", "extension", "extension_reason"])
    visit.note("task.extended" if agreed else "task.extension_refused", f"task:{found.pk}", until=str(asked))
    said = sentence(Said.TASK_EXTENSION_GRANTED if agreed else Said.TASK_EXTENSION_REFUSED, title=found.title)
    notify(visit, _people(visit, found), NoticeKind.EXTENSION, said, where_of(found))
    return found


def given_by(visit: Visit) -> QuerySet[Task]:
    """Live tasks that somebody gave, or a leader in whose name he works; with or without a document."""
    mine = Q(giver__in=visit.who.stands_for) | Q(for_whom__in=visit.who.stands_for)
    return Task.objects.filter(mine, agency=visit.agency, state__in=LIVE)


def remind(visit: Visit, tasks: Sequence[int]) -> list[tuple[Task | None, str]]:
    """Remind the owners of tasks that one gave (đôn đốc): a result for each, in the order asked for, with why it was
    not possible, or an empty text. A task that one may not see is told of as one that does not exist: without itself.
    """
    asked = list(dict.fromkeys(tasks))
    mine = Q(giver__in=visit.who.stands_for) | Q(for_whom__in=visit.who.stands_for)
    seen = mine | Q(pk__in=visible(visit).values("pk")) | Q(document__in=readable(visit).values("pk"))
    chosen = Task.objects.select_for_update(of=("self",)).filter(seen, agency=visit.agency, pk__in=asked)
    found = {each.pk: each for each in chosen.select_related("document", "account", "unit").order_by("pk")}
    nothing = Refused(NOT_FOUND_HERE).sentence(visit.language)
    return [(found[pk], _remind(visit, found[pk])) if pk in found else (None, nothing) for pk in asked]


def _remind(visit: Visit, task: Task) -> str:
    """Remind of one; why not, or an empty text."""
    person = visit.who
    if not (person.may(Duty.FOLLOW_UP, Duty.OFFICE_CHIEF) or {task.giver_id, task.for_whom_id} & person.stands_for):
        return "không phải việc anh/chị giao"
    if task.state not in LIVE or task.state == TaskState.REPORTED.value:
        return "việc đã báo cáo hoặc kết thúc"
    if task.reminded_at is not None and task.reminded_at > visit.now - PAUSE:
        return "vừa được nhắc hôm nay"
    task.reminded_at = visit.now
    task.save(update_fields=["reminded_at"])
    said = sentence(Said.TASK_REMINDED, title=title_of(task))
    if task.due_date:
        said = sentence(Said.TASK_REMINDED_DUE, title=title_of(task), due=f"{task.due_date:%d/%m/%Y}")
    notify(visit, _people(visit, task), NoticeKind.REMINDED, said, where_of(task))
    visit.note("task.reminded", f"task:{task.pk}")
    return ""


def title_of(task: Task) -> str:
    """What it is about: its own title or the abstract of its document."""
    return task.title or (task.document.abstract if task.document else "")


def where_of(task: Task) -> str:
    """The page on which it is done."""
    return f"/documents/{task.document_id}?task={task.pk}" if task.document_id else f"/tasks/{task.pk}"


def _finish(visit: Visit, task: Task, result: str) -> None:
    end(visit, task, TaskState.FINISHED, result)
    for each in _below(task):
        if each.state in LIVE:
            end(visit, each, TaskState.FINISHED)


def _below(task: Task) -> list[Task]:
    """All tasks below, level by level."""
    found: list[Task] = []
    level = [task.pk]
    while level:
        children = list(Task.objects.select_for_update().filter(parent__in=level).order_by("pk"))
        found += children
        level = [each.pk for each in children]
    return found


def _own(visit: Visit, task: Task) -> Task:
    found = lock(task.pk, visit)
    require_mine(visit, found)
    if found.state in {TaskState.WITHDRAWN.value, TaskState.RETURNED.value}:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="việc đã được thu hồi", reason_en="the task was withdrawn")
    return found


def _given(visit: Visit, task: Task) -> Task:
    found = lock(task.pk, visit)
    if not {found.giver_id, found.for_whom_id} & visit.who.stands_for:
        raise Refused(NOT_YOURS, reason_vi="việc này do người khác giao", reason_en="somebody else gave it")
    return found


def _people(visit: Visit, task: Task) -> list[int]:
    return people_of(visit, Owner(task.account_id, task.unit_id))
