"""Drafts (dự thảo): begun, changed, given files, compared, withdrawn, given up. D30 art. 10, 11."""

from __future__ import annotations

import io
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from django.db.models import Max

from lienthong.base.errors import Refused
from lienthong.base.ids import Sha256
from lienthong.infra.conversion import to_pdf
from lienthong.office.errors import FILE_NOT_TAKEN, NOT_YOURS, impossible
from lienthong.office.form.compare import ParagraphChange, compare
from lienthong.office.form.compose import compose
from lienthong.office.form.paragraphs import paragraphs_of_docx
from lienthong.office.models import Document, SigningStep, StoredFile, Task
from lienthong.office.notice_words import Said, Value, sentence
from lienthong.office.services.draft_content import DraftFields, check, draft_of, symbol_of
from lienthong.office.services.indexing import index
from lienthong.office.services.kinds_of_files import DOCX, PDF
from lienthong.office.services.page_text import pages_of, text_by_pages
from lienthong.office.services.reading_rights import find, open_to
from lienthong.office.services.storing import add_file, keep, main_file, opened, store, take
from lienthong.office.services.tasks import end, queue_up
from lienthong.office.services.telling import notify
from lienthong.office.states import LIVE, Direction, NoticeKind, Outgoing, TaskKind, TaskState
from lienthong.trust.pdf.files import open_reader, signed_fields
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.models import Unit
from lienthong.webkit.site.errors import stale

MAIN, EDITABLE, CONTENT, ATTACHMENT = "document", "editable", "content", "attachment"
"""Roles of a draft's files; CONTENT is what was typed, one version for each change."""

BEFORE_SIGNING = (Outgoing.DRAFT.value, Outgoing.CONTENT_REVIEW.value, Outgoing.FORM_CHECK.value,
                  Outgoing.SIGNING.value)  # fmt: skip


def begin(
    visit: Visit, given: DraftFields, answers: int | None = None, replaces: int | None = None, once: str = ""
) -> Document:
    """A new draft of the person's own unit. ``once``: a word of the form; the same word gives the
    same draft, with what the form says now.

    Refuses FIELDS_WRONG, SECRET_NOT_ALLOWED; NOT_FOUND_HERE for what it answers or replaces.
    """
    check(given)
    person = visit.who
    if once:
        # One form sent twice at once: the second one waits, and then finds the draft of the first.
        queue_up(person.account)
        begun = Document.objects.filter(agency=visit.agency, drafter=person.account, content__once=once).first()
        if begun is not None:
            # Somebody went back to the form and went on writing: it is the same draft, changed.
            return save(visit, begun.pk, given, begun.revision)
    own = [each for each in person.capacities if each.principal is None]
    unit = Unit.objects.filter(pk=own[0].unit_id).first() if own else None
    document = Document(
        agency=visit.agency, direction=Direction.OUTGOING.value, state=Outgoing.DRAFT.value, kind=given.kind,
        issuer_name=visit.agency.name, issuer_code=visit.agency.code, unit=unit, drafter=person.account,
        answers=find(visit, answers) if answers else None, replaces=find(visit, replaces) if replaces else None,
        created_at=visit.now, created_by=person.account, source="",
    )  # fmt: skip
    document.content = {"once": once}
    _write_fields(document, given)
    document.save(force_insert=True)
    open_to(visit, document, [-unit.pk] if unit is not None else [], "drafting unit")
    _keep_content(visit, document, given)
    index(document)
    visit.note("draft.begun", f"document:{document.pk}", kind=given.kind, answers=answers)
    return document


def save(visit: Visit, document: int, given: DraftFields, revision: int) -> Document:
    """Change what a draft says; a draft under way goes back, since what was approved is no longer what it says.

    Refuses FIELDS_WRONG, FORM_STALE, NOT_YOURS, STEP_NOT_POSSIBLE.
    """
    check(given)
    found = lock_own(visit, document)
    require_revision(found, revision)
    if DraftFields.from_json(found.content) == replace(given, secret=False):
        return found
    _write_fields(found, given)
    _keep_content(visit, found, given)
    change(visit, found, "draft.changed", kind=given.kind)
    found.save()
    index(found)
    return found


def rewrite(visit: Visit, document: Document, given: DraftFields) -> None:
    """Change what a locked draft says for somebody who is not its drafter, and give it back to the drafter.

    Refuses FIELDS_WRONG. Who may do this, and the entry of the log, are the caller's business.
    """
    check(given)
    _write_fields(document, given)
    _keep_content(visit, document, given)
    back_to_draft(visit, document)
    document.save()
    index(document)


def lay_out(visit: Visit, document: int, revision: int, comment: str = "") -> StoredFile:
    """Make the Word file and the PDF from what the draft says: a new version of both.

    Refuses FIELDS_WRONG, DRAFT_INCOMPLETE, CONVERTER_MISSING, CONVERSION_FAILED, CONVERSION_TIMED_OUT, and as saving.
    """
    found = lock_own(visit, document)
    require_revision(found, revision)
    given = DraftFields.from_json(found.content)
    made = compose(draft_of(given, visit.agency, found.unit, visit.today.year))
    return _take_word(visit, found, made, f"{found.symbol} {found.abstract[:80]}.docx", comment)


def put_file(visit: Visit, document: int, source: BinaryIO, name: str, revision: int, comment: str = "") -> StoredFile:
    """A new version of the document itself: a Word file, which is converted, or a PDF made elsewhere.

    Refuses FILE_NOT_TAKEN for other kinds and for a PDF that is signed already; CONVERTER_MISSING and the others of
    conversion; NOT_YOURS, STEP_NOT_POSSIBLE, FORM_STALE.
    """
    found = lock_own(visit, document)
    require_revision(found, revision)
    kept = take(source, name)
    if kept[2] == DOCX:
        with store().open(kept[0]) as stored:
            return _take_word(visit, found, stored.read(), name, comment)
    if kept[2] != PDF:
        why = "văn bản phải là .docx hoặc .pdf", "the document itself must be .docx or .pdf"
        raise Refused(FILE_NOT_TAKEN, name=name[:80], reason_vi=why[0], reason_en=why[1])
    with store().open(kept[0]) as stored:
        if signed_fields(open_reader(stored)):
            why = "tệp PDF đã có chữ ký số", "the PDF bears signatures already"
            raise Refused(FILE_NOT_TAKEN, name=name[:80], reason_vi=why[0], reason_en=why[1])
    return _take_pdf(visit, found, kept, name, comment)


def attach(visit: Visit, document: int, source: BinaryIO, name: str) -> StoredFile:
    """An attachment (phụ lục trong tệp riêng), in the next slot. A draft under way goes back."""
    found = lock_own(visit, document)
    kept = take(source, name)
    last = StoredFile.objects.filter(document=found).aggregate(last=Max("slot"))["last"] or 0
    added = add_file(visit, found, kept, name, slot=last + 1, role=ATTACHMENT)
    change(visit, found, "draft.attached", file=added.pk)
    found.save()
    return added


def detach(visit: Visit, document: int, file: int) -> None:
    """Take an attachment out of a draft; its digest stays in the log."""
    found = lock_own(visit, document)
    gone, _ = StoredFile.objects.filter(pk=file, document=found, role=ATTACHMENT).delete()
    if gone:
        change(visit, found, "draft.detached", file=file)
        found.save()


def withdraw(visit: Visit, document: int) -> Document:
    """The drafter takes a draft back from review or from the signers, as long as nobody has signed."""
    found = lock_own(visit, document)
    if found.state != Outgoing.DRAFT.value:
        back_to_draft(visit, found)
        found.save()
        visit.note("draft.withdrawn", f"document:{found.pk}")
    return found


def give_up(visit: Visit, document: int, reason: str) -> Document:
    """Cancel a draft, with the reason; it stays readable. States: draft -> cancelled."""
    found = lock_own(visit, document)
    if found.state != Outgoing.DRAFT.value:
        raise impossible("rút dự thảo về trước", "withdraw the draft first")
    found.state, found.finished_at, found.note = Outgoing.CANCELLED.value, visit.now, " ".join(reason.split())[:500]
    found.revision += 1
    found.save()
    visit.note("draft.cancelled", f"document:{found.pk}", reason=found.note[:200])
    return found


def changes(older: StoredFile, newer: StoredFile) -> tuple[ParagraphChange, ...]:
    """What differs between two versions of a file: of what was typed, of a Word file, of the text of a PDF."""
    return compare(paragraphs(older), paragraphs(newer))


def paragraphs(file: StoredFile) -> list[str]:
    """The text of a version, in paragraphs or lines; none for kinds without text."""
    if file.media_type == PDF:
        return [each.text for each in pages_of(file)[0]]
    with opened(file) as source:
        if file.role == CONTENT:
            return DraftFields.from_json(json.loads(source.read())).lines()
        return list(paragraphs_of_docx(source.read())) if file.media_type == DOCX else []


def lock(visit: Visit, document: int) -> Document:
    """An outgoing document that the person may read, locked until the transaction ends. Refuses NOT_FOUND_HERE."""
    find(visit, document)
    found = Document.objects.select_for_update(of=("self",)).get(pk=document)
    if found.direction != Direction.OUTGOING.value:
        raise impossible("đây là văn bản đến", "it is an incoming document")
    return found


def lock_own(visit: Visit, document: int) -> Document:
    """The same for its drafter or his substitute, until somebody signs. Refuses NOT_YOURS, STEP_NOT_POSSIBLE."""
    found = lock(visit, document)
    if not may_change(visit, found):
        raise Refused(NOT_YOURS, reason_vi="chỉ người soạn thảo sửa dự thảo", reason_en="only its drafter changes it")
    if found.state not in BEFORE_SIGNING or _signed(found):
        raise impossible("văn bản đã ký hoặc đã hủy, không sửa được nữa", "it is signed or cancelled")
    return found


def may_change(visit: Visit, document: Document) -> bool:
    """Whether somebody may change a draft: its drafter or his substitute; others return it with remarks."""
    return document.drafter_id in visit.who.stands_for


def require_revision(document: Document, revision: int) -> None:
    """Refuses FORM_STALE when the document has changed since the form was opened."""
    if document.revision != revision:
        raise stale(document.drafter.full_name if document.drafter else "")


def change(visit: Visit, document: Document, action: str, **detail: str | int) -> None:
    """Note a change of what is approved: the revision grows, and a draft under way goes back to its drafter."""
    document.revision += 1
    if document.state != Outgoing.DRAFT.value:
        back_to_draft(visit, document)
    visit.note(action, f"document:{document.pk}", on_behalf_of=None, revision=document.revision, **detail)


def back_to_draft(visit: Visit, document: Document) -> None:
    """End everything that waits for reviewers and signers, and give the document back. The caller saves it."""
    waiting = (TaskKind.REVIEW.value, TaskKind.SIGNATURE.value)
    for task in Task.objects.filter(document=document, kind__in=waiting, state__in=LIVE):
        end(visit, task, TaskState.WITHDRAWN)
    SigningStep.objects.filter(document=document).delete()
    document.state, document.signed_at, document.approver = Outgoing.DRAFT.value, None, None
    document.revision += 1


def tell_drafter(visit: Visit, document: Document, said: Said, **values: Value) -> None:
    """A notice to whoever drafted it."""
    if document.drafter_id is not None:
        notify(visit, [document.drafter_id], NoticeKind.DRAFT,
               sentence(said, title=document.abstract, **values), f"/drafts/{document.pk}")  # fmt: skip


def _signed(document: Document) -> bool:
    return SigningStep.objects.filter(document=document, signed_at__isnull=False).exists()


def _write_fields(document: Document, given: DraftFields) -> None:
    document.kind, document.abstract = given.kind, " ".join(given.abstract.split())[:500]
    once = (document.content or {}).get("once", "")
    document.content = given.to_json() | {"once": once}
    document.urgency, document.note = given.urgency, given.note[:500]
    document.symbol = symbol_of(given.kind, document.agency, document.unit)
    document.to_places = "; ".join(each.name for each in given.recipients)[:1000]
    document.copies = given.copies
    if given.signers:
        last = given.signers[-1]
        document.signer_position, document.signer_name = last.position[:100], last.name[:50]
        document.signer_capacity = " ".join(last.capacity)[:200]


def _keep_content(visit: Visit, document: Document, given: DraftFields) -> None:
    data = json.dumps(given.to_json(), ensure_ascii=False, sort_keys=True, indent=1).encode()
    blob = store().put(data)
    add_file(visit, document, (blob.sha256, blob.size, "application/json"), "noi-dung.json", slot=0, role=CONTENT)


def _take_word(visit: Visit, document: Document, word: bytes, name: str, comment: str) -> StoredFile:
    with tempfile.TemporaryDirectory(prefix="lienthong-draft-") as folder:
        source, made = Path(folder) / "draft.docx", Path(folder) / "draft.pdf"
        source.write_bytes(word)
        to_pdf(source, made)
        pdf = made.read_bytes()
    stem = name.rpartition(".")[0] or name
    add_file(visit, document, keep(io.BytesIO(word), f"{stem}.docx"), f"{stem}.docx", slot=0, role=EDITABLE,
             comment=comment)  # fmt: skip
    return _take_pdf(visit, document, keep(io.BytesIO(pdf), f"{stem}.pdf"), f"{stem}.pdf", comment)


def _take_pdf(visit: Visit, document: Document, kept: tuple[Sha256, int, str], name: str, comment: str) -> StoredFile:
    before = main_file(document)
    added = add_file(visit, document, kept, name, slot=0, role=MAIN, comment=comment)
    if before is not None and before.pk == added.pk:
        return added
    lines, sizes = pages_of(added)
    added.pages = document.pages = len(sizes)
    added.save(update_fields=["pages"])
    change(visit, document, "draft.file", file=added.pk, sha256=bytes(added.sha256).hex())
    document.save()
    index(document, text_by_pages(lines, len(sizes)))
    return added
