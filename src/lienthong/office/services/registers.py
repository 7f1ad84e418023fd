"""Registers of a year (sổ đăng ký): opened with the kinds that are numbered in them, closed at the year's end."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.base.text import fold, nfc
from lienthong.office.errors import FIELDS_WRONG, NOT_YOURS
from lienthong.office.models import Register
from lienthong.office.services.draft_content import KINDS
from lienthong.office.services.numbering import MAIN
from lienthong.office.states import Direction
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.site.duties import Duty
from lienthong.webkit.site.errors import NOT_FOUND_HERE


def open_register(visit: Visit, year: int, name: str, kinds: Sequence[str]) -> Register:
    """Open an outgoing register of a year. ``kinds``: none for the common one. The same name gives the same register.

    Refuses FIELDS_WRONG: no name, another year than this or the next, a kind that has a register already.
    """
    _require_registrar(visit)
    title = " ".join(nfc(name).split())[:200]
    code = re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-")[:40] if kinds else MAIN
    mine = Register.objects.filter(agency=visit.agency, direction=Direction.OUTGOING.value, year=year)
    found = mine.filter(code=code).first()
    if found is not None and sorted(found.kinds) == sorted(kinds):
        return found
    taken = {kind for each in mine for kind in each.kinds} & set(kinds)
    wrong = [
        (not title, "name", "Nhập tên sổ.", "Enter the name of the register."),
        (year not in {visit.today.year, visit.today.year + 1}, "year", "Chỉ mở sổ của năm nay hoặc năm sau.",
         "Only registers of this year or the next can be opened."),
        (bool(set(kinds) - set(KINDS)), "kinds", "Có loại văn bản không biết.", "A kind is not known."),
        (bool(taken), "kinds", f"Đã có sổ cho: {', '.join(sorted(taken))}.",
         f"There is one for: {', '.join(sorted(taken))}."),
        (found is not None, "name", "Đã có sổ tên này.", "There is a register of this name."),
    ]  # fmt: skip
    problems = tuple(Problem(ProblemKind.RANGE, where, vi, en) for bad, where, vi, en in wrong if bad)
    if problems:
        raise Refused(FIELDS_WRONG, problems, count=len(problems))
    made = Register.objects.create(
        agency=visit.agency, direction=Direction.OUTGOING.value, year=year, code=code or MAIN, name=title,
        kinds=sorted(kinds),
    )  # fmt: skip
    visit.note("register.opened", f"register:{made.pk}", year=year, name=title)
    return made


def close_register(visit: Visit, register: int) -> Register:
    """Close a register; it gives no numbers any more. Idempotent. Refuses NOT_YOURS, NOT_FOUND_HERE."""
    _require_registrar(visit)
    found = Register.objects.select_for_update().filter(pk=register, agency=visit.agency).first()
    if found is None:
        raise Refused(NOT_FOUND_HERE)
    if found.closed_at is None:
        found.closed_at, found.closed_by = visit.now, visit.who.account
        found.save(update_fields=["closed_at", "closed_by"])
        visit.note("register.closed", f"register:{found.pk}", last=found.next_number - 1)
    return found


def _require_registrar(visit: Visit) -> None:
    if not visit.who.may(Duty.REGISTRAR):
        raise Refused(
            NOT_YOURS, reason_vi="chỉ văn thư mở, khóa sổ", reason_en="only registrars open and close registers"
        )
