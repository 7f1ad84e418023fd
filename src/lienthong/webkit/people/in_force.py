"""Which appointments and units hold on a day: the one place that says so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from lienthong.webkit.people.models import Agency, Appointment
from lienthong.webkit.site.duties import Duty


def in_force(day: date) -> Q:
    """Appointments, or units, that hold on a day: from their first to their last day, both included."""
    return Q(valid_from__lte=day) & (Q(valid_until__isnull=True) | Q(valid_until__gte=day))


def lasting(day: date) -> Q:
    """Appointments, or units, that hold on some day after this one."""
    return Q(valid_until__isnull=True) | Q(valid_until__gt=day)


def appointed(agency: Agency, day: date, duties: Iterable[Duty] | None = None) -> QuerySet[Appointment]:
    """Appointments of an agency that hold on a day, of people whose account is open. ``duties``: only these."""
    found = Appointment.objects.filter(in_force(day), agency=agency, account__disabled_at__isnull=True)
    return found if duties is None else found.filter(duty__in=[each.value for each in duties])


def holders(agency: Agency, day: date, *duties: Duty, unit: int | None = None) -> list[int]:
    """Accounts that hold one of these duties on a day, each once, the first appointed first. ``unit``: only there."""
    found = appointed(agency, day, duties)
    rows = found if unit is None else found.filter(unit=unit)
    return list(dict.fromkeys(rows.order_by("pk").values_list("account_id", flat=True)))
