"""A dossier and its documents as XML in time order. Source: Decree 30/2020/NĐ-CP Appendix VI (function 4g, Part II)."""

from __future__ import annotations

from collections.abc import Iterable

from lienthong.office.papers.filed import Direction, FiledDocument, FiledDossier, in_time_order
from lienthong.packages.dossier_xml import (
    Addressee,
    DossierExport,
    DossierRecord,
    FileCode,
    IncomingRecord,
    OutgoingRecord,
    SignerInfo,
    write_dossier,
)
from lienthong.vocabulary.secrecy import Secrecy
from lienthong.webkit.papers.model import joined


def dossier_xml(dossier: FiledDossier, documents: Iterable[FiledDocument]) -> bytes:
    """The XML file. Refuses DOSSIER_XML_FIELDS_WRONG with every field that is too long."""
    return write_dossier(dossier_export(dossier, documents))


def dossier_export(dossier: FiledDossier, documents: Iterable[FiledDocument]) -> DossierExport:
    """The records of a dossier: ordinals in time order, totals counted.

    ``Priority`` is the digit of urgency; the law publishes none for secrecy, so the level is said in the note.
    """
    code = FileCode(dossier.agency_code, dossier.year, dossier.code)
    ordered = in_time_order(documents)
    days = [document.formed_on for document in ordered if document.arrived_on or document.day]
    record = DossierRecord(
        file_code=code,
        title=dossier.title,
        maintenance=dossier.retention,
        rights=dossier.rights,
        creator=dossier.creator,
        language=dossier.language,
        start_date=dossier.first_day or min(days, default=None),
        end_date=dossier.last_day or max(days, default=None),
        doc_total=len(ordered),
        page_total=sum(document.pages or 0 for document in ordered),
        description=dossier.note,
    )
    return DossierExport(record, tuple(_record(code, ordinal, each) for ordinal, each in enumerate(ordered, 1)))


def _record(code: FileCode, ordinal: int, document: FiledDocument) -> OutgoingRecord | IncomingRecord:
    if document.direction is Direction.OUTGOING:
        return OutgoingRecord(
            file_code=code, doc_ordinal=ordinal, type_name=document.kind, code_number=document.number,
            code_notation=document.symbol, issued_date=document.day, organ_name=document.author,
            subject=document.abstract, language=document.language, page_amount=document.pages,
            description=_note(document), signer_info=_signer(document),
            to=tuple(Addressee(each.code, each.name) for each in document.recipients),
            priority=int(document.urgency), issued_amount=document.copies, due_date=document.due_on,
        )  # fmt: skip
    return IncomingRecord(
        file_code=code, doc_ordinal=ordinal, type_name=document.kind, code_number=document.number,
        code_notation=document.symbol, issued_date=document.day, organ_name=document.author,
        subject=document.abstract, language=document.language, page_amount=document.pages, description=_note(document),
        arrival_date=document.arrived_on, arrival_number=document.arrival_number, signer_info=_signer(document),
        priority=int(document.urgency), to_places="; ".join(document.receivers), trace_header_list=document.trace,
        due_date=document.due_on,
    )  # fmt: skip


def _signer(document: FiledDocument) -> SignerInfo:
    return SignerInfo(document.signer_position, document.signer_name)


def _note(document: FiledDocument) -> str:
    level = "" if document.secrecy is Secrecy.NONE else f"Độ mật: {document.secrecy.label('vi')}"
    return joined(level, document.note)
