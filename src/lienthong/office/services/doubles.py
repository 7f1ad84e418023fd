"""Whether something came in before: by its identifier, its number, symbol and issuer, or its bytes (D30 art. 21.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lienthong.base.text import fold
from lienthong.office.models import Arrival, Document, StoredFile
from lienthong.office.states import ArrivalState, Direction

MOST = 10
"""Warnings of one kind; more of them say nothing new."""

_WAITING = (ArrivalState.CHECKING.value, ArrivalState.WAITING.value)


def doubles_of(arrival: Arrival, files: list[StoredFile]) -> list[dict[str, Any]]:
    """Documents and arrivals that may be the same: ``type`` (``document``, ``arrival``), ``id``, ``by``
    (``identifier``, ``number``, ``bytes``), ``vi``, ``en``. Each is named once, for its strongest reason."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for each in (*_by_identifier(arrival), *_by_number(arrival), *_by_bytes(arrival, files)):
        found.setdefault((each["type"], each["id"]), each)
    return list(found.values())


def _by_identifier(arrival: Arrival) -> Iterator[dict[str, Any]]:
    if not arrival.identifier:
        return
    documents = Document.objects.filter(
        agency=arrival.agency_id, identifier=arrival.identifier, direction=Direction.INCOMING.value
    )
    yield from (_document(each, "identifier") for each in documents[:MOST])
    others = Arrival.objects.filter(agency=arrival.agency_id, identifier=arrival.identifier, document=None)
    yield from (_arrival(each, "identifier") for each in others.exclude(pk=arrival.pk).order_by("pk")[:MOST])


def _by_number(arrival: Arrival) -> Iterator[dict[str, Any]]:
    number, symbol = str(arrival.fields.get("number", "")), str(arrival.fields.get("symbol", ""))
    if not number or not symbol:
        return
    documents = Document.objects.filter(
        agency=arrival.agency_id, direction=Direction.INCOMING.value, number__in=writings(number), symbol__iexact=symbol
    )
    yield from (_document(each, "number") for each in documents[: 5 * MOST] if _same_issuer(arrival, each))
    waiting = Arrival.objects.filter(
        agency=arrival.agency_id, state__in=_WAITING, fields__symbol__iexact=symbol, fields__number__in=writings(number)
    )
    for each in waiting.exclude(pk=arrival.pk).order_by("pk")[:MOST]:
        if _issuers(arrival) & _issuers(each):
            yield _arrival(each, "number")


def _by_bytes(arrival: Arrival, files: list[StoredFile]) -> Iterator[dict[str, Any]]:
    main = next((each for each in files if each.slot == 0), None)
    if main is None:
        return
    same = StoredFile.objects.filter(agency=arrival.agency_id, sha256=bytes(main.sha256), slot=0)
    for each in same.exclude(arrival=arrival).select_related("document", "arrival").order_by("pk")[:MOST]:
        if each.document is not None:
            yield _document(each.document, "bytes")
        elif each.arrival is not None:
            yield _arrival(each.arrival, "bytes")


def writings(number: str) -> list[str]:
    """The ways of writing a number: ``5``, ``05``, ``005``; with letters in either case."""
    bare = number.strip().lstrip("0") or "0"
    made = [bare, *(bare.zfill(width) for width in (2, 3, 4, 5))]
    return list(dict.fromkeys(form for each in made for form in (each, each.lower(), each.upper())))


def _issuers(arrival: Arrival) -> set[str]:
    """Code and name of the issuer, as far as known, in a form that can be compared."""
    given = (
        arrival.sender_code,
        arrival.sender_name,
        arrival.fields.get("issuer_code"),
        arrival.fields.get("issuer_name"),
    )
    return {fold(str(each)) for each in given if each}


def _same_issuer(arrival: Arrival, document: Document) -> bool:
    return bool(_issuers(arrival) & {fold(document.issuer_code), fold(document.issuer_name)})


_WHY = {
    "identifier": ("cùng mã định danh", "the same identifier"),
    "number": ("cùng số, ký hiệu và cơ quan ban hành", "the same number, symbol and issuer"),
    "bytes": ("tệp giống nhau từng byte", "the same file, byte for byte"),
}


def _document(document: Document, by: str) -> dict[str, Any]:
    vi, en = _WHY[by]
    if document.incoming and document.arrival_date is not None:
        where = f"số đến {document.arrival_number} ngày {document.arrival_date:%d/%m/%Y}"
        place = f"arrival number {document.arrival_number} of {document.arrival_date:%d/%m/%Y}"
    else:
        where, place = f"văn bản đi {document}", f"outgoing document {document}"
    return {"type": "document", "id": document.pk, "by": by, "vi": f"Có thể trùng {where}: {vi}.",
            "en": f"Perhaps the same as {place}: {en}."}  # fmt: skip


def _arrival(arrival: Arrival, by: str) -> dict[str, Any]:
    vi, en = _WHY[by]
    state_vi, state_en = _STATES.get(arrival.state, _STATES[ArrivalState.WAITING.value])
    return {"type": "arrival", "id": arrival.pk, "by": by,
            "vi": f"Có thể trùng văn bản {state_vi} “{arrival.title}”: {vi}.",
            "en": f"Perhaps the same as “{arrival.title}”, which {state_en}: {en}."}  # fmt: skip


_STATES = {
    ArrivalState.CHECKING.value: ("đang được kiểm tra", "is being checked"),
    ArrivalState.WAITING.value: ("đang chờ tiếp nhận", "waits to be received"),
    ArrivalState.RETURNED.value: ("đã trả lại", "was returned"),
    ArrivalState.RECALLED.value: ("đã bị thu hồi", "was recalled"),
    ArrivalState.REGISTERED.value: ("đã đăng ký", "is registered"),
}
