"""What a pushed notice says: what kind of thing waits, in which agency, where in the office; never what it is about.

It shows on locked screens and passes foreign servers. A message is filled up to one length, so that its size says
nothing either.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lienthong.office.models import PushSending
from lienthong.office.notice_kinds import AT_ONCE, word_of
from lienthong.office.push import vapid
from lienthong.office.states import NoticeKind
from lienthong.webkit.people.models import Account

KEPT = timedelta(days=3)
"""A notice that could not be pushed for so long is not pushed any more; it stands on the page."""

LENGTH = 1024
"""Octets of every message before it is encrypted."""

_LONGEST = 200

QUIET = frozenset(
    kind.value
    for kind in (NoticeKind.ACCEPTED, NoticeKind.CONFIRMED, NoticeKind.FINISHED, NoticeKind.DOSSIER_RIGHT,
                 NoticeKind.DOSSIER_RECEIVED)
)  # fmt: skip
"""Kinds after which nobody has anything to do: a device that saves its battery may take them later."""


@dataclass(frozen=True, slots=True)
class Message:
    """One push message and the sendings that it settles. ``topic``: a newer message of the same one takes its place at
    the push service (RFC 8030 §5.4). ``urgency``: RFC 8030 §5.3. ``seconds``: how long the push service keeps it."""

    sendings: tuple[PushSending, ...]
    plain: bytes
    topic: str
    urgency: str
    seconds: int


def messages(sendings: Sequence[PushSending], account: Account, at: datetime) -> list[Message]:
    """What goes to one device of this person: each urgent notice by itself, all others together."""
    urgent = [[each] for each in sendings if each.notice is None or each.notice.kind in AT_ONCE]
    others = [each for each in sendings if each.notice is not None and each.notice.kind not in AT_ONCE]
    return [_message(each, account, at) for each in [*urgent, *([others] if others else [])]]


def _message(sendings: list[PushSending], account: Account, at: datetime) -> Message:
    first = sendings[0]
    # The earliest of them names the message: after a crash the same one goes out again, perhaps with more in it.
    topic = vapid.text(hashlib.sha256(f"{first.device_id}:{first.notice_id}".encode()).digest())[:32]
    title, more, where = _said(sendings, account)
    told = {"title": title, "body": more, "where": where, "tag": topic, "language": account.language}
    kinds = {each.notice.kind for each in sendings if each.notice is not None}
    urgency = "high" if not kinds or kinds & set(AT_ONCE) else "low" if kinds <= QUIET else "normal"
    left = KEPT - (at - min(each.due_at for each in sendings))
    return Message(
        tuple(sendings), json.dumps(told, ensure_ascii=False).encode(), topic, urgency,
        max(int(left.total_seconds()), 0),
    )  # fmt: skip


def _said(sendings: list[PushSending], account: Account) -> tuple[str, str, str]:
    """Title, second line and address. The name of the agency tells people who work in several which one calls."""
    english, agency = account.language == "en", account.agency.name[:_LONGEST]
    notices = [each.notice for each in sendings if each.notice is not None]
    if not notices:
        return ("A test notice" if english else "Thông báo thử"), agency, "/notices/ways"
    if len(notices) == 1:
        where = notices[0].where
        return word_of(notices[0].kind, english=english), agency, where
    words = Counter(word_of(each.kind, english=english) for each in notices)
    title = f"{len(notices)} notices" if english else f"{len(notices)} thông báo"
    return title, "; ".join(f"{word}: {count}" for word, count in words.items())[:_LONGEST], "/notices"
