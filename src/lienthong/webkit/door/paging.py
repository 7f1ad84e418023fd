"""Keyset pagination: a page is found by its neighbour's key, so the thousandth is as fast as the first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from lienthong.webkit.door.faults import read_number
from lienthong.webkit.look.parts import Pager

PAGE = 50
COUNTED = 1000
"""Rows are counted up to here; more are said to be more, since counting them all would be slower than showing some."""

T = TypeVar("T", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, and where its neighbours are."""

    items: list[T]
    pager: Pager


def page_of(
    request: HttpRequest, rows: QuerySet[T], order: str = "-id", *, size: int = PAGE,
    read: Callable[[str], Any] = int,
) -> Page[T]:  # fmt: skip
    """The page that the address asks for: ``after``/``before`` hold a neighbour's key, ``at`` how many rows are before.

    ``order``: one column with unique values, ``-`` for descending. What cannot be read counts as the first page.
    """
    name, down = order.lstrip("-"), order.startswith("-")
    after, before = _key(request, "after", read), _key(request, "before", read)
    start = read_number(request.GET.get("at", ""), 9) or 0
    beyond, short_of = ("lt", "gt") if down else ("gt", "lt")
    if before is not None:
        turned = name if down else f"-{name}"
        found = list(rows.filter(**{f"{name}__{short_of}": before}).order_by(turned)[: size + 1])
        more_before, items = len(found) > size, found[:size][::-1]
        more_after = True
        start = max(start - len(items), 0)
    else:
        chosen = rows.filter(**{f"{name}__{beyond}": after}) if after is not None else rows
        found = list(chosen.order_by(order)[: size + 1])
        more_after, items = len(found) > size, found[:size]
        more_before = after is not None
        start = start if after is not None else 0
    total = _count(rows, start, len(items), more_after)
    pager = Pager(
        first=start + 1 if items else 0, last=start + len(items), total=min(total, COUNTED), at_least=total > COUNTED,
        before_href=_href(request, "before", items[0], name, start) if items and more_before else "",
        after_href=_href(request, "after", items[-1], name, start + len(items)) if items and more_after else "",
    )  # fmt: skip
    return Page(items, pager)


def _count(rows: QuerySet[T], start: int, shown: int, more: bool) -> int:
    if not more:
        return start + shown
    return rows.order_by()[: COUNTED + 1].count()


def _key(request: HttpRequest, name: str, read: Callable[[str], Any]) -> Any:
    text = request.GET.get(name, "")
    if not text:
        return None
    try:
        return read(text[:100])
    except ValueError:
        return None


def _href(request: HttpRequest, way: str, item: Model, name: str, at: int) -> str:
    query = request.GET.copy()
    for each in ("after", "before", "at"):
        query.pop(each, None)
    query[way], query["at"] = str(getattr(item, name)), str(at)
    return f"?{query.urlencode()}"
