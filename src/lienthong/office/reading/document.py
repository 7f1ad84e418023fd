"""The whole document: from its lines to the fields proposed for its registration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from lienthong.office.reading.addressing import addressees, recipients
from lienthong.office.reading.dating import dated
from lienthong.office.reading.deadline import reply_deadline
from lienthong.office.reading.issuer import issued
from lienthong.office.reading.layout import sheet_of, texts_of
from lienthong.office.reading.marks import secrecy, urgency
from lienthong.office.reading.numbering import numbered
from lienthong.office.reading.proposals import Caution, Confidence, Proposal, Proposals, Reason, Warned
from lienthong.office.reading.signer import signed
from lienthong.office.reading.title import titled
from lienthong.trust.pdf.lines import Line


def propose(lines: Sequence[Line], pages: int | None = None) -> Proposals:
    """Propose the fields that these lines show; ``pages``: of the file, when it is known.

    The lines may come in any order, and any of them may be missing: what is not there is not proposed. Text that was
    recognised from a picture (its lines have no face) makes nothing certain.
    """
    texts = texts_of(lines)
    first = [text for text in texts if text.box.page == 0]
    count = _pages(lines, pages)
    if not texts:
        return Proposals(page_count=count, cautions=(Warned(Caution.NO_TEXT),))
    sheet = sheet_of(first)
    number = numbered(sheet)
    day = dated(sheet, [text for text in texts if text.box.page > 0])
    title = titled(sheet, number)
    names = issued(sheet, number.row)
    who = signed(texts, number.row.height if number.row is not None else sheet.heading_end)
    secret, warned = secrecy(sheet.rows)
    found = Proposals(
        document_number=number.document_number,
        symbol=number.symbol,
        issued_date=day.issued_date,
        place=day.place,
        issuer=names.issuer,
        superior=names.superior,
        kind=title.kind,
        abstract=title.abstract,
        urgency=urgency(sheet.rows) or title.urgency,
        secrecy=secret,
        signer=who.signer,
        position=who.position,
        signing_capacity=who.signing_capacity,
        addressees=addressees(sheet.rows),
        recipients=recipients(texts),
        page_count=count,
        reply_deadline=reply_deadline(texts, day.issued_date.value if day.issued_date is not None else None),
        cautions=(*warned, *number.cautions, *day.cautions),
    )
    return _never_certain(found) if all(text.recognised for text in texts) else found


def _pages(lines: Sequence[Line], pages: int | None) -> Proposal[int] | None:
    if pages is not None:
        return Proposal(pages, Confidence.CERTAIN, Reason.PAGES_OF_FILE)
    last = max((line.page for line in lines), default=None)
    return Proposal(last + 1, Confidence.LIKELY, Reason.PAGES_WITH_TEXT) if last is not None else None


def _never_certain(found: Proposals) -> Proposals:
    """A person compares recognised text with the picture, whatever it says; the number of pages was counted."""
    limited: dict[str, Any] = {
        each.name: value.at_most(Confidence.LIKELY)
        for each in fields(found)
        if each.name != "page_count" and isinstance(value := getattr(found, each.name), Proposal)
    }
    return replace(found, recognised=True, **limited)
