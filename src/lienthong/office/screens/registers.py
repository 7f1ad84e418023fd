"""Sổ đăng ký: the registers of the years, opened and closed by the registrar."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.office.models import Register
from lienthong.office.screens.draft_form import faults_of
from lienthong.office.screens.drafts import HERE
from lienthong.office.services import registers as services
from lienthong.office.services.draft_content import KINDS
from lienthong.webkit.door.access import Route, needs, posted, route
from lienthong.webkit.door.pages import render, see_other
from lienthong.webkit.door.visit import visit_of
from lienthong.webkit.look.parts import Choice
from lienthong.webkit.site.duties import Duty


def registers(request: HttpRequest) -> HttpResponseBase:
    """All registers, this year first; a POST opens one."""
    visit = visit_of(request)
    post, refused = request.POST, None
    year = post.get("year", "") or str(visit.today.year)
    if request.method == "POST":
        try:
            with transaction.atomic():
                number = int(year) if year.isascii() and year.isdigit() and len(year) == 4 else 0
                services.open_register(visit, number, post.get("name", ""), post.getlist("kinds"))
            return see_other("registers")
        except Refused as reason:
            if reason.code.http == 403:
                raise
            refused = reason
    rows = Register.objects.filter(agency=visit.agency).select_related("closed_by").order_by("-year", "direction", "pk")
    chosen = set(post.getlist("kinds"))
    return render(
        request, HERE, "registers.html", status=422 if refused else 200, registers=list(rows), year=year,
        title=post.get("name", ""), kinds=[Choice(each, each, chosen=each in chosen) for each in KINDS],
        faults=faults_of(refused, visit.language) if refused else [],
    )  # fmt: skip


def close(request: HttpRequest, register: int) -> HttpResponseBase:
    """Close one."""
    services.close_register(visit_of(request), register)
    return see_other("registers")


ROUTES: list[Route] = [
    route("registers", registers, needs(Duty.REGISTRAR), "registers"),
    posted("registers/<int:register>/close", close, needs(Duty.REGISTRAR), "register_close"),
]
