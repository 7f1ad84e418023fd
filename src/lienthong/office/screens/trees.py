"""To whom something can be given: the units of an agency with their people, as a tree to choose from."""

from __future__ import annotations

from functools import cached_property

from lienthong.office.services.routing import units_below
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.look.parts import Unit as Branch
from lienthong.webkit.people.in_force import appointed, in_force
from lienthong.webkit.people.models import Unit
from lienthong.webkit.site.duties import Duty

_NO_WORK = (Duty.ADMINISTRATOR.value, Duty.AUDITOR.value, Duty.INTERCONNECTION.value)
"""Duties that handle no documents."""


class Trees:
    """The units and people of an agency as trees to choose from, read once for all forms of a page."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._grown: dict[frozenset[int] | None, list[Branch]] = {}

    def of_agency(self) -> list[Branch]:
        """Everybody who handles documents."""
        return self._tree(None)

    def below(self, units: set[int]) -> list[Branch]:
        """Only these units with their parts."""
        return self._tree(frozenset(units))

    def _tree(self, above: frozenset[int] | None) -> list[Branch]:
        if above not in self._grown:
            inside = None if above is None else units_below(self._visit, set(above))
            self._grown[above] = self._grow(inside)
        return self._grown[above]

    @cached_property
    def _units(self) -> list[Unit]:
        return list(Unit.objects.filter(in_force(self._visit.today), agency=self._visit.agency))

    @cached_property
    def _people(self) -> dict[int, list[Branch]]:
        """Of each unit, by name."""
        people: dict[int, list[Branch]] = {}
        seen = set[tuple[int, int]]()
        held = appointed(self._visit.agency, self._visit.today).exclude(duty__in=_NO_WORK)
        for each in held.select_related("account").order_by("account__sort_name", "pk"):
            if (each.unit_id, each.account_id) not in seen:
                seen.add((each.unit_id, each.account_id))
                one = Branch(f"a{each.account_id}", each.account.full_name, each.position)
                people.setdefault(each.unit_id, []).append(one)
        return people

    def _grow(self, inside: set[int] | None) -> list[Branch]:
        units = [each for each in self._units if inside is None or each.pk in inside]
        here = {each.pk for each in units}
        below: dict[int | None, list[Unit]] = {}
        for unit in units:
            below.setdefault(unit.parent_id if unit.parent_id in here else None, []).append(unit)

        def grow(unit: Unit) -> Branch:
            inner = [*self._people.get(unit.pk, ()), *(grow(each) for each in below.get(unit.pk, ()))]
            return Branch(f"u{unit.pk}", unit.name, unit.abbreviation, inner, open=inside is not None)

        return [grow(each) for each in below.get(None, ())]
