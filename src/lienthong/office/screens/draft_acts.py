"""What is done with a draft on its page: files, opinions, review, form check. Each address takes one form."""

from __future__ import annotations

import io

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from PIL import Image, ImageDraw

from lienthong.base.errors import Refused
from lienthong.office.errors import FILE_NOT_TAKEN
from lienthong.office.form.check import check
from lienthong.office.form.check_rules import Finding, Level
from lienthong.office.form.expected import NOTHING_KNOWN, Expected
from lienthong.office.models import Document, StoredFile
from lienthong.office.screens import asked
from lienthong.office.screens.drafts import HERE, act, shown
from lienthong.office.services import drafting, passing_on, picturing, reviewing, signing_chain, tasks
from lienthong.office.services.draft_content import DraftFields, draft_of
from lienthong.office.services.kinds_of_files import PDF
from lienthong.office.services.page_text import pages_of
from lienthong.office.services.reading_rights import find
from lienthong.office.services.storing import main_file
from lienthong.office.services.tasks import Owner
from lienthong.webkit.door.access import Route, needs, posted, route
from lienthong.webkit.door.faults import read_number
from lienthong.webkit.door.pages import address, render
from lienthong.webkit.door.visit import visit_of
from lienthong.webkit.look.parts import Leaf
from lienthong.webkit.people.models import Account, Unit
from lienthong.webkit.site.duties import CLERICAL
from lienthong.webkit.site.errors import NOT_FOUND_HERE

_MARKS = {Level.ERROR: (190, 18, 60), Level.WARNING: (180, 83, 9), Level.ADVICE: (3, 105, 161)}
SHOWN = 40
"""Pages on which findings are marked."""


def lay_out(request: HttpRequest, document: int) -> HttpResponseBase:
    """Make DOCX and PDF from what was typed."""
    visit, revision = visit_of(request), asked.count(request.POST, "revision") or 0
    return act(request, document, lambda: drafting.lay_out(visit, document, revision))


def put_file(request: HttpRequest, document: int) -> HttpResponseBase:
    """A file as the next version of the document, or as an attachment."""
    visit = visit_of(request)
    given = request.FILES.get("file")
    attachment = request.POST.get("as") == "attachment"
    revision, comment = asked.count(request.POST, "revision") or 0, request.POST.get("comment", "")

    def work() -> None:
        if given is None:
            raise Refused(FILE_NOT_TAKEN, name="", reason_vi="chưa chọn tệp", reason_en="no file was chosen")
        if attachment:
            drafting.attach(visit, document, given, given.name or "")  # type: ignore[arg-type]
        else:
            drafting.put_file(visit, document, given, given.name or "", revision, comment)  # type: ignore[arg-type]

    return act(request, document, work)


def detach(request: HttpRequest, document: int, file: int) -> HttpResponseBase:
    """Take an attachment out."""
    visit = visit_of(request)
    return act(request, document, lambda: drafting.detach(visit, document, file))


def submit(request: HttpRequest, document: int) -> HttpResponseBase:
    """To the head of the unit."""
    visit, revision = visit_of(request), asked.count(request.POST, "revision") or 0
    return act(request, document, lambda: reviewing.submit(visit, document, revision))


def withdraw(request: HttpRequest, document: int) -> HttpResponseBase:
    """Back from whoever has it now."""
    visit = visit_of(request)
    return act(request, document, lambda: drafting.withdraw(visit, document))


def give_up(request: HttpRequest, document: int) -> HttpResponseBase:
    """Cancel the draft."""
    visit, reason = visit_of(request), request.POST.get("reason", "")
    return act(request, document, lambda: drafting.give_up(visit, document, reason))


def approve(request: HttpRequest, document: int) -> HttpResponseBase:
    """Approve content or form of the file that was on the page."""
    visit = visit_of(request)
    what = reviewing.Check.FORM if request.POST.get("check") == "form" else reviewing.Check.CONTENT
    seen, text = request.POST.get("seen", ""), request.POST.get("text", "")
    if request.POST.get("decision") == "return":
        return act(request, document, lambda: reviewing.send_back(visit, document, text))
    return act(request, document, lambda: signing_chain.approve(visit, document, what, seen, text))


def send_back(request: HttpRequest, document: int) -> HttpResponseBase:
    """Return it with remarks."""
    visit, text = visit_of(request), request.POST.get("text", "")
    return act(request, document, lambda: reviewing.send_back(visit, document, text))


def pass_on(request: HttpRequest, document: int) -> HttpResponseBase:
    """Let a substitute sign in one's place."""
    visit, delegation = visit_of(request), asked.whole(request.POST, "delegation") or 0
    return act(request, document, lambda: passing_on.pass_on(visit, document, delegation))


def ask(request: HttpRequest, document: int) -> HttpResponseBase:
    """Ask units and people for opinions."""
    visit = visit_of(request)

    def work() -> None:
        reviewing.ask_opinions(
            visit, document, _owners(request, visit.agency.pk), asked.day(request.POST, "due"),
            request.POST.get("question", ""),
        )  # fmt: skip

    return act(request, document, work)


def opine(request: HttpRequest, document: int) -> HttpResponseBase:
    """Give the opinion that one was asked for."""
    visit = visit_of(request)
    find(visit, document)

    def work() -> None:
        task = tasks.lock(asked.whole(request.POST, "task") or 0, visit)
        if task.document_id != document:
            raise Refused(NOT_FOUND_HERE)
        reviewing.give_opinion(visit, task, request.POST.get("text", ""))

    return act(request, document, work)


def checked(request: HttpRequest, document: int) -> HttpResponseBase:
    """What the automatic checker finds, marked on the pages."""
    visit = visit_of(request)
    found = find(visit, document)
    file = main_file(found)
    if file is None or file.media_type != PDF:
        return shown(request, document)
    findings = findings_of(found, file)
    pages = min(len(picturing.measures(file)), SHOWN)
    scale = picturing.DPI / 72
    leaves = [
        Leaf(n + 1, address("draft_marked", document=document, file=file.pk, number=n + 1), round(width * scale),
             round(height * scale))
        for n, (width, height) in enumerate(picturing.measures(file)[:pages])
    ]  # fmt: skip
    return render(request, HERE, "checked.html", document=found, file=file, findings=findings, leaves=leaves)


def marked(request: HttpRequest, document: int, file: int, number: int) -> HttpResponseBase:
    """A page as a picture with its findings drawn in."""
    visit = visit_of(request)
    found = find(visit, document)
    stored = StoredFile.objects.filter(pk=file, document=found).first()
    if stored is None:
        raise Refused(NOT_FOUND_HERE)
    plain = picturing.picture(stored, number, picturing.DPI)
    height = picturing.measures(stored)[number - 1][1]
    drawn = _with_marks(plain, [each for each in findings_of(found, stored) if each.page == number - 1], height)
    return HttpResponse(drawn, content_type="image/png")


def findings_of(document: Document, file: StoredFile) -> tuple[Finding, ...]:
    """The checker's findings on a version of the document; read in a process apart."""
    given = DraftFields.from_json(document.content)
    expected = NOTHING_KNOWN
    if given.signers and given.body.strip():
        year = (document.issued_date or document.created_at.date()).year
        expected = Expected.of(draft_of(given, document.agency, document.unit, year))
    lines, sizes = pages_of(file)
    return check(lines, sizes, expected)


def _with_marks(picture: bytes, findings: list[Finding], height: float) -> bytes:
    if not any(each.box for each in findings):
        return picture
    scale = picturing.DPI / 72
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    pen = ImageDraw.Draw(image)
    for each in findings:
        if each.box is not None:
            corners = [each.box.left - 3, height - each.box.top - 3, each.box.right + 3, height - each.box.bottom + 3]
            pen.rectangle([round(value * scale) for value in corners], outline=_MARKS[each.level], width=3)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _owners(request: HttpRequest, agency: int) -> list[Owner]:
    chosen = request.POST.getlist("owners")
    units = [read_number(each[1:]) or 0 for each in chosen if each.startswith("u")]
    people = [read_number(each[1:]) or 0 for each in chosen if each.startswith("a")]
    return [
        *(Owner(unit=each) for each in Unit.objects.filter(agency=agency, pk__in=units).values_list("pk", flat=True)),
        *(Owner(each) for each in Account.objects.filter(agency=agency, pk__in=people, disabled_at__isnull=True)
          .values_list("pk", flat=True)),
    ]  # fmt: skip


_D = "drafts/<int:document>/"
ROUTES: list[Route] = [
    posted(_D + "lay-out", lay_out, needs(*CLERICAL), "draft_lay_out"),
    posted(_D + "files", put_file, needs(*CLERICAL), "draft_file"),
    posted(_D + "files/<int:file>/detach", detach, needs(*CLERICAL), "draft_detach"),
    posted(_D + "submit", submit, needs(*CLERICAL), "draft_submit"),
    posted(_D + "withdraw", withdraw, needs(*CLERICAL), "draft_withdraw"),
    posted(_D + "give-up", give_up, needs(*CLERICAL), "draft_give_up"),
    posted(_D + "approve", approve, needs(*CLERICAL), "draft_approve"),
    posted(_D + "return", send_back, needs(*CLERICAL), "draft_return"),
    posted(_D + "pass-on", pass_on, needs(*CLERICAL), "draft_pass_on"),
    posted(_D + "ask", ask, needs(*CLERICAL), "draft_ask"),
    posted(_D + "opinion", opine, needs(*CLERICAL), "draft_opinion"),
    route(_D + "check", checked, needs(*CLERICAL), "draft_check"),
    route(_D + "check/<int:file>/<int:number>.png", marked, needs(*CLERICAL), "draft_marked"),
]
