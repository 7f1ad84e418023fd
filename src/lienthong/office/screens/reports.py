"""Báo cáo: indicators, handling by unit, and the registers of Appendix IV; every number opens its list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.office.models import Arrival, Delivery, Document, Dossier, NumberEntry, Register
from lienthong.office.screens import asked
from lienthong.office.screens.document_words import STATES, document_href
from lienthong.office.screens.handing_out import paper
from lienthong.office.services import reporting
from lienthong.office.services.books import BOOKS
from lienthong.office.services.facts import FACTS, HANDLING, SENDING
from lienthong.office.services.periods import KINDS, Period, period
from lienthong.office.services.reporting import ByUnit, hours
from lienthong.webkit.door.access import Route, needs, route
from lienthong.webkit.door.pages import address, render
from lienthong.webkit.door.paging import page_of
from lienthong.webkit.door.visit import Visit, visit_of
from lienthong.webkit.look.charts import Bars, HeadCell, Report, ReportCell, ReportLine
from lienthong.webkit.look.parts import Choice, Column, Crumb, MenuItem, Pager, Row, Series, Tab
from lienthong.webkit.papers.model import shown
from lienthong.webkit.site.duties import CLERICAL, WHOLE_AGENCY, Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

HERE = "lienthong.office"
SIZE = 50
FORMS = {"indicators": "Chỉ số", "handling": "Giải quyết văn bản đến", "sending": "Văn bản đi"}
TABLES = {
    "indicators": reporting.indicators_table, "handling": reporting.handling_table, "sending": reporting.sending_table,
}  # fmt: skip
LIST_COLUMNS = (
    Column("number", "Số, ký hiệu", head=True),
    Column("day", "Ngày", "date"),
    Column("title", "Nội dung", "abstract"),
    Column("who", "Cơ quan, người"),
    Column("state", "Tình trạng"),
)


def reports(request: HttpRequest) -> HttpResponseBase:
    """The indicators, or handling by unit, of the period in the address."""
    visit = visit_of(request)
    form = request.GET.get("form", "indicators")
    form = form if form in FORMS else "indicators"
    asked_for = period_of(request, visit)
    lines = reporting.indicators(visit, asked_for) if form == "indicators" else []
    groups = {"handling": reporting.handling, "sending": reporting.sending}
    grouped = groups[form](visit, asked_for) if form in groups else []
    table = _indicators(request, visit, asked_for, lines) if form == "indicators" else _grouped(request, form, grouped)
    return render(
        request, HERE, "reports.html", form=form, period=asked_for, table=table, chart=_chart(form, grouped),
        tabs=[Tab(word, f"?{_with(request, form=key)}", current=key == form) for key, word in FORMS.items()],
        times=reporting.times(visit, asked_for) if form == "indicators" else [], hours=hours,
        choices=_choices(request, visit), year=_year(request, visit), first=request.GET.get("first", ""),
        last=request.GET.get("last", ""),
        exports=[MenuItem(word, f"{address('report_export', form=form, ending=ending)}?{_with(request)}", "download")
                 for ending, word in (("xlsx", "Excel (.xlsx)"), ("pdf", "PDF"), ("docx", "Word (.docx)"))],
        registers=[MenuItem(str(each), address("report_register", register=each.pk), "register")
                   for each in Register.objects.filter(agency=visit.agency).order_by("-year", "direction", "name")[:40]]
        if sees_registers(visit) else [],
        books=[MenuItem(word, address("book", book=key), "register") for key, word in BOOKS.items()]
        if sees_registers(visit) else [],
    )  # fmt: skip


def export(request: HttpRequest, form: str, ending: str) -> HttpResponseBase:
    """The report on paper, with the figures of the screen."""
    visit = visit_of(request)
    if form not in TABLES:
        raise Refused(NOT_FOUND_HERE)
    visit.note("report.exported", f"report:{form}", ending=ending, query=_with(request)[:200])
    return paper(TABLES[form](visit, period_of(request, visit)), ending, f"bao-cao-{form}")


def behind(request: HttpRequest, key: str) -> HttpResponseBase:
    """The list behind a number: exactly those things that were counted."""
    visit = visit_of(request)
    asked_for, group = period_of(request, visit), request.GET.get("of", "")[:20]
    found = page_of(request, reporting.listed(visit, key, asked_for, group), "-id", size=SIZE)
    rows = [_row(each) for each in found.items]
    fact = FACTS[key]
    total = reporting.listed(visit, key, asked_for, group).count() if found.pager.at_least else found.pager.total
    pager = Pager(found.pager.first, found.pager.last, total, False, found.pager.before_href, found.pager.after_href)
    crumbs = [Crumb("Báo cáo", f"{address('reports')}?{_with(request)}"), Crumb(fact.vi)]
    return render(
        request, HERE, "report_list.html", fact=fact, period=asked_for, rows=rows, columns=LIST_COLUMNS, pager=pager,
        crumbs=crumbs, total=total,
    )  # fmt: skip


def register(request: HttpRequest, register: int) -> HttpResponseBase:
    """A register in its form of Appendix IV, page by page, all columns, void numbers too."""
    visit = visit_of(request)
    found, form = _register(visit, register), _form(request)
    numbers = page_of(request, NumberEntry.objects.filter(register=found), "number", size=SIZE)
    table = reporting.register_table(visit, found, form)
    rows = [
        [shown(cell, column) for cell, column in zip(row.cells, table.columns, strict=True)]
        for row in reporting.register_rows(found, form, [each.number for each in numbers.items])
    ]
    forms = [Tab("Sổ đăng ký", "?form=register", current=form == "register")]
    if found.direction == "incoming":
        forms.append(Tab("Sổ theo dõi giải quyết", "?form=follow_up", current=form == "follow_up"))
    return render(
        request,
        HERE,
        "report_register.html",
        register=found,
        columns=table.columns,
        rows=rows,
        pager=numbers.pager,
        tabs=forms,
        crumbs=[Crumb("Báo cáo", address("reports")), Crumb(str(found))],
        exports=[
            MenuItem(
                word, f"{address('report_register_export', register=found.pk, ending=ending)}?form={form}", "download"
            )
            for ending, word in (("xlsx", "Excel (.xlsx)"), ("pdf", "PDF"))
        ],
    )


def register_export(request: HttpRequest, register: int, ending: str) -> HttpResponseBase:
    """The whole register as a paper."""
    visit = visit_of(request)
    found, form = _register(visit, register), _form(request)
    visit.note("register.exported", f"register:{found.pk}", form=form, ending=ending)
    return paper(reporting.register_table(visit, found, form), ending, f"so-{found.direction}-{found.year}")


def sees_registers(visit: Visit) -> bool:
    """Whoever reads every document of the agency also reads its registers as a whole."""
    return visit.who.may(*WHOLE_AGENCY, Duty.ARCHIVIST, Duty.FOLLOW_UP)


def _register(visit: Visit, register: int) -> Register:
    found = Register.objects.filter(agency=visit.agency, pk=register).first()
    if found is None or not sees_registers(visit):
        raise Refused(NOT_FOUND_HERE)
    return found


def _form(request: HttpRequest) -> str:
    return "follow_up" if request.GET.get("form") == "follow_up" else "register"


def period_of(request: HttpRequest, visit: Visit) -> Period:
    """The period in the address; the month of today without one."""
    kind = request.GET.get("kind", "")
    if kind not in KINDS:
        return period("month", visit.today.year, visit.today.month)
    part = asked.whole(request.GET, "part") or 1
    return period(kind, _year(request, visit), part, asked.day(request.GET, "first"), asked.day(request.GET, "last"))


def _year(request: HttpRequest, visit: Visit) -> int:
    return min(max(asked.whole(request.GET, "year") or visit.today.year, 1945), 2200)


def _with(request: HttpRequest, **more: str) -> str:
    kept = {
        name: request.GET[name] for name in ("kind", "year", "part", "first", "last", "form") if request.GET.get(name)
    }
    return urlencode({**kept, **more})


def _behind(request: HttpRequest, key: str, group: str = "") -> str:
    kept = _with(request, **({"of": group} if group else {}))
    return f"{address('report_list', key=key)}{'?' + kept if kept else ''}"


def _indicators(request: HttpRequest, visit: Visit, period: Period, lines: Sequence[reporting.Line]) -> Report:
    english = visit.language == "en"
    made = []
    for each in lines:
        share = f"{each.share:.1f} %".replace(".", ",") if each.share is not None else "–" if each.share_code else ""
        made.append(ReportLine([
            ReportCell(each.fact.code, number=False), ReportCell(each.fact.en if english else each.fact.vi, head=True),
            ReportCell(_grouped_number(each.number), _behind(request, each.fact.key) if each.number else ""),
            # Where the share is an indicator of its own, it is named.
            ReportCell(share if each.share_code == each.fact.code else f"{each.share_code}: {share}" if share else ""),
        ]))  # fmt: skip
    head = [[HeadCell("Mã"), HeadCell("Chỉ số"), HeadCell("Số lượng"), HeadCell("Tỷ lệ")]]
    return Report(f"Indicators, {period.en}" if english else f"Chỉ số {period.vi}", head, made)


def _grouped(request: HttpRequest, form: str, lines: Sequence[ByUnit]) -> Report:
    keys, english = HANDLING if form == "handling" else SENDING, visit_of(request).language == "en"
    made = [
        ReportLine(
            [
                ReportCell(each.name, head=True),
                *(
                    ReportCell(
                        _grouped_number(each.numbers[key]), _behind(request, key, each.key) if each.numbers[key] else ""
                    )
                    for key in keys
                ),
            ]
        )
        for each in lines
    ]
    sums = {key: sum(each.numbers[key] for each in lines) for key in keys}
    made.append(
        ReportLine(
            [
                ReportCell("Tổng cộng", head=True),
                *(ReportCell(_grouped_number(sums[key]), _behind(request, key) if sums[key] else "") for key in keys),
            ],
            total=True,
        )
    )
    first = "Đơn vị, cá nhân chủ trì" if form == "handling" else "Đơn vị soạn thảo"
    heads = [FACTS[key].en if english else FACTS[key].vi for key in keys]
    return Report(FORMS[form], [[HeadCell(first), *map(HeadCell, heads)]], made)


def _chart(form: str, lines: Sequence[ByUnit]) -> Bars | None:
    """On time and late by unit; the ten with the most."""
    if form != "handling" or not lines:
        return None
    most = sorted(lines, key=lambda each: -each.numbers["arrived"])[:10]
    return Bars(
        "Đúng hạn và quá hạn theo đơn vị",
        "Đơn vị",
        [each.name for each in most],
        [
            Series(
                "Đúng hạn, trong hạn", [each.numbers["in_time"] + each.numbers["open_in_time"] for each in most], "done"
            ),
            Series("Quá hạn", [each.numbers["late"] + each.numbers["open_late"] for each in most], "error"),
        ],
    )


def _choices(request: HttpRequest, visit: Visit) -> dict[str, list[Choice]]:
    kind, part = request.GET.get("kind", "month"), request.GET.get("part") or str(visit.today.month)
    return {
        "kind": [Choice(key, word, chosen=key == kind) for key, word in KINDS.items()],
        "part": [Choice(str(n), str(n), chosen=str(n) == part) for n in range(1, 13)],
    }


def _grouped_number(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _row(thing: Any) -> Row:
    """A document, an arrival, a delivery or a dossier as a line of a list."""
    cells: dict[str, object]
    if isinstance(thing, Document):
        cells = {"number": thing.number_and_symbol or "(chưa có số)", "day": thing.arrival_date or thing.issued_date,
                 "title": thing.abstract, "who": thing.issuer_name, "state": STATES.get(thing.state, "")}  # fmt: skip
        return Row(str(thing.pk), document_href(thing.pk), str(thing), cells)
    if isinstance(thing, Arrival):
        where = document_href(thing.document_id) if thing.document_id else address("reports")
        cells = {
            "number": thing.identifier or thing.reference,
            "day": thing.received_at.astimezone(VIETNAM).date(),
            "title": thing.title,
            "who": thing.sender_name,
            "state": thing.reason or _ARRIVALS.get(thing.state, ""),
        }
        return Row(str(thing.pk), where, thing.title, cells)
    if isinstance(thing, Delivery):
        cells = {"number": thing.document.number_and_symbol, "title": thing.document.abstract, "who": thing.name,
                 "day": thing.sent_at.astimezone(VIETNAM).date() if thing.sent_at else None,
                 "state": thing.status_text or _DELIVERIES.get(thing.state, "")}  # fmt: skip
        return Row(str(thing.pk), document_href(thing.document_id), str(thing.document), cells)
    dossier: Dossier = thing
    cells = {"number": dossier.code, "day": dossier.starts_on, "title": dossier.title,
             "who": dossier.creator.full_name if dossier.creator else "", "state": ""}  # fmt: skip
    return Row(str(dossier.pk), address("dossier", dossier=dossier.pk), str(dossier), cells)


_ARRIVALS = {
    "checking": "Đang kiểm tra",
    "waiting": "Chờ tiếp nhận",
    "registered": "Đã vào sổ",
    "returned": "Đã trả lại",
    "recalled": "Đã thu hồi",
}
_DELIVERIES = {"planned": "Chưa gửi", "sending": "Đang gửi", "accepted": "Trục đã nhận", "delivered": "Đã nhận",
               "refused": "Từ chối", "failed": "Không gửi được", "recalled": "Đã thu hồi"}  # fmt: skip

MAY = needs(*CLERICAL)
ROUTES: list[Route] = [
    route("reports", reports, MAY, "reports"),
    route("reports/<slug:form>.<str:ending>", export, MAY, "report_export"),
    route("reports/lists/<slug:key>", behind, MAY, "report_list"),
    route("reports/registers/<int:register>", register, MAY, "report_register"),
    route("reports/registers/<int:register>/export.<str:ending>", register_export, MAY, "report_register_export"),
]
