"""Hồ sơ: the list, one dossier with its meter, its documents and rights, and everything that is done with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.base.text import fold
from lienthong.office.deadlines import calendar_of, deadline
from lienthong.office.errors import NOT_YOURS
from lienthong.office.models import Dossier, DossierReader
from lienthong.office.screens import asked
from lienthong.office.screens.document_words import STATES, TONES, document_href
from lienthong.office.screens.handing_out import handed_out, paper
from lienthong.office.screens.trying import attempt
from lienthong.office.services import dossier_export, dossier_rights, dossier_state, filing
from lienthong.office.services.dossier_rights import competent, find_dossier, may_write, readable_dossiers
from lienthong.office.services.filing import PERMANENT, DossierFields, said_retention
from lienthong.office.services.reading_rights import readable
from lienthong.webkit.door.access import Route, needs, posted, route
from lienthong.webkit.door.faults import read_number
from lienthong.webkit.door.pages import address, render, see_other
from lienthong.webkit.door.paging import page_of
from lienthong.webkit.door.visit import Visit, visit_of
from lienthong.webkit.look.parts import Chip, Choice, Column, Crumb, Done, Fault, Figure, MenuItem, Row, Tone
from lienthong.webkit.people.in_force import in_force
from lienthong.webkit.people.models import Account, Unit
from lienthong.webkit.site.duties import CLERICAL, Duty

HERE = "lienthong.office"
COLUMNS = (
    Column("code", "Số, ký hiệu", fixed=True),
    Column("title", "Tiêu đề hồ sơ", "abstract", head=True, fixed=True),
    Column("creator", "Người lập"),
    Column("unit", "Đơn vị", phone=False),
    Column("retention", "Bảo quản"),
    Column("documents", "Văn bản", "number"),
    Column("due", "Hạn", "date"),
    Column("state", "Tình trạng", "state"),
)
ENTRY_COLUMNS = (
    Column("ordinal", "STT", "number"),
    Column("number", "Số, ký hiệu", head=True),
    Column("day", "Ngày", "date"),
    Column("abstract", "Trích yếu", "abstract"),
    Column("author", "Tác giả"),
    Column("state", "Tình trạng", "state"),
)
DOSSIER_STATES = {
    "planned": "Trong danh mục", "open": "Đang lập", "closed": "Đã kết thúc", "submitted": "Chờ lưu trữ nhận",
    "accepted": "Đã nộp lưu",
}  # fmt: skip
DOSSIER_TONES: dict[str, Tone] = {
    "planned": "",
    "open": "work",
    "closed": "waiting",
    "submitted": "waiting",
    "accepted": "done",
}
RETENTIONS = (PERMANENT, "70 năm", "50 năm", "20 năm", "15 năm", "10 năm", "5 năm", "2 năm")
RIGHTS = ("Công khai", "Hạn chế", "Nội bộ đơn vị")


def dossiers(request: HttpRequest) -> HttpResponseBase:
    """The dossiers that somebody may see, the newest first, and how many of them are his (function F4đ)."""
    visit = visit_of(request)
    found = page_of(
        request, chosen(request, visit).select_related("creator", "unit").annotate(documents=Count("entries"))
    )
    calendar = calendar_of(visit.agency)
    rows = [Row(str(each.pk), address("dossier", dossier=each.pk), str(each), each) for each in found.items]
    dues = {each.pk: deadline(calendar, visit.today, each.due_date, met=each.state != "open") for each in found.items}
    return render(
        request,
        HERE,
        "dossiers.html",
        rows=rows,
        columns=COLUMNS,
        pager=found.pager,
        dues=dues,
        states=DOSSIER_STATES,
        tones=DOSSIER_TONES,
        figures=_figures(visit),
        chips=_chips(request, visit),
        said=said_retention,
        choices=_choices(request, visit),
        title=asked.line(request.GET, "title"),
        year=asked.whole(request.GET, "year") or "",
        acts=[
            MenuItem("Nộp lưu", address("dossiers_submit"), "archive"),
            MenuItem("Biên bản giao nhận, mục lục", address("dossiers_handover"), "list"),
            MenuItem("Mục lục nộp lưu (PDF)", address("dossiers_inventory"), "print"),
        ],
    )


def chosen(request: HttpRequest, visit: Visit) -> QuerySet[Dossier]:
    """The dossiers that the address asks for."""
    given, found = request.GET, readable_dossiers(visit)
    if given.get("state") in DOSSIER_STATES:
        found = found.filter(state=given["state"])
    if year := asked.whole(given, "year"):
        found = found.filter(year=min(year, 32_767))
    if asked.ticked(given, "mine"):
        found = found.filter(creator__in=visit.who.stands_for)
    if creator := asked.whole(given, "creator"):
        found = found.filter(creator=creator)
    if unit := asked.whole(given, "unit"):
        found = found.filter(unit=unit)
    if asked.ticked(given, "late"):
        found = found.filter(state="open", due_date__lt=visit.today)
    if title := asked.line(given, "title"):
        wanted = fold(title).split()
        # Dossiers are few beside documents; their titles are compared here, as people type, without accents.
        ids = [
            pk
            for pk, code, text in found.order_by("-pk").values_list("pk", "code", "title")[:20_000]
            if all(word in fold(f"{code} {text}") for word in wanted)
        ]
        found = found.filter(pk__in=ids)
    return found


def dossier(request: HttpRequest, dossier: int) -> HttpResponseBase:
    """One dossier."""
    visit = visit_of(request)
    found = find_dossier(visit, dossier)
    visit.note("dossier.viewed", f"dossier:{found.pk}")
    return page(request, visit, found)


def page(
    request: HttpRequest, visit: Visit, found: Dossier, *, faults: Sequence[Fault] = (), done: Sequence[Done] = (),
    status: int = 200,
) -> HttpResponseBase:  # fmt: skip
    """The page of a dossier, with what went wrong or what was done to many."""
    entries = list(
        found.entries.filter(document__in=readable(visit)).select_related("document").order_by("ordinal")[:500]
    )
    meter = dossier_state.measure(visit, found)
    write = may_write(visit, found)
    readers = list(
        DossierReader.objects.filter(dossier=found).select_related("asked_by", "confirmed_by").order_by("pk")
    )
    names = dossier_rights.names_of(visit, [each.principal for each in readers])
    rights = [(each, names.get(each.principal, "?")) for each in readers]
    return render(
        request,
        HERE,
        "dossier.html",
        status=status,
        dossier=found,
        entries=entries,
        meter=meter,
        write=write,
        hidden=meter.documents - len(entries) if meter.documents <= 500 else 0,
        faults=faults,
        done=done,
        rights=rights,
        competent=competent(visit, found),
        crumbs=[Crumb("Hồ sơ", address("dossiers")), Crumb(found.code)],
        rows=[
            Row(str(each.document_id), document_href(each.document_id), str(each.document), each) for each in entries
        ],
        columns=ENTRY_COLUMNS,
        take_out=[MenuItem("Lấy ra khỏi hồ sơ", address("dossier_act", dossier=found.pk, verb="take-out"), "undo")],
        states=STATES,
        tones=TONES,
        dossier_states=DOSSIER_STATES,
        dossier_tones=DOSSIER_TONES,
        said=said_retention,
        acts=_acts(visit, found, write=write),
        archivist=visit.who.may(Duty.ARCHIVIST),
        principals=_principals(visit),
        due=deadline(calendar_of(visit.agency), visit.today, found.due_date, met=found.state != "open"),
    )


def new(request: HttpRequest) -> HttpResponseBase:
    """Open a dossier that is not in the plan."""
    visit = visit_of(request)
    fields = DossierFields("", "10 năm", visit.today.year)
    if request.method == "POST":
        fields = fields_of(request, visit)
        made = attempt(visit, lambda: filing.open_dossier(visit, fields))
        if isinstance(made, Refused):
            return _form(request, visit, fields, None, asked.faults_of(made, visit.language), 422)
        document = asked.whole(request.POST, "document")
        if document is not None:
            filing.file_document(visit, made, document)
        return see_other("dossier", dossier=made.pk)
    return _form(request, visit, fields, None)


def change(request: HttpRequest, dossier: int) -> HttpResponseBase:
    """Change the fields of a dossier."""
    visit = visit_of(request)
    found = find_dossier(visit, dossier)
    dossier_rights.require_write(visit, found)
    if request.method == "POST":
        fields = replace(fields_of(request, visit), year=found.year, code=found.code)
        revision = asked.whole(request.POST, "revision") or 0
        done = attempt(visit, lambda: filing.change_dossier(visit, found, fields, revision))
        if isinstance(done, Refused):
            return _form(request, visit, fields, found, asked.faults_of(done, visit.language), 422)
        return see_other("dossier", dossier=found.pk)
    fields = DossierFields(
        found.title, said_retention(found.retention_years), found.year, found.code, found.rights, found.creator_id,
        found.unit_id, found.language, found.starts_on, found.ends_on, found.due_date, found.keywords, found.note,
    )  # fmt: skip
    return _form(request, visit, fields, found)


def _form(
    request: HttpRequest, visit: Visit, fields: DossierFields, found: Dossier | None, faults: Sequence[Fault] = (),
    status: int = 200,
) -> HttpResponseBase:  # fmt: skip
    people = Account.objects.filter(agency=visit.agency, disabled_at__isnull=True).order_by("sort_name")[:2000]
    units = Unit.objects.filter(in_force(visit.today), agency=visit.agency)[:2000]
    return render(
        request,
        HERE,
        "dossier_form.html",
        status=status,
        fields=fields,
        dossier=found,
        faults=faults,
        wrong=asked.by_field(faults),
        document=request.GET.get("document", request.POST.get("document", "")),
        revision=request.POST.get("revision", found.revision if found else ""),
        people=[
            Choice(str(each.pk), each.full_name, chosen=each.pk == (fields.creator or visit.who.account.pk))
            for each in people
        ],
        units=[Choice(str(each.pk), each.name, chosen=each.pk == fields.unit) for each in units],
        retentions=[
            Choice(each, each, chosen=each == fields.retention)
            for each in dict.fromkeys((*RETENTIONS, *((fields.retention,) if fields.retention else ())))
        ],
        rights=[Choice(each, each, chosen=each == fields.rights) for each in RIGHTS],
        crumbs=[
            Crumb("Hồ sơ", address("dossiers")),
            *(
                (Crumb(found.code, address("dossier", dossier=found.pk)), Crumb("Sửa"))
                if found
                else (Crumb("Mở hồ sơ"),)
            ),
        ],
    )


def fields_of(request: HttpRequest, visit: Visit) -> DossierFields:
    """The fields of a sent form."""
    given = request.POST
    return DossierFields(
        title=asked.line(given, "title", 500), retention=asked.line(given, "retention", 30),
        year=asked.whole(given, "year") or visit.today.year, code=asked.line(given, "code", 20),
        rights=asked.line(given, "rights", 30), creator=asked.whole(given, "creator"), unit=asked.whole(given, "unit"),
        language=asked.line(given, "language", 50) or "Tiếng Việt", starts_on=asked.day(given, "starts_on"),
        ends_on=asked.day(given, "ends_on"), due_date=asked.day(given, "due_date"),
        keywords=asked.line(given, "keywords", 100), note=asked.line(given, "note", 500),
    )  # fmt: skip


def act(request: HttpRequest, dossier: int, verb: str) -> HttpResponseBase:
    """One act on a dossier; a refusal is shown on its page, where everything stands as before."""
    visit = visit_of(request)
    found = find_dossier(visit, dossier)
    given = request.POST
    if verb not in _ACTS:
        return see_other("dossier", dossier=found.pk)
    done = attempt(visit, lambda: _ACTS[verb](visit, found, request))
    if isinstance(done, Refused):
        return page(request, visit, found, faults=asked.faults_of(done, visit.language), status=422)
    back = asked.whole(given, "back")
    return see_other("document", document=back) if back is not None else see_other("dossier", dossier=found.pk)


def _right(visit: Visit, found: Dossier, request: HttpRequest) -> object:
    principal = request.POST.get("principal", "").strip()
    read = read_number(principal.removeprefix("-"))
    number = -1 if read is None else -read if principal.startswith("-") else read
    return dossier_rights.ask_right(
        visit, found, number, request.POST.get("wanted", ""), asked.day(request.POST, "until")
    )


def _take_out(visit: Visit, found: Dossier, request: HttpRequest) -> None:
    for each in asked.numbers(request.POST, "row"):
        filing.take_out(visit, found, each)


def _decide(visit: Visit, found: Dossier, request: HttpRequest) -> None:
    right = asked.whole(request.POST, "right") or 0
    dossier_rights.decide_right(visit, found, right, agreed=request.POST.get("agreed") == "1")


_ACTS = {
    "open": lambda visit, found, request: filing.open_planned(visit, found),
    "file": lambda visit, found, request: filing.file_document(
        visit, found, asked.whole(request.POST, "document") or 0, asked.line(request.POST, "note", 500)),
    "take-out": _take_out,
    "fix": lambda visit, found, request: dossier_state.put_right(visit, found, request.POST.get("fix", "")),
    "close": lambda visit, found, request: dossier_state.close(visit, found),
    "reopen": lambda visit, found, request: dossier_state.reopen(visit, found, request.POST.get("reason", "")),
    "accept": lambda visit, found, request: dossier_state.receive(visit, found, accepted=True),
    "give-back": lambda visit, found, request: dossier_state.receive(
        visit, found, accepted=False, reason=request.POST.get("reason", "")),
    "right": _right,
    "decide": _decide,
}  # fmt: skip


def export(request: HttpRequest, dossier: int, ending: str) -> HttpResponseBase:
    """The whole dossier as PDF or XML, or the list of its documents as a paper."""
    visit = visit_of(request)
    found = find_dossier(visit, dossier)
    inside = dossier_state.documents_of(found)
    if inside.exclude(pk__in=readable(visit)).exists():
        raise Refused(NOT_YOURS, reason_vi="trong hồ sơ có văn bản anh/chị không được xem",
                      reason_en="it holds documents that you may not read")  # fmt: skip
    name = f"ho-so-{found.year}-{found.code}"
    if ending == "pdf":
        return handed_out(lambda out: dossier_export.write_pdf(visit, found, out), "application/pdf", f"{name}.pdf")
    if ending == "xml":
        data = dossier_export.xml_of(visit, found)
        return handed_out(lambda out: out.write(data), "application/xml", f"{name}.xml")
    return paper(
        dossier_export.contents_of(visit, found), ending.removeprefix("list-"), f"muc-luc-{found.year}-{found.code}"
    )


def submit(request: HttpRequest) -> HttpResponseBase:
    """Hand the ticked dossiers to the archive; each with its result."""
    visit = visit_of(request)
    ticked = asked.numbers(request.POST, "row")
    done = [
        Done(str(each), address("dossier", dossier=each.pk), not why, why or "đã nộp lưu") if each is not None
        else Done(str(pk), "", ok=False, sentence=why)
        for pk, (each, why) in zip(ticked, dossier_state.submit(visit, ticked), strict=True)
    ]  # fmt: skip
    return render(request, HERE, "bulk_done.html", done=done, title="Nộp lưu", back=address("dossiers"))


def submission_list(request: HttpRequest) -> HttpResponseBase:
    """The list of the ticked dossiers as it is handed in with them."""
    visit = visit_of(request)
    ticked = asked.numbers(request.POST, "row")
    found = list(readable_dossiers(visit).filter(pk__in=ticked).select_related("unit").order_by("year", "code"))
    visit.note("dossiers.inventory", "", count=len(found))
    return paper(dossier_export.inventory_of(visit, found), "pdf", "muc-luc-nop-luu")


def counts(request: HttpRequest) -> HttpResponseBase:
    """How many dossiers each account has (function F4đ); every number opens its list."""
    visit = visit_of(request)
    year = asked.whole(request.GET, "year") or visit.today.year
    found = readable_dossiers(visit).filter(year=min(year, 32_767))
    return render(
        request, HERE, "dossier_counts.html", year=year, lines=dossier_state.counts_by_account(found, visit.today),
        columns=(("total", "Tổng số", ""), ("planned", "Trong danh mục", "planned"), ("open", "Đang lập", "open"),
                 ("closed", "Đã kết thúc", "closed"), ("late", "Quá hạn", "late")),
    )  # fmt: skip


def _acts(visit: Visit, found: Dossier, *, write: bool) -> list[MenuItem]:
    whole = [
        MenuItem("Cả hồ sơ (PDF)", address("dossier_export", dossier=found.pk, ending="pdf"), "download"),
        MenuItem("Cả hồ sơ (XML)", address("dossier_export", dossier=found.pk, ending="xml"), "download"),
        MenuItem("Mục lục văn bản (PDF)", address("dossier_export", dossier=found.pk, ending="list-pdf"), "print"),
        MenuItem(
            "Mục lục văn bản (Excel)", address("dossier_export", dossier=found.pk, ending="list-xlsx"), "download"
        ),
    ]
    if write and found.state in {"open", "planned"}:
        whole.insert(0, MenuItem("Sửa thông tin", address("dossier_change", dossier=found.pk), "edit"))
    return whole


def _figures(visit: Visit) -> list[Figure]:
    mine = readable_dossiers(visit).filter(creator__in=visit.who.stands_for).aggregate(
        total=Count("pk"), open=Count("pk", filter=Q(state="open")),
        late=Count("pk", filter=Q(state="open", due_date__lt=visit.today)),
    )  # fmt: skip
    here = address("dossiers")
    unfiled = filing.unfiled(readable(visit))[:1001].count()
    return [
        Figure("Hồ sơ của tôi", str(mine["total"]), f"{here}?mine=1", icon="folder"),
        Figure("Đang lập", str(mine["open"]), f"{here}?mine=1&state=open", icon="folder_open"),
        Figure(
            "Quá hạn", str(mine["late"]), f"{here}?mine=1&late=1", icon="alert", tone="error" if mine["late"] else ""
        ),
        Figure(
            "Văn bản chưa vào hồ sơ",
            str(unfiled) if unfiled <= 1000 else "hơn 1.000",
            f"{address('search')}?unfiled=1",
            icon="files",
            tone="waiting" if unfiled else "",
        ),
    ]


def _chips(request: HttpRequest, visit: Visit) -> list[Chip]:
    given = request.GET
    people = Account.objects.filter(agency=visit.agency, pk=asked.whole(given, "creator") or 0)
    units = Unit.objects.filter(agency=visit.agency, pk=asked.whole(given, "unit") or 0)
    said = (
        ("state", "Tình trạng", DOSSIER_STATES.get(given.get("state", ""), "")),
        ("year", "Năm", given.get("year", "")[:4]),
        ("mine", "Người lập", "tôi" if asked.ticked(given, "mine") else ""),
        ("creator", "Người lập", str(people.first() or "")),
        ("unit", "Đơn vị", str(units.first() or "")),
        ("late", "Hạn", "quá hạn" if asked.ticked(given, "late") else ""),
        ("title", "Có từ", asked.line(given, "title")),
    )
    return [
        Chip(label, value, asked.without(request, name, "after", "before", "at"))
        for name, label, value in said
        if value
    ]


def _choices(request: HttpRequest, visit: Visit) -> dict[str, list[Choice]]:
    units = Unit.objects.filter(agency=visit.agency)[:500]
    return {
        "state": [Choice(key, word, chosen=key == request.GET.get("state")) for key, word in DOSSIER_STATES.items()],
        "unit": [Choice(str(each.pk), each.name, chosen=str(each.pk) == request.GET.get("unit")) for each in units],
    }


def _principals(visit: Visit) -> list[Choice]:
    people = Account.objects.filter(agency=visit.agency, disabled_at__isnull=True).order_by("sort_name")[:2000]
    units = Unit.objects.filter(in_force(visit.today), agency=visit.agency)[:2000]
    return [
        *(Choice(str(-each.pk), each.name, "đơn vị") for each in units),
        *(Choice(str(each.pk), each.full_name, "cá nhân") for each in people),
        Choice("0", "Mọi người trong cơ quan"),
    ]


MAY = needs(*CLERICAL)
ROUTES: list[Route] = [
    route("dossiers", dossiers, MAY, "dossiers"),
    route("dossiers/new", new, MAY, "dossier_new"),
    route("dossiers/counts", counts, MAY, "dossier_counts"),
    posted("dossiers/submit", submit, MAY, "dossiers_submit"),
    posted("dossiers/inventory", submission_list, MAY, "dossiers_inventory"),
    route("dossiers/<int:dossier>", dossier, MAY, "dossier"),
    route("dossiers/<int:dossier>/change", change, MAY, "dossier_change"),
    route("dossiers/<int:dossier>/export/<slug:ending>", export, MAY, "dossier_export"),
    posted("dossiers/<int:dossier>/<slug:verb>", act, MAY, "dossier_act"),
]
