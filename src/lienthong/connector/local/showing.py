"""Jobs, received documents, health and events as members of answers: JSON values, times in UTC, no paths."""

from __future__ import annotations

from typing import Any

from lienthong.base.clock import to_text
from lienthong.connector.courier.model import CourierEvent, Health, JobView, ReceivedView
from lienthong.connector.local.problems import reason_members
from lienthong.connector.local.taken import Taking
from lienthong.edxml.model import DocumentPacket, StatusPacket

SOURCE = "urn:lienthong:connector"
TYPES = "lienthong."
"""Beginning of the type of every CloudEvent."""

_KINDS = ("new", "recall", "update", "replacement")


def job_members(view: JobView) -> dict[str, Any]:
    """One job."""
    return {
        "id": view.id,
        "state": view.state.value,
        "kind": view.kind,
        "agency": view.agency,
        "document_id": view.document_id,
        "number": view.number,
        "subject": view.subject,
        "urgency": view.urgency,
        "key": view.key,
        "submitted_at": to_text(view.submitted_at),
        "finished_at": to_text(view.finished_at) if view.finished_at else None,
        "reason": reason_members(view.reason),
        "attempts": view.attempts,
        "next_at": to_text(view.next_at) if view.next_at else None,
        "envelopes": [
            {"id": each.id, "axis": each.axis, "recipients": each.recipients, "receipt": each.receipt is not None}
            for each in view.envelopes
        ],
        "recipients": [
            {
                "agency": each.agency,
                "axis": each.axis,
                "delivery": each.delivery,
                "delivery_at": to_text(each.delivery_at) if each.delivery_at else None,
                "status": each.status,
                "status_text": each.status_text,
                "status_at": to_text(each.status_at) if each.status_at else None,
            }
            for each in view.recipients
        ],
    }


def received_members(view: ReceivedView, taking: Taking | None) -> dict[str, Any]:
    """One received document or status. ``taking``: who took it here, and when."""
    return {
        "id": view.id,
        "kind": view.kind,
        "agency": view.agency,
        "sender": view.sender,
        "envelope": view.envelope_id,
        "document_id": view.document_id,
        "urgency": view.urgency,
        "received_at": to_text(view.received_at),
        "axes": view.axes,
        "header_signature": view.header_signature,
        "taken": {"by": taking.by, "at": to_text(taking.at)} if taking else None,
        "packet": packet_members(view.packet),
        "files": [
            {"index": index, "name": each.name, "size": each.size, "sha256": each.sha256, "type": each.media_type}
            for index, each in enumerate(view.files)
        ],
    }


def packet_members(packet: DocumentPacket | StatusPacket) -> dict[str, Any]:
    """What the header says, in the words of the submission."""
    if isinstance(packet, StatusPacket):
        about = packet.response_for
        return {
            "sender_name": packet.sender.name,
            "status": packet.status_code,
            "description": packet.description,
            "at": to_text(packet.timestamp) if packet.timestamp else None,
            "about": {
                "agency": about.organ_id,
                "number": about.code,
                "document_id": about.document_id,
                "issued_on": about.promulgation_date.isoformat() if about.promulgation_date else None,
            },
        }
    business = packet.business
    return {
        "sender_name": packet.sender.name,
        "business": _KINDS[business.kind],
        "reason": business.reason,
        "about_document_id": business.document_id or None,
        "number": packet.code.full,
        "subject": packet.subject,
        "kind": packet.document_type.name,
        "place": packet.place,
        "issued_on": packet.promulgation_date.isoformat() if packet.promulgation_date else None,
        "due": packet.due_date.isoformat() if packet.due_date else None,
        "signer": {
            "name": packet.signer.full_name,
            "position": packet.signer.position,
            "competence": packet.signer.competence,
        },
        "to": [each.organ_id for each in packet.receivers],
        "to_places": packet.to_places,
        "answers": [
            {"agency": each.organ_id, "number": each.code, "document_id": each.document_id}
            for each in packet.responses_for
        ],
    }


def health_members(health: Health, free_bytes: int) -> dict[str, Any]:
    """How everything stands. ``free_bytes``: of the disk under the spool."""
    away = [axis.name for axis in health.axes if axis.away_since is not None]
    return {
        "status": "unavailable" if health.storage else "degraded" if away or health.refused else "ok",
        "waiting": health.waiting,
        "sending": health.sending,
        "refused": health.refused,
        "oldest_waiting": to_text(health.oldest_waiting) if health.oldest_waiting else None,
        "events": health.events,
        "free_bytes": free_bytes,
        "storage": reason_members(health.storage),
        "certificate_ends_at": to_text(health.certificate_ends_at) if health.certificate_ends_at else None,
        "axes": [
            {
                "name": axis.name,
                "url": axis.url,
                "reachable_since": to_text(axis.reachable_since) if axis.reachable_since else None,
                "away_since": to_text(axis.away_since) if axis.away_since else None,
                "busy_until": to_text(axis.busy_until) if axis.busy_until else None,
                "reason": reason_members(axis.reason),
                "directory": axis.directory_version,
                "key_ends_at": to_text(axis.key_ends_at) if axis.key_ends_at else None,
            }
            for axis in health.axes
        ],
    }


def cloud_event(event: CourierEvent, *, hint: bool) -> dict[str, Any]:
    """A CloudEvent 1.0. ``hint``: only what happened to what and when, without any content."""
    made: dict[str, Any] = {
        "specversion": "1.0",
        "id": str(event.number),
        "source": f"{SOURCE}:{event.agency}" if event.agency else SOURCE,
        "type": TYPES + event.type,
        "time": to_text(event.at),
    }
    subject = event.received or event.job
    if subject:
        made["subject"] = subject
    if not hint:
        made["datacontenttype"] = "application/json"
        made["data"] = {"agency": event.agency, "job": event.job, "received": event.received, **event.data}
    return made
