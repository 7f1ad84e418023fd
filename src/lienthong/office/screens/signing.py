"""Signing (ký): the documents that wait for a person's signature, each shown, one password for all that are ticked."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.office.incoming_words import pick
from lienthong.office.models import Document, Register, SigningStep
from lienthong.office.screens.drafts import HERE
from lienthong.office.screens.files import first_and_last
from lienthong.office.services import registers, signing_chain
from lienthong.office.services.registers import CLOSERS
from lienthong.office.services.storing import main_files
from lienthong.signing.documents import Level
from lienthong.signing.profiles import Kind, SignerProfile
from lienthong.webkit.door.access import Route, needs, route
from lienthong.webkit.door.faults import read_number
from lienthong.webkit.door.pages import address, render
from lienthong.webkit.door.visit import Visit, visit_of
from lienthong.webkit.look.parts import Done, Leaf
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.duties import CLERICAL
from lienthong.webkit.templates import content_policy

REGISTER = "register-"
"""Before the number of a ticked register."""

LEVELS = {
    Level.B: ("Đã ký, chưa có dấu thời gian", "Signed, without a timestamp yet"),
    Level.T: ("Đã ký, có dấu thời gian", "Signed, with a timestamp"),
    Level.LT: ("Đã ký, kèm dữ liệu kiểm tra lâu dài", "Signed, with what verifies it for long"),
    Level.LTA: ("Đã ký, kèm dữ liệu kiểm tra và dấu thời gian lưu trữ", "Signed, with an archive timestamp"),
}
"""What was reached by signing, for the one who signed."""
SHOWN = 50
"""Documents on one page of signing."""


@dataclass(frozen=True, slots=True)
class ToSign:
    """One document that waits, with its first and last page and the digest of what is shown."""

    document: Document
    step: SigningStep
    seen: str
    pages: list[Leaf]
    chosen: bool


def signing(request: HttpRequest) -> HttpResponseBase:
    """What waits for the person's signature; a POST signs what is ticked, each for itself."""
    visit = visit_of(request)
    if request.method == "POST":
        return _sign(request, visit)
    return _page(request, visit)


def _page(
    request: HttpRequest, visit: Visit, refused: Refused | None = None, done: list[Done] | None = None
) -> HttpResponseBase:
    profile, missing = _profile(visit)
    chosen = set(request.POST.getlist("row") or request.GET.getlist("document"))
    agent = str(site().context.get("sign_agent", ""))
    answer = render(
        request, HERE, "signing.html", status=422 if refused is not None else 200, waiting=_waiting(visit, chosen),
        profile=profile, missing=missing, refused=refused, done=done or [], registers=_closed(visit), chosen=chosen,
        asks=profile is not None and profile.password_file is None and profile.kind is not Kind.PEM,
        agent=agent, origin=site().public_url.rstrip("/") or f"{request.scheme}://{request.get_host()}",
    )  # fmt: skip
    if agent:
        answer.headers["Content-Security-Policy"] = content_policy(agent)
    return answer


def _sign(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """Each document in a part of the transaction of its own, so that one refusal does not undo the others."""
    done: list[Done] = []
    try:
        profile = signing_chain.own_profile(visit)
        with signing_chain.opened_key(profile, request.POST.get("secret", "")) as key:
            for chosen in request.POST.getlist("row")[:SHOWN]:
                if number_of(chosen) is not None:
                    done.append(_one(request, visit, chosen, key))
    except Refused as refused:
        if not done:
            return _page(request, visit, refused)
        done.append(Done(refused.sentence(visit.language), address("signing"), False, refused.advice(visit.language)))
    return _page(request, visit, done=done)


def number_of(row: str) -> int | None:
    """Of a ticked row: a document by its number, or a register with the word before it."""
    return read_number(row.removeprefix(REGISTER))


def label_of(visit: Visit, row: str) -> str:
    """How a ticked row is called in answers."""
    number = number_of(row) or 0
    if row.startswith(REGISTER):
        found = Register.objects.filter(pk=number, agency=visit.agency).first() if visit.who.may(*CLOSERS) else None
        return str(found) if found is not None else "?"
    return Document.objects.filter(pk=number, agency=visit.agency).values_list("abstract", flat=True).first() or "?"


def _one(request: HttpRequest, visit: Visit, row: str, key: signing_chain.Key) -> Done:
    kept, number, label = list(visit.entries), number_of(row) or 0, label_of(visit, row)
    where = address("registers") if row.startswith(REGISTER) else address("draft", document=number)
    try:
        with transaction.atomic():
            if row.startswith(REGISTER):
                registers.sign_register(visit, number, key)
                return Done(label, where, True)
            made = signing_chain.sign(visit, number, request.POST.get(f"seen_{row}", ""), key)
    except Refused as refused:
        visit.entries[:] = kept
        return Done(label, where, False, f"{refused.sentence(visit.language)} {refused.advice(visit.language)}")
    missing = "; ".join(each.sentence(visit.language) for each in made.missing)
    said = pick(LEVELS[made.level], visit.language)
    return Done(label, where, True, f"{said}{'; ' if missing else ''}{missing}")


def _waiting(visit: Visit, chosen: set[str]) -> list[ToSign]:
    related = ("document", "document__drafter", "for_whom")
    steps = list(signing_chain.waiting_for(visit.who.account).select_related(*related)[:SHOWN])
    files = main_files(each.document for each in steps)
    found = []
    for step in steps:
        file = files.get(step.document_id)
        if file is not None:
            shown, ticked = first_and_last(file), str(step.document_id) in chosen
            found.append(ToSign(step.document, step, bytes(file.sha256).hex(), shown, ticked))
    return found


def _closed(visit: Visit) -> list[Register]:
    """Registers that were closed and wait for a signature, for those who may give it."""
    if not visit.who.may(*CLOSERS):
        return []
    rows = Register.objects.filter(agency=visit.agency, closed_sha256__isnull=False, signed_at__isnull=True)
    return list(rows.order_by("-year", "pk")[:SHOWN])


def _profile(visit: Visit) -> tuple[SignerProfile | None, Refused | None]:
    try:
        return signing_chain.own_profile(visit), None
    except Refused as refused:
        return None, refused


ROUTES: list[Route] = [route("signing", signing, needs(*CLERICAL), "signing")]
