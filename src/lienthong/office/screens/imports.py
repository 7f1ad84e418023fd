"""Nhập dữ liệu cũ: upload an older system's table, say which column is which, look at the trial, import, report."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from typing import Any, BinaryIO

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.base.ids import Sha256
from lienthong.office.models import ImportRun
from lienthong.office.services import import_report, importing
from lienthong.office.services.import_columns import fields_of
from lienthong.office.services.import_files import Package
from lienthong.office.services.import_rows import WORDS, Fault
from lienthong.office.services.import_tables import MOST_BYTES, unreadable
from lienthong.office.services.storing import keep, store
from lienthong.office.states import Direction
from lienthong.webkit.door.access import Route, needs, posted, route
from lienthong.webkit.door.faults import faults_of, read_number
from lienthong.webkit.door.pages import render, see_other
from lienthong.webkit.door.visit import visit_of
from lienthong.webkit.look.parts import Choice
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

HERE = "lienthong.office"
SHOWN = 200
DIRECTIONS = {"incoming": "Văn bản đến", "outgoing": "Văn bản đi"}
STATES = {
    "mapping": ("Chờ xác nhận cột", "waiting"), "checking": ("Đang chạy thử", "work"),
    "checked": ("Đã chạy thử", "waiting"), "importing": ("Đang nhập", "work"), "done": ("Đã nhập xong", "done"),
    "failed": ("Không đọc được", "error"),
}  # fmt: skip


def listing(request: HttpRequest) -> HttpResponseBase:
    """Every import so far, and the form for the next."""
    if request.method != "POST":
        return _list(request)
    try:
        run = _begin(request)
    except Refused as refused:
        return _list(request, refused)
    return see_other("import", run=run.pk)


def _begin(request: HttpRequest) -> ImportRun:
    visit, given = visit_of(request), request.FILES
    table, packed = given.get("table"), given.get("package")
    direction = request.POST.get("direction", "")
    if table is None or direction not in DIRECTIONS:
        raise unreadable("–", "chọn tệp bảng và sổ đến hay đi", "choose a table, and incoming or outgoing")
    name = table.name or "bang"
    if (table.size or 0) > MOST_BYTES:
        raise unreadable(name, "tệp lớn hơn 200 MB", "it is larger than 200 MB")
    package: Sha256 | None = None
    if packed is not None:
        package, _, _ = keep(_binary(packed.file), packed.name or "", site().upload_limit)
        Package(packed.name or "", store().path(package)).close()
    return importing.start(visit, name, table.read(), request.POST.get("system", ""), Direction(direction), package)


def _binary(file: Any) -> BinaryIO:
    found: BinaryIO = file
    return found


def _list(request: HttpRequest, refused: Refused | None = None) -> HttpResponseBase:
    visit = visit_of(request)
    runs = list(ImportRun.objects.filter(agency=visit.agency).order_by("-pk")[:100])
    asked = request.POST.get("direction", "incoming")
    return render(
        request, HERE, "imports.html", runs=runs, states=STATES, directions=DIRECTIONS,
        typed=request.POST.get("system", ""),
        choices=[(value, word, value == asked) for value, word in DIRECTIONS.items()], refusal=refused,
        faults=faults_of(refused, visit.language) if refused else [], status=refused.code.http if refused else 200,
    )  # fmt: skip


def one(request: HttpRequest, run: int) -> HttpResponseBase:
    """One import: its columns, its trial, its report."""
    return _one(request, _found(request, run))


def _found(request: HttpRequest, run: int) -> ImportRun:
    found = ImportRun.objects.filter(pk=run, agency=visit_of(request).agency).first()
    if found is None:
        raise Refused(NOT_FOUND_HERE)
    return found


def _one(request: HttpRequest, run: ImportRun, refused: Refused | None = None) -> HttpResponseBase:
    visit = visit_of(request)
    mapping = _mapping(request) if refused else run.mapping
    fields = [
        (each, [Choice(str(at), name or f"({at + 1})", chosen=mapping.get(each.name) == at)
                for at, name in enumerate(run.header)])
        for each in fields_of(Direction(run.direction))
    ]  # fmt: skip
    faults = [(WORDS[Fault(name)], count, Fault(name).stops) for name, count in run.result.get("faults", {}).items()]
    return render(
        request, HERE, "import.html", run=run, fields=fields, states=STATES, directions=DIRECTIONS,
        faults_found=faults,
        findings=list(importing.findings(run, SHOWN)), words=WORDS, refusal=refused, shown=SHOWN,
        faults=faults_of(refused, visit.language) if refused else [],
        partial_run=run.state in {"checking", "importing"},
        by_kind=run.series_by_kind, status=(422 if refused.problems else refused.code.http) if refused else 200,
    )  # fmt: skip


def _mapping(request: HttpRequest) -> dict[str, int]:
    found = {}
    for name, given in request.POST.items():
        column = read_number(str(given), 3)
        if name.startswith("column-") and column is not None:
            found[name.removeprefix("column-")] = column
    return found


def confirm(request: HttpRequest, run: int) -> HttpResponseBase:
    """Which column is which; the trial follows."""
    found = _found(request, run)
    try:
        importing.confirm(
            visit_of(request), found.pk, _mapping(request), series_by_kind="series_by_kind" in request.POST
        )
    except Refused as refused:
        return _one(request, found, refused)
    return see_other("import", run=run)


def begin(request: HttpRequest, run: int) -> HttpResponseBase:
    """Import what the trial found good."""
    found = _found(request, run)
    try:
        importing.begin(visit_of(request), found.pk)
    except Refused as refused:
        return _one(request, found, refused)
    return see_other("import", run=run)


def progress(request: HttpRequest, run: int) -> HttpResponseBase:
    """How far a trial or import is, for the page that waits; at its end the page shows itself anew."""
    found = _found(request, run)
    answer = render(request, HERE, "import_progress.html", run=found, states=STATES)
    if found.state not in {"checking", "importing"}:
        answer.headers["HX-Refresh"] = "true"
    return answer


def report(request: HttpRequest, run: int) -> HttpResponseBase:
    """Totals, registers and every finding as a workbook."""
    visit, found = visit_of(request), _found(request, run)
    out = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it when it has been sent
    import_report.write(visit, found, out)
    out.seek(0)
    visit.note("import.report", f"import:{found.pk}")
    day = (found.ended_at or found.made_at) + timedelta(hours=7)
    return FileResponse(out, as_attachment=True, filename=f"nhap-du-lieu-{found.pk}-{day:%Y%m%d}.xlsx")


MAY = needs(Duty.ADMINISTRATOR, Duty.REGISTRAR)
ROUTES: list[Route] = [
    route("imports", listing, MAY, "imports"),
    route("imports/<int:run>", one, MAY, "import"),
    posted("imports/<int:run>/columns", confirm, MAY, "import_columns"),
    posted("imports/<int:run>/begin", begin, MAY, "import_begin"),
    route("imports/<int:run>/progress", progress, MAY, "import_progress"),
    route("imports/<int:run>/report.xlsx", report, MAY, "import_report"),
]
