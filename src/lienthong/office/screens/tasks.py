"""Việc: tasks without a document, what one gave to others, hand-over, and the calendar of deadlines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.office.deadlines import calendar_of, deadline
from lienthong.office.models import Task
from lienthong.office.screens import asked
from lienthong.office.screens.trying import attempt
from lienthong.office.services import assigning, calendar_feed, handing_over, tasks
from lienthong.office.services.assigning import TaskFields, title_of, where_of
from lienthong.office.services.tasks import Owner
from lienthong.office.states import LIVE, TO_DO, Role
from lienthong.webkit.door.access import PUBLIC, SIGNED_IN, Route, needs, posted, route
from lienthong.webkit.door.faults import read_number
from lienthong.webkit.door.pages import address, render, see_other
from lienthong.webkit.door.paging import page_of
from lienthong.webkit.door.visit import Visit, visit_of
from lienthong.webkit.look.parts import Chip, Choice, Column, Crumb, Done, Fault, Figure, MenuItem, Row, Tone
from lienthong.webkit.people.in_force import in_force
from lienthong.webkit.people.models import Account, Unit
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.duties import CLERICAL, Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE
from lienthong.webkit.site.tenancy import enter

HERE = "lienthong.office"
COLUMNS = (
    Column("title", "Việc", "abstract", head=True, fixed=True),
    Column("owner", "Người, đơn vị làm"),
    Column("role", "Vai trò"),
    Column("due", "Hạn", "date"),
    Column("given", "Ngày giao", "date", phone=False),
    Column("state", "Tình trạng", "state"),
)
TASK_STATES = {
    "new": "Chưa đọc", "open": "Đang làm", "passed": "Đã chuyển tiếp", "reported": "Chờ duyệt kết quả",
    "finished": "Hoàn thành", "withdrawn": "Đã thu hồi", "returned": "Đã trả lại",
}  # fmt: skip
TASK_TONES: Mapping[str, Tone] = {
    "new": "waiting", "open": "work", "passed": "work", "reported": "waiting", "finished": "done", "withdrawn": "error",
    "returned": "error",
}  # fmt: skip
ROLES = {each.value: each.vi for each in Role}


def given(request: HttpRequest) -> HttpResponseBase:
    """What somebody gave and is not at an end, the most pressing first by unit; ticked rows are reminded of."""
    visit = visit_of(request)
    all_ = assigning.given_by(visit)
    chosen = _chosen(request, visit, all_)
    found = page_of(request, chosen.select_related("account", "unit", "document"), "-id")
    calendar = calendar_of(visit.agency)
    rows = [Row(str(each.pk), where_of(each), title_of(each), each) for each in found.items]
    dues = {
        each.pk: deadline(calendar, visit.today, each.due_date, met=each.state == "reported") for each in found.items
    }
    counted = all_.aggregate(
        all=Count("pk"), late=Count("pk", filter=Q(due_date__lt=visit.today, state__in=TO_DO)),
        unread=Count("pk", filter=Q(state="new")), reported=Count("pk", filter=Q(state="reported")),
    )  # fmt: skip
    here = address("given")
    figures = [
        Figure("Đang theo dõi", str(counted["all"]), here, icon="forward"),
        Figure(
            "Quá hạn", str(counted["late"]), f"{here}?late=1", icon="alert", tone="error" if counted["late"] else ""
        ),
        Figure("Chưa đọc", str(counted["unread"]), f"{here}?state=new", icon="mail"),
        Figure(
            "Chờ tôi duyệt",
            str(counted["reported"]),
            f"{here}?state=reported",
            icon="check",
            tone="waiting" if counted["reported"] else "",
        ),
    ]
    units = all_.filter(unit__isnull=False).values("unit", "unit__name").annotate(n=Count("pk")).order_by("unit__name")
    return render(
        request,
        HERE,
        "given.html",
        rows=rows,
        columns=COLUMNS,
        pager=found.pager,
        dues=dues,
        figures=figures,
        states=TASK_STATES,
        tones=TASK_TONES,
        roles=ROLES,
        title_of=title_of,
        chips=_chips(request, visit),
        units=[
            Choice(
                str(each["unit"]),
                each["unit__name"],
                count=each["n"],
                chosen=str(each["unit"]) == request.GET.get("unit"),
            )
            for each in units
        ],
        states_chosen=[
            Choice(key, word, chosen=key == request.GET.get("state"))
            for key, word in TASK_STATES.items()
            if key in LIVE
        ],
        acts=[MenuItem("Đôn đốc", address("given_remind"), "bell")],
    )


def _chosen(request: HttpRequest, visit: Visit, tasks_: QuerySet[Task]) -> QuerySet[Task]:
    if request.GET.get("state") in LIVE:
        tasks_ = tasks_.filter(state=request.GET["state"])
    if unit := asked.whole(request.GET, "unit"):
        tasks_ = tasks_.filter(unit=unit)
    if asked.ticked(request.GET, "late"):
        tasks_ = tasks_.filter(due_date__lt=visit.today, state__in=TO_DO)
    return tasks_


def _chips(request: HttpRequest, visit: Visit) -> list[Chip]:
    unit = Unit.objects.filter(agency=visit.agency, pk=asked.whole(request.GET, "unit") or 0).first()
    said = (
        ("state", "Tình trạng", TASK_STATES.get(request.GET.get("state", ""), "")),
        ("unit", "Đơn vị", str(unit or "")),
        ("late", "Hạn", "quá hạn" if asked.ticked(request.GET, "late") else ""),
    )
    return [
        Chip(label, value, asked.without(request, name, "after", "before", "at"))
        for name, label, value in said
        if value
    ]


def remind(request: HttpRequest) -> HttpResponseBase:
    """Remind the owners of the ticked tasks; each with its result."""
    visit = visit_of(request)
    ticked = asked.numbers(request.POST, "row")
    done = [
        Done(title_of(each), where_of(each), not why, why or "đã nhắc") if each is not None
        else Done(str(pk), "", ok=False, sentence=why)
        for pk, (each, why) in zip(ticked, assigning.remind(visit, ticked), strict=True)
    ]  # fmt: skip
    return render(request, HERE, "bulk_done.html", done=done, title="Đôn đốc", back=address("given"))


def new(request: HttpRequest) -> HttpResponseBase:
    """Give a task without a document, or divide one that one has."""
    visit = visit_of(request)
    above = asked.whole(request.POST if request.method == "POST" else request.GET, "parent")
    parent = assigning.find_task(visit, above) if above is not None else None
    faults: Sequence[Fault] = ()
    if request.method == "POST":
        made = attempt(visit, lambda: assigning.create(visit, _fields(request), parent))
        if not isinstance(made, Refused):
            return see_other("task", task=made[0].pk)
        faults = asked.faults_of(made, visit.language)
    return render(
        request,
        HERE,
        "task_form.html",
        status=422 if faults else 200,
        faults=faults,
        wrong=asked.by_field(faults),
        sent=request.POST,
        parent=parent,
        owners=_owners(visit, request.POST.getlist("owners")),
        crumbs=[Crumb("Việc đã giao", address("given")), Crumb("Giao việc")],
    )


def _fields(request: HttpRequest) -> TaskFields:
    owners = []
    for each in dict.fromkeys(request.POST.getlist("owners")[:100]):
        number = read_number(each[1:])
        if each[:1] in {"a", "u"} and number is not None:
            owners.append(Owner(account=number) if each[0] == "a" else Owner(unit=number))
    return TaskFields(
        asked.line(request.POST, "title", 500), request.POST.get("directive", "")[:4000], tuple(owners),
        asked.day(request.POST, "due"), asked.count(request.POST, "days"), asked.ticked(request.POST, "needs_answer"),
    )  # fmt: skip


def _owners(visit: Visit, chosen: Sequence[str]) -> list[Choice]:
    units = Unit.objects.filter(in_force(visit.today), agency=visit.agency)[:2000]
    people = Account.objects.filter(agency=visit.agency, disabled_at__isnull=True).order_by("sort_name")[:2000]
    return [
        *(Choice(f"u{each.pk}", each.name, "đơn vị", chosen=f"u{each.pk}" in chosen) for each in units),
        *(Choice(f"a{each.pk}", each.full_name, "cá nhân", chosen=f"a{each.pk}" in chosen) for each in people),
    ]


def task(request: HttpRequest, task: int) -> HttpResponseBase:
    """One task, with those above and below it."""
    visit = visit_of(request)
    found = assigning.find_task(visit, task)
    if _mine(visit, found):
        tasks.read(visit, found)
    return page(request, visit, found)


def page(request: HttpRequest, visit: Visit, found: Task, faults: Sequence[Fault] = ()) -> HttpResponseBase:
    """The page of a task, with what went wrong."""
    calendar = calendar_of(visit.agency)
    children = list(found.children.select_related("account", "unit").order_by("pk")[:200])
    return render(
        request,
        HERE,
        "task.html",
        status=422 if faults else 200,
        task=found,
        children=children,
        faults=faults,
        mine=_mine(visit, found) and found.state in (*TO_DO, "passed"),
        gave=bool({found.giver_id, found.for_whom_id} & visit.who.stands_for),
        live=found.state in LIVE,
        states=TASK_STATES,
        tones=TASK_TONES,
        roles=ROLES,
        sent=request.POST,
        due=deadline(calendar, visit.today, found.due_date, met=found.state in {"finished", "reported"}),
        dues={
            each.pk: deadline(calendar, visit.today, each.due_date, met=each.state == "finished") for each in children
        },
        crumbs=[
            Crumb("Việc của tôi", address("home")),
            *([Crumb(found.parent.title, where_of(found.parent))] if found.parent else []),
            Crumb(found.title),
        ],
    )


def _mine(visit: Visit, found: Task) -> bool:
    heads = visit.who.units_as(Duty.UNIT_HEAD, Duty.UNIT_REGISTRAR)
    return found.account_id in visit.who.stands_for or found.unit_id in heads


Act = Callable[[Visit, Task, HttpRequest], object]
ACTS: Mapping[str, Act] = {
    "report": lambda visit, found, request: assigning.report(visit, found, request.POST.get("result", "")[:4000]),
    "accept": lambda visit, found, request: assigning.accept(visit, found),
    "hand-back": lambda visit, found, request: assigning.hand_back(visit, found, request.POST.get("reason", "")),
    "withdraw": lambda visit, found, request: assigning.withdraw(visit, found),
    "extend": lambda visit, found, request: assigning.ask_extension(
        visit, found, asked.day(request.POST, "until"), request.POST.get("reason", "")
    ),
    "agree": lambda visit, found, request: assigning.decide_extension(visit, found, agreed=True),
    "disagree": lambda visit, found, request: assigning.decide_extension(visit, found, agreed=False),
}


def act(request: HttpRequest, task: int, verb: str) -> HttpResponseBase:
    """One act on a task; a refusal is shown on its page with everything typed."""
    visit = visit_of(request)
    found = assigning.find_task(visit, task)
    if verb not in ACTS:
        raise Refused(NOT_FOUND_HERE)
    done = attempt(visit, lambda: ACTS[verb](visit, found, request))
    if isinstance(done, Refused):
        return page(request, visit, found, asked.faults_of(done, visit.language))
    return see_other("task", task=found.pk)


def hand_over(request: HttpRequest, account: int) -> HttpResponseBase:
    """Choose what goes to whom, see it, then do it and see the report."""
    visit = visit_of(request)
    leaving = Account.objects.filter(agency=visit.agency, pk=account).first()
    if leaving is None:
        raise Refused(NOT_FOUND_HERE)
    faults: Sequence[Fault] = ()
    parts = set(request.POST.getlist("parts")) & handing_over.PARTS.keys() or set(handing_over.PARTS)
    heir = Account.objects.filter(agency=visit.agency, pk=asked.whole(request.POST, "heir") or 0).first()
    if request.method == "POST" and heir is None:
        faults = [Fault("heir", asked.said(visit, "Chọn người nhận bàn giao.", "Choose who takes over."))]
    elif heir is not None:
        chosen = heir
        moved = attempt(visit, lambda: handing_over.hand_over(visit, leaving, chosen, parts))
        if not isinstance(moved, Refused):
            title = f"Bàn giao từ {leaving.full_name} sang {heir.full_name}"
            done = [Done(each.label, each.where or address("home"), True, _said(each)) for each in moved]
            return render(request, HERE, "bulk_done.html", done=done, back=address("home"), title=title)
        faults = asked.faults_of(moved, visit.language)
    moving = handing_over.look(visit, leaving)
    people = Account.objects.filter(agency=visit.agency, disabled_at__isnull=True).exclude(pk=leaving.pk)
    return render(
        request, HERE, "hand_over.html", status=422 if faults else 200, leaving=leaving, faults=faults,
        wrong=asked.by_field(faults), moving=moving, words=handing_over.PARTS,
        parts=[Choice(key, word, chosen=key in parts, count=sum(each.part == key for each in moving))
               for key, word in handing_over.PARTS.items()],
        people=[Choice(str(each.pk), each.full_name, chosen=heir is not None and each.pk == heir.pk)
                for each in people.order_by("sort_name")[:2000]],
    )  # fmt: skip


def _said(moved: handing_over.Moved) -> str:
    return "; ".join(part for part in (handing_over.PARTS[moved.part], moved.sentence) if part)


def calendar_page(request: HttpRequest) -> HttpResponseBase:
    """Where one gets the address of one's calendar; it is shown once."""
    visit = visit_of(request)
    shown = ""
    if request.method == "POST":
        if request.POST.get("end"):
            calendar_feed.end_address(visit)
            return see_other("calendar")
        key = calendar_feed.new_address(visit)
        shown = f"{site().public_url or request.build_absolute_uri('/').rstrip('/')}{address('calendar_feed', key=key)}"
    return render(
        request, HERE, "calendar.html", shown=shown, has=calendar_feed.PREFERENCE in visit.who.account.preferences
    )


def feed(request: HttpRequest, key: str) -> HttpResponseBase:
    """The calendar behind its secret address; a wrong one is no page."""
    visit = visit_of(request)
    first, _, rest = key.partition("-")
    second, _, secret = rest.partition("-")
    agency, account = read_number(first), read_number(second)
    if agency is None or account is None:
        raise Refused(NOT_FOUND_HERE)
    enter(agency)
    found = calendar_feed.account_of(account, secret)
    if found is None:
        raise Refused(NOT_FOUND_HERE)
    data = calendar_feed.calendar(
        calendar_feed.entries_of(found), site().public_url, f"Hạn của {found.full_name}", visit.now
    )
    return HttpResponse(data, content_type="text/calendar; charset=utf-8")


MAY = needs(*CLERICAL)
ROUTES: list[Route] = [
    route("given", given, MAY, "given"),
    posted("given/remind", remind, MAY, "given_remind"),
    route("tasks/new", new, MAY, "task_new"),
    route("tasks/<int:task>", task, MAY, "task"),
    posted("tasks/<int:task>/<slug:verb>", act, MAY, "task_act"),
    route("hand-over/<int:account>", hand_over, needs(*CLERICAL, Duty.ADMINISTRATOR), "hand_over"),
    route("calendar", calendar_page, SIGNED_IN, "calendar"),
    route("calendar/<str:key>.ics", feed, PUBLIC, "calendar_feed"),
]
