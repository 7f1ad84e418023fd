"""What goes over the programming interface: JSON in, JSON out, and how each kind of thing looks in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, JsonResponse

from lienthong.base.clock import to_text
from lienthong.base.errors import Refused
from lienthong.office.models import Arrival, Delivery, Document, StoredFile, Task
from lienthong.webkit.door.visit import Visit
from lienthong.webkit.site.errors import DUTY_MISSING, INPUT_WRONG

MOST_JSON = 1_000_000


def reply(members: Mapping[str, Any], status: int = 200) -> JsonResponse:
    """Members as JSON in UTF-8."""
    return JsonResponse(members, status=status, json_dumps_params={"ensure_ascii": False})


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The members of a JSON body. Refuses INPUT_WRONG."""
    if len(request.body) > MOST_JSON:
        raise wrong("thân yêu cầu quá lớn", "the body is too large")
    try:
        found = json.loads(request.body)
    except ValueError as reason:
        raise wrong("thân yêu cầu không phải JSON", "the body is no JSON") from reason
    if not isinstance(found, dict):
        raise wrong("thân yêu cầu phải là một đối tượng", "the body must be an object")
    return found


def require_writing(visit: Visit) -> None:
    """Refuses DUTY_MISSING for a token that can only read."""
    if visit.who.factor != "token":
        raise Refused(DUTY_MISSING, duties_vi="mã truy cập có quyền ghi", duties_en="tokens that may write")


def wrong(vi: str, en: str) -> Refused:
    """A refusal of what was sent."""
    return Refused(INPUT_WRONG, reason_vi=vi, reason_en=en)


def text_member(members: Mapping[str, Any], name: str, otherwise: str = "") -> str:
    """A text. Refuses INPUT_WRONG for anything else."""
    found = members.get(name, otherwise)
    if found is None:
        return otherwise
    if not isinstance(found, str):
        raise wrong(f"“{name}” phải là chuỗi", f"“{name}” must be a string")
    return found


def day_member(members: Mapping[str, Any], name: str) -> date | None:
    """A date as ``2026-11-27``. Refuses INPUT_WRONG."""
    found = text_member(members, name)
    if not found:
        return None
    try:
        return date.fromisoformat(found)
    except ValueError as reason:
        raise wrong(f"“{name}” phải viết như 2026-11-27", f"“{name}” must be written like 2026-11-27") from reason


def number_member(members: Mapping[str, Any], name: str, otherwise: int | None = None) -> int | None:
    """A whole number. Refuses INPUT_WRONG."""
    found = members.get(name, otherwise)
    if found is not None and (not isinstance(found, int) or isinstance(found, bool)):
        raise wrong(f"“{name}” phải là số nguyên", f"“{name}” must be a whole number")
    return found


def brief(document: Document) -> dict[str, Any]:
    """A document as in lists."""
    return {
        "id": document.pk, "direction": document.direction, "state": document.state, "kind": document.kind,
        "number": document.number, "symbol": document.symbol, "issued_date": day(document.issued_date),
        "issuer_name": document.issuer_name, "abstract": document.abstract, "urgency": document.urgency,
        "arrival_number": document.arrival_number, "arrival_date": day(document.arrival_date),
        "due_date": day(document.due_date),
    }  # fmt: skip


def whole(document: Document) -> dict[str, Any]:
    """A document with every field, its files, tasks and deliveries."""
    return brief(document) | {
        "identifier": document.identifier, "issuer_code": document.issuer_code, "language": document.language,
        "pages": document.pages, "note": document.note, "signer_name": document.signer_name,
        "signer_position": document.signer_position, "source": document.source, "to_places": document.to_places,
        "copies": document.copies, "paper": document.paper, "revision": document.revision,
        "register": document.register.name if document.register else None, "year": document.year,
        "received_at": instant(document.received_at), "signed_at": instant(document.signed_at),
        "issued_at": instant(document.issued_at), "finished_at": instant(document.finished_at),
        "answers": document.answers_id, "replaces": document.replaces_id,
        "files": [file(each) for each in StoredFile.objects.filter(document=document).order_by("slot", "version")],
        "tasks": [task(each) for each in Task.objects.filter(document=document).order_by("pk")],
        "deliveries": [delivery(each) for each in Delivery.objects.filter(document=document).order_by("pk")],
    }  # fmt: skip


def file(stored: StoredFile) -> dict[str, Any]:
    """One version of a file; its bytes are at ``href``."""
    return {
        "id": stored.pk, "slot": stored.slot, "version": stored.version, "role": stored.role, "name": stored.name,
        "media_type": stored.media_type, "size": stored.size, "sha256": bytes(stored.sha256).hex(),
        "href": f"/api/v1/files/{stored.pk}",
    }  # fmt: skip


def task(found: Task) -> dict[str, Any]:
    """One task."""
    return {
        "id": found.pk, "document": found.document_id, "parent": found.parent_id, "kind": found.kind,
        "role": found.role, "state": found.state, "title": found.title, "directive": found.directive,
        "giver": found.giver_id,
        "account": found.account_id, "unit": found.unit_id, "due_date": day(found.due_date),
        "given_at": instant(found.given_at), "ended_at": instant(found.ended_at), "result": found.result,
    }  # fmt: skip


def delivery(found: Delivery) -> dict[str, Any]:
    """One recipient of an outgoing document."""
    return {
        "code": found.code, "name": found.name, "channel": found.channel, "state": found.state,
        "status": f"{found.status:02d}" if found.status else None, "status_text": found.status_text,
        "status_at": instant(found.status_at), "delivered_at": instant(found.delivered_at),
    }  # fmt: skip


def arrival(found: Arrival) -> dict[str, Any]:
    """Something that waits for the registrar, or has been dealt with."""
    return {
        "id": found.pk, "source": found.source, "state": found.state, "title": found.title,
        "sender_code": found.sender_code, "sender_name": found.sender_name, "identifier": found.identifier,
        "urgency": found.urgency, "received_at": instant(found.received_at), "document": found.document_id,
        "reason": found.reason, "duplicates": found.duplicates,
    }  # fmt: skip


def day(found: date | None) -> str | None:
    return found.isoformat() if found else None


def instant(found: datetime | None) -> str | None:
    return to_text(found) if found else None
