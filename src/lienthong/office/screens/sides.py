"""The side panel of a document: each flow adds its own sections, so that the page of a document knows none of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lienthong.office.models import Document
from lienthong.webkit.door.visit import Visit


@dataclass(frozen=True, slots=True)
class Section:
    """One section: ``key`` is its address in the page, ``template`` is included and reads ``section.values``."""

    key: str
    title: str
    template: str
    values: Mapping[str, Any]
    order: int = 50
    count: int | None = None


Side = Callable[[Visit, Document], Sequence[Section]]
SIDES: list[Side] = []
"""What the flows have added; each gives nothing for documents that are not its business."""


def add_side(side: Side) -> Side:
    """Let a flow's sections appear beside documents."""
    SIDES.append(side)
    return side


def sections_of(visit: Visit, document: Document) -> list[Section]:
    """All sections beside a document, in their order."""
    return sorted((section for side in SIDES for section in side(visit, document)), key=lambda each: each.order)
