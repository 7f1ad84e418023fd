"""One request of one person: who it is, in which duties, for whom, and what will be written into the audit log."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

from django.http import HttpRequest

from lienthong.base.clock import VIETNAM, SystemClock, to_text
from lienthong.base.errors import Language
from lienthong.webkit.audit.chain import append
from lienthong.webkit.people.in_force import in_force
from lienthong.webkit.people.models import Account, Agency, Appointment
from lienthong.webkit.site.duties import Duty


@dataclass(frozen=True, slots=True)
class Capacity:
    """A duty that a person has now. ``principal``: for whom he acts as a substitute; None when it is his own."""

    duty: Duty
    unit_id: int
    unit_name: str
    position: str
    principal: int | None = None
    principal_name: str = ""


@dataclass(slots=True)
class Person:
    """Somebody who is signed in, with everything that his rights follow from."""

    account: Account
    agency: Agency
    factor: str
    capacities: tuple[Capacity, ...]

    @property
    def unfinished(self) -> bool:
        """Whether the second factor or a password of his own is still to come; single sign-on asks for neither."""
        return self.factor == "password" or (self.account.must_change and self.factor != "single")

    def may(self, *duties: Duty) -> bool:
        """Whether he has one of these duties, of his own or as a substitute."""
        return any(each.duty in duties for each in self.capacities)

    @property
    def units(self) -> frozenset[int]:
        """Units in which he has a duty."""
        return frozenset(each.unit_id for each in self.capacities)

    def units_as(self, *duties: Duty) -> frozenset[int]:
        """Units in which he has one of these duties."""
        return frozenset(each.unit_id for each in self.capacities if each.duty in duties)

    @property
    def stands_for(self) -> frozenset[int]:
        """Accounts whose trays he works on: his own, and those whose substitute he is."""
        return frozenset({self.account.pk, *(each.principal for each in self.capacities if each.principal)})

    def position(self, *duties: Duty) -> str:
        """His position in the first of his capacities with these duties, or in the first of all."""
        found = [each for each in self.capacities if each.duty in duties] or list(self.capacities)
        return found[0].position if found else ""


@dataclass(slots=True)
class Visit:
    """What a view is given beside the request; the audit entries are written when its transaction ends.

    ``tenant``: the agency for which the system itself works, when nobody is signed in.
    """

    language: Language
    address: str
    now: datetime
    person: Person | None = None
    entries: list[str] = field(default_factory=list)
    tenant: Agency | None = None

    @property
    def today(self) -> date:
        """The date in Vietnam."""
        return self.now.astimezone(VIETNAM).date()

    @property
    def who(self) -> Person:
        """The signed-in person; only in views whose access rule asks for one."""
        if self.person is None:
            raise RuntimeError("a view of signed-in people was reached without one")
        return self.person

    @property
    def agency(self) -> Agency:
        """Whose documents it is about: the person's agency, or the one for which the system works."""
        return self.tenant if self.person is None and self.tenant is not None else self.who.agency

    def note(self, action: str, object_: str = "", *, on_behalf_of: int | None = None, **detail: Any) -> None:
        """An entry of the audit log: what was done, to which object (``document:17``), with which version."""
        self.entries.append(entry(self, action, object_, on_behalf_of, detail))

    def write_entries(self) -> None:
        """Append what was noted, in this transaction."""
        append(self.entries)
        self.entries.clear()


def entry(visit: Visit, action: str, object_: str, on_behalf_of: int | None, detail: dict[str, Any]) -> str:
    """The text of one audit entry; it is hashed as it stands."""
    person = visit.person
    body: dict[str, Any] = {
        "at": to_text(visit.now),
        "action": action,
        "object": object_,
        "account": person.account.pk if person else None,
        "name": person.account.full_name if person else "",
        "unit": person.capacities[0].unit_name if person and person.capacities else "",
        "duties": sorted({each.duty.value for each in person.capacities}) if person else [],
        "address": visit.address,
    }
    if on_behalf_of is not None and person is not None and on_behalf_of != person.account.pk:
        body["on_behalf_of"] = on_behalf_of
    if detail:
        body["detail"] = detail
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def visit_of(request: HttpRequest) -> Visit:
    """The visit that the middleware made of a request."""
    return cast(Visit, request.visit)  # type: ignore[attr-defined]  # set by webkit.site.entering


def capacities_of(account: Account, now: datetime) -> tuple[Capacity, ...]:
    """Duties of an account at an instant: its appointments in force, then those it holds for others."""
    today = now.astimezone(VIETNAM).date()
    own = [
        Capacity(Duty(each.duty), each.unit_id, each.unit.name, each.position)
        for each in account.appointments.select_related("unit").order_by("pk")
        if each.in_force(today)
    ]
    held = account.held_delegations.filter(starts_at__lte=now, ends_at__gt=now, revoked_at__isnull=True)
    delegations = list(held.select_related("principal").order_by("pk"))
    theirs = Appointment.objects.filter(in_force(today), account__in=[each.principal_id for each in delegations])
    positions = list(theirs.select_related("unit").order_by("pk")) if delegations else []
    lent = [
        Capacity(
            Duty(each.duty), each.unit_id, each.unit.name, each.position, given.principal_id, given.principal.full_name
        )
        for given in delegations
        for each in positions
        if each.account_id == given.principal_id and each.duty in given.duties
    ]
    return (*own, *lent)


def now() -> datetime:
    """The present instant of the web context."""
    return SystemClock().now()


def visit_of_system(agency: Agency) -> Visit:
    """The visit of work that nobody asked for just now: what came in, reminders, what is due."""
    return Visit("vi", "worker", now(), tenant=agency)
