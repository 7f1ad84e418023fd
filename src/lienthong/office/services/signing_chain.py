"""The chain of signatures (trình ký): who signs and in which order, begun when content and form are approved.

Persons sign one after another or side by side, each in the field that was planned for him; then the agency. A signature
is made through :mod:`lienthong.signing`; passwords and PINs are used at that moment and kept nowhere.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.db.models import Exists, OuterRef, QuerySet

from lienthong.base.clock import VIETNAM, SystemClock
from lienthong.base.errors import Refused
from lienthong.infra.credential_errors import KEY_PASSWORD_WRONG, KEY_SECRET_MISSING
from lienthong.office.errors import NOT_YOURS, SIGNING_SECRET_WRONG, impossible
from lienthong.office.models import Document, Review, SigningStep, StoredFile
from lienthong.office.notice_words import Said
from lienthong.office.services import reviewing, signing_posts
from lienthong.office.services.draft_content import DraftFields
from lienthong.office.services.drafting import MAIN, lock, tell_drafter
from lienthong.office.services.reviewing import Check, digest_of, require_approved
from lienthong.office.services.storing import add_file, keep, main_file, store
from lienthong.office.services.tasks import Owner, end, give, open_tasks
from lienthong.office.states import Outgoing, Role, TaskKind, TaskState
from lienthong.signing.documents import Holder, Level, Signed, sign_document
from lienthong.signing.evidence import Evidence, read_evidence
from lienthong.signing.profiles import Role as KeyRole
from lienthong.signing.profiles import SignerProfile, find_profile
from lienthong.signing.signers import CertifiedSigner, open_certified
from lienthong.trust.pdf import steps
from lienthong.trust.pdf.files import all_fields, open_reader, rewrite_if_needed
from lienthong.trust.pdf.images import Picture, load_picture
from lienthong.trust.pdf.plan import PERSON, Person, find_plan, person_field, write_plan
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.models import Account
from lienthong.webkit.site.configure import site

AGENCY_ORDER = 900
"""Order of the agency's own signatures, after all persons."""


@dataclass(frozen=True, slots=True)
class Key:
    """A signer that is open for the moment: the key, its picture, and where evidence comes from."""

    held: CertifiedSigner
    evidence: Evidence
    picture: Picture | None

    @property
    def holder(self) -> Holder:
        return Holder(self.held.signer, (self.held.certificate, *self.held.chain))


def approve(visit: Visit, document: int, check: Check, seen: str, text: str = "") -> Document:
    """As :func:`lienthong.office.services.reviewing.approve`; the chain begins when the form is approved."""
    found = reviewing.approve(visit, document, check, seen, text)
    if found.state == Outgoing.SIGNING.value:
        start(visit, found)
    return found


def start(visit: Visit, document: Document) -> list[SigningStep]:
    """Write the chain of a draft whose content and form are approved, and ask the first signers.

    Refuses STEP_NOT_POSSIBLE: an approval is missing or stale; SIGNER_CHANGED. A second call gives the chain that is
    there.
    """
    made = list(person_steps(document))
    if made:
        return made
    require_approved(document)
    signing_posts.require_current(visit, document)
    order = 0
    for place, each in enumerate(DraftFields.from_json(document.content).signers, 1):
        order += 0 if each.beside and order else 1
        made.append(
            SigningStep.objects.create(
                agency=visit.agency, document=document, order=order, account_id=each.account, position=each.position,
                capacity=" ".join(each.capacity), field=person_field(place), for_whom_id=each.for_whom,
            )
        )  # fmt: skip
    _ask_next(visit, document)
    return made


def person_steps(document: Document) -> list[SigningStep]:
    """The persons' part of the chain, in order."""
    return list(
        SigningStep.objects.filter(document=document, order__lt=AGENCY_ORDER).select_related("account", "for_whom")
    )


def turn_of(document: Document) -> list[SigningStep]:
    """Whose turn it is: the unsigned steps of the lowest order."""
    waiting = [each for each in person_steps(document) if each.signed_at is None]
    return [each for each in waiting if each.order == waiting[0].order]


def waiting_for(account: Account) -> QuerySet[SigningStep]:
    """The steps on which it is this person's turn, of all documents."""
    unsigned = SigningStep.objects.filter(order__lt=AGENCY_ORDER, signed_at__isnull=True)
    before = unsigned.filter(document=OuterRef("document"), order__lt=OuterRef("order"))
    return unsigned.filter(~Exists(before), account=account, document__state=Outgoing.SIGNING.value)


@contextmanager
def opened_key(profile: SignerProfile, secret: str) -> Iterator[Key]:
    """Open a signer with what was entered; an empty entry means the profile's own password file, if it names one.

    Refuses SIGNING_SECRET_WRONG, and what opening a token or a remote key refuses: TOKEN_PIN_WRONG with the tries that
    are left, TOKEN_PIN_FINAL_TRY, …
    """
    held = _open(profile, secret)
    try:
        picture = load_picture(profile.image.read_bytes()) if profile.image is not None else None
        yield Key(held, read_evidence(profile.tsa, SystemClock()), picture)
    finally:
        held.close()


def _open(profile: SignerProfile, secret: str) -> CertifiedSigner:
    try:
        return open_certified(profile, secret.encode() if secret else None)
    except Refused as refused:
        # Its own sentence names the file and speaks to the operator; the signer needs neither.
        if refused.code in {KEY_PASSWORD_WRONG, KEY_SECRET_MISSING}:
            raise Refused(SIGNING_SECRET_WRONG) from refused
        raise


def own_profile(visit: Visit) -> SignerProfile:
    """The profile of an account: the file named like its login, in the agency's folder. Refuses SIGNER_UNKNOWN."""
    profile = find_profile(folder_of(visit), visit.who.account.login)
    if profile.role is not KeyRole.PERSON:
        raise impossible(f"hồ sơ “{profile.label}” là của cơ quan", f"the profile “{profile.label}” is the agency's")
    return profile


def folder_of(visit: Visit) -> Path:
    """Where the signers' profiles of an agency lie."""
    return Path(site().context["signers"]) / visit.agency.code


def sign(visit: Visit, document: int, seen: str, key: Key) -> Signed:
    """Sign a document in the person's own field (``seen``: digest of the file that was shown to him).

    The first signature plans the fields of everybody. States: signing -> signed with the last one. Refuses
    STEP_NOT_POSSIBLE (not his turn, the file changed, approvals are stale), SIGNER_CHANGED, NOT_YOURS, ANCHOR_NOT_FOUND
    when it does not print the signer's position and name, and what signing refuses. Source: D30 art. 13.
    """
    found, step, file = ready_to_sign(visit, document, seen)
    with tempfile.TemporaryDirectory(prefix="lienthong-sign-") as scratch:
        source = planned(Path(scratch), store().path(bytes(file.sha256)), person_steps(found))
        done, digest = add_signature(visit, found, file, source, step.field, key, at_of(visit))
    record(visit, found, step, file, digest, key=key.held.key_id, level=done.level.value)
    return done


def ready_to_sign(visit: Visit, document: int, seen: str) -> tuple[Document, SigningStep, StoredFile]:
    """Lock a document that the person may sign now, with his step and the file. Refuses as :func:`sign` does."""
    found = lock(visit, document)
    if found.state != Outgoing.SIGNING.value:
        raise impossible("văn bản không ở bước ký", "the document is not being signed")
    step = _my_step(visit, found)
    file = main_file(found)
    if file is None or bytes(file.sha256).hex() != seen:
        raise impossible("tệp đã thay đổi sau khi anh/chị mở; xem lại bản mới", "the file changed after you opened it")
    _require_unchanged(found)
    signing_posts.require_in_force(visit, found, step)
    return found, step, file


def record(visit: Visit, document: Document, step: SigningStep, before: StoredFile, digest: bytes, **more: Any) -> None:
    """The signature is in the document's new version ``digest``: its step ends, the next ones are asked."""
    step.signed_at, step.sha256_before, step.sha256_after = visit.now, before.sha256, digest
    step.save(update_fields=["signed_at", "sha256_before", "sha256_after"])
    for task in open_tasks(document, TaskKind.SIGNATURE):
        if task.account_id == step.account_id:
            end(visit, task, TaskState.FINISHED)
    _go_on(visit, document)
    visit.note("document.signed", f"document:{document.pk}", on_behalf_of=step.for_whom_id, field=step.field,
               capacity=step.capacity, sha256=digest.hex(), **more)  # fmt: skip


def add_signature(
    visit: Visit, document: Document, file: StoredFile, source: Path, field: str, key: Key, at: datetime
) -> tuple[Signed, bytes]:
    """Sign a person's field into a new version of the document; what was reached and the new digest."""
    with tempfile.TemporaryFile() as target:
        with source.open("rb") as stream:
            step = steps.person(field, key.picture)
            done = sign_document(stream, target, step, key.holder, Level.T, key.evidence, at)
        return done, add_signed(visit, document, file, target, field)


def add_signed(visit: Visit, document: Document, before: StoredFile, signed: BinaryIO, field: str) -> bytes:
    """Keep a signed file as the newest version of the document; its digest."""
    signed.seek(0)
    kept = keep(signed, before.name)
    added = add_file(visit, document, kept, before.name, slot=0, role=MAIN, comment=f"Ký số: {field}")
    added.pages = before.pages
    added.save(update_fields=["pages"])
    return bytes(added.sha256)


def _my_step(visit: Visit, document: Document) -> SigningStep:
    mine = [each for each in turn_of(document) if each.account_id == visit.who.account.pk]
    if mine:
        return mine[0]
    if any(each.account_id == visit.who.account.pk for each in person_steps(document)):
        raise impossible("chưa đến lượt, hoặc anh/chị đã ký rồi", "it is not your turn, or you have signed")
    raise Refused(NOT_YOURS, reason_vi="anh/chị không phải người ký", reason_en="you are none of its signers")


def _require_unchanged(document: Document) -> None:
    """The file is the approved one, or what the last signature made of it."""
    done = [each for each in person_steps(document) if each.signed_at is not None]
    if not done:
        require_approved(document)
        checkers = Review.objects.filter(document=document, step=Check.FORM.value, approved=True).order_by("-pk")[:1]
        parties = {each for step in person_steps(document) for each in (step.account_id, step.for_whom_id)}
        if any(each.account_id in parties for each in checkers):
            raise impossible("người kiểm tra thể thức không được ký", "whoever checked the form may not sign")
        return
    newest = max(done, key=lambda each: each.signed_at or document.created_at)
    if bytes(newest.sha256_after or b"") != digest_of(document):
        raise impossible("tệp khác với tệp đã ký", "the file is not the one that was signed")


def planned(scratch: Path, path: Path, chain: list[SigningStep]) -> Path:
    """The file with the fields of everybody; a file that has them is taken as it is."""
    rewritten, made = scratch / "rewritten.pdf", scratch / "planned.pdf"
    with path.open("rb") as source, rewritten.open("w+b") as target:
        current = rewritten if rewrite_if_needed(source, target) else path
    with current.open("rb") as source:
        if any(name.startswith(PERSON) for name in all_fields(open_reader(source))):
            return current
        persons = [Person(each.position.upper(), each.account.full_name) for each in chain]
        plan = find_plan(source, persons)
        with made.open("w+b") as target:
            write_plan(source, target, plan)
    return made


def _go_on(visit: Visit, document: Document) -> None:
    """Ask the next signers, or tell the registry that all have signed."""
    document.revision += 1
    if turn_of(document):
        document.save(update_fields=["revision"])
        _ask_next(visit, document)
        return
    last = person_steps(document)[-1]
    document.state, document.signed_at, document.approver = Outgoing.SIGNED.value, visit.now, last.account
    document.signer_name, document.signer_position = last.account.full_name[:50], last.position[:100]
    document.signer_capacity = last.capacity
    document.save()
    tell_drafter(visit, document, Said.DRAFT_SIGNED)


def _ask_next(visit: Visit, document: Document) -> None:
    asked = {each.account_id for each in open_tasks(document, TaskKind.SIGNATURE)}
    for each in turn_of(document):
        if each.account_id not in asked:
            title = f"Ký: {document.abstract}"
            give(visit, document, Owner(each.account_id), TaskKind.SIGNATURE, Role.LEAD, title=title)


def at_of(visit: Visit) -> datetime:
    """The time of the visit in Vietnam's zone, as it is written into signatures."""
    return visit.now.astimezone(VIETNAM)
