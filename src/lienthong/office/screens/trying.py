"""Forms that are shown again when a service refuses: what it had begun to write is taken back first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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

    @property
    def words(self) -> str:
        """What somebody wrote in sentences, so that it is not lost where the form itself is not shown any more."""
        return "\n\n".join(self.typed[name] for name in SENTENCES if self.typed.get(name, "").strip())


SENTENCES = ("words", "result", "reason", "basis")
"""Fields of the forms of handling in which people write."""


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
