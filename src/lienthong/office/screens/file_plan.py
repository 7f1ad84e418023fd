"""Danh mục hồ sơ: the plan of a year, made by hand or from a spreadsheet, approved by the head."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence

from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.office.errors import STEP_NOT_POSSIBLE
from lienthong.office.models import FilePlan
from lienthong.office.screens import asked
from lienthong.office.screens.dossiers import DOSSIER_STATES, DOSSIER_TONES, RETENTIONS
from lienthong.office.screens.handing_out import paper
from lienthong.office.screens.trying import attempt
from lienthong.office.services import planning
from lienthong.office.services.dossier_rights import KEEPERS
from lienthong.office.services.filing import DossierFields, said_retention
from lienthong.office.services.planning import Dry, plan_of
from lienthong.webkit.door.access import Route, needs, posted, route
from lienthong.webkit.door.pages import address, go_to, render
from lienthong.webkit.door.visit import Visit, visit_of
from lienthong.webkit.look.parts import Choice, Fault, MenuItem
from lienthong.webkit.papers.numerals import roman
from lienthong.webkit.people.in_force import in_force
from lienthong.webkit.people.models import Account, Unit
from lienthong.webkit.site.duties import CLERICAL, Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

HERE = "lienthong.office"
LARGEST = 2_000_000
"""Bytes of a spreadsheet; one of ten thousand dossiers has less."""

SALT = "office.file_plan"
KEPT = 3600


def file_plan(request: HttpRequest) -> HttpResponseBase:
    """The plan of the year that the address asks for, of this year without one."""
    return page(request)


def page(
    request: HttpRequest, *, faults: Sequence[Fault] = (), dry: Dry | None = None, sealed: str = "", status: int = 200
) -> HttpResponseBase:
    """The page of the plan, with what is wrong in a form or what an import would do."""
    visit = visit_of(request)
    year = year_of(request, visit)
    plan = plan_of(visit, year)
    headings = list(plan.headings.all()) if plan else []
    parts = [
        (f"{roman(at)}. {large.title}", large,
         [("", large), *((f"{number}. {small.title}", small) for number, small in
                         enumerate((each for each in headings if each.parent_id == large.pk), 1))])
        for at, large in enumerate((each for each in headings if each.parent_id is None), 1)
    ]  # fmt: skip
    keeper = visit.who.may(*KEEPERS) and (plan is None or plan.state == "draft")
    given = request.POST
    people = Account.objects.filter(agency=visit.agency, disabled_at__isnull=True).order_by("sort_name")[:2000]
    units = Unit.objects.filter(in_force(visit.today), agency=visit.agency)[:2000]
    return render(
        request,
        HERE,
        "file_plan.html",
        status=status,
        year=year,
        plan=plan,
        parts=parts,
        keeper=keeper,
        dry=dry,
        sealed=sealed,
        faults=faults,
        wrong=asked.by_field(faults),
        given=given,
        leader=visit.who.may(Duty.LEADER),
        said=said_retention,
        states=DOSSIER_STATES,
        tones=DOSSIER_TONES,
        total=sum(len(part.dossiers.all()) for _, _, inner in parts for _, part in inner),
        headings=[
            Choice(
                str(part.pk), label if not small else f"{label} / {small}", chosen=str(part.pk) == given.get("heading")
            )
            for label, _, inner in parts
            for small, part in inner
        ],
        larges=[Choice(str(large.pk), label, chosen=str(large.pk) == given.get("parent")) for label, large, _ in parts],
        retentions=[Choice(each, each, chosen=each == given.get("retention", "10 năm")) for each in RETENTIONS],
        people=[Choice(str(each.pk), each.full_name, chosen=str(each.pk) == given.get("creator")) for each in people],
        units=[Choice(str(each.pk), each.name, chosen=str(each.pk) == given.get("unit")) for each in units],
        before=plan_of(visit, year - 1) is not None,
        exports=[
            MenuItem(word, f"{address('file_plan_export', year=year, ending=ending)}", "download")
            for ending, word in (("xlsx", "Excel (.xlsx)"), ("pdf", "PDF"), ("docx", "Word (.docx)"))
        ],
    )


def act(request: HttpRequest, year: int, verb: str) -> HttpResponseBase:
    """One act on the plan; a refusal shows the page again with everything typed."""
    visit = visit_of(request)
    if verb not in _ACTS:
        raise Refused(NOT_FOUND_HERE)
    done = attempt(visit, lambda: _ACTS[verb](visit, year, request))
    if isinstance(done, Refused):
        return page(request, faults=asked.faults_of(done, visit.language), status=422)
    return go_to(f"{address('file_plan')}?year={year}")


def upload(request: HttpRequest, year: int) -> HttpResponseBase:
    """Read a spreadsheet and show what taking it would do; nothing is written yet."""
    visit = visit_of(request)
    planning.require_keeper(visit)
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        return page(
            request,
            faults=[Fault("file", asked.said(visit, "Chọn tệp Excel (.xlsx).", "Choose a spreadsheet (.xlsx)."))],
            status=422,
        )
    try:
        if (file.size or 0) > LARGEST:
            raise Refused(STEP_NOT_POSSIBLE, reason_vi="tệp quá lớn", reason_en="the file is too large")
        data = file.read()
        dry = planning.read_plan(visit, year, file.name or "", data)
    except Refused as refusal:
        return page(request, faults=asked.faults_of(refusal, visit.language), status=422)
    # The bytes go to the browser and come back sealed, so that what is taken is what was shown.
    packed = base64.b85encode(zlib.compress(data)).decode()
    sealed = (
        signing.dumps({"year": year, "agency": visit.agency.pk, "data": packed}, salt=SALT) if not dry.problems else ""
    )
    return page(request, dry=dry, sealed=sealed, status=422 if dry.problems else 200)


def _take(visit: Visit, year: int, request: HttpRequest) -> None:
    try:
        kept = signing.loads(request.POST.get("sealed", ""), salt=SALT, max_age=KEPT)
    except signing.BadSignature as problem:
        raise Refused(
            STEP_NOT_POSSIBLE, reason_vi="tệp đã xem trước không còn, hãy chọn lại", reason_en="choose the file again"
        ) from problem
    if kept["year"] != year or kept["agency"] != visit.agency.pk:
        raise Refused(NOT_FOUND_HERE)
    plan = planning.begin(visit, year)
    data = zlib.decompress(base64.b85decode(kept["data"]))
    planning.take(visit, plan, planning.read_plan(visit, year, "danh-muc.xlsx", data))


def _plan(visit: Visit, year: int) -> FilePlan:
    return planning.begin(visit, year)


def _approve(visit: Visit, year: int, request: HttpRequest) -> None:
    plan = plan_of(visit, year)
    if plan is None:
        raise Refused(NOT_FOUND_HERE)
    planning.approve(visit, plan, asked.line(request.POST, "decision"))


_ACTS = {
    "begin": lambda visit, year, request: planning.begin(visit, year),
    "heading": lambda visit, year, request: planning.add_heading(
        visit, _plan(visit, year), asked.line(request.POST, "title", 300), asked.line(request.POST, "abbreviation", 20),
        asked.whole(request.POST, "parent"), asked.whole(request.POST, "unit")),
    "dossier": lambda visit, year, request: planning.plan_dossier(
        visit, _plan(visit, year), asked.whole(request.POST, "heading") or 0,
        DossierFields(asked.line(request.POST, "title", 500), asked.line(request.POST, "retention", 30), year,
                      creator=asked.whole(request.POST, "creator"), note=asked.line(request.POST, "note", 500))),
    "strike": lambda visit, year, request: planning.strike(
        visit, _plan(visit, year), asked.whole(request.POST, "dossier") or 0),
    "copy": lambda visit, year, request: planning.copy_plan(visit, year),
    "take": _take,
    "approve": _approve,
}  # fmt: skip


def export(request: HttpRequest, year: int, ending: str) -> HttpResponseBase:
    """The plan as a paper; the spreadsheet can be changed and taken back."""
    visit = visit_of(request)
    plan = plan_of(visit, year)
    if plan is None:
        raise Refused(NOT_FOUND_HERE)
    visit.note("file_plan.exported", f"file_plan:{plan.pk}", ending=ending)
    return paper(planning.table_of(visit, plan), ending, f"danh-muc-ho-so-{year}")


def year_of(request: HttpRequest, visit: Visit) -> int:
    """The year of the address, this year when it says none."""
    found = request.resolver_match.kwargs.get("year") if request.resolver_match else None
    year = found or asked.whole(request.GET, "year") or visit.today.year
    return min(max(int(year), 1945), 2200)


MAY = needs(*CLERICAL)
ROUTES: list[Route] = [
    route("file-plan", file_plan, MAY, "file_plan"),
    route("file-plan/<int:year>/export.<str:ending>", export, MAY, "file_plan_export"),
    posted("file-plan/<int:year>/upload", upload, MAY, "file_plan_upload"),
    posted("file-plan/<int:year>/<slug:verb>", act, MAY, "file_plan_act"),
]
