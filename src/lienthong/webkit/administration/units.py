"""Units of an agency: added, renamed from a day on, ended. A document keeps the name of its own day."""

from __future__ import annotations

from lienthong.base.errors import Problem, ProblemKind, Refused
from lienthong.base.text import nfc
from lienthong.webkit.administration.errors import PERSON_FIELDS_WRONG
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.in_force import lasting
from lienthong.webkit.people.models import Appointment, Unit
from lienthong.webkit.site.errors import NOT_FOUND_HERE


def add_unit(visit: Visit, name: str, abbreviation: str, parent: Unit | None) -> Unit:
    """A new unit, valid from today. Refuses PERSON_FIELDS_WRONG."""
    plain = _required(name)
    order = Unit.objects.filter(agency=visit.agency, parent=parent).count()
    made = Unit.objects.create(
        agency=visit.agency, parent=parent, name=plain, abbreviation=abbreviation.strip()[:40], order=order,
        valid_from=visit.today,
    )  # fmt: skip
    visit.note("unit.added", f"unit:{made.pk}", name=plain)
    return made


def rename(visit: Visit, unit: Unit, name: str, abbreviation: str) -> None:
    """Give a unit another name. Refuses PERSON_FIELDS_WRONG."""
    plain = _required(name)
    visit.note("unit.renamed", f"unit:{unit.pk}", before=unit.name, after=plain)
    unit.name, unit.abbreviation = plain, abbreviation.strip()[:40]
    unit.save(update_fields=["name", "abbreviation"])


def end_unit(visit: Visit, unit: Unit) -> None:
    """End a unit after today. Refuses PERSON_FIELDS_WRONG while people hold positions in it or it has units."""
    people = Appointment.objects.filter(lasting(visit.today), unit=unit).count()
    below = Unit.objects.filter(lasting(visit.today), parent=unit).count()
    if people or below:
        raise _wrong("unit", f"Còn {people} chức vụ và {below} đơn vị trực thuộc; chuyển trước rồi mới kết thúc.",
                     f"It still has {people} positions and {below} units; move them first.")  # fmt: skip
    unit.valid_until = max(visit.today, unit.valid_from)
    unit.save(update_fields=["valid_until"])
    visit.note("unit.ended", f"unit:{unit.pk}")


def find_unit(visit: Visit, unit: int) -> Unit:
    """One unit of this agency. Refuses NOT_FOUND_HERE."""
    found = Unit.objects.filter(pk=unit, agency=visit.agency).first()
    if found is None:
        raise Refused(NOT_FOUND_HERE)
    return found


def _required(name: str) -> str:
    plain = " ".join(nfc(name).split())[:300]
    if len(plain) < 2:
        raise _wrong("name", "Nhập tên đơn vị.", "Enter the unit's name.")
    return plain


def _wrong(field: str, vi: str, en: str) -> Refused:
    return Refused(PERSON_FIELDS_WRONG, (Problem(ProblemKind.FORMAT, field, vi, en),), count=1)
