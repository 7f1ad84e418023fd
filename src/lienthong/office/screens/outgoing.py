"""Sổ văn bản đi and the receipts board: what was numbered, and what became of it at each recipient."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase

from lienthong.base.errors import Refused
from lienthong.base.text import nfc
from lienthong.office.incoming_words import pick
from lienthong.office.models import Delivery, NumberEntry, Register
from lienthong.office.outgoing_words import CHANNELS, FILTERS, RECEIPT_TABS, STATES, columns_in, words_of
from lienthong.office.screens import asked
from lienthong.office.screens.drafts import HERE, act
from lienthong.office.services import mail_documents, sending
from lienthong.office.services.reading_rights import readable
from lienthong.office.states import Channel, Direction, Outgoing
from lienthong.webkit.door.access import Route, needs, posted, route
from lienthong.webkit.door.faults import SMALL, read_number
from lienthong.webkit.door.pages import address, render
from lienthong.webkit.door.paging import page_of
from lienthong.webkit.door.visit import Visit, visit_of
from lienthong.webkit.look.parts import Chip, Choice, Column, Row, Tab
from lienthong.webkit.site.duties import CLERICAL, Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

COLUMNS = (
    Column("number", "Số, ký hiệu", head=True, fixed=True),
    Column("issued_date", "Ngày văn bản", "date"),
    Column("abstract", "Trích yếu", "abstract"),
    Column("signer", "Người ký"),
    Column("to", "Nơi nhận", phone=False),
    Column("unit", "Đơn vị soạn", phone=False),
    Column("state", "Tình trạng", "state"),
)
BOARD = (
    Column("name", "Nơi nhận", head=True, fixed=True),
    Column("document", "Văn bản"),
    Column("channel", "Kênh", phone=False),
    Column("state", "Trạng thái", "state"),
    Column("due", "Hạn gửi", "date"),
    Column("waited", "Từ lúc ký", phone=False),
)


def outgoing(request: HttpRequest) -> HttpResponseBase:
    """The register of outgoing documents, newest number first; void numbers stay with their reason."""
    visit = visit_of(request)
    registers = list(
        Register.objects.filter(agency=visit.agency, direction=Direction.OUTGOING.value).order_by("-year", "pk")
    )
    mine = readable(visit).filter(direction=Direction.OUTGOING.value)
    entries = NumberEntry.objects.filter(agency=visit.agency, register__in=registers)
    entries = entries.filter(Q(document__in=mine)).select_related("document", "document__unit", "register")
    entries = _filtered(entries, request.GET)
    found = page_of(request, entries, "-id")
    rows = [_row(each) for each in found.items]
    chosen = request.GET.get("register", "")
    return render(
        request, HERE, "outgoing.html", rows=rows, columns=columns_in(visit.language, COLUMNS), pager=found.pager,
        words=STATES,
        registers=[Choice(str(each.pk), str(each), chosen=str(each.pk) == chosen) for each in registers],
        states=[Choice(key, pick(STATES[key], visit.language), chosen=key == request.GET.get("state")) for key in
                ("numbered", "issued", "recalled", "cancelled")],
        chips=_chips(visit, request.GET, registers), query=request.GET,
    )  # fmt: skip


def _filtered(entries: QuerySet[NumberEntry], given: QueryDict) -> QuerySet[NumberEntry]:
    if (register := asked.whole(given, "register")) is not None:
        entries = entries.filter(register=register)
    if given.get("state") in {each.value for each in Outgoing}:
        entries = entries.filter(document__state=given["state"])
    since, until = asked.day(given, "from"), asked.day(given, "until")
    if since is not None:
        entries = entries.filter(document__issued_date__gte=since)
    if until is not None:
        entries = entries.filter(document__issued_date__lte=until)
    words = nfc(given.get("words", "")).strip()[:100]
    if words:
        entries = entries.filter(Q(document__abstract__icontains=words) | Q(document__symbol__icontains=words))
    return entries


def _row(entry: NumberEntry) -> Row:
    document = entry.document
    where = address("draft", document=document.pk) if document is not None else address("outgoing")
    label = document.number_and_symbol if document is not None else str(entry.number)
    return Row(str(entry.pk), where, label, entry, tone="error" if entry.void_at else "")


def _chips(visit: Visit, given: QueryDict, registers: list[Register]) -> list[Chip]:
    names = {str(each.pk): str(each) for each in registers}
    state = STATES.get(given.get("state", ""))
    values = {
        "register": names.get(given.get("register", ""), ""),
        "state": pick(state, visit.language) if state else "",
    }
    labels = words_of(FILTERS, visit.language)
    shown = {name: values.get(name, given.get(name, "")) for name in FILTERS}
    return [Chip(labels[name], value, f"?{_without(given, name)}") for name, value in shown.items() if value]


def _without(given: QueryDict, name: str) -> str:
    left = given.copy()
    for each in (name, "after", "before", "at"):
        left.pop(each, None)
    return left.urlencode()


def receipts(request: HttpRequest) -> HttpResponseBase:
    """Every recipient of what was issued: troubles first, then what is still open, then all."""
    visit = visit_of(request)
    which = request.GET.get("of", "open")
    mine = readable(visit).filter(direction=Direction.OUTGOING.value)
    rows = Delivery.objects.filter(agency=visit.agency, document__in=mine).select_related("document")
    if which == "trouble":
        rows = rows.filter(Q(state__in=sending.ENDED_BADLY) | Q(status__in=(2, 16)) | _late(visit))
    elif which == "open":
        rows = rows.exclude(status=6).exclude(state="recalled").exclude(~Q(channel="axis"), state="delivered")
    found = page_of(request, rows, "-id")
    standings = sending.standings(visit, found.items)
    shown = [
        Row(str(each.delivery.pk), f"{address('draft', document=each.delivery.document_id)}#deliveries",
            each.delivery.name, each, tone="error" if each.tone == "error" or each.late else "")
        for each in standings
    ]  # fmt: skip
    tabs = [
        Tab(pick(label, visit.language), f"{address('receipts')}?of={key}", current=key == which)
        for key, label in RECEIPT_TABS.items()
    ]
    return render(
        request, HERE, "receipts.html", rows=shown, columns=columns_in(visit.language, BOARD), pager=found.pager,
        tabs=tabs, channels=words_of(CHANNELS, visit.language),
        which=which,
    )  # fmt: skip


def _late(visit: Visit) -> Q:
    return Q(due_at__lt=visit.now, sent_at__isnull=True, accepted_at__isnull=True, state__in=sending.UNSENT)


def recall(request: HttpRequest, document: int) -> HttpResponseBase:
    """Recall with the reason."""
    visit, reason = visit_of(request), request.POST.get("reason", "")
    return act(request, document, lambda: sending.recall(visit, document, reason))


def resend(request: HttpRequest, document: int) -> HttpResponseBase:
    """Send again where it failed."""
    visit = visit_of(request)
    return act(request, document, lambda: sending.resend(visit, document))


def mark_sent(request: HttpRequest, delivery: int) -> HttpResponseBase:
    """Note that paper went out."""
    visit = visit_of(request)
    found = Delivery.objects.filter(pk=delivery, agency=visit.agency).exclude(channel=Channel.AXIS.value).first()
    if found is None:
        raise Refused(NOT_FOUND_HERE)
    day = asked.day(request.POST, "day") or visit.today
    covers = read_number(request.POST.get("covers", "") or "1", SMALL) or 0
    taken_by = request.POST.get("taken_by", "")
    return act(request, found.document_id, lambda: sending.mark_sent(visit, delivery, day, covers, taken_by))


def mail_again(request: HttpRequest, delivery: int) -> HttpResponseBase:
    """A new letter, to a corrected address."""
    visit, to = visit_of(request), request.POST.get("address", "")
    found = _letter(visit, delivery)
    return act(request, found.document_id, lambda: mail_documents.mail_again(visit, delivery, to))


def note_bounced(request: HttpRequest, delivery: int) -> HttpResponseBase:
    """A letter came back."""
    visit, why = visit_of(request), request.POST.get("reason", "")
    found = _letter(visit, delivery)
    return act(request, found.document_id, lambda: mail_documents.note_bounced(visit, delivery, why))


def _letter(visit: Visit, delivery: int) -> Delivery:
    found = Delivery.objects.filter(pk=delivery, agency=visit.agency, channel=Channel.EMAIL.value).first()
    if found is None:
        raise Refused(NOT_FOUND_HERE)
    return found


ROUTES: list[Route] = [
    route("outgoing", outgoing, needs(*CLERICAL), "outgoing"),
    route("receipts", receipts, needs(*CLERICAL), "receipts"),
    posted("drafts/<int:document>/recall", recall, needs(Duty.REGISTRAR), "draft_recall"),
    posted("drafts/<int:document>/resend", resend, needs(Duty.REGISTRAR), "draft_resend"),
    posted("deliveries/<int:delivery>/sent", mark_sent, needs(Duty.REGISTRAR), "delivery_sent"),
    posted("deliveries/<int:delivery>/again", mail_again, needs(Duty.REGISTRAR), "delivery_again"),
    posted("deliveries/<int:delivery>/bounced", note_bounced, needs(Duty.REGISTRAR), "delivery_bounced"),
]
