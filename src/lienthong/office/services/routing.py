"""Routing (trình, chỉ đạo, chuyển, phân công): who gives a document to whom, in which role, until when.

A chain is kept: what somebody gives on hangs below what he was given. Source: D30 art. 23, 24; facts §6.2–6.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.office.errors import FIELDS_WRONG, NOT_YOURS, STEP_NOT_POSSIBLE, wrong_field
from lienthong.office.models import Document, Opinion, Reader, Task
from lienthong.office.notice_words import Said, sentence
from lienthong.office.rules.propagation import below, tree_of
from lienthong.office.services import tasks
from lienthong.office.services.settling import (
    HANDLED,
    document_of,
    hold,
    hold_task,
    items_of,
    own_task,
    require_going_on,
    settle_document,
)
from lienthong.office.services.storing import main_file
from lienthong.office.services.tasks import Owner
from lienthong.office.services.telling import notify
from lienthong.office.services.webhooks import tell_programs
from lienthong.office.states import LIVE, TO_DO, Incoming, NoticeKind, Role, TaskKind, TaskState
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.in_force import appointed, in_force
from lienthong.webkit.people.models import Unit
from lienthong.webkit.site.duties import WHOLE_AGENCY, Duty

DECIDERS = (Duty.LEADER, Duty.OFFICE_CHIEF)
"""To whom documents are submitted."""


@dataclass(frozen=True, slots=True)
class Target:
    """One recipient of a routing. ``due``: his own deadline; the routing's when None."""

    owner: Owner
    role: Role
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What a routing says. ``words``: kept letter by letter. ``several``: more than one lead is meant. ``due``: of
    those who lead and support. ``needs_answer``: it is not finished without an answer."""

    targets: tuple[Target, ...]
    words: str = ""
    due: date | None = None
    several: bool = False
    needs_answer: bool = False


def submit(visit: Visit, document: Document, to: int, proposal: str = "", due: date | None = None) -> Task:
    """Submit (trình) a registered document to a leader or the office chief with a proposal; again: the first result.

    Refuses NOT_YOURS, STEP_NOT_POSSIBLE, FIELDS_WRONG. Source: D30 art. 23.1.
    """
    if not visit.who.may(Duty.REGISTRAR, Duty.OFFICE_CHIEF):
        raise Refused(NOT_YOURS, reason_vi="chỉ văn thư, chánh văn phòng trình văn bản",
                      reason_en="only the registrar and the office chief submit")  # fmt: skip
    held = hold(visit, document.pk)
    require_going_on(held)
    _require_decider(visit, to)
    waiting = Task.objects.filter(document=held, parent=None, state__in=LIVE, kind__in=HANDLED)
    same = waiting.filter(kind=TaskKind.SUBMISSION.value, account_id=to).first()
    if same is not None:
        return same
    if waiting.exclude(role=Role.INFORM.value).exists():
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="văn bản đã được trình hoặc chuyển; thu hồi việc đó trước",
                      reason_en="it was submitted or passed before; withdraw that first")  # fmt: skip
    if proposal.strip():
        say(visit, held, "proposal", proposal)
    task = tasks.give(visit, held, Owner(account=to), TaskKind.SUBMISSION, Role.LEAD, directive=proposal, due=due or
                      held.due_date)  # fmt: skip
    settle_document(visit, held)
    return task


def submit_on(visit: Visit, task: int, to: int, proposal: str) -> Task:
    """The office chief, or a leader, submits on to a leader with his proposal (tham mưu). Refuses as :func:`submit`."""
    held = own_task(visit, task)
    document = document_of(held)
    if held.kind != TaskKind.SUBMISSION.value:
        raise Refused(NOT_YOURS, reason_vi="việc này không phải văn bản trình", reason_en="it is no submission")
    _require_decider(visit, to)
    if to == held.account_id:
        raise wrong_field(ProblemKind.RANGE, "to", "Chọn người khác.", "Choose somebody else.")
    same = Task.objects.filter(parent=held, account_id=to, state__in=LIVE, kind=TaskKind.SUBMISSION.value).first()
    if same is not None:
        return same
    if proposal.strip():
        say(visit, document, "proposal", proposal, held)
    given = tasks.give(visit, document, Owner(account=to), TaskKind.SUBMISSION, Role.LEAD, directive=proposal,
                       due=held.due_date, parent=held, for_whom=_for_whom(visit, held))  # fmt: skip
    tasks.read(visit, held)
    settle_document(visit, document)
    return given


def direct(visit: Visit, task: int, order: Order) -> list[Task]:
    """A leader directs (bút phê, chỉ đạo): lead, supporting, for information, deadline; his words stay as they are.

    Refuses NOT_YOURS for others, FIELDS_WRONG, STEP_NOT_POSSIBLE. Twice the same: the first result.
    """
    held = own_task(visit, task)
    if held.kind != TaskKind.SUBMISSION.value or not visit.who.may(*DECIDERS):
        raise Refused(NOT_YOURS, reason_vi="chỉ người được trình cho ý kiến chỉ đạo",
                      reason_en="only whom it was submitted to may direct")  # fmt: skip
    document = document_of(held)
    given = _give_on(visit, document, held, order, "directive")
    later = [each.due_date for each in given if each.role == Role.LEAD.value and each.due_date]
    if later and document.due_date != max(later):
        document.due_date = max(later)
        document.save(update_fields=["due_date"])
    return given


def pass_directly(visit: Visit, document: Document, order: Order, basis: str) -> list[Task]:
    """The registrar passes a document straight to who handles it, where the regulation names him already.

    ``basis``: the rule that says so, kept with it. Refuses NOT_YOURS, FIELDS_WRONG, STEP_NOT_POSSIBLE. Source: D30 art.
    23.1.
    """
    if not visit.who.may(Duty.REGISTRAR):
        raise Refused(NOT_YOURS, reason_vi="chỉ văn thư chuyển thẳng", reason_en="only the registrar passes directly")
    if not basis.strip():
        raise wrong_field(ProblemKind.REQUIRED, "basis", "Nhập căn cứ chuyển thẳng.",
                          "Enter the rule for passing directly.")  # fmt: skip
    held = hold(visit, document.pk)
    if Task.objects.filter(document=held, parent=None, state__in=LIVE, kind=TaskKind.SUBMISSION.value).exists():
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="văn bản đang được trình; thu hồi việc trình trước",
                      reason_en="it is submitted; withdraw that first")  # fmt: skip
    words = f"{order.words}\n{basis}".strip() if order.words else basis
    with_basis = Order(order.targets, words, order.due, order.several, order.needs_answer)
    return _give_on(visit, held, None, with_basis, "passing")


def inform(visit: Visit, document: Document, order: Order) -> list[Task]:
    """Pass a document that is under way on for information, by whoever reads all; every target only gets to know it.

    Refuses NOT_YOURS, FIELDS_WRONG, STEP_NOT_POSSIBLE: nobody has been asked to handle it yet, or it is over.
    """
    if not visit.who.may(*WHOLE_AGENCY):
        raise Refused(
            NOT_YOURS, reason_vi="chỉ văn thư, lãnh đạo chuyển để biết", reason_en="others may not pass it on"
        )
    held = hold(visit, document.pk)
    if held.state == Incoming.REGISTERED.value:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="văn bản chưa được trình hoặc chuyển xử lý",
                      reason_en="nobody was asked to handle it yet")  # fmt: skip
    targets = tuple(Target(each.owner, Role.INFORM) for each in order.targets)
    return _give_on(visit, held, None, Order(targets, order.words), "passing")


def nobody() -> Refused:
    """The refusal of a routing to nobody."""
    return wrong_field(
        ProblemKind.REQUIRED, "targets", "Chọn ít nhất một đơn vị hoặc cá nhân.", "Choose at least one unit or person."
    )


def assign(visit: Visit, task: int, order: Order) -> list[Task]:
    """The head or registrar of a unit gives its task to people or parts of it; not later than the unit's deadline.

    Refuses NOT_YOURS, FIELDS_WRONG, STEP_NOT_POSSIBLE.
    """
    held = own_task(visit, task)
    if held.unit_id is None or held.kind != TaskKind.HANDLING.value:
        raise Refused(NOT_YOURS, reason_vi="việc này không giao cho đơn vị", reason_en="it is no task of a unit")
    _require_inside(visit, order.targets, units_below(visit, {held.unit_id}))
    return _give_on(visit, document_of(held), held, order, "assignment")


def forward(visit: Visit, task: int, order: Order) -> list[Task]:
    """Hand on what one was given (chuyển tiếp); the chain stays visible. Refuses as :func:`assign`.

    Leaders, the office chief and registrars reach everybody; others whoever is in their own units.
    """
    held = own_task(visit, task)
    if not visit.who.may(*WHOLE_AGENCY):
        _require_inside(visit, order.targets, units_below(visit, set(visit.who.units)))
    return _give_on(visit, document_of(held), held, order, "forwarding")


def withdraw(visit: Visit, task: int, reason: str = "") -> Task:
    """The giver takes a task back while it is unread, or later with a reason as long as nothing was reported.

    What was given on below it goes back as well. Refuses NOT_YOURS, STEP_NOT_POSSIBLE. Again: the first result.
    """
    held = hold_task(visit, task)
    require_giver(visit, held)
    if held.state == TaskState.WITHDRAWN.value:
        return held
    if held.state not in LIVE or held.state == TaskState.REPORTED.value:
        raise Refused(
            STEP_NOT_POSSIBLE, reason_vi="việc đã báo cáo hoặc đã kết thúc", reason_en="it was reported or ended"
        )
    words = reason.strip()
    if held.read_at is not None and not words:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="người nhận đã đọc nên thu hồi phải có lý do",
                      reason_en="it was read, so taking it back needs a reason")  # fmt: skip
    document = document_of(held)
    rows = {each.pk: each for each in Task.objects.filter(document=document, kind__in=HANDLED)}
    gone = below(tree_of(items_of(document, rows.values()).values()), held.pk)
    tasks.end(visit, held, TaskState.WITHDRAWN, words)
    settle_document(visit, document)
    for each in (rows[one] for one in gone):
        _close_reading(document, each)
        owner = Owner(each.account_id, each.unit_id)
        said = sentence(Said.WITHDRAWN, title=document.abstract)
        notify(visit, tasks.people_of(visit, owner), NoticeKind.WITHDRAWN, said, "/")
    return held


def give_back(visit: Visit, task: int, reason: str) -> Task:
    """The owner returns what is not his to the giver, with the reason. Refuses NOT_YOURS, STEP_NOT_POSSIBLE."""
    held = own_task(visit, task)
    if not reason.strip():
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="trả lại phải có lý do", reason_en="returning needs a reason")
    if held.state == TaskState.RETURNED.value:
        return held
    if held.state not in TO_DO:
        raise Refused(
            STEP_NOT_POSSIBLE, reason_vi="việc đã chuyển tiếp hoặc đã kết thúc", reason_en="it moved on or ended"
        )
    document = document_of(held)
    say(visit, document, "return", reason, held)
    tasks.end(visit, held, TaskState.RETURNED, reason)
    settle_document(visit, document)
    if held.giver_id is not None:
        notify(visit, [held.giver_id], NoticeKind.RETURNED, sentence(Said.RETURNED, title=document.abstract),
               f"/documents/{document.pk}")  # fmt: skip
    return held


def require_giver(visit: Visit, task: Task) -> None:
    """Refuses NOT_YOURS unless he gave it, stands for the giver, owns the task above it, or is the registrar of what
    stands at the top."""
    mine = visit.who.stands_for
    if task.giver_id in mine or task.for_whom_id in mine:
        return
    if task.parent is not None:
        heads = visit.who.units_as(Duty.UNIT_HEAD)
        if task.parent.account_id in mine or task.parent.unit_id in heads:
            return
    elif visit.who.may(Duty.REGISTRAR):
        return
    raise Refused(NOT_YOURS, reason_vi="việc này do người khác giao", reason_en="somebody else gave it")


def say(visit: Visit, document: Document, kind: str, text: str, task: Task | None = None) -> Opinion:
    """Keep somebody's words letter by letter, with the version of the document that he saw. The same words sent twice
    in a minute are one opinion."""
    newest = (
        Opinion.objects.filter(document=document, author=visit.who.account, kind=kind, task=task)
        .order_by("-pk")
        .first()
    )
    if newest is not None and newest.text == text and (visit.now - newest.at).total_seconds() < 60:
        return newest
    file = main_file(document)
    for_whom = _for_whom(visit, task) if task is not None else None
    made = Opinion.objects.create(
        agency=visit.agency, document=document, task=task, author=visit.who.account, for_whom_id=for_whom, kind=kind,
        text=text, sha256=file.sha256 if file else None, at=visit.now,
    )  # fmt: skip
    visit.note(f"opinion.{kind}", f"document:{document.pk}", on_behalf_of=for_whom, opinion=made.pk)
    return made


def units_below(visit: Visit, units: set[int]) -> set[int]:
    """Units with all their parts."""
    parents = dict(Unit.objects.filter(agency=visit.agency).values_list("pk", "parent_id"))
    found = set(units)
    while more := {unit for unit, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _for_whom(visit: Visit, task: Task) -> int | None:
    """The leader in whose place a substitute acts on a task."""
    me = visit.who.account.pk
    return task.account_id if task.account_id not in {None, me} else None


def _give_on(visit: Visit, document: Document, held: Task | None, order: Order, kind: str) -> list[Task]:
    require_going_on(document)
    if held is not None and held.state not in (*TO_DO, TaskState.PASSED.value):
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="việc này đã kết thúc", reason_en="this task has ended")
    live = list(Task.objects.filter(document=document, parent=held, state__in=LIVE, kind__in=HANDLED).order_by("pk"))
    there = {(each.account_id, each.unit_id): each for each in live}
    new = [each for each in order.targets if (each.owner.account, each.owner.unit) not in there]
    if order.targets and not new:
        same = [there[(each.owner.account, each.owner.unit)] for each in order.targets]
        if all(Role(task.role) is each.role for task, each in zip(same, order.targets, strict=True)):
            _require_same_words(same, order.words)
            return same
    _check(visit, held, live, order, new)
    principal = _for_whom(visit, held) if held is not None else None
    if order.words.strip():
        say(visit, document, kind, order.words, held)
    if held is not None:
        tasks.read(visit, held)
    given = [
        tasks.give(
            visit, document, each.owner, TaskKind.HANDLING, each.role, directive=order.words,
            due=_due(order, each, held), parent=held, for_whom=principal,
            needs_answer=each.role is Role.LEAD and (order.needs_answer or (held is not None and held.needs_answer)),
        )
        for each in new
    ]  # fmt: skip
    settle_document(visit, document)
    if kind in {"directive", "passing"}:
        tell_programs(visit, "document.directed", document)
    return given


def _require_same_words(given: Sequence[Task], words: str) -> None:
    """Another tab gave it already in other words: silence would let somebody believe that these count."""
    said = " ".join(words.split())
    if said and not any(said.startswith(" ".join(each.directive.split())) and each.directive for each in given):
        raise Refused(
            STEP_NOT_POSSIBLE,
            reason_vi="việc này đã được giao trước đó với nội dung khác; nội dung vừa nhập chưa được ghi",
            reason_en="it was given before in other words; what you entered now was not written",
        )  # fmt: skip


def _due(order: Order, target: Target, held: Task | None) -> date | None:
    if target.role in {Role.INFORM, Role.FOLLOW}:
        return None
    return target.due or order.due or (held.due_date if held is not None else None)


def _check(visit: Visit, held: Task | None, live: Sequence[Task], order: Order, new: Sequence[Target]) -> None:
    """Refuses FIELDS_WRONG, each field with its reason."""
    leads = sum(each.role is Role.LEAD for each in new)
    before = sum(each.role == Role.LEAD.value for each in live)
    roles = {each.role for each in new}
    wrong: list[tuple[str, str, str]] = []
    if not order.targets:
        wrong.append(("targets", "Chọn ít nhất một đơn vị hoặc cá nhân.", "Choose at least one unit or person."))
    elif not new or len({each.owner for each in new}) < len(new):
        wrong.append(("targets", "Có đơn vị, cá nhân đã được giao với vai trò khác.", "One has another role already."))
    elif Role.SUPPORT in roles and leads + before == 0:
        wrong.append(("targets", "Có phối hợp thì phải có chủ trì.", "Supporters need a lead."))
    elif leads and leads + before > 1 and not order.several:
        wrong.append(("targets", "Chỉ một đơn vị chủ trì; đánh dấu “Nhiều đơn vị cùng chủ trì” nếu đúng là như vậy.",
                      "Only one leads; tick “Several leads” if that is meant."))  # fmt: skip
    dues = [due for due in (order.due, *(each.due for each in new)) if due is not None]
    if dues and min(dues) < visit.today:
        wrong.append(("due", "Hạn xử lý đã qua.", "The deadline has passed."))
    limit = held.due_date if held is not None and held.kind == TaskKind.HANDLING.value else None
    if limit is not None and dues and max(dues) > limit:
        wrong.append(("due", f"Hạn không được sau {limit:%d/%m/%Y}, hạn của việc được giao; cần thì xin gia hạn.",
                      f"Not after {limit:%d/%m/%Y}, the deadline you were given; ask for more time."))  # fmt: skip
    if not wrong:
        wrong = _unknown(visit, new)
    if wrong:
        problems = tuple(Problem(ProblemKind.RANGE, name, vi, en) for name, vi, en in wrong)
        raise Refused(FIELDS_WRONG, problems, count=len(problems))


def _unknown(visit: Visit, targets: Sequence[Target]) -> list[tuple[str, str, str]]:
    """Owners that this agency does not have now. Foreign keys alone would not notice another agency's."""
    today = visit.today
    accounts = {each.owner.account for each in targets if each.owner.account is not None}
    units = {each.owner.unit for each in targets if each.owner.unit is not None}
    here = appointed(visit.agency, today).filter(account__in=accounts)
    known = set(here.values_list("account_id", flat=True))
    parts = set(Unit.objects.filter(in_force(today), agency=visit.agency, pk__in=units).values_list("pk", flat=True))
    if accounts - known or units - parts:
        return [("targets", "Có đơn vị, cá nhân không còn trong cơ quan.", "One is no longer in the agency.")]
    return []


def _require_decider(visit: Visit, account: int) -> None:
    if not appointed(visit.agency, visit.today, DECIDERS).filter(account=account).exists():
        raise wrong_field(ProblemKind.REQUIRED, "to", "Chọn lãnh đạo hoặc chánh văn phòng.",
                          "Choose a leader or the office chief.")  # fmt: skip


def _require_inside(visit: Visit, targets: Sequence[Target], units: set[int]) -> None:
    accounts = {each.owner.account for each in targets if each.owner.account is not None}
    inside = appointed(visit.agency, visit.today).filter(account__in=accounts, unit__in=units)
    members = set(inside.values_list("account_id", flat=True))
    asked = {each.owner.unit for each in targets if each.owner.unit is not None}
    if accounts - members or asked - units:
        raise Refused(NOT_YOURS, reason_vi="chỉ giao được trong đơn vị của mình",
                      reason_en="you may give work only inside your unit")  # fmt: skip


def _close_reading(document: Document, task: Task) -> None:
    """End the right to read that a task gave, unless another one still gives it."""
    owner = Owner(task.account_id, task.unit_id)
    others = Task.objects.filter(document=document, account=task.account_id, unit=task.unit_id).exclude(
        state__in=(TaskState.WITHDRAWN.value, TaskState.RETURNED.value)
    )
    if not others.exists():
        Reader.objects.filter(document=document, principal=owner.principal, why__startswith=f"{task.kind}.").delete()
