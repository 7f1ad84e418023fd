"""Registering incoming documents (đăng ký văn bản đến): one number of the yearly series, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection

from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.base.text import nfc
from lienthong.office.errors import FIELDS_WRONG, NOT_YOURS, SECRET_NOT_ALLOWED, STEP_NOT_POSSIBLE
from lienthong.office.models import Arrival, Document, Register, StoredFile
from lienthong.office.services.indexing import words_of, write_words
from lienthong.office.services.numbering import enter, incoming_register, next_number
from lienthong.office.services.telling import tell_of_arrival
from lienthong.office.services.webhooks import tell_programs
from lienthong.office.states import ArrivalState, Direction, Incoming, Source
from lienthong.vocabulary.status import StatusCode
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.site.duties import Duty


@dataclass(frozen=True, slots=True)
class IncomingFields:
    """The fields of an incoming document (D30 Appendix VI Part II table II) as the registrar confirms them."""

    kind: str
    number: str
    symbol: str
    issued_date: date | None
    issuer_name: str
    abstract: str
    issuer_code: str = ""
    signer_position: str = ""
    signer_name: str = ""
    urgency: int = 0
    secret: bool = False
    pages: int | None = None
    language: str = "Tiếng Việt"
    due_date: date | None = None
    to_places: str = ""
    note: str = ""
    paper: bool = False
    identifier: str = ""


def check(fields: IncomingFields, today: date) -> None:
    """Refuses FIELDS_WRONG with one problem for each field, SECRET_NOT_ALLOWED."""
    if fields.secret:
        raise Refused(SECRET_NOT_ALLOWED)
    problems = [
        Problem(ProblemKind.REQUIRED, name, vi, en)
        for name, given, vi, en in (
            ("kind", fields.kind, "Chọn loại văn bản.", "Choose the kind."),
            ("issuer_name", fields.issuer_name, "Nhập cơ quan ban hành.", "Enter the issuer."),
            ("abstract", fields.abstract, "Nhập trích yếu.", "Enter the abstract."),
        )
        if not given.strip()
    ]
    if fields.issued_date is not None and fields.issued_date > today:
        problems.append(Problem(ProblemKind.RANGE, "issued_date", "Ngày văn bản ở tương lai.", "It is in the future."))
    if fields.due_date is not None and fields.due_date < today:
        problems.append(Problem(ProblemKind.RANGE, "due_date", "Hạn xử lý đã qua.", "The deadline has passed."))
    problems += [
        Problem(ProblemKind.RANGE, name, f"Dài quá {most} ký tự.", f"Longer than {most} characters.")
        for name, given, most in (
            ("number", fields.number, 11), ("symbol", fields.symbol, 60), ("issuer_name", fields.issuer_name, 200),
            ("abstract", fields.abstract, 500), ("signer_name", fields.signer_name, 50), ("note", fields.note, 500),
            ("signer_position", fields.signer_position, 100), ("to_places", fields.to_places, 1000),
            ("language", fields.language, 30), ("kind", fields.kind, 100),
        )
        if len(nfc(given).strip()) > most
    ]  # fmt: skip
    if fields.pages is not None and not 1 <= fields.pages <= 100_000:
        problems.append(Problem(ProblemKind.RANGE, "pages", "Số trang từ 1 đến 100.000.", "Pages: 1 to 100,000."))
    if problems:
        raise Refused(FIELDS_WRONG, tuple(problems), count=len(problems))


def register(visit: Visit, arrival: Arrival, fields: IncomingFields) -> Document:
    """Register what came in: a number of the year's series, the document with its files, status 03 to the issuer.

    Idempotent per arrival: a second call gives the first document. Refuses FIELDS_WRONG, SECRET_NOT_ALLOWED,
    STEP_NOT_POSSIBLE (returned or recalled already), REGISTER_CLOSED. Source: D30 art. 22.
    """
    check(fields, visit.today)
    locked = Arrival.objects.select_for_update().get(pk=arrival.pk)
    if locked.state == ArrivalState.REGISTERED.value and locked.document is not None:
        return locked.document
    if not visit.who.may(Duty.REGISTRAR):
        raise Refused(NOT_YOURS, reason_vi="chỉ văn thư đăng ký văn bản đến", reason_en="only the registrar registers")
    # What the registrar himself brought in he may register before the machine has read it.
    own = locked.source != Source.AXIS.value and locked.state == ArrivalState.CHECKING.value
    if locked.state != ArrivalState.WAITING.value and not own:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="văn bản không còn chờ tiếp nhận", reason_en="it no longer waits")
    book = incoming_register(locked.agency_id, visit.today)
    document = _document(visit, locked, book, fields)
    made = words_of(document, text_of(locked))
    # Whatever needs no number comes before it: until the end of the transaction the register is locked for all others.
    document.pk = _reserved_key()
    StoredFile.objects.filter(arrival=locked).update(document_id=document.pk)
    locked.state, locked.document_id = ArrivalState.REGISTERED.value, document.pk
    locked.ended_at, locked.ended_by = visit.now, visit.who.account
    locked.save(update_fields=["state", "document", "ended_at", "ended_by"])
    tell_of_arrival(visit, locked, StatusCode.ACCEPTED, document=document)
    tell_programs(visit, "document.registered", document)
    document.arrival_number = number = next_number(book)
    document.save(force_insert=True)
    enter(visit, book, number, document)
    write_words(document, made)
    visit.note("document.registered", f"document:{document.pk}", number=number, register=document.register_id)
    return document


def _reserved_key() -> int:
    """The key of a document that is not written yet; what refers to it is checked when the transaction ends.

    Of documents registered in the same second the keys may stand in another order than the numbers.
    """
    with connection.cursor() as cursor:
        cursor.execute("select nextval(pg_get_serial_sequence('office_document', 'id'))")
        return int(cursor.fetchone()[0])


def _document(visit: Visit, arrival: Arrival, book: Register, fields: IncomingFields) -> Document:
    return Document(
        agency_id=arrival.agency_id, direction=Direction.INCOMING.value, state=Incoming.REGISTERED.value,
        register=book, year=visit.today.year, arrival_date=visit.today,
        number=nfc(fields.number).strip()[:11], symbol=nfc(fields.symbol).strip()[:60], kind=fields.kind,
        issued_date=fields.issued_date, issuer_name=nfc(fields.issuer_name).strip()[:200],
        issuer_code=fields.issuer_code or arrival.sender_code, abstract=" ".join(nfc(fields.abstract).split())[:500],
        language=fields.language, pages=fields.pages, note=fields.note[:500],
        signer_position=fields.signer_position[:100], signer_name=fields.signer_name[:50], urgency=fields.urgency,
        due_date=fields.due_date, identifier=fields.identifier or arrival.identifier, source=arrival.source,
        received_at=arrival.received_at, to_places=fields.to_places[:1000], paper=fields.paper, created_at=visit.now,
        created_by=visit.who.account,
    )  # fmt: skip


def text_of(arrival: Arrival) -> str:
    """Text of the files of an arrival, as far as it has been read; pages are separated by form feeds."""
    return str(arrival.fields.get("text", ""))


def send_back(visit: Visit, arrival: Arrival, reason: str) -> None:
    """Return something to its sender with the reason (status 02). Refuses STEP_NOT_POSSIBLE. Source: D30 art. 21.2."""
    text = " ".join(reason.split())
    if not visit.who.may(Duty.REGISTRAR):
        raise Refused(NOT_YOURS, reason_vi="chỉ văn thư trả lại văn bản", reason_en="only the registrar returns it")
    if not text:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="trả lại phải có lý do", reason_en="returning needs a reason")
    locked = Arrival.objects.select_for_update().get(pk=arrival.pk)
    if locked.state == ArrivalState.RETURNED.value:
        return
    if locked.state != ArrivalState.WAITING.value:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="văn bản không còn chờ tiếp nhận", reason_en="it no longer waits")
    locked.state, locked.reason = ArrivalState.RETURNED.value, text[:500]
    locked.ended_at, locked.ended_by = visit.now, visit.who.account
    locked.save(update_fields=["state", "reason", "ended_at", "ended_by"])
    tell_of_arrival(visit, locked, StatusCode.REFUSED, text)
    visit.note("arrival.returned", f"arrival:{locked.pk}", reason=text[:200])
