"""Tasks: given, read, ended. What follows for the document and the other tasks is the business of the flow above."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Case, F, Value, When

from lienthong.base.errors import Refused
from lienthong.office.errors import NOT_YOURS
from lienthong.office.models import Document, Task
from lienthong.office.notice_words import Said, sentence
from lienthong.office.services.reading_rights import open_to
from lienthong.office.services.telling import notify
from lienthong.office.states import TO_DO, NoticeKind, Role, TaskKind, TaskState
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.in_force import holders
from lienthong.webkit.people.models import Account
from lienthong.webkit.site.duties import Duty


@dataclass(frozen=True, slots=True)
class Owner:
    """Who has to do a task: a person or a unit, exactly one of them."""

    account: int | None = None
    unit: int | None = None

    @property
    def principal(self) -> int:
        """As whom it may be read: the account, or the unit negated."""
        return self.account if self.account is not None else -(self.unit or 0)


def give(
    visit: Visit, document: Document | None, owner: Owner, kind: TaskKind, role: Role, *, directive: str = "",
    due: date | None = None, parent: Task | None = None, title: str = "", for_whom: int | None = None,
    needs_answer: bool = False,
) -> Task:  # fmt: skip
    """Give a task (giao việc): its owner may read the document from now on and is told."""
    task = Task.objects.create(
        agency=visit.agency, document=document, parent=parent, kind=kind.value, role=role.value,
        state=TaskState.NEW.value, title=title[:500], giver=visit.person.account if visit.person else None,
        for_whom_id=for_whom, account_id=owner.account, unit_id=owner.unit, directive=directive, due_date=due,
        given_at=visit.now, needs_answer=needs_answer,
    )  # fmt: skip
    if document is not None:
        open_to(visit, document, [owner.principal], f"{kind.value}.{role.value}")
    what = title or (document.abstract if document else "")
    where = f"/documents/{document.pk}?task={task.pk}" if document else f"/tasks/{task.pk}"
    notify(visit, people_of(visit, owner), NoticeKind(f"task.{kind.value}"), sentence(_SAID[kind], title=what), where)
    visit.note("task.given", f"task:{task.pk}", on_behalf_of=for_whom, document=document.pk if document else None,
               kind=kind.value, role=role.value, to=owner.principal)  # fmt: skip
    return task


def require_mine(visit: Visit, task: Task) -> None:
    """Refuses NOT_YOURS unless it is the person's own: himself, as a substitute, or as head or registry of its unit."""
    person = visit.who
    heads = person.units_as(Duty.UNIT_HEAD, Duty.UNIT_REGISTRAR)
    if task.account_id in person.stands_for or task.unit_id in heads:
        return
    raise Refused(NOT_YOURS, reason_vi="việc này giao cho người khác", reason_en="it was given to somebody else")


def read(visit: Visit, *tasks: Task) -> None:
    """Note that their owner has seen these tasks; the first time counts."""
    unread = [each for each in tasks if each.read_at is None]
    if not unread:
        return
    opened = Case(When(state=TaskState.NEW.value, then=Value(TaskState.OPEN.value)), default=F("state"))
    rows = Task.objects.filter(pk__in=[each.pk for each in unread], read_at__isnull=True)
    rows.update(read_at=visit.now, state=opened)
    for each in unread:
        each.read_at = visit.now
        each.state = TaskState.OPEN.value if each.state == TaskState.NEW.value else each.state


def end(visit: Visit, task: Task, state: TaskState, result: str = "") -> None:
    """Bring a task to a state; an end has its time, and nothing comes after an end."""
    over = state in {TaskState.FINISHED, TaskState.WITHDRAWN, TaskState.RETURNED}
    task.state, task.result = state.value, result or task.result
    task.ended_at = visit.now if over else None
    task.save(update_fields=["state", "result", "ended_at"])
    visit.note(f"task.{state.value}", f"task:{task.pk}", document=task.document_id)


def lock(task: int, visit: Visit) -> Task:
    """A task of this agency, locked until the transaction ends. Refuses NOT_YOURS when there is none."""
    found = Task.objects.select_for_update(of=("self",)).filter(pk=task, agency=visit.agency).first()
    if found is None:
        raise Refused(NOT_YOURS, reason_vi="không có việc này", reason_en="there is no such task")
    return found


def queue_up(account: Account) -> None:
    """What one person does at the same time goes one after another from here until the transaction ends."""
    # Not the key: rows that name the account may be written meanwhile.
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)


def open_tasks(document: Document, kind: TaskKind) -> list[Task]:
    """Tasks of a kind on a document that still wait for their owner."""
    return list(Task.objects.filter(document=document, kind=kind.value, state__in=TO_DO).order_by("pk"))


def people_of(visit: Visit, owner: Owner) -> list[int]:
    """Accounts to be told of something that concerns an owner: of a unit, its heads and its registry of today."""
    if owner.account is not None:
        return [owner.account]
    duties = (Duty.UNIT_HEAD, Duty.UNIT_REGISTRAR, Duty.LEADER, Duty.OFFICE_CHIEF)
    return holders(visit.agency, visit.today, *duties, unit=owner.unit)


_SAID = {
    TaskKind.SUBMISSION: Said.SUBMISSION, TaskKind.HANDLING: Said.HANDLING, TaskKind.REVIEW: Said.REVIEW,
    TaskKind.SIGNATURE: Said.SIGNATURE,
}  # fmt: skip
