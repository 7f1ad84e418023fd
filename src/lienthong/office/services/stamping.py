"""A copy of an incoming document with the stamp «ĐẾN» (dấu đến), made on request; what was received never changes."""

from __future__ import annotations

from datetime import datetime, time
from typing import BinaryIO

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.office.models import Document, DossierDocument, StoredFile, Task
from lienthong.office.services.kinds_of_files import PDF
from lienthong.office.services.storing import main_file, opened
from lienthong.office.states import TaskKind, TaskState
from lienthong.trust.pdf.stamped import write_stamped
from lienthong.trust.pdf.steps import ArrivalStamp
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
    """Write the copy with the stamp as it is known today; the file that it is a copy of.

    Refuses NOT_FOUND_HERE without such a file, NO_FREE_PLACE when the first page is full.
    """
    file = to_stamp(document)
    if file is None or document.arrival_number is None or document.arrival_date is None:
        raise Refused(NOT_FOUND_HERE)
    at = datetime.combine(document.arrival_date, time(12), VIETNAM)
    said = ArrivalStamp(
        visit.agency.name, two_digits(document.arrival_number), at, _passed_to(document), _dossier(document)
    )  # fmt: skip
    with opened(file) as source:
        write_stamped(source, target, said)
    visit.note("file.stamped", f"file:{file.pk}", document=document.pk, sha256=bytes(file.sha256).hex())
    return file


def _passed_to(document: Document) -> str:
    """Units and persons to whom it was passed first, as the register of incoming documents tells them."""
    given = Task.objects.filter(document=document, kind=TaskKind.HANDLING.value, parent__isnull=True)
    rows = given.exclude(state=TaskState.WITHDRAWN.value).select_related("account", "unit").order_by("given_at", "pk")
    names = dict.fromkeys(str(each.account or each.unit) for each in rows)
    return ", ".join(names) or document.to_places


def _dossier(document: Document) -> str:
    """Number and symbol of the dossier in which it was filed first."""
    filed = DossierDocument.objects.filter(document=document).select_related("dossier").order_by("filed_at", "pk")
    first = filed.first()
    return first.dossier.code if first is not None else ""
