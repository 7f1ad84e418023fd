"""The story of an incoming document: arrival, registration, submission, directive, handling, end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lienthong.office.models import Arrival, Notice, Opinion, Task
from lienthong.office.notice_words import Said, Sentence, sentence
from lienthong.office.seeding import words
from lienthong.office.seeding.desk import (
    Desk,
    Letter,
    Part,
    Worker,
    add_document,
    add_number,
    add_page,
    add_status,
    open_to,
    place_and_date,
)
from lienthong.office.seeding.filing import file_away
from lienthong.office.seeding.phrasing import Text
from lienthong.office.seeding.places import TEST_GROUP, Place
from lienthong.office.services.numbering import MAIN
from lienthong.office.states import ArrivalState, Direction, Incoming, NoticeKind, Role, Source, TaskKind, TaskState
from lienthong.vocabulary.kinds import DECREE30
from lienthong.webkit.site.duties import Duty

ABBREVIATIONS = {kind.name: kind.abbreviation for kind in DECREE30}
INFORMED = {"Thông báo", "Nghị quyết (cá biệt)", "Chương trình", "Biên bản", "Quy chế"}
"""Kinds that are mostly for information and need no handling."""

_SOURCES = {Source.AXIS: 86, Source.PAPER: 8, Source.SCAN: 3, Source.MAIL: 3}
_POSITIONS = {"ministry": "Thứ trưởng", "province": "Phó Chủ tịch", "department": "Giám đốc", "commune": "Chủ tịch",
              "firm": "Giám đốc"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sent:
    """What a sender has made: the document as it arrives."""

    sender: Place
    kind: str
    number: int
    symbol: str
    issued: date
    text: Text
    signer: str
    source: Source
    urgency: int

    @property
    def written(self) -> str:
        return f"{self.number:02d}"

    @property
    def position(self) -> str:
        return _POSITIONS[self.sender.level]


def sent_to(desk: Desk, moment: datetime) -> Sent:
    """A document from somebody, some working days old."""
    sender = _sender(desk)
    kind = desk.phrases.kind() if sender.level != "firm" else "Công văn"
    unit = desk.chance.choice(words.UNITS[sender.level if sender.level in words.UNITS else "commune"])
    abbreviation = ABBREVIATIONS[kind]
    symbol = f"{abbreviation}-{sender.mark}" if abbreviation else f"{sender.mark}-{unit[1]}"
    issued = desk.days.before(moment.date(), desk.chance.randint(0, 4))
    text = desk.phrases.text(kind, sender.name, unit[0], issued)
    sources = _SOURCES if desk.axis and sender.level != "firm" else {Source.PAPER: 6, Source.SCAN: 3, Source.MAIL: 2}
    urgency = 3 if kind == "Công điện" else desk.chance.choices((0, 1, 2, 3), (90, 7, 2, 1))[0]
    return Sent(
        sender, kind, desk.chance.randint(1, 4000), symbol, issued, text, desk.phrases.person(),
        desk.chance.choices(tuple(sources), tuple(sources.values()))[0], urgency,
    )  # fmt: skip


def receive(desk: Desk, moment: datetime) -> None:
    """One incoming document, as far as it had got by the end of the span."""
    sent = sent_to(desk, moment)
    state = _state(desk, moment, sent.kind)
    registrar = desk.one(Duty.REGISTRAR)
    series = desk.series[Direction.INCOMING.value, moment.year, MAIN]
    number, due = series.take(), _due(desk, moment, sent)
    arrived = moment - timedelta(minutes=desk.chance.randint(2, 25))
    finished = desk.days.later(moment, desk.chance.randint(1, 9), 45)
    if not desk.past(finished):
        finished = moment + timedelta(minutes=50)
    identifier = (
        f"{sent.sender.code},{sent.issued.year},{sent.written}/{sent.symbol}" if sent.source is Source.AXIS else ""
    )
    over = state is Incoming.FINISHED
    document = add_document(desk, sent.text, {
        "direction": Direction.INCOMING.value, "state": state.value, "register_id": series.id, "year": moment.year,
        "arrival_number": number, "arrival_date": moment.date(), "number": sent.written, "number_value": sent.number,
        "symbol": sent.symbol, "kind": sent.kind, "issued_date": sent.issued, "issuer_name": sent.sender.name,
        "issuer_code": sent.sender.code, "signer_position": sent.position, "signer_name": sent.signer,
        "urgency": sent.urgency, "due_date": due, "identifier": identifier, "source": sent.source.value,
        "received_at": arrived, "to_places": desk.place.name, "pages": 1, "paper": sent.source is Source.PAPER,
        "created_at": moment, "created_by_id": registrar.account, "finished_at": finished if over else None,
        "recalled_at": finished if state is Incoming.RECALLED else None,
        "recall_reason": desk.chance.choice(words.RECALL_REASONS) if state is Incoming.RECALLED else "",
    })  # fmt: skip
    arrival = _arrival(desk, sent, arrived, identifier, state=ArrivalState.REGISTERED.value, document_id=document,
                       ended_at=moment, ended_by_id=registrar.account)  # fmt: skip
    add_page(desk, _letter(desk, sent), f"{sent.written}_{sent.symbol}.pdf", arrived, registrar.account,
             document_id=document, arrival_id=arrival)  # fmt: skip
    add_number(desk, series, number, document, moment, registrar.account)
    officer = _route(desk, document, sent, moment, due, state, finished) if state is not Incoming.REGISTERED else None
    _statuses(desk, document, sent, moment, finished, state)
    if state in {Incoming.IN_PROGRESS, Incoming.FINISHED} and desk.maybe(0.75):
        file_away(desk, document, moment, officer or registrar)


def leave_waiting(desk: Desk, count: int, returned: int) -> None:
    """Arrivals without a document: some that the registrar has to look at, some that he has sent back."""
    registrar = desk.one(Duty.REGISTRAR)
    for n in range(count + returned):
        back = n >= count
        moment = desk.days.moment(desk.chance.random() if back else 1 - 1e-9 - n * 1e-6)
        sent = sent_to(desk, moment)
        end = {"ended_at": moment, "ended_by_id": registrar.account, "reason": desk.chance.choice(words.RETURN_REASONS)}
        state = ArrivalState.RETURNED if back else ArrivalState.WAITING
        identifier = f"{sent.sender.code},{sent.issued.year},{sent.written}/{sent.symbol}"
        arrival = _arrival(desk, sent, moment, identifier, state=state.value, **(end if back else {}))
        add_page(desk, _letter(desk, sent), f"{sent.written}_{sent.symbol}.pdf", moment, registrar.account,
                 arrival_id=arrival)  # fmt: skip


def _sender(desk: Desk) -> Place:
    if desk.maybe(0.06):
        return Place("", desk.chance.choice(words.FIRMS), "", "CV", desk.place.place, "firm")
    if desk.peers and desk.maybe(0.9):
        return desk.chance.choice(desk.peers)
    name = f"{desk.chance.choice(words.MARKS[1:4])} {desk.chance.choice(words.PLACES)}"
    code = f"{TEST_GROUP}.K{desk.chance.randint(1, 99):02d}"
    return Place(code, f"Hội đồng nhân dân tỉnh {name}", "", "HĐND", name, "province")


def _state(desk: Desk, moment: datetime, kind: str) -> Incoming:
    age, pick = desk.age(moment), desk.chance.choices
    if age > 45:
        return pick((Incoming.FINISHED, Incoming.IN_PROGRESS, Incoming.RECALLED), (965, 30, 5))[0]
    if kind in INFORMED and age > 1:
        return Incoming.FINISHED
    if age > 12:
        return pick((Incoming.FINISHED, Incoming.IN_PROGRESS, Incoming.DIRECTED, Incoming.RECALLED), (60, 32, 7, 1))[0]
    if age > 2:
        return pick((Incoming.FINISHED, Incoming.IN_PROGRESS, Incoming.DIRECTED, Incoming.SUBMITTED), (25, 40, 25, 10))[
            0
        ]
    return pick((Incoming.REGISTERED, Incoming.SUBMITTED, Incoming.DIRECTED, Incoming.IN_PROGRESS), (40, 35, 15, 10))[0]


def _due(desk: Desk, moment: datetime, sent: Sent) -> date | None:
    if sent.kind in INFORMED or desk.maybe(0.35):
        return None
    return desk.days.after(moment.date(), 2 if sent.urgency else desk.chance.choice((3, 5, 7, 10, 15, 20)))


def _letter(desk: Desk, sent: Sent) -> Letter:
    return Letter(
        sent.sender.name, f"{sent.written}/{sent.symbol}", place_and_date(sent.sender.place, sent.issued),
        sent.text.abstract, desk.place.name, sent.text.paragraphs, sent.signer,
    )  # fmt: skip


def _arrival(desk: Desk, sent: Sent, at: datetime, identifier: str, **values: object) -> int:
    axis = sent.source is Source.AXIS
    return desk.rows.add(
        Arrival, agency_id=desk.agency, source=sent.source.value, reference=f"seed-{desk.chance.getrandbits(64):016x}",
        received_at=at, sender_code=sent.sender.code, sender_name=sent.sender.name,
        identifier=identifier if axis else "", title=sent.text.abstract, urgency=sent.urgency,
        fields={"kind": sent.kind, "number": sent.written, "symbol": sent.symbol, "issued_date": f"{sent.issued}",
                "issuer_name": sent.sender.name, "abstract": sent.text.abstract} if "document_id" not in values else {},
        **values,
    )  # fmt: skip


def _route(
    desk: Desk, document: int, sent: Sent, moment: datetime, due: date | None, state: Incoming, finished: datetime
) -> Worker | None:
    """Submission, directive and handling as far as the state says; the officer who handles it, if any."""
    over = state in {Incoming.FINISHED, Incoming.RECALLED}
    registrar, leader = desk.one(Duty.REGISTRAR), desk.one(Duty.LEADER if desk.maybe(0.7) else Duty.OFFICE_CHIEF)
    submitted = moment + timedelta(minutes=10)
    directed = min(desk.days.later(moment, desk.chance.randint(0, 1), 35), finished)
    ended, live = (finished, TaskState.FINISHED) if over else (None, TaskState.PASSED)
    first = TaskState.NEW if state is Incoming.SUBMITTED else live
    submission = _task(desk, document, TaskKind.SUBMISSION, Role.LEAD, first, submitted, due, ended, giver=registrar,
                       account_id=leader.account, directive="", parent_id=None)  # fmt: skip
    if state is Incoming.SUBMITTED:
        _notify(desk, leader, document, sentence(Said.SUBMISSION, title=sent.text.abstract), submitted, seen=False)
        return None
    lead = desk.at_work()
    words_ = desk.phrases.said(words.DIRECTIVES, lead.name, due)
    second = TaskState.NEW if state is Incoming.DIRECTED else live
    handling = _task(desk, document, TaskKind.HANDLING, Role.LEAD, second, directed, due, ended, giver=leader,
                     unit_id=lead.id, directive=words_, parent_id=submission)  # fmt: skip
    for part, role in _others(desk, lead):
        done = TaskState.FINISHED if over or role is Role.INFORM else TaskState.OPEN
        _task(desk, document, TaskKind.HANDLING, role, done, directed, due, finished if over else None, giver=leader,
              unit_id=part.id, directive=words_, parent_id=submission)  # fmt: skip
    head = desk.head(lead.id)
    if state is Incoming.DIRECTED:
        _notify(desk, head, document, sentence(Said.HANDLING, title=sent.text.abstract), directed, seen=False)
        return None
    officer = desk.officer(lead.id)
    given = min(directed + timedelta(minutes=25), finished)
    last = TaskState.FINISHED if over else desk.chance.choice((TaskState.NEW, TaskState.OPEN, TaskState.REPORTED))
    own = _task(desk, document, TaskKind.HANDLING, Role.LEAD, last, given, due, ended, giver=head,
                account_id=officer.account, directive=desk.phrases.said(words.ASSIGNMENTS, lead.name, due),
                parent_id=handling)  # fmt: skip
    _notify(
        desk,
        officer,
        document,
        sentence(Said.HANDLING, title=sent.text.abstract),
        given,
        seen=last is not TaskState.NEW,
    )
    if desk.maybe(0.25):
        desk.rows.add(
            Opinion, agency_id=desk.agency, document_id=document, task_id=own, author_id=officer.account,
            kind="opinion", text=desk.chance.choice(words.OPINIONS), at=min(given + timedelta(minutes=90), finished),
        )  # fmt: skip
    return officer


def _task(
    desk: Desk, document: int, kind: TaskKind, role: Role, state: TaskState, at: datetime, due: date | None,
    ended: datetime | None, *, giver: Worker, directive: str, parent_id: int | None, **owner: int,
) -> int:  # fmt: skip
    over = state is TaskState.FINISHED
    read = None if state is TaskState.NEW else at + timedelta(minutes=8)
    principal = owner.get("account_id") or -owner["unit_id"]
    open_to(desk, document, principal, f"{kind.value}.{role.value}", at)
    return desk.rows.add(
        Task, agency_id=desk.agency, document_id=document, parent_id=parent_id, kind=kind.value, role=role.value,
        state=state.value, giver_id=giver.account, directive=directive, due_date=due, given_at=at, read_at=read,
        ended_at=(ended or at) if over else None,
        result=desk.chance.choice(words.RESULTS) if over and kind is TaskKind.HANDLING else "", **owner,
    )  # fmt: skip


def _others(desk: Desk, lead: Part) -> list[tuple[Part, Role]]:
    rest = [each for each in desk.units if each.id != lead.id]
    count = desk.chance.choices((0, 1, 2), (55, 32, 13))[0]
    chosen = desk.chance.sample(rest, min(count, len(rest)))
    return [(each, desk.chance.choice((Role.SUPPORT, Role.SUPPORT, Role.INFORM))) for each in chosen]


def _notify(desk: Desk, worker: Worker, document: int, said: Sentence, at: datetime, *, seen: bool) -> None:
    """Notices of the last weeks; older ones have been cleared away."""
    if desk.age(at) <= 30:
        desk.rows.add(
            Notice, agency_id=desk.agency, account_id=worker.account, kind=NoticeKind.HANDLING.value,
            key=said.said.value, members=dict(said.values), text=said.text("vi"),
            where=f"/documents/{document}", at=at, read_at=at + timedelta(minutes=30) if seen else None,
        )  # fmt: skip


def _statuses(desk: Desk, document: int, sent: Sent, moment: datetime, finished: datetime, state: Incoming) -> None:
    """The statuses that went back to a sender on the axis, each once and in order."""
    if sent.source is not Source.AXIS:
        return
    last = {Incoming.REGISTERED: 3, Incoming.SUBMITTED: 3, Incoming.DIRECTED: 4, Incoming.IN_PROGRESS: 5}.get(state, 6)
    if state is Incoming.RECALLED:
        last = 3
    for code, at in ((1, moment), (3, moment), (4, moment + timedelta(minutes=35)), (5, finished), (6, finished)):
        if code <= last:
            add_status(desk, document, code, sent.sender.code, at, outward=True)
