"""Read a document packet from its elements.

Source: exchange facts §1.2, tables ``MessageHeader``, ``TraceHeaderList``, "Header signature", "Body and
attachments".
"""

from __future__ import annotations

from lxml import etree

from lienthong.base.ids import AgencyCode, DocumentId
from lienthong.edxml.common import (
    counted,
    dated,
    flagged,
    note_missing_trace,
    read_organization,
    read_response,
    read_staff,
    timed,
)
from lienthong.edxml.fields import MANIFEST, REFERENCE
from lienthong.edxml.findings import WARNING, Findings
from lienthong.edxml.guard import too_large
from lienthong.edxml.limits import Limits
from lienthong.edxml.model import (
    Business,
    BusinessKind,
    DocumentCode,
    DocumentPacket,
    DocumentType,
    ManifestEntry,
    OtherInfo,
    ReceiverChange,
    Replacement,
    ResponseFor,
    SignatureForm,
    SignerInfo,
    TraceHop,
)
from lienthong.edxml.names import XLINK, XMLDSIG, canonical, split
from lienthong.edxml.tree import Group, Parts
from lienthong.edxml.values import bare_content_id


def read_document(parts: Parts, findings: Findings, limits: Limits) -> DocumentPacket:
    """The packet with every field in its type; what cannot be typed becomes a finding and ``None``."""
    message = Group(parts.message, "MessageHeader", findings)
    receivers = message.every("To")
    if len(receivers) > limits.receivers:
        raise too_large("số nơi nhận", "the number of receivers", str(limits.receivers))
    code, issued, signer = (
        message.group("Code"),
        message.group("PromulgationInfo"),
        message.group("SignerInfo"),
    )
    kind = message.group("DocumentType")
    trace = Group(parts.trace, "TraceHeaderList", findings)
    form, signature = read_signature(parts.signature)
    return DocumentPacket(
        sender=read_organization(message.group("From")),
        receivers=tuple(read_organization(Group(to, "MessageHeader.To", findings)) for to in receivers),
        document_id=DocumentId(message.text("DocumentId")),
        code=DocumentCode(code.text("CodeNumber"), code.text("CodeNotation")),
        promulgation_date=dated(issued, "PromulgationDate", findings),
        subject=message.text("Subject"),
        place=issued.text("Place"),
        document_type=DocumentType(
            counted(kind, "Type", findings), counted(kind, "TypeDetail", findings), kind.text("TypeName")
        ),
        content=message.text("Content"),
        signer=SignerInfo(signer.text("Competence"), signer.text("Position"), signer.text("FullName")),
        due_date=dated(message, "DueDate", findings),
        other=read_other(message.group("OtherInfo"), findings),
        responses_for=_responses(message, findings),
        steering_type=counted(message, "SteeringType", findings),
        tasks=message.group("ResponseForTask").texts("TaskCode"),
        application_type=message.text("ApplicationType"),
        to_places=message.group("ToPlaces").texts("Place"),
        trace=_hops(trace, findings),
        business=read_business(trace, findings),
        manifest=read_manifest(parts, findings, limits),
        signature_form=form,
        signature_xml=signature,
        repairs=tuple(findings.repairs),
    )


def read_other(group: Group, findings: Findings) -> OtherInfo:
    return OtherInfo(
        counted(group, "Priority", findings),
        group.text("SphereOfPromulgation"),
        group.text("TyperNotation"),
        counted(group, "PromulgationAmount", findings),
        counted(group, "PageAmount", findings),
        group.text("ReplyFors"),
        flagged(group, "Direction", findings),
        group.text("ReferenceCodes"),
        group.group("Appendixes").texts("Appendix"),
    )


def _responses(message: Group, findings: Findings) -> tuple[ResponseFor, ...]:
    found = (
        read_response(Group(child, f"{message.path}.ResponseFor", findings), findings)
        for child in message.every("ResponseFor")
    )
    return tuple(response for response in found if response is not None)


def _hops(trace: Group, findings: Findings) -> tuple[TraceHop, ...]:
    path = "TraceHeaderList.TraceHeader"
    groups = [Group(child, path, findings) for child in trace.every("TraceHeader")]
    hops = tuple(TraceHop(AgencyCode(group.text("OrganId")), timed(group, "Timestamp", findings)) for group in groups)
    if not hops:
        note_missing_trace(findings, path)
    return hops


def read_business(trace: Group, findings: Findings) -> Business:
    """The operation; a packet that names none is a new document, with a warning."""
    path = "TraceHeaderList.Bussiness"
    element = trace.one("Bussiness")
    if element is None:
        note_missing_trace(findings, path)
        return Business()
    group = Group(element, path, findings)
    number = counted(group, "BussinessDocType", findings)
    if number is None:
        findings.required(f"{path}.BussinessDocType")
    elif number not in range(4):
        findings.bad(f"{path}.BussinessDocType", str(number), "chỉ nhận từ 0 đến 3", "0 to 3 is expected")
        number = None
    info = group.group("BussinessDocumentInfo")
    staff = (read_staff(Group(child, f"{path}.StaffInfo", findings)) for child in group.every("StaffInfo"))
    return Business(
        BusinessKind(number or 0),
        group.text("BussinessDocReason"),
        flagged(group, "Paper", findings, lenient=True) or False,
        DocumentId(group.text("DocumentId")),
        flagged(info, "DocumentInfo", findings) or False,
        flagged(info, "DocumentReceiver", findings) or False,
        tuple(_receiver_changes(info.group("ReceiverList"), findings)),
        tuple(_replacements(group.group("ReplacementInfoList"), findings)),
        tuple(person for person in staff if person is not None),
    )


def _receiver_changes(group: Group, findings: Findings) -> list[ReceiverChange]:
    path = f"{group.path}.Receiver"
    changes = []
    for child in group.every("Receiver"):
        receiver = Group(child, path, findings)
        added = flagged(receiver, "ReceiverType", findings)
        code = AgencyCode(receiver.text("OrganId"))
        if not code:
            findings.required(f"{path}.OrganId")
        elif added is None:
            findings.required(f"{path}.ReceiverType")
        else:
            changes.append(ReceiverChange(code, added))
    return changes


def _replacements(group: Group, findings: Findings) -> list[Replacement]:
    path = f"{group.path}.ReplacementInfo"
    replacements = []
    for child in group.every("ReplacementInfo"):
        info = Group(child, path, findings)
        codes = tuple(AgencyCode(code) for code in info.group("OrganIdList").texts("OrganId"))
        document_id = DocumentId(info.text("DocumentId"))
        if document_id:
            replacements.append(Replacement(document_id, codes))
        elif codes:
            findings.required(f"{path}.DocumentId")
    return replacements


def read_manifest(parts: Parts, findings: Findings, limits: Limits) -> tuple[ManifestEntry, ...]:
    entries: list[ManifestEntry] = []
    for manifest in parts.manifests:
        version = (manifest.get("version") or "").strip()
        if version != "1.0":
            vi, en = "cần ghi 1.0", "1.0 is expected"
            findings.bad(f"{MANIFEST}.version", version, vi, en, severity=WARNING)
        for child in manifest:
            if canonical(child.tag) == "Reference":
                group = Group(child, REFERENCE, findings)
                href = child.get(f"{{{XLINK}}}href") or ""
                content_id = bare_content_id(group.text("ContentId")) or bare_content_id(href)
                name, kind = group.text("AttachmentName"), group.text("ContentType")
                entries.append(ManifestEntry(content_id, name, kind, group.text("Description"), href.strip()))
        if len(entries) > limits.attachments:
            raise too_large("số tệp đính kèm", "the number of attachments", str(limits.attachments))
    return tuple(entries)


def read_signature(element: etree._Element | None) -> tuple[SignatureForm, bytes | None]:
    """Which form the packet signature has, and its XML with the namespaces in scope; nothing is verified."""
    if element is None:
        return SignatureForm.NONE, None
    xml: bytes = etree.tostring(element, with_tail=False)
    if not len(element) and not (element.text or "").strip():
        return SignatureForm.EMPTY, xml
    genuine = split(element.tag) == (XMLDSIG, "Signature")
    return (SignatureForm.XMLDSIG if genuine else SignatureForm.PSEUDO), xml
