"""How complete a dossier is, closing it, opening it again, and handing it to the archive (D30 art. 29, 30)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from lienthong.base.errors import Refused
from lienthong.office.errors import NOT_YOURS, STEP_NOT_POSSIBLE
from lienthong.office.models import Document, Dossier, DossierDocument, StoredFile, Task
from lienthong.office.notice_words import Said, sentence
from lienthong.office.services.dossier_rights import competent, readable_dossiers, require_write
from lienthong.office.services.filing import file_document, lock_dossier
from lienthong.office.services.reading_rights import readable
from lienthong.office.services.telling import notify
from lienthong.office.states import LIVE, NoticeKind, Role
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.in_force import holders
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a complete dossier has. ``part``: from 0 to 1. ``fix``: the act that puts it right by one press.

    ``blocks``: the dossier cannot be closed without it. ``of_documents``: a share of its documents have it.
    """

    key: str
    vi: str
    en: str
    part: float
    fix: str = ""
    blocks: bool = False
    of_documents: bool = False

    @property
    def met(self) -> bool:
        """Whether nothing is missing here."""
        return self.part >= 1


@dataclass(frozen=True, slots=True)
class Meter:
    """How ready a dossier is to be handed to the archive (sẵn sàng nộp lưu)."""

    checks: Sequence[Check]
    documents: int
    pages: int

    @property
    def percent(self) -> int:
        """100 only when nothing at all is missing, 0 as long as nothing is in it."""
        if not self.documents:
            return 0
        share = sum(each.part for each in self.checks) / len(self.checks)
        return 100 if all(each.met for each in self.checks) else min(int(100 * share), 99)

    @property
    def missing(self) -> list[Check]:
        return [each for each in self.checks if not each.met]

    @property
    def shown(self) -> list[Check]:
        """What is missing, as it is told: without documents, nothing is said of what each of them lacks."""
        return [each for each in self.missing if self.documents or not each.of_documents]

    @property
    def blocking(self) -> list[Check]:
        return [each for each in self.shown if each.blocks]


def documents_of(dossier: Dossier) -> QuerySet[Document]:
    """The documents in a dossier."""
    return Document.objects.filter(dossier_entries__dossier=dossier)


def measure(visit: Visit, dossier: Dossier) -> Meter:
    """Look through a dossier: a few counts, however many documents it holds."""
    counted, outside = _counted(dossier), related_outside(visit, dossier).count()
    total, busy = counted["documents"], counted["busy"]

    def of_all(key: str, vi: str, en: str, fix: str = "", *, blocks: bool = False) -> Check:
        lacking = total - counted[key]
        part = counted[key] / total if total else 0
        return Check(key, f"{lacking} văn bản {vi}", f"{lacking} documents {en}", part, fix, blocks, of_documents=True)

    def of_dossier(key: str, has: object, vi: str, en: str, fix: str = "", *, blocks: bool = True) -> Check:
        return Check(key, vi, en, 1 if has else 0, fix, blocks)

    checks = (
        of_dossier("documents", total, "Chưa có văn bản nào", "There is no document"),
        of_dossier("starts_on", dossier.starts_on, "Thiếu ngày bắt đầu", "The first day is missing", "dates"),
        of_dossier("ends_on", dossier.ends_on, "Thiếu ngày kết thúc", "The last day is missing", "dates"),
        of_dossier("creator", dossier.creator_id, "Chưa có người lập hồ sơ", "Nobody keeps it"),
        Check("tasks", f"{busy} văn bản còn việc chưa xong", f"{busy} documents have open tasks",
              1 - busy / total if total else 1, blocks=True),
        Check("parts", f"{outside} văn bản liên quan chưa vào hồ sơ", f"{outside} related documents are not in it",
              total / (total + outside) if outside else 1, "parts", blocks=True),
        of_all("dated", "thiếu ngày", "lack their day", blocks=True),
        of_all("filed", "chưa có tệp", "lack a file"),
        of_all("paged", "chưa ghi số trang", "lack their pages", "pages"),
        of_all("signed", "chưa ghi người ký", "lack their signer"),
        of_dossier("rights", dossier.rights, "Chưa ghi chế độ sử dụng", "The mode of use is missing", "rights",
                   blocks=False),
    )  # fmt: skip
    return Meter(checks, total, counted["page_total"])


def _counted(dossier: Dossier) -> Mapping[str, int]:
    files = StoredFile.objects.filter(document=OuterRef("pk"))
    tasks = Task.objects.filter(document=OuterRef("pk"), state__in=LIVE).exclude(
        role__in=(Role.INFORM.value, Role.FOLLOW.value)
    )
    return documents_of(dossier).aggregate(
        documents=Count("pk"),
        page_total=Coalesce(Sum("pages"), Value(0)),
        dated=Count("issued_date"),
        paged=Count("pages"),
        filed=Count("pk", filter=Q(Exists(files)) | Q(paper=True)),
        busy=Count("pk", filter=Q(Exists(tasks))),
        signed=Count("pk", filter=~Q(signer_name="")),
    )


def related_outside(visit: Visit, dossier: Dossier) -> QuerySet[Document]:
    """Documents that answer, are answered by, replace or are replaced by one in the dossier, and are not in it."""
    inside = DossierDocument.objects.filter(dossier=dossier).values("document")
    inner = Document.objects.filter(pk__in=inside)
    linked = (
        Q(answers__in=inside) | Q(replaces__in=inside)
        | Q(pk__in=inner.filter(answers__isnull=False).values("answers"))
        | Q(pk__in=inner.filter(replaces__isnull=False).values("replaces"))
    )  # fmt: skip
    settled = Q(direction="incoming") | Q(state="issued")
    return readable(visit).filter(linked, settled).exclude(pk__in=inside)


def put_right(visit: Visit, dossier: Dossier, fix: str) -> int:
    """Put one missing thing right by what the system knows itself; how many entries were filled in.

    ``dates``: first and last day of the documents. ``pages``: counted from the files. ``parts``: related documents are
    filed. ``rights``: the usual mode of use. Refuses NOT_YOURS, STEP_NOT_POSSIBLE.
    """
    found = lock_dossier(visit, dossier)
    require_write(visit, found)
    if found.state != "open":
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="hồ sơ không đang mở", reason_en="the dossier is not open")
    done = 0
    if fix == "dates":
        days = documents_of(found).aggregate(
            first=Min(Coalesce("arrival_date", "issued_date")), last=Max(Coalesce("arrival_date", "issued_date"))
        )
        found.starts_on, found.ends_on = found.starts_on or days["first"], found.ends_on or days["last"]
        done = int(days["last"] is not None)
    elif fix == "rights":
        found.rights, done = "Hạn chế", 1
    elif fix == "parts":
        ids = list(related_outside(visit, found).order_by("issued_date", "pk").values_list("pk", flat=True)[:200])
        done = len([file_document(visit, found, each) for each in ids])
    elif fix == "pages":
        main = StoredFile.objects.filter(document=OuterRef("pk"), slot=0, pages__isnull=False).order_by("-version")
        without = documents_of(found).filter(pages__isnull=True)
        counted = list(without.annotate(found_pages=main.values("pages")[:1]).filter(found_pages__isnull=False))
        for each in counted:
            each.pages = each.found_pages
        done = Document.objects.bulk_update(counted, ["pages"]) if counted else 0
    if fix in {"dates", "rights"}:
        found.revision = found.revision + 1
        found.save(update_fields=["starts_on", "ends_on", "rights", "revision"])
    visit.note("dossier.put_right", f"dossier:{found.pk}", fix=fix, count=done)
    return done


def close(visit: Visit, dossier: Dossier) -> Dossier:
    """Close a dossier when its work is done (kết thúc hồ sơ). Closed already: it stays as it is.

    Refuses NOT_YOURS, and STEP_NOT_POSSIBLE with what is missing: open tasks, related documents outside, days.
    Source: D30 art. 29.3.
    """
    found = lock_dossier(visit, dossier)
    if found.state in {"closed", "submitted", "accepted"}:
        return found
    require_write(visit, found)
    if found.state != "open":
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="hồ sơ chưa mở", reason_en="the dossier was never opened")
    blocking = measure(visit, found).blocking
    if blocking:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="; ".join(each.vi for each in blocking).lower(),
                      reason_en="; ".join(each.en for each in blocking).lower())  # fmt: skip
    found.state, found.closed_at, found.closed_by = "closed", visit.now, visit.who.account
    found.save(update_fields=["state", "closed_at", "closed_by"])
    visit.note("dossier.closed", f"dossier:{found.pk}", code=found.code)
    return found


def reopen(visit: Visit, dossier: Dossier, reason: str) -> Dossier:
    """Open a closed dossier again, with a reason; only who decides on its rights may.

    Refuses NOT_YOURS, STEP_NOT_POSSIBLE.
    """
    found = lock_dossier(visit, dossier)
    if found.state == "open":
        return found
    text = " ".join(reason.split())
    if not competent(visit, found):
        raise Refused(
            NOT_YOURS,
            reason_vi="mở lại hồ sơ là quyền của lãnh đạo, chánh văn phòng hoặc trưởng đơn vị",
            reason_en="leaders, the office chief or the unit head reopen dossiers",
        )
    if found.state != "closed" or not text:
        raise Refused(
            STEP_NOT_POSSIBLE,
            reason_vi="chỉ mở lại hồ sơ đã kết thúc, chưa nộp lưu, và phải có lý do",
            reason_en="only a closed dossier that was not handed in, and with a reason",
        )
    found.state, found.closed_at, found.closed_by = "open", None, None
    found.save(update_fields=["state", "closed_at", "closed_by"])
    visit.note("dossier.reopened", f"dossier:{found.pk}", reason=text[:300])
    return found


def submit(visit: Visit, dossiers: Sequence[int]) -> list[tuple[Dossier | None, str]]:
    """Hand closed dossiers to the agency's archive (nộp lưu): a result for each, in the order asked for, with why it
    was not taken, or an empty text. One that nobody may show this person is told of as one that does not exist.

    Source: D30 art. 30; Appendix VI function F5c.
    """
    asked = list(dict.fromkeys(dossiers))
    seen = readable_dossiers(visit).select_for_update(of=("self",)).filter(pk__in=asked).order_by("pk")
    found = {each.pk: each for each in seen}
    nothing = Refused(NOT_FOUND_HERE).sentence(visit.language)
    done: list[tuple[Dossier | None, str]] = []
    for pk in asked:
        dossier = found.get(pk)
        why = _why_not(visit, dossier) if dossier is not None else nothing
        if dossier is not None and not why:
            dossier.state, dossier.submitted_at = "submitted", visit.now
            dossier.save(update_fields=["state", "submitted_at"])
            visit.note("dossier.submitted", f"dossier:{dossier.pk}", code=dossier.code)
        done.append((dossier, why))
    handed = [each for each, why in done if not why]
    if handed:
        notify(visit, holders(visit.agency, visit.today, Duty.ARCHIVIST), NoticeKind.DOSSIER_SUBMITTED,
               sentence(Said.DOSSIERS_SUBMITTED, count=len(handed)), "/dossiers?state=submitted")  # fmt: skip
    return done


def _why_not(visit: Visit, dossier: Dossier) -> str:
    try:
        require_write(visit, dossier)
    except Refused as refusal:
        return refusal.sentence(visit.language)
    if dossier.state in {"submitted", "accepted"}:
        return "" if dossier.state == "submitted" else "đã được lưu trữ nhận"
    return "" if dossier.state == "closed" else "chưa kết thúc"


def receive(visit: Visit, dossier: Dossier, *, accepted: bool, reason: str = "") -> Dossier:
    """The archive accepts a dossier that was handed in, or gives it back with a reason. Refuses NOT_YOURS,
    STEP_NOT_POSSIBLE. Decided already: it stays so."""
    if not visit.who.may(Duty.ARCHIVIST):
        raise Refused(NOT_YOURS, reason_vi="việc này của lưu trữ cơ quan", reason_en="the agency's archive does this")
    found = lock_dossier(visit, dossier)
    if accepted and found.state == "accepted":
        return found
    text = " ".join(reason.split())
    if found.state != "submitted" or not (accepted or text):
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="hồ sơ chưa nộp, hoặc trả lại mà không có lý do",
                      reason_en="it was not handed in, or is given back without a reason")  # fmt: skip
    found.state = "accepted" if accepted else "closed"
    found.submitted_at = found.submitted_at if accepted else None
    found.save(update_fields=["state", "submitted_at"])
    visit.note("dossier.accepted" if accepted else "dossier.given_back", f"dossier:{found.pk}", reason=text[:300])
    if found.creator_id:
        said = sentence(Said.DOSSIER_ACCEPTED, dossier=found.code)
        if not accepted:
            said = sentence(Said.DOSSIER_GIVEN_BACK, dossier=found.code, why=text)
        notify(visit, [found.creator_id], NoticeKind.DOSSIER_RECEIVED, said, f"/dossiers/{found.pk}")
    return found


def counts_by_account(dossiers: QuerySet[Dossier], today: date) -> list[Mapping[str, Any]]:
    """How many dossiers each account has, by state (function F4đ)."""
    found: list[Mapping[str, Any]] = list(
        dossiers.values("creator", name=F("creator__full_name"))
        .annotate(
            total=Count("pk"),
            planned=Count("pk", filter=Q(state="planned")),
            open=Count("pk", filter=Q(state="open")),
            closed=Count("pk", filter=Q(state="closed")),
            submitted=Count("pk", filter=Q(state__in=("submitted", "accepted"))),
            late=Count("pk", filter=Q(state="open", due_date__lt=today)),
        )
        .order_by("name")
    )
    return found
