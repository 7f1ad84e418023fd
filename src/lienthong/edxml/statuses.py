"""Read a status packet, variant M or S, from its elements.

Source: exchange facts §1.3; §1.9 trap 6 (status codes without a leading zero).
"""

from __future__ import annotations

from typing import Final

from lienthong.base.errors import ProblemKind
from lienthong.edxml.common import counted, read_organization, read_response, read_staff, timed
from lienthong.edxml.findings import WARNING, Findings
from lienthong.edxml.model import ResponseFor, StatusPacket, StatusVariant
from lienthong.edxml.names import canonical
from lienthong.edxml.tree import Group, Parts

_OF_DOCUMENTS: Final = ("To", "DocumentId", "Code", "DocumentType", "Subject")


def read_status(parts: Parts, findings: Findings) -> StatusPacket:
    """The report with every field in its type; an unreadable code is 0 and an error."""
    variant = StatusVariant(canonical(parts.message.tag))
    message = Group(parts.message, variant.value, findings)
    code = counted(message, "StatusCode", findings)
    written = message.text("StatusCode")
    _require_status_alone(message, parts, findings)
    if code is not None and 0 < code < 100 and written != f"{code:02d}":
        findings.repaired(f"{message.path}.StatusCode", written, f"{code:02d}")
    return StatusPacket(
        sender=read_organization(message.group("From")),
        response_for=read_response(message.group("ResponseFor"), findings) or ResponseFor(),
        status_code=code or 0,
        timestamp=timed(message, "Timestamp", findings),
        staff=read_staff(message.group("StaffInfo")),
        description=message.text("Description"),
        variant=variant,
        repairs=tuple(findings.repairs),
    )


def _require_status_alone(message: Group, parts: Parts, findings: Findings) -> None:
    """A status has no receivers and no subject: with them, one reader would file a document and another a report."""
    found = [name for name in _OF_DOCUMENTS if name in message]
    if found:
        names = ", ".join(found)
        findings.add(
            ProblemKind.TYPE,
            message.path,
            f"Gói tin vừa là trạng thái vừa có phần của văn bản ({names}), nên không rõ phải hiểu là gì.",
            f"The packet is a status and has parts of a document too ({names}); what it means is not clear.",
        )
    for path, there in (
        ("TraceHeaderList", parts.trace is not None),
        ("edXMLBody", bool(parts.manifests)),
        ("AttachmentEncoded", bool(parts.attachments)),
    ):
        if there:
            findings.add(
                ProblemKind.TYPE,
                path,
                f"Gói tin trạng thái không có phần {path}; phần này không được sử dụng.",
                f"A status packet has no {path}; it is not used.",
                WARNING,
            )
