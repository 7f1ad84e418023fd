"""What an address or a form says, read leniently: what cannot be read counts as not said.

The one way in which pages read days and numbers; what is no field of its own, by ``read_day`` and ``read_number``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from django.http import HttpRequest, QueryDict

from lienthong.base.errors import Refused
from lienthong.webkit.door.faults import SMALL, read_day, read_number
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.look.parts import Fault


def whole(given: QueryDict, name: str) -> int | None:
    """A whole number as keys of rows are, None when there is none."""
    return read_number(given.get(name, ""))


def count(given: QueryDict, name: str) -> int | None:
    """A whole number of things: pages, copies, a year, a revision; None when there is none."""
    return read_number(given.get(name, ""), SMALL)


def day(given: QueryDict, name: str) -> date | None:
    """A day as people write it, ``5/9/2026`` or ``2026-09-05``; None when there is none or it does not exist."""
    return read_day(given.get(name, ""))


def line(given: QueryDict, name: str, longest: int = 200) -> str:
    """One line of text."""
    return " ".join(given.get(name, "").split())[:longest]


def ticked(given: QueryDict, name: str) -> bool:
    """Whether a box is ticked."""
    return given.get(name, "") not in {"", "0"}


def numbers(given: QueryDict, name: str, most: int = 1000) -> list[int]:
    """All whole numbers of that name, each once: the rows that were ticked."""
    found = map(read_number, given.getlist(name)[:most])
    return list(dict.fromkeys(each for each in found if each is not None))


def without(request: HttpRequest, *names: str) -> str:
    """The address of this page without some of its values."""
    left = request.GET.copy()
    for each in names:
        left.pop(each, None)
    return f"?{left.urlencode()}" if left else request.path


def faults_of(refusal: Refused, language: str) -> list[Fault]:
    """The problems of a refusal as the look shows them; one without a field stands for the whole form."""
    if not refusal.problems:
        return [Fault("main", refusal.sentence("vi" if language == "vi" else "en"))]
    return [Fault(each.path, each.vi if language == "vi" else each.en) for each in refusal.problems]


def said(visit: Visit, vi: str, en: str) -> str:
    """A sentence in the reader's language."""
    return vi if visit.language == "vi" else en


def by_field(faults: Iterable[Fault]) -> Mapping[str, str]:
    """The sentence of each field that is wrong, an empty one for all others."""
    return defaultdict(str, {each.field: each.sentence for each in faults})
