"""Handing in what has come on other ways, and registering it: for scanning programs and older systems."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.office.api import forms
from lienthong.office.api.keeping import for_programs
from lienthong.office.models import Arrival
from lienthong.office.services import arriving, registering, storing
from lienthong.office.states import ArrivalState, Source
from lienthong.vocabulary.kinds import look_up
from lienthong.webkit.door.access import ONLY_FORMS, Route, api, needs
from lienthong.webkit.door.visit import visit_of
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

MOST_FILES = 100


def arrivals(request: HttpRequest) -> HttpResponseBase:
    """GET: what waits (or, with ``state``, what was dealt with). POST: hand something in."""
    return _hand_in(request) if request.method == "POST" else _list(request)


def _list(request: HttpRequest) -> HttpResponseBase:
    visit = visit_of(request)
    state = request.GET.get("state", ArrivalState.WAITING.value)[:12]
    found = Arrival.objects.filter(agency=visit.agency, state=state).order_by("pk")
    return forms.reply({"arrivals": [forms.arrival(each) for each in found[:200]]})


def _hand_in(request: HttpRequest) -> HttpResponseBase:
    """Multipart: ``members`` (JSON) and ``file`` parts. The same ``reference`` again is the same arrival."""
    visit = visit_of(request)
    forms.require_writing(visit)
    try:
        members: Any = json.loads(request.POST.get("members", "{}"))
    except ValueError as reason:
        raise forms.wrong("“members” không phải JSON", "“members” is no JSON") from reason
    if not isinstance(members, dict):
        raise forms.wrong("“members” phải là một đối tượng", "“members” must be an object")
    given = request.FILES.getlist("file")
    title, reference = forms.text_member(members, "title"), forms.text_member(members, "reference")
    if not title or not reference or not given or len(given) > MOST_FILES:
        raise forms.wrong("cần “title”, “reference” và từ 1 đến 100 phần “file”",
                          "“title”, “reference” and 1 to 100 parts “file” are needed")  # fmt: skip
    kept = [(storing.keep(each.file, each.name or "", site().upload_limit), each.name or "") for each in given]  # type: ignore[arg-type]
    made = arriving.arrive(
        visit, int(visit.agency.pk), Source.SCAN, f"api-{hashlib.sha256(reference.encode()).hexdigest()[:40]}", kept,
        sender_code=forms.text_member(members, "sender_code"), sender_name=forms.text_member(members, "sender_name"),
        identifier=forms.text_member(members, "identifier"), title=title,
        urgency=forms.number_member(members, "urgency", 0) or 0, received_at=visit.now,
    )  # fmt: skip
    return forms.reply(forms.arrival(made), 201)


def register(request: HttpRequest, arrival: int) -> HttpResponseBase:
    """Register an arrival with the fields of D30 Appendix VI; the answer is the document. Repeating is harmless."""
    visit = visit_of(request)
    forms.require_writing(visit)
    found = Arrival.objects.filter(pk=arrival, agency=visit.agency).first()
    if found is None:
        raise Refused(NOT_FOUND_HERE)
    members = forms.body_of(request)
    kind = look_up(forms.text_member(members, "kind")).kind
    if kind is None:
        raise forms.wrong("không rõ loại văn bản “kind”", "the kind of document is not known")
    fields = registering.IncomingFields(
        kind=kind.name, number=forms.text_member(members, "number"), symbol=forms.text_member(members, "symbol"),
        issued_date=forms.day_member(members, "issued_date"), issuer_name=forms.text_member(members, "issuer_name"),
        abstract=forms.text_member(members, "abstract"), signer_name=forms.text_member(members, "signer_name"),
        signer_position=forms.text_member(members, "signer_position"),
        urgency=forms.number_member(members, "urgency", 0) or 0, secret=bool(members.get("secret")),
        pages=forms.number_member(members, "pages"), due_date=forms.day_member(members, "due_date"),
        note=forms.text_member(members, "note"), paper=bool(members.get("paper")),
    )  # fmt: skip
    return forms.reply(forms.whole(registering.register(visit, found, fields)), 201)


REGISTRAR = needs(Duty.REGISTRAR)
ROUTES: list[Route] = [
    api("arrivals", for_programs(arrivals), REGISTRAR, "api_arrivals"),
    api("arrivals/<int:arrival>/register", for_programs(register), REGISTRAR, "api_register", ONLY_FORMS),
]
