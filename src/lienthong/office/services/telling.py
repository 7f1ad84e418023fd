"""Statuses that go back to the issuer, and notices to people: written with what they tell, sent afterwards."""

from __future__ import annotations

from collections.abc import Iterable

from lienthong.office.models import Arrival, Document, Message, Notice, StatusEvent
from lienthong.office.notice_words import Sentence
from lienthong.office.services.push_queue import queue_pushes
from lienthong.office.states import NoticeKind, Source
from lienthong.vocabulary.status import StatusCode
from lienthong.webkit.door.visit import Visit


def tell_issuer(visit: Visit, document: Document, code: StatusCode, text: str = "") -> None:
    """Report a business status of a document that came over the axis; nothing for others. Each code goes once."""
    arrival = Arrival.objects.filter(document=document).first()
    if arrival is not None:
        tell_of_arrival(visit, arrival, code, text, document)


def tell_of_arrival(
    visit: Visit, arrival: Arrival, code: StatusCode, text: str = "", document: Document | None = None
) -> None:
    """The same before there is a document: arrived (01), refused (02)."""
    if arrival.source != Source.AXIS.value:
        return
    by = visit.person.account if visit.person else None
    members = {"received": arrival.reference, "code": int(code.value), "text": text[:500],
               "unit": visit.person.capacities[0].unit_name if visit.person and visit.person.capacities else "",
               "person": by.full_name if by else ""}  # fmt: skip
    _, new = Message.objects.get_or_create(
        agency_id=arrival.agency_id, key=f"status-{arrival.pk}-{code.value}",
        defaults={"document": document, "kind": "status", "members": members, "made_at": visit.now, "made_by": by},
    )  # fmt: skip
    if new:
        StatusEvent.objects.create(
            agency_id=arrival.agency_id, document=document, outward=True, code=int(code.value),
            party=arrival.sender_code, text=text[:500], at=visit.now,
        )  # fmt: skip


def notify(visit: Visit, accounts: Iterable[int], kind: NoticeKind, said: Sentence, where: str) -> None:
    """A notice to each of these people, but not to whoever caused it. Each reads it in his language; where he wants
    it, it is pushed to him."""
    me = visit.person.account.pk if visit.person else None
    same = {"key": said.said.value, "members": dict(said.values), "text": said.text("vi")}
    made = Notice.objects.bulk_create(
        Notice(agency_id=visit.agency.pk, account_id=each, kind=kind.value, where=where, at=visit.now, **same)
        for each in dict.fromkeys(accounts)
        if each != me
    )
    queue_pushes(visit, made)
