"""A whole dossier as PDF and XML in the order in which it was formed, and its lists as papers (function F4g)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO, TypeVar

from django.db.models import Max, Min, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from lienthong.base.errors import Refused
from lienthong.office.errors import STEP_NOT_POSSIBLE
from lienthong.office.models import Delivery, Document, Dossier, DossierDocument, Opinion, StoredFile, Task
from lienthong.office.papers.dossier_contents import ContainedDocument, DossierHead, dossier_contents
from lienthong.office.papers.dossier_pdf import write_dossier_pdf
from lienthong.office.papers.dossier_xml import dossier_xml
from lienthong.office.papers.filed import Direction, FiledDocument, FiledDossier, FiledFile, FiledRecipient
from lienthong.office.papers.inventory import DepositedDossier, Inventory, inventory
from lienthong.office.services.dossier_state import documents_of
from lienthong.office.services.filing import said_retention
from lienthong.office.services.printing import letterhead, print_mark
from lienthong.office.services.storing import opened
from lienthong.vocabulary.urgency import Urgency
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.papers.model import Table

T = TypeVar("T", Delivery, Task, Opinion, StoredFile)

LARGEST = 300_000_000
"""Bytes of files that one PDF takes; larger dossiers are taken out document by document."""


def write_pdf(visit: Visit, dossier: Dossier, out: BinaryIO) -> int:
    """Write the dossier with its files as one PDF; how many pages. Refuses STEP_NOT_POSSIBLE when it is too large."""
    size = newest_files(dossier).aggregate(size=Sum("size"))["size"] or 0
    if size > LARGEST:
        raise Refused(
            STEP_NOT_POSSIBLE,
            reason_vi=f"hồ sơ có {size // 10**6} MB tệp, nhiều hơn {LARGEST // 10**6} MB",
            reason_en=f"it has {size // 10**6} MB of files, more than {LARGEST // 10**6} MB",
        )
    visit.note("dossier.exported", f"dossier:{dossier.pk}", ending="pdf")
    return write_dossier_pdf(
        head_of(visit, dossier), filed(dossier, files=True), letterhead(visit), out, print_mark(visit)
    )


def xml_of(visit: Visit, dossier: Dossier) -> bytes:
    """Dossier and documents with all fields of D30 Appendix VI Part II. Refuses DOSSIER_XML_FIELDS_WRONG."""
    visit.note("dossier.exported", f"dossier:{dossier.pk}", ending="xml")
    return dossier_xml(head_of(visit, dossier), filed(dossier))


def contents_of(visit: Visit, dossier: Dossier) -> Table:
    """The list of documents in a dossier, with the sheets that each takes."""
    return dossier_contents(
        DossierHead(dossier.code, dossier.title, dossier.year),
        _contained(dossier),
        letterhead(visit),
        print_mark(visit),
    )


def inventory_of(visit: Visit, dossiers: Sequence[Dossier]) -> Table:
    """The list of what is handed in (mục lục hồ sơ, tài liệu nộp lưu)."""
    counted = {
        row["dossier"]: row
        for row in DossierDocument.objects.filter(dossier__in=dossiers).values("dossier").annotate(
            pages=Sum("document__pages"), first=Min(Coalesce("document__arrival_date", "document__issued_date")),
            last=Max(Coalesce("document__arrival_date", "document__issued_date")),
        )
    }  # fmt: skip
    units = {each.unit.name for each in dossiers if each.unit is not None}
    given = Inventory(
        max((each.year for each in dossiers), default=visit.today.year), units.pop() if len(units) == 1 else "",
        [_deposited(each, counted.get(each.pk, {})) for each in dossiers], visit.who.account.full_name, visit.today,
    )  # fmt: skip
    return inventory(given, letterhead(visit), print_mark(visit))


def _deposited(dossier: Dossier, counted: Mapping[str, object]) -> DepositedDossier:
    first, last = counted.get("first"), counted.get("last")
    return DepositedDossier(
        dossier.code, dossier.title, dossier.starts_on or first, dossier.ends_on or last,  # type: ignore[arg-type]  # days of the query
        said_retention(dossier.retention_years), counted.get("pages"), dossier.note,  # type: ignore[arg-type]  # a sum
    )  # fmt: skip


def head_of(visit: Visit, dossier: Dossier) -> FiledDossier:
    """The dossier itself, as the exports take it."""
    return FiledDossier(
        visit.agency.code, dossier.year, dossier.code, dossier.title, said_retention(dossier.retention_years),
        dossier.creator.full_name if dossier.creator else "", dossier.rights, dossier.language, dossier.starts_on,
        dossier.ends_on, dossier.note,
    )  # fmt: skip


def filed(dossier: Dossier, *, files: bool = False) -> Iterator[FiledDocument]:
    """Its documents with everything that the exports say of them: a few queries, however many there are."""
    documents = list(documents_of(dossier).order_by("dossier_entries__ordinal"))
    notes = dict(dossier.entries.values_list("document_id", "note"))
    recipients = _grouped(Delivery.objects.filter(document__in=documents).order_by("pk"))
    tasks = _grouped(
        Task.objects.filter(document__in=documents)
        .select_related("account", "unit", "giver")
        .order_by("given_at", "pk")
    )
    opinions = _grouped(Opinion.objects.filter(document__in=documents).select_related("author").order_by("at", "pk"))
    stored = _grouped(newest_files(dossier)) if files else {}
    for each in documents:
        yield FiledDocument(
            Direction(each.direction),
            each.kind,
            each.number,
            each.symbol,
            each.issued_date,
            each.issuer_name,
            each.abstract,
            each.language,
            each.pages,
            notes.get(each.pk) or each.note,
            each.signer_position,
            each.signer_name,
            Urgency(each.urgency),
            due_on=each.due_date,
            recipients=tuple(FiledRecipient(to.name, to.code) for to in recipients.get(each.pk, ())),
            copies=each.copies,
            arrived_on=each.arrival_date,
            arrival_number=each.arrival_number,
            receivers=tuple(dict.fromkeys(str(task.account or task.unit) for task in tasks.get(each.pk, ()))),
            trace=_trace(tasks.get(each.pk, ()), opinions.get(each.pk, ())),
            files=tuple(FiledFile(file.name, _bytes(file)) for file in stored.get(each.pk, ())),
        )


def newest_files(dossier: Dossier) -> QuerySet[StoredFile]:
    """The newest version of every file of its documents, without the word-processor files behind drafts."""
    newest = (
        StoredFile.objects.filter(Q(document__dossier_entries__dossier=dossier), role__in=("document", "attachment"))
        .order_by("document", "slot", "role", "-version").distinct("document", "slot", "role").values("pk")
    )  # fmt: skip
    return StoredFile.objects.filter(pk__in=newest).order_by("document", "slot")


def _trace(tasks: Sequence[Task], opinions: Sequence[Opinion]) -> str:
    said = [
        (
            task.given_at,
            f"{task.given_at:%d/%m/%Y} {task.giver or ''} giao {task.account or task.unit}: {task.directive}".strip(
                ": "
            ),
        )
        for task in tasks
    ]
    said += [(each.at, f"{each.at:%d/%m/%Y} {each.author}: {each.text}") for each in opinions]
    return "\n".join(text for _, text in sorted(said, key=lambda each: each[0]))


def _contained(dossier: Dossier) -> Iterator[ContainedDocument]:
    page = 1
    for entry in dossier.entries.select_related("document").order_by("ordinal"):
        document: Document = entry.document
        last = page + (document.pages or 0) - 1
        sheet = (f"{page:02d}-{last:02d}" if last > page else f"{page:02d}") if document.pages else ""
        page += document.pages or 0
        yield ContainedDocument(
            document.number_and_symbol, document.issued_date, document.kind, document.abstract, document.issuer_name,
            sheet, entry.note or document.note,
        )  # fmt: skip


def _bytes(file: StoredFile) -> bytes:
    with opened(file) as source:
        return source.read()


def _grouped(rows: Iterable[T]) -> dict[int, list[T]]:
    found: dict[int, list[T]] = {}
    for each in rows:
        found.setdefault(each.document_id or 0, []).append(each)
    return found
