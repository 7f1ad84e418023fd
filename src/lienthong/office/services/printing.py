"""What every paper of an agency says of itself: its head, and the mark of who printed it when (function F6k)."""

from __future__ import annotations

from lienthong.base.clock import VIETNAM
from lienthong.office.papers.register import Letterhead
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.papers.model import PrintMark

SYSTEM = "Văn phòng liên thông"


def letterhead(visit: Visit) -> Letterhead:
    """The agency in whose name a paper is made."""
    return Letterhead(visit.agency.name, visit.agency.superior, visit.agency.place)


def print_mark(visit: Visit) -> PrintMark:
    """The line at the foot of every page that leaves the system."""
    return PrintMark(SYSTEM, visit.who.account.full_name, visit.now.astimezone(VIETNAM).replace(tzinfo=None))
