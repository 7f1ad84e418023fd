"""Who may read and write a dossier; a change is announced, and in force once it is confirmed (functions F3b, F3c)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from lienthong.base.errors import Refused
from lienthong.office.errors import NOT_YOURS, STEP_NOT_POSSIBLE
from lienthong.office.models import Dossier, DossierReader
from lienthong.office.notice_words import Said, sentence
from lienthong.office.services.reading_rights import EVERYBODY, principals
from lienthong.office.services.telling import notify
from lienthong.office.states import NoticeKind
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.in_force import holders
from lienthong.webkit.people.models import Account, Unit
from lienthong.webkit.site.duties import WHOLE_AGENCY, Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE

READ, WRITE, NONE = "read", "write", "none"
KEEPERS = (Duty.REGISTRAR, Duty.OFFICE_CHIEF, Duty.ARCHIVIST)
"""Duties that keep order in the dossiers of the whole agency."""


def in_force(today: date) -> Q:
    """Rights that hold on a day."""
    return Q(confirmed_at__isnull=False) & (Q(until__isnull=True) | Q(until__gte=today))


def readable_dossiers(visit: Visit) -> QuerySet[Dossier]:
    """The dossiers that somebody may see: all, his own, his unit's when he heads it, those opened to him, and planned
    ones, which are no secret."""
    person, all_ = visit.who, Dossier.objects.filter(agency=visit.agency)
    if person.may(*WHOLE_AGENCY, Duty.ARCHIVIST, Duty.FOLLOW_UP):
        return all_
    opened = DossierReader.objects.filter(
        in_force(visit.today), dossier=OuterRef("pk"), principal__in=principals(person)
    )
    heads = person.units_as(Duty.UNIT_HEAD, Duty.UNIT_REGISTRAR)
    return all_.filter(Q(creator__in=person.stands_for) | Q(unit__in=heads) | Q(state="planned") | Exists(opened))


def find_dossier(visit: Visit, dossier: int) -> Dossier:
    """One dossier that somebody may see. Refuses NOT_FOUND_HERE."""
    found = readable_dossiers(visit).filter(pk=dossier).select_related("creator", "unit", "plan", "heading").first()
    if found is None:
        raise Refused(NOT_FOUND_HERE)
    return found


def may_write(visit: Visit, dossier: Dossier) -> bool:
    """Whether somebody may put documents into a dossier and change it: its creator, the head of its unit, the keepers
    of dossiers, and whoever was given the right."""
    person = visit.who
    if person.may(*KEEPERS) or dossier.creator_id in person.stands_for:
        return True
    if dossier.unit_id in person.units_as(Duty.UNIT_HEAD):
        return True
    return DossierReader.objects.filter(
        in_force(visit.today), dossier=dossier, principal__in=principals(person), may_write=True
    ).exists()


def writable_dossiers(visit: Visit) -> QuerySet[Dossier]:
    """Open dossiers into which somebody may put documents."""
    person, open_ = visit.who, Dossier.objects.filter(agency=visit.agency, state="open")
    if person.may(*KEEPERS):
        return open_
    given = DossierReader.objects.filter(
        in_force(visit.today), dossier=OuterRef("pk"), principal__in=principals(person), may_write=True
    )
    return open_.filter(Q(creator__in=person.stands_for) | Q(unit__in=person.units_as(Duty.UNIT_HEAD)) | Exists(given))


def require_write(visit: Visit, dossier: Dossier) -> None:
    """Refuses NOT_YOURS."""
    if not may_write(visit, dossier):
        raise Refused(
            NOT_YOURS, reason_vi="anh/chị không được sửa hồ sơ này", reason_en="you may not change this dossier"
        )


def competent(visit: Visit, dossier: Dossier) -> bool:
    """Whether somebody decides on rights of a dossier: leaders, the office chief, the head of its unit."""
    person = visit.who
    return person.may(Duty.LEADER, Duty.OFFICE_CHIEF) or dossier.unit_id in person.units_as(Duty.UNIT_HEAD)


def ask_right(visit: Visit, dossier: Dossier, principal: int, wanted: str, until: date | None = None) -> DossierReader:
    """Ask that a person, or a unit (negated), may read or write a dossier, or no longer; nothing changes yet.

    ``principal`` 0: everybody of the agency. The competent people are told. Refuses NOT_YOURS, STEP_NOT_POSSIBLE.
    """
    require_write(visit, dossier)
    _require_known(visit, principal)
    found = DossierReader.objects.select_for_update().filter(dossier=dossier, principal=principal).first()
    if wanted not in {READ, WRITE, NONE} or (found is None and wanted == NONE):
        raise Refused(
            STEP_NOT_POSSIBLE, reason_vi="không có quyền nào để bỏ", reason_en="there is no right to take away"
        )
    if found is None:
        found = DossierReader.objects.create(
            agency=visit.agency, dossier=dossier, principal=principal, may_write=wanted == WRITE, asked_at=visit.now,
            asked_by=visit.who.account, until=until, wanted=wanted,
        )  # fmt: skip
    else:
        found.wanted, found.asked_at, found.asked_by = wanted, visit.now, visit.who.account
        if wanted != NONE and found.confirmed_at is None:
            found.until = until
        found.save(update_fields=["wanted", "asked_at", "asked_by", "until"])
    visit.note("dossier.right_asked", f"dossier:{dossier.pk}", principal=principal, wanted=wanted)
    what = sentence(Said.RIGHT_ASKED, dossier=f"{dossier.code} {dossier.title}")
    notify(visit, _deciders(visit, dossier), NoticeKind.DOSSIER_RIGHT, what, f"/dossiers/{dossier.pk}#rights")
    return found


def decide_right(visit: Visit, dossier: Dossier, right: int, *, agreed: bool) -> None:
    """Confirm a change of rights, which is in force from now on, or refuse it, which leaves everything as it was.

    A change that is decided already stays so. Refuses NOT_YOURS, NOT_FOUND_HERE.
    """
    if not competent(visit, dossier):
        raise Refused(NOT_YOURS, reason_vi="việc này của lãnh đạo, chánh văn phòng hoặc trưởng đơn vị lập hồ sơ",
                      reason_en="leaders, the office chief or the head of the dossier's unit decide")  # fmt: skip
    found = DossierReader.objects.select_for_update().filter(pk=right, dossier=dossier).first()
    if found is None or not found.wanted:
        return
    visit.note("dossier.right_confirmed" if agreed else "dossier.right_refused", f"dossier:{dossier.pk}",
               principal=found.principal, wanted=found.wanted, asked_by=found.asked_by_id)  # fmt: skip
    if found.principal > 0:
        notify(visit, [found.principal], NoticeKind.DOSSIER_RIGHT,
               sentence(_SAID[found.wanted if agreed else ""], dossier=str(dossier)),
               f"/dossiers/{dossier.pk}")  # fmt: skip
    if (agreed and found.wanted == NONE) or (not agreed and found.confirmed_at is None):
        found.delete()
        return
    if agreed:
        found.may_write, found.confirmed_at, found.confirmed_by = found.wanted == WRITE, visit.now, visit.who.account
    found.wanted = ""
    found.save(update_fields=["may_write", "confirmed_at", "confirmed_by", "wanted"])


def own_right(visit: Visit, dossier: Dossier) -> None:
    """The creator reads and writes his dossier from the beginning; that is no change of rights."""
    if dossier.creator_id is not None:
        DossierReader.objects.get_or_create(
            dossier=dossier, principal=dossier.creator_id,
            defaults={"agency": visit.agency, "may_write": True, "asked_at": visit.now, "asked_by": visit.who.account,
                      "confirmed_at": visit.now, "confirmed_by": visit.who.account},
        )  # fmt: skip


def names_of(visit: Visit, principals_: Collection[int]) -> dict[int, str]:
    """Names of people, of units (negated), and of everybody; those who are not of the agency are left out."""
    people = Account.objects.filter(agency=visit.agency, pk__in=[each for each in principals_ if each > 0])
    units = Unit.objects.filter(agency=visit.agency, pk__in=[-each for each in principals_ if each < 0])
    return {
        EVERYBODY: "Mọi người trong cơ quan", **{each.pk: str(each) for each in people},
        **{-each.pk: str(each) for each in units},
    }  # fmt: skip


def _require_known(visit: Visit, principal: int) -> None:
    if principal not in names_of(visit, [principal]):
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="không có người hoặc đơn vị này", reason_en="no such person or unit")


def _deciders(visit: Visit, dossier: Dossier) -> list[int]:
    chiefs = holders(visit.agency, visit.today, Duty.OFFICE_CHIEF)
    unit = dossier.unit_id
    return chiefs if unit is None else [*chiefs, *holders(visit.agency, visit.today, Duty.UNIT_HEAD, unit=unit)]


_SAID = {READ: Said.RIGHT_TO_READ, WRITE: Said.RIGHT_TO_WRITE, NONE: Said.RIGHT_ENDED, "": Said.RIGHT_REFUSED}
