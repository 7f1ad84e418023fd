"""Choices of a person for his own desk."""

from __future__ import annotations

from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.models import Account

KNOWN = {"after_act": ("next", "stay")}
"""Names and their values; the first is in force until something else is chosen."""


def prefer(visit: Visit, name: str, value: str) -> None:
    """Remember a choice; unknown ones are left alone."""
    if value in KNOWN.get(name, ()):
        account = Account.objects.select_for_update().get(pk=visit.who.account.pk)
        account.preferences[name] = value
        account.save(update_fields=["preferences"])
        visit.who.account.preferences = account.preferences


def goes_on(visit: Visit) -> bool:
    """Whether the next item opens after an act."""
    return str(visit.who.account.preferences.get("after_act", KNOWN["after_act"][0])) == "next"
