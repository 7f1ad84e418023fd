"""The rules of single fields: what must be there, how long, which values, and how fields agree.

Deliberately milder than the tables where real packets are: names of receivers and signers, and parts of an
answered document, give warnings when missing, because their absence stops nobody from delivering and
understanding the document (exchange facts §1.9 trap 3).

Source: exchange facts §1.2 (cardinality, lengths), §1.3, §1.5, §1.8 (code lists), §3.1 (status codes), §5
(codes).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Final

from lienthong.base.errors import Problem, ProblemKind, Refused, Severity
from lienthong.edxml.fields import FIELDS, REFERENCE
from lienthong.edxml.findings import ERROR, WARNING, Findings
from lienthong.edxml.limits import DEFAULT, Limits
from lienthong.edxml.model import (
    Business,
    BusinessKind,
    DocumentPacket,
    ManifestEntry,
    Organization,
    ResponseFor,
    StaffInfo,
    StatusPacket,
)
from lienthong.edxml.values import date_text
from lienthong.vocabulary import agency
from lienthong.vocabulary.status import StatusCode

_DATED_ID = re.compile(r"[^,]*,\s*([0-9]{4})[/-]([0-9]{1,2})[/-]([0-9]{1,2})\s*,.*", re.DOTALL)
_FIRST_YEAR, _LAST_YEAR = 1945, 2199
_STATUS_CODES = frozenset(int(code.value) for code in StatusCode)
_NEVER_LONG: Final = min(field.warn_above for field in FIELDS.values() if field.warn_above is not None)
"""Characters that are too many for no field."""
_CONTROL: Final = frozenset({"Cc"})
_INVISIBLE: Final = frozenset({"Cf", "Zl", "Zp"})
_RANGE, _FORMAT = ProblemKind.RANGE, ProblemKind.FORMAT


def check_document(packet: DocumentPacket, today: date | None = None) -> tuple[Problem, ...]:
    """All problems of a document packet that somebody is about to write or has read."""
    findings = Findings()
    examine_document(packet, findings, today, DEFAULT)
    return tuple(findings.problems)


def check_status(packet: StatusPacket, today: date | None = None) -> tuple[Problem, ...]:
    """All problems of a status packet."""
    findings = Findings()
    examine_status(packet, findings, today)
    return tuple(findings.problems)


def examine_document(packet: DocumentPacket, findings: Findings, today: date | None, limits: Limits) -> None:
    """Add the problems of a document packet to what reading it has found already."""
    root = "MessageHeader"
    _organization(packet.sender, f"{root}.From", findings, name_needed=ERROR)
    _receivers(packet.receivers, f"{root}.To", findings, limits)
    must = {
        "DocumentId": packet.document_id,
        "Code.CodeNumber": packet.code.number,
        "Code.CodeNotation": packet.code.notation,
        "DocumentType.TypeName": packet.document_type.name,
        "Subject": packet.subject,
    }
    for name, value in must.items():
        if not value:
            findings.required(f"{root}.{name}")
    may = {
        "PromulgationInfo.Place": packet.place,
        "Content": packet.content,
        "SignerInfo.Competence": packet.signer.competence,
        "SignerInfo.Position": packet.signer.position,
        "SignerInfo.FullName": packet.signer.full_name,
        "OtherInfo.SphereOfPromulgation": packet.other.sphere,
        "OtherInfo.TyperNotation": packet.other.typer_notation,
        "OtherInfo.ReplyFors": packet.other.reply_fors,
        "OtherInfo.ReferenceCodes": packet.other.reference_codes,
        "ApplicationType": packet.application_type,
    }
    _lengths(root, must | may, findings)
    for path, values in (
        (f"{root}.OtherInfo.Appendixes.Appendix", packet.other.appendixes),
        (f"{root}.ResponseForTask.TaskCode", packet.tasks),
        (f"{root}.ToPlaces.Place", packet.to_places),
    ):
        for nth, value in enumerate(values, 1):
            if len(value) > _NEVER_LONG:
                _length(path, value, findings, nth)
    for name in ("DocumentId", "Code.CodeNumber", "Code.CodeNotation"):
        _visible(f"{root}.{name}", must[name], findings)
    _document_id(packet.document_id, f"{root}.DocumentId", findings)
    if not packet.signer.full_name:
        findings.required(f"{root}.SignerInfo.FullName", WARNING)
    if packet.promulgation_date is None:
        findings.required(f"{root}.PromulgationInfo.PromulgationDate")
    _day(packet.promulgation_date, f"{root}.PromulgationInfo.PromulgationDate", findings, today)
    _day(packet.due_date, f"{root}.DueDate", findings)
    _numbers(packet, findings)
    for nth, response in enumerate(packet.responses_for, 1):
        _response(response, f"{root}.ResponseFor", findings, WARNING, nth)
    for hop in packet.trace:
        _code(hop.organ_id, "TraceHeaderList.TraceHeader.OrganId", findings, WARNING)
        if hop.timestamp is None:
            findings.required("TraceHeaderList.TraceHeader.Timestamp", WARNING)
    _business(packet.business, findings)
    _manifest(packet.manifest, findings)


def examine_status(packet: StatusPacket, findings: Findings, today: date | None) -> None:
    """Add the problems of a status packet; paths start with the element of its variant."""
    root = packet.variant.value
    _organization(packet.sender, f"{root}.From", findings, name_needed=ERROR)
    _response(packet.response_for, f"{root}.ResponseFor", findings, ERROR)
    path = f"{root}.StatusCode"
    if packet.status_code == 0:
        findings.required(path)
    elif not 1 <= packet.status_code <= 16:
        findings.bad(path, str(packet.status_code), "chỉ nhận từ 01 đến 16", "01 to 16 is expected", _RANGE)
    elif packet.status_code not in _STATUS_CODES:
        findings.bad(
            path,
            f"{packet.status_code:02d}",
            "mã này chưa được quy định ý nghĩa",
            "this code has no agreed meaning",
            severity=WARNING,
        )
    if packet.timestamp is None:
        findings.required(f"{root}.Timestamp")
    else:
        _day(packet.timestamp.date(), f"{root}.Timestamp", findings)
    if packet.status_code == 2 and not packet.description:
        findings.required(f"{root}.Description", WARNING)
    _lengths(root, {"Description": packet.description}, findings)
    if packet.staff is not None:
        _staff(packet.staff, f"{root}.StaffInfo", findings)


def _organization(
    organization: Organization, path: str, findings: Findings, name_needed: Severity, nth: int = 0
) -> None:
    _code(organization.organ_id, f"{path}.OrganId", findings, ERROR, nth)
    if not organization.name:
        findings.required(f"{path}.OrganName", name_needed, nth)
    for name, value in (
        ("OrganName", organization.name),
        ("OrganizationInCharge", organization.organization_in_charge),
        ("OrganAdd", organization.address),
        ("Email", organization.email),
        ("Telephone", organization.telephone),
        ("Fax", organization.fax),
        ("Website", organization.website),
    ):
        if len(value) > _NEVER_LONG:
            _length(f"{path}.{name}", value, findings, nth)


def _receivers(receivers: tuple[Organization, ...], path: str, findings: Findings, limits: Limits) -> None:
    if not receivers:
        findings.required(path)
    if len(receivers) > limits.receivers:
        findings.add(
            _RANGE,
            path,
            f"Văn bản có {len(receivers)} nơi nhận, vượt mức {limits.receivers}.",
            f"The document has {len(receivers)} receivers, more than {limits.receivers}.",
        )
    seen: set[str] = set()
    for nth, receiver in enumerate(receivers, 1):
        _organization(receiver, path, findings, WARNING, nth)
        if receiver.organ_id and receiver.organ_id in seen:
            findings.bad(
                f"{path}.OrganId",
                receiver.organ_id,
                "mã này đã có trong danh sách nơi nhận",
                "this code is in the list of receivers already",
                _RANGE,
            )
        seen.add(receiver.organ_id)


def _code(code: str, path: str, findings: Findings, severity: Severity, nth: int = 0) -> None:
    """An agency code: irregular legacy forms are tolerated with a warning, other characters are not."""
    if not code:
        findings.required(path, severity, nth)
    elif len(code) <= agency.MAX_LENGTH:
        try:
            found = WARNING if agency.parse(code).system is agency.CodeSystem.IRREGULAR else None
        except Refused:
            found = severity
        if found is not None:
            vi, en = "không theo mẫu mã định danh hiện hành", "it has none of the forms of agency codes in force"
            findings.bad(path, code, vi, en, severity=found)
    _length(path, code, findings, nth)


def _document_id(document_id: str, path: str, findings: Findings) -> None:
    """A date inside an identifier should exist (trap 2); the identifier stays what it is."""
    found = _DATED_ID.fullmatch(document_id)
    if found is None:
        return
    try:
        date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        vi, en = "ngày trong mã văn bản không có thật", "the date inside it does not exist"
        findings.bad(path, document_id, vi, en, severity=WARNING)


def _visible(path: str, value: str, findings: Findings, nth: int = 0) -> None:
    """What identifies must look like what it is: control characters fail, invisible ones are told."""
    if value.isascii() and value.isprintable():
        return
    for character in value:
        category = unicodedata.category(character)
        if category in _CONTROL or category in _INVISIBLE:
            severity = ERROR if category in _CONTROL else WARNING
            sign = f"U+{ord(character):04X}"
            vi, en = f"có ký tự không nhìn thấy {sign}", f"it has the invisible character {sign}"
            findings.bad(path, value, vi, en, severity=severity, nth=nth)
            return


def _day(day: date | None, path: str, findings: Findings, not_after: date | None = None) -> None:
    if day is None:
        return
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        findings.bad(path, date_text(day), "năm không hợp lý", "the year makes no sense", _RANGE)
    elif not_after is not None and day > not_after:
        findings.bad(path, date_text(day), "không được ở tương lai", "it may not be in the future", _RANGE)


def _numbers(packet: DocumentPacket, findings: Findings) -> None:
    """Values from code lists; the group of a document kind only warns, because its name decides."""
    other, kind = packet.other, packet.document_type
    _within(other.priority, 0, 4, "MessageHeader.OtherInfo.Priority", findings, _FORMAT)
    _within(other.promulgation_amount, 0, 999, "MessageHeader.OtherInfo.PromulgationAmount", findings, _RANGE)
    _within(other.page_amount, 0, 999, "MessageHeader.OtherInfo.PageAmount", findings, _RANGE)
    _within(packet.steering_type, 0, 3, "MessageHeader.SteeringType", findings, _FORMAT)
    _within(kind.type, 1, 2, "MessageHeader.DocumentType.Type", findings, _FORMAT, WARNING)
    if kind.type is None:
        findings.required("MessageHeader.DocumentType.Type", WARNING)


def _within(
    value: int | None,
    low: int,
    high: int,
    path: str,
    findings: Findings,
    kind: ProblemKind,
    severity: Severity = ERROR,
) -> None:
    if value is not None and not low <= value <= high:
        vi, en = f"chỉ nhận từ {low} đến {high}", f"{low} to {high} is expected"
        findings.bad(path, str(value), vi, en, kind, severity)


def _response(response: ResponseFor, path: str, findings: Findings, severity: Severity, nth: int = 0) -> None:
    """A related document must be findable: issuer, and number/symbol or identifier."""
    _code(response.organ_id, f"{path}.OrganId", findings, severity, nth)
    for name, value, other in (
        ("Code", response.code, response.document_id),
        ("DocumentId", response.document_id, response.code),
    ):
        if not value:
            findings.required(f"{path}.{name}", WARNING if other else severity, nth)
        _length(f"{path}.{name}", value, findings, nth)
        _visible(f"{path}.{name}", value, findings, nth)
    _day(response.promulgation_date, f"{path}.PromulgationDate", findings)


def _business(business: Business, findings: Findings) -> None:
    path = "TraceHeaderList.Bussiness"
    if business.kind in (BusinessKind.RECALL, BusinessKind.UPDATE) and not business.document_id:
        findings.required(f"{path}.DocumentId")
    if business.kind is BusinessKind.UPDATE and not (business.document_changes or business.receivers_change):
        findings.required(f"{path}.BussinessDocumentInfo", WARNING)
    if business.kind is BusinessKind.REPLACE and not business.replacements:
        findings.required(f"{path}.ReplacementInfoList", WARNING)
    if business.kind is not BusinessKind.NEW and not business.reason:
        findings.required(f"{path}.BussinessDocReason", WARNING)
    _lengths(path, {"BussinessDocReason": business.reason, "DocumentId": business.document_id}, findings)
    _visible(f"{path}.DocumentId", business.document_id, findings)
    info = f"{path}.BussinessDocumentInfo.ReceiverList.Receiver.OrganId"
    for nth, change in enumerate(business.receivers, 1):
        _code(change.organ_id, info, findings, ERROR, nth)
    replaced = f"{path}.ReplacementInfoList.ReplacementInfo"
    for nth, replacement in enumerate(business.replacements, 1):
        _length(f"{replaced}.DocumentId", replacement.document_id, findings, nth)
        _visible(f"{replaced}.DocumentId", replacement.document_id, findings, nth)
        for code in replacement.organ_ids:
            _code(code, f"{replaced}.OrganIdList.OrganId", findings, WARNING)
    for person in business.staff:
        _staff(person, f"{path}.StaffInfo", findings)


def _staff(staff: StaffInfo, path: str, findings: Findings) -> None:
    values = {
        "Department": staff.department,
        "DepartmentId": staff.department_id,
        "Staff": staff.staff,
        "StaffId": staff.staff_id,
        "Email": staff.email,
        "Mobile": staff.mobile,
    }
    _lengths(path, values, findings)


def _manifest(manifest: Iterable[ManifestEntry], findings: Findings) -> None:
    seen: set[str] = set()
    for nth, entry in enumerate(manifest, 1):
        if not entry.content_id:
            findings.required(f"{REFERENCE}.ContentId", ERROR, nth)
        elif entry.content_id in seen:
            vi, en = "mã này đã dùng cho tệp khác", "it is used for another attachment already"
            findings.bad(f"{REFERENCE}.ContentId", entry.content_id, vi, en, _RANGE)
        seen.add(entry.content_id)
        if not entry.name:
            findings.required(f"{REFERENCE}.AttachmentName", ERROR, nth)
        for name, value in (("ContentId", entry.content_id), ("AttachmentName", entry.name)):
            _visible(f"{REFERENCE}.{name}", value, findings, nth)
        for name, value in (
            ("ContentId", entry.content_id),
            ("AttachmentName", entry.name),
            ("ContentType", entry.content_type),
            ("Description", entry.description),
        ):
            if len(value) > _NEVER_LONG:
                _length(f"{REFERENCE}.{name}", value, findings, nth)


def _lengths(root: str, values: dict[str, str], findings: Findings) -> None:
    for name, value in values.items():
        if len(value) > _NEVER_LONG:
            _length(f"{root}.{name}", value, findings)


def _length(path: str, value: str, findings: Findings, nth: int = 0) -> None:
    """Too long above the larger figure, worth a warning above the smaller."""
    field = FIELDS[path]
    if field.warn_above is None or field.longest is None or len(value) <= field.warn_above:
        return
    if len(value) > field.longest:
        findings.too_long(path, len(value), field.longest, ERROR, nth)
    else:
        findings.too_long(path, len(value), field.warn_above, WARNING, nth)
