"""Bàn giao hồ sơ: the list and the minutes of the dossiers that are handed to the archive, on screen and as files."""

from __future__ import annotations

from dataclasses import fields

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.office.models import Dossier
from lienthong.office.screens import asked
from lienthong.office.screens.handing_out import handed_out, paper
from lienthong.office.services import dossier_export, handover
from lienthong.office.services.dossier_rights import readable_dossiers
from lienthong.webkit.door.access import Route, needs, posted
from lienthong.webkit.door.faults import faults_of
from lienthong.webkit.door.pages import address, render
from lienthong.webkit.door.visit import Visit, visit_of
from lienthong.webkit.look.parts import Crumb
from lienthong.webkit.papers.form import write_form
from lienthong.webkit.papers.model import shown
from lienthong.webkit.site.duties import CLERICAL
from lienthong.webkit.site.errors import NOT_FOUND_HERE

HERE = "lienthong.office"
PDF = "application/pdf"


def page(request: HttpRequest) -> HttpResponseBase:
    """The ticked dossiers, what is counted of them, and what the giver still has to say."""
    visit = visit_of(request)
    found = _ticked(request, visit)
    return _page(request, visit, found, handover.proposed(visit, found))


def minutes(request: HttpRequest) -> HttpResponseBase:
    """The minutes as a PDF for two signatures; the form again with what is wrong in it."""
    visit = visit_of(request)
    found, typed = _ticked(request, visit), _typed(request)
    try:
        made = handover.minutes_of(visit, found, typed)
    except Refused as refused:
        return _page(request, visit, found, typed, refused)
    return handed_out(lambda out: write_form(made, out), PDF, f"bien-ban-giao-nhan-{visit.today:%Y-%m-%d}.pdf")


def inventory(request: HttpRequest, ending: str) -> HttpResponseBase:
    """The list of the ticked dossiers as it is handed in with them: ``pdf`` or ``xlsx``."""
    visit = visit_of(request)
    found = _ticked(request, visit)
    visit.note("dossiers.inventory", "", count=len(found), ending=ending[:10])
    return paper(dossier_export.inventory_of(visit, found), ending, "muc-luc-nop-luu")


def _page(
    request: HttpRequest,
    visit: Visit,
    found: list[Dossier],
    typed: handover.HandoverFields,
    wrong: Refused | None = None,
) -> HttpResponseBase:
    quantity = handover.quantity_of(found, handover.HandoverFields("", "", "", ""))
    table = dossier_export.inventory_of(visit, found)
    rows = [[shown(cell, column) for cell, column in zip(row.cells, table.columns, strict=False)] for row in table.rows]
    return render(
        request, HERE, "handover.html", dossiers=found, typed=typed, span=handover.span_of(found), quantity=quantity,
        columns=table.columns, rows=rows, faults=faults_of(wrong, visit.language) if wrong else [],
        giver=visit.who, crumbs=[Crumb("Hồ sơ công việc", address("dossiers")), Crumb("Giao nộp hồ sơ")],
        status=422 if wrong else 200, longest=handover.LONGEST,
    )  # fmt: skip


def _ticked(request: HttpRequest, visit: Visit) -> list[Dossier]:
    rows = readable_dossiers(visit).filter(pk__in=asked.numbers(request.POST, "row")).select_related("unit")
    found = list(rows.order_by("year", "code"))
    if not found:
        raise Refused(NOT_FOUND_HERE)
    return found


def _typed(request: HttpRequest) -> handover.HandoverFields:
    names = [each.name for each in fields(handover.HandoverFields)]
    return handover.HandoverFields(**{name: request.POST.get(name, "") for name in names})


MAY = needs(*CLERICAL)
ROUTES: list[Route] = [
    posted("dossiers/handover", page, MAY, "dossiers_handover"),
    posted("dossiers/handover/minutes.pdf", minutes, MAY, "dossiers_minutes"),
    posted("dossiers/handover/inventory.<str:ending>", inventory, MAY, "dossiers_inventory_file"),
]
