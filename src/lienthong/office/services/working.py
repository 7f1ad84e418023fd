"""Handling (xử lý, giải quyết): reading, taking, speaking, reporting, confirming, answering. Source: D30 art. 24."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from lienthong.base.errors import ProblemKind, Refused
from lienthong.office.errors import NOT_YOURS, STEP_NOT_POSSIBLE, wrong_field
from lienthong.office.models import Document, Opinion, Task
from lienthong.office.notice_words import Said, sentence
from lienthong.office.services import tasks
from lienthong.office.services.reading_rights import find, open_to, readable
from lienthong.office.services.routing import Order, Target, assign, require_giver, say
from lienthong.office.services.settling import (
    HANDLED,
    answered,
    document_of,
    hold,
    hold_task,
    own_task,
    pending_reminders,
    require_going_on,
    settle_document,
)
from lienthong.office.services.tasks import Owner
from lienthong.office.services.telling import notify
from lienthong.office.states import LIVE, TO_DO, Direction, NoticeKind, Outgoing, Role, TaskKind, TaskState
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.site.duties import Duty


def mine(visit: Visit) -> Q:
    """Tasks of a person, of those whom he stands for, and of the units that he heads or keeps the registry of."""
    own = Q(account__in=visit.who.stands_for)
    units = visit.who.units_as(Duty.UNIT_HEAD, Duty.UNIT_REGISTRAR)
    return own | Q(unit__in=units) if units else own


def see(visit: Visit, document: Document) -> None:
    """Looking at a document reads one's tasks on it; the first time counts, and what follows follows."""
    unread = Task.objects.filter(mine(visit), document=document, kind__in=HANDLED, read_at__isnull=True, state__in=LIVE)
    if not document.incoming or not unread.exists():
        return
    held = hold(visit, document.pk)
    seen = list(unread.select_for_update(of=("self",)).order_by("pk"))
    tasks.read(visit, *seen)
    for each in seen:
        visit.note("task.read", f"task:{each.pk}", document=document.pk)
    settle_document(visit, held)
    document.state, document.finished_at = held.state, held.finished_at


def take(visit: Visit, task: int) -> Task:
    """Take a task on (nhận việc): one's own begins; of a unit, its head takes it upon himself. Again: no change."""
    held = own_task(visit, task)
    if held.unit_id is not None:
        me = Target(Owner(account=visit.who.account.pk), Role.LEAD)
        return assign(visit, task, Order((me,), due=held.due_date))[0]
    document = document_of(held)
    if held.state in LIVE:
        tasks.read(visit, held)
        visit.note("task.taken", f"task:{held.pk}", document=document.pk)
        settle_document(visit, document)
    return held


def give_opinion(visit: Visit, document: Document, text: str, task: int | None = None) -> Opinion:
    """Say something about a document that one may read. Words of his own task answer the reminders on it.

    Refuses FIELDS_WRONG without words, NOT_FOUND_HERE, NOT_YOURS.
    """
    if not text.strip():
        raise wrong_field(ProblemKind.REQUIRED, "opinion", "Nhập ý kiến.", "Enter your opinion.")
    found = find(visit, document.pk)
    if task is None:
        return say(visit, found, "opinion", text)
    held = hold_task(visit, task)
    if held.document_id != found.pk:
        raise Refused(NOT_YOURS, reason_vi="việc của văn bản khác", reason_en="it belongs to another document")
    made = say(visit, found, "opinion", text, held)
    if Task.objects.filter(mine(visit), pk=held.pk).exists():
        _reply(held, made)
        settle_document(visit, document_of(held))
    return made


def report(visit: Visit, task: int, result: str, *, no_answer: bool = False) -> Task:
    """Report that a task is done (báo cáo kết quả). Of a person in a unit it then waits for the unit's head; otherwise
    it is finished.

    ``no_answer``: said expressly when no answer goes out. Refuses FIELDS_WRONG, NOT_YOURS, STEP_NOT_POSSIBLE: an answer
    is due, reminders wait, it was given on. Again in the same words: the first result.
    """
    held = own_task(visit, task)
    if held.state in {TaskState.REPORTED.value, TaskState.FINISHED.value}:
        if not " ".join(result.split()).startswith(" ".join(held.result.split())):
            raise Refused(
                STEP_NOT_POSSIBLE,
                reason_vi="việc này đã được báo cáo trước đó với nội dung khác; nội dung vừa nhập chưa được ghi",
                reason_en="it was reported before in other words; what you entered now was not written",
            )  # fmt: skip
        return held
    if held.state not in TO_DO or held.kind != TaskKind.HANDLING.value:
        raise Refused(
            STEP_NOT_POSSIBLE, reason_vi="việc đã chuyển tiếp hoặc đã kết thúc", reason_en="it moved on or ended"
        )
    if not result.strip():
        raise wrong_field(ProblemKind.REQUIRED, "result", "Nhập kết quả.", "Enter the result.")
    document = document_of(held)
    lead = held.role == Role.LEAD.value
    if lead and not no_answer and not answered(document):
        raise wrong_field(
            ProblemKind.REQUIRED, "answer", "Gắn văn bản trả lời đã có số, hoặc chọn “Không cần trả lời”.",
            "Link an answer that has its number, or choose “No answer needed”.",
        )  # fmt: skip
    tasks.read(visit, held)
    made = say(visit, document, "report", result, held)
    _reply(held, made)
    _require_free(held, document)
    waits = lead and _confirmed_by_head(visit, held)
    tasks.end(visit, held, TaskState.REPORTED if waits else TaskState.FINISHED, result)
    if waits and held.parent is not None:
        above = Owner(held.parent.account_id, held.parent.unit_id)
        notify(visit, tasks.people_of(visit, above), NoticeKind.REPORTED,
               sentence(Said.REPORTED, title=document.abstract),
               f"/documents/{document.pk}?task={held.pk}")  # fmt: skip
    settle_document(visit, document)
    return held


def confirm(visit: Visit, task: int) -> Task:
    """The giver accepts a reported result: the task is finished. Refuses NOT_YOURS, STEP_NOT_POSSIBLE."""
    held = hold_task(visit, task)
    require_giver(visit, held)
    if held.state == TaskState.FINISHED.value:
        return held
    _require_reported(held)
    document = document_of(held)
    _require_free(held, document)
    tasks.end(visit, held, TaskState.FINISHED)
    if held.account_id is not None:
        notify(visit, [held.account_id], NoticeKind.CONFIRMED, sentence(Said.CONFIRMED, title=document.abstract),
               f"/documents/{document.pk}")  # fmt: skip
    settle_document(visit, document)
    return held


def send_back(visit: Visit, task: int, reason: str) -> Task:
    """The giver wants more: a reported task is open again, with his words. Refuses NOT_YOURS, STEP_NOT_POSSIBLE."""
    held = hold_task(visit, task)
    require_giver(visit, held)
    if held.state == TaskState.OPEN.value:
        return held
    _require_reported(held)
    if not reason.strip():
        raise wrong_field(ProblemKind.REQUIRED, "reason", "Nhập yêu cầu bổ sung.", "Enter what is missing.")
    document = document_of(held)
    say(visit, document, "remark", reason, held)
    tasks.end(visit, held, TaskState.OPEN)
    if held.account_id is not None:
        notify(visit, [held.account_id], NoticeKind.MORE, sentence(Said.MORE, title=document.abstract),
               f"/documents/{document.pk}?task={held.pk}")  # fmt: skip
    settle_document(visit, document)
    return held


def conclude(visit: Visit, task: int, words: str) -> Task:
    """Whom it was submitted to decides that nothing has to be done (xem, lưu): the submission is finished.

    Refuses NOT_YOURS, STEP_NOT_POSSIBLE. Again: the first result.
    """
    held = own_task(visit, task)
    if held.state == TaskState.FINISHED.value:
        return held
    if held.kind != TaskKind.SUBMISSION.value or held.state not in TO_DO:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="việc đã chuyển hoặc đã kết thúc", reason_en="it moved on or ended")
    document = document_of(held)
    tasks.read(visit, held)
    say(visit, document, "directive", (words.strip() and words) or "Xem, lưu.", held)
    _require_free(held, document)
    tasks.end(visit, held, TaskState.FINISHED, words)
    settle_document(visit, document)
    return held


def know(visit: Visit, task: int) -> Task:
    """Whoever was only to be informed has taken note (đã biết). Refuses NOT_YOURS, STEP_NOT_POSSIBLE."""
    held = own_task(visit, task)
    if held.state == TaskState.FINISHED.value:
        return held
    if held.role not in {Role.INFORM.value, Role.FOLLOW.value} or held.state not in LIVE:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="việc này phải xử lý, không chỉ để biết",
                      reason_en="it has to be handled, not only known")  # fmt: skip
    tasks.read(visit, held)
    tasks.end(visit, held, TaskState.FINISHED)
    settle_document(visit, document_of(held))
    return held


def link_answer(visit: Visit, document: Document, answer: int) -> Document:
    """An outgoing document answers this one. Whoever works on it, or the registrar; both must be readable.

    Refuses NOT_FOUND_HERE, NOT_YOURS, STEP_NOT_POSSIBLE when it answers another one.
    """
    held = hold(visit, document.pk)
    require_going_on(held)
    working = Task.objects.filter(mine(visit), document=held, state__in=LIVE).exists()
    if not working and not visit.who.may(Duty.REGISTRAR):
        raise Refused(NOT_YOURS, reason_vi="chỉ người đang xử lý gắn văn bản trả lời",
                      reason_en="only whoever works on it may link an answer")  # fmt: skip
    find(visit, answer)
    found = Document.objects.select_for_update(of=("self",)).get(pk=answer)
    if found.direction != Direction.OUTGOING.value or found.answers_id not in {None, held.pk}:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="văn bản này không phải văn bản đi, hoặc đã trả lời văn bản khác",
                      reason_en="it is no outgoing document, or answers another one")  # fmt: skip
    if found.answers_id is None:
        found.answers = held
        found.save(update_fields=["answers"])
        readers = [each.account_id for each in Task.objects.filter(document=held, account__isnull=False)]
        open_to(visit, found, [each for each in readers if each is not None], "answer")
        visit.note("document.answered", f"document:{held.pk}", answer=found.pk)
    settle_document(visit, held)
    return found


def possible_answers(visit: Visit, document: Document) -> list[Document]:
    """Outgoing documents that somebody may link: his own or of his units, the newest first."""
    own = Q(drafter__in=visit.who.stands_for) | Q(unit__in=visit.who.units)
    outgoing = readable(visit).filter(own, direction=Direction.OUTGOING.value, answers__isnull=True)
    return list(outgoing.exclude(state__in=(Outgoing.CANCELLED.value, Outgoing.RECALLED.value)).order_by("-pk")[:50])


def _reply(task: Task, opinion: Opinion) -> None:
    Opinion.objects.filter(pk__in=[each.pk for each in pending_reminders(task)]).update(superseded_by=opinion)


def _require_free(task: Task, document: Document) -> None:
    """Refuses STEP_NOT_POSSIBLE while an answer is due or a reminder waits."""
    if task.needs_answer and not answered(document):
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="văn bản này phải trả lời; gắn văn bản trả lời đã có số trước",
                      reason_en="it has to be answered; link an answer that has its number first")  # fmt: skip
    if pending_reminders(task):
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="còn đôn đốc chưa trả lời", reason_en="a reminder waits for a reply")


def _confirmed_by_head(visit: Visit, task: Task) -> bool:
    """Whether a head stands between this person and the end: his task hangs below a unit's, which he does not head."""
    above = task.parent
    if above is None or task.account_id is None or above.kind != TaskKind.HANDLING.value:
        return False
    return above.unit_id not in visit.who.units_as(Duty.UNIT_HEAD) and above.account_id not in visit.who.stands_for


def _require_reported(task: Task) -> None:
    if task.state != TaskState.REPORTED.value:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="việc chưa được báo cáo", reason_en="nothing was reported yet")


def know_all(visit: Visit, chosen: Iterable[int]) -> list[tuple[Task | None, Refused | None]]:
    """Take note of many at once; each that cannot be is told with its reason."""
    done: list[tuple[Task | None, Refused | None]] = []
    for each in chosen:
        try:
            done.append((know(visit, each), None))
        except Refused as refused:
            done.append((Task.objects.filter(mine(visit), pk=each).select_related("document").first(), refused))
    return done
