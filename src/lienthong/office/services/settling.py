"""What follows from a step of handling: tasks that end with others, the document's state, statuses to the issuer."""

from __future__ import annotations

from collections.abc import Iterable

from lienthong.base.errors import Refused
from lienthong.office.errors import NOT_YOURS, STEP_NOT_POSSIBLE, impossible
from lienthong.office.models import Document, Opinion, Task
from lienthong.office.notice_words import Said, sentence
from lienthong.office.rules.propagation import Item, settle, state_of, worked_on
from lienthong.office.services import tasks
from lienthong.office.services.telling import notify, tell_issuer
from lienthong.office.services.webhooks import tell_programs
from lienthong.office.states import Direction, Incoming, NoticeKind, Outgoing, Role, Source, TaskKind, TaskState
from lienthong.vocabulary.status import StatusCode
from lienthong.webkit.door.visit import Visit

HANDLED = (TaskKind.SUBMISSION.value, TaskKind.HANDLING.value)
"""Kinds of tasks that belong to the way of an incoming document."""

WITH_NUMBER = (Outgoing.NUMBERED.value, Outgoing.ISSUED.value)
"""An answer counts from the moment it has its number."""

REMINDER = "reminder"
"""Kind of the opinion that urges; it waits for a reply until it is superseded by one."""


def hold(visit: Visit, document: int) -> Document:
    """An incoming document of this agency, locked until the transaction ends; always before any of its tasks.

    Refuses NOT_YOURS when there is none.
    """
    found = (
        Document.objects.select_for_update(of=("self",))
        .filter(pk=document, agency=visit.agency, direction=Direction.INCOMING.value)
        .first()
    )
    if found is None:
        raise Refused(NOT_YOURS, reason_vi="không có văn bản này", reason_en="there is no such document")
    return found


def hold_task(visit: Visit, task: int) -> Task:
    """A task of an incoming document, locked after its document. Refuses NOT_YOURS."""
    row = Task.objects.filter(pk=task, agency=visit.agency, kind__in=HANDLED).values_list("document_id").first()
    if row is None or row[0] is None:
        raise Refused(NOT_YOURS, reason_vi="không có việc này", reason_en="there is no such task")
    document = hold(visit, row[0])
    found = tasks.lock(task, visit)
    found.document = document
    return found


def own_task(visit: Visit, task: int) -> Task:
    """The same for who has to do it. Refuses NOT_YOURS."""
    held = hold_task(visit, task)
    tasks.require_mine(visit, held)
    return held


def document_of(task: Task) -> Document:
    """The document of a task. Refuses STEP_NOT_POSSIBLE for one on its own."""
    if task.document is None:
        raise impossible("việc này không kèm văn bản", "it has no document")
    return task.document


def require_going_on(document: Document) -> None:
    """Refuses STEP_NOT_POSSIBLE for what is finished or recalled."""
    if document.state in {Incoming.FINISHED.value, Incoming.RECALLED.value}:
        raise Refused(
            STEP_NOT_POSSIBLE, reason_vi="văn bản đã hoàn thành hoặc đã bị thu hồi",
            reason_en="the document is finished or was recalled",
        )  # fmt: skip


def settle_document(visit: Visit, document: Document) -> None:
    """Draw the consequences of a step, in its transaction. ``document`` has been held before."""
    rows = list(Task.objects.select_for_update(of=("self",)).filter(document=document, kind__in=HANDLED).order_by("pk"))
    items = items_of(document, rows)
    changed = settle(items.values())
    for row in rows:
        if row.pk in changed:
            _change(visit, document, row, changed[row.pk])
    settled = list(items_of(document, rows).values())
    state = state_of(settled)
    if document.state not in {state.value, Incoming.RECALLED.value}:
        document.state = state.value
        document.finished_at = visit.now if state is Incoming.FINISHED else None
        document.save(update_fields=["state", "finished_at"])
        visit.note(f"document.{state.value}", f"document:{document.pk}")
        if state is Incoming.FINISHED:
            tell_programs(visit, "document.finished", document)
    _tell(visit, document, settled, state)


def _change(visit: Visit, document: Document, row: Task, state: TaskState) -> None:
    tasks.end(visit, row, state)
    where = f"/documents/{document.pk}?task={row.pk}"
    if state is TaskState.OPEN:
        notify(visit, tasks.people_of(visit, tasks.Owner(row.account_id, row.unit_id)), NoticeKind.AGAIN,
               sentence(Said.AGAIN, title=document.abstract), where)  # fmt: skip
    elif state is TaskState.FINISHED and row.role == Role.LEAD.value:
        notify(visit, tasks.people_of(visit, tasks.Owner(row.account_id, row.unit_id)), NoticeKind.FINISHED,
               sentence(Said.FINISHED, title=document.abstract), where)  # fmt: skip


def _tell(visit: Visit, document: Document, settled: Iterable[Item], state: Incoming) -> None:
    if document.source != Source.AXIS.value:
        return
    handling = [each for each in settled if each.kind is TaskKind.HANDLING and each.counts]
    if handling:
        tell_issuer(visit, document, StatusCode.ASSIGNED)
    if any(worked_on(each) for each in handling):
        tell_issuer(visit, document, StatusCode.PROCESSING)
    if state is Incoming.FINISHED:
        tell_issuer(visit, document, StatusCode.COMPLETED)


def items_of(document: Document, rows: Iterable[Task]) -> dict[int, Item]:
    """The tasks of a document as the rules see them."""
    known = list(rows)
    unanswered = any(each.needs_answer for each in known) and not answered(document)
    urged = set(
        Opinion.objects.filter(document=document, kind=REMINDER, superseded_by__isnull=True).values_list(
            "task_id", flat=True
        )
    )
    return {
        each.pk: Item(
            each.pk, each.parent_id, TaskKind(each.kind), Role(each.role), TaskState(each.state),
            read=each.read_at is not None, blocked=(each.needs_answer and unanswered) or each.pk in urged,
            personal=each.account_id is not None,
        )
        for each in known
    }  # fmt: skip


def answered(document: Document) -> bool:
    """Whether an outgoing document with a number answers this one."""
    return Document.objects.filter(answers=document, state__in=WITH_NUMBER).exists()


def pending_reminders(*tasks_: Task) -> list[Opinion]:
    """Reminders of people to these tasks that nobody has replied to, the oldest first."""
    return list(Opinion.objects.filter(task__in=tasks_, kind=REMINDER, superseded_by__isnull=True).order_by("pk"))
