"""Duplicates among what comes in (cảnh báo trùng), asked again with what the registrar has typed.

Source: D30 Appendix VI function F1h.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from lienthong.base.text import fold
from lienthong.office.models import Arrival, Document, StoredFile
from lienthong.office.states import ArrivalState, Direction

MOST = 10
OPEN = (ArrivalState.CHECKING.value, ArrivalState.WAITING.value)


def duplicates_of(arrival: Arrival, number: str, symbol: str, issuer: str) -> list[dict[str, Any]]:
    """What is registered or waits and may be this one: ``type`` (``document``, ``arrival``), ``id``, ``by``
    (``identifier``, ``number``, ``bytes``), ``vi``, ``en``. Each is named once, for its surest reason."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    documents = Document.objects.filter(agency=arrival.agency_id, direction=Direction.INCOMING.value)
    others = Arrival.objects.filter(agency=arrival.agency_id, state__in=OPEN).exclude(pk=arrival.pk).order_by("-pk")
    if arrival.identifier:
        for same in documents.filter(identifier=arrival.identifier)[:MOST]:
            found[("document", same.pk)] = _of_document("identifier", same)
        for other in others.filter(identifier=arrival.identifier)[:MOST]:
            found[("arrival", other.pk)] = _of_arrival("identifier", other)
    if number.strip() and symbol.strip():
        alike = documents.filter(number__in=writings(number), symbol__iexact=symbol.strip()).order_by("-pk")
        for same in alike[: 5 * MOST]:
            if _plain(same.issuer_name) == _plain(issuer):
                found.setdefault(("document", same.pk), _of_document("number", same))
    for file in _same_bytes(arrival):
        if file.document is not None:
            found.setdefault(("document", file.document.pk), _of_document("bytes", file.document))
        elif file.arrival is not None:
            found.setdefault(("arrival", file.arrival.pk), _of_arrival("bytes", file.arrival))
    return list(found.values())[:MOST]


def writings(number: str) -> list[str]:
    """The ways of writing a number: ``5``, ``05``, ``005``."""
    bare = number.strip().lstrip("0") or "0"
    return list(dict.fromkeys([number.strip(), bare, *(bare.zfill(width) for width in (2, 3, 4))]))


def _same_bytes(arrival: Arrival) -> list[StoredFile]:
    digests = [bytes(each) for each in arrival.files.filter(slot=0).values_list("sha256", flat=True)]
    where = Q(document__direction=Direction.INCOMING.value) | Q(document=None, arrival__state__in=OPEN)
    same = StoredFile.objects.filter(where, agency=arrival.agency_id, sha256__in=digests, slot=0)
    return list(same.exclude(arrival=arrival).select_related("document", "arrival").order_by("pk")[:MOST])


def _of_document(by: str, document: Document) -> dict[str, Any]:
    vi, en = _WHY[by]
    label = f"{document.number_and_symbol}".strip()
    return {
        "type": "document", "id": document.pk, "by": by,
        "vi": f"Có thể trùng {label} (số đến {document.arrival_number} ngày {document.arrival_date:%d/%m/%Y}): {vi}.",
        "en": f"Perhaps the same as {label} (arrival {document.arrival_number} of {document.arrival_date:%d/%m/%Y}): {en}.",
    }  # fmt: skip


def _of_arrival(by: str, arrival: Arrival) -> dict[str, Any]:
    vi, en = _WHY[by]
    return {"type": "arrival", "id": arrival.pk, "by": by, "vi": f"Có thể trùng “{arrival.title}” đang chờ tiếp nhận: {vi}.",
            "en": f"Perhaps the same as “{arrival.title}”, which waits: {en}."}  # fmt: skip


_WHY = {
    "identifier": ("cùng mã định danh", "the same identifier"),
    "number": ("cùng số, ký hiệu và cơ quan ban hành", "the same number, symbol and issuer"),
    "bytes": ("tệp giống nhau từng byte", "the same file, byte for byte"),
}


def _plain(name: str) -> str:
    return " ".join(fold(name).split())
