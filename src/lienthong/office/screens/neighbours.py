"""The list at the left of a document: what stands around it in the tray or register from which it was opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from lienthong.office.incoming_words import pick
from lienthong.office.models import Document, Task
from lienthong.office.screens.register_filters import register_of
from lienthong.office.services.working import mine
from lienthong.office.states import TO_DO
from lienthong.webkit.door.pages import address
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.look.parts import Row

AROUND = 12
"""Rows before and after the document."""

PAGING = ("after", "before", "at", "done", "was", "q", "hit", "page", "file")
"""What an address says about one document, not about the list from which it was opened."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Rows around a document. ``next_href``: of the row after it, else of the one before; empty when it is alone."""

    title: str
    back_href: str
    rows: Sequence[Row]
    next_href: str


def neighbours(visit: Visit, came: QueryDict, document: Document) -> Neighbours | None:
    """Around a document, as the address says where it was opened; None when it says nothing that is known."""
    source = came.get("from", "todo" if "task" in came else "")
    if source == "todo":
        return _tasks(visit, document)
    if source == "incoming":
        return _register(visit, came, document)
    return None


def _tasks(visit: Visit, document: Document) -> Neighbours:
    tasks = list(
        Task.objects.filter(mine(visit), state__in=TO_DO, document__isnull=False)
        .select_related("document").order_by("due_date", "id")[:100]
    )  # fmt: skip
    rows = [
        Row(str(each.pk), f"{address('document', document=each.document_id)}?from=todo&task={each.pk}",
            each.document.abstract, each.document, unread=each.read_at is None, current=each.document_id == document.pk)
        for each in tasks if each.document is not None
    ]  # fmt: skip
    return Neighbours(pick(("Việc của tôi", "My work"), visit.language), address("home"), rows, _next(rows))


def _register(visit: Visit, came: QueryDict, document: Document) -> Neighbours:
    kept = came.copy()
    for name in (*PAGING, "task", "from"):
        kept.pop(name, None)
    found = register_of(visit, kept)
    newer = list(found.filter(pk__gt=document.pk).order_by("id")[:AROUND])[::-1]
    older = list(found.filter(pk__lt=document.pk).order_by("-id")[:AROUND])
    query = f"from=incoming&{kept.urlencode()}".rstrip("&")
    rows = [
        Row(str(each.pk), f"{address('document', document=each.pk)}?{query}", each.abstract, each,
            current=each.pk == document.pk)
        for each in (*newer, document, *older)
    ]  # fmt: skip
    back = f"{address('incoming')}?{kept.urlencode()}".rstrip("?")
    return Neighbours(pick(("Sổ văn bản đến", "Incoming register"), visit.language), back, rows, _next(rows))


def _next(rows: Sequence[Row]) -> str:
    here = next((n for n, each in enumerate(rows) if each.current), None)
    others = [each.href for each in rows if not each.current]
    if here is None:
        return others[0] if others else ""
    after = [each.href for each in rows[here + 1 :] if not each.current]
    return (after or others or [""])[0] if not after else after[0]
