"""Facts that reports count: each is one condition on one kind of thing, which counts it and also opens its list.

Because the number and the list come from the same condition, they cannot differ. State secrets never enter this system,
so no denominator holds any. Source: clerical-archive facts §5.2 (indicators I01–I15, I18, I19).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from lienthong.base.clock import VIETNAM
from lienthong.office.models import (
    Arrival,
    Delivery,
    DossierDocument,
    SigningStep,
    StatusEvent,
    StoredFile,
)
from lienthong.office.services.dossier_rights import readable_dossiers
from lienthong.office.services.periods import Period
from lienthong.office.services.reading_rights import readable
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.site.duties import WHOLE_AGENCY, Duty

Condition = Callable[[Visit, Period], Q]


@dataclass(frozen=True, slots=True)
class Fact:
    """One number. ``code``: of its indicator; ``of``: outgoing, incoming, arrival, delivery or dossier."""

    key: str
    code: str
    of: str
    vi: str
    en: str
    holds: Condition


def base(visit: Visit, of: str) -> QuerySet[Any]:
    """All things of a kind that somebody may read; arrivals and deliveries only for those who see the whole agency."""
    whole = visit.who.may(*WHOLE_AGENCY, Duty.FOLLOW_UP)
    if of in {"outgoing", "incoming"}:
        return readable(visit).filter(direction=of)
    if of == "dossier":
        return readable_dossiers(visit)
    if of == "arrival":
        return Arrival.objects.filter(agency=visit.agency) if whole else Arrival.objects.none()
    sent = Delivery.objects.filter(agency=visit.agency)
    return sent if whole else sent.filter(document__in=readable(visit).values("pk"))


def things(visit: Visit, fact: Fact, period: Period) -> QuerySet[Any]:
    """The list behind a number."""
    return base(visit, fact.of).filter(fact.holds(visit, period))


def count(visit: Visit, facts: Iterable[Fact], period: Period) -> Mapping[str, int]:
    """All numbers, with one question to the database for each kind of thing."""
    found: dict[str, int] = {}
    chosen = list(facts)
    for of in dict.fromkeys(each.of for each in chosen):
        wanted = {each.key: Count("pk", filter=each.holds(visit, period)) for each in chosen if each.of == of}
        found |= base(visit, of).aggregate(**wanted)
    return found


def _issued(visit: Visit, period: Period) -> Q:
    return Q(number_value__isnull=False, issued_date__gte=period.first, issued_date__lte=period.last)


def _arrived(visit: Visit, period: Period) -> Q:
    return Q(arrival_date__gte=period.first, arrival_date__lte=period.last)


def _received(visit: Visit, period: Period) -> Q:
    return Q(received_at__gte=period.begins, received_at__lt=period.ends)


def _sent(visit: Visit, period: Period) -> Q:
    return Q(channel="axis", sent_at__gte=period.begins, sent_at__lt=period.ends)


def _within(name: str) -> Condition:
    return lambda visit, period: Q(**{f"{name}__gte": period.begins, f"{name}__lt": period.ends})


def also(first: Condition, *more: Q) -> Condition:
    """A condition and more."""

    def holds(visit: Visit, period: Period) -> Q:
        found = first(visit, period)
        for each in more:
            found &= each
        return found

    return holds


_ELECTRONIC = Q(Exists(Delivery.objects.filter(
    document=OuterRef("pk"), channel__in=("axis", "email"), state__in=("accepted", "delivered")
)))  # fmt: skip
_ON_PAPER = Q(Exists(Delivery.objects.filter(document=OuterRef("pk"), channel="paper")))
_PERSON = Q(Exists(SigningStep.objects.filter(document=OuterRef("pk"), signed_at__isnull=False)))
_AGENCY = Q(
    Exists(StoredFile.objects.filter(document=OuterRef("pk"), verdict__signatures__contains=[{"role": "agency"}]))
)
_BAD_FILE = StoredFile.objects.filter(arrival=OuterRef("pk")).exclude(verdict__verdict__in=("PASSED", "UNSIGNED"))
_GOOD_FILE = StoredFile.objects.filter(arrival=OuterRef("pk"), verdict__verdict="PASSED")
_VALID = Q(Exists(_GOOD_FILE)) & ~Q(Exists(_BAD_FILE.filter(verdict__isnull=False)))
_FROM_AXIS = Q(source__in=("axis", "mail"))
_HAS_FILE = Q(Exists(StoredFile.objects.filter(document=OuterRef("pk"))))
_SAME_DAY = StatusEvent.objects.filter(outward=True, code__in=(1, 3)).annotate(
    said=TruncDate("at", tzinfo=VIETNAM), came=TruncDate("document__received_at", tzinfo=VIETNAM)
)
_ANSWERED = Q(Exists(_SAME_DAY.filter(said=F("came"), document=OuterRef("pk"))))
_DONE = Q(state="finished")
_NOT_DONE = Q(state__in=("registered", "submitted", "directed", "in_progress"))
_DONE_DAY = TruncDate("finished_at", tzinfo=VIETNAM)
_IN_TIME = Q(due_date__isnull=True) | Q(due_date__gte=_DONE_DAY)
_AFTER = Q(due_date__isnull=False) & Q(due_date__lt=_DONE_DAY)


def _status(code: int) -> Q:
    return Q(Exists(StatusEvent.objects.filter(document=OuterRef("pk"), outward=True, code=code)))


def _still(*, late: bool) -> Condition:
    def holds(visit: Visit, period: Period) -> Q:
        over = Q(due_date__lt=visit.today)
        return _arrived(visit, period) & _NOT_DONE & (over if late else ~over | Q(due_date__isnull=True))

    return holds


def _late_dossier(visit: Visit, period: Period) -> Q:
    return _within("opened_at")(visit, period) & Q(state="open", due_date__lt=visit.today)


_IN_DOSSIER = DossierDocument.objects.filter(dossier=OuterRef("pk"))
_WITHOUT_FILE = _IN_DOSSIER.exclude(Exists(StoredFile.objects.filter(document=OuterRef("document"))))
ONLINE = Q(Exists(_IN_DOSSIER)) & ~Q(Exists(_WITHOUT_FILE))
"""Dossiers that are wholly electronic: with documents, all of which have a file."""

FACTS: Mapping[str, Fact] = {
    each.key: each
    for each in (
        Fact("issued", "I01", "outgoing", "Văn bản đi đã đăng ký", "Outgoing documents registered", _issued),
        Fact(
            "electronic", "I02", "outgoing", "Gửi điện tử thành công", "Sent electronically", also(_issued, _ELECTRONIC)
        ),
        Fact(
            "only_electronic",
            "I03",
            "outgoing",
            "Chỉ gửi điện tử, không kèm bản giấy",
            "Electronic, no paper",
            also(_issued, _ELECTRONIC, ~_ON_PAPER),
        ),
        Fact(
            "parallel",
            "I04",
            "outgoing",
            "Gửi điện tử song song bản giấy",
            "Electronic with paper",
            also(_issued, _ELECTRONIC, _ON_PAPER),
        ),
        Fact(
            "not_electronic",
            "I05",
            "outgoing",
            "Không gửi điện tử",
            "Not sent electronically",
            also(_issued, ~_ELECTRONIC),
        ),
        Fact(
            "signed_person",
            "I08",
            "outgoing",
            "Gửi điện tử có chữ ký số cá nhân",
            "With a personal signature",
            also(_issued, _ELECTRONIC, _PERSON),
        ),
        Fact(
            "signed_agency",
            "I08",
            "outgoing",
            "Gửi điện tử có chữ ký số cơ quan",
            "With the agency's signature",
            also(_issued, _ELECTRONIC, _AGENCY),
        ),
        Fact(
            "signed_both",
            "I08",
            "outgoing",
            "Gửi điện tử có đủ hai chữ ký số",
            "With both signatures",
            also(_issued, _ELECTRONIC, _PERSON, _AGENCY),
        ),
        Fact(
            "received", "I09", "arrival", "Văn bản nhận điện tử", "Received electronically", also(_received, _FROM_AXIS)
        ),
        Fact(
            "received_valid",
            "I09",
            "arrival",
            "Nhận điện tử, chữ ký số hợp lệ",
            "With valid signatures",
            also(_received, _FROM_AXIS, _VALID),
        ),
        Fact(
            "returned",
            "I09",
            "arrival",
            "Nhận điện tử rồi trả lại",
            "Returned",
            also(_received, _FROM_AXIS, Q(state="returned")),
        ),
        Fact(
            "axis_in",
            "I09",
            "incoming",
            "Văn bản đến qua mạng đã đăng ký",
            "Registered from the network",
            also(_arrived, _FROM_AXIS),
        ),
        Fact(
            "axis_in_only",
            "I09",
            "incoming",
            "Đến qua mạng, không kèm bản giấy",
            "From the network, no paper",
            also(_arrived, _FROM_AXIS, Q(paper=False)),
        ),
        Fact("axis_sent", "I10", "delivery", "Lượt gửi qua trục", "Sent over the axis", _sent),
        Fact("axis_received", "I10", "delivery", "Nơi nhận đã nhận", "Received", also(_sent, Q(state="delivered"))),
        Fact(
            "axis_waiting",
            "I10",
            "delivery",
            "Trục đã nhận, nơi nhận chưa nhận",
            "Accepted by the axis only",
            also(_sent, Q(state__in=("sending", "accepted"))),
        ),
        Fact("axis_refused", "I10", "delivery", "Bị từ chối", "Refused", also(_sent, Q(state="refused"))),
        Fact("axis_failed", "I10", "delivery", "Không gửi được", "Failed", also(_sent, Q(state="failed"))),
        Fact("axis_recalled", "I10", "delivery", "Đã thu hồi", "Recalled", also(_sent, Q(state="recalled"))),
        Fact(
            "noticed",
            "I11",
            "incoming",
            "Báo nhận ngay trong ngày",
            "Receipt reported the same day",
            also(_arrived, Q(source="axis"), _ANSWERED),
        ),
        Fact("arrived", "I13", "incoming", "Văn bản đến đã đăng ký", "Incoming documents registered", _arrived),
        Fact(
            "in_time", "I13", "incoming", "Giải quyết xong đúng hạn", "Handled in time", also(_arrived, _DONE, _IN_TIME)
        ),
        Fact("late", "I13", "incoming", "Giải quyết xong quá hạn", "Handled late", also(_arrived, _DONE, _AFTER)),
        Fact("open_in_time", "I13", "incoming", "Đang giải quyết, trong hạn", "Open, in time", _still(late=False)),
        Fact("open_late", "I13", "incoming", "Đang giải quyết, quá hạn", "Open, overdue", _still(late=True)),
        Fact(
            "withdrawn",
            "I13",
            "incoming",
            "Nơi gửi đã thu hồi",
            "Recalled by the issuer",
            also(_arrived, Q(state="recalled")),
        ),
        Fact(
            "from_axis",
            "I14",
            "incoming",
            "Văn bản đến qua trục",
            "Incoming over the axis",
            also(_arrived, Q(source="axis")),
        ),
        *(
            Fact(
                f"status_{code:02d}",
                "I14",
                "incoming",
                f"Đã báo trạng thái {word}",
                f"Status {code:02d} reported",
                also(_arrived, Q(source="axis"), _status(code)),
            )
            for code, word in ((3, "tiếp nhận"), (4, "phân công"), (5, "đang xử lý"), (6, "hoàn thành"))
        ),
        Fact("dossiers", "I15", "dossier", "Hồ sơ công việc đã mở", "Dossiers opened", _within("opened_at")),
        Fact(
            "dossiers_online",
            "I15",
            "dossier",
            "Xử lý hoàn toàn trên môi trường điện tử",
            "Processed online",
            also(_within("opened_at"), ONLINE),
        ),
        Fact("dossiers_closed", "I15", "dossier", "Hồ sơ đã kết thúc", "Closed", _within("closed_at")),
        Fact("dossiers_submitted", "I15", "dossier", "Hồ sơ đã nộp lưu", "Submitted", _within("submitted_at")),
        Fact("dossiers_late", "I15", "dossier", "Hồ sơ quá hạn", "Overdue", _late_dossier),
        Fact(
            "doubles", "I18", "arrival", "Được cảnh báo trùng", "Duplicates warned", also(_received, ~Q(duplicates=[]))
        ),
        Fact(
            "recalled_out",
            "I18",
            "outgoing",
            "Văn bản đi đã thu hồi",
            "Outgoing recalled",
            also(_issued, Q(state="recalled")),
        ),
        Fact(
            "replacing",
            "I18",
            "outgoing",
            "Văn bản đi đính chính, thay thế",
            "Corrections and replacements",
            also(_issued, Q(replaces__isnull=False)),
        ),
        Fact(
            "paper_in",
            "I19",
            "incoming",
            "Văn bản giấy đến",
            "Incoming on paper",
            also(_arrived, Q(source__in=("paper", "scan"))),
        ),
        Fact(
            "digitised",
            "I19",
            "incoming",
            "Văn bản giấy đến đã số hóa",
            "Digitised",
            also(_arrived, Q(source__in=("paper", "scan")), _HAS_FILE),
        ),
    )
}
"""Every number of the indicators, by key."""

SHARES: Mapping[str, tuple[str, str]] = {
    "electronic": ("I06", "issued"),
    "only_electronic": ("I07", "issued"),
    "signed_person": ("I08", "electronic"),
    "signed_agency": ("I08", "electronic"),
    "signed_both": ("I08", "electronic"),
    "received_valid": ("I09", "received"),
    "axis_in_only": ("I09", "axis_in"),
    "axis_received": ("I10", "axis_sent"),
    "noticed": ("I11", "from_axis"),
    "in_time": ("I13", "arrived"),
    "status_03": ("I14", "from_axis"),
    "status_04": ("I14", "from_axis"),
    "status_05": ("I14", "from_axis"),
    "status_06": ("I14", "from_axis"),
    "dossiers_online": ("I15", "dossiers"),
    "digitised": ("I19", "paper_in"),
}
"""Numbers that are also said as a share of another, with the indicator of the share."""

HANDLING = ("arrived", "in_time", "late", "open_in_time", "open_late")
SENDING = ("issued", "only_electronic", "parallel", "not_electronic", "recalled_out")
