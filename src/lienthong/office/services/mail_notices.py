"""Notices by e-mail: the urgent ones at once, the others in one letter each working day, to people who have an address.

A letter names kind and count and leads to the page; content of documents never leaves by e-mail.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import islice
from typing import Protocol

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused, Retry
from lienthong.infra import telemetry
from lienthong.office.deadlines import calendar_of
from lienthong.office.models import Notice
from lienthong.office.notice_kinds import AT_ONCE, DIGEST_HOUR, PATIENCE, word_of
from lienthong.office.services.preferring import Channel, wants
from lienthong.vocabulary.working_calendar import WorkingCalendar
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.models import Account
from lienthong.webkit.site.configure import site

MOST = 200
LONGEST = 60
DAYS = 3
"""What is older is not mailed; for the letter of the day only working days count."""


class Postman(Protocol):
    """Sends one letter; False: the server takes none for this address now. Refuses for now when the server is away, and
    permanently when it does not take this letter or address."""

    def __call__(self, to: str, subject: str, text: str) -> bool: ...


def mail_notices(visit: Visit, send: Postman) -> int:
    """Send what waits to be mailed for one agency; how many letters. What was mailed or read is not mailed again."""
    waiting = Notice.objects.filter(
        agency=visit.agency, read_at__isnull=True, mailed_at__isnull=True, account__disabled_at__isnull=True
    ).exclude(account__email="")
    prompt = waiting.filter(kind__in=AT_ONCE, at__gt=visit.now - timedelta(days=DAYS), at__lt=visit.now - PATIENCE)
    count = _send(visit, send, prompt.order_by("account_id", "pk")[:MOST], digest=False)
    here, calendar = visit.now.astimezone(VIETNAM), calendar_of(visit.agency)
    if here.hour >= DIGEST_HOUR and calendar.is_working_day(here.date()):
        until = here.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
        since = until - timedelta(days=_days_back(calendar, here.date()))
        rest = waiting.exclude(kind__in=AT_ONCE).filter(at__gte=since, at__lt=until)
        count += _send(visit, send, rest.order_by("account_id", "pk")[:MOST], digest=True)
    return count


def _days_back(calendar: WorkingCalendar, today: date) -> int:
    """Calendar days in which DAYS working days lie: a long break must not make a notice too old to be mailed."""
    worked = (n for n in range(1, LONGEST) if calendar.is_working_day(today - timedelta(days=n)))
    return next(islice(worked, DAYS - 1, None), LONGEST)


def _send(visit: Visit, send: Postman, notices: Iterable[Notice], *, digest: bool) -> int:
    by_account: dict[int, list[Notice]] = {}
    for notice in notices:
        by_account.setdefault(notice.account_id, []).append(notice)
    accounts = Account.objects.in_bulk(by_account)
    count = 0
    for number, found in by_account.items():
        account = accounts[number]
        wanted = [each for each in found if wants(account, each.kind, Channel.MAIL)]
        if wanted:
            try:
                if not send(account.email, *letter(account, wanted, site().public_url, digest=digest)):
                    continue
                count += 1
            except Refused as refused:
                if refused.code.retry is not Retry.PERMANENT:
                    raise
                # It would be refused for ever: the notices stay on the page, and the others get their letters.
                telemetry.warning("office.letter_refused", agency=visit.agency.code, account=number)
        # Marked afterwards: after a crash in between one letter comes twice, and none is lost.
        Notice.objects.filter(pk__in=[each.pk for each in found]).update(mailed_at=visit.now)
    return count


def letter(account: Account, notices: list[Notice], url: str, *, digest: bool) -> tuple[str, str]:
    """Subject and text of a letter, in the person's language."""
    english = account.language == "en"
    count = len(notices)
    if english:
        subject = f"{'Digest: ' if digest else ''}{count} {'notice' if count == 1 else 'notices'}"
        head, foot = f"Dear {account.full_name},", "Sign in to read more. Do not answer this letter."
    else:
        subject = f"{'Tổng hợp: ' if digest else ''}{count} thông báo"
        head, foot = f"Kính gửi anh/chị {account.full_name},", "Đăng nhập để xem chi tiết. Không trả lời thư này."
    groups: dict[str, list[Notice]] = {}
    for each in notices:
        groups.setdefault(each.kind, []).append(each)
    lines = [f"- {word_of(kind, english=english)}: {len(rows)}  {url}{rows[0].where}" for kind, rows in groups.items()]
    return subject, "\n".join([head, "", *lines, "", foot, ""])
