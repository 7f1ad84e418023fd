"""Choices of a person for his own desk, and by which way he is told of what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import Enum

from lienthong.office.notice_kinds import kinds_by_word
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.models import Account

KNOWN = {"after_act": ("next", "stay")}
"""Names and their values; the first is in force until something else is chosen."""

UNWANTED = "unwanted"
"""Where an account keeps, for each way, the kinds of notices that do not go by it."""


class Channel(Enum):
    """By which way a notice leaves the office, beside the page where it always stands."""

    MAIL = "mail"
    PUSH = "push"


def prefer(visit: Visit, name: str, value: str) -> None:
    """Remember a choice; unknown ones are left alone."""
    if value in KNOWN.get(name, ()):
        _remember(visit, name, value)


def goes_on(visit: Visit) -> bool:
    """Whether the next item opens after an act."""
    return str(visit.who.account.preferences.get("after_act", KNOWN["after_act"][0])) == "next"


def wants(account: Account, kind: str, channel: Channel) -> bool:
    """Whether a person is to be told of this kind by this way; yes until he says otherwise, new kinds as well."""
    unwanted: Mapping[str, list[str]] = account.preferences.get(UNWANTED, {})
    # An account of an earlier release may have switched its letters off as a whole.
    whole = channel is not Channel.MAIL or bool(account.preferences.get("mail", True))
    return whole and kind not in unwanted.get(channel.value, ())


def choose_notices(visit: Visit, wanted: Mapping[Channel, Collection[str]]) -> None:
    """From now on the person is told, by each of these ways, of the kinds named for it and of no others.

    Kinds of one word belong together: naming the first of them is enough. A way that is not among them stays as it is.
    """
    unwanted = dict(visit.who.account.preferences.get(UNWANTED, {}))
    for channel, kinds in wanted.items():
        unwanted[channel.value] = [
            each.value for group in kinds_by_word().values() if group[0].value not in kinds for each in group
        ]
    _remember(visit, UNWANTED, unwanted)
    if Channel.MAIL in wanted:
        _remember(visit, "mail", True)


def _remember(visit: Visit, name: str, value: object) -> None:
    account = Account.objects.select_for_update().get(pk=visit.who.account.pk)
    account.preferences[name] = value
    account.save(update_fields=["preferences"])
    visit.who.account.preferences = account.preferences
