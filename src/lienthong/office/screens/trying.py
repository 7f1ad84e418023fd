"""Forms that are shown again when a service refuses: what it had begun to write is taken back first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from django.db import transaction
from django.http import QueryDict

from lienthong.base.errors import Refused
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.look.parts import Fault
from lienthong.webkit.site.errors import NOT_FOUND_HERE

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Failed:
    """A form that was refused: the refusal, what was typed, and the faults of its fields.

    ``act``: which form of the page. ``prefix``: of the names of its fields.
    """

    refusal: Refused
    faults: tuple[Fault, ...]
    typed: Mapping[str, str]
    act: str = ""
    prefix: str = ""


def attempt(visit: Visit, act: Callable[[], T]) -> T | Refused:
    """The result of a verb, or its refusal with everything undone that it wrote. What must not be seen stays a page."""
    noted = len(visit.entries)
    try:
        with transaction.atomic():
            return act()
    except Refused as refused:
        del visit.entries[noted:]
        if refused.code is NOT_FOUND_HERE or refused.code.http == 403:
            raise
        return refused


def failed(visit: Visit, refused: Refused, form: QueryDict, act: str = "", prefix: str = "") -> Failed:
    """What the page needs to show a refused form again."""
    faults = tuple(
        Fault(f"{prefix}{each.path}", each.vi if visit.language == "vi" else each.en) for each in refused.problems
    )
    typed = {name.removeprefix(prefix): str(form[name]) for name in form if name != "csrfmiddlewaretoken"}
    return Failed(refused, faults, typed, act, prefix)


def day(text: str) -> date | None:
    """A day as people write it, ``5/9/2026`` or ``05/09/2026``; None for what is no day."""
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    return None


def whole(text: str) -> int | None:
    """A whole number; None for what is none."""
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 10 else None
