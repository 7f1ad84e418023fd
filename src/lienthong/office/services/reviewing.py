"""Opinions and approvals of a draft, each bound to the digest of the file that was seen. D30 art. 11, 12."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from lienthong.base.errors import Refused
from lienthong.office.errors import NOT_YOURS, impossible
from lienthong.office.models import Document, Opinion, Review, Task
from lienthong.office.notice_words import Said
from lienthong.office.services.drafting import (
    MAIN,
    back_to_draft,
    lock,
    lock_own,
    require_revision,
    tell_drafter,
)
from lienthong.office.services.signing_posts import parties, require_current
from lienthong.office.services.storing import current, main_file, opened
from lienthong.office.services.tasks import Owner, end, give, open_tasks, require_mine
from lienthong.office.services.tasks import lock as lock_task
from lienthong.office.states import LIVE, Outgoing, Role, TaskKind, TaskState
from lienthong.trust.pdf.files import open_reader, signed_fields
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.in_force import holders
from lienthong.webkit.site.duties import Duty


class Check(Enum):
    """What is approved: the content (head of the drafting unit), the form (office or registry)."""

    CONTENT = "content"
    FORM = "form"


CONTENT_REVIEWERS = (Duty.UNIT_HEAD, Duty.OFFICE_CHIEF, Duty.LEADER)
FORM_CHECKERS = (Duty.REGISTRAR, Duty.OFFICE_CHIEF)


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval with what is known of it now. ``stale``: the file has changed since."""

    review: Review
    stale: bool


def ask_opinions(
    visit: Visit, document: int, owners: Iterable[Owner], due: date | None, question: str = ""
) -> list[Task]:
    """Ask people or units for their opinion, side by side, until a day. They may read the draft from now on."""
    found = lock_own(visit, document)
    if due is not None and due < visit.today:
        raise impossible("hạn góp ý đã qua", "the deadline has passed")
    asked = {_principal(task) for task in _opinion_tasks(found)}
    return [
        give(visit, found, each, TaskKind.REVIEW, Role.SUPPORT, directive=question[:2000], due=due,
             title=f"Góp ý dự thảo: {found.abstract}")
        for each in owners
        if each.principal not in asked
    ]  # fmt: skip


def give_opinion(visit: Visit, task: Task, text: str, page: int | None = None) -> Opinion:
    """Say one's opinion on a draft, bound to the file that was seen. Refuses NOT_YOURS, STEP_NOT_POSSIBLE."""
    require_mine(visit, task)
    if task.kind != TaskKind.REVIEW.value or task.role != Role.SUPPORT.value or task.document is None:
        raise impossible("việc này không phải góp ý", "this task asks for no opinion")
    said = " ".join(text.split())
    if not said:
        raise impossible("chưa nhập ý kiến", "the opinion is empty")
    document = lock(visit, task.document.pk)
    # As it is now, not as the page was read: it may have been answered, withdrawn or handed over.
    task = lock_task(task.pk, visit)
    require_mine(visit, task)
    if task.state not in LIVE:
        raise impossible("việc góp ý đã kết thúc", "it has ended")
    made = Opinion.objects.create(
        agency=visit.agency, document=document, task=task, author=visit.who.account,
        for_whom_id=task.account_id if task.account_id != visit.who.account.pk else None, kind="opinion",
        text=text.strip(), sha256=digest_of(document), page=page, at=visit.now,
    )  # fmt: skip
    end(visit, task, TaskState.FINISHED, said[:200])
    tell_drafter(visit, document, Said.DRAFT_OPINION, name=visit.who.account.full_name)
    return made


def submit(visit: Visit, document: int, revision: int) -> Document:
    """Send a draft to the head of its unit for the content. States: draft -> content_review.

    Refuses STEP_NOT_POSSIBLE without a main file, without signers, or when the file bears signatures of an earlier
    round; SIGNER_CHANGED; NOT_YOURS; FORM_STALE. A second call changes nothing.
    """
    found = lock_own(visit, document)
    if found.state == Outgoing.CONTENT_REVIEW.value:
        return found
    if found.state != Outgoing.DRAFT.value:
        raise impossible("dự thảo đang ở bước khác", "the draft is at another step")
    require_revision(found, revision)
    _require_ready(found)
    require_current(visit, found)
    reviewers = _reviewers(visit, found)
    if not reviewers:
        raise impossible("chưa có lãnh đạo đơn vị nào để duyệt nội dung", "nobody can review the content")
    found.state = Outgoing.CONTENT_REVIEW.value
    _next(visit, found, reviewers, "Duyệt nội dung")
    visit.note("draft.submitted", f"document:{found.pk}", sha256=hex_of(found))
    return found


def approve(visit: Visit, document: int, check: Check, seen: str, text: str = "") -> Document:
    """Approve content or form of the file that was seen (``seen``: its digest). Then the next step begins.

    Refuses STEP_NOT_POSSIBLE when the file has changed, NOT_YOURS: the drafter does not review the content, nor does a
    signer check the form. States: content_review -> form_check, form_check -> signing. Source: D30 art. 12.
    """
    found = lock(visit, document)
    step = Outgoing.CONTENT_REVIEW if check is Check.CONTENT else Outgoing.FORM_CHECK
    if found.state != step.value:
        if _approved_by_me(visit, found, check, seen):
            return found
        raise impossible("dự thảo không ở bước này", "the draft is not at this step")
    _require_reviewer(visit, found, check)
    _require_seen(found, seen)
    _write(visit, found, check, True, text)
    _end_reviews(visit, found)
    if check is Check.CONTENT:
        found.state = Outgoing.FORM_CHECK.value
        agency, day = visit.agency, visit.today
        checkers = holders(agency, day, *FORM_CHECKERS[:1]) or holders(agency, day, *FORM_CHECKERS)
        able = [each for each in checkers if each not in parties(found)]
        if not able:
            raise impossible("chưa có văn thư để kiểm tra thể thức", "nobody can check the form")
        _next(visit, found, able, "Kiểm tra thể thức")
    else:
        found.state = Outgoing.SIGNING.value
        found.revision += 1
        found.save(update_fields=["state", "revision"])
    visit.note(f"draft.{check.value}_approved", f"document:{found.pk}", sha256=seen)
    return found


def send_back(visit: Visit, document: int, text: str) -> Document:
    """Return a draft with remarks, from the review or from the signers: a new version is needed; old signatures are
    void. States: content_review, form_check, signing -> draft. Refuses NOT_YOURS, STEP_NOT_POSSIBLE."""
    found = lock(visit, document)
    remarks = text.strip()
    if not remarks:
        raise impossible("trả lại phải nêu lý do", "returning needs remarks")
    if found.state == Outgoing.CONTENT_REVIEW.value:
        _require_reviewer(visit, found, Check.CONTENT)
        check = Check.CONTENT.value
    elif found.state == Outgoing.FORM_CHECK.value:
        _require_reviewer(visit, found, Check.FORM)
        check = Check.FORM.value
    elif found.state == Outgoing.SIGNING.value:
        if visit.who.account.pk not in signer_accounts(found):
            raise Refused(NOT_YOURS, reason_vi="chỉ người ký trả lại được", reason_en="only a signer may return it")
        check = "signing"
    else:
        raise impossible("dự thảo không ở bước trả lại được", "the draft is not under review")
    _write(visit, found, check, False, remarks)
    back_to_draft(visit, found)
    found.save()
    tell_drafter(visit, found, Said.DRAFT_RETURNED, name=visit.who.account.full_name)
    visit.note("draft.returned", f"document:{found.pk}", step=check, reason=remarks[:200])
    return found


def approvals(document: Document) -> list[Approval]:
    """All decisions on a draft, oldest first, each with whether it is of the file as it is now."""
    found = list(Review.objects.filter(document=document).select_related("account", "for_whom").order_by("pk"))
    same = {digest_of(document), *_signed_from(document)}
    return [Approval(each, bytes(each.sha256) not in same) for each in found]


def require_approved(document: Document) -> None:
    """Refuses STEP_NOT_POSSIBLE unless content and form of this very file are approved, each by its newest decision."""
    now = digest_of(document)
    for check in Check:
        newest = Review.objects.filter(document=document, step=check.value).order_by("-pk").first()
        if newest is None or not newest.approved or bytes(newest.sha256) != now:
            words = {"content": ("nội dung", "content"), "form": ("thể thức", "form")}[check.value]
            raise impossible(
                f"{words[0]} của tệp hiện tại chưa được duyệt", f"the {words[1]} of this file is not approved"
            )


def signer_accounts(document: Document) -> list[int]:
    """Who is to sign, in order."""
    return [int(each["account"]) for each in (document.content or {}).get("signers", ())]


def digest_of(document: Document) -> bytes:
    """Digest of the document as it is now; empty while there is none."""
    file = main_file(document)
    return bytes(file.sha256) if file is not None else b""


def hex_of(document: Document) -> str:
    return digest_of(document).hex()


def opinions(document: Document) -> list[Opinion]:
    """What was said on a draft, oldest first."""
    return list(Opinion.objects.filter(document=document).select_related("author", "for_whom").order_by("pk"))


def _signed_from(document: Document) -> list[bytes]:
    """Digests from which the present file was made by nothing but signatures."""
    return [bytes(each.sha256_before) for each in document.signing_steps.all() if each.sha256_before]


def _require_ready(document: Document) -> None:
    file = main_file(document)
    if file is None or file.media_type != "application/pdf":
        raise impossible("chưa có tệp văn bản PDF; tạo từ nội dung hoặc tải lên", "there is no PDF of the document yet")
    if not signer_accounts(document):
        raise impossible("chưa chọn người ký", "nobody is to sign")
    with opened(file) as source:
        if signed_fields(open_reader(source)):
            raise impossible("tệp còn chữ ký của lượt trước; tạo phiên bản mới", "the file bears signatures of before")
    if any(not each.size for each in current(document, role=MAIN)):
        raise impossible("tệp văn bản rỗng", "the file is empty")


def _require_seen(document: Document, seen: str) -> None:
    if seen != hex_of(document):
        raise impossible("tệp đã thay đổi sau khi anh/chị mở; xem lại bản mới", "the file changed after you opened it")


def _require_reviewer(visit: Visit, document: Document, check: Check) -> None:
    person = visit.who
    if check is Check.CONTENT:
        file = main_file(document)
        if person.account.pk in {document.drafter_id, file.added_by_id if file else None}:
            raise Refused(
                NOT_YOURS, reason_vi="người soạn thảo không tự duyệt nội dung", reason_en="drafters do not review"
            )
        head = document.unit_id in person.units_as(Duty.UNIT_HEAD)
        if not head and not person.may(Duty.OFFICE_CHIEF, Duty.LEADER):
            why = "chỉ lãnh đạo đơn vị soạn thảo duyệt nội dung", "only the head of the drafting unit reviews it"
            raise Refused(NOT_YOURS, reason_vi=why[0], reason_en=why[1])
        return
    if person.account.pk in parties(document):
        raise Refused(
            NOT_YOURS, reason_vi="người ký không tự kiểm tra thể thức", reason_en="signers do not check the form"
        )
    if not person.may(*FORM_CHECKERS):
        raise Refused(NOT_YOURS, reason_vi="chỉ văn thư, văn phòng kiểm tra thể thức", reason_en="the office checks it")


def _approved_by_me(visit: Visit, document: Document, check: Check, seen: str) -> bool:
    mine = Review.objects.filter(document=document, step=check.value, account=visit.who.account, approved=True)
    newest = mine.order_by("-pk").first()
    return newest is not None and bytes(newest.sha256).hex() == seen


def _write(visit: Visit, document: Document, step: str | Check, approved: bool, text: str) -> None:
    tasks = [each for each in open_tasks(document, TaskKind.REVIEW) if each.account_id in visit.who.stands_for]
    principal = next((each.account_id for each in tasks if each.account_id != visit.who.account.pk), None)
    own = any(each.account_id == visit.who.account.pk for each in tasks)
    Review.objects.create(
        agency=visit.agency, document=document, step=step.value if isinstance(step, Check) else step,
        account=visit.who.account, for_whom_id=None if own else principal, approved=approved, text=text.strip(),
        sha256=digest_of(document), at=visit.now,
    )  # fmt: skip


def _next(visit: Visit, document: Document, accounts: list[int], title: str) -> None:
    document.revision += 1
    document.save(update_fields=["state", "revision"])
    for each in accounts:
        give(visit, document, Owner(each), TaskKind.REVIEW, Role.LEAD, title=f"{title}: {document.abstract}")


def _end_reviews(visit: Visit, document: Document) -> None:
    """Whoever decides ends the step for all who were asked; opinions that are still out stay welcome until signing."""
    for task in open_tasks(document, TaskKind.REVIEW):
        if task.role == Role.LEAD.value:
            mine = task.account_id in visit.who.stands_for
            end(visit, task, TaskState.FINISHED if mine else TaskState.WITHDRAWN)


def _reviewers(visit: Visit, document: Document) -> list[int]:
    """Heads of the drafting unit but the drafter; without one the office chief, else a leader."""
    agency, day, drafter = visit.agency, visit.today, document.drafter_id
    heads = [each for each in holders(agency, day, Duty.UNIT_HEAD, unit=document.unit_id) if each != drafter]
    others = [each for each in holders(agency, day, *CONTENT_REVIEWERS[1:]) if each != drafter]
    return heads or others[:1]


def _opinion_tasks(document: Document) -> list[Task]:
    return [each for each in open_tasks(document, TaskKind.REVIEW) if each.role == Role.SUPPORT.value]


def _principal(task: Task) -> int:
    return task.account_id if task.account_id is not None else -(task.unit_id or 0)
