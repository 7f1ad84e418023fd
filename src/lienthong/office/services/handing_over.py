"""Hand-over when a person leaves: tasks, drafts, dossiers and delegations go to another, with a report of each."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from lienthong.base.errors import ProblemKind, Refused
from lienthong.office.errors import NOT_YOURS, wrong_field
from lienthong.office.models import Document, Dossier, DossierReader, SigningStep, Task
from lienthong.office.notice_words import Said, sentence
from lienthong.office.services.assigning import title_of, where_of
from lienthong.office.services.dossier_rights import own_right
from lienthong.office.services.reading_rights import open_to
from lienthong.office.services.telling import notify
from lienthong.office.states import LIVE, NoticeKind, Outgoing
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.in_force import in_force
from lienthong.webkit.people.models import Account, Appointment, Delegation
from lienthong.webkit.site.duties import Duty

UNDER_WAY = [each.value for each in Outgoing if each not in {Outgoing.ISSUED, Outgoing.RECALLED, Outgoing.CANCELLED}]
PARTS = {
    "tasks": "Việc đang làm", "given": "Việc đã giao, đang theo dõi", "drafts": "Dự thảo đang soạn",
    "dossiers": "Hồ sơ đang lập", "delegations": "Ủy quyền còn hiệu lực",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moved:
    """One thing that goes over. ``where``: its page, or empty."""

    part: str
    label: str
    where: str
    sentence: str


def may_hand_over(visit: Visit, leaving: Account) -> bool:
    """Administrators, the office chief, leaders, and the heads of the unit where the person works, or worked last."""
    person = visit.who
    if person.may(Duty.ADMINISTRATOR, Duty.OFFICE_CHIEF, Duty.LEADER):
        return True
    heads = person.units_as(Duty.UNIT_HEAD)
    begun = Appointment.objects.filter(agency=visit.agency, account=leaving, valid_from__lte=visit.today)
    units = set(begun.filter(in_force(visit.today)).values_list("unit_id", flat=True))
    if not units:
        units = set(begun.order_by("-valid_until", "-pk").values_list("unit_id", flat=True)[:1])
    return not units.isdisjoint(heads)


def look(visit: Visit, leaving: Account) -> list[Moved]:
    """What somebody has now that would go over. Refuses NOT_YOURS."""
    _require(visit, leaving)
    tasks = Task.objects.filter(account=leaving, state__in=LIVE).select_related("document")
    given = Task.objects.filter(giver=leaving, state__in=LIVE).exclude(account=leaving).select_related("document")
    drafts = Document.objects.filter(agency=visit.agency, direction="outgoing", drafter=leaving, state__in=UNDER_WAY)
    dossiers = Dossier.objects.filter(agency=visit.agency, creator=leaving, state__in=("planned", "open", "closed"))
    found = [Moved("tasks", title_of(each), where_of(each), _due(each)) for each in tasks.order_by("due_date", "pk")]
    found += [Moved("given", title_of(each), where_of(each), _due(each)) for each in given.order_by("pk")]
    found += [Moved("drafts", each.abstract, f"/documents/{each.pk}", each.kind) for each in drafts.order_by("pk")]
    found += [Moved("dossiers", str(each), f"/dossiers/{each.pk}", "") for each in dossiers.order_by("pk")]
    for each in _delegations(visit, leaving):
        found.append(Moved("delegations", f"{each.principal} → {each.substitute}", "", f"đến {each.ends_at:%d/%m/%Y}"))
    return found


def hand_over(visit: Visit, leaving: Account, heir: Account, parts: set[str]) -> list[Moved]:
    """Give what was chosen to the heir and end the delegations; what went over, for the report. A second time: nothing.

    Signatures that the person still had to give go over as well. Refuses NOT_YOURS, FIELDS_WRONG.
    """
    _require(visit, leaving)
    if heir.pk == leaving.pk or heir.disabled_at is not None or heir.agency_id != leaving.agency_id:
        raise wrong_field(
            ProblemKind.FORMAT, "heir", "Chọn người nhận khác, đang làm việc.", "Choose another person at work."
        )
    moved = [each for each in look(visit, leaving) if each.part in parts]
    if "tasks" in parts:
        _tasks(visit, leaving, heir)
    if "given" in parts:
        Task.objects.filter(giver=leaving, state__in=LIVE).exclude(account=leaving).update(giver=heir)
    if "drafts" in parts:
        drafts = Document.objects.filter(
            agency=visit.agency, direction="outgoing", drafter=leaving, state__in=UNDER_WAY
        )
        for each in drafts.select_for_update():
            open_to(visit, each, [leaving.pk, heir.pk], "handed_over")
        drafts.update(drafter=heir)
    if "dossiers" in parts:
        _dossiers(visit, leaving, heir)
    if "delegations" in parts:
        _delegations(visit, leaving).update(revoked_at=visit.now)
    visit.note("person.handed_over", f"account:{leaving.pk}", heir=heir.pk, count=len(moved), parts=sorted(parts))
    if moved:
        said = sentence(Said.HANDED_OVER, count=len(moved), name=leaving.full_name)
        notify(visit, [heir.pk], NoticeKind.HANDED_OVER, said, "/")
    return moved


def _tasks(visit: Visit, leaving: Account, heir: Account) -> None:
    tasks = Task.objects.select_for_update(of=("self",)).filter(account=leaving, state__in=LIVE)
    for each in tasks.select_related("document"):
        if each.document is not None:
            open_to(visit, each.document, [heir.pk], f"{each.kind}.{each.role}")
    tasks.update(account=heir, read_at=None)
    SigningStep.objects.filter(account=leaving, signed_at__isnull=True, document__state__in=UNDER_WAY).update(
        account=heir
    )


def _dossiers(visit: Visit, leaving: Account, heir: Account) -> None:
    dossiers = list(
        Dossier.objects.select_for_update().filter(
            agency=visit.agency, creator=leaving, state__in=("planned", "open", "closed")
        )
    )
    DossierReader.objects.filter(dossier__in=dossiers, principal=heir.pk).delete()
    for each in dossiers:
        each.creator = heir
        own_right(visit, each)
    Dossier.objects.filter(pk__in=[each.pk for each in dossiers]).update(creator=heir)


def _delegations(visit: Visit, leaving: Account) -> QuerySet[Delegation]:
    return Delegation.objects.filter(
        Q(principal=leaving) | Q(substitute=leaving),
        agency=visit.agency,
        ends_at__gt=visit.now,
        revoked_at__isnull=True,
    ).select_related("principal", "substitute")


def _require(visit: Visit, leaving: Account) -> None:
    if not may_hand_over(visit, leaving):
        raise Refused(NOT_YOURS, reason_vi="bàn giao do quản trị, lãnh đạo hoặc trưởng đơn vị làm",
                      reason_en="administrators, leaders or the unit head hand over")  # fmt: skip


def _due(task: Task) -> str:
    return f"hạn {task.due_date:%d/%m/%Y}" if task.due_date else ""
