"""Read a status packet, variant M or S, from its elements.

Source: exchange facts §1.3; §1.9 trap 6 (status codes without a leading zero).
"""

from __future__ import annotations

from lienthong.edxml.common import counted, read_organization, read_response, read_staff, timed
from lienthong.edxml.findings import Findings
from lienthong.edxml.model import ResponseFor, StatusPacket, StatusVariant
from lienthong.edxml.names import canonical
from lienthong.edxml.tree import Group, Parts


def read_status(parts: Parts, findings: Findings) -> StatusPacket:
    """The report with every field in its type; an unreadable code is 0 and an error."""
    variant = StatusVariant(canonical(parts.message.tag))
    message = Group(parts.message, variant.value, findings)
    code = counted(message, "StatusCode", findings)
    written = message.text("StatusCode")
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
