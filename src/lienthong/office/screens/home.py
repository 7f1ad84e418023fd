"""Việc của tôi: the one tray of everything that somebody has to do, and his notices."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.office.deadlines import calendar_of, deadline
from lienthong.office.models import Notice, Task
from lienthong.office.screens import asked
from lienthong.office.services.assigning import given_by
from lienthong.office.services.working import know_all, mine
from lienthong.office.shell import counts
from lienthong.office.states import TO_DO, Role, TaskKind, TaskState
from lienthong.webkit.door.access import SIGNED_IN, Route, needs, posted, route
from lienthong.webkit.door.pages import address, render, see_other
from lienthong.webkit.door.visit import Visit, visit_of
from lienthong.webkit.look.parts import Done, Figure, Row
from lienthong.webkit.site.duties import CLERICAL, Duty

HERE = "lienthong.office"
PAGE = 100
BESIDE = (
    ("arrivals", "Văn bản chờ tiếp nhận", "arrivals", "", "inbox"),
    ("numbering", "Văn bản chờ cấp số, phát hành", "numbering", "", "stamp"),
    ("reported", "Kết quả chờ tôi xác nhận", "given", "?state=reported", "check"),
    ("drafts", "Dự thảo đang soạn", "drafts", "", "edit"),
)
"""What the tray counts beside its tasks: key, words, page, which of its rows, icon."""
ELSEWHERE = ((Duty.ADMINISTRATOR, "people"), (Duty.AUDITOR, "audit"))
"""Where those begin who work with no documents; all others see what they are, which everybody may."""


def home(request: HttpRequest) -> HttpResponseBase:
    """Everything that waits for this person, the most pressing first; whoever has no documents goes to his own page."""
    who = visit_of(request).who
    if who.may(*CLERICAL):
        return _shown(request, [])
    return see_other(next((name for duty, name in ELSEWHERE if who.may(duty)), "mine"))


def know(request: HttpRequest) -> HttpResponseBase:
    """Take note of everything that was only to be known, at once; what has to be handled is told and stays."""
    visit = visit_of(request)
    done = []
    for task, refused in know_all(visit, asked.numbers(request.POST, "row", PAGE)):
        if task is not None:
            where = address("document", document=task.document_id) if task.document_id else address("home")
            label = task.document.abstract if task.document else task.title
            done.append(Done(label, where, refused is None, refused.sentence(visit.language) if refused else ""))
    return _shown(request, done)


def _shown(request: HttpRequest, known: Sequence[Done]) -> HttpResponseBase:
    visit = visit_of(request)
    tasks = list(
        Task.objects.filter(mine(visit), state__in=TO_DO)
        .select_related("document", "giver", "unit", "account")
        .order_by("due_date", "id")[:PAGE]
    )
    groups = [
        (key, vi, [_row(visit, each) for each in tasks if _group(each) == key])
        for key, vi in (("decide", "Cần cho ý kiến chỉ đạo"), ("sign", "Cần ký"), ("review", "Cần duyệt"),
                        ("handle", "Cần xử lý"), ("know", "Để biết"))
    ]  # fmt: skip
    numbers = counts(visit) | {"reported": given_by(visit).filter(state=TaskState.REPORTED.value).count()}
    calendar = calendar_of(visit.agency)
    dues = {str(each.pk): deadline(calendar, visit.today, each.due_date) for each in tasks}
    return render(
        request, HERE, "home.html", groups=groups, total=len(tasks), known=known, dues=dues, beside=_beside(numbers),
        facts=_facts,
    )  # fmt: skip


def _beside(numbers: dict[str, int]) -> list[Figure]:
    """What waits for the person on pages of its own and is no task; without it, a full desk would look empty."""
    return [
        Figure(label, str(numbers[key]), address(name) + more, icon=icon)
        for key, label, name, more, icon in BESIDE
        if numbers[key]
    ]


def _facts(task: Task) -> tuple[str, ...]:
    """Who gave it, and of a document its number and where it is from, as far as there are any."""
    giver = task.giver.full_name if task.giver else ""
    if task.document is None:
        return (giver,)
    return (giver, task.document.number_and_symbol, task.document.issuer_name if task.document.incoming else "")


def _group(task: Task) -> str:
    if task.kind == TaskKind.SUBMISSION.value:
        return "decide"
    if task.kind == TaskKind.SIGNATURE.value:
        return "sign"
    if task.kind == TaskKind.REVIEW.value:
        return "review"
    return "know" if task.role in {Role.INFORM.value, Role.FOLLOW.value} else "handle"


def _row(visit: Visit, task: Task) -> Row:
    title = task.title or (task.document.abstract if task.document else "")
    if task.document_id is None:
        return Row(str(task.pk), address("task", task=task.pk), title, task, unread=task.read_at is None)
    where = f"{address('document', document=task.document_id)}?from=todo&task={task.pk}"
    return Row(str(task.pk), where, title, task, unread=task.read_at is None)


def notices(request: HttpRequest) -> HttpResponseBase:
    """The person's notices, newest first; looking at them makes them read."""
    visit = visit_of(request)
    mine = Notice.objects.filter(account=visit.who.account)
    if request.method == "POST":
        mine.filter(read_at__isnull=True).update(read_at=visit.now)
        return see_other("notices")
    return render(request, HERE, "notices.html", notices=list(mine.order_by("-id")[:PAGE]))


ROUTES: list[Route] = [
    route("", home, SIGNED_IN, "home"),
    posted("know", know, needs(*CLERICAL), "home_know"),
    route("notices", notices, SIGNED_IN, "notices"),
]
