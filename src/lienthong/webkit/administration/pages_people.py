"""Người dùng: the list of people, one person with his positions, and what the administrator may do for him."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat, Left, LPad
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.base.text import fold
from lienthong.webkit.administration import people, units
from lienthong.webkit.administration.errors import PERSON_FIELDS_WRONG
from lienthong.webkit.door.access import Route, needs, posted, route
from lienthong.webkit.door.faults import faults_of, read_day, read_number
from lienthong.webkit.door.pages import address, in_words, render, see_other
from lienthong.webkit.door.paging import page_of
from lienthong.webkit.door.visit import visit_of
from lienthong.webkit.look.parts import Choice, Column, Row
from lienthong.webkit.people.models import Account, Appointment, Session, Unit
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

HERE = "lienthong.webkit.administration"
COLUMNS = (
    Column("full_name", "Họ và tên", head=True, fixed=True),
    Column("login", "Tên đăng nhập"),
    Column("positions", "Chức vụ, đơn vị"),
    Column("state", "Tình trạng", "state"),
)


def people_list(request: HttpRequest) -> HttpResponseBase:
    """Everybody of the agency, by given name."""
    visit = visit_of(request)
    found = Account.objects.filter(agency=visit.agency).prefetch_related("appointments__unit")
    wanted = request.GET.get("q", "").strip()
    if wanted:
        found = found.filter(Q(sort_name__contains=fold(wanted)) | Q(login__contains=wanted.casefold()))
    key = Concat(Left("sort_name", 80), Value(" "), LPad(Cast("pk", CharField()), 19, Value("0")))
    page = page_of(request, found.annotate(key=key), "key", read=str)
    rows = [Row(str(each.pk), address("person", account=each.pk), each.full_name, each) for each in page.items]
    return render(
        request, HERE, "people.html", rows=rows, columns=in_words(visit, HERE, COLUMNS), pager=page.pager, q=wanted
    )


def add(request: HttpRequest) -> HttpResponseBase:
    """A new account; its one-time password is shown once, on the answer."""
    visit = visit_of(request)
    values = {name: request.POST.get(name, "") for name in ("login", "full_name", "email")}
    if request.method == "POST":
        try:
            account, password = people.add_person(visit, **values)
        except Refused as refused:
            return render(request, HERE, "person_new.html", values=values, faults=faults_of(refused, visit.language),
                          refusal=refused, status=422)  # fmt: skip
        return render(request, HERE, "person_password.html", account=account, password=password)
    return render(request, HERE, "person_new.html", values=values, faults=[], refusal=None)


def person(request: HttpRequest, account: int) -> HttpResponseBase:
    """One person: data, positions, sessions."""
    visit = visit_of(request)
    return _person(request, people.find_person(visit, account))


def _person(request: HttpRequest, found: Account, refused: Refused | None = None) -> HttpResponseBase:
    visit = visit_of(request)
    appointments = list(Appointment.objects.filter(account=found).select_related("unit").order_by("-valid_from", "-id"))
    units_ = Unit.objects.filter(agency=visit.agency, valid_until__isnull=True)
    return render(
        request, HERE, "person.html", account=found, appointments=appointments,
        in_force={each.pk for each in appointments if each.in_force(visit.today)},
        duties=[Choice(each.value, each.vi if visit.language == "vi" else each.en) for each in Duty],
        duty_words={each.value: each.vi if visit.language == "vi" else each.en for each in Duty},
        units=[Choice(str(each.pk), each.name) for each in units_],
        sessions=Session.objects.filter(account=found, ends_at__gt=visit.now).count(),
        faults=faults_of(refused, visit.language) if refused else [], refusal=refused, typed=request.POST,
        status=refused.code.http if refused else 200,
    )  # fmt: skip


def change(request: HttpRequest, account: int) -> HttpResponseBase:
    """Correct a person's data."""
    found = people.find_person(visit_of(request), account)
    return _try(request, found, lambda: people.change_person(
        visit_of(request), found, request.POST.get("full_name", ""), request.POST.get("email", "")
    ))  # fmt: skip


def appoint(request: HttpRequest, account: int) -> HttpResponseBase:
    """Give a position."""
    visit = visit_of(request)
    found = people.find_person(visit, account)

    def act() -> None:
        given = request.POST
        duty = next((each for each in Duty if each.value == given.get("duty")), None)
        unit = read_number(given.get("unit", ""))
        if duty is None or unit is None:
            raise Refused(NOT_FOUND_HERE)
        begins, ends = read_day(given.get("valid_from", "")), read_day(given.get("valid_until", ""))
        people.appoint(visit, found, units.find_unit(visit, unit), duty, given.get("position", ""), begins, ends)

    return _try(request, found, act)


def end_appointment(request: HttpRequest, account: int, appointment: int) -> HttpResponseBase:
    """End a position."""
    visit = visit_of(request)
    found = people.find_person(visit, account)
    held = Appointment.objects.filter(pk=appointment, account=found).first()
    if held is None:
        raise Refused(NOT_FOUND_HERE)
    return _try(request, found, lambda: people.end_appointment(visit, held))


def act(request: HttpRequest, account: int, what: str) -> HttpResponseBase:
    """Password, second factor, single sign-on, closing and opening an account."""
    visit = visit_of(request)
    found = people.find_person(visit, account)
    if what == "password":
        try:
            password = people.new_password(visit, found)
        except Refused as refused:
            return _person(request, found, refused)
        return render(request, HERE, "person_password.html", account=found, password=password)
    acts: dict[str, Callable[[], None]] = {
        "factor": lambda: people.reset_factor(visit, found),
        "disable": lambda: people.disable(visit, found, request.POST.get("reason", "")),
        "enable": lambda: people.enable(visit, found),
        "subject": lambda: people.link_subject(visit, found, request.POST.get("subject", "")),
    }
    if what not in acts:
        raise Refused(NOT_FOUND_HERE)
    return _try(request, found, acts[what])


def _try(request: HttpRequest, found: Account, verb: Callable[[], None]) -> HttpResponseBase:
    try:
        verb()
    except Refused as refused:
        if refused.code is not PERSON_FIELDS_WRONG and refused.code.http == 404:
            raise
        return _person(request, found, refused)
    return see_other("person", account=found.pk)


ADMIN = needs(Duty.ADMINISTRATOR)
ROUTES: list[Route] = [
    route("people", people_list, ADMIN, "people"),
    route("people/new", add, ADMIN, "person_new"),
    route("people/<int:account>", person, ADMIN, "person"),
    posted("people/<int:account>/change", change, ADMIN, "person_change"),
    posted("people/<int:account>/appoint", appoint, ADMIN, "person_appoint"),
    posted("people/<int:account>/positions/<int:appointment>/end", end_appointment, ADMIN, "person_end"),
    posted("people/<int:account>/<slug:what>", act, ADMIN, "person_act"),
]
