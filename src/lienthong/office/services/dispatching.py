"""Messages on their way out: handed to the courier in order, followed until every recipient is known (D30 art. 18).

Each step may die anywhere and be done again: a message keeps its key, under which the courier knows its job for ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.db import transaction

from lienthong.base.errors import Refused, Retry
from lienthong.infra import telemetry
from lienthong.infra.steps import reached
from lienthong.office.errors import impossible
from lienthong.office.models import Delivery, Document, Message, StoredFile
from lienthong.office.notice_words import Said, Value, both, sentence
from lienthong.office.ports import (
    Answered,
    Carrier,
    JobFacts,
    Letter,
    OutgoingFile,
    RecipientFacts,
    Request,
    SendLetter,
    SendRecall,
    SendStatus,
)
from lienthong.office.services.examining import registrars
from lienthong.office.services.storing import current, store
from lienthong.office.services.telling import notify
from lienthong.office.states import Channel, DeliveryState, NoticeKind
from lienthong.webkit.door.visit import Visit

AT_ONCE = 100
DELIVERING = ("document", "replacement")
"""Kinds of messages whose own hand-over is that of the document; they are written anew when a delivery failed."""

_STATES = {
    "delivered": DeliveryState.DELIVERED, "refused": DeliveryState.REFUSED, "expired": DeliveryState.FAILED,
    "recalled": DeliveryState.RECALLED,
}  # fmt: skip
"""The end of a hand-over; before it the axis has accepted it and nothing more is known."""

_ENDS = {
    "refused": ("Nơi nhận từ chối nhận gói tin.", "The recipient refused the packet."),
    "expired": ("Quá hạn giao mà nơi nhận chưa nhận.", "It was not fetched in time."),
}


def hand_over(visit: Visit, carrier: Carrier) -> int:
    """Hand what waits to the courier, in the order in which it was written; how many were handed or refused.

    A message that the courier refuses for good is refused here, with its reason, and holds up no other. Raises what is
    refused only for now; then the rest waits.
    """
    waiting = Message.objects.filter(agency=visit.agency, state="waiting").select_related("document").order_by("pk")
    count = 0
    for message in waiting[:AT_ONCE]:
        try:
            job = carrier.find(visit.agency.code, message.key)
            if job is None:
                job = carrier.submit(visit.agency.code, request_of(message), message.key)
        except Refused as refused:
            if refused.code.retry is not Retry.PERMANENT:
                raise
            with transaction.atomic():
                _refuse(visit, message, refused.sentence("vi"), refused.sentence("en"))
                visit.write_entries()
        else:
            reached("office.submitted")
            with transaction.atomic():
                _handed(visit, message, job)
                visit.write_entries()
            reached("office.handed")
        count += 1
    return count


def _handed(visit: Visit, message: Message, job: JobFacts) -> None:
    Message.objects.filter(pk=message.pk, state="waiting").update(state="handed", job=job.id[:64])
    document = message.document
    if document is None or message.kind not in DELIVERING:
        return
    if not document.identifier:
        Document.objects.filter(pk=document.pk, identifier="").update(identifier=job.identifier[:255])
    to = message.members.get("to") or []
    Delivery.objects.filter(document=document, code__in=to, state=DeliveryState.PLANNED.value).update(
        state=DeliveryState.SENDING.value
    )


# --- from rows to requests --------------------------------------------------------------------------------------------


def request_of(message: Message) -> Request:
    """What the courier is asked for. ``members`` of a message by its kind:

    ``document``: ``to``, ``files`` (ids). ``replacement``: also ``replaces`` (identifier), ``reason``. ``recall``:
    ``to``, ``reason``. ``status``: ``received``, ``code``, ``text``. Refuses STEP_NOT_POSSIBLE.
    """
    members, document = message.members, message.document
    if message.kind == "status":
        return SendStatus(str(members["received"]), int(members["code"]), _told(members))
    if document is None:
        raise impossible("tin gửi không có văn bản", "the message has no document")
    if message.kind == "recall":
        return SendRecall(_identifier(document), str(members.get("reason", "")), tuple(members.get("to", ())))
    letter = letter_of(document, _recipients(message), files_of(message))
    if message.kind == "replacement":
        reason = str(members.get("reason") or "Thay thế văn bản đã gửi")
        return SendLetter(letter, replaces=str(members["replaces"]), reason=reason)
    return SendLetter(letter)


def _told(members: dict[str, object]) -> str:
    """The text of a status, with who did it, as the issuer reads it."""
    text = str(members.get("text", "")).strip()
    who = ", ".join(str(each) for each in (members.get("person"), members.get("unit")) if each)
    return (f"{who}: {text}" if who and text else text or who)[:500]


def letter_of(document: Document, to: Iterable[str], files: Iterable[StoredFile]) -> Letter:
    """An issued document as its packet says it. Refuses STEP_NOT_POSSIBLE for what has no number, date or file."""
    sent = tuple(files)
    if not document.number_and_symbol or document.issued_date is None or not sent:
        raise impossible("văn bản chưa có số, ngày hoặc tệp", "it lacks number, date or file")
    return Letter(
        number=document.number_and_symbol, subject=document.abstract, to=tuple(to), issued_on=document.issued_date,
        kind=document.kind, place=document.agency.place, signer_name=document.signer_name,
        signer_position=document.signer_position, signer_competence=document.signer_capacity, urgency=document.urgency,
        due=document.due_date, to_places=places(document.to_places), pages=document.pages,
        identifier=document.identifier, answers=_answered(document),
        files=tuple(OutgoingFile(each.name, Path(store().path(bytes(each.sha256))), each.media_type) for each in sent),
    )  # fmt: skip


def places(text: str) -> tuple[str, ...]:
    """The lines of “Nơi nhận” from the one text in which they are kept."""
    parts = (each.strip(" -–.;") for each in text.replace("\n", ";").split(";"))
    return tuple(each for each in parts if each)


def _answered(document: Document) -> tuple[Answered, ...]:
    other = document.answers
    if other is None or not other.issuer_code:
        return ()
    return (Answered(other.issuer_code, other.number_and_symbol, other.identifier, other.issued_date),)


def _recipients(message: Message) -> tuple[str, ...]:
    """The recipients that the message names, else all that are reached over the axis."""
    named = tuple(str(each) for each in message.members.get("to", ()))
    if named:
        return named
    rows = Delivery.objects.filter(document=message.document_id, channel=Channel.AXIS.value).order_by("pk")
    found = tuple(dict.fromkeys(rows.values_list("code", flat=True)))
    if not found:
        raise impossible("không có nơi nhận qua trục", "no recipient is on the axis")
    return found


def files_of(message: Message) -> list[StoredFile]:
    """The files that travel: those that the message names, else the newest document and attachments."""
    document = message.document
    if document is None:
        return []
    named = message.members.get("files")
    if named:
        found = {each.pk: each for each in StoredFile.objects.filter(document=document, pk__in=named)}
        return [found[each] for each in named if each in found]
    return [each for each in current(document) if each.role in {"document", "attachment"}]


def _identifier(document: Document) -> str:
    if not document.identifier:
        raise impossible("văn bản chưa được gửi qua trục", "it was never sent over the axis")
    return document.identifier


# --- following --------------------------------------------------------------------------------------------------------


def follow(visit: Visit, job: JobFacts) -> None:
    """Write down how a job stands now; again changes nothing. In the transaction that is open."""
    message = Message.objects.select_for_update(of=("self",)).filter(agency=visit.agency, key=job.key).first()
    if message is None:
        return
    if job.state == "refused":
        _refuse(visit, message, job.reason_vi, job.reason_en)
        return
    if job.state == "sent" and message.state != "sent":
        message.state, message.job, message.ended_at = "sent", job.id[:64], job.finished_at or visit.now
        message.reason_vi = message.reason_en = ""
        message.save(update_fields=["state", "job", "ended_at", "reason_vi", "reason_en"])
    if message.kind in DELIVERING and job.state == "sent":
        _deliver(visit, message, job)


def _deliver(visit: Visit, message: Message, job: JobFacts) -> None:
    """The state of the recipients from what the axis says; what a person there has said stands above it.

    A number of queries that does not grow with the recipients: a notice may go to thousands.
    """
    told = {each.agency: each for each in job.recipients}
    overtaken = _sent_again(message) & told.keys()
    if overtaken:
        telemetry.info("office.old_job_ignored", agency=visit.agency.code, job=job.id, count=len(overtaken))
    rows = Delivery.objects.select_for_update().filter(
        document=message.document_id, code__in=told.keys() - overtaken, channel=Channel.AXIS.value
    ).order_by("pk")  # fmt: skip
    sent_at = job.finished_at or visit.now
    changed = [each for each in rows if _changed(each, told[each.code], sent_at, visit.now)]
    fields = ["state", "sent_at", "accepted_at", "delivered_at", "reason", "reason_en"]
    Delivery.objects.bulk_update(changed, fields, batch_size=500)
    failed = [each for each in changed if told[each.code].delivery in _ENDS]
    if failed and message.document is not None:
        why = both(*_ENDS[told[failed[0].code].delivery])
        said = Said.RECIPIENTS_FAILED if len(failed) > 1 else Said.RECIPIENT_FAILED
        _tell_of_failure(visit, message.document, said, name=failed[0].name, why=why, more=len(failed) - 1)


def _changed(row: Delivery, told: RecipientFacts, sent_at: datetime, now: datetime) -> bool:
    """Whether what the axis says of a recipient is news; then the row has it."""
    state = _STATES.get(told.delivery, DeliveryState.ACCEPTED)
    if row.state == state.value or row.state not in _MAY_BECOME[state] or row.status in {2, 15}:
        return False
    row.state = state.value
    row.sent_at, row.accepted_at = row.sent_at or sent_at, row.accepted_at or sent_at
    if state is DeliveryState.DELIVERED:
        row.delivered_at = told.at or now
    if told.delivery in _ENDS:
        row.reason, row.reason_en = _ENDS[told.delivery]
    return True


def _sent_again(message: Message) -> set[str]:
    """Recipients whose delivery is another message's by now: it was sent again to them after this one failed."""
    later = Message.objects.filter(document=message.document_id, kind__in=DELIVERING, pk__gt=message.pk)
    return {str(code) for members in later.values_list("members", flat=True) for code in members.get("to", ())}


_OPEN = {DeliveryState.PLANNED.value, DeliveryState.SENDING.value, DeliveryState.ACCEPTED.value}
_MAY_BECOME = {
    DeliveryState.ACCEPTED: {DeliveryState.PLANNED.value, DeliveryState.SENDING.value, DeliveryState.FAILED.value},
    DeliveryState.DELIVERED: _OPEN,
    DeliveryState.REFUSED: _OPEN,
    DeliveryState.FAILED: _OPEN,
    DeliveryState.RECALLED: {*_OPEN, DeliveryState.DELIVERED.value},
}
"""From which states a recipient comes to each."""


def _refuse(visit: Visit, message: Message, vi: str, en: str) -> None:
    """The message will not leave without a person: it says why, and people are told once."""
    changed = (
        Message.objects.filter(pk=message.pk)
        .exclude(state="refused")
        .update(state="refused", reason_vi=vi, reason_en=en, ended_at=visit.now)
    )
    if not changed:
        return
    visit.note("message.refused", f"message:{message.pk}", kind=message.kind, reason=en[:200])
    document = message.document
    if document is not None and message.kind in DELIVERING:
        unsent = Delivery.objects.filter(document=document, channel=Channel.AXIS.value)
        to = message.members.get("to")
        unsent = (unsent.filter(code__in=to) if to else unsent).exclude(code__in=_sent_again(message))
        unsent.filter(state__in=(DeliveryState.PLANNED.value, DeliveryState.SENDING.value)).update(
            state=DeliveryState.FAILED.value, reason=vi, reason_en=en
        )
    what, why = _KINDS.get(message.kind, message.kind), both(vi, en)
    if document is not None:
        _tell_of_failure(visit, document, Said.NOT_SENT_OF, what=what, why=why)
    else:
        notify(visit, registrars(visit), NoticeKind.SENDING, sentence(Said.NOT_SENT, what=what, why=why), "/receipts")


_KINDS = {
    "document": both("văn bản", "the document"), "status": both("trạng thái", "the status"),
    "recall": both("yêu cầu thu hồi", "the recall"), "replacement": both("văn bản thay thế", "the replacement"),
}  # fmt: skip


def _tell_of_failure(visit: Visit, document: Document, said: Said, **values: Value) -> None:
    people = [*([document.drafter_id] if document.drafter_id else []), *registrars(visit)]
    notify(
        visit, people, NoticeKind.SENDING, sentence(said, document=str(document), **values), f"/documents/{document.pk}"
    )
