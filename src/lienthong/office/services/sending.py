"""Issuing and following (phát hành, theo dõi gửi): who gets a document, over which channel, and what is known of it.

What goes over the axis is a message written in the same transaction; the worker hands it to the courier. D30 art. 18;
Decision 28/2018/QĐ-TTg art. 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import F

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.base.text import nfc, one_line
from lienthong.office.deadlines import calendar_of
from lienthong.office.errors import NOT_YOURS, impossible
from lienthong.office.incoming_words import pick
from lienthong.office.models import Delivery, Document, Message
from lienthong.office.notice_words import Said
from lienthong.office.outgoing_words import DELIVERIES
from lienthong.office.services.draft_content import DraftFields
from lienthong.office.services.drafting import ATTACHMENT, MAIN, lock, tell_drafter
from lienthong.office.services.issuing import is_sealed
from lienthong.office.services.storing import current
from lienthong.office.services.webhooks import tell_programs
from lienthong.office.states import Channel, DeliveryState, Outgoing
from lienthong.vocabulary.deadline import SendingDeadline, Timeliness, sending_deadline
from lienthong.vocabulary.status import StatusCode
from lienthong.vocabulary.urgency import Urgency
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.site.configure import site
from lienthong.webkit.site.duties import Duty

MOST_COVERS = 999
"""Envelopes of one posting to one recipient."""

UNSENT = (DeliveryState.PLANNED.value, DeliveryState.SENDING.value)
ENDED_BADLY = (DeliveryState.REFUSED.value, DeliveryState.FAILED.value)


@dataclass(frozen=True, slots=True)
class Standing:
    """One recipient on the board: what to say of it and why, whether that is good, how it stands to the deadline."""

    delivery: Delivery
    words: str
    tone: str
    late: bool
    minutes: int
    reason: str = ""


def issue(visit: Visit, document: int) -> Document:
    """Issue a sealed document to its recipients. Idempotent. States: numbered -> issued.

    Refuses STEP_NOT_POSSIBLE when it is not sealed or has no recipient, NOT_YOURS. Source: D30 art. 18.
    """
    found = lock(visit, document)
    require_registrar(visit)
    if found.state == Outgoing.ISSUED.value:
        return found
    if found.state != Outgoing.NUMBERED.value or not is_sealed(found):
        raise impossible("văn bản chưa có số và chữ ký số của cơ quan", "it lacks number and seal")
    recipients = DraftFields.from_json(found.content).recipients
    if not recipients:
        raise impossible("chưa có nơi nhận", "there is no recipient")
    limits = deadline_of(visit, found)
    Delivery.objects.bulk_create(
        Delivery(
            agency=visit.agency, document=found, code=each.code, name=each.name[:300], channel=each.channel,
            address=each.address[:300], state=_first_state(each.channel), due_at=limits.due_at if limits else None,
            next_at=visit.now if each.channel == Channel.EMAIL.value and mails() else None,
        )
        for each in dict.fromkeys(recipients)
    )  # fmt: skip
    found.state, found.issued_at, found.revision = Outgoing.ISSUED.value, visit.now, found.revision + 1
    found.save(update_fields=["state", "issued_at", "revision"])
    codes = [each.code for each in dict.fromkeys(recipients) if each.channel == Channel.AXIS.value]
    if codes:
        _write_message(visit, found, f"document-{found.pk}", codes)
    tell_drafter(visit, found, Said.DRAFT_ISSUED, number=found.number_and_symbol)
    visit.note("document.issued", f"document:{found.pk}", recipients=len(recipients), axis=len(codes))
    tell_programs(visit, "document.issued", found)
    return found


def _first_state(channel: str) -> str:
    return str((DeliveryState.SENDING if channel == Channel.AXIS.value else DeliveryState.PLANNED).value)


def resend(visit: Visit, document: int) -> int:
    """Send again to the recipients whose delivery failed or was refused; how many. A second click sends nothing.
    Letters too, where the worker sends them.

    What is known of the first delivery ends with it; that it was sent in time stays. Its statuses stay in the history.
    """
    found = lock(visit, document)
    require_registrar(visit)
    if found.state != Outgoing.ISSUED.value:
        raise impossible("văn bản chưa phát hành hoặc đã thu hồi", "it is not issued, or was recalled")
    failed = list(Delivery.objects.filter(document=found, channel=Channel.AXIS.value, state__in=ENDED_BADLY))
    letters = _mail_again(visit, found)
    if not failed:
        return letters
    times = Message.objects.filter(document=found, key__startswith=f"document-{found.pk}-").count()
    _write_message(visit, found, f"document-{found.pk}-{times + 1}", [each.code for each in failed])
    Delivery.objects.filter(pk__in=[each.pk for each in failed]).update(
        state=DeliveryState.SENDING.value, reason="", reason_en="", accepted_at=None, delivered_at=None,
        status=0, status_text="", status_at=None,
    )  # fmt: skip
    visit.note("document.resent", f"document:{found.pk}", to=[each.code for each in failed][:50])
    return len(failed) + letters


def _mail_again(visit: Visit, document: Document) -> int:
    if not mails():
        return 0
    rows = Delivery.objects.filter(document=document, channel=Channel.EMAIL.value, state__in=ENDED_BADLY)
    count = rows.update(state=DeliveryState.PLANNED.value, mailing=F("mailing") + 1, tries=0, next_at=visit.now,
                        reason="", reason_en="")  # fmt: skip
    if count:
        visit.note("document.mailed_again", f"document:{document.pk}", count=count)
    return count


def mark_sent(visit: Visit, delivery: int, day: date, covers: int = 1, taken_by: str = "") -> Delivery:
    """Note that a paper document or a letter went out on a day, not in the future. Refuses STEP_NOT_POSSIBLE.

    ``covers``: how many envelopes; ``taken_by``: who signed for them at the post. The postal register shows both.
    """
    require_registrar(visit)
    found = Delivery.objects.select_for_update().filter(pk=delivery, agency=visit.agency).first()
    if found is None or found.channel == Channel.AXIS.value:
        raise impossible("nơi nhận này không gửi giấy", "this recipient is not sent paper")
    if found.next_at is not None and mails():
        raise impossible("thư này do hệ thống gửi", "the system sends this letter")
    lock(visit, found.document_id)
    issued = found.document.issued_date
    if day > visit.today or (issued is not None and day < issued):
        raise impossible("ngày gửi không hợp lý", "the day cannot be right")
    if not 1 <= covers <= MOST_COVERS:
        raise impossible(f"số bì phải từ 1 đến {MOST_COVERS}", f"envelopes must be 1 to {MOST_COVERS}")
    found.sent_at = datetime.combine(day, time(12, 0), VIETNAM) if day < visit.today else visit.now
    found.state = DeliveryState.DELIVERED.value
    found.covers, found.taken_by, found.next_at = covers, one_line(nfc(taken_by), 100), None
    found.save(update_fields=["sent_at", "state", "covers", "taken_by", "next_at"])
    visit.note("delivery.marked", f"document:{found.document_id}", delivery=found.pk, day=day.isoformat())
    return found


def recall(visit: Visit, document: int, reason: str) -> Document:
    """Recall an issued document: it and its data are frozen, and recipients on the axis are asked to destroy it.

    Idempotent. States: issued -> recalled. Refuses STEP_NOT_POSSIBLE, NOT_YOURS. Source: D30 art. 18.5, Appendix VI
    function F8a.
    """
    found = lock(visit, document)
    require_registrar(visit)
    if found.state == Outgoing.RECALLED.value:
        return found
    text = " ".join(reason.split())
    if not text:
        raise impossible("thu hồi phải có lý do", "recalling needs a reason")
    if found.state != Outgoing.ISSUED.value:
        raise impossible("văn bản chưa phát hành", "it has not been issued")
    found.state, found.recalled_at, found.recall_reason = Outgoing.RECALLED.value, visit.now, text[:500]
    found.revision += 1
    found.save(update_fields=["state", "recalled_at", "recall_reason", "revision"])
    Delivery.objects.filter(document=found, next_at__isnull=False).update(next_at=None)
    codes = list(Delivery.objects.filter(document=found, channel=Channel.AXIS.value).values_list("code", flat=True))
    if codes:
        Message.objects.get_or_create(
            agency=visit.agency, key=f"recall-{found.pk}",
            defaults={"document": found, "kind": "recall", "members": {"to": codes, "reason": text[:500]},
                      "made_at": visit.now, "made_by": visit.who.account},
        )  # fmt: skip
    tell_drafter(visit, found, Said.DRAFT_RECALLED, number=found.number_and_symbol)
    visit.note("document.recalled", f"document:{found.pk}", reason=text[:200])
    tell_programs(visit, "document.recalled", found)
    return found


def deadline_of(visit: Visit, document: Document) -> SendingDeadline | None:
    """By when a signed document has to be sent; None while it is not signed."""
    if document.signed_at is None:
        return None
    return sending_deadline(document.signed_at, Urgency(document.urgency), calendar_of(visit.agency))


def standings(visit: Visit, deliveries: Sequence[Delivery]) -> list[Standing]:
    """Recipients as the board shows them, late and failed ones first, otherwise in the order that they came in."""
    found = [_standing(visit, each) for each in deliveries]
    return sorted(found, key=lambda each: (each.tone != "error", not each.late))


def _standing(visit: Visit, delivery: Delivery) -> Standing:
    words, tone = _words(visit, delivery)
    sent = delivery.sent_at or delivery.accepted_at
    until = sent or visit.now
    late = delivery.due_at is not None and until > delivery.due_at and tone != "error"
    begun = delivery.document.signed_at or delivery.document.issued_at or visit.now
    reason = delivery.reason_en or delivery.reason if visit.language == "en" else delivery.reason
    minutes = max(0, int((until - begun).total_seconds() // 60))
    return Standing(delivery, words, tone, late, minutes, reason or delivery.status_text)


def _words(visit: Visit, delivery: Delivery) -> tuple[str, str]:
    """The state in words: what the recipient reported counts more than what the axis knows."""
    if delivery.status and delivery.state != DeliveryState.RECALLED.value:
        code = StatusCode(f"{delivery.status:02d}")
        return code.label(visit.language), {"02": "error", "06": "done", "16": "error"}.get(code.value, "work")
    sent = delivery.channel != Channel.AXIS.value and delivery.state == DeliveryState.DELIVERED.value
    again = delivery.state == DeliveryState.PLANNED.value and delivery.tries > 0
    found = DELIVERIES["sent" if sent else "again" if again else delivery.state]
    return pick(found, visit.language), found[2]


def is_late(limits: SendingDeadline | None, at: datetime) -> bool:
    """Whether an unsent document is past its legal limit."""
    return limits is not None and limits.classify(at) is Timeliness.OVERDUE


def _write_message(visit: Visit, document: Document, key: str, codes: Sequence[str]) -> None:
    files = [*current(document, slot=0, role=MAIN), *current(document, role=ATTACHMENT)]
    members: dict[str, object] = {"to": list(codes), "files": [each.pk for each in files]}
    kind = "document"
    if document.replaces is not None and document.replaces.identifier:
        kind, members["replaces"] = "replacement", document.replaces.identifier
    Message.objects.get_or_create(
        agency=visit.agency, key=key,
        defaults={"document": document, "kind": kind, "members": members, "made_at": visit.now,
                  "made_by": visit.who.account},
    )  # fmt: skip


def mails() -> bool:
    """Whether this installation has a mail server, so that the worker sends letters; otherwise people do."""
    return bool(site().context.get("mails"))


def require_registrar(visit: Visit) -> None:
    if not visit.who.may(Duty.REGISTRAR):
        raise Refused(NOT_YOURS, reason_vi="chỉ văn thư phát hành", reason_en="only registrars issue documents")
