"""The connector's courier as the office sees a carrier: words of the office on one side, packets on the other."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode, DocumentId
from lienthong.connector.compose import Attachment, OutgoingDocument
from lienthong.connector.courier.engine import Courier
from lienthong.connector.courier.errors import RECEIVED_UNKNOWN
from lienthong.connector.courier.model import (
    ChangeAnswer,
    Content,
    Job,
    JobId,
    JobView,
    Recall,
    ReceivedId,
    ReceivedView,
    ReplacingDocument,
)
from lienthong.connector.receiving import PLAIN
from lienthong.edxml.model import BusinessKind, DocumentPacket, ResponseFor, StatusPacket
from lienthong.office.ports import (
    Event,
    IncomingFile,
    Item,
    JobFacts,
    Letter,
    RecipientFacts,
    Request,
    SendLetter,
    SendRecall,
    SendStatus,
)
from lienthong.vocabulary import kinds

_BUSINESS = {
    BusinessKind.NEW: "document", BusinessKind.RECALL: "recall", BusinessKind.UPDATE: "update",
    BusinessKind.REPLACE: "replacement",
}  # fmt: skip
_CHANGES = {BusinessKind.RECALL, BusinessKind.UPDATE}


class CourierCarrier:
    """One courier for all agencies of an installation. Safe for several threads, as the courier is."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier

    @property
    def agencies(self) -> Sequence[str]:
        """Codes of the agencies for which the courier acts."""
        return self._courier.agencies

    def submit(self, agency: str, request: Request, key: str) -> JobFacts:
        """Take a request over, durably. Refuses what :meth:`Courier.submit` refuses."""
        if isinstance(request, SendStatus):
            job = self._report(agency, request, key)
        else:
            job = self._courier.submit(Job(agency, content_of(request), attachments_of(request), key))
        view = self._courier.job(job)
        if view is None:
            raise RuntimeError("a job that was submitted a moment ago is not there")
        return facts_of(view)

    def find(self, agency: str, key: str) -> JobFacts | None:
        """The job of a key."""
        found = self._courier.by_key(agency, key)
        return self.job(found) if found is not None else None

    def job(self, job: str) -> JobFacts | None:
        """One job as it stands."""
        view = self._courier.job(job)
        return facts_of(view) if view is not None else None

    def item(self, received: str) -> Item:
        """Something received. Refuses RECEIVED_UNKNOWN."""
        return item_of(self._courier.receive_one(ReceivedId(received)))

    def events(self, after: int, limit: int) -> Sequence[Event]:
        """What happened since."""
        return [
            Event(each.number, each.type, each.agency, each.job or "", each.received or "")
            for each in self._courier.events(after, limit)
        ]

    def last_event(self) -> int:
        """Number of the newest event."""
        return self._courier.health().events

    def directory(self) -> Sequence[tuple[str, str]]:
        """Agencies of the signed directories that are here, the first axis's names first."""
        found: dict[str, str] = {}
        for state in self._courier.directories():
            for agency in state.agencies():
                found.setdefault(str(agency.code), agency.name)
        return list(found.items())

    def _report(self, agency: str, request: SendStatus, key: str) -> JobId:
        """A status of something that this agency received; 15 and 16 on a recall or an update answer it."""
        received = ReceivedId(request.received)
        view = self._courier.receive_one(received)
        if view.agency != agency:
            raise Refused(RECEIVED_UNKNOWN, received=request.received[:60])
        packet = view.packet
        asked = isinstance(packet, DocumentPacket) and packet.business.kind in _CHANGES
        if request.code in {15, 16} and asked:
            answer = ChangeAnswer(received, request.code == 15, request.text)
            return self._courier.submit(Job(agency, answer, key=key))
        return self._courier.report(received, request.code, request.text, key)


def content_of(request: SendLetter | SendRecall) -> Content:
    """The courier's content of a request."""
    if isinstance(request, SendRecall):
        return Recall(request.identifier, request.reason, tuple(request.to))
    return letter_content(request)


def letter_content(request: SendLetter) -> Content:
    """The courier's content of a letter: new or replacing."""
    document = document_of(request.letter)
    if request.replaces:
        return ReplacingDocument(document, request.replaces, request.reason)
    return document


def document_of(letter: Letter) -> OutgoingDocument:
    """The document as the courier composes it."""
    return OutgoingDocument(
        number=letter.number, subject=letter.subject, to=tuple(letter.to), issued_on=letter.issued_on,
        kind=kind_name(letter.kind), place=letter.place, signer_name=letter.signer_name,
        signer_position=letter.signer_position, signer_competence=letter.signer_competence, urgency=letter.urgency,
        due=letter.due, to_places=tuple(letter.to_places), pages=letter.pages, document_id=letter.identifier,
        responses_for=tuple(
            ResponseFor(AgencyCode(each.agency), each.number, DocumentId(each.identifier), each.issued_on)
            for each in letter.answers
        ),
    )  # fmt: skip


def attachments_of(request: SendLetter | SendRecall) -> list[Attachment]:
    """The files that go with a request; their bytes are read where they lie."""
    files = request.letter.files if isinstance(request, SendLetter) else ()
    return [Attachment(each.name, each.path, media_type=each.media_type) for each in files]


def facts_of(view: JobView) -> JobFacts:
    """A job as the office wants to know it."""
    return JobFacts(
        id=view.id, agency=view.agency, key=view.key or "", kind=view.kind, state=view.state.value,
        identifier=view.document_id, reason_vi=view.reason.vi if view.reason else "",
        reason_en=view.reason.en if view.reason else "", finished_at=view.finished_at,
        recipients=tuple(RecipientFacts(each.agency, each.delivery, each.delivery_at) for each in view.recipients),
    )  # fmt: skip


def item_of(view: ReceivedView) -> Item:
    """Something received in the words of the office."""
    packet = view.packet
    return _status(view, packet) if isinstance(packet, StatusPacket) else _document(view, packet)


def _status(view: ReceivedView, packet: StatusPacket) -> Item:
    about = packet.response_for
    return Item(
        id=view.id, agency=view.agency, sender=view.sender, sender_name=packet.sender.name, kind="status",
        identifier=about.document_id, title=about.code, urgency=view.urgency, received_at=view.received_at,
        packet=_packet(view), reason=packet.description, code=packet.status_code, at=packet.timestamp,
    )  # fmt: skip


def _document(view: ReceivedView, packet: DocumentPacket) -> Item:
    business = packet.business
    kind = _BUSINESS[business.kind]
    own = business.document_id if kind in {"recall", "update"} else packet.document_id
    return Item(
        id=view.id, agency=view.agency, sender=view.sender, sender_name=packet.sender.name, kind=kind,
        identifier=own or packet.document_id, title=packet.subject or packet.code.full, urgency=view.urgency,
        received_at=view.received_at, fields=fields_of(packet), packet=_packet(view),
        files=tuple(files_of(view)), reason=business.reason,
        replaces=tuple(each.document_id for each in business.replacements),
        removed=tuple(each.organ_id for each in business.receivers if not each.added),
        has_content=business.document_changes,
    )  # fmt: skip


def files_of(view: ReceivedView) -> list[IncomingFile]:
    """The files of a document; one that came encrypted is the opened one, under the name that its header gives."""
    found = [IncomingFile(each.name, each.path) for each in view.files]
    index = view.folder / PLAIN / "index.json"
    if index.exists():
        for row in json.loads(index.read_bytes())["files"]:
            # The first part of an envelope is its header.
            found[row["part"] - 1] = IncomingFile(row["name"], index.parent / row["file"])
    return found


def _packet(view: ReceivedView) -> Mapping[str, Any]:
    return {
        "envelope": view.envelope_id, "header_signature": view.header_signature, "intact": True,
        "axes": list(view.axes),
    }  # fmt: skip


def fields_of(packet: DocumentPacket) -> dict[str, Any]:
    """What a packet says of its document, by the names of the registration form; what it does not say is left out."""
    issued, due = packet.promulgation_date, packet.due_date
    answered = [
        {"issuer_code": each.organ_id, "number": each.code, "identifier": each.document_id}
        for each in packet.responses_for
        if each.document_id or each.code
    ]
    found: dict[str, Any] = {
        "number": packet.code.number, "symbol": packet.code.notation, "kind": kind_name(packet.document_type.name),
        "issued_date": issued.isoformat() if issued else "", "issuer_name": packet.sender.name,
        "issuer_code": packet.sender.organ_id, "abstract": packet.subject,
        "signer_name": packet.signer.full_name if packet.signer.full_name != "-" else "",
        "signer_position": packet.signer.position, "signer_capacity": packet.signer.competence,
        "urgency": packet.other.priority, "pages": packet.other.page_amount,
        "due_date": due.isoformat() if due else "", "to_places": "; ".join(packet.to_places),
        "identifier": packet.document_id, "place": packet.place, "answers": answered,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value not in ("", None, [])}


def kind_name(name: str) -> str:
    """The name of a kind as the vocabulary has it; the written one when it is none."""
    found = kinds.look_up(name) if name else None
    return found.kind.name if found is not None and found.kind is not None else name
