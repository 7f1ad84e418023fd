"""What comes in gets a row in the tray and its files, once, whoever brings it and however often (D30 art. 21)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO

from django.db import transaction

from lienthong.base.errors import Refused
from lienthong.base.ids import Sha256
from lienthong.base.text import nfc, one_line
from lienthong.office.models import Arrival
from lienthong.office.services.kinds_of_files import PDF
from lienthong.office.services.storing import add_file, keep, safe_name
from lienthong.office.services.telling import tell_of_arrival
from lienthong.office.states import ArrivalState, Source
from lienthong.vocabulary.status import StatusCode
from lienthong.webkit.door.visit import Visit

Kept = tuple[Sha256, int, str]
"""Digest, size and media type of bytes that lie in the blob store."""


def arrive(
    visit: Visit, agency_id: int, source: Source, reference: str, files: Sequence[tuple[Kept, str]], *,
    sender_code: str = "", sender_name: str = "", identifier: str = "", title: str, urgency: int = 0,
    received_at: datetime, fields: Mapping[str, Any] | None = None,
) -> Arrival:  # fmt: skip
    """Put something into the tray, in state CHECKING. ``files``: kept bytes and their names, the first PDF is the
    document (slot 0), the others are attachments in their order. ``fields``: what its packet says, by the names of
    :class:`lienthong.office.services.registering.IncomingFields`.

    The same ``reference`` of the same source is the same arrival: nothing is added then. Status 01 goes out at once for
    what came over the axis.
    """
    with transaction.atomic():
        arrival, new = Arrival.objects.get_or_create(
            agency_id=agency_id, source=source.value, reference=reference[:255],
            defaults={
                "state": ArrivalState.CHECKING.value, "received_at": received_at, "sender_code": sender_code[:64],
                "sender_name": _said(sender_name, 300), "identifier": identifier[:255],
                "title": _said(title, 500) or "—", "fields": dict(fields or {}),
                "urgency": urgency if 0 <= urgency <= 4 else 0,
            },
        )  # fmt: skip
        if not new:
            return arrival
        for slot, (kept, name) in enumerate(in_order(files)):
            add_file(visit, arrival, kept, name, slot=slot, role="attachment" if slot else "document")
        tell_of_arrival(visit, arrival, StatusCode.ARRIVED)
        visit.note("arrival.received", f"arrival:{arrival.pk}", source=source.value, sender=arrival.sender_code)
    return arrival


def in_order(files: Sequence[tuple[Kept, str]]) -> list[tuple[Kept, str]]:
    """The document first: the first PDF, or the first file when there is none; then the others as they came."""
    main = next((n for n, (kept, _) in enumerate(files) if kept[2] == PDF), 0)
    return [*files[main : main + 1], *files[:main], *files[main + 1 :]]


def take_file(source: BinaryIO, name: str, limit: int | None = None) -> tuple[Kept, str]:
    """Store a file that somebody sent; a PDF that lacks its ending gets it, since its sender cannot be asked.

    Refuses FILE_NOT_TAKEN, BLOB_TOO_LARGE, STORAGE_….
    """
    plain = safe_name(name)
    head = source.read(1024)
    source.seek(0)
    if b"%PDF-" in head and not plain.lower().endswith(".pdf"):
        plain = safe_name(f"{plain}.pdf")
    return keep(source, plain, limit), plain


def left_out(name: str, refused: Refused) -> dict[str, str]:
    """What ``Arrival.fields["left_out"]`` says of a file that was not taken."""
    return {"name": safe_name(name), "vi": refused.sentence("vi"), "en": refused.sentence("en")}


def _said(text: str, limit: int) -> str:
    return one_line(nfc(text), limit)
