"""Read the header of a packet: everything but the content of attachments.

The native wire carries files beside the header; the vendor's format carries them inside, and
:class:`lienthong.edxml.stream.PacketStream` takes them out before the rest comes here.

Source: exchange facts §1.1–§1.3, §1.9. Children are matched by local name in any order (orders J and Q).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lxml import etree

from lienthong.base.errors import Problem, ProblemKind, Refused, Severity
from lienthong.edxml import check
from lienthong.edxml.documents import read_document
from lienthong.edxml.errors import EDXML_INVALID
from lienthong.edxml.findings import Findings
from lienthong.edxml.limits import DEFAULT, Limits
from lienthong.edxml.model import DocumentPacket, StatusPacket
from lienthong.edxml.names import CONTENT_TAG, canonical, split
from lienthong.edxml.statuses import read_status
from lienthong.edxml.tree import Parts, locate, parse


@dataclass(frozen=True, slots=True)
class Reading:
    """A packet and everything that was noticed about it; a packet with errors must not be acted upon."""

    packet: DocumentPacket | StatusPacket
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity is Severity.WARNING)

    def require_valid(self) -> DocumentPacket | StatusPacket:
        """The packet, when it has no errors. Refuses: EDXML_INVALID, with all problems."""
        errors = self.errors
        if errors:
            first = errors[0]
            raise Refused(EDXML_INVALID, self.problems, count=len(errors), first_vi=first.vi, first_en=first.en)
        return self.packet


def read_header(data: bytes, limits: Limits = DEFAULT, today: date | None = None) -> Reading:
    """Read a packet whose attachments travel separately.

    ``today``: date in Vietnam, for the rule that an issue date may not be in the future; without it the rule
    is not checked. Content of attachments inside ``data`` is an error of the reading, because it would be
    lost.
    Refuses: EDXML_NOT_UTF8, EDXML_DOCTYPE, EDXML_TOO_LARGE, EDXML_TOO_DEEP, EDXML_NOT_XML, EDXML_NOT_EDXML.
    """
    reading, parts = read_parts(data, limits, today)
    if not any(split(element.tag)[1] == CONTENT_TAG for element in _inside(parts)):
        return reading
    findings = Findings()
    findings.add(
        ProblemKind.TYPE,
        "AttachmentEncoded",
        "Gói tin chứa sẵn nội dung tệp đính kèm, trong khi ở kênh này tệp đính kèm phải được gửi riêng.",
        "The packet holds the content of attachments, but here attachments are sent beside it.",
    )
    return Reading(reading.packet, reading.problems + tuple(findings.problems))


def _inside(parts: Parts) -> list[etree._Element]:
    """The children of every ``Attachment``."""
    return [
        element
        for attachments in parts.attachments
        for attachment in attachments
        if canonical(attachment.tag) == "Attachment"
        for element in attachment
    ]


def read_parts(data: bytes, limits: Limits, today: date | None) -> tuple[Reading, Parts]:
    """The reading together with the elements it came from."""
    findings = Findings(limits.problems)
    root = parse(data, limits, findings)
    parts = locate(root, findings)
    packet: DocumentPacket | StatusPacket
    status = canonical(parts.message.tag) == "Status" or any(
        canonical(child.tag) == "StatusCode" for child in parts.message
    )
    if status:
        packet = read_status(parts, findings)
        check.examine_status(packet, findings, today)
    else:
        packet = read_document(parts, findings, limits)
        check.examine_document(packet, findings, today, limits)
    return Reading(packet, tuple(findings.problems)), parts
