"""What an edXML packet says, as facts without bytes: document packet and status packet.

A decoded packet is a *view*; the raw bytes stay the record. Texts are in Unicode form NFC without surrounding
blanks, ``""`` when absent. Dates are calendar dates of Vietnam, instants are aware in +07:00.

Source: QCVN 102:2016/BTTTT and Amendment 1:2022, as rebuilt in exchange facts §1.2 and §1.3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, IntEnum

from lienthong.base.ids import AgencyCode, DocumentId

_NO_AGENCY = AgencyCode("")
_NO_DOCUMENT = DocumentId("")


class BusinessKind(IntEnum):
    """What the packet does to a document (``BussinessDocType``, exchange facts §1.8.4)."""

    NEW = 0
    RECALL = 1
    UPDATE = 2
    REPLACE = 3


class StatusVariant(Enum):
    """Name of the single header child of a status packet: ``MessageHeader`` (M) or ``Status`` (S)."""

    M = "MessageHeader"
    S = "Status"


class SignatureForm(Enum):
    """What stands in the place of the packet signature; only XMLDSIG can be verified at all.

    EMPTY: an element without content. PSEUDO: the shape of a signature outside the XML Signature namespace,
    which proves nothing. XMLDSIG: in the namespace of XML Signature; whether it is *valid* is not said here.
    """

    NONE = "none"
    EMPTY = "empty"
    PSEUDO = "pseudo"
    XMLDSIG = "xmldsig"


@dataclass(frozen=True, slots=True)
class Organization:
    """An agency as the packet names it (cơ quan, tổ chức): ``From`` or one ``To``.

    ``organization_in_charge``: *name* of the governing body (some writers put its code).
    """

    organ_id: AgencyCode
    name: str = ""
    organization_in_charge: str = ""
    address: str = ""
    email: str = ""
    telephone: str = ""
    fax: str = ""
    website: str = ""


@dataclass(frozen=True, slots=True)
class DocumentCode:
    """Number and symbol of a document (số, ký hiệu): ``1234`` and ``SM-VP``."""

    number: str = ""
    notation: str = ""

    @property
    def full(self) -> str:
        """The form people use: ``1234/SM-VP``."""
        return f"{self.number}/{self.notation}" if self.notation else self.number


@dataclass(frozen=True, slots=True)
class DocumentType:
    """Kind of document (loại văn bản): trust ``name`` before ``type``, which writers use differently."""

    type: int | None = None
    detail: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """Who signed (người ký): authority line such as "KT. GIÁM ĐỐC", position, name."""

    competence: str = ""
    position: str = ""
    full_name: str = ""


@dataclass(frozen=True, slots=True)
class OtherInfo:
    """Further particulars: urgency 0–4 (độ khẩn), circulation, typist's mark, copies, pages, appendices.

    ``reply_fors``, ``direction``, ``reference_codes``: legacy fields, carried and not interpreted.
    """

    priority: int | None = None
    sphere: str = ""
    typer_notation: str = ""
    promulgation_amount: int | None = None
    page_amount: int | None = None
    reply_fors: str = ""
    direction: bool | None = None
    reference_codes: str = ""
    appendixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResponseFor:
    """The document answered or reported on: its issuer, full number/symbol, identifier, issue date."""

    organ_id: AgencyCode = _NO_AGENCY
    code: str = ""
    document_id: DocumentId = _NO_DOCUMENT
    promulgation_date: date | None = None


@dataclass(frozen=True, slots=True)
class TraceHop:
    """One system that handled the packet, and when."""

    organ_id: AgencyCode
    timestamp: datetime | None


@dataclass(frozen=True, slots=True)
class StaffInfo:
    """The registrar responsible (văn thư)."""

    department: str = ""
    department_id: str = ""
    staff: str = ""
    staff_id: str = ""
    email: str = ""
    mobile: str = ""


@dataclass(frozen=True, slots=True)
class ReceiverChange:
    """A receiver that an update adds to the list or takes from it."""

    organ_id: AgencyCode
    added: bool


@dataclass(frozen=True, slots=True)
class Replacement:
    """A document that this one replaces, and the receivers that got it."""

    document_id: DocumentId
    organ_ids: tuple[AgencyCode, ...] = ()


@dataclass(frozen=True, slots=True)
class Business:
    """The operation of the packet (``Bussiness``, the regulation's spelling); a packet without one is NEW.

    ``paper``: a paper copy goes out as well. ``document_id``: the document recalled or updated.
    ``document_changes``/``receivers_change``: what an update changes; ``receivers``: which receivers.
    """

    kind: BusinessKind = BusinessKind.NEW
    reason: str = ""
    paper: bool = False
    document_id: DocumentId = _NO_DOCUMENT
    document_changes: bool = False
    receivers_change: bool = False
    receivers: tuple[ReceiverChange, ...] = ()
    replacements: tuple[Replacement, ...] = ()
    staff: tuple[StaffInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One attachment as announced; ``content_id`` without its ``cid:``. The content type is a hint, often
    wrong.
    """

    content_id: str
    name: str = ""
    content_type: str = ""
    description: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Repair:
    """A text that was odd but understood: where it stood, what was written, what it was read as."""

    path: str
    written: str
    read_as: str


@dataclass(frozen=True, slots=True)
class DocumentPacket:
    """An official document on its way (gói tin văn bản): new, recalled, updated or replacing.

    ``code``, ``document_id``, ``promulgation_date``: which document. ``receivers``: those reached by the
    axis;
    ``to_places``: the printed "Nơi nhận" lines. ``application_type``, ``tasks``: extensions of the vendor's
    library.
    ``trace``: hops so far. ``signature_xml``: the element in the signature's place, ancestors' namespaces
    included, unverified; never written back. ``repairs``: odd texts that were understood.
    """

    sender: Organization
    receivers: tuple[Organization, ...]
    document_id: DocumentId
    code: DocumentCode
    promulgation_date: date | None
    subject: str
    place: str = ""
    document_type: DocumentType = DocumentType()
    content: str = ""
    signer: SignerInfo = SignerInfo()
    due_date: date | None = None
    other: OtherInfo = OtherInfo()
    responses_for: tuple[ResponseFor, ...] = ()
    steering_type: int | None = None
    tasks: tuple[str, ...] = ()
    application_type: str = ""
    to_places: tuple[str, ...] = ()
    trace: tuple[TraceHop, ...] = ()
    business: Business = Business()
    manifest: tuple[ManifestEntry, ...] = ()
    signature_form: SignatureForm = SignatureForm.NONE
    signature_xml: bytes | None = field(default=None, repr=False)
    repairs: tuple[Repair, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusPacket:
    """A report on a document that travels back (gói tin trạng thái).

    ``sender``: who reports. ``response_for.organ_id``: to whom; for code 13 it is the receiver that must give
    the document back. ``status_code``: 1–16 by value, 0 when it could not be read. ``variant``: as it was
    written.
    """

    sender: Organization
    response_for: ResponseFor
    status_code: int
    timestamp: datetime | None
    staff: StaffInfo | None = None
    description: str = ""
    variant: StatusVariant = StatusVariant.M
    repairs: tuple[Repair, ...] = ()
