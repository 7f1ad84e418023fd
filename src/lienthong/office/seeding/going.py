"""The story of an outgoing document: draft, review, signature, number, issue, deliveries and what came back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from lienthong.office.models import Delivery, Opinion, Review, SigningStep, Task
from lienthong.office.seeding import words
from lienthong.office.seeding.coming import ABBREVIATIONS
from lienthong.office.seeding.desk import (
    Desk,
    Letter,
    Page,
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
from lienthong.office.seeding.places import Place
from lienthong.office.services.numbering import MAIN
from lienthong.office.states import Channel, DeliveryState, Direction, Outgoing, Role, TaskKind, TaskState
from lienthong.webkit.site.duties import Duty

DECISIONS = "quyet-dinh"
"""Code of the register that decisions have for themselves."""

DECISION_KINDS = ["Quyết định (cá biệt)"]
_BACK = {1: 20, 3: 90, 4: 200, 5: 1500, 6: 6000}
"""Statuses of a recipient, and how many minutes after sending they usually come."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft with the people who have to do with it."""

    kind: str
    symbol: str
    text: Text
    drafter: Worker
    head: Worker
    signer: Worker
    unit: int
    recipients: tuple[Place, ...]
    urgency: int


def drafted(desk: Desk, moment: datetime) -> Draft:
    """A document that somebody has written for some recipients."""
    unit, kind = desk.at_work(), desk.phrases.kind()
    abbreviation = ABBREVIATIONS[kind]
    symbol = f"{abbreviation}-{desk.place.mark}" if abbreviation else f"{desk.place.mark}-{unit.mark}".strip("-")
    text = desk.phrases.text(kind, desk.place.name, unit.name, moment.date())
    count = min(len(desk.peers), desk.chance.choices((1, 2, 3, 5, 8), (45, 25, 15, 10, 5))[0])
    return Draft(
        kind, symbol, text, desk.officer(unit.id), desk.head(unit.id), desk.one(Duty.LEADER), unit.id,
        tuple(desk.chance.sample(desk.peers, count)), desk.chance.choices((0, 1, 2), (93, 6, 1))[0],
    )  # fmt: skip


def issue(desk: Desk, moment: datetime) -> None:
    """One issued document; now and then a number before it is void, and a document is taken back."""
    draft = drafted(desk, moment)
    code = DECISIONS if draft.kind in DECISION_KINDS else MAIN
    series, registrar = desk.series[Direction.OUTGOING.value, moment.year, code], desk.one(Duty.REGISTRAR)
    if desk.maybe(0.003):
        voided = {"void_at": moment, "void_by_id": registrar.account,
                  "void_reason": desk.chance.choice(words.VOID_REASONS)}  # fmt: skip
        add_number(desk, series, series.take(), None, moment, registrar.account, **voided)
    number, recalled = series.take(), desk.maybe(0.004) and desk.age(moment) > 3
    begun = desk.days.before(moment.date(), desk.chance.randint(1, 5))
    started = datetime.combine(begun, moment.timetz())
    signed = moment - timedelta(minutes=6)
    document = add_document(desk, draft.text, _fields(desk, draft, started, registrar) | {
        "state": (Outgoing.RECALLED if recalled else Outgoing.ISSUED).value, "register_id": series.id,
        "year": moment.year, "number": f"{number:02d}", "number_value": number, "issued_date": moment.date(),
        "signed_at": signed, "issued_at": moment, "signer_name": draft.signer.name,
        "signer_position": draft.signer.position, "approver_id": draft.signer.account,
        "identifier": f"{desk.place.code},{moment.year},{number:02d}/{draft.symbol}" if desk.axis else "",
        "recalled_at": moment + timedelta(days=1) if recalled else None,
        "recall_reason": desk.chance.choice(words.RECALL_REASONS) if recalled else "",
    })  # fmt: skip
    add_number(desk, series, number, document, moment, registrar.account)
    page = add_page(desk, _letter(desk, draft, f"{number:02d}/{draft.symbol}", moment),
                    f"{number:02d}_{draft.symbol}.pdf", signed,
                    draft.drafter.account, document_id=document)  # fmt: skip
    _approve(desk, document, draft, page, started, signed)
    for place in draft.recipients:
        _deliver(desk, document, place, moment, recalled=recalled)
    if desk.maybe(0.8):
        file_away(desk, document, moment, draft.drafter)


def leave_drafts(desk: Desk, count: int) -> None:
    """Drafts under way at the end of the span: some with their drafter, some before the head of the unit."""
    for n in range(count):
        moment = desk.days.moment(1 - 1e-9 - n * 1e-6)
        draft, reviewed = drafted(desk, moment), n % 3 == 2
        state = Outgoing.CONTENT_REVIEW if reviewed else Outgoing.DRAFT
        content = {
            "kind": draft.kind, "abstract": draft.text.abstract, "body": "\n".join(draft.text.paragraphs),
            "addressees": [each.name for each in draft.recipients], "bases": [], "urgency": draft.urgency,
            "signers": [{"account": draft.signer.account, "position": draft.signer.position,
                         "name": draft.signer.name, "capacity": [], "beside": False}],
            "recipients": [{"name": each.name, "channel": _channel(desk).value, "code": each.code, "address": ""}
                           for each in draft.recipients],
        }  # fmt: skip
        document = add_document(
            desk, draft.text, _fields(desk, draft, moment, None) | {"state": state.value, "content": content}
        )
        add_page(desk, _letter(desk, draft, draft.symbol, moment), f"Du thao {draft.symbol}.pdf", moment,
                 draft.drafter.account, document_id=document)  # fmt: skip
        open_to(desk, document, -draft.unit, "drafting unit", moment)
        if reviewed:
            desk.rows.add(
                Task, agency_id=desk.agency, document_id=document, kind=TaskKind.REVIEW.value, role=Role.LEAD.value,
                state=TaskState.NEW.value, giver_id=draft.drafter.account, account_id=draft.head.account,
                given_at=moment,
            )  # fmt: skip
            open_to(desk, document, draft.head.account, "review.lead", moment)


def _fields(desk: Desk, draft: Draft, at: datetime, registrar: Worker | None) -> dict[str, object]:
    return {
        "direction": Direction.OUTGOING.value, "symbol": draft.symbol, "kind": draft.kind, "pages": 1,
        "issuer_name": desk.place.name, "issuer_code": desk.place.code, "urgency": draft.urgency,
        "to_places": "; ".join(each.name for each in draft.recipients)[:1000], "copies": len(draft.recipients) + 2,
        "unit_id": draft.unit, "drafter_id": draft.drafter.account, "created_at": at,
        "created_by_id": draft.drafter.account,
    }  # fmt: skip


def _letter(desk: Desk, draft: Draft, number: str, moment: datetime) -> Letter:
    to = draft.recipients[0].name if draft.recipients else "Các đơn vị trực thuộc"
    return Letter(desk.place.name, number, place_and_date(desk.place.place, moment.date()), draft.text.abstract, to,
                  draft.text.paragraphs, draft.signer.name)  # fmt: skip


def _approve(desk: Desk, document: int, draft: Draft, page: Page, started: datetime, signed: datetime) -> None:
    """Opinions, both reviews and the signature, each bound to the file, and who may read it for them."""
    chief = desk.one(Duty.OFFICE_CHIEF)
    seen = {"agency_id": desk.agency, "document_id": document, "sha256": page.sha256}
    for step, who in (("content", draft.head), ("form", chief)):
        desk.rows.add(
            Review, step=step, account_id=who.account, approved=True, at=signed - timedelta(minutes=30), **seen
        )
    if desk.maybe(0.3):
        desk.rows.add(Opinion, author_id=draft.head.account, kind="opinion", text=desk.chance.choice(words.OPINIONS),
                      at=started + timedelta(minutes=40), **seen)  # fmt: skip
    desk.rows.add(
        SigningStep, agency_id=desk.agency, document_id=document, order=1, account_id=draft.signer.account,
        position=draft.signer.position, field="Signature1", signed_at=signed, sha256_after=page.sha256,
    )  # fmt: skip
    for principal, why in ((-draft.unit, "drafting unit"), (draft.head.account, "review.lead")):
        open_to(desk, document, principal, why, started)


def _channel(desk: Desk) -> Channel:
    return Channel.AXIS if desk.axis and desk.maybe(0.9) else Channel.PAPER


def _deliver(desk: Desk, document: int, place: Place, moment: datetime, *, recalled: bool) -> None:
    channel = _channel(desk)
    back: dict[int, datetime] = {}
    if channel is Channel.AXIS:
        for code, minutes in _BACK.items():
            at = moment + timedelta(minutes=desk.chance.randint(minutes // 2, minutes * 2))
            if not desk.past(at) or desk.maybe(0.04):
                break
            back[code] = at
            add_status(desk, document, code, place.code, at, outward=False)
    newest = max(back, default=0)
    # Paper that went out is done with; only the axis tells more.
    arrived = bool(back) or channel is not Channel.AXIS
    state = DeliveryState.RECALLED if recalled else DeliveryState.DELIVERED if arrived else DeliveryState.ACCEPTED
    desk.rows.add(
        Delivery, agency_id=desk.agency, document_id=document, code=place.code, name=place.name, channel=channel.value,
        state=state.value, due_at=moment + timedelta(hours=24), sent_at=moment + timedelta(minutes=2),
        accepted_at=moment + timedelta(minutes=2), delivered_at=back.get(1), status=newest, status_at=back.get(newest),
    )  # fmt: skip
