"""Minutes of handing dossiers over to the archive (biên bản giao nhận hồ sơ, tài liệu), filled in as far as is known.

Source: D30 art. 30, Appendix V.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.base.text import nfc, one_line
from lienthong.office.errors import FIELDS_WRONG
from lienthong.office.models import Dossier
from lienthong.office.papers.handover_minutes import Handover, Quantity, Side, handover_minutes
from lienthong.office.services.dossier_export import newest_files
from lienthong.office.services.facts import ONLINE
from lienthong.office.services.printing import letterhead, print_mark
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.papers.form import Form
from lienthong.webkit.people.in_force import appointed
from lienthong.webkit.site.duties import Duty

MOST = 99_999
LONGEST = 300


@dataclass(frozen=True, slots=True)
class HandoverFields:
    """What the giver says; everything else is counted. ``metres``: of shelf, with a comma or a point."""

    name: str
    receiver: str
    receiver_position: str
    condition: str
    boxes: str = "0"
    paper_dossiers: str = "0"
    metres: str = "0"


def proposed(visit: Visit, dossiers: Sequence[Dossier]) -> HandoverFields:
    """What the form shows first: the unit's block of papers, the archivist of today, dossiers kept on paper."""
    units = {each.unit.name for each in dossiers if each.unit is not None}
    body = units.pop() if len(units) == 1 else visit.agency.name
    rows = appointed(visit.agency, visit.today, (Duty.ARCHIVIST,)).select_related("account").order_by("pk")
    archivist = rows.first()
    return HandoverFields(
        f"Hồ sơ, tài liệu của {body}", archivist.account.full_name if archivist else "",
        archivist.position if archivist else "", "Nguyên vẹn, đầy đủ",
        paper_dossiers=str(len(dossiers) - len(_online(dossiers))),
    )  # fmt: skip


def minutes_of(visit: Visit, dossiers: Sequence[Dossier], given: HandoverFields) -> Form:
    """The minutes of one handing over, for two signatures. Refuses FIELDS_WRONG."""
    quantity = quantity_of(dossiers, given)
    units = {each.unit.name for each in dossiers if each.unit is not None}
    visit.note("dossiers.handover", "", count=len(dossiers), dossiers=[each.pk for each in dossiers][:200])
    name, receiver, position, condition = (
        one_line(nfc(each), LONGEST) for each in (given.name, given.receiver, given.receiver_position, given.condition)
    )
    handover = Handover(
        name, span_of(dossiers), quantity,
        Side(units.pop() if len(units) == 1 else visit.agency.name, visit.who.account.full_name, visit.who.position()),
        Side("Lưu trữ cơ quan", receiver, position), visit.today, (), condition,
    )  # fmt: skip
    return handover_minutes(handover, letterhead(visit), print_mark(visit))


def quantity_of(dossiers: Sequence[Dossier], given: HandoverFields) -> Quantity:
    """Counted from the dossiers that are kept here, and said by the giver for paper. Refuses FIELDS_WRONG."""
    numbers = {name: _whole(getattr(given, name)) for name in ("boxes", "paper_dossiers")}
    metres = _metres(given.metres)
    wrong = [name for name, number in {**numbers, "metres": metres}.items() if number is None]
    if wrong:
        vi, en = "Nhập một số không âm.", "Enter a number, zero or more."
        problems = tuple(Problem(ProblemKind.RANGE, name, vi, en) for name in wrong)
        raise Refused(FIELDS_WRONG, problems, count=len(wrong))
    online = _online(dossiers)
    return Quantity(
        numbers["boxes"] or 0, numbers["paper_dossiers"] or 0, metres or Decimal(0), len(online),
        sum(newest_files(each).count() for each in online),
    )  # fmt: skip


def _online(dossiers: Sequence[Dossier]) -> list[Dossier]:
    return list(Dossier.objects.filter(ONLINE, pk__in=[each.pk for each in dossiers]))


def span_of(dossiers: Sequence[Dossier]) -> str:
    """From the first year to the last."""
    years = sorted({each.year for each in dossiers})
    if not years:
        return ""
    return f"Năm {years[0]}" if len(years) == 1 else f"Từ năm {years[0]} đến năm {years[-1]}"


def _whole(text: str) -> int | None:
    plain = text.strip() or "0"
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= 5 else None


def _metres(text: str) -> Decimal | None:
    try:
        found = Decimal(text.strip().replace(",", ".") or "0")
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found <= MOST else None
