"""Recall by the issuer (thu hồi văn bản đã nhận): the copy is destroyed, what is known of the recall stays.

Source: D30 art. 18.5; Appendix VI functions F8b, F8c; Decision 28/2018/QĐ-TTg art. 9.
"""

from __future__ import annotations

from django.db import transaction

from lienthong.base.errors import Refused
from lienthong.office.errors import NOT_YOURS, STEP_NOT_POSSIBLE
from lienthong.office.models import Arrival, Document, DocumentText, DossierDocument, Opinion, Reader, StoredFile, Task
from lienthong.office.services import tasks
from lienthong.office.services.picturing import forget
from lienthong.office.services.settling import HANDLED, hold
from lienthong.office.services.telling import tell_issuer, tell_of_arrival
from lienthong.office.services.webhooks import tell_programs
from lienthong.office.states import LIVE, ArrivalState, Incoming, TaskState
from lienthong.vocabulary.status import StatusCode
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.site.duties import Duty


def recall_incoming(visit: Visit, document: Document, reason: str) -> Document:
    """Follow the issuer's recall: files and content go, number, symbol, issuer, digests, when and why stay; 15 is told.

    A document that was answered or lies in a closed dossier is kept, and 16 is told with the reason: its state does not
    change then. By the registrar, or the system (a visit without a person). Again: no change. Refuses NOT_YOURS,
    STEP_NOT_POSSIBLE.
    """
    if visit.person is not None and not visit.who.may(Duty.REGISTRAR):
        raise Refused(
            NOT_YOURS, reason_vi="chỉ văn thư thực hiện thu hồi", reason_en="only the registrar follows a recall"
        )
    words = " ".join(reason.split())
    if not words:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="thu hồi phải có lý do", reason_en="a recall needs a reason")
    held = hold(visit, document.pk)
    if held.state == Incoming.RECALLED.value:
        return held
    why_not = keeps(held)
    if why_not:
        tell_issuer(visit, held, StatusCode.CHANGE_REFUSED, why_not)
        visit.note("document.recall_refused", f"document:{held.pk}", reason=words[:200], why=why_not)
        return held
    _end_tasks(visit, held, words)
    digests = _destroy(list(StoredFile.objects.filter(document=held)))
    _destroy_words(held)
    held.state, held.recalled_at, held.recall_reason = Incoming.RECALLED.value, visit.now, words[:500]
    held.abstract, held.note, held.signer_name, held.signer_position = "(đã thu hồi)", "", "", ""
    held.to_places, held.pages, held.content, held.revision = "", None, None, held.revision + 1
    held.save()
    tell_issuer(visit, held, StatusCode.CHANGE_AGREED, words)
    visit.note("document.recalled", f"document:{held.pk}", reason=words[:200], identifier=held.identifier,
               number=held.number_and_symbol, issuer=held.issuer_name, files=digests)  # fmt: skip
    tell_programs(visit, "document.recalled", held)
    return held


def recall_arrival(visit: Visit, arrival: Arrival, reason: str) -> Arrival:
    """The same for what nobody has registered yet. Again: no change."""
    held = Arrival.objects.select_for_update(of=("self",)).get(pk=arrival.pk)
    if held.state not in {ArrivalState.CHECKING.value, ArrivalState.WAITING.value}:
        return held
    digests = _destroy(list(StoredFile.objects.filter(arrival=held)))
    held.state, held.reason, held.ended_at = ArrivalState.RECALLED.value, " ".join(reason.split())[:500], visit.now
    held.title, held.fields, held.verdict, held.duplicates = "(đã thu hồi)", {}, None, []
    held.ended_by = visit.person.account if visit.person else None
    held.save()
    tell_of_arrival(visit, held, StatusCode.CHANGE_AGREED, reason)
    visit.note("arrival.recalled", f"arrival:{held.pk}", reason=reason[:200], files=digests)
    return held


def keeps(document: Document) -> str:
    """Why a document must not be destroyed, empty when it may."""
    if Document.objects.filter(answers=document, issued_at__isnull=False).exists():
        return "Văn bản đã được trả lời."
    if DossierDocument.objects.filter(document=document).exclude(dossier__state__in=("planned", "open")).exists():
        return "Văn bản nằm trong hồ sơ đã kết thúc."
    return ""


def _end_tasks(visit: Visit, document: Document, reason: str) -> None:
    for each in Task.objects.select_for_update(of=("self",)).filter(
        document=document, kind__in=HANDLED, state__in=LIVE
    ):
        tasks.end(visit, each, TaskState.WITHDRAWN, f"Văn bản bị thu hồi: {reason}")


def _destroy(files: list[StoredFile]) -> list[str]:
    """Take the rows and the pictures of pages away; bytes that no row names are swept by the worker. The digests prove
    later what it was."""
    digests = [bytes(each.sha256).hex() for each in files]
    StoredFile.objects.filter(pk__in=[each.pk for each in files]).delete()
    for each in digests:
        transaction.on_commit(lambda digest=each: forget(digest))  # type: ignore[misc]  # binds this turn's digest
    return digests


def _destroy_words(document: Document) -> None:
    Task.objects.filter(document=document).update(directive="", result="", title="")
    Opinion.objects.filter(document=document).update(text="(đã thu hồi)", sha256=None)
    Reader.objects.filter(document=document).delete()
    DocumentText.objects.filter(document=document).delete()
    Arrival.objects.filter(document=document).update(fields={}, title="(đã thu hồi)", duplicates=[], verdict=None)
