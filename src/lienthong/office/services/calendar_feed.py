"""Deadlines of a person as a calendar that other programs subscribe to (iCalendar, RFC 5545), behind a secret address.

The address carries the account and a secret; only the digest of the secret is kept. A new address ends the former one.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lienthong.office.models import Dossier, Task
from lienthong.office.services.assigning import title_of, where_of
from lienthong.office.states import LIVE
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.models import Account

PREFERENCE = "calendar"
MOST = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One day in a calendar. ``key`` stays the same while the deadline is moved."""

    key: str
    day: date
    title: str
    where: str


def new_address(visit: Visit) -> str:
    """A new secret address of one's own calendar: ``account-secret``; the former one is void from now on."""
    account, secret = visit.who.account, secrets.token_urlsafe(32)
    account.preferences = {**account.preferences, PREFERENCE: hashlib.sha256(secret.encode()).hexdigest()}
    account.save(update_fields=["preferences"])
    visit.note("calendar.address", f"account:{account.pk}")
    return f"{visit.agency.pk}-{account.pk}-{secret}"


def end_address(visit: Visit) -> None:
    """No calendar any more."""
    account = visit.who.account
    account.preferences = {name: value for name, value in account.preferences.items() if name != PREFERENCE}
    account.save(update_fields=["preferences"])
    visit.note("calendar.ended", f"account:{account.pk}")


def account_of(account: int, secret: str) -> Account | None:
    """The account of an address, None when the secret is wrong; the connection must belong to its agency."""
    found = Account.objects.filter(pk=account, disabled_at__isnull=True).select_related("agency").first()
    kept = str(found.preferences.get(PREFERENCE, "")) if found else ""
    digest = hashlib.sha256(secret.encode()).hexdigest()
    return found if kept and hmac.compare_digest(kept, digest) else None


def entries_of(account: Account) -> Iterator[Entry]:
    """Deadlines of one's live tasks and open dossiers."""
    tasks = Task.objects.filter(account=account, state__in=LIVE, due_date__isnull=False).select_related("document")
    for task in tasks.order_by("due_date", "pk")[:MOST]:
        yield Entry(f"task-{task.pk}", task.due_date or date.max, title_of(task), where_of(task))
    dossiers = Dossier.objects.filter(creator=account, state="open", due_date__isnull=False)
    for dossier in dossiers.order_by("due_date", "pk")[:MOST]:
        yield Entry(
            f"dossier-{dossier.pk}", dossier.due_date or date.max, f"Hồ sơ {dossier}", f"/dossiers/{dossier.pk}"
        )


def calendar(entries: Iterable[Entry], site: str, name: str, now: datetime) -> bytes:
    """The calendar as a file. ``site``: where the pages are, such as ``https://vanban.example``; may be empty."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//lienthong//office//VI", "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    ]  # fmt: skip
    host = site.partition("://")[2] or "office.lienthong"
    for each in entries:
        lines += [
            "BEGIN:VEVENT", f"UID:{each.key}@{host}", f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{each.day:%Y%m%d}", f"DTEND;VALUE=DATE:{each.day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{escaped(f'Hạn: {each.title}')}", *([f"URL:{site}{each.where}"] if site else []),
            "TRANSP:TRANSPARENT", "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT15H",
            f"DESCRIPTION:{escaped(each.title)}", "END:VALARM", "END:VEVENT",
        ]  # fmt: skip
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines).encode()


def escaped(text: str) -> str:
    """Text as a value (RFC 5545 §3.3.11); line breaks of any kind end no line."""
    plain = " ".join(text.split())
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def folded(line: str) -> str:
    """Lines of at most 75 octets; a letter is never cut (§3.1)."""
    parts: list[str] = []
    current, size = "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > 73 + (not parts):
            parts.append(current)
            current, size = "", 0
        current, size = current + letter, size + width
    return "\r\n ".join([*parts, current])
