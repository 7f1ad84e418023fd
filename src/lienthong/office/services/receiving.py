"""What comes over the counter (văn bản giấy, tệp quét, thư điện tử): an arrival that the registrar himself makes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import IO

from lienthong.base.errors import Refused
from lienthong.office.errors import NOT_YOURS, STEP_NOT_POSSIBLE
from lienthong.office.models import Arrival, StoredFile
from lienthong.office.services.storing import add_file, take
from lienthong.office.states import ArrivalState, Source
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.site.duties import Duty

REFERENCE = re.compile(r"[0-9a-f]{32}")
"""Made with the empty form, so that a form sent twice is one arrival."""

MOST_FILES = 100
OPEN = (ArrivalState.CHECKING.value, ArrivalState.WAITING.value)
"""States of what nobody has decided on yet."""


@dataclass(frozen=True, slots=True)
class Given:
    """An uploaded file: its bytes and the name that it had."""

    source: IO[bytes]
    name: str


def at_counter(visit: Visit, reference: str, files: list[Given]) -> Arrival:
    """The arrival of a counter form, made when it is first needed, with files added in their order.

    Without files it waits at once; with files it is read first, which registering need not wait for. Refuses NOT_YOURS,
    STEP_NOT_POSSIBLE, FILE_NOT_TAKEN, UPLOAD_TOO_LARGE.
    """
    if not visit.who.may(Duty.REGISTRAR):
        raise Refused(NOT_YOURS, reason_vi="chỉ văn thư tiếp nhận văn bản", reason_en="only the registrar receives")
    if REFERENCE.fullmatch(reference) is None:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi="biểu mẫu không đúng", reason_en="the form is not ours")
    arrival, new = Arrival.objects.get_or_create(
        agency=visit.agency, source=Source.PAPER.value, reference=reference,
        defaults={"state": ArrivalState.WAITING.value, "received_at": visit.now, "title": "Văn bản giấy"},
    )  # fmt: skip
    if new:
        visit.note("arrival.made", f"arrival:{arrival.pk}", source=arrival.source)
    for each in files:
        add_to(visit, arrival, each)
    return arrival


def add_to(visit: Visit, arrival: Arrival, given: Given) -> StoredFile:
    """Add a file to something that waits; the same bytes again are the same file. The first PDF is the document itself.

    Refuses NOT_YOURS, STEP_NOT_POSSIBLE, FILE_NOT_TAKEN, UPLOAD_TOO_LARGE.
    """
    held = _to_change(visit, arrival)
    kept = take(given.source, given.name)  # type: ignore[arg-type]  # it is only read from
    there = list(StoredFile.objects.filter(arrival=held).order_by("slot"))
    for each in there:
        if bytes(each.sha256) == kept[0]:
            return each
    if len(there) >= MOST_FILES:
        raise Refused(STEP_NOT_POSSIBLE, reason_vi=f"đã có {MOST_FILES} tệp", reason_en=f"there are {MOST_FILES} files")
    slot = len(there)
    made = add_file(visit, held, kept, given.name, slot=slot, role="attachment" if slot else "document")
    if slot == 0:
        held.title = _title_of(made)
        held.state = ArrivalState.CHECKING.value
        held.save(update_fields=["title", "state"])
    visit.note("arrival.file", f"arrival:{held.pk}", file=made.pk, sha256=bytes(made.sha256).hex())
    return made


def take_out(visit: Visit, arrival: Arrival, file: int) -> None:
    """Take a file out that was handed in by mistake; what follows moves up. Again changes nothing.

    Refuses NOT_YOURS, STEP_NOT_POSSIBLE.
    """
    held = _to_change(visit, arrival)
    gone, _ = StoredFile.objects.filter(pk=file, arrival=held).delete()
    if not gone:
        return
    for slot, each in enumerate(StoredFile.objects.filter(arrival=held).order_by("slot")):
        each.slot, each.role = slot, "attachment" if slot else "document"
        each.save(update_fields=["slot", "role"])
        if slot == 0:
            held.title = _title_of(each)
            held.save(update_fields=["title"])
    visit.note("arrival.file_removed", f"arrival:{held.pk}", file=file)


def _to_change(visit: Visit, arrival: Arrival) -> Arrival:
    """The arrival, locked, if this person may change its files."""
    if not visit.who.may(Duty.REGISTRAR):
        raise Refused(NOT_YOURS, reason_vi="chỉ văn thư tiếp nhận văn bản", reason_en="only the registrar receives")
    held = Arrival.objects.select_for_update(of=("self",)).get(pk=arrival.pk)
    if held.state not in OPEN or held.source == Source.AXIS.value:
        raise Refused(
            STEP_NOT_POSSIBLE, reason_vi="không thêm, bớt tệp của văn bản này được",
            reason_en="its files cannot be changed any more",
        )  # fmt: skip
    return held


def _title_of(file: StoredFile) -> str:
    return file.name.rpartition(".")[0][:500] or file.name
