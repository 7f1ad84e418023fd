"""Which elements a written packet has and in which order: the vendor's order J, or order Q of the
regulation's table.

Optional elements without a value are left out; the address lines of agencies are written even when empty, as
in all packets seen.

Source: exchange facts §1.2 (orders J and Q; ``Bussiness``; ``Reference``), §1.3, samples §1.6 and §1.7.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import Enum
from typing import Final

from lienthong.edxml.model import (
    Business,
    DocumentPacket,
    ManifestEntry,
    Organization,
    ResponseFor,
    StaffInfo,
    StatusPacket,
    StatusVariant,
)
from lienthong.edxml.values import date_text, moment_text

Node = tuple[str, "str | list[Node]"]
"""An element: its name (with attributes after a space), and its text or its children."""


class Order(Enum):
    """J: as the vendor's Java library writes. Q: the table of the regulation, as the .NET client writes."""

    J = "J"
    Q = "Q"


_MESSAGE: Final = {
    Order.J: [
        "From",
        "To",
        "DocumentId",
        "Code",
        "PromulgationInfo",
        "DocumentType",
        "Subject",
        "Content",
        "SignerInfo",
        "DueDate",
        "OtherInfo",
        "ResponseFor",
        "SteeringType",
        "ResponseForTask",
        "ApplicationType",
        "ToPlaces",
    ],
    Order.Q: [
        "From",
        "To",
        "Code",
        "PromulgationInfo",
        "DocumentType",
        "Subject",
        "Content",
        "SignerInfo",
        "DueDate",
        "ToPlaces",
        "OtherInfo",
        "ResponseFor",
        "SteeringType",
        "ResponseForTask",
        "ApplicationType",
        "DocumentId",
    ],
}
_BUSINESS: Final = {
    Order.J: [
        "DocumentId",
        "BussinessDocType",
        "BussinessDocReason",
        "Paper",
        "BussinessDocumentInfo",
        "ReplacementInfoList",
        "StaffInfo",
    ],
    Order.Q: [
        "BussinessDocType",
        "BussinessDocReason",
        "BussinessDocumentInfo",
        "DocumentId",
        "StaffInfo",
        "Paper",
        "ReplacementInfoList",
    ],
}
_REFERENCE: Final = {
    Order.J: ("ContentId", "ContentType", "Description", "AttachmentName"),
    Order.Q: ("Description", "AttachmentName", "ContentType", "ContentId"),
}


def escape(text: str) -> str:
    """The five characters that would be read as something else."""
    return (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        .replace("\r", "&#13;")
    )


def _some(*pairs: tuple[str, str]) -> list[Node]:
    return [(name, value) for name, value in pairs if value]


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _flag(value: bool) -> str:
    return "1" if value else "0"


def _day(value: date | None) -> str:
    return "" if value is None else date_text(value)


def _moment(value: datetime | None) -> str:
    return "" if value is None else moment_text(value)


def _ordered(groups: dict[str, list[Node]], names: Iterable[str]) -> list[Node]:
    return [node for name in names for node in groups.get(name, ())]


def message(packet: DocumentPacket, order: Order) -> Node:
    """``MessageHeader`` of a document packet."""
    kind, signer = packet.document_type, packet.signer
    groups: dict[str, list[Node]] = {
        "From": [_organization("From", packet.sender)],
        "To": [_organization("To", receiver) for receiver in packet.receivers],
        "DocumentId": [("DocumentId", packet.document_id)],
        "Code": [("Code", [("CodeNumber", packet.code.number), ("CodeNotation", packet.code.notation)])],
        "PromulgationInfo": [
            (
                "PromulgationInfo",
                _some(("Place", packet.place), ("PromulgationDate", _day(packet.promulgation_date))),
            )
        ],
        "DocumentType": [
            (
                "DocumentType",
                _some(
                    ("Type", _number(kind.type)),
                    ("TypeDetail", _number(kind.detail)),
                    ("TypeName", kind.name),
                ),
            )
        ],
        "Subject": [("Subject", packet.subject)],
        "Content": _some(("Content", packet.content)),
        "SignerInfo": [
            (
                "SignerInfo",
                [
                    *_some(("Competence", signer.competence), ("Position", signer.position)),
                    ("FullName", signer.full_name),
                ],
            )
        ],
        "DueDate": _some(("DueDate", _day(packet.due_date))),
        "OtherInfo": _other(packet),
        "ResponseFor": [_response(response) for response in packet.responses_for],
        "SteeringType": _some(("SteeringType", _number(packet.steering_type))),
        "ResponseForTask": _list("ResponseForTask", "TaskCode", packet.tasks),
        "ApplicationType": _some(("ApplicationType", packet.application_type)),
        "ToPlaces": _list("ToPlaces", "Place", packet.to_places),
    }
    return "MessageHeader", _ordered(groups, _MESSAGE[order])


def trace(packet: DocumentPacket, order: Order) -> Node:
    """``TraceHeaderList``: the hops, then the operation."""
    hops: list[Node] = [
        ("TraceHeader", [("OrganId", hop.organ_id), *_some(("Timestamp", _moment(hop.timestamp)))])
        for hop in packet.trace
    ]
    return "TraceHeaderList", [*hops, _business(packet.business, order)]


def status(packet: StatusPacket, variant: StatusVariant) -> Node:
    """The single header child of a status packet."""
    children: list[Node] = [
        _organization("From", packet.sender),
        _response(packet.response_for),
        *([_staff(packet.staff)] if packet.staff else []),
        ("StatusCode", f"{packet.status_code:02d}"),
        *_some(("Description", packet.description), ("Timestamp", _moment(packet.timestamp))),
    ]
    return variant.value, children


def manifest(entries: Iterable[ManifestEntry], order: Order) -> Node:
    """``edXMLManifest``, one ``Reference`` for each attachment."""
    references: list[Node] = []
    for entry in entries:
        values = {
            "ContentId": f"cid:{entry.content_id}",
            "ContentType": entry.content_type,
            "Description": entry.description,
            "AttachmentName": entry.name,
        }
        href = f' xlink:href="{escape(entry.href)}"' if entry.href else ""
        references.append((f"Reference{href}", _some(*((name, values[name]) for name in _REFERENCE[order]))))
    return 'edXMLManifest version="1.0"', references


def _organization(name: str, organization: Organization) -> Node:
    return name, [
        ("OrganId", organization.organ_id),
        ("OrganizationInCharge", organization.organization_in_charge),
        ("OrganName", organization.name),
        ("OrganAdd", organization.address),
        ("Email", organization.email),
        ("Telephone", organization.telephone),
        ("Fax", organization.fax),
        ("Website", organization.website),
    ]


def _other(packet: DocumentPacket) -> list[Node]:
    other = packet.other
    children = _some(
        ("Priority", _number(other.priority)),
        ("SphereOfPromulgation", other.sphere),
        ("TyperNotation", other.typer_notation),
        ("PromulgationAmount", _number(other.promulgation_amount)),
        ("PageAmount", _number(other.page_amount)),
        ("ReplyFors", other.reply_fors),
        ("Direction", "" if other.direction is None else str(other.direction).lower()),
        ("ReferenceCodes", other.reference_codes),
    )
    children += _list("Appendixes", "Appendix", other.appendixes)
    return [("OtherInfo", children)] if children else []


def _list(name: str, item: str, values: Iterable[str]) -> list[Node]:
    items: list[Node] = [(item, value) for value in values]
    return [(name, items)] if items else []


def _response(response: ResponseFor) -> Node:
    return "ResponseFor", _some(
        ("OrganId", response.organ_id),
        ("Code", response.code),
        ("DocumentId", response.document_id),
        ("PromulgationDate", _day(response.promulgation_date)),
    )


def _staff(staff: StaffInfo) -> Node:
    return "StaffInfo", _some(
        ("Department", staff.department),
        ("DepartmentId", staff.department_id),
        ("Staff", staff.staff),
        ("StaffId", staff.staff_id),
        ("Email", staff.email),
        ("Mobile", staff.mobile),
    )


def _business(business: Business, order: Order) -> Node:
    changes: list[Node] = [
        ("Receiver", [("OrganId", change.organ_id), ("ReceiverType", _flag(change.added))])
        for change in business.receivers
    ]
    info: list[Node] = [
        ("DocumentInfo", _flag(business.document_changes)),
        ("DocumentReceiver", _flag(business.receivers_change)),
        *([("ReceiverList", changes)] if changes else []),
    ]
    replaced: list[Node] = [
        (
            "ReplacementInfo",
            [("DocumentId", old.document_id), *_list("OrganIdList", "OrganId", old.organ_ids)],
        )
        for old in business.replacements
    ]
    updates = business.document_changes or business.receivers_change or bool(changes)
    groups: dict[str, list[Node]] = {
        "DocumentId": _some(("DocumentId", business.document_id)),
        "BussinessDocType": [("BussinessDocType", str(int(business.kind)))],
        "BussinessDocReason": [("BussinessDocReason", business.reason)],
        "Paper": [("Paper", _flag(business.paper))],
        "BussinessDocumentInfo": [("BussinessDocumentInfo", info)] if updates else [],
        "ReplacementInfoList": [("ReplacementInfoList", replaced)] if replaced else [],
        "StaffInfo": [_staff(person) for person in business.staff],
    }
    return "Bussiness", _ordered(groups, _BUSINESS[order])
