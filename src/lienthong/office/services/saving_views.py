"""Saved views: the filters of a list page under a name, for oneself, one's unit, or the agency (function F6e)."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from lienthong.base.errors import ProblemKind, Refused
from lienthong.base.text import one_line
from lienthong.office.errors import NOT_YOURS, STEP_NOT_POSSIBLE, wrong_field
from lienthong.office.models import SavedView
from lienthong.webkit.door.visit import Visit

MOST = 100
"""Views that one person may keep for all pages."""


def views_of(visit: Visit, page: str) -> QuerySet[SavedView]:
    """One's own views of a page and those that are shared with oneself, by name."""
    shared = Q(shared=True) & (Q(unit__isnull=True) | Q(unit__in=visit.who.units))
    mine = Q(owner=visit.who.account)
    return (
        SavedView.objects.filter(mine | shared, agency=visit.agency, page=page).select_related("owner").order_by("name")
    )


def save_view(
    visit: Visit, page: str, name: str, query: str, *, shared: bool = False, unit: int | None = None
) -> SavedView:
    """Keep a view; the same name again replaces one's own. ``unit``: only with this unit of one's own.

    Refuses FIELDS_WRONG for a missing name, NOT_YOURS for a unit of others, STEP_NOT_POSSIBLE when there are too many.
    """
    name = one_line(name, 100)
    if not name:
        raise wrong_field(ProblemKind.REQUIRED, "name", "Đặt tên cho góc nhìn.", "Give the view a name.")
    if unit is not None and unit not in visit.who.units:
        raise Refused(NOT_YOURS, reason_vi="đơn vị này không phải của anh/chị", reason_en="it is not your unit")
    mine = SavedView.objects.filter(owner=visit.who.account)
    if mine.count() >= MOST and not mine.filter(page=page, name=name).exists():
        raise Refused(
            STEP_NOT_POSSIBLE, reason_vi=f"đã lưu {MOST} góc nhìn", reason_en=f"there are {MOST} views already"
        )
    view, _ = SavedView.objects.update_or_create(
        agency=visit.agency, owner=visit.who.account, page=page, name=name,
        defaults={"query": query[:2000], "shared": shared, "unit_id": unit if shared else None},
    )  # fmt: skip
    visit.note("view.saved", f"view:{view.pk}", name=name, shared=shared)
    return view


def drop_view(visit: Visit, view: int) -> None:
    """Remove one's own view; one that is gone already is no fault. Refuses NOT_YOURS for a view of others."""
    found = SavedView.objects.filter(pk=view, agency=visit.agency).first()
    if found is None:
        return
    if found.owner_id != visit.who.account.pk:
        raise Refused(NOT_YOURS, reason_vi="góc nhìn của người khác", reason_en="it is somebody else's view")
    visit.note("view.dropped", f"view:{view}", name=found.name)
    found.delete()
