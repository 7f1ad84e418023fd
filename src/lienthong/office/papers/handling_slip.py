"""The slip that goes with an incoming document (phiếu giải quyết văn bản đến). Source: Decree 30/2020, Appendix IV."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lienthong.office.papers.register import Letterhead
from lienthong.webkit.papers.form import Form, Part, PartKind
from lienthong.webkit.papers.model import PrintMark, Signer, long_date, short_date

_LEADER = "1. Ý kiến của lãnh đạo cơ quan, tổ chức"
_UNIT = "2. Ý kiến của lãnh đạo đơn vị"
_HANDLER = "3. Ý kiến đề xuất của người giải quyết"


@dataclass(frozen=True, slots=True)
class Charge:
    """A unit or person with something to do. ``deadline``: its own last day, if there is one."""

    who: str
    deadline: date | None = None

    def line(self) -> str:
        """Name and deadline."""
        return f"{self.who} (thời hạn: {short_date(self.deadline)})" if self.deadline else self.who


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one level wrote. ``by``: who; ``on``: the day of the opinion."""

    text: str = ""
    by: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class HandlingSlip:
    """An incoming document and the three opinions about it; what is not there yet stays a blank to write on.

    ``lead``: unit or person that leads (chủ trì); ``supporting``: those that support (phối hợp). ``assigned``: the
    person whom the head of the unit charged.
    """

    kind: str
    number: str
    day: date | None
    author: str
    abstract: str
    arrival_number: str = ""
    arrived_on: date | None = None
    lead: Charge | None = None
    supporting: tuple[Charge, ...] = ()
    leader: Opinion = Opinion()
    assigned: Charge | None = None
    unit: Opinion = Opinion()
    proposal: Opinion = Opinion()


def handling_slip(slip: HandlingSlip, letterhead: Letterhead, mark: PrintMark | None = None) -> Form:
    """The slip as a form."""
    return Form(
        title="PHIẾU GIẢI QUYẾT VĂN BẢN ĐẾN",
        agency=letterhead.agency,
        superior=letterhead.superior,
        place=letterhead.place,
        on=slip.arrived_on,
        about=(_named(slip),),
        parts=(*_document(slip), *_leader(slip), *_unit(slip), *_proposal(slip)),
        signers=(Signer("NGƯỜI GIẢI QUYẾT", slip.proposal.by),),
        mark=mark,
    )


def _named(slip: HandlingSlip) -> str:
    day = long_date(slip.day) if slip.day else ""
    return " ".join(filter(None, (slip.kind, f"số {slip.number}" if slip.number else "", day)))


def _document(slip: HandlingSlip) -> tuple[Part, ...]:
    arrival = " ".join(filter(None, (slip.arrival_number, long_date(slip.arrived_on) if slip.arrived_on else "")))
    return (Part(slip.author, "Cơ quan, tổ chức ban hành"), Part(slip.abstract, "Trích yếu nội dung"),
            Part(arrival, "Số đến, ngày đến"))  # fmt: skip


def _leader(slip: HandlingSlip) -> tuple[Part, ...]:
    lead = slip.lead.line() if slip.lead else ""
    supporting = "; ".join(each.line() for each in slip.supporting)
    return (
        Part(_LEADER, kind=PartKind.HEADING),
        Part(lead, "Đơn vị, cá nhân chủ trì và thời hạn", PartKind.ITEM),
        Part(supporting, "Đơn vị, cá nhân phối hợp và thời hạn (nếu có)", PartKind.ITEM),
        *_said(slip.leader),
    )


def _unit(slip: HandlingSlip) -> tuple[Part, ...]:
    assigned = slip.assigned.line() if slip.assigned else ""
    return (
        Part(_UNIT, kind=PartKind.HEADING),
        Part(assigned, "Người được giao giải quyết và thời hạn", PartKind.ITEM),
        *_said(slip.unit),
    )


def _proposal(slip: HandlingSlip) -> tuple[Part, ...]:
    return (Part(_HANDLER, kind=PartKind.HEADING), *_said(slip.proposal, "Nội dung đề xuất"))


def _said(opinion: Opinion, label: str = "Ý kiến chỉ đạo") -> tuple[Part, ...]:
    text = f"{opinion.text} ({opinion.by})" if opinion.text and opinion.by else opinion.text
    day = long_date(opinion.on) if opinion.on else ""
    return Part(text, label, PartKind.ITEM), Part(day, "Ngày cho ý kiến", PartKind.ITEM)
