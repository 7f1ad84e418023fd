"""One agency under its several codes, as the directory knows it on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.directory.state import DirectoryState


def day_of(at: datetime) -> date:
    """The date in Vietnam."""
    return at.astimezone(VIETNAM).date()


def final_code(directory: DirectoryState, code: str, on: date) -> str:
    """The code that receives for ``code`` on a day; the code itself when the directory cannot tell."""
    try:
        found = directory.resolve(code, on)
    except Refused:
        return code
    return found.agency.code if found.agency is not None else code


def same_agency(directory: DirectoryState, one: str, other: str, on: date) -> bool:
    """Whether two codes lead to the same agency: another spelling, an old code, or a predecessor."""
    return one == other or final_code(directory, one, on) == final_code(directory, other, on)


def all_codes(directory: DirectoryState, codes: Iterable[str], on: date) -> list[str]:
    """Every code under which these agencies may stand in stored rows."""
    found: dict[str, None] = {}
    for code in codes:
        final = final_code(directory, code, on)
        agency = directory.agency(final)
        found |= dict.fromkeys((code, final))
        if agency is not None:
            found |= dict.fromkeys((*agency.old_codes, *([agency.code102] if agency.code102 else [])))
    return list(found)
