"""The handling slip of an incoming document (phiếu giải quyết văn bản đến), read from its tasks and opinions."""

from __future__ import annotations

from collections.abc import Sequence

from lienthong.base.clock import VIETNAM
from lienthong.office.models import Document, Task
from lienthong.office.models.task import Opinion as Written
from lienthong.office.papers.handling_slip import Charge, HandlingSlip, Opinion, handling_slip
from lienthong.office.services.printing import letterhead, print_mark
from lienthong.office.states import Role, TaskKind, TaskState
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.papers.form import Form
from lienthong.webkit.papers.numerals import two_digits

LEVELS = {"directive": "leader", "assignment": "unit", "remark": "unit"}
"""Which level of the slip a kind of opinion belongs to; every other kind is the handler's."""


def slip_of(visit: Visit, document: Document) -> Form:
    """The slip of a document as it stands now; what nobody has said yet stays a blank to write on."""
    tasks = list(
        Task.objects.filter(document=document, kind=TaskKind.HANDLING.value)
        .exclude(state__in=(TaskState.WITHDRAWN.value, TaskState.RETURNED.value))
        .select_related("account", "unit", "parent").order_by("pk")
    )  # fmt: skip
    given = [each for each in tasks if each.parent is None or each.parent.kind == TaskKind.SUBMISSION.value]
    passed_on = [each for each in tasks if each not in given and each.account is not None]
    said = opinions_by_level(document)
    slip = HandlingSlip(
        document.kind, document.number_and_symbol, document.issued_date, document.issuer_name, document.abstract,
        two_digits(document.arrival_number) if document.arrival_number is not None else "", document.arrival_date,
        lead=next(iter(_charges(given, Role.LEAD)), None), supporting=tuple(_charges(given, Role.SUPPORT)),
        leader=_together(said["leader"]), assigned=next(iter(_charges(passed_on, Role.LEAD)), None),
        unit=_together(said["unit"]), proposal=_together(said["officer"]),
    )  # fmt: skip
    return handling_slip(slip, letterhead(visit), print_mark(visit))


def opinions_by_level(document: Document) -> dict[str, list[Written]]:
    """The opinions that count, by level: ``leader``, ``unit``, ``officer``; each in the order of time."""
    made: dict[str, list[Written]] = {"leader": [], "unit": [], "officer": []}
    opinions = document.opinions.filter(superseded_by__isnull=True).select_related("author", "for_whom")
    for each in opinions.order_by("pk"):
        made[LEVELS.get(each.kind, "officer")].append(each)
    return made


def _charges(tasks: Sequence[Task], role: Role) -> list[Charge]:
    return [Charge(str(each.account or each.unit), each.due_date) for each in tasks if each.role == role.value]


def _together(opinions: Sequence[Written]) -> Opinion:
    """The opinions of one level as one: each with its author when there are several, the day of the last."""
    if not opinions:
        return Opinion()
    last = opinions[-1]
    day = last.at.astimezone(VIETNAM).date()
    if len(opinions) == 1:
        return Opinion(last.text, _author(last), day)
    return Opinion("; ".join(f"{each.text} ({_author(each)})" for each in opinions), "", day)


def _author(opinion: Written) -> str:
    if opinion.for_whom is not None and opinion.for_whom != opinion.author:
        return f"{opinion.author.full_name} thay {opinion.for_whom.full_name}"
    return str(opinion.author.full_name)
