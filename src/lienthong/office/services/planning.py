"""The file plan of a year (danh mục hồ sơ): headings and expected dossiers, approved by the head.

Source: D30 art. 28, Appendix V.

Large headings have Roman numerals, small ones Arabic; the numerals follow from the order and are not stored.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.db.models import Max, Prefetch

from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.base.text import fold, nfc
from lienthong.office.errors import FIELDS_WRONG, NOT_YOURS, STEP_NOT_POSSIBLE, wrong_field
from lienthong.office.models import Dossier, FilePlan, FilePlanHeading
from lienthong.office.papers import file_plan as paper
from lienthong.office.services.dossier_rights import KEEPERS
from lienthong.office.services.filing import DossierFields, open_dossier, read_retention, said_retention
from lienthong.office.services.printing import letterhead, print_mark
from lienthong.vocabulary.number import FIRST_YEAR
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.papers.model import Signer, Table
from lienthong.webkit.papers.read_xlsx import Field, ReadRow, read_xlsx
from lienthong.webkit.people.models import Account, Unit
from lienthong.webkit.site.duties import Duty

FIELDS = (
    Field("code", "Số và ký hiệu hồ sơ", longest=20),
    Field("title", "Tên đề mục và tiêu đề hồ sơ", required=True),
    Field("retention", "Thời hạn bảo quản", longest=30),
    Field("creator", "Người lập hồ sơ", longest=200),
    Field("note", "Ghi chú", wanted=False),
)
_NUMERAL = re.compile(r"([IVXLC]+|\d{1,3})[.)]?\s+(.+)")
_ROMAN = re.compile(r"[IVXLC]+")


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One dossier of an imported plan, with its place. ``retention`` in years, None is permanent."""

    line: int
    large: str
    small: str
    code: str
    title: str
    retention: int | None
    creator: Account | None
    note: str


@dataclass(slots=True)
class Dry:
    """What an import would do. ``new``/``same``: dossiers to be added, and those there already. ``problems``: by cell;
    while there is one, nothing can be taken."""

    new: list[PlanLine] = field(default_factory=list)
    same: list[PlanLine] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def plan_of(visit: Visit, year: int) -> FilePlan | None:
    """The plan of a year with its headings and dossiers; None when nobody began it."""
    dossiers = Dossier.objects.select_related("creator").order_by("code")
    headings = FilePlanHeading.objects.order_by("order", "pk").prefetch_related(Prefetch("dossiers", dossiers))
    return (
        FilePlan.objects.filter(agency=visit.agency, year=year).select_related("approved_by")
        .prefetch_related(Prefetch("headings", headings)).first()
    )  # fmt: skip


def begin(visit: Visit, year: int) -> FilePlan:
    """Begin the plan of a year, or give the one that was begun. Refuses NOT_YOURS, FIELDS_WRONG."""
    require_keeper(visit)
    if not FIRST_YEAR <= year <= 2200:
        raise wrong_field(ProblemKind.RANGE, "year", "Năm không hợp lệ.", "The year is not possible.")
    plan, new = FilePlan.objects.get_or_create(agency=visit.agency, year=year)
    if new:
        visit.note("file_plan.begun", f"file_plan:{plan.pk}", year=year)
    return plan


def add_heading(
    visit: Visit, plan: FilePlan, title: str, abbreviation: str = "", parent: int | None = None, unit: int | None = None
) -> FilePlanHeading:
    """Add a heading at the end of its level; one of the same title and level is given back. Refuses NOT_YOURS,
    FIELDS_WRONG (a large heading needs the abbreviation that its codes carry), STEP_NOT_POSSIBLE when approved."""
    plan = lock_plan(visit, plan)
    above = FilePlanHeading.objects.filter(plan=plan, pk=parent, parent__isnull=True).first() if parent else None
    text, mark = " ".join(nfc(title).split())[:300], re.sub(r"[\s./]+", "", nfc(abbreviation)).upper()[:15]
    problems = []
    if not text:
        problems.append(Problem(ProblemKind.REQUIRED, "title", "Nhập tên đề mục.", "Enter the heading."))
    if above is None and not mark:
        problems.append(
            Problem(
                ProblemKind.REQUIRED, "abbreviation", "Nhập chữ viết tắt của đề mục lớn.", "Enter its abbreviation."
            )
        )
    if problems:
        raise Refused(FIELDS_WRONG, tuple(problems), count=len(problems))
    level = FilePlanHeading.objects.filter(plan=plan, parent=above)
    same = level.filter(title=text).first()
    if same is not None:
        return same
    last = level.aggregate(last=Max("order"))["last"]
    made = FilePlanHeading.objects.create(
        agency=visit.agency, plan=plan, parent=above, order=0 if last is None else last + 1, title=text,
        abbreviation=mark if above is None else "", unit=Unit.objects.filter(agency=visit.agency, pk=unit or 0).first(),
    )  # fmt: skip
    visit.note("file_plan.heading", f"file_plan:{plan.pk}", title=text[:100])
    return made


def plan_dossier(visit: Visit, plan: FilePlan, heading: int, fields: DossierFields) -> Dossier:
    """Put an expected dossier under a heading of a plan that is not approved. Refuses as :func:`add_heading`."""
    plan = lock_plan(visit, plan)
    found = FilePlanHeading.objects.filter(plan=plan, pk=heading).select_related("parent").first()
    if found is None:
        raise wrong_field(ProblemKind.REQUIRED, "heading", "Chọn đề mục.", "Choose a heading.")
    return open_dossier(visit, replace(fields, year=plan.year), found, planned=True)


def strike(visit: Visit, plan: FilePlan, dossier: int) -> None:
    """Take an expected dossier out of a plan that is not approved; one that was opened stays. Gone: no fault."""
    plan = lock_plan(visit, plan)
    found = Dossier.objects.filter(plan=plan, pk=dossier).first()
    if found is None:
        return
    if found.state != "planned" or found.entries.exists():
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="hồ sơ đã mở", reason_en="the dossier was opened")
    visit.note("file_plan.struck", f"file_plan:{plan.pk}", code=found.code)
    found.delete()


def approve(visit: Visit, plan: FilePlan, decision: str) -> FilePlan:
    """The head approves the plan with his decision; from then on it is fixed. Approved already: it stays so.

    Refuses NOT_YOURS (leaders only), STEP_NOT_POSSIBLE for an empty plan, FIELDS_WRONG without a decision.
    """
    if not visit.who.may(Duty.LEADER):
        raise Refused(
            NOT_YOURS, reason_vi="người đứng đầu cơ quan phê duyệt", reason_en="the head of the agency approves"
        )
    found = FilePlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if found.state == "approved":
        return found
    text = " ".join(nfc(decision).split())[:200]
    if not text:
        raise wrong_field(ProblemKind.REQUIRED, "decision", "Nhập số, ngày quyết định ban hành.", "Enter the decision.")
    if not Dossier.objects.filter(plan=found).exists():
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="danh mục chưa có hồ sơ nào", reason_en="the plan has no dossier")
    found.state, found.decision = "approved", text
    found.approved_at, found.approved_by = visit.now, visit.who.account
    found.save()
    visit.note("file_plan.approved", f"file_plan:{found.pk}", decision=text)
    return found


def copy_plan(visit: Visit, year: int) -> int:
    """Begin a year with the headings and dossiers of the year before; how many dossiers were added."""
    before = plan_of(visit, year - 1)
    if before is None:
        raise Refused(
            STEP_NOT_POSSIBLE, reason_vi=f"năm {year - 1} không có danh mục", reason_en=f"{year - 1} has no plan"
        )
    lines = [
        PlanLine(0, large.title, small.title, each.code, each.title, each.retention_years, each.creator, each.note)
        for large, small, each in placed(before)
    ]
    marks = {each.title: (each.abbreviation, each.unit_id) for each in before.headings.all() if each.parent_id is None}
    return take(visit, begin(visit, year), _compared(visit, year, lines), marks)


def read_plan(visit: Visit, year: int, name: str, data: bytes) -> Dry:
    """Read a spreadsheet in the form of Appendix V and say what taking it would do; nothing is written.

    Refuses SPREADSHEET_…; wrong cells are problems of the answer, each with its cell.
    """
    try:
        rows = read_xlsx(name, data, FIELDS, heading="title", stop_at_blank=True)
    except Refused as refusal:
        if refusal.problems:
            return Dry(problems=list(refusal.problems))
        raise
    people: dict[str, list[Account]] = {}
    for person in Account.objects.filter(agency=visit.agency, disabled_at__isnull=True):
        people.setdefault(fold(person.full_name), []).append(person)
    lines, problems = _lines(rows, people)
    dry = _compared(visit, year, lines)
    dry.problems = problems
    codes: dict[str, int] = {}
    for each in lines:
        if each.code and codes.setdefault(fold(each.code), each.line) != each.line:
            dry.problems.append(
                _problem(
                    each.line, "A", f"số {each.code} đã có ở dòng {codes[fold(each.code)]}", f"{each.code} stands twice"
                )
            )
    return dry


def take(visit: Visit, plan: FilePlan, dry: Dry, marks: dict[str, tuple[str, int | None]] | None = None) -> int:
    """Write what a dry run showed: headings that are missing, dossiers that are new; how many dossiers.

    Refuses FIELDS_WRONG with all problems; then nothing is written.
    """
    if dry.problems:
        raise Refused(FIELDS_WRONG, tuple(dry.problems), count=len(dry.problems))
    for each in dry.new:
        mark, unit = (marks or {}).get(each.large, ("", None))
        mark = mark or (each.code.partition(".")[2] if each.code else "") or _initials(each.large)
        heading = add_heading(visit, plan, each.large, mark, unit=unit)
        if each.small:
            heading = add_heading(visit, plan, each.small, parent=heading.pk)
        fields = DossierFields(
            each.title, said_retention(each.retention), plan.year, each.code,
            creator=each.creator.pk if each.creator else None, note=each.note,
        )  # fmt: skip
        plan_dossier(visit, plan, heading.pk, fields)
    visit.note("file_plan.imported", f"file_plan:{plan.pk}", count=len(dry.new))
    return len(dry.new)


def placed(plan: FilePlan) -> list[tuple[FilePlanHeading, FilePlanHeading, Dossier]]:
    """Every dossier of a plan with its large and its small heading (the same when it stands right under the large)."""
    headings = {each.pk: each for each in plan.headings.all()}
    found = []
    for large in (each for each in headings.values() if each.parent_id is None):
        for small in (large, *(each for each in headings.values() if each.parent_id == large.pk)):
            found += [(large, small, each) for each in small.dossiers.all()]
    return found


def table_of(visit: Visit, plan: FilePlan) -> Table:
    """The plan as a paper in the form of Appendix V."""
    large = []
    headings = list(plan.headings.all())
    for each in (heading for heading in headings if heading.parent_id is None):
        parts = [("", each), *((small.title, small) for small in headings if small.parent_id == each.pk)]
        large.append(
            paper.LargeHeading(
                each.title,
                tuple(paper.SmallHeading(title, tuple(_planned(dossier) for dossier in part.dossiers.all()))
                      for title, part in parts if title or part.dossiers.all()),
            )
        )  # fmt: skip
    signer = Signer("NGƯỜI ĐỨNG ĐẦU CƠ QUAN", plan.approved_by.full_name if plan.approved_by else "", "")
    return paper.file_plan(
        paper.FilePlan(plan.year, tuple(large), plan.decision, signer), letterhead(visit), print_mark(visit)
    )


def require_keeper(visit: Visit) -> None:
    """Refuses NOT_YOURS: the registry, the office chief and the archive make the plan."""
    if not visit.who.may(*KEEPERS):
        raise Refused(NOT_YOURS, reason_vi="văn thư, chánh văn phòng hoặc lưu trữ lập danh mục",
                      reason_en="registrars, the office chief or archivists make the plan")  # fmt: skip


def lock_plan(visit: Visit, plan: FilePlan) -> FilePlan:
    """The plan as it is now, locked. Refuses NOT_YOURS, STEP_NOT_POSSIBLE when it is approved."""
    require_keeper(visit)
    found = FilePlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if found.state == "approved":
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="danh mục đã được phê duyệt; hồ sơ phát sinh mở ở trang Hồ sơ",
                      reason_en="the plan is approved; open further dossiers on their own page")  # fmt: skip
    return found


def _planned(dossier: Dossier) -> paper.PlannedDossier:
    creator = dossier.creator.full_name if dossier.creator else ""
    return paper.PlannedDossier(
        dossier.code, dossier.title, said_retention(dossier.retention_years), creator, dossier.note
    )


def _lines(rows: Sequence[ReadRow], people: dict[str, list[Account]]) -> tuple[list[PlanLine], list[Problem]]:
    lines: list[PlanLine] = []
    problems: list[Problem] = []
    large = small = ""
    for row in rows:
        title = str(row.values.get("title") or "")
        if row.heading:
            numeral, text = _numeral(title)
            if _ROMAN.fullmatch(numeral):
                large, small = text, ""
            elif numeral:
                small = text
            else:
                problems.append(
                    _problem(
                        row.line,
                        "B",
                        "đề mục phải bắt đầu bằng số La Mã hoặc số Ả Rập",
                        "a heading begins with a numeral",
                    )
                )
            continue
        if not large:
            problems.append(
                _problem(row.line, "B", "hồ sơ chưa thuộc đề mục lớn nào", "it stands under no large heading")
            )
            large = "Chưa rõ"
        line = _line(row, large, small, people, problems)
        if line is not None:
            lines.append(line)
    return lines, problems


def _line(
    row: ReadRow, large: str, small: str, people: dict[str, list[Account]], problems: list[Problem]
) -> PlanLine | None:
    text = {name: str(value or "").strip() for name, value in row.values.items()}
    try:
        retention = read_retention(text.get("retention", ""))
    except ValueError:
        problems.append(
            _problem(row.line, "C", "ghi “Vĩnh viễn” hoặc số năm từ 2 đến 70", "write “permanent” or 2 to 70 years")
        )
        return None
    code = text.get("code", "")
    if code and not re.fullmatch(r"\d{2,4}\.[^\s./]{1,15}", code):
        problems.append(_problem(row.line, "A", "số và ký hiệu có dạng 01.TCCB", "a code looks like 01.TCCB"))
        return None
    named = people.get(fold(text.get("creator", "")), [])
    if text.get("creator") and len(named) != 1:
        how = "không có người này" if not named else "có nhiều người trùng tên"
        problems.append(_problem(row.line, "D", f"{how} trong cơ quan", "no such person, or several of that name"))
        return None
    return PlanLine(
        row.line, large, small, code, text["title"], retention, named[0] if named else None, text.get("note", "")
    )


def _compared(visit: Visit, year: int, lines: Sequence[PlanLine]) -> Dry:
    there = Dossier.objects.filter(agency=visit.agency, year=year).values_list("code", "title")
    codes, titles = {code for code, _ in there}, {fold(title) for _, title in there}
    dry = Dry()
    for each in lines:
        known = each.code in codes if each.code else fold(each.title) in titles
        (dry.same if known else dry.new).append(each)
    dry.headings = list(dict.fromkeys(each.large for each in dry.new))
    return dry


def _numeral(title: str) -> tuple[str, str]:
    found = _NUMERAL.fullmatch(title.strip())
    return (found[1], found[2]) if found else ("", title)


def _problem(line: int, column: str, vi: str, en: str) -> Problem:
    where = f"{column}{line}"
    return Problem(ProblemKind.FORMAT, where, f"Ô {where}: {vi}.", f"Cell {where}: {en}.")


def _initials(title: str) -> str:
    return "".join(word[0] for word in nfc(title).split() if word[0].isalpha()).upper()[:6] or "HS"
