"""What the courier brings is taken in: documents into the tray, statuses to their deliveries, recalls carried out.

The courier keeps everything; an item counts as taken when its transaction is committed, and may be offered again.
"""

from __future__ import annotations

from typing import Any

from lienthong.base.errors import Refused
from lienthong.office.errors import FILE_NOT_TAKEN
from lienthong.office.models import Arrival, Delivery, Document, Message, StatusEvent
from lienthong.office.notice_words import Said, both, sentence
from lienthong.office.ports import Item
from lienthong.office.services.arriving import Kept, arrive, left_out, take_file
from lienthong.office.services.examining import registrars
from lienthong.office.services.recalling import recall_arrival, recall_incoming
from lienthong.office.services.telling import notify
from lienthong.office.services.webhooks import tell_programs
from lienthong.office.states import ArrivalState, Channel, DeliveryState, Direction, NoticeKind, Source
from lienthong.vocabulary.status import StatusCode
from lienthong.webkit.door.visit import Visit


def take_document(visit: Visit, item: Item) -> Arrival:
    """A document or its replacement into the tray. Files that the office does not take are named and left out.

    The bytes are stored before the transaction's row names them. Refuses STORAGE_… for now.
    """
    files: list[tuple[Kept, str]] = []
    lacking: list[dict[str, str]] = []
    for each in item.files:
        with each.path.open("rb") as source:
            try:
                files.append(take_file(source, each.name))
            except Refused as refused:
                if refused.code is not FILE_NOT_TAKEN:
                    raise
                lacking.append(left_out(each.name, refused))
    fields: dict[str, Any] = {**item.fields, "packet": dict(item.packet)}
    if lacking:
        fields["left_out"] = lacking
    if item.kind != "document":
        fields |= {"business": item.kind, "reason": item.reason, "replaces": list(item.replaces)}
    return arrive(
        visit, visit.agency.pk, Source.AXIS, item.id, files, sender_code=item.sender, sender_name=item.sender_name,
        identifier=item.identifier, title=item.title, urgency=item.urgency, received_at=item.received_at, fields=fields,
    )  # fmt: skip


def take_status(visit: Visit, item: Item) -> None:
    """A business status that came back: into the history once, and into the delivery when it is the newest."""
    document = Document.objects.filter(
        agency=visit.agency, identifier=item.identifier, direction=Direction.OUTGOING.value
    ).first()
    if document is None:
        return
    at = item.at or item.received_at
    # The lock lets the same status, taken by two workers, be seen by the second one.
    rows = Delivery.objects.select_for_update().filter(
        document=document, code=item.sender, channel=Channel.AXIS.value
    ).order_by("pk")  # fmt: skip
    deliveries = list(rows)
    known = StatusEvent.objects.filter(document=document, outward=False, party=item.sender, code=item.code, at=at)
    if known.exists():
        return
    StatusEvent.objects.create(
        agency=visit.agency, document=document, outward=False, code=item.code, party=item.sender[:64],
        text=item.reason[:500], at=at,
    )  # fmt: skip
    for row in deliveries:
        if row.status_at is None or (at, item.code) >= (row.status_at, row.status):
            row.status, row.status_text, row.status_at = item.code, item.reason[:500], at
        _move(row, document, item)
        row.save()
    visit.note("status.received", f"document:{document.pk}", code=item.code, sender=item.sender)
    tell_programs(visit, "status.received", document, code=f"{item.code:02d}", sender=item.sender)
    _tell(visit, document, item)


def _move(row: Delivery, document: Document, item: Item) -> None:
    """What a status means for the hand-over: whoever reports anything has the document."""
    if item.code == int(StatusCode.REFUSED.value):
        row.state, row.reason, row.reason_en = DeliveryState.REFUSED.value, item.reason, ""
    elif item.code == int(StatusCode.CHANGE_AGREED.value) and _is_recalled(document, item.sender):
        row.state = DeliveryState.RECALLED.value
    elif row.state in {DeliveryState.PLANNED.value, DeliveryState.SENDING.value, DeliveryState.ACCEPTED.value}:
        row.state, row.delivered_at = DeliveryState.DELIVERED.value, row.delivered_at or item.received_at


def _is_recalled(document: Document, agency: str) -> bool:
    recalls = Message.objects.filter(document=document, kind="recall")
    return any(agency in (each.members.get("to") or [agency]) for each in recalls)


def _tell(visit: Visit, document: Document, item: Item) -> None:
    """People hear of what needs them: a refusal, a recall that is not followed; and of the end."""
    said = _SAID.get(item.code)
    if said is None:
        return
    people = [document.drafter_id] if document.drafter_id else []
    people += registrars(visit) if item.code != 6 else []
    name = item.sender_name or item.sender
    told = sentence(Said.STATUS, document=str(document), name=name, did=said)
    if item.reason:
        told = sentence(Said.STATUS_WHY, document=str(document), name=name, did=said, why=item.reason)
    notify(visit, people, NoticeKind.STATUS, told, f"/documents/{document.pk}")


_SAID = {
    2: both("từ chối tiếp nhận", "refused to receive it"),
    6: both("đã hoàn thành", "has finished with it"),
    15: both("đồng ý thu hồi, cập nhật", "agreed to the recall or update"),
    16: both("không đồng ý thu hồi, cập nhật", "did not agree to the recall or update"),
}  # fmt: skip


def take_recall(visit: Visit, item: Item) -> None:
    """The issuer takes a document back: what waits in the tray goes, what is registered follows the rules of recalls.

    Only the issuer's own documents: an identifier that somebody else sent is not touched. D28 art. 9.
    """
    arrivals = Arrival.objects.filter(
        agency=visit.agency, source=Source.AXIS.value, identifier=item.identifier, sender_code=item.sender
    ).select_related("document").order_by("pk")  # fmt: skip
    reason = item.reason or "Cơ quan ban hành thu hồi"
    for arrival in arrivals:
        if arrival.document is not None:
            recall_incoming(visit, arrival.document, reason)
            where = f"/documents/{arrival.document.pk}"
        elif arrival.state in {ArrivalState.CHECKING.value, ArrivalState.WAITING.value}:
            recall_arrival(visit, arrival, reason)
            where = f"/arrivals/{arrival.pk}"
        else:
            continue
        told = sentence(Said.RECALLED, title=item.title or item.identifier,
                     why=item.reason or both(reason, "The issuer recalled it."))  # fmt: skip
        notify(visit, registrars(visit), NoticeKind.RECALL, told, where)


def take_update(visit: Visit, item: Item) -> Arrival | None:
    """Changed recipients recall the document from those taken off; changed content comes into the tray as a new item,
    with the reason, and says which document it corrects."""
    if visit.agency.code in item.removed:
        take_recall(visit, item)
        return None
    return take_document(visit, item) if item.files else None


def take(visit: Visit, item: Item) -> Arrival | None:
    """Take one item in, whatever it is; the arrival when there is a new one to be examined. Again changes nothing."""
    if item.kind == "status":
        take_status(visit, item)
        return None
    if item.kind == "recall":
        take_recall(visit, item)
        return None
    if item.kind == "update":
        return take_update(visit, item)
    return take_document(visit, item)
