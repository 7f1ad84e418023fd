"""Reports: indicators of a period, handling by unit, times taken, and the registers of Appendix IV as papers.

What stands on the screen, in the spreadsheet and in the PDF is made once, here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, F, OuterRef, QuerySet, Subquery

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.office.deadlines import calendar_of
from lienthong.office.models import Delivery, Document, NumberEntry, Register, Task
from lienthong.office.papers.follow_up_register import FollowedRow, follow_up_register
from lienthong.office.papers.incoming_register import IncomingRow, incoming_register
from lienthong.office.papers.outgoing_register import OutgoingRow, outgoing_register
from lienthong.office.papers.register import Letterhead, Volume
from lienthong.office.services import facts
from lienthong.office.services.facts import FACTS, HANDLING, SENDING, SHARES, Fact
from lienthong.office.services.numbering import written
from lienthong.office.services.periods import Period
from lienthong.office.services.printing import letterhead, print_mark
from lienthong.office.services.reading_rights import readable
from lienthong.office.states import Direction, Role, TaskKind
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.papers.model import Align, Column, Row, RowKind, Table
from lienthong.webkit.people.models import Account, Unit
from lienthong.webkit.site.errors import NOT_FOUND_HERE

AT_ONCE = 500
STATES_VI = {
    "registered": "Đã vào sổ", "submitted": "Đã trình", "directed": "Đã chỉ đạo", "in_progress": "Đang xử lý",
    "finished": "Hoàn thành", "recalled": "Đã thu hồi",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator. ``share``: in percent of another number, None when there is nothing to divide by."""

    fact: Fact
    number: int
    share_code: str = ""
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """How long a step took in a period (I12): median and 95 % in hours, how many within the time of the law."""

    key: str
    vi: str
    en: str
    count: int
    median: float | None
    most: float | None
    within: int | None


@dataclass(frozen=True, slots=True)
class ByUnit:
    """Handling by who leads it, or sending by who drafted: ``key`` is ``u12``, ``a5`` or ``-``."""

    key: str
    name: str
    numbers: Mapping[str, int]


def indicators(visit: Visit, period: Period) -> list[Line]:
    """All indicators of a period that this person may see."""
    numbers = facts.count(visit, FACTS.values(), period)
    lines = []
    for each in FACTS.values():
        code, of = SHARES.get(each.key, ("", ""))
        share = 100 * numbers[each.key] / numbers[of] if of and numbers[of] else None
        lines.append(Line(each, numbers[each.key], code, share))
    return lines


def listed(visit: Visit, key: str, period: Period, group: str = "") -> QuerySet[Any]:
    """The list behind a number, of one unit or person when ``group`` says so. Refuses NOT_FOUND_HERE."""
    fact = FACTS.get(key)
    if fact is None:
        raise Refused(NOT_FOUND_HERE)
    found = facts.things(visit, fact, period)
    if not group:
        return found
    column, wanted = ("unit", group[1:]) if fact.of == "outgoing" else ("lead", group)
    if fact.of == "outgoing":
        return found.filter(unit__isnull=True) if group == "-" else found.filter(**{column: _number(wanted)})
    if fact.of != "incoming":
        raise Refused(NOT_FOUND_HERE)
    led = _led(found)
    if group == "-":
        return led.filter(lead_unit__isnull=True, lead_account__isnull=True)
    return led.filter(**{"lead_unit" if group[0] == "u" else "lead_account": _number(group[1:])})


def handling(visit: Visit, period: Period) -> list[ByUnit]:
    """Incoming documents by who leads their handling, with the numbers of I13."""
    wanted = {key: Count("pk", filter=FACTS[key].holds(visit, period)) for key in HANDLING}
    rows = _led(facts.base(visit, "incoming").filter(FACTS["arrived"].holds(visit, period)))
    grouped = rows.values("lead_unit", "lead_account").annotate(**wanted)
    names = _names(visit)
    found = []
    for row in grouped:
        key = f"u{row['lead_unit']}" if row["lead_unit"] else f"a{row['lead_account']}" if row["lead_account"] else "-"
        found.append(ByUnit(key, names.get(key, "(chưa giao)"), {name: row[name] for name in HANDLING}))
    return sorted(found, key=lambda each: (each.key == "-", each.name))


def sending(visit: Visit, period: Period) -> list[ByUnit]:
    """Outgoing documents by the unit that drafted them, with the numbers of I01 to I05."""
    wanted = {key: Count("pk", filter=FACTS[key].holds(visit, period)) for key in SENDING}
    rows = facts.base(visit, "outgoing").filter(FACTS["issued"].holds(visit, period)).values("unit").annotate(**wanted)
    names = _names(visit)
    found = []
    for row in rows:
        key = f"u{row['unit']}" if row["unit"] else "-"
        found.append(ByUnit(key, names.get(key, "(không ghi đơn vị)"), {name: row[name] for name in SENDING}))
    return sorted(found, key=lambda each: (each.key == "-", each.name))


def _led(documents: QuerySet[Document]) -> QuerySet[Any]:
    """With unit or account of the first handling task in the lead; all of one document go to one line."""
    first = (
        Task.objects.filter(document=OuterRef("pk"), kind=TaskKind.HANDLING.value, role=Role.LEAD.value)
        .exclude(state__in=("withdrawn", "returned")).order_by("pk")
    )  # fmt: skip
    return documents.annotate(
        lead_unit=Subquery(first.values("unit")[:1]), lead_account=Subquery(first.values("account")[:1])
    )


def _names(visit: Visit) -> dict[str, str]:
    units = Unit.objects.filter(agency=visit.agency).values_list("pk", "name")
    people = Account.objects.filter(agency=visit.agency).values_list("pk", "full_name")
    return {**{f"u{pk}": name for pk, name in units}, **{f"a{pk}": name for pk, name in people}}


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise Refused(NOT_FOUND_HERE)
    return int(text)


def times(visit: Visit, period: Period) -> list[Taken]:
    """How long the steps took (I12). Within the law: registered on the day of arrival or the next working day (D30 art.
    22); issued on the day of signing or the next working day (art. 18)."""
    ids = readable(visit).values("pk")
    incoming = Document.objects.filter(pk__in=ids, direction="incoming").filter(FACTS["arrived"].holds(visit, period))
    outgoing = Document.objects.filter(pk__in=ids, direction="outgoing").filter(FACTS["issued"].holds(visit, period))
    lead = Task.objects.filter(document=OuterRef("pk")).order_by("given_at")
    submitted = Subquery(lead.filter(kind=TaskKind.SUBMISSION.value).values("given_at")[:1])
    given = Subquery(lead.filter(kind=TaskKind.HANDLING.value).values("given_at")[:1])
    return [
        _taken(visit, "registering", "Từ khi đến tới khi đăng ký", "From arrival to registration", period,
               incoming.annotate(a=F("received_at"), b=F("created_at"))),
        _taken(visit, "submitting", "Từ khi đăng ký tới khi trình", "From registration to submission", period,
               incoming.annotate(a=F("created_at"), b=submitted)),
        _taken(visit, "assigning", "Từ khi trình tới khi giao xử lý", "From submission to assignment", period,
               incoming.annotate(a=submitted, b=given)),
        _taken(visit, "issuing", "Từ khi ký tới khi phát hành", "From signing to issue", period,
               outgoing.annotate(a=F("signed_at"), b=F("issued_at"))),
    ]  # fmt: skip


def _taken(visit: Visit, key: str, vi: str, en: str, period: Period, rows: QuerySet[Any]) -> Taken:
    timed = rows.filter(a__isnull=False, b__isnull=False, b__gte=F("a")).values_list("a", "b")
    sql, params = timed.query.sql_with_params()
    first, nexts = _next_working_days(visit, period)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""with timed(a, b) as ({sql}), days(d, n) as (select * from unnest(%s::date[], %s::date[]))
            select count(*), percentile_cont(0.5) within group (order by extract(epoch from b - a)) / 3600,
                   percentile_cont(0.95) within group (order by extract(epoch from b - a)) / 3600,
                   count(*) filter (where (b at time zone 'Asia/Ho_Chi_Minh')::date
                       <= coalesce(n, (a at time zone 'Asia/Ho_Chi_Minh')::date + 1))
            from timed left join days on d = (a at time zone 'Asia/Ho_Chi_Minh')::date""",
            [*params, first, nexts],
        )
        count, median, most, within = cursor.fetchone()
    law = key in {"registering", "issuing"}
    return Taken(key, vi, en, count, _float(median), _float(most), within if law else None)


def _float(number: object) -> float | None:
    return None if number is None else float(str(number))


def _next_working_days(visit: Visit, period: Period) -> tuple[list[date], list[date]]:
    calendar = calendar_of(visit.agency)
    length = min((period.last - period.first).days, 3700)
    # Steps of a document of this period may have begun some weeks before.
    days = [period.first + timedelta(days=n) for n in range(-60, length + 1)]
    return days, [calendar.next_working_day(each) for each in days]


def indicators_table(visit: Visit, period: Period) -> Table:
    """The indicators as a paper, with the figures of the screen."""
    rows = [
        Row((each.fact.code, each.fact.vi, each.number, each.share_code or None,
             f"{each.share:.1f} %".replace(".", ",") if each.share is not None else None))
        for each in indicators(visit, period)
    ]  # fmt: skip
    rows += [
        Row(("I12", each.vi, each.count, None, f"trung vị {hours(each.median)}; 95 % trong {hours(each.most)}"))
        for each in times(visit, period)
    ]
    return _table(visit, period, "BÁO CÁO CHỈ SỐ VĂN BẢN ĐIỆN TỬ", (
        Column("Mã", 0.5, Align.CENTRE), Column("Chỉ số", 4), Column("Số lượng", 1, Align.RIGHT),
        Column("Mã tỷ lệ", 0.7, Align.CENTRE), Column("Tỷ lệ", 1.8, Align.RIGHT),
    ), rows)  # fmt: skip


def handling_table(visit: Visit, period: Period) -> Table:
    """Report on the handling of incoming documents, by who leads it (D30 Appendix VI, outputs)."""
    return _by_unit(
        visit,
        period,
        "BÁO CÁO TÌNH HÌNH GIẢI QUYẾT VĂN BẢN ĐẾN",
        "Đơn vị, cá nhân chủ trì",
        HANDLING,
        handling(visit, period),
    )


def sending_table(visit: Visit, period: Period) -> Table:
    """Report on the handling of outgoing documents, by the unit that drafted them."""
    return _by_unit(
        visit, period, "BÁO CÁO TÌNH HÌNH GIẢI QUYẾT VĂN BẢN ĐI", "Đơn vị soạn thảo", SENDING, sending(visit, period)
    )


def _by_unit(
    visit: Visit, period: Period, title: str, head: str, keys: Sequence[str], lines: Sequence[ByUnit]
) -> Table:
    rows = [Row((at, each.name, *(each.numbers[key] for key in keys))) for at, each in enumerate(lines, 1)]
    total = Row((None, "Tổng cộng", *(sum(each.numbers[key] for each in lines) for key in keys)), RowKind.TOTAL)
    columns = (Column("STT", 0.5, Align.CENTRE), Column(head, 3),
               *(Column(FACTS[key].vi, 1.2, Align.RIGHT) for key in keys))  # fmt: skip
    return _table(visit, period, title, columns, [*rows, total])


def _table(visit: Visit, period: Period, title: str, columns: tuple[Column, ...], rows: Sequence[Row]) -> Table:
    head = letterhead(visit)
    return Table(
        title=title, columns=columns, rows=rows, subtitles=(f"Kỳ báo cáo: {period.vi}",), agency=head.agency,
        superior=head.superior, place=head.place, sign_on=visit.today, mark=print_mark(visit),
    )  # fmt: skip


def hours(value: float | None) -> str:
    """``3,5 giờ``, ``2,1 ngày``; a dash for nothing."""
    if value is None:
        return "–"
    said = f"{value:.1f} giờ" if value < 48 else f"{value / 24:.1f} ngày"
    return said.replace(".", ",")


def register_table(visit: Visit, register: Register, form: str) -> Table:
    """A register in its form of Appendix IV: ``register`` or, of incoming documents, ``follow_up``."""
    entries = NumberEntry.objects.filter(register=register)
    edges = entries.order_by("number").values_list("number", "given_at")
    first, last = edges.first(), edges.last()
    first_day, last_day = (each[1].astimezone(VIETNAM).date() if each else None for each in (first, last))
    first_number, last_number = (written(each[0]) if each else "" for each in (first, last))
    volume = Volume(register.year, first_day, last_day, first_number, last_number)
    head, mark = letterhead(visit), print_mark(visit)
    if form == "follow_up" and register.direction == Direction.INCOMING.value:
        return follow_up_register(head, volume, followed_rows(register), mark)
    if form != "register":
        raise Refused(NOT_FOUND_HERE)
    if register.direction == Direction.INCOMING.value:
        return incoming_register(head, volume, incoming_rows(register), mark)
    return outgoing_register(head, volume, outgoing_rows(register), mark)


def register_rows(register: Register, form: str, numbers: Sequence[int]) -> Iterator[Row]:
    """The same rows as on paper, of these numbers alone."""
    if register.direction == Direction.OUTGOING.value:
        return iter(outgoing_register(_NOBODY, Volume(register.year), outgoing_rows(register, numbers)).rows)
    if form == "follow_up":
        return iter(follow_up_register(_NOBODY, Volume(register.year), followed_rows(register, numbers)).rows)
    return iter(incoming_register(_NOBODY, Volume(register.year), incoming_rows(register, numbers)).rows)


_NOBODY = Letterhead("")


def incoming_rows(register: Register, numbers: Sequence[int] | None = None) -> Iterator[IncomingRow]:
    """Every number of an incoming register, void ones too, in order; or only these numbers."""
    for batch in _batches(register, numbers):
        receivers, passed = _receivers(batch)
        for entry in batch:
            document = entry.document
            day = entry.given_at.astimezone(VIETNAM).date()
            if document is None:
                yield IncomingRow(day, entry.number, "", "", None, "", "", void_reason=entry.void_reason or "–")
                continue
            yield IncomingRow(
                document.arrival_date or day, entry.number, document.issuer_name, document.number_and_symbol,
                document.issued_date, document.kind, document.abstract, receivers.get(document.pk, ()),
                passed.get(document.pk), note=document.note, void_reason=entry.void_reason,
            )  # fmt: skip


def outgoing_rows(register: Register, numbers: Sequence[int] | None = None) -> Iterator[OutgoingRow]:
    """Every number of an outgoing register, void ones too, in order; or only these numbers."""
    for batch in _batches(register, numbers):
        recipients: dict[int, list[str]] = {}
        for pk, name in (
            Delivery.objects.filter(document__in=[each.document_id for each in batch])
            .order_by("pk")
            .values_list("document", "name")
        ):
            recipients.setdefault(pk, []).append(name)
        for entry in batch:
            document = entry.document
            if document is None:
                yield OutgoingRow(written(entry.number), None, "", "", void_reason=entry.void_reason or "–")
                continue
            sent = document.issued_at.astimezone(VIETNAM).date() if document.issued_at else None
            yield OutgoingRow(
                document.number_and_symbol,
                document.issued_date,
                document.kind,
                document.abstract,
                document.signer_name,
                tuple(recipients.get(document.pk, ())) or ((document.to_places,) if document.to_places else ()),
                ("Văn thư", *((document.unit.name,) if document.unit else ())),
                document.copies,
                sent,
                note=document.note,
                void_reason=entry.void_reason,
            )


def followed_rows(register: Register, numbers: Sequence[int] | None = None) -> Iterator[FollowedRow]:
    """How far every incoming document of a register is; or only these numbers."""
    for batch in _batches(register, numbers):
        receivers, _ = _receivers(batch)
        answers: dict[int, list[str]] = {}
        answering = Document.objects.filter(answers__in=[each.document_id for each in batch if each.document_id])
        for each in answering.filter(number_value__isnull=False).order_by("pk"):
            answers.setdefault(each.answers_id or 0, []).append(each.number_and_symbol)
        for entry in batch:
            document = entry.document
            if document is not None:
                yield FollowedRow(
                    entry.number, document.kind, document.number_and_symbol, document.issued_date, document.issuer_name,
                    receivers.get(document.pk, ()), document.due_date, STATES_VI.get(document.state, ""),
                    tuple(answers.get(document.pk, ())), document.note,
                )  # fmt: skip


def _batches(register: Register, numbers: Sequence[int] | None) -> Iterator[list[NumberEntry]]:
    """Its numbers, some hundred at a time, so that a long register never stands in memory as a whole."""
    last = 0
    while True:
        entries = NumberEntry.objects.filter(register=register, number__gt=last).select_related("document__unit")
        entries = entries if numbers is None else entries.filter(number__in=numbers)
        batch = list(entries.order_by("number")[:AT_ONCE])
        if not batch:
            return
        yield batch
        last = batch[-1].number


def _receivers(batch: Sequence[NumberEntry]) -> tuple[dict[int, tuple[str, ...]], dict[int, date]]:
    names: dict[int, tuple[str, ...]] = {}
    days: dict[int, date] = {}
    documents = [each.document_id for each in batch if each.document_id]
    tasks = Task.objects.filter(document__in=documents, kind=TaskKind.HANDLING.value, parent__isnull=True)
    for task in tasks.exclude(state="withdrawn").select_related("account", "unit").order_by("given_at", "pk"):
        name, pk = str(task.account or task.unit), task.document_id or 0
        if name not in names.get(pk, ()):
            names[pk] = (*names.get(pk, ()), name)
        days.setdefault(pk, task.given_at.astimezone(VIETNAM).date())
    for entry in batch:
        if entry.document is not None and entry.document.to_places and entry.document_id not in names:
            names[entry.document.pk] = (entry.document.to_places,)
    return names, days
