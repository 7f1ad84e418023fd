"""Lập hồ sơ beside a document: where it lies, where it may belong, and a warning while it lies nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.office.incoming_words import pick
from lienthong.office.models import Document, DossierDocument
from lienthong.office.screens import asked
from lienthong.office.screens.document_words import document_href
from lienthong.office.screens.sides import Section, add_side
from lienthong.office.screens.trying import attempt
from lienthong.office.services import filing, searching
from lienthong.office.services.dossier_rights import find_dossier, readable_dossiers, require_write
from lienthong.office.services.questions import read
from lienthong.office.services.reading_rights import find
from lienthong.webkit.door.access import Route, needs, posted, route
from lienthong.webkit.door.pages import address, go_to, render
from lienthong.webkit.door.visit import Visit, visit_of
from lienthong.webkit.look.parts import Column, Crumb, Done, MenuItem, Row
from lienthong.webkit.site.duties import CLERICAL
from lienthong.webkit.site.errors import NOT_FOUND_HERE

HERE = "lienthong.office"
OFFERED = 100
FOUND = 100


@add_side
def filing_section(visit: Visit, document: Document) -> Sequence[Section]:
    """The section of a document's page for its dossiers."""
    if document.state in {"draft", "content_review", "form_check", "signing", "cancelled", "recalled"}:
        return ()
    entries = list(
        DossierDocument.objects.filter(document=document, dossier__in=readable_dossiers(visit)).select_related(
            "dossier"
        )
    )
    warn = not entries and filing.unfiled(Document.objects.filter(pk=document.pk)).exists()
    candidates = filing.candidates(visit, document)
    values = {"entries": entries, "warn": warn, "document": document.pk, "open": candidates[:OFFERED],
              "proposals": filing.propose(document, candidates)}  # fmt: skip
    title = pick(("Hồ sơ", "Dossiers"), visit.language)
    return (Section("filing", title, "side_filing.html", values, 70, len(entries)),)


def file_into(request: HttpRequest, document: int) -> HttpResponseBase:
    """Put the document into the dossier that was chosen."""
    visit = visit_of(request)
    find(visit, document)
    chosen = asked.whole(request.POST, "dossier")
    if chosen is None:
        raise Refused(NOT_FOUND_HERE)
    filing.file_document(visit, find_dossier(visit, chosen), document)
    return go_to(document_href(document))


def add(request: HttpRequest, dossier: int) -> HttpResponseBase:
    """Find documents and put the ticked ones into a dossier; each with its result."""
    visit = visit_of(request)
    found = find_dossier(visit, dossier)
    require_write(visit, found)
    crumbs = [
        Crumb("Hồ sơ", address("dossiers")),
        Crumb(found.code, address("dossier", dossier=found.pk)),
        Crumb("Thêm văn bản"),
    ]
    if request.method == "POST":
        done = []
        for each in asked.numbers(request.POST, "row"):
            try:
                entry = attempt(visit, partial(filing.file_document, visit, found, each))
            except Refused as hidden:
                entry = hidden
            if isinstance(entry, Refused):
                done.append(Done(f"Văn bản {each}", document_href(each), False, entry.sentence(visit.language)))
            else:
                done.append(Done(str(entry.document), document_href(each), True, f"số thứ tự {entry.ordinal}"))
        return render(request, HERE, "bulk_done.html", done=done, title="Thêm văn bản vào hồ sơ",
                      back=address("dossier", dossier=found.pk))  # fmt: skip
    question = read(request.GET.get("q", ""))
    inside = DossierDocument.objects.filter(dossier=found).values("document")
    documents = searching.matching(visit, question, searching.Filters()).exclude(pk__in=inside).order_by("-pk")[:FOUND]
    rows = [Row(str(each.pk), document_href(each.pk), str(each), each) for each in documents] if question else []
    return render(
        request, HERE, "dossier_add.html", dossier=found, rows=rows, question=request.GET.get("q", ""), crumbs=crumbs,
        columns=(Column("number", "Số, ký hiệu", head=True), Column("issued_date", "Ngày", "date"),
                 Column("abstract", "Trích yếu", "abstract"), Column("issuer", "Cơ quan ban hành")),
        acts=[MenuItem("Đưa vào hồ sơ", address("dossier_add", dossier=found.pk), "folder")],
    )  # fmt: skip


ROUTES: list[Route] = [
    posted("documents/<int:document>/file", file_into, needs(*CLERICAL), "dossier_file"),
    route("dossiers/<int:dossier>/add", add, needs(*CLERICAL), "dossier_add"),
]
