"""Browsers that notices are pushed to: known again by a cookie, and forgotten when their person leaves.

A browser shows notices to whoever sits there. So its device ends when its person signs out, when somebody else signs in
on it, and with everything that takes a person's way in away; not when a session merely runs out.
"""

from __future__ import annotations

import hashlib

from django.db import connection

from lienthong.webkit.people.models import Account, PushDevice, Session

COOKIE = "push"
"""Cookie by which a browser is known again; its value is random and stored only as a digest."""


def digest_of(cookie: str) -> bytes:
    """What is stored of the cookie."""
    return hashlib.sha256(b"push " + cookie.encode()).digest()


def find_push(cookie: str) -> int | None:
    """The device of a browser's cookie, whosever it is; then the connection belongs to its agency."""
    if not cookie:
        return None
    with connection.cursor() as cursor:
        cursor.execute("select device_id from people_find_push(%s)", [digest_of(cookie)])
        row = cursor.fetchone()
    return int(row[0]) if row else None


def end_push_here(cookie: str, staying: Account | None = None) -> bool:
    """The person of this browser leaves; whether a device ended. ``staying``: who signs in now and keeps his own.

    Afterwards the connection belongs to the device's agency, or to none: the caller enters the right one again.
    """
    number = find_push(cookie)
    found = PushDevice.objects.filter(pk=number) if number is not None else PushDevice.objects.none()
    return (found.exclude(account=staying) if staying is not None else found).delete()[0] > 0


def keep_push_here(cookie: str, account: Account, session: bytes) -> None:
    """The same person has signed in again on a browser of his: its device goes with the new session."""
    if cookie:
        mine = PushDevice.objects.filter(digest=digest_of(cookie), account=account)
        mine.update(session=Session.objects.filter(digest=session).first())


def end_push_of(account: Account, but: str = "") -> int:
    """All devices of a person end, except the browser with this cookie; how many."""
    found = PushDevice.objects.filter(account=account)
    count = found.exclude(digest=digest_of(but)).count()
    found.exclude(digest=digest_of(but)).delete()
    return count
