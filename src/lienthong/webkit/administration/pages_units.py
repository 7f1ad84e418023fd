"""Đơn vị: the tree of units with the people in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.webkit.administration import units
from lienthong.webkit.door.access import Route, needs, posted, route
from lienthong.webkit.door.faults import faults_of, read_number
from lienthong.webkit.door.pages import render, see_other
from lienthong.webkit.door.visit import visit_of
from lienthong.webkit.look.parts import Choice
from lienthong.webkit.people.models import Appointment, Unit
from lienthong.webkit.site.duties import Duty

HERE = "lienthong.webkit.administration"


def tree(request: HttpRequest) -> HttpResponseBase:
    """All units in force, each below its parent, with those who hold positions."""
    return _tree(request)


def _tree(request: HttpRequest, refused: Refused | None = None) -> HttpResponseBase:
    visit = visit_of(request)
    found = list(Unit.objects.filter(agency=visit.agency, valid_until__isnull=True))
    below: defaultdict[int | None, list[Unit]] = defaultdict(list)
    for each in found:
        below[each.parent_id].append(each)
    people: defaultdict[int, list[Appointment]] = defaultdict(list)
    for held in (
        Appointment.objects.filter(agency=visit.agency).select_related("account").order_by("account__sort_name")
    ):
        if held.in_force(visit.today):
            people[held.unit_id].append(held)
    return render(
        request, HERE, "units.html", below=below, people=people,
        choices=[Choice("", "—"), *(Choice(str(each.pk), each.name) for each in found)],
        faults=faults_of(refused, visit.language) if refused else [], refusal=refused, typed=request.POST,
        status=refused.code.http if refused else 200,
    )  # fmt: skip


def add(request: HttpRequest) -> HttpResponseBase:
    """A new unit."""
    visit = visit_of(request)

    def verb() -> None:
        parent = read_number(request.POST.get("parent", ""))
        above = units.find_unit(visit, parent) if parent is not None else None
        units.add_unit(visit, request.POST.get("name", ""), request.POST.get("abbreviation", ""), above)

    return _try(request, verb)


def rename(request: HttpRequest, unit: int) -> HttpResponseBase:
    """Another name."""
    visit = visit_of(request)
    found = units.find_unit(visit, unit)
    name, abbreviation = request.POST.get("name", ""), request.POST.get("abbreviation", "")
    return _try(request, lambda: units.rename(visit, found, name, abbreviation))


def end(request: HttpRequest, unit: int) -> HttpResponseBase:
    """End a unit."""
    visit = visit_of(request)
    found = units.find_unit(visit, unit)
    return _try(request, lambda: units.end_unit(visit, found))


def _try(request: HttpRequest, verb: Callable[[], object]) -> HttpResponseBase:
    try:
        verb()
    except Refused as refused:
        if refused.code.http == 404:
            raise
        return _tree(request, refused)
    return see_other("units")


ADMIN = needs(Duty.ADMINISTRATOR)
ROUTES: list[Route] = [
    route("units", tree, ADMIN, "units"),
    posted("units/new", add, ADMIN, "unit_new"),
    posted("units/<int:unit>/rename", rename, ADMIN, "unit_rename"),
    posted("units/<int:unit>/end", end, ADMIN, "unit_end"),
]
