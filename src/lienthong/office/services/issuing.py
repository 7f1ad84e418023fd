"""Numbering and sealing (cấp số, đăng ký, ký số của cơ quan): two steps, so that a failed seal keeps its number.

The number, its entry in the register and the document's date are written together and committed; the agency's two
signatures, number and seal, follow and may be repeated with the same number. D30 art. 14–17.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from lienthong.base.clock import VIETNAM, SystemClock
from lienthong.base.errors import Refused
from lienthong.base.ids import Sha256
from lienthong.office.errors import NOT_YOURS, impossible
from lienthong.office.models import Document, NumberEntry, SigningStep, StoredFile
from lienthong.office.notice_words import Said
from lienthong.office.services.drafting import ATTACHMENT, lock, tell_drafter
from lienthong.office.services.indexing import index
from lienthong.office.services.kinds_of_files import PDF
from lienthong.office.services.numbering import enter, next_number, outgoing_register, void_number, written
from lienthong.office.services.reviewing import digest_of
from lienthong.office.services.signing_chain import AGENCY_ORDER, Key, folder_of, person_steps
from lienthong.office.services.storing import add_file, current, keep, main_file, main_files, store
from lienthong.office.states import Outgoing
from lienthong.signing.custody import require_person, usual_inspection
from lienthong.signing.documents import Level, Signed, sign_document
from lienthong.signing.profiles import Role as KeyRole
from lienthong.signing.profiles import SignerProfile, list_profiles
from lienthong.signing.use_log import UseLog
from lienthong.trust.pdf import steps
from lienthong.trust.pdf.files import all_fields, open_reader
from lienthong.trust.pdf.plan import NUMBER, PERSON, SEAL
from lienthong.trust.pdf.signing import Step
from lienthong.vocabulary.number import document_id
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.site.duties import Duty


def number(visit: Visit, document: int) -> Document:
    """Give a signed document its number and date and enter it in the register of its kind, in one transaction.

    The place of the number is tried first, so that a file which cannot take it burns none. Idempotent: a second call
    gives the first number. States: signed -> numbered. Refuses STEP_NOT_POSSIBLE, NOT_YOURS (no registrar, or one who
    signed), REGISTER_CLOSED, REGISTER_MISSING, NUMBER_NOT_PLACEABLE, ANCHOR_NOT_FOUND. Source: D30 art. 15, 16.
    """
    found = lock(visit, document)
    _require_registrar(visit, found)
    if found.state in {Outgoing.NUMBERED.value, Outgoing.ISSUED.value}:
        return found
    if found.state != Outgoing.SIGNED.value:
        raise impossible("văn bản chưa ký xong", "it has not been signed by everybody")
    register = outgoing_register(visit.agency.pk, found.kind, visit.today)
    file = _signed_file(found)
    with store().open(Sha256(bytes(file.sha256))) as source:
        steps.number(source, written(register.next_number), visit.today, found.symbol, visit.agency.place)
    value = next_number(register)
    found.register, found.year, found.number_value, found.number = register, visit.today.year, value, written(value)
    found.issued_date, found.state = visit.today, Outgoing.NUMBERED.value
    found.identifier = document_id(visit.agency.code, visit.today, found.number, found.symbol)
    found.revision += 1
    found.save()
    enter(visit, register, value, found)
    index(found)
    visit.note("document.numbered", f"document:{found.pk}", number=value, register=register.pk)
    return found


def seal(visit: Visit, document: int, key: Key) -> list[Signed]:
    """Sign number and date, then the seal, by the agency's key, and mark attachments; all or nothing is kept.

    Nothing is lost when it fails: the document keeps its number, and the same call may be made again. Idempotent once
    sealed. Refuses STEP_NOT_POSSIBLE, NOT_YOURS (a signer may not seal), AGENCY_KEY_NEEDS_PERSON, and what signing
    refuses. Each use is in the key's own log first. Source: D30 art. 17, 33.
    """
    found = lock(visit, document)
    _require_registrar(visit, found)
    if is_sealed(found):
        return []
    if found.state != Outgoing.NUMBERED.value:
        raise impossible("văn bản chưa được cấp số", "the document has no number")
    if key.held.role is not KeyRole.AGENCY:
        raise impossible("hồ sơ ký không phải của cơ quan", "the profile is not the agency's")
    file, at = _signed_file(found), visit.now.astimezone(VIETNAM)
    path = store().path(bytes(file.sha256))
    require_person(file.name, path, "", usual_inspection(key.held.profile, key.held.certificate))
    with tempfile.TemporaryDirectory(prefix="lienthong-seal-") as scratch:
        done, last = _number_and_seal(visit, found, key, path, Path(scratch))
        title = f"{found.number}-{found.symbol}.pdf".replace("/", "-")
        added = _new_version(visit, found, file, last, title, f"Số và ngày, dấu cơ quan: {found.number_and_symbol}")
    for field in (NUMBER, SEAL):
        SigningStep.objects.create(
            agency=visit.agency, document=found, order=AGENCY_ORDER, account=visit.who.account,
            position=visit.agency.name[:200], field=field, signed_at=visit.now, sha256_before=file.sha256,
            sha256_after=added.sha256,
        )  # fmt: skip
    done += _mark_attachments(visit, found, key, at)
    found.revision += 1
    found.save(update_fields=["revision"])
    tell_drafter(visit, found, Said.DRAFT_SEALED, number=found.number_and_symbol)
    visit.note("document.sealed", f"document:{found.pk}", key=key.held.key_id, sha256=bytes(added.sha256).hex())
    return done


def _number_and_seal(
    visit: Visit, document: Document, key: Key, path: Path, scratch: Path
) -> tuple[list[Signed], Path]:
    """The agency's two signatures over the file of the last person, one after the other; what was reached, the file."""
    numbered, sealed, at = scratch / "number.pdf", scratch / "seal.pdf", visit.now.astimezone(VIETNAM)
    day, place = document.issued_date, visit.agency.place
    if day is None:
        raise impossible("văn bản chưa được cấp số", "the document has no number")
    with path.open("rb") as source:
        step = steps.number(source, document.number, day, document.symbol, place)
    first = _agency_step(document, key, step, path, numbered, Level.B, at)
    reason = steps.numbered(document.number, document.symbol, day)
    with numbered.open("rb") as source:
        step = steps.seal(source, key.picture, reason, place or None)
    return [first, _agency_step(document, key, step, numbered, sealed, Level.T, at)], sealed


def void(visit: Visit, document: int, reason: str) -> Document:
    """Take the number of a document that was not issued out of use; it stays in the register with the reason.

    The document is cancelled: whoever wants it after all begins a new one. States: numbered -> cancelled. Refuses
    STEP_NOT_POSSIBLE, NOT_YOURS, NUMBER_IN_CLOSED_REGISTER.
    """
    found = lock(visit, document)
    _require_registrar(visit, found)
    if found.state == Outgoing.CANCELLED.value:
        return found
    if found.state != Outgoing.NUMBERED.value:
        raise impossible("chỉ hủy số của văn bản chưa phát hành", "only a number that was not issued can be voided")
    void_number(visit, NumberEntry.objects.get(document=found), reason)
    found.state, found.finished_at, found.revision = Outgoing.CANCELLED.value, visit.now, found.revision + 1
    found.save(update_fields=["state", "finished_at", "revision"])
    tell_drafter(visit, found, Said.NUMBER_CANCELLED, number=found.number_and_symbol)
    return found


def is_sealed(document: Document) -> bool:
    """Whether the agency has signed, and the file is still the one that it signed."""
    return document.pk in sealed_among([document])


def sealed_among(documents: Sequence[Document]) -> set[int]:
    """Those of many documents that are sealed."""
    files = main_files(documents)
    seals = SigningStep.objects.filter(document__in=[each.pk for each in documents], field=SEAL)
    signed = seals.filter(signed_at__isnull=False).values_list("document_id", "sha256_after")
    return {pk for pk, after in signed if pk in files and bytes(after or b"") == bytes(files[pk].sha256)}


def agency_profiles(visit: Visit) -> list[SignerProfile]:
    """The agency's own signers, in the order of their names. Refuses SIGNER_PROFILE_INVALID."""
    return [each for each in list_profiles(folder_of(visit)) if each.role is KeyRole.AGENCY]


def agency_profile(visit: Visit, label: str = "") -> SignerProfile:
    """The agency's signer of that name, or its first. Refuses STEP_NOT_POSSIBLE when the agency has none."""
    found = [each for each in agency_profiles(visit) if not label or each.label == label]
    if not found:
        raise impossible("chưa khai hồ sơ ký của cơ quan", "the agency has no signer's profile")
    return found[0]


def _require_registrar(visit: Visit, document: Document) -> None:
    """Separation of duties (facts §6.5): whoever signed neither numbers nor seals."""
    if not visit.who.may(Duty.REGISTRAR):
        raise Refused(NOT_YOURS, reason_vi="chỉ văn thư cấp số, đóng dấu", reason_en="only registrars number and seal")
    if any(visit.who.account.pk in {each.account_id, each.for_whom_id} for each in person_steps(document)):
        raise Refused(NOT_YOURS, reason_vi="người đã ký không tự cấp số, đóng dấu",
                      reason_en="signers neither number nor seal")  # fmt: skip


def _signed_file(document: Document) -> StoredFile:
    """The file as the last person left it. Refuses STEP_NOT_POSSIBLE for any other."""
    file = main_file(document)
    chain = person_steps(document)
    last = next((each for each in chain if bytes(each.sha256_after or b"") == digest_of(document)), None)
    if file is None or last is None:
        raise impossible("tệp không phải bản vừa ký", "the file is not the one that was signed")
    with store().open(Sha256(bytes(file.sha256))) as source:
        waiting = [
            name for name, done in all_fields(open_reader(source)).items() if name.startswith(PERSON) and not done
        ]
    if waiting:
        raise impossible(f"còn ô chưa ký: {', '.join(waiting)}", f"unsigned fields: {', '.join(waiting)}")
    return file


def _agency_step(
    document: Document, key: Key, step: Step, source: Path, target: Path, level: Level, at: datetime
) -> Signed:
    """One signature of the agency; the use is written into the key's log before it happens."""
    profile = key.held.profile
    log = UseLog(profile.file.with_suffix(".uses.log"), SystemClock())
    log.add("agency.sign", {"file": source.name, "document": document.number_and_symbol, "field": step.field,
                            "key": key.held.key_id})  # fmt: skip
    with source.open("rb") as given, target.open("w+b") as made:
        return sign_document(given, made, step, key.holder, level, key.evidence, at)


def _new_version(
    visit: Visit, document: Document, before: StoredFile, path: Path, name: str, comment: str
) -> StoredFile:
    with path.open("rb") as stream:
        kept = keep(stream, name)
    added = add_file(visit, document, kept, name, slot=before.slot, role=before.role, comment=comment)
    added.pages = before.pages
    added.save(update_fields=["pages"])
    return added


def _mark_attachments(visit: Visit, document: Document, key: Key, at: datetime) -> list[Signed]:
    """The agency's mark on each attachment that is a PDF (D30 Appendix I part II.8)."""
    done = []
    for file in current(document, role=ATTACHMENT):
        if file.media_type != PDF:
            continue
        path = store().path(bytes(file.sha256))
        with tempfile.TemporaryDirectory(prefix="lienthong-seal-") as scratch:
            target = Path(scratch) / "attachment.pdf"
            with path.open("rb") as source:
                step = steps.attachment(source, document.number_and_symbol, at)
            done.append(_agency_step(document, key, step, path, target, Level.T, at))
            _new_version(visit, document, file, target, file.name, f"Ký phụ lục của {document.number_and_symbol}")
    return done
