"""Chờ cấp số: the registrar's queue of signed documents: number, seal, issue, each a step that can resume."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.office.models import Document
from lienthong.office.outgoing_words import STATES, columns_in
from lienthong.office.screens.drafts import HERE, act
from lienthong.office.services import issuing, sending, signing_chain
from lienthong.office.states import Direction, Outgoing
from lienthong.webkit.door.access import Route, needs, posted, route
from lienthong.webkit.door.pages import address, render
from lienthong.webkit.door.paging import page_of
from lienthong.webkit.door.visit import visit_of
from lienthong.webkit.look.parts import Column, Row
from lienthong.webkit.site.duties import Duty

COLUMNS = (
    Column("abstract", "Trích yếu", "abstract", head=True, fixed=True),
    Column("kind", "Loại văn bản", phone=False),
    Column("signer", "Người ký"),
    Column("number", "Số, ký hiệu"),
    Column("due", "Phải gửi trước"),
    Column("state", "Tình trạng", "state"),
)


def numbering(request: HttpRequest) -> HttpResponseBase:
    """Signed documents that wait for number, seal or issue, the oldest first."""
    visit = visit_of(request)
    states = (Outgoing.SIGNED.value, Outgoing.NUMBERED.value)
    waiting = Document.objects.filter(agency=visit.agency, direction=Direction.OUTGOING.value, state__in=states)
    found = page_of(request, waiting, "id")
    rows = [Row(str(each.pk), address("draft", document=each.pk), each.abstract, each) for each in found.items]
    limits = {each.pk: sending.deadline_of(visit, each) for each in found.items}
    late = {pk: sending.is_late(each, visit.now) for pk, each in limits.items()}
    done = issuing.sealed_among([each for each in found.items if each.state == Outgoing.NUMBERED.value])
    sealed = {each.pk: each.pk in done for each in found.items}
    return render(
        request, HERE, "numbering.html", rows=rows, columns=columns_in(visit.language, COLUMNS), pager=found.pager,
        limits=limits, late=late,
        sealed=sealed, states=STATES,
    )  # fmt: skip


def number(request: HttpRequest, document: int) -> HttpResponseBase:
    """Give the number; the seal is the next form of the page."""
    visit = visit_of(request)
    return act(request, document, lambda: issuing.number(visit, document))


def seal(request: HttpRequest, document: int) -> HttpResponseBase:
    """Sign number and seal with the agency's key, whose password is entered now."""
    visit = visit_of(request)

    def work() -> None:
        profile = issuing.agency_profile(visit, request.POST.get("profile", ""))
        with signing_chain.opened_key(profile, request.POST.get("secret", "")) as key:
            issuing.seal(visit, document, key)

    return act(request, document, work)


def void(request: HttpRequest, document: int) -> HttpResponseBase:
    """Void the number, with the reason."""
    visit, reason = visit_of(request), request.POST.get("reason", "")
    return act(request, document, lambda: issuing.void(visit, document, reason))


def issue(request: HttpRequest, document: int) -> HttpResponseBase:
    """Send it to its recipients."""
    visit = visit_of(request)
    return act(request, document, lambda: sending.issue(visit, document))


_D = "drafts/<int:document>/"
ROUTES: list[Route] = [
    route("numbering", numbering, needs(Duty.REGISTRAR), "numbering"),
    posted(_D + "number", number, needs(Duty.REGISTRAR), "draft_number"),
    posted(_D + "seal", seal, needs(Duty.REGISTRAR), "draft_seal"),
    posted(_D + "void", void, needs(Duty.REGISTRAR), "draft_void"),
    posted(_D + "issue", issue, needs(Duty.REGISTRAR), "draft_issue"),
]
