"""Papers of an incoming document to be kept or printed: the copy with the stamp «ĐẾN» and the handling slip."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.office.screens.handing_out import handed_out
from lienthong.office.services import stamping
from lienthong.office.services.handling_slips import slip_of
from lienthong.office.services.reading_rights import find
from lienthong.webkit.door.access import Route, needs, route
from lienthong.webkit.door.visit import visit_of
from lienthong.webkit.papers.form import write_form
from lienthong.webkit.site.duties import CLERICAL
from lienthong.webkit.site.errors import NOT_FOUND_HERE

PDF = "application/pdf"


def stamped(request: HttpRequest, document: int) -> HttpResponseBase:
    """The document with the stamp «ĐẾN» in free room on its first page; a full page is refused with words."""
    visit = visit_of(request)
    found = find(visit, document)
    return handed_out(
        lambda out: stamping.write_copy(visit, found, out), PDF, f"den-{found.year}-{found.arrival_number}.pdf"
    )


def slip(request: HttpRequest, document: int) -> HttpResponseBase:
    """The handling slip in its form of Appendix IV."""
    visit = visit_of(request)
    found = find(visit, document)
    if not found.incoming:
        raise Refused(NOT_FOUND_HERE)
    visit.note("document.printed", f"document:{found.pk}", revision=found.revision)
    return handed_out(lambda out: write_form(slip_of(visit, found), out), PDF, f"phieu-{found.pk}.pdf")


ROUTES: list[Route] = [
    route("documents/<int:document>/stamped.pdf", stamped, needs(*CLERICAL), "document_stamped"),
    route("documents/<int:document>/slip.pdf", slip, needs(*CLERICAL), "document_slip_pdf"),
]
