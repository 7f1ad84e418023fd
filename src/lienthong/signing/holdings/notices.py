"""What calls for somebody's attention: certificates that end, providers that are late, proposals, devices, findings.

Source: ``rules.toml`` (days of warning; Decree 68/2024 articles 9, 11, 17), Decree 23/2025 article 14 (the title).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from cryptography.x509.oid import NameOID

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.base.text import fold
from lienthong.signing.holdings.model import CAUSE_WORDS, HolderKind, Holding, Progress, RequestKind, State
from lienthong.signing.holdings.rules import Rules
from lienthong.trust.certificates import public_key_of
from lienthong.vocabulary.working_calendar import WorkingCalendar

_LIVING = {State.ISSUED, State.DELIVERED, State.ACTIVE, State.LOCKED}


class NoticeKind(Enum):
    """Of what a notice is."""

    ENDING = "ending"
    PROPOSED = "proposed"
    PROVIDER_LATE = "provider-late"
    DEVICE_OUT = "device-out"
    FINDING = "finding"


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence about one holding. ``due``: the day by which something should be done. ``days``: until then."""

    kind: NoticeKind
    number: int
    name: str
    due: date
    days: int
    vi: str
    en: str


def notices(holdings: Iterable[Holding], at: datetime, rules: Rules, calendar: WorkingCalendar) -> list[Notice]:
    """Everything that is open at an instant, the most urgent first."""
    found = [notice for each in holdings for notice in _of(each, at, rules, calendar)]
    return sorted(found, key=lambda notice: (notice.due, notice.number))


def _of(holding: Holding, at: datetime, rules: Rules, calendar: WorkingCalendar) -> Iterator[Notice]:
    today, state = at.astimezone(VIETNAM).date(), holding.state_at(at)

    def notice(kind: NoticeKind, due: date, vi: str, en: str) -> Notice:
        return Notice(kind, holding.number, holding.holder.name, due, (due - today).days, vi, en)

    if state in _LIVING and holding.current is not None:
        end = holding.current.not_valid_after_utc.astimezone(VIETNAM).date()
        left = (end - today).days
        if left <= max(rules.warn_days, default=0):
            more_vi, more_en = _renewing(holding)
            yield notice(
                NoticeKind.ENDING, end, f"còn {left} ngày là hết hạn{more_vi}", f"ends in {left} days{more_en}"
            )
        for vi, en in findings(holding, rules):
            yield notice(NoticeKind.FINDING, end, vi, en)
    for proposal in holding.proposals:
        when = proposal.at.astimezone(VIETNAM).date()
        vi, en = CAUSE_WORDS[proposal.cause]
        more = f": {proposal.why}" if proposal.why else ""
        yield notice(NoticeKind.PROPOSED, when, f"đề xuất thu hồi ({vi}){more}", f"revocation is proposed ({en}){more}")
    if holding.request is not None and holding.request.progress is Progress.SENT:
        due = calendar.add_working_days(holding.request.since.astimezone(VIETNAM).date(), rules.provider_working_days)
        if due < today:
            yield notice(
                NoticeKind.PROVIDER_LATE, due, "nhà cung cấp đã quá hạn trả lời", "the provider's answer is overdue"
            )
    if state in {State.REVOKED, State.EXPIRED} and holding.device and holding.device_state == "kept":
        ended = holding.since if state is State.REVOKED else _end(holding)
        yield notice(
            NoticeKind.DEVICE_OUT, ended.astimezone(VIETNAM).date(), f"chưa thu hồi thiết bị {holding.device}",
            f"the device {holding.device} was not returned",
        )  # fmt: skip


def urgency(notice: Notice, rules: Rules) -> int | None:
    """The warning day that an ending certificate has reached, 60, 30 or 7; None for other notices."""
    if notice.kind is not NoticeKind.ENDING:
        return None
    return min((each for each in rules.warn_days if notice.days <= each), default=None)


def findings(holding: Holding, rules: Rules) -> Iterator[tuple[str, str]]:
    """What is odd about the certificate that counts, in Vietnamese and English."""
    certificate = holding.current
    if certificate is None:
        return
    if holding.holder.kind is HolderKind.PERSON and rules.title_needed:
        titles = certificate.subject.get_attributes_for_oid(NameOID.TITLE)
        if not titles:
            yield (
                "chứng thư số không ghi chức vụ; người nhận không thấy được thẩm quyền ký",
                "the certificate states no title, so receivers cannot see the competence to sign",
            )
        elif holding.holder.title and fold(title := str(titles[0].value)) != fold(holding.holder.title):
            yield (
                f"chức vụ trong chứng thư số là «{title}», trong sổ là «{holding.holder.title}»",
                f"the certificate's title is “{title}”, the book's “{holding.holder.title}”",
            )
    years = rules.renewal_years if holding.certificates[-1].renewal else rules.new_years
    days = (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days
    if days > years * 366:
        yield f"thời hạn dài hơn {years} năm", f"it counts for more than {years} years"
    try:
        public_key_of(certificate)
    except Refused as refused:
        yield refused.sentence("vi").rstrip("."), refused.sentence("en").rstrip(".")


def _renewing(holding: Holding) -> tuple[str, str]:
    if holding.request is not None and holding.request.kind is RequestKind.RENEWAL:
        return ", đang xin gia hạn", ", renewal is under way"
    return "", ""


def _end(holding: Holding) -> datetime:
    return holding.current.not_valid_after_utc if holding.current is not None else holding.since
