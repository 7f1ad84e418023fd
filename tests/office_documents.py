"""Documents of the office made quickly for tests of lists, searches, dossiers and reports."""

from __future__ import annotations

from datetime import date
from typing import Any

import fixtures_office  # noqa: F401 - configures Django before its models are imported
from lienthong.office.models import Document
from lienthong.office.services.indexing import index
from lienthong.office.services.numbering import enter, incoming_register, next_number, outgoing_register
from lienthong.office.states import Direction, Incoming, Outgoing
from lienthong.webkit.door.visit import Visit


def incoming_document(
    visit: Visit, *, abstract: str = "Về việc thử", body: str = "", number: str = "12", symbol: str = "UBND-TH",
    kind: str = "Công văn", issuer: str = "UBND tỉnh Thử", signer: str = "", urgency: int = 0,
    issued: date | None = None, arrived: date | None = None, due: date | None = None,
    state: Incoming = Incoming.REGISTERED, **more: Any,
) -> Document:  # fmt: skip
    """A registered incoming document, indexed."""
    day = arrived or visit.today
    register = incoming_register(visit.agency.pk, day)
    document = Document.objects.create(
        agency=visit.agency, direction=Direction.INCOMING.value, state=state.value, register=register, year=day.year,
        arrival_number=next_number(register), arrival_date=day, number=number, symbol=symbol, kind=kind,
        issued_date=issued or day, issuer_name=issuer, abstract=abstract, signer_name=signer, urgency=urgency,
        due_date=due, created_at=visit.now, created_by=visit.who.account, **more,
    )  # fmt: skip
    enter(visit, register, document.arrival_number or 0, document)
    index(document, body)
    return document


def outgoing_document(
    visit: Visit, *, abstract: str = "Về việc gửi", body: str = "", kind: str = "Công văn", issued: date | None = None,
    state: Outgoing = Outgoing.ISSUED, symbol: str = "STN-VP", **more: Any,
) -> Document:  # fmt: skip
    """A numbered outgoing document, indexed; a draft when the state says so."""
    day = issued or visit.today
    values: dict[str, Any] = {}
    register = None
    if state in {Outgoing.NUMBERED, Outgoing.ISSUED, Outgoing.RECALLED}:
        register = outgoing_register(visit.agency.pk, kind, day)
        number = next_number(register)
        values = {"register": register, "number_value": number, "number": f"{number:02d}", "symbol": symbol,
                  "issued_date": day, "year": day.year}  # fmt: skip
    document = Document.objects.create(
        agency=visit.agency, direction=Direction.OUTGOING.value, state=state.value, kind=kind, abstract=abstract,
        issuer_name=visit.agency.name, created_at=visit.now, created_by=visit.who.account, **{**values, **more},
    )  # fmt: skip
    if register is not None:
        enter(visit, register, document.number_value or 0, document)
    index(document, body)
    return document
