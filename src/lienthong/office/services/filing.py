"""Dossiers (hồ sơ): opened from the plan or when they are needed, filled, and never holding a copy of a document.

Source: D30 art. 28, 29; Appendix VI functions F4b–F4e.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, Max, OuterRef, QuerySet

from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.base.text import fold, nfc, one_line
from lienthong.office.errors import FIELDS_WRONG, STEP_NOT_POSSIBLE, wrong_field
from lienthong.office.models import Document, Dossier, DossierDocument, FilePlanHeading
from lienthong.office.services.dossier_rights import find_dossier, own_right, require_write, writable_dossiers
from lienthong.office.services.reading_rights import find
from lienthong.office.states import Incoming, Outgoing
from lienthong.vocabulary.number import FIRST_YEAR
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.models import Account, Agency, Unit
from lienthong.webkit.site.errors import stale

PERMANENT = "Vĩnh viễn"
OTHERS = "KHAC"
"""Abbreviation of dossiers that stand under no heading."""

MOST_DOCUMENTS = 32_000
_CODE = re.compile(r"\d{2,4}\.[^\s./]{1,15}")


@dataclass(frozen=True, slots=True)
class DossierFields:
    """The fields of a dossier that people enter (D30 Appendix VI Part II table III).

    ``retention``: ``Vĩnh viễn`` or years; ``code``: empty for the next one under its heading.
    """

    title: str
    retention: str
    year: int
    code: str = ""
    rights: str = ""
    creator: int | None = None
    unit: int | None = None
    language: str = "Tiếng Việt"
    starts_on: date | None = None
    ends_on: date | None = None
    due_date: date | None = None
    keywords: str = ""
    note: str = ""


def read_retention(text: str) -> int | None:
    """Years, None for permanent. ValueError for anything else. Source: D30 Appendix V; Law on Archives art. 15."""
    plain = fold(nfc(text))
    if plain == fold(PERMANENT):
        return None
    found = re.fullmatch(r"(\d{1,2})(?: nam)?", plain)
    if found is None or not 2 <= int(found[1]) <= 70:
        raise ValueError(text)
    return int(found[1])


def said_retention(years: int | None) -> str:
    """``Vĩnh viễn`` or ``10 năm``."""
    return PERMANENT if years is None else f"{years} năm"


def check(fields: DossierFields) -> None:
    """Refuses FIELDS_WRONG with one problem for each field."""
    problems = []
    if not fields.title.strip():
        problems.append(Problem(ProblemKind.REQUIRED, "title", "Nhập tiêu đề hồ sơ.", "Enter the title."))
    try:
        read_retention(fields.retention)
    except ValueError:
        problems.append(
            Problem(
                ProblemKind.FORMAT,
                "retention",
                "Thời hạn bảo quản là “Vĩnh viễn” hoặc từ 2 đến 70 năm.",
                "Retention is permanent or 2 to 70 years.",
            )
        )
    if not FIRST_YEAR <= fields.year <= 2200:
        problems.append(Problem(ProblemKind.RANGE, "year", "Năm không hợp lệ.", "The year is not possible."))
    if fields.code and not _CODE.fullmatch(fields.code):
        problems.append(
            Problem(ProblemKind.FORMAT, "code", "Số và ký hiệu có dạng 01.TCCB.", "A code looks like 01.TCCB.")
        )
    if fields.starts_on and fields.ends_on and fields.ends_on < fields.starts_on:
        problems.append(
            Problem(ProblemKind.RANGE, "ends_on", "Ngày kết thúc trước ngày bắt đầu.", "It ends before it starts.")
        )
    if problems:
        raise Refused(FIELDS_WRONG, tuple(problems), count=len(problems))


def next_code(agency: int, year: int, abbreviation: str) -> str:
    """The next number and symbol under a heading's abbreviation, from 01. Source: D30 Appendix V."""
    mark = abbreviation or OTHERS
    taken = Dossier.objects.filter(agency=agency, year=year, code__endswith=f".{mark}").values_list("code", flat=True)
    numbers = [int(code.split(".")[0]) for code in taken if code.split(".")[0].isdigit()]
    return f"{max(numbers, default=0) + 1:02d}.{mark}"


def open_dossier(
    visit: Visit, fields: DossierFields, heading: FilePlanHeading | None = None, *, planned: bool = False
) -> Dossier:
    """Open a dossier that is not in the plan, or (``planned``) put one into the plan; its creator may write it.

    Refuses FIELDS_WRONG, also when the code is taken in its year.
    """
    check(fields)
    # Two people who open at once take two codes: an agency's codes are given one after another. A year need not have a
    # file plan whose row could be locked; and not the key is, since all rows of the agency name it.
    Agency.objects.select_for_update(no_key=True).get(pk=visit.agency.pk)
    abbreviation = _abbreviation(heading)
    code = fields.code or next_code(visit.agency.pk, fields.year, abbreviation)
    if Dossier.objects.filter(agency=visit.agency, year=fields.year, code=code).exists():
        raise wrong_field(
            ProblemKind.FORMAT, "code", f"Số {code} đã dùng trong năm {fields.year}.", f"{code} is taken."
        )
    creator = _creator(visit, fields, planned=planned)
    unit = _unit(visit, fields, heading)
    dossier = Dossier.objects.create(
        agency=visit.agency, plan=heading.plan if heading else None, heading=heading, year=fields.year, code=code,
        title=one_line(nfc(fields.title), 500), retention_years=read_retention(fields.retention),
        rights=fields.rights[:30], creator=creator, unit=unit, language=fields.language[:50] or "Tiếng Việt",
        starts_on=fields.starts_on or (None if planned else visit.today), ends_on=fields.ends_on,
        due_date=fields.due_date, keywords=one_line(nfc(fields.keywords), 100), note=one_line(nfc(fields.note), 500),
        state="planned" if planned else "open", opened_at=None if planned else visit.now,
    )  # fmt: skip
    own_right(visit, dossier)
    visit.note("dossier.planned" if planned else "dossier.opened", f"dossier:{dossier.pk}", code=code)
    return dossier


def open_planned(visit: Visit, dossier: Dossier) -> Dossier:
    """Open a dossier of the plan; it is open already after a second click. Refuses NOT_YOURS, STEP_NOT_POSSIBLE."""
    found = lock_dossier(visit, dossier)
    if found.state == "open":
        return found
    if found.state != "planned":
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="hồ sơ đã kết thúc", reason_en="the dossier is closed")
    if found.creator_id is None:
        found.creator = visit.who.account
    require_write(visit, found)
    found.state, found.opened_at, found.starts_on = "open", visit.now, found.starts_on or visit.today
    found.save(update_fields=["state", "opened_at", "starts_on", "creator"])
    own_right(visit, found)
    visit.note("dossier.opened", f"dossier:{found.pk}", code=found.code)
    return found


def change_dossier(visit: Visit, dossier: Dossier, fields: DossierFields, revision: int) -> Dossier:
    """Change the fields of a dossier that is not closed.

    Refuses FORM_STALE, FIELDS_WRONG, NOT_YOURS, STEP_NOT_POSSIBLE.
    """
    check(fields)
    found = lock_dossier(visit, dossier)
    require_write(visit, found)
    _require_open(found)
    if found.revision != revision:
        raise stale()
    found.title, found.retention_years = one_line(nfc(fields.title), 500), read_retention(fields.retention)
    found.rights, found.language = fields.rights[:30], fields.language[:50] or "Tiếng Việt"
    found.starts_on, found.ends_on, found.due_date = fields.starts_on, fields.ends_on, fields.due_date
    found.keywords, found.note = one_line(nfc(fields.keywords), 100), one_line(nfc(fields.note), 500)
    found.revision += 1
    found.save()
    visit.note("dossier.changed", f"dossier:{found.pk}", revision=found.revision)
    return found


def file_document(visit: Visit, dossier: Dossier, document: int, note: str = "") -> DossierDocument:
    """Put a document into a dossier (lập hồ sơ) under the next ordinal; the document itself is not copied.

    In it already: the first entry. Refuses NOT_FOUND_HERE for a document that one may not read, NOT_YOURS,
    STEP_NOT_POSSIBLE for a dossier that is not open. Source: D30 art. 29.2.
    """
    found = lock_dossier(visit, dossier)
    require_write(visit, found)
    _require_open(found)
    readable_document = find(visit, document)
    if found.state == "planned":
        found = open_planned(visit, found)
    before = DossierDocument.objects.filter(dossier=found, document=readable_document).first()
    if before is not None:
        return before
    last = DossierDocument.objects.filter(dossier=found).aggregate(last=Max("ordinal"))["last"] or 0
    if last >= MOST_DOCUMENTS:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="hồ sơ đã đủ văn bản, hãy mở tập tiếp theo", reason_en="it is full")
    entry = DossierDocument.objects.create(
        agency=visit.agency, dossier=found, document=readable_document, ordinal=last + 1, filed_at=visit.now,
        filed_by=visit.who.account, note=note[:500],
    )  # fmt: skip
    visit.note("document.filed", f"document:{document}", dossier=found.pk, ordinal=last + 1)
    return entry


def take_out(visit: Visit, dossier: Dossier, document: int) -> None:
    """Take a document out of a dossier that is open; those after it move up. Not in it: nothing to do."""
    found = lock_dossier(visit, dossier)
    require_write(visit, found)
    _require_open(found)
    entry = DossierDocument.objects.filter(dossier=found, document=document).first()
    if entry is None:
        return
    ordinal = entry.ordinal
    entry.delete()
    DossierDocument.objects.filter(dossier=found, ordinal__gt=ordinal).update(ordinal=F("ordinal") - 1)
    visit.note("document.taken_out", f"document:{document}", dossier=found.pk)


def unfiled(documents: QuerySet[Document]) -> QuerySet[Document]:
    """Those documents that belong into a dossier and lie in none."""
    entries = DossierDocument.objects.filter(document=OuterRef("pk"))
    states = [each.value for each in Incoming if each is not Incoming.RECALLED] + [Outgoing.ISSUED.value]
    return documents.filter(~Exists(entries), state__in=states)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A dossier that a document may belong to, and why, in Vietnamese and English."""

    dossier: Dossier
    score: int
    vi: str
    en: str


LOOKED_AT = 200


def candidates(visit: Visit, document: Document) -> list[Dossier]:
    """Dossiers into which somebody may put a document that is not in them yet, those opened last first."""
    inside = DossierDocument.objects.filter(document=document).values("dossier")
    return list(writable_dossiers(visit).exclude(pk__in=inside).order_by("-opened_at", "-pk")[:LOOKED_AT])


def propose(document: Document, candidates: Sequence[Dossier], most: int = 4) -> list[Proposal]:
    """Those of the candidates that fit a document, the likeliest first: dossiers of what it answers, of its issuer, of
    the words of its subject."""
    if not candidates:
        return []
    related = set(
        DossierDocument.objects.filter(dossier__in=candidates)
        .filter(document__in=_related(document)).values_list("dossier_id", flat=True)
    )  # fmt: skip
    same_issuer = set(
        DossierDocument.objects.filter(dossier__in=candidates, document__issuer_name=document.issuer_name)
        .values_list("dossier_id", flat=True).distinct()
    ) if document.incoming else set()  # fmt: skip
    words = _telling(document.abstract)
    proposals = [_proposal(each, related, same_issuer, words) for each in candidates]
    return sorted((each for each in proposals if each.score > 0), key=lambda each: -each.score)[:most]


def _proposal(dossier: Dossier, related: set[int], same_issuer: set[int], words: set[str]) -> Proposal:
    if dossier.pk in related:
        return Proposal(dossier, 100, "có văn bản liên quan", "a related document is in it")
    common = words & _telling(f"{dossier.title} {dossier.keywords}")
    score = 10 * len(common) if len(common) > 1 else 0
    if dossier.pk in same_issuer:
        return Proposal(
            dossier, score + 15, "có văn bản cùng cơ quan ban hành", "it holds documents of the same issuer"
        )
    return Proposal(
        dossier, score, "cùng từ: " + ", ".join(sorted(common)[:4]), "same words: " + ", ".join(sorted(common)[:4])
    )


def _related(document: Document) -> list[int]:
    ids = [document.answers_id, document.replaces_id]
    answered = Document.objects.filter(answers=document).values_list("pk", flat=True)
    return [each for each in (*ids, *answered) if each is not None]


_COMMON = frozenset(
    [
        "ve",
        "viec",
        "va",
        "cua",
        "cho",
        "cac",
        "nam",
        "thuc",
        "hien",
        "theo",
        "tai",
        "tren",
        "den",
        "tu",
        "voi",
        "cong",
        "tac",
        "bao",
        "cao",
        "so",
        "ngay",
        "nhung",
        "trong",
        "la",
        "duoc",
    ]
)


def _telling(text: str) -> set[str]:
    return {
        word for word in re.findall(r"\w+", fold(text)) if len(word) > 2 and word not in _COMMON and not word.isdigit()
    }


def lock_dossier(visit: Visit, dossier: Dossier) -> Dossier:
    """The dossier as it is now, locked until the transaction ends. Refuses NOT_FOUND_HERE."""
    find_dossier(visit, dossier.pk)
    return Dossier.objects.select_for_update(of=("self",)).get(pk=dossier.pk)


def _require_open(dossier: Dossier) -> None:
    if dossier.state not in {"open", "planned"}:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="hồ sơ đã kết thúc; mở lại trước khi sửa",
                      reason_en="the dossier is closed; reopen it first")  # fmt: skip


def _abbreviation(heading: FilePlanHeading | None) -> str:
    while heading is not None:
        if heading.abbreviation:
            return heading.abbreviation
        heading = heading.parent
    return ""


def _creator(visit: Visit, fields: DossierFields, *, planned: bool) -> Account | None:
    if fields.creator is None:
        return None if planned else visit.who.account
    found = Account.objects.filter(pk=fields.creator, agency=visit.agency, disabled_at__isnull=True).first()
    if found is None:
        raise wrong_field(
            ProblemKind.FORMAT, "creator", "Không có người này trong cơ quan.", "There is no such person."
        )
    return found


def _unit(visit: Visit, fields: DossierFields, heading: FilePlanHeading | None) -> Unit | None:
    wanted = fields.unit or (heading.unit_id if heading else None)
    if wanted is None:
        mine = [each.unit_id for each in visit.who.capacities]
        wanted = mine[0] if mine else None
    return Unit.objects.filter(pk=wanted, agency=visit.agency).first() if wanted else None
