"""The filters of the incoming register: read from the address, applied to what somebody may read, shown as chips."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.http import QueryDict

from lienthong.base.errors import Language
from lienthong.office.incoming_words import STATES, pick
from lienthong.office.models import Document
from lienthong.office.screens import asked
from lienthong.office.services.reading_rights import readable
from lienthong.office.states import Direction, Incoming
from lienthong.vocabulary.urgency import Urgency
from lienthong.webkit.door.faults import SMALL, read_number
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.look.parts import Chip

PAGING = ("after", "before", "at", "done")
NAMES = {
    "year": ("Năm", "Year"), "state": ("Tình trạng", "State"), "kind": ("Loại", "Kind"),
    "issuer": ("Cơ quan ban hành", "Issuer"), "number": ("Số, ký hiệu", "Number"), "urgency": ("Độ khẩn", "Urgency"),
    "arrived_from": ("Đến từ ngày", "Arrived from"), "arrived_to": ("Đến ngày", "Arrived until"),
    "issued_from": ("Ban hành từ ngày", "Issued from"), "issued_to": ("Ban hành đến ngày", "Issued until"),
    "overdue": ("Quá hạn", "Overdue"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for, as far as it can be understood; the rest counts as not asked."""

    year: int | None = None
    state: str = ""
    kind: str = ""
    issuer: str = ""
    number: str = ""
    urgency: int | None = None
    arrived_from: date | None = None
    arrived_to: date | None = None
    issued_from: date | None = None
    issued_to: date | None = None
    overdue: bool = False


def read_filters(query: QueryDict) -> Filters:
    """The filters of an address."""
    state = query.get("state", "")
    urgency = asked.count(query, "urgency")
    year = asked.count(query, "year")
    first, last, issued_first, issued_last = (
        asked.day(query, name) for name in ("arrived_from", "arrived_to", "issued_from", "issued_to")
    )
    return Filters(
        year=year if year is not None and 1900 < year < 3000 else None,
        state=state if state in {each.value for each in Incoming} else "",
        kind=query.get("kind", "").strip()[:100],
        issuer=query.get("issuer", "").strip()[:200],
        number=query.get("number", "").strip()[:80],
        urgency=urgency if urgency is not None and urgency in {each.value for each in Urgency} else None,
        arrived_from=first, arrived_to=last, issued_from=issued_first, issued_to=issued_last,
        overdue=query.get("overdue") == "1",
    )  # fmt: skip


def register_of(visit: Visit, query: QueryDict) -> QuerySet[Document]:
    """The incoming documents that somebody may read and that the address asks for."""
    wanted = read_filters(query)
    found = readable(visit).filter(direction=Direction.INCOMING.value)
    if wanted.year is not None:
        found = found.filter(year=wanted.year)
    if wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.kind:
        found = found.filter(kind__iexact=wanted.kind)
    if wanted.issuer:
        found = found.filter(issuer_name__icontains=wanted.issuer)
    if wanted.number:
        head, _, tail = wanted.number.partition("/")
        exact = Q(number=head, symbol__icontains=tail) if tail else Q(number=head) | Q(symbol__icontains=head)
        arrival = read_number(wanted.number, SMALL)
        found = found.filter(exact | Q(arrival_number=arrival) if arrival else exact)
    if wanted.urgency is not None:
        found = found.filter(urgency=wanted.urgency)
    for name, value in (("arrival_date__gte", wanted.arrived_from), ("arrival_date__lte", wanted.arrived_to),
                        ("issued_date__gte", wanted.issued_from), ("issued_date__lte", wanted.issued_to)):  # fmt: skip
        if value is not None:
            found = found.filter(**{name: value})
    if wanted.overdue:
        ended = (Incoming.FINISHED.value, Incoming.RECALLED.value)
        found = found.filter(due_date__lt=visit.today).exclude(state__in=ended)
    return found


def chips_of(query: QueryDict, language: Language) -> list[Chip]:
    """The filters at work, each with the address without it."""
    wanted, made = read_filters(query), list[Chip]()
    for name, words in NAMES.items():
        value = getattr(wanted, name)
        if value in (None, "", False):
            continue
        rest = query.copy()
        for each in (name, *PAGING):
            rest.pop(each, None)
        made.append(Chip(pick(words, language), _said(name, value, language), f"?{rest.urlencode()}"))
    return made


def _said(name: str, value: object, language: Language) -> str:
    if name == "state":
        return pick(STATES[str(value)], language)
    if name == "urgency" and isinstance(value, int):
        return Urgency(value).label(language)
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return pick(("có", "yes"), language) if value is True else str(value)
