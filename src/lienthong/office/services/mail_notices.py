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
from lienthong.office.states import NoticeKind
from lienthong.vocabulary.working_calendar import WorkingCalendar
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.people.models import Account
from lienthong.webkit.site.configure import site

AT_ONCE = tuple(
    kind.value
    for kind in (
        NoticeKind.ARRIVAL, NoticeKind.SENDING, NoticeKind.STATUS, NoticeKind.RECALL, NoticeKind.SIGNATURE,
        NoticeKind.ESCALATED,
    )
)  # fmt: skip
"""Kinds of notices that are not kept for the evening."""

PATIENCE = timedelta(minutes=2)
"""Whoever reads a notice in the page within this time gets no letter about it."""

DIGEST_HOUR = 7
"""Hour of Vietnam after which the letter of a working day goes out."""

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
        if account.preferences.get("mail", True):
            try:
                if not send(account.email, *letter(account, found, site().public_url, digest=digest)):
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
    lines = [f"- {_word(kind, english)}: {len(rows)}  {url}{rows[0].where}" for kind, rows in groups.items()]
    return subject, "\n".join([head, "", *lines, "", foot, ""])


def _word(kind: str, english: bool) -> str:
    # Rows of an earlier release may be of a kind that is written no more.
    found = WORDS[NoticeKind(kind)] if kind in _KINDS else ("Thông báo", "Notice")
    return found[english]


_KINDS = frozenset(each.value for each in NoticeKind)
WORDS = {
    NoticeKind.ARRIVAL: ("Văn bản đến chờ tiếp nhận", "Documents to be received"),
    NoticeKind.SENDING: ("Không gửi được", "Could not be sent"),
    NoticeKind.STATUS: ("Trạng thái từ nơi nhận", "Statuses from recipients"),
    NoticeKind.RECALL: ("Yêu cầu thu hồi", "Recalls"),
    NoticeKind.DRAFT: ("Dự thảo có thay đổi", "News of your drafts"),
    NoticeKind.HANDED_OVER: ("Nhận bàn giao", "Work handed over to you"),
    NoticeKind.SUBMISSION: ("Việc được giao", "Tasks given to you"),
    NoticeKind.HANDLING: ("Việc được giao", "Tasks given to you"),
    NoticeKind.REVIEW: ("Việc được giao", "Tasks given to you"),
    NoticeKind.SIGNATURE: ("Văn bản chờ ký", "Documents to be signed"),
    NoticeKind.DUE: ("Việc sắp đến hạn, quá hạn", "Tasks that are due or late"),
    NoticeKind.ESCALATED: ("Việc quá hạn của đơn vị", "Late tasks of your unit"),
    NoticeKind.REMINDED: ("Việc được đôn đốc", "Tasks you were reminded of"),
    NoticeKind.EXTENSION: ("Gia hạn việc", "Extensions of tasks"),
    NoticeKind.REPORTED: ("Kết quả chờ xác nhận", "Results to be confirmed"),
    NoticeKind.ACCEPTED: ("Kết quả được duyệt", "Results that were accepted"),
    NoticeKind.HANDED_BACK: ("Việc phải làm lại", "Tasks to be done again"),
    NoticeKind.WITHDRAWN: ("Việc đã thu hồi", "Tasks that were withdrawn"),
    NoticeKind.RETURNED: ("Việc bị trả lại", "Tasks that were returned"),
    NoticeKind.AGAIN: ("Việc quay lại", "Tasks that have come back"),
    NoticeKind.FINISHED: ("Việc đã hoàn thành", "Tasks that are finished"),
    NoticeKind.CONFIRMED: ("Kết quả được xác nhận", "Results that were confirmed"),
    NoticeKind.MORE: ("Việc cần bổ sung", "Tasks that lack something"),
    NoticeKind.DOSSIER_RIGHT: ("Quyền trong hồ sơ", "Rights in dossiers"),
    NoticeKind.DOSSIER_SUBMITTED: ("Hồ sơ nộp lưu", "Dossiers submitted to the archive"),
    NoticeKind.DOSSIER_RECEIVED: ("Hồ sơ đã nộp lưu: kết quả", "Answers of the archive"),
    NoticeKind.CERTIFICATE: ("Chứng thư số trên thiết bị", "Certificates on devices"),
}
"""How a letter names each kind, Vietnamese and English."""
