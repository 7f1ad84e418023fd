"""Who may read a document, as a set in SQL: the same condition filters lists, searches, pages and downloads."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from lienthong.base.errors import Refused
from lienthong.office.models import Document, DossierReader, Reader
from lienthong.webkit.door.visit import Person, Visit
from lienthong.webkit.site.duties import WHOLE_AGENCY, Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

EVERYBODY = 0
"""The principal that stands for everybody in the agency."""


def principals(person: Person) -> list[int]:
    """As whom a person reads: himself, whom he stands for, his units, everybody."""
    return [*person.stands_for, *(-unit for unit in person.units), EVERYBODY]


def readable(visit: Visit) -> QuerySet[Document]:
    """The documents that somebody may read: all of the agency, or those that were opened to him.

    Registrars, the office chief and leaders read all; administrators and auditors none by that duty alone. Others read
    what they drafted, what was routed to them or their unit, and what lies in a dossier that they may read.
    """
    person, all_ = visit.who, Document.objects.filter(agency=visit.agency)
    if person.may(*WHOLE_AGENCY, Duty.ARCHIVIST, Duty.FOLLOW_UP):
        return all_
    mine = principals(person)
    # One condition each that an index answers; the union is made by PostgreSQL, never in Python.
    opened = Reader.objects.filter(document=OuterRef("pk"), principal__in=mine)
    filed = DossierReader.objects.filter(
        Q(until__isnull=True) | Q(until__gte=visit.today), dossier__entries__document=OuterRef("pk"),
        principal__in=mine, confirmed_at__isnull=False,
    )  # fmt: skip
    return all_.filter(Q(Exists(opened)) | Q(drafter__in=person.stands_for) | Q(Exists(filed)))


def find(visit: Visit, document: int) -> Document:
    """One document that somebody may read. Refuses NOT_FOUND_HERE, whether it does not exist or is not his."""
    found = readable(visit).filter(pk=document).select_related("register", "unit", "drafter", "approver").first()
    if found is None:
        raise Refused(NOT_FOUND_HERE)
    return found


def open_to(visit: Visit, document: Document, principals_: Iterable[int], why: str) -> None:
    """Let people or units (negated ids) read a document from now on."""
    Reader.objects.bulk_create(
        (
            Reader(agency_id=document.agency_id, document=document, principal=each, why=why[:40], since=visit.now)
            for each in dict.fromkeys(principals_)
        ),
        ignore_conflicts=True,
    )


def why_readable(visit: Visit, document: Document) -> list[tuple[str, str]]:
    """Why somebody can read this document, as sentences in Vietnamese and English."""
    person, reasons = visit.who, list[tuple[str, str]]()
    for each in person.capacities:
        if each.duty in (*WHOLE_AGENCY, Duty.ARCHIVIST, Duty.FOLLOW_UP):
            reasons.append((f"{each.duty.vi} được xem mọi văn bản của cơ quan.",
                            f"As {each.duty.en.lower()} you may read every document of the agency."))  # fmt: skip
    if document.drafter_id in person.stands_for:
        reasons.append(("Anh/chị là người soạn thảo.", "You drafted it."))
    for found in Reader.objects.filter(document=document, principal__in=principals(person)):
        reasons.append((f"Được giao, chuyển từ {found.since:%d/%m/%Y} ({found.why}).",
                        f"It was given to you on {found.since:%d/%m/%Y} ({found.why})."))  # fmt: skip
    return list(dict.fromkeys(reasons))
