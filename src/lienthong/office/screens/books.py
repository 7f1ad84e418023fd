"""The postal register and the register of the use of kept copies: on screen and as files; the form for a use."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.office.incoming_words import pick
from lienthong.office.models import CopyLoan, Document
from lienthong.office.screens import asked
from lienthong.office.screens.drafts import HERE, act
from lienthong.office.screens.handing_out import paper
from lienthong.office.screens.reports import sees_registers
from lienthong.office.screens.sides import Section, add_side
from lienthong.office.services import lending
from lienthong.office.services.books import BOOKS, book_table
from lienthong.office.services.reading_rights import find
from lienthong.office.states import Outgoing
from lienthong.webkit.door.access import Route, needs, posted, route
from lienthong.webkit.door.pages import address, render
from lienthong.webkit.door.visit import Visit, visit_of
from lienthong.webkit.look.parts import Crumb, MenuItem, Tab
from lienthong.webkit.papers.model import shown
from lienthong.webkit.site.duties import CLERICAL, Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

SHOWN = 2000
"""Rows that the screen lists; the files have all."""


def book(request: HttpRequest, book: str) -> HttpResponseBase:
    """A book of a year with all its columns."""
    visit = visit_of(request)
    year = _allowed(request, visit, book)
    table = book_table(visit, book, year)
    rows = [
        [shown(cell, column) for cell, column in zip(row.cells, table.columns, strict=True)]
        for row in islice(table.rows, SHOWN + 1)
    ]
    exports = [
        MenuItem(word, f"{address('book_export', book=book, ending=ending)}?year={year}", "download")
        for ending, word in (("xlsx", "Excel (.xlsx)"), ("pdf", "PDF"))
    ]
    recent = {*range(visit.today.year - 4, visit.today.year + 1), year}
    years = [Tab(str(each), f"?year={each}", current=each == year) for each in sorted(recent, reverse=True)]
    return render(
        request, HERE, "book.html", title=BOOKS[book], year=year, columns=table.columns, rows=rows[:SHOWN], tabs=years,
        most=SHOWN if len(rows) > SHOWN else 0, exports=exports,
        crumbs=[Crumb("Báo cáo", address("reports")), Crumb(BOOKS[book])],
    )  # fmt: skip


def export(request: HttpRequest, book: str, ending: str) -> HttpResponseBase:
    """The whole book as a file."""
    visit = visit_of(request)
    year = _allowed(request, visit, book)
    visit.note("register.exported", f"book:{book}", year=year, ending=ending)
    return paper(book_table(visit, book, year), ending, f"so-{book}-{year}")


def _allowed(request: HttpRequest, visit: Visit, book: str) -> int:
    if book not in BOOKS or not sees_registers(visit):
        raise Refused(NOT_FOUND_HERE)
    return min(max(asked.count(request.GET, "year") or visit.today.year, 1945), visit.today.year)


@add_side
def uses(visit: Visit, document: Document) -> Sequence[Section]:
    """Who used the kept copy of an issued document, for the registrar with the forms."""
    if document.incoming or document.state not in {Outgoing.ISSUED.value, Outgoing.RECALLED.value}:
        return ()
    loans = list(CopyLoan.objects.filter(document=document).order_by("-used_on", "-pk"))
    values = {"loans": loans, "out": any(each.returned_on is None for each in loans),
              "may": visit.who.may(Duty.REGISTRAR)}  # fmt: skip
    title = pick(("Sử dụng bản lưu", "Use of the kept copy"), visit.language)
    return (Section("copies", title, "side_copies.html", values, 65, len(loans)),)


def lend(request: HttpRequest, document: int) -> HttpResponseBase:
    """Note that somebody takes the kept copy."""
    visit, given = visit_of(request), request.POST
    on = asked.day(given, "used_on") or visit.today
    return act(request, document, lambda: lending.lend(
        visit, document, given.get("user", ""), given.get("allowed_by", ""), on, given.get("note", "")
    ))  # fmt: skip


def give_back(request: HttpRequest, document: int, loan: int) -> HttpResponseBase:
    """Note that it came back."""
    visit = visit_of(request)
    on = asked.day(request.POST, "day") or visit.today
    return act(request, document, lambda: lending.give_back(visit, find(visit, document), loan, on))


ROUTES: list[Route] = [
    route("reports/books/<slug:book>", book, needs(*CLERICAL), "book"),
    route("reports/books/<slug:book>/export.<str:ending>", export, needs(*CLERICAL), "book_export"),
    posted("drafts/<int:document>/copy", lend, needs(Duty.REGISTRAR), "copy_lend"),
    posted("drafts/<int:document>/copy/<int:loan>", give_back, needs(Duty.REGISTRAR), "copy_back"),
]
