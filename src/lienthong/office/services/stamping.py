"""A copy of an incoming document with the stamp «ĐẾN» (dấu đến), made on request; what was received never changes."""

from __future__ import annotations

from datetime import datetime, time
from typing import BinaryIO

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.office.models import Document, StoredFile
from lienthong.office.services.kinds_of_files import PDF
from lienthong.office.services.storing import main_file, opened
from lienthong.trust.pdf.stamped import write_stamped
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.papers.numerals import two_digits
from lienthong.webkit.site.errors import NOT_FOUND_HERE


def to_stamp(document: Document) -> StoredFile | None:
    """The PDF that a stamped copy is made of; None for what has no arrival number or is no PDF."""
    if not document.incoming or document.arrival_number is None or document.arrival_date is None:
        return None
    file = main_file(document)
    return file if file is not None and file.media_type == PDF else None


def write_copy(visit: Visit, document: Document, target: BinaryIO) -> StoredFile:
    """Write the copy with the agency's name, the arrival number and day; the file that it is a copy of.

    Refuses NOT_FOUND_HERE without such a file, NO_FREE_PLACE when the first page is full.
    """
    file = to_stamp(document)
    if file is None or document.arrival_number is None or document.arrival_date is None:
        raise Refused(NOT_FOUND_HERE)
    at = datetime.combine(document.arrival_date, time(12), VIETNAM)
    with opened(file) as source:
        write_stamped(source, target, visit.agency.name, two_digits(document.arrival_number), at)
    visit.note("file.stamped", f"file:{file.pk}", document=document.pk, sha256=bytes(file.sha256).hex())
    return file
