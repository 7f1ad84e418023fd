"""Documents by e-mail (gửi thư điện tử): recipients whose way it is get the issued files from the worker.

Before a letter leaves, that it is about to is written down; afterwards, what the mail server said. A worker that dies
in between leaves a letter of which nobody knows whether it was taken: it goes again, under the same Message-ID, by
which servers and mail programs know it for one letter. What is a state secret is not in this system at all: the
database refuses it. Source: D30 art. 18.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from django.db import transaction
from django.db.models import F, QuerySet

from lienthong.base.errors import Refused, Retry
from lienthong.base.ids import Sha256
from lienthong.base.text import nfc, one_line
from lienthong.infra.steps import reached
from lienthong.office.errors import impossible
from lienthong.office.models import Delivery, StoredFile
from lienthong.office.notice_words import Said, both, sentence
from lienthong.office.ports import OutgoingFile
from lienthong.office.services.draft_content import is_mail_address
from lienthong.office.services.drafting import ATTACHMENT, MAIN, lock
from lienthong.office.services.examining import registrars
from lienthong.office.services.sending import ENDED_BADLY, mails, require_registrar
from lienthong.office.services.storing import current, store
from lienthong.office.services.telling import notify
from lienthong.office.states import Channel, DeliveryState, NoticeKind, Outgoing
from lienthong.webkit.door.visit import Visit

PAUSES = tuple(timedelta(minutes=each) for each in (5, 15, 60, 240, 720, 1440))
"""Before the second try, the third, and so on; after the last one a person has to see to it."""

LEASE = timedelta(minutes=15)
"""After which a letter that was begun and not ended is begun again: its worker died."""

LARGEST = 18_000_000
"""Bytes of the files of one letter; as they travel they are a third more, and most servers take 25 MB."""

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class DocumentLetter:
    """A letter with an issued document. ``id``: the part of its Message-ID before the at sign; the same for ever."""

    id: str
    sender: str
    to: str
    subject: str
    text: str
    files: tuple[OutgoingFile, ...]


class Mailer(Protocol):
    """Sends one letter; False: the server takes none for this address now. Refuses for now when the server is away, and
    permanently when it takes no letter for this address, or not this letter."""

    def __call__(self, letter: DocumentLetter) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Outcome:
    state: DeliveryState
    vi: str = ""
    en: str = ""
    away: bool = False


def mail_documents(visit: Visit, send: Mailer) -> int:
    """Send the letters of one agency that are due; how many the server took. One that it does not take holds up no
    other; a server that is away ends the round."""
    count = 0
    for number in list(_due(visit).order_by("next_at", "pk").values_list("pk", flat=True)[:AT_ONCE]):
        row = _begin(visit, number)
        if row is None:
            continue
        reached("office.letter_begun")
        outcome = _handed(row, send)
        reached("office.letter_handed")
        _end(visit, row, outcome)
        count += outcome.state is DeliveryState.DELIVERED
        if outcome.away:
            break
    return count


def _due(visit: Visit) -> QuerySet[Delivery]:
    return Delivery.objects.filter(
        agency=visit.agency, channel=Channel.EMAIL.value, next_at__lte=visit.now,
        document__state=Outgoing.ISSUED.value,
    )  # fmt: skip


def _begin(visit: Visit, number: int) -> Delivery | None:
    """Write down that this letter is being handed over; None when somebody else has it, or nobody has to."""
    with transaction.atomic():
        rows = _due(visit).select_for_update(of=("self",), skip_locked=True).filter(pk=number)
        row = rows.select_related("document__agency").first()
        if row is None:
            return None
        row.state, row.tries, row.next_at = DeliveryState.SENDING.value, row.tries + 1, visit.now + LEASE
        row.save(update_fields=["state", "tries", "next_at"])
        visit.note(
            "delivery.mailing", f"document:{row.document_id}", delivery=row.pk, letter=letter_id(row), attempt=row.tries
        )
        visit.write_entries()
    return row


def _handed(row: Delivery, send: Mailer) -> _Outcome:
    files = files_of(row)
    size = sum(each.size for each in files)
    if size > LARGEST:
        return _Outcome(
            DeliveryState.FAILED, f"Tệp quá lớn để gửi thư ({size // 1_000_000} MB), cần gửi cách khác.",
            f"The files are too large for a letter ({size // 1_000_000} MB); send them another way.",
        )  # fmt: skip
    try:
        taken = send(letter_of(row, files))
    except Refused as refused:
        said = refused.sentence("vi"), refused.sentence("en")
        if refused.code.retry is Retry.PERMANENT:
            return _Outcome(DeliveryState.REFUSED, *said)
        return _later(row, *said, away=True)
    if taken:
        return _Outcome(DeliveryState.DELIVERED)
    return _later(row, "Máy chủ thư tạm thời chưa nhận thư cho địa chỉ này.", "The mail server does not take it now.")


def _later(row: Delivery, vi: str, en: str, *, away: bool = False) -> _Outcome:
    state = DeliveryState.PLANNED if row.tries <= len(PAUSES) else DeliveryState.FAILED
    return _Outcome(state, vi, en, away)


def _end(visit: Visit, begun: Delivery, outcome: _Outcome) -> None:
    """Write down what became of it, unless a person has changed the matter meanwhile."""
    with transaction.atomic():
        rows = Delivery.objects.select_for_update().filter(
            pk=begun.pk, mailing=begun.mailing, tries=begun.tries, state=DeliveryState.SENDING.value
        )
        row = rows.first()
        if row is None:
            return
        row.state, row.reason, row.reason_en = outcome.state.value, outcome.vi, outcome.en
        again = outcome.state is DeliveryState.PLANNED
        row.next_at = visit.now + PAUSES[row.tries - 1] if again else None
        row.sent_at = visit.now if outcome.state is DeliveryState.DELIVERED else row.sent_at
        row.save(update_fields=["state", "reason", "reason_en", "next_at", "sent_at"])
        visit.note("delivery.mailed", f"document:{row.document_id}", delivery=row.pk, letter=letter_id(row),
                   state=row.state, reason=outcome.en)  # fmt: skip
        if row.state in ENDED_BADLY:
            _tell(visit, row)
        visit.write_entries()


def _tell(visit: Visit, row: Delivery) -> None:
    document = row.document
    people = [*([document.drafter_id] if document.drafter_id else []), *registrars(visit)]
    said = sentence(Said.RECIPIENT_FAILED, document=str(document), name=row.name, why=both(row.reason, row.reason_en))
    notify(visit, people, NoticeKind.SENDING, said, f"/documents/{document.pk}")


# --- what a letter says -----------------------------------------------------------------------------------------------


def letter_id(row: Delivery) -> str:
    """The part of the Message-ID before the at sign: one for each letter to a recipient, however often it is tried."""
    return f"document-{row.document_id}.{row.pk}.{row.mailing}"


def files_of(row: Delivery) -> list[StoredFile]:
    """The sealed document and its attachments."""
    document = row.document
    return [*current(document, slot=0, role=MAIN), *current(document, role=ATTACHMENT)]


def letter_of(row: Delivery, files: Sequence[StoredFile]) -> DocumentLetter:
    """The letter in the form of a short cover note; the document itself is in the files."""
    document, agency = row.document, row.document.agency
    day = f"{document.issued_date:%d/%m/%Y}" if document.issued_date else ""
    lines = [
        f"Kính gửi: {row.name}",
        "",
        f"{agency.name} gửi {document.kind} số {document.number_and_symbol} ngày {day}: {document.abstract}",
        "",
        "Tệp kèm theo:",
        *(f"- {each.name}" for each in files),
        "",
        "Văn bản có chữ ký số; bản gốc là tệp kèm theo thư này.",
        "The attached file is the signed original.",
        "",
    ]
    sent = [OutgoingFile(each.name, Path(store().path(Sha256(bytes(each.sha256)))), each.media_type) for each in files]
    return DocumentLetter(
        letter_id(row), one_line(agency.name, 200), row.address,
        one_line(f"{document.number_and_symbol}: {document.abstract}", 200), "\n".join(lines),
        tuple(sent),
    )  # fmt: skip


# --- what people do about it ------------------------------------------------------------------------------------------


def note_bounced(visit: Visit, delivery: int, reason: str) -> Delivery:
    """Note that a letter that was taken came back (thư bị trả lại). Again: no change. Refuses STEP_NOT_POSSIBLE."""
    row = _own(visit, delivery)
    if row.state == DeliveryState.FAILED.value:
        return row
    text = one_line(nfc(reason), 200)
    if row.state != DeliveryState.DELIVERED.value or not text:
        raise impossible("chỉ thư đã gửi mới bị trả lại, và phải ghi lý do", "only a sent letter bounces, and say why")
    row.state, row.reason, row.reason_en = DeliveryState.FAILED.value, f"Thư bị trả lại: {text}", f"Bounced: {text}"
    row.save(update_fields=["state", "reason", "reason_en"])
    visit.note("delivery.bounced", f"document:{row.document_id}", delivery=row.pk, letter=letter_id(row), reason=text)
    return row


def mail_again(visit: Visit, delivery: int, address: str) -> Delivery:
    """Send a new letter, to a corrected address, where the last one ended badly. Refuses STEP_NOT_POSSIBLE."""
    row, to = _own(visit, delivery), address.strip()
    if not mails():
        raise impossible("hệ thống chưa nối máy chủ thư", "there is no mail server")
    if not is_mail_address(to):
        raise impossible("địa chỉ thư không đúng", "the mail address is wrong")
    if row.state not in ENDED_BADLY:
        raise impossible("thư đang gửi hoặc đã gửi", "the letter is under way or was sent")
    Delivery.objects.filter(pk=row.pk).update(
        address=to, state=DeliveryState.PLANNED.value, mailing=F("mailing") + 1, tries=0, next_at=visit.now, reason="",
        reason_en="",
    )  # fmt: skip
    visit.note("delivery.mailed_again", f"document:{row.document_id}", delivery=row.pk, address=to)
    row.refresh_from_db()
    return row


def _own(visit: Visit, delivery: int) -> Delivery:
    require_registrar(visit)
    row = Delivery.objects.select_for_update().filter(
        pk=delivery, agency=visit.agency, channel=Channel.EMAIL.value
    ).first()  # fmt: skip
    if row is None:
        raise impossible("nơi nhận này không gửi thư", "this recipient gets no letter")
    if lock(visit, row.document_id).state != Outgoing.ISSUED.value:
        raise impossible("văn bản chưa phát hành hoặc đã thu hồi", "it is not issued, or was recalled")
    return row
