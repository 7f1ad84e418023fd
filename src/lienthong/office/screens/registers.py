"""Sổ đăng ký: the registers of the years, opened by the registrar, closed and signed by him or the office chief."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from django.db import transaction
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.office.errors import NOT_YOURS
from lienthong.office.models import Register
from lienthong.office.screens import asked
from lienthong.office.screens.draft_form import faults_of
from lienthong.office.screens.drafts import HERE
from lienthong.office.screens.reports import sees_registers
from lienthong.office.services import registers as services
from lienthong.office.services import signing_chain, storing
from lienthong.office.services.draft_content import KINDS
from lienthong.webkit.door.access import Route, needs, posted, route
from lienthong.webkit.door.pages import render, see_other
from lienthong.webkit.door.visit import Visit, visit_of
from lienthong.webkit.look.parts import Choice
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE


def registers(request: HttpRequest) -> HttpResponseBase:
    """All registers, this year first; a POST opens one."""
    visit = visit_of(request)
    if request.method != "POST":
        return _page(request, visit)
    try:
        with transaction.atomic():
            services.open_register(visit, asked.count(request.POST, "year") or 0, request.POST.get("name", ""),
                                   request.POST.getlist("kinds"))  # fmt: skip
    except Refused as reason:
        if reason.code.http == 403:
            raise
        return _page(request, visit, wrong=reason)
    return see_other("registers")


def close(request: HttpRequest, register: int) -> HttpResponseBase:
    """Close one and sign it; ticked “khóa, ký sau”, it is closed alone and waits for its signature."""
    visit = visit_of(request)
    if request.POST.get("later"):
        services.close_register(visit, register)
        return see_other("registers")
    return _signed(request, visit, register, services.close_register)


def sign(request: HttpRequest, register: int) -> HttpResponseBase:
    """Sign one that was closed before."""
    return _signed(request, visit_of(request), register, services.sign_register)


def _signed(
    request: HttpRequest, visit: Visit, register: int, act: Callable[[Visit, int, signing_chain.Key], Register]
) -> HttpResponseBase:
    """Do it with the person's own key, or leave everything as it was and say why."""
    # Before the key is asked for: a register of somebody else is not there, whoever has a key.
    services.lock_register(visit, register)
    kept = list(visit.entries)
    try:
        profile = signing_chain.own_profile(visit)
        with signing_chain.opened_key(profile, request.POST.get("secret", "")) as key, transaction.atomic():
            act(visit, register, key)
    except Refused as refused:
        if refused.code in {NOT_YOURS, NOT_FOUND_HERE}:
            raise
        visit.entries[:] = kept
        return _page(request, visit, refused=refused)
    return see_other("registers")


def download(request: HttpRequest, register: int) -> HttpResponseBase:
    """The paper of a closed register: the signed one, else the one that waits for its signature."""
    visit = visit_of(request)
    found, digest = services.paper_of(visit, register)
    visit.note("register.downloaded", f"register:{found.pk}", sha256=digest.hex())
    answer = StreamingHttpResponse(storing.pieces(digest), content_type="application/octet-stream")
    name = f"so-{found.direction}-{found.year}-{found.code}.pdf"
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer


def _page(
    request: HttpRequest, visit: Visit, *, wrong: Refused | None = None, refused: Refused | None = None
) -> HttpResponseBase:
    """``wrong``: why none was opened; ``refused``: why one was not closed or signed."""
    post = request.POST
    rows = Register.objects.filter(agency=visit.agency).select_related("closed_by", "signed_by")
    chosen = set(post.getlist("kinds"))
    return render(
        request, HERE, "registers.html", status=422 if wrong or refused else 200,
        registers=list(rows.order_by("-year", "direction", "pk")), year=post.get("year", "") or str(visit.today.year),
        title=post.get("name", ""), kinds=[Choice(each, each, chosen=each in chosen) for each in KINDS],
        faults=faults_of(wrong, visit.language) if wrong else [], refused=refused, missing=_missing(visit),
        opens=visit.who.may(Duty.REGISTRAR), papers=sees_registers(visit),
        device=bool(site().context.get("sign_agent")),
    )  # fmt: skip


def _missing(visit: Visit) -> Refused | None:
    """Why the person cannot sign, if he has no key here."""
    try:
        signing_chain.own_profile(visit)
    except Refused as refused:
        return refused
    return None


MAY = needs(*services.CLOSERS)
ROUTES: list[Route] = [
    route("registers", registers, MAY, "registers"),
    posted("registers/<int:register>/close", close, MAY, "register_close"),
    posted("registers/<int:register>/sign", sign, MAY, "register_sign"),
    route("registers/<int:register>/paper", download, MAY, "register_paper"),
]
