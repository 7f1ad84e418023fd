"""The yearly books of Appendix IV that number nothing: the postal register and the use of kept copies.

The rows of screen, spreadsheet and PDF are made once, here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.office.models import CopyLoan, Delivery
from lienthong.office.papers.copies_register import CopyUse, copies_register
from lienthong.office.papers.postal_register import PostedRow, postal_register
from lienthong.office.papers.register import Volume
from lienthong.office.services.printing import letterhead, print_mark
from lienthong.office.states import Channel
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.papers.model import Table
from lienthong.webkit.site.errors import NOT_FOUND_HERE

BOOKS = {"postal": "Sổ gửi văn bản đi bưu điện", "copies": "Sổ sử dụng bản lưu"}
AT_ONCE = 500


def book_table(visit: Visit, book: str, year: int) -> Table:
    """A book of one year as a paper. Refuses NOT_FOUND_HERE for another book."""
    if book == "postal":
        return postal_register(letterhead(visit), Volume(year), posted(visit, year), print_mark(visit))
    if book == "copies":
        return copies_register(letterhead(visit), Volume(year), uses(visit, year), print_mark(visit))
    raise Refused(NOT_FOUND_HERE)


def posted(visit: Visit, year: int) -> Iterator[PostedRow]:
    """What was marked as sent on paper in a year, by day."""
    first, end = (datetime(each, 1, 1, tzinfo=VIETNAM) for each in (year, year + 1))
    rows = (
        Delivery.objects.filter(agency=visit.agency, channel=Channel.PAPER.value, sent_at__gte=first, sent_at__lt=end)
        .select_related("document").order_by("sent_at", "pk")
    )  # fmt: skip
    for each in rows.iterator(AT_ONCE):
        day = each.sent_at.astimezone(VIETNAM).date() if each.sent_at else visit.today
        yield PostedRow(day, (each.document.number_and_symbol,), each.name, each.covers, each.taken_by, each.reason)


def uses(visit: Visit, year: int) -> Iterator[CopyUse]:
    """The uses of kept copies that began in a year, by day."""
    rows = (
        CopyLoan.objects.filter(agency=visit.agency, used_on__year=year)
        .select_related("document").prefetch_related("document__dossier_entries__dossier").order_by("used_on", "pk")
    )  # fmt: skip
    for each in rows.iterator(AT_ONCE):
        document = each.document
        dossiers = "; ".join(entry.dossier.code for entry in document.dossier_entries.all())
        yield CopyUse(
            each.used_on, each.user, document.number_and_symbol, document.issued_date, document.kind, document.abstract,
            dossiers, returned_on=each.returned_on, allowed_by=each.allowed_by, note=each.note,
        )  # fmt: skip
