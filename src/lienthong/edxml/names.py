"""Namespaces and element names, and which other spellings are understood.

Source: exchange facts §1.1 (namespace), §1.2 ("Famous spellings", aliases), §1.9 trap 13 (older namespaces).
"""

from __future__ import annotations

from typing import Final

NAMESPACE: Final = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
OLD_NAMESPACES: Final = frozenset({"", "http://www.go.vn/eDoc", "http://www.e-doc.vn/Schema/"})
XMLDSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
XLINK: Final = "http://www.w3.org/1999/xlink"

CONTENT_TAG: Final = "ContentTransferEncoded"

CONTAINERS: Final = {
    name.lower(): name for name in ("edXML", "edXMLEnvelope", "edXMLHeader", "edXMLBody", "edXMLManifest")
}
"""Containers are recognised in any case: ``EdXMLEnvelope`` occurs."""

ALIASES: Final = {
    "Business": "Bussiness",
    "BusinessDocType": "BussinessDocType",
    "BusinessDocReason": "BussinessDocReason",
    "BusinessDocumentInfo": "BussinessDocumentInfo",
}
"""Corrected spellings of newer systems: understood, never written."""

_KNOWN: Final = [
    "From",
    "To",
    "OrganId",
    "OrganizationInCharge",
    "OrganName",
    "OrganAdd",
    "Email",
    "Telephone",
    "Fax",
    "Website",
    "DocumentId",
    "Code",
    "CodeNumber",
    "CodeNotation",
    "PromulgationInfo",
    "Place",
    "PromulgationDate",
    "DocumentType",
    "Type",
    "TypeDetail",
    "TypeName",
    "Subject",
    "Content",
    "SignerInfo",
    "Competence",
    "Position",
    "FullName",
    "DueDate",
    "OtherInfo",
    "Priority",
    "SphereOfPromulgation",
    "TyperNotation",
    "PromulgationAmount",
    "PageAmount",
    "ReplyFors",
    "Direction",
    "ReferenceCodes",
    "Appendixes",
    "Appendix",
    "ResponseFor",
    "SteeringType",
    "ResponseForTask",
    "TaskCode",
    "ApplicationType",
    "ToPlaces",
    "MessageHeader",
    "Status",
    "StatusCode",
    "Description",
    "Timestamp",
    "StaffInfo",
    "Department",
    "DepartmentId",
    "Staff",
    "StaffId",
    "Mobile",
    "TraceHeaderList",
    "TraceHeader",
    "Bussiness",
    "BussinessDocType",
    "BussinessDocReason",
    "Paper",
    "BussinessDocumentInfo",
    "DocumentInfo",
    "DocumentReceiver",
    "ReceiverList",
    "Receiver",
    "ReceiverType",
    "ReplacementInfoList",
    "ReplacementInfo",
    "OrganIdList",
    "edXML",
    "edXMLEnvelope",
    "edXMLHeader",
    "edXMLBody",
    "edXMLManifest",
    "Reference",
    "ContentId",
    "ContentType",
    "AttachmentName",
    "AttachmentEncoded",
    "Attachment",
    "FieldName",
    "MimeType",
    "Format",
    "ContentTransferEncoded",
    "Signature",
    "DigitalSignature",
]

_BY_TAG: Final = {f"{{{NAMESPACE}}}{name}": name for name in _KNOWN} | {
    f"{{{NAMESPACE}}}{alias}": name for alias, name in ALIASES.items()
}


usual_name: Final = _BY_TAG.get
"""The regulation's name of an element that is spelled as usual; None for any other, which :func:`canonical` judges."""


def split(tag: str) -> tuple[str, str]:
    """Namespace and local name of a tag in the notation ``{namespace}local``."""
    if tag[:1] == "{":
        namespace, _, local = tag[1:].partition("}")
        return namespace, local
    return "", tag


def canonical(tag: str) -> str:
    """The regulation's name of an element of the packet, or ``""`` for an element of a foreign namespace."""
    known = usual_name(tag)
    if known is not None:
        return known
    namespace, local = split(tag)
    if namespace != NAMESPACE and namespace not in OLD_NAMESPACES:
        return ""
    return ALIASES.get(local) or CONTAINERS.get(local.lower()) or local
