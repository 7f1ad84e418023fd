"""Handling beside a document: what this person may do with it now, who does what, and the forms for each act."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from lienthong.base.errors import Refused
from lienthong.office.deadlines import calendar_of, deadline
from lienthong.office.incoming_words import ROLES, TASKS, pick
from lienthong.office.models import Document, Task
from lienthong.office.screens.sides import Section, add_side
from lienthong.office.screens.trees import Trees
from lienthong.office.services import quick_phrases, routing, urging, working
from lienthong.office.services.routing import DECIDERS, Order, Target, require_giver
from lienthong.office.services.settling import HANDLED, answered, pending_reminders
from lienthong.office.services.tasks import Owner
from lienthong.office.states import LIVE, TO_DO, Incoming, Role, TaskKind, TaskState
from lienthong.webkit.door.faults import read_day, read_number
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.look.parts import Choice, Deadline
from lienthong.webkit.look.parts import Unit as Branch
from lienthong.webkit.people.in_force import appointed
from lienthong.webkit.people.models import Appointment
from lienthong.webkit.site.duties import WHOLE_AGENCY, Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

ENDING = frozenset({"submit", "pass", "submit-on", "direct", "conclude", "assign", "forward", "report", "know",
                    "give-back", "confirm"})  # fmt: skip
"""Acts after which one goes on to the next item."""


@dataclass(frozen=True, slots=True)
class Line:
    """One task in the tree of a document. ``depth``: levels above it. ``acts``: what this person may do as giver."""

    task: Task
    depth: int
    owner: str
    giver: str
    role: str
    state: tuple[str, str, str]
    due: Deadline | None
    acts: frozenset[str]
    urged: Sequence[str]


@dataclass(frozen=True, slots=True)
class Card:
    """One of the person's own tasks. ``acts``: what he may do; ``tree``: to whom he may give it."""

    task: Task
    line: Line
    acts: frozenset[str]
    tree: Sequence[Branch]


@add_side
def handling(visit: Visit, document: Document) -> Sequence[Section]:
    """The section for handling an incoming document."""
    if not document.incoming:
        return ()
    rows = list(
        Task.objects.filter(document=document, kind__in=HANDLED)
        .select_related("account", "unit", "giver", "for_whom", "parent")
        .order_by("pk")
    )
    lines = _lines(visit, rows)
    own = {each.pk for each in Task.objects.filter(working.mine(visit), document=document, kind__in=HANDLED)}
    trees = Trees(visit)
    cards = [_card(visit, each, trees) for each in lines if each.task.pk in own and each.task.state in LIVE]
    fresh = document.state == Incoming.REGISTERED.value and visit.who.may(Duty.REGISTRAR)
    values = {
        "document": document, "cards": cards, "lines": lines, "fresh": fresh,
        "deciders": deciders(visit) if fresh or any("submit-on" in each.acts for each in cards) else [],
        "tree": trees.of_agency() if fresh else [],
        "phrases": quick_phrases.offered(visit), "answered": answered(document),
        "answers": _answers(visit, document) if cards else [],
        "answered_by": list(Document.objects.filter(answers=document).order_by("pk")),
        "live": document.state not in {Incoming.FINISHED.value, Incoming.RECALLED.value},
    }  # fmt: skip
    return [
        Section(
            "handling", pick(("Xử lý", "Handling"), visit.language), "handling.html", values, 10, len(cards) or None
        )
    ]


def _lines(visit: Visit, rows: Sequence[Task]) -> list[Line]:
    children: dict[int | None, list[Task]] = {}
    known = {each.pk for each in rows}
    for each in rows:
        children.setdefault(each.parent_id if each.parent_id in known else None, []).append(each)
    calendar, made = calendar_of(visit.agency), list[Line]()
    urged: dict[int | None, list[str]] = {}
    for one in pending_reminders(*(each for each in rows if each.state in LIVE)):
        urged.setdefault(one.task_id, []).append(one.text)

    def walk(parent: int | None, depth: int) -> None:
        for each in children.get(parent, ()):
            over = each.state not in LIVE
            vi, en, tone, name = TASKS[each.state]
            made.append(
                Line(
                    each, depth, owner_of(each), _giver_of(each), pick(ROLES[each.role], visit.language),
                    (vi if visit.language == "vi" else en, tone, name),
                    None if over else deadline(calendar, visit.today, each.due_date), _giver_acts(visit, each),
                    urged.get(each.pk, []),
                )
            )  # fmt: skip
            walk(each.pk, depth + 1)

    walk(None, 0)
    return made


def owner_of(task: Task) -> str:
    """Name of whoever has a task."""
    return task.account.full_name if task.account is not None else task.unit.name if task.unit is not None else ""


def _giver_of(task: Task) -> str:
    if task.giver is None:
        return ""
    if task.for_whom is not None and task.for_whom_id != task.giver_id:
        return f"{task.giver.full_name} thay {task.for_whom.full_name}"
    return task.giver.full_name


def _giver_acts(visit: Visit, task: Task) -> frozenset[str]:
    acts = {"remind"} if urging.may_urge(visit, task) else set[str]()
    try:
        require_giver(visit, task)
    except Refused:
        return frozenset(acts)
    if task.state in (*TO_DO, TaskState.PASSED.value):
        acts.add("withdraw")
    if task.state == TaskState.REPORTED.value:
        acts |= {"confirm", "send-back"}
    if task.extension is not None and task.state in LIVE:
        acts.add("extension")
    return frozenset(acts)


def _card(visit: Visit, line: Line, trees: Trees) -> Card:
    task, acts = line.task, set[str]()
    to_do, lead = task.state in TO_DO, task.role in {Role.LEAD.value, Role.SUPPORT.value}
    if task.kind == TaskKind.SUBMISSION.value:
        if to_do or task.state == TaskState.PASSED.value:
            acts |= {"direct"} if visit.who.may(*DECIDERS) else set()
        acts |= {"submit-on", "conclude"} if to_do else set()
    elif not lead:
        acts |= {"know"} if task.state in LIVE else set()
    else:
        acts |= {"report", "give-back"} if to_do else set()
        acts |= {"assign"} if task.unit_id and task.state in (*TO_DO, TaskState.PASSED.value) else set()
        acts |= {"ask-extension"} if task.due_date and task.state in (*TO_DO, TaskState.PASSED.value) else set()
        acts |= {"take"} if task.unit_id and to_do else set()
        acts |= {"forward"} if task.account_id and to_do else set()
    tree: Sequence[Branch] = ()
    if "direct" in acts or ("forward" in acts and visit.who.may(*WHOLE_AGENCY)):
        tree = trees.of_agency()
    elif "assign" in acts and task.unit_id is not None:
        tree = trees.below({task.unit_id})
    elif "forward" in acts:
        tree = trees.below(set(visit.who.units))
    return Card(task, line, frozenset(acts), tree)


def deciders(visit: Visit) -> list[Choice]:
    """Leaders and after them the office chief, to whom documents are submitted."""
    held = appointed(visit.agency, visit.today, DECIDERS)
    ranked = sorted(
        held.select_related("account"), key=lambda each: (DECIDERS.index(Duty(each.duty)), each.account.sort_name)
    )
    found: dict[int, Appointment] = {}
    for each in ranked:
        found.setdefault(each.account_id, each)
    return [Choice(str(pk), f"{each.account.full_name} — {each.position}") for pk, each in found.items()]


def _answers(visit: Visit, document: Document) -> list[Choice]:
    return [
        Choice(str(each.pk), f"{each.number_and_symbol or '(chưa có số)'} {each.abstract}"[:120])
        for each in working.possible_answers(visit, document)
    ]


# --- acts -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent for one act; fields have the prefix of the act and the task."""

    sent: QueryDict
    prefix: str
    task: int

    def text(self, name: str) -> str:
        """Words as they were typed, line ends of browsers made plain."""
        return self.sent.get(self.prefix + name, "").replace("\r\n", "\n")[:4000]

    def key(self, name: str) -> int:
        """The number of a row; 0, which none has, for anything else."""
        return read_number(self.text(name)) or 0

    def order(self) -> Order:
        """The targets, words and deadlines of a routing."""
        support = read_day(self.text("due_support"))
        return Order(
            tuple(_targets(self.sent, f"{self.prefix}targets:", support)), self.text("words"),
            read_day(self.text("due")), self.sent.get(f"{self.prefix}several") == "1",
            self.sent.get(f"{self.prefix}needs_answer") == "1",
        )  # fmt: skip


def _targets(sent: QueryDict, prefix: str, support: Any) -> list[Target]:
    made = []
    for name in sent:
        role = sent[name]
        if name.startswith(prefix) and role in {"lead", "support", "inform"}:
            sort, number = name[len(prefix) :][:1], read_number(name[len(prefix) + 1 :])
            if number is not None and sort in {"a", "u"}:
                owner = Owner(account=number) if sort == "a" else Owner(unit=number)
                made.append(Target(owner, Role(role), support if role == "support" else None))
    return made


Act = Callable[[Visit, Document, Form], object]


def prefix_of(act: str, task: int) -> str:
    """Prefix of the names of a form's fields, so that several forms may stand on one page."""
    return f"{act}-{task}-"


def _submit(visit: Visit, document: Document, form: Form) -> object:
    return routing.submit(visit, document, form.key("to"), form.text("words"), read_day(form.text("due")))


def _report(visit: Visit, document: Document, form: Form) -> object:
    chosen = form.text("answer")
    if read_number(chosen) is not None:
        working.link_answer(visit, document, form.key("answer"))
    return working.report(visit, form.task, form.text("result"), no_answer=chosen == "none")


ACTS: Mapping[str, Act] = {
    "submit": _submit,
    "pass": lambda visit, document, form: routing.pass_directly(visit, document, form.order(), form.text("basis")),
    "submit-on": lambda visit, _, form: routing.submit_on(visit, form.task, form.key("to"), form.text("words")),
    "direct": lambda visit, _, form: routing.direct(visit, form.task, form.order()),
    "conclude": lambda visit, _, form: working.conclude(visit, form.task, form.text("words")),
    "assign": lambda visit, _, form: routing.assign(visit, form.task, form.order()),
    "forward": lambda visit, _, form: routing.forward(visit, form.task, form.order()),
    "withdraw": lambda visit, _, form: routing.withdraw(visit, form.task, form.text("reason")),
    "give-back": lambda visit, _, form: routing.give_back(visit, form.task, form.text("reason")),
    "take": lambda visit, _, form: working.take(visit, form.task),
    "opinion": lambda visit, document, form: working.give_opinion(
        visit, document, form.text("opinion"), form.task or None
    ),
    "report": _report,
    "confirm": lambda visit, _, form: working.confirm(visit, form.task),
    "send-back": lambda visit, _, form: working.send_back(visit, form.task, form.text("reason")),
    "know": lambda visit, _, form: working.know(visit, form.task),
    "link": lambda visit, document, form: working.link_answer(visit, document, form.key("answer")),
    "remind": lambda visit, _, form: urging.remind(visit, form.task, form.text("words")),
    "ask-extension": lambda visit, _, form: urging.ask_extension(
        visit, form.task, read_day(form.text("until")), form.text("reason")
    ),
    "grant": lambda visit, _, form: urging.decide_extension(visit, form.task, True, form.text("words")),
    "refuse": lambda visit, _, form: urging.decide_extension(visit, form.task, False, form.text("words")),
}


def act_of(name: str) -> Act:
    """The verb of a form. Refuses NOT_FOUND_HERE."""
    found = ACTS.get(name)
    if found is None:
        raise Refused(NOT_FOUND_HERE)
    return found
