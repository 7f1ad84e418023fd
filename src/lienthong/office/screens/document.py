"""The page of a document (xem văn bản): its neighbours, its pages, and everything that belongs to it at the side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from markupsafe import Markup, escape

from lienthong.base.errors import Refused
from lienthong.office.incoming_words import SOURCES, STATES, pick
from lienthong.office.models import Document, DocumentText, DossierDocument, StoredFile, Task
from lienthong.office.screens import asked, handling
from lienthong.office.screens.entering import entered, fields_in, kinds
from lienthong.office.screens.files import leaves, roll
from lienthong.office.screens.history import history_of
from lienthong.office.screens.neighbours import neighbours
from lienthong.office.screens.sides import Section, add_side, sections_of
from lienthong.office.screens.trying import Failed, attempt, failed
from lienthong.office.screens.verdicts import Reasons, reasons_of, strip_of, word_of
from lienthong.office.services import correcting, page_words, preferring, stamping, storing, working
from lienthong.office.services.handling_slips import opinions_by_level
from lienthong.office.services.reading_rights import find, why_readable
from lienthong.office.states import Incoming
from lienthong.vocabulary.urgency import Urgency
from lienthong.webkit.door.access import Route, needs, posted, route
from lienthong.webkit.door.pages import address, go_to, render, see_other
from lienthong.webkit.door.visit import Visit, visit_of
from lienthong.webkit.look.parts import Leaf, Roll, Signature, Tab
from lienthong.webkit.site.duties import CLERICAL, Duty

HERE = "lienthong.office"
DONE = ("done", "was")
OLDER = 100
"""Earlier versions of files that a page lists."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A file as the page shows it. ``roll``: all its pages; ``why_not``: why they cannot be shown."""

    file: StoredFile
    leaves: Sequence[Leaf]
    roll: Roll | None
    strip: Sequence[Signature]
    reasons: Sequence[Reasons]
    why_not: str = ""


def page(request: HttpRequest, document: int) -> HttpResponseBase:
    """A document; looking at it reads one's tasks on it, and is written into the log."""
    visit = visit_of(request)
    found = find(visit, document)
    working.see(visit, found)
    visit.note("document.viewed", f"document:{found.pk}", revision=found.revision)
    if not found.incoming:
        return go_to(f"{address('draft', document=found.pk)}?{request.GET.urlencode()}".rstrip("?"))
    return _show(request, found, request.GET)


def act(request: HttpRequest, document: int, act: str) -> HttpResponseBase:
    """One act of handling; afterwards the next item, or the document again, with a word on what was done."""
    visit = visit_of(request)
    found = find(visit, document)
    verb = handling.act_of(act)
    came = QueryDict(request.POST.get("came", "")[:2000])
    task = asked.whole(request.POST, "task") or 0
    prefix = handling.prefix_of(act, task)
    around = neighbours(visit, came, found)
    done = attempt(visit, lambda: verb(visit, found, handling.Form(request.POST, prefix, task)))
    if isinstance(done, Refused):
        return _show(request, find(visit, document), came, failed(visit, done, request.POST, act, prefix))
    onward = around.next_href if around is not None and preferring.goes_on(visit) and act in handling.ENDING else ""
    kept = came.copy()
    for name in DONE:
        kept.pop(name, None)
    here = f"{address('document', document=document)}?{kept.urlencode()}"
    where = onward or here
    return go_to(f"{where}{'&' if '?' in where else '?'}done={act}&was={document}".replace("?&", "?"))


def _show(request: HttpRequest, found: Document, came: QueryDict, refused: Failed | None = None) -> HttpResponseBase:
    visit = visit_of(request)
    file, at, body = opened_at(found, came)
    kept = came.copy()
    for name in DONE:
        kept.pop(name, None)
    sections = sections_of(visit, found)
    tabs = [Tab(each.title, f"#{each.key}", count=each.count, current=not n) for n, each in enumerate(sections)]
    return render(
        request, HERE, "document.html", status=422 if refused else 200, document=found, tabs=tabs, sections=sections,
        shown=shown(visit, file, body, came.get("q", ""), at) if file is not None else None,
        around=neighbours(visit, came, found), came=kept.urlencode(), failed=refused,
        done=came.get("done", "")[:20], was=asked.whole(came, "was"), state=STATES.get(found.state),
        urgency_tag=found.urgency, stamps=stamping.to_stamp(found) is not None, goes_on=preferring.goes_on(visit),
        may_correct=found.incoming and visit.who.may(Duty.REGISTRAR) and found.state != Incoming.RECALLED.value,
    )  # fmt: skip


def opened_at(document: Document, came: QueryDict) -> tuple[StoredFile | None, int, str]:
    """The file of a document that an address asks for, its page, and its text when that is known.

    ``file`` and ``page`` name them; ``hit`` is a page of the whole text, where a search found something. Otherwise the
    document itself from the beginning.
    """
    files = [each for each in storing.current(document) if each.role != "editable"]
    # A draft whose text is still to be made shows that, not its first attachment.
    other = files[0] if files and document.incoming else None
    main = next((each for each in files if each.slot == 0 and each.role == "document"), other)
    wanted, page = main, asked.count(came, "page") or 1
    if hit := asked.count(came, "hit"):
        place, page = page_words.place_in(document, hit)
        wanted, page = (place, page) if place is not None else (main, hit)
    elif number := asked.whole(came, "file"):
        wanted = next((each for each in files if each.pk == number), main)
    if wanted is None or wanted != main:
        return wanted, page, ""
    body = DocumentText.objects.filter(document=document).values_list("body", flat=True).first() or ""
    return wanted, page, body


def shown(visit: Visit, file: StoredFile, text: str, question: str = "", page: int = 1) -> Shown:
    """A file with its pages and verdict, open at a page. What cannot be drawn is told; the bytes can still be taken.

    ``question``: whose words are marked on the pages.
    """
    why_not, pages, every = "", list[Leaf](), None
    try:
        every = roll(file, question, page)
        # One page before the one it opens at: whoever comes to a hit wants to see what it follows.
        pages = leaves(file, text, first=max(every.page - 1, 1)) if every is not None else []
    except Refused as refused:
        why_not = refused.sentence(visit.language)
    return Shown(file, pages, every, strip_of(file, visit.language), reasons_of(file, visit.language), why_not)


@add_side
def particulars(visit: Visit, document: Document) -> Sequence[Section]:
    """All fields of Appendix VI Part II, and why this person may read the document."""
    reasons = [each[visit.language == "en"] for each in why_readable(visit, document)]
    values = {"pairs": fields_of(visit, document), "reasons": reasons, "document": document}
    return [Section("fields", pick(("Thông tin", "Fields"), visit.language), "document_fields.html", values, 20)]


@add_side
def history(visit: Visit, document: Document) -> Sequence[Section]:
    """What has happened to it, and who has looked at it (function F5a)."""
    told = history_of(visit, document)
    values = {"events": told.events, "access": told.access}
    return [Section("history", pick(("Quá trình", "History"), visit.language), "document_history.html", values, 30)]


@add_side
def attachments(visit: Visit, document: Document) -> Sequence[Section]:
    """Every file with its verdict and its earlier versions."""
    every = list(StoredFile.objects.filter(document=document).order_by("slot", "role", "-version"))
    newest = [next(group) for _, group in groupby(every, key=lambda each: (each.slot, each.role))]
    shown_above = {each.pk for each in newest}
    older = sorted((each for each in every if each.pk not in shown_above), key=lambda each: -each.pk)
    values = {
        "files": [(each, word_of(each.verdict, visit.language), strip_of(each, visit.language)) for each in newest],
        "older": older[:OLDER],
    }  # fmt: skip
    return [Section("files", pick(("Tệp", "Files"), visit.language), "document_files.html", values, 40, len(newest))]


def fields_of(visit: Visit, document: Document) -> list[tuple[str, str | Markup]]:
    """Names and values of all fields of a document, in the order of the table of Appendix VI."""

    def say(vi: str, en: str) -> str:
        return pick((vi, en), visit.language)

    def day(value: object) -> str:
        return value.strftime("%d/%m/%Y") if hasattr(value, "strftime") else ""

    filed = [
        f"{each.dossier.code} ({say('số thứ tự', 'ordinal')} {each.ordinal})"
        for each in DossierDocument.objects.filter(document=document).select_related("dossier")
    ]
    rows: list[tuple[str, object]] = [
        (say("Mã hồ sơ", "Dossier"), "; ".join(filed)),
        (say("Tên loại", "Kind"), document.kind),
        (say("Số", "Number"), document.number),
        (say("Ký hiệu", "Symbol"), document.symbol),
        (say("Ngày văn bản", "Date"), day(document.issued_date)),
        (say("Cơ quan ban hành", "Issuer"), document.issuer_name),
        (say("Mã cơ quan", "Issuer's code"), document.issuer_code),
        (say("Trích yếu", "Abstract"), document.abstract),
        (say("Ngôn ngữ", "Language"), document.language),
        (say("Số trang", "Pages"), document.pages),
        (say("Ghi chú", "Note"), document.note),
        (say("Ngày đến", "Arrival date"), day(document.arrival_date)),
        (say("Số đến", "Arrival number"), document.arrival_number),
        (say("Chức vụ người ký", "Signer's position"), document.signer_position),
        (say("Người ký", "Signer"), document.signer_name),
        (say("Độ khẩn", "Urgency"), Urgency(document.urgency).label(visit.language)),
        (say("Đơn vị, người nhận", "Recipients"), document.to_places),
        (say("Thời hạn giải quyết", "Deadline"), day(document.due_date)),
        (say("Mã định danh văn bản", "Identifier"), document.identifier),
        (say("Nguồn", "Source"), pick(SOURCES[document.source], visit.language) if document.source in SOURCES else ""),
        (say("Có bản giấy", "Paper copy"), say("Có", "Yes") if document.paper else ""),
        (say("Trả lời văn bản", "Answers"), _link(document.answers) if document.answers else ""),
        (say("Sổ", "Register"), str(document.register) if document.register else ""),
    ]  # fmt: skip
    return [
        (label, value if isinstance(value, Markup) else str(value)) for label, value in rows if value not in (None, "")
    ]


def _link(document: Document) -> Markup:
    return Markup('<a href="{}">{}</a>').format(address("document", document=document.pk), escape(str(document)))


def edit(request: HttpRequest, document: int) -> HttpResponseBase:
    """The fields as a form, for the registrar; a stale one is refused and shows what is there now."""
    visit = visit_of(request)
    found = find(visit, document)
    refused = None
    if request.method == "POST":
        revision = asked.count(request.POST, "revision") or 0
        read = fields_in(request.POST, visit)
        done = (
            read
            if isinstance(read, Refused)
            else attempt(visit, lambda: correcting.correct(visit, found, read, revision))
        )
        if not isinstance(done, Refused):
            return go_to(f"{address('document', document=document)}?done=corrected&was={document}")
        refused = failed(visit, done, request.POST)
        found = find(visit, document)
    typed = refused.typed if refused is not None else entered(found)
    return render(request, HERE, "document_edit.html", status=422 if refused else 200, document=found, typed=typed,
                  kinds=kinds(typed.get("kind", "")), urgencies=list(Urgency), failed=refused)  # fmt: skip


def slip(request: HttpRequest, document: int) -> HttpResponseBase:
    """The handling slip (phiếu giải quyết văn bản đến) for printing, marked with who printed it and when (F6k)."""
    visit = visit_of(request)
    found = find(visit, document)
    visit.note("document.printed", f"document:{found.pk}", revision=found.revision)
    tasks = list(
        Task.objects.filter(document=found).select_related("account", "unit", "giver", "for_whom").order_by("pk")
    )
    return render(
        request, HERE, "document_slip.html", document=found, pairs=fields_of(visit, found),
        lines=[(each, handling.owner_of(each)) for each in tasks], opinions=opinions_by_level(found),
    )  # fmt: skip


def after_act(request: HttpRequest) -> HttpResponseBase:
    """Whether the next item opens after an act; one's own choice."""
    preferring.prefer(visit_of(request), "after_act", "next" if request.POST.get("next") == "1" else "stay")
    return see_other("home")


ROUTES: list[Route] = [
    route("documents/<int:document>", page, needs(*CLERICAL), "document"),
    posted("documents/<int:document>/acts/<slug:act>", act, needs(*CLERICAL), "document_act"),
    route("documents/<int:document>/edit", edit, needs(Duty.REGISTRAR), "document_edit"),
    route("documents/<int:document>/slip", slip, needs(*CLERICAL), "document_slip"),
    posted("preferences/after-act", after_act, needs(*CLERICAL), "after_act"),
]
