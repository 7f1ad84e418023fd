"""Writing imported rows: documents at their end, their numbers, files and words for the search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Protocol

from django.db.models import F
from django.db.models.functions import Greatest

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Refused
from lienthong.office.errors import STEP_NOT_POSSIBLE
from lienthong.office.models import Document, ImportedRow, ImportRun, NumberEntry, Reader, Register, StoredFile
from lienthong.office.services.import_files import BROKEN, Files
from lienthong.office.services.import_rows import MAIN, Row
from lienthong.office.services.indexing import index_new
from lienthong.office.services.storing import keep, safe_name
from lienthong.office.states import Direction, Incoming, Outgoing
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.site.configure import site

GAP_REASON = "không có trong dữ liệu chuyển đổi"
NAMES = {Direction.INCOMING: "Sổ đăng ký văn bản đến", Direction.OUTGOING: "Sổ đăng ký văn bản đi"}


class Names(Protocol):
    """What writing asks of the judge: units and people by name, and the files."""

    files: Files

    def unit(self, name: str) -> int | None:
        """The unit of this name."""

    def person(self, name: str) -> int | None:
        """The person of this name."""


def write(visit: Visit, run: ImportRun, rows: Sequence[Row], names: Names) -> None:
    """Write rows that were judged to be right."""
    if not rows:
        return
    books = {place: _register(visit, run, *place) for place in {(row.year, *row.series) for row in rows}}
    made = [_document(visit, run, row, books[(row.year, *row.series)], names) for row in rows]
    Document.objects.bulk_create(made)
    pairs = list(zip(rows, made, strict=True))
    ImportedRow.objects.bulk_create(
        ImportedRow(agency=visit.agency, system=run.system, key=row.key, document=document, run=run)
        for row, document in pairs
    )
    _numbers(visit, [(row, document) for row, document in pairs if row.value is not None])
    Reader.objects.bulk_create(
        Reader(agency=visit.agency, document=document, principal=-unit, why="dữ liệu chuyển đổi", since=visit.now)
        for row, document in pairs
        if (unit := _unit_of(row, names)) is not None
    )
    StoredFile.objects.bulk_create(
        file for row, document in pairs for file in _files(visit, row, document, names.files)
    )
    index_new(made)
    for row, document in pairs:
        visit.note("document.imported", f"document:{document.pk}", run=run.pk, key=row.key)


def _unit_of(row: Row, names: Names) -> int | None:
    """Whose document it was: the unit that drafted an outgoing one, or that an incoming one went to."""
    for name in ("unit", "to_places"):
        if row.texts.get(name):
            return names.unit(row.texts[name])
    return None


def _register(visit: Visit, run: ImportRun, year: int, code: str, name: str) -> Register:
    """The register of a past year; a new one is closed from the beginning.

    Refuses STEP_NOT_POSSIBLE for one that was closed here: its paper is kept, and perhaps signed.
    """
    direction = Direction(run.direction)
    given = {"agency_id": visit.agency.pk, "direction": direction.value, "year": year}
    if direction is Direction.OUTGOING:
        given["code"] = code
    found, _ = Register.objects.get_or_create(
        **given,
        defaults={"name": name or NAMES[direction], "closed_at": visit.now, "closed_by": visit.who.account}
        | ({} if "code" in given else {"code": MAIN[0]}),
    )
    if found.closed_sha256 is not None:
        raise Refused(
            STEP_NOT_POSSIBLE,
            reason_vi=f"sổ “{found.name}” năm {year} đã khóa và lưu; bỏ các dòng của năm đó khỏi bảng",
            reason_en=f"“{found.name}” of {year} is closed and kept; take that year's rows out of the table",
        )
    return found


def _document(visit: Visit, run: ImportRun, row: Row, book: Register, names: Names) -> Document:
    incoming = run.direction == Direction.INCOMING.value
    text, issued = row.texts.get, row.days["issued_date"]
    document = Document(
        agency=visit.agency, direction=run.direction,
        state=(Incoming.FINISHED if incoming else Outgoing.ISSUED).value, register=book, year=row.year,
        number=text("number", ""), symbol=text("symbol", ""), kind=row.kind, issued_date=issued,
        issuer_name=text("issuer_name") or visit.agency.name[:200], abstract=text("abstract", ""),
        language=text("language") or "Tiếng Việt", pages=row.pages, note=text("note", ""),
        signer_position=text("signer_position", ""), signer_name=text("signer_name", ""), urgency=row.urgency,
        due_date=row.days["due_date"], identifier=text("identifier", ""), to_places=text("to_places", ""),
        copies=row.copies, created_at=visit.now, created_by=visit.who.account,
    )  # fmt: skip
    if incoming:
        document.arrival_number, document.arrival_date = row.value, row.days["arrival_date"]
    elif issued is not None:
        document.number_value = row.value
        document.issued_at = datetime.combine(issued, time(), VIETNAM)
        document.issuer_code = visit.agency.code
        document.unit_id = names.unit(text("unit", "")) if text("unit") else None
        document.drafter_id = names.person(text("person", "")) if text("person") else None
    return document


def _numbers(visit: Visit, pairs: Sequence[tuple[Row, Document]]) -> None:
    """Enter the numbers as they were; one that an earlier import had found missing gets its document now."""
    filled = {
        (each.register_id, each.number): each
        for each in NumberEntry.objects.filter(
            register__in={document.register_id for _, document in pairs}, document=None, void_reason=GAP_REASON
        )
    }
    fresh = []
    for row, document in pairs:
        register, number = document.register_id or 0, row.value or 0
        gap = filled.get((register, number))
        if gap is None:
            fresh.append(
                NumberEntry(
                    agency=visit.agency, register_id=register, number=number, document=document,
                    given_at=visit.now, given_by=visit.who.account,
                )
            )  # fmt: skip
        else:
            gap.document, gap.void_at, gap.void_by, gap.void_reason = document, None, None, ""
            gap.save()
    NumberEntry.objects.bulk_create(fresh)


def _files(visit: Visit, row: Row, document: Document, files: Files) -> list[StoredFile]:
    """Store what a row names, the document itself first; a file that breaks while it is read is left out and noted."""
    made: list[StoredFile] = []
    for name in row.files:
        try:
            with files.open(name) as source:
                digest, size, media_type = keep(source, name, site().upload_limit)
        except (*BROKEN, Refused) as reason:
            why = reason.code.name if isinstance(reason, Refused) else type(reason).__name__
            visit.note("import.file_refused", f"document:{document.pk}", file=name[:200], why=why)
            continue
        made.append(
            StoredFile(
                agency=visit.agency, document=document, slot=len(made), role="attachment" if made else "document",
                name=safe_name(name), media_type=media_type, size=size, sha256=digest, added_at=visit.now,
                added_by=visit.who.account,
            )
        )  # fmt: skip
    return made


def close(
    visit: Visit, run: ImportRun, year: int, code: str, name: str, gaps: Sequence[int], last: int
) -> None:  # fmt: skip
    """After the rows: enter the missing numbers void with their reason, and let the register know its last number."""
    book = _register(visit, run, year, code, name)
    here = set(NumberEntry.objects.filter(register=book, number__in=gaps).values_list("number", flat=True))
    fresh = [number for number in gaps if number not in here]
    NumberEntry.objects.bulk_create(
        (
            NumberEntry(
                agency=visit.agency, register=book, number=number, given_at=visit.now, given_by=visit.who.account,
                void_at=visit.now, void_by=visit.who.account, void_reason=GAP_REASON,
            )
            for number in fresh
        ),
        batch_size=2000,
    )  # fmt: skip
    Register.objects.filter(pk=book.pk).update(next_number=Greatest(F("next_number"), last + 1))
    visit.note("register.imported", f"register:{book.pk}", last=last, gaps=len(fresh))
