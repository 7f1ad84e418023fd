"""The library for an agency's software: send, receive, report, recall, trace, prove.

    with Client.open("connector.toml") as client:
        sent = client.send(OutgoingDocument(number="1234/SM-VP", subject="…", to=["000.00.00.H29"], issued_on=today),
                           [Attachment.of("1234.pdf")])
        for received in client.receive(wait=25):
            store(received.folder)          # your part: durable before take()
            client.take(received)
            client.report_status(received, 3, "đã vào sổ đến số 56")

Synchronous and safe to repeat: what is sent is on disk before its first byte leaves, and what is received is on disk
before it is acknowledged. Receipts, senders and every byte are verified against pinned and signed keys; the axis's word
is not taken for them.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from lienthong.base.clock import Clock, SystemClock
from lienthong.base.errors import Refused, Retry
from lienthong.base.ids import AgencyCode, DeliveryId, DocumentId, Sha256
from lienthong.base.text import one_line
from lienthong.connector import compose
from lienthong.connector.bodies import bytes_body, packet_body
from lienthong.connector.book import AddressBook
from lienthong.connector.compose import Attachment, OutgoingDocument
from lienthong.connector.errors import (
    AXIS_ANSWER_NOT_VALID,
    AXIS_UNREACHABLE,
    DELIVERY_NOT_VALID,
    DOWNLOAD_DAMAGED,
    INPUT_NOT_USABLE,
    AxisRefused,
)
from lienthong.connector.guarding import Guard, Notes, refuse_added_receivers
from lienthong.connector.http import AxisConnection
from lienthong.connector.malware_errors import MALWARE_FOUND, SCAN_TOO_LARGE, SCANNER_AWAY
from lienthong.connector.profile import connection_of, guard_of
from lienthong.connector.receiving import Inbox, Lease, Received, read_offer
from lienthong.connector.sealing import Encrypt
from lienthong.connector.spool import Spool, Spooled
from lienthong.connector.uploads import PIECE, Progress, upload
from lienthong.edxml.model import (
    Business,
    BusinessKind,
    DocumentPacket,
    ReceiverChange,
    Replacement,
    ResponseFor,
    StatusPacket,
)
from lienthong.edxml.writer import write_document, write_status
from lienthong.infra.config import load
from lienthong.infra.connector_config import ConnectorConfig
from lienthong.trust import jws, xml_signature
from lienthong.trust.encryption_errors import (
    ENCRYPTED_DAMAGED,
    ENCRYPTED_FOR_OTHERS,
    ENCRYPTED_MALFORMED,
    ENCRYPTION_NOT_ALLOWED,
)
from lienthong.trust.keys import DEFAULT_POLICY, PublicKey, key_id, load_public_key
from lienthong.vocabulary.status import StatusCode
from lienthong.wire.acknowledgement import TYP as ACK_TYP
from lienthong.wire.acknowledgement import Acknowledgement, Outcome, Reason, encode_acknowledgement
from lienthong.wire.envelope import TYP as ENVELOPE_TYP
from lienthong.wire.envelope import Envelope, Kind, digest
from lienthong.wire.event import TYP as EVENT_TYP
from lienthong.wire.event import Event, EventName, decode_event

_REFUSED = {DELIVERY_NOT_VALID, ENCRYPTED_DAMAGED, ENCRYPTED_MALFORMED, ENCRYPTION_NOT_ALLOWED, MALWARE_FOUND}
_FAILED = {DOWNLOAD_DAMAGED, ENCRYPTED_FOR_OTHERS, SCAN_TOO_LARGE, SCANNER_AWAY}

INLINE_LIMIT = 8 * 1024 * 1024
"""A larger part is uploaded by itself first, so that it can continue after a break."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An envelope that the axis holds durably, with the receipt that proves it."""

    envelope: Envelope
    receipt: bytes
    event: Event
    folder: Path

    @property
    def warnings(self) -> tuple[str, ...]:
        found = self.event.details.get("warnings")
        return tuple(str(code) for code in found) if isinstance(found, list) else ()


@dataclass(frozen=True, slots=True)
class Original:
    """Names an earlier document for a status, recall, update or replacement."""

    issuer: AgencyCode
    document_id: DocumentId
    code: str
    issued_on: date | None = None

    def response_for(self, organ_id: AgencyCode | None = None) -> ResponseFor:
        return ResponseFor(organ_id or self.issuer, self.code, self.document_id, self.issued_on)


class Client:
    """One agency at one axis.

    ``send`` and its like may be called from several threads; leases and acknowledgements belong to one at a time.
    ``book``, ``spool``, ``inbox``: shared with other clients when given, else kept below ``store``.
    """

    def __init__(
        self,
        connection: AxisConnection,
        agency: str,
        axis_key: PublicKey,
        store: Path,
        *,
        clock: Clock | None = None,
        keep_content: bool = True,
        guard: Guard | None = None,
        book: AddressBook | None = None,
        spool: Spool | None = None,
        inbox: Inbox | None = None,
        piece: int = PIECE,
    ) -> None:
        self.connection = connection
        self.agency = AgencyCode(agency)
        self.book = book or AddressBook(connection, axis_key, store / "directory")
        self.spool = spool or Spool(store)
        self.inbox = inbox or Inbox(store)
        self._axis_key = axis_key
        self._axis_key_id = key_id(axis_key)
        self._clock = clock or SystemClock()
        self._keep_content = keep_content
        self.guard = guard or Guard.of(store)
        self._piece = piece

    @classmethod
    def open(cls, profile: Path | str, agency: str | None = None) -> Client:
        """The client of a connector's configuration file; ``agency``: which one, when it names several.

        Refuses CONFIG_MISSING, CONFIG_INVALID, INPUT_NOT_USABLE for an agency that is not in it, KEY_… for its key.
        """
        config = load(Path(profile), ConnectorConfig)
        chosen = agency or config.agencies[0]
        if chosen not in config.agencies:
            why = f"cấu hình chỉ có {', '.join(config.agencies)} (not in the profile)"
            raise Refused(INPUT_NOT_USABLE, field="agency", why=why)
        key = load_public_key(config.axis_key_file.read_bytes())
        return cls(connection_of(config), chosen, key, config.spool_dir, guard=guard_of(config), piece=config.part_size)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    # --- sending -------------------------------------------------------------------------------------------------

    def send(
        self,
        document: OutgoingDocument,
        attachments: Sequence[Attachment] = (),
        progress: Progress | None = None,
        encrypt: Encrypt | None = None,
    ) -> Sent:
        """Send a document. Returns when the axis holds it durably; raises AxisRefused or Refused, and keeps it spooled
        when the axis could not be reached (then :meth:`resume` sends it on)."""
        return self.transmit(self.prepare(document, attachments, encrypt), progress)

    def prepare(
        self, document: OutgoingDocument, attachments: Sequence[Attachment] = (), encrypt: Encrypt | None = None
    ) -> Spooled:
        """Make and sign the envelope and put it into the spool, without sending it.

        ``encrypt``: whether attachments are encrypted for the recipients, by default as the guard says; what was
        decided lies in the spool as ``sealing.json``. Refuses as :meth:`Guard.outgoing`.
        """
        now = self._clock.now()
        with self.guard.outgoing(document.number, document.to, attachments, lambda: self.book.state, now, encrypt) as (
            guarded,
            notes,
        ):
            return self._prepare(document, guarded, now, notes)

    def _prepare(
        self, document: OutgoingDocument, attachments: Sequence[Attachment], now: datetime, notes: Notes
    ) -> Spooled:
        entries = compose.manifest(attachments)
        packet = compose.document_header(document, self.agency, self.book.name_of, now, entries)
        header = xml_signature.sign(write_document(packet), self.connection.signer, None)
        envelope = compose.make_envelope(
            kind=Kind.DOCUMENT,
            sender=self.agency,
            recipients=document.to,
            about=packet.document_id,
            header=header,
            entries=entries,
            attachments=attachments,
            urgency=document.urgency,
            now=now,
        )
        return self._spool(envelope, header, attachments, notes)

    def transmit(self, spooled: Spooled, progress: Progress | None = None) -> Sent:
        """Send one spooled envelope, large parts first; the receipt is verified and kept."""
        if spooled.receipt is not None:
            return self._sent(spooled, spooled.receipt)
        parts = list(enumerate(spooled.envelope.parts))
        for index, part in parts:
            if part.size > INLINE_LIMIT:
                upload(self.connection, part, spooled.part(index), progress, self._piece)
        inline = [(index, part) for index, part in parts if part.size <= INLINE_LIMIT]
        body = packet_body(spooled.token, inline, spooled.part)
        try:
            response = self.connection.request("POST", "/v1/envelopes", body=body)
        except AxisRefused as refused:
            if refused.retry is Retry.PERMANENT and self._is_rejection(refused.evidence, spooled):
                self.spool.keep_refusal(spooled, dict(refused.members))
            raise
        sent = self._sent(spooled, response.content)
        self.spool.keep_receipt(spooled, response.content)
        if not self._keep_content:
            self.spool.forget_content(spooled)
        return sent

    def resume(self) -> Iterator[Sent]:
        """Send on whatever a crash or a broken line left in the spool, oldest first.

        One that the axis refuses does not hold up the others: its refusal is raised after them.
        """
        first: AxisRefused | None = None
        for spooled in self.spool.unsent():
            try:
                yield self.transmit(spooled)
            except AxisRefused as refused:
                first = first or refused
        if first is not None:
            raise first

    # --- documents about documents -------------------------------------------------------------------------------

    def report_status(self, original: Received | Original, code: int, description: str = "") -> Sent:
        """Report a business status 01–06, 15 or 16 to the issuer of a document that this agency received.

        Refuses INPUT_NOT_USABLE for 02 without its reason (exchange facts §3.1).
        """
        if code == int(StatusCode.REFUSED.value):
            compose.require_reason(description)
        about = self.original_of(original) if isinstance(original, Received) else original
        return self._send_status(about.response_for(), about, [about.issuer], code, description)

    def recall(self, original: Original, to: Sequence[str], reason: str) -> Sent:
        """Recall a document from recipients by a document packet of type 1 (channel b, exchange facts §3.4).

        Refuses INPUT_NOT_USABLE without a reason.
        """
        compose.require_reason(reason)
        return self._send_about(original, to, reason, BusinessKind.RECALL)

    def recall_by_status(self, original: Original, recipient: str, reason: str) -> Sent:
        """Recall a document from one recipient by status 13 (channel a): the pair of agencies is reversed (§3.3).

        Refuses INPUT_NOT_USABLE without a reason.
        """
        compose.require_reason(reason)
        return self._send_status(original.response_for(AgencyCode(recipient)), original, [recipient], 13, reason)

    def answer_recall(self, received: Received, agree: bool, description: str = "") -> Sent:
        """Answer a recall or update with 15 (agreed) or 16 (refused)."""
        packet = received.packet
        if isinstance(packet, StatusPacket):
            about = packet.response_for
            original = Original(packet.sender.organ_id, about.document_id, about.code, about.promulgation_date)
        else:
            original = self.original_of(received)
            if packet.business.document_id:
                original = replace(original, document_id=packet.business.document_id)
        return self.report_status(original, 15 if agree else 16, description)

    def update_receivers(
        self, original: Original, to: Sequence[str], added: Sequence[str], removed: Sequence[str], reason: str
    ) -> Sent:
        """Change the receivers of a document: added ones get the original, removed ones have it recalled."""
        sent = self.find_sent(original.document_id)
        refuse_added_receivers(sent and sent[0], added)
        changes = [*(ReceiverChange(AgencyCode(c), True) for c in added)]
        changes += [ReceiverChange(AgencyCode(c), False) for c in removed]
        business = Business(
            BusinessKind.UPDATE,
            reason,
            document_id=original.document_id,
            receivers_change=True,
            receivers=tuple(changes),
        )
        return self._send_business(original, to, business)

    def update(
        self, document: OutgoingDocument, attachments: Sequence[Attachment], original: Original, reason: str
    ) -> Sent:
        """Send the corrected content of a document under its own identifier; receivers answer with 15 or 16."""
        business = Business(BusinessKind.UPDATE, reason, document_id=original.document_id, document_changes=True)
        return self.send(replace(document, business=business, document_id=original.document_id), attachments)

    def replace(
        self,
        document: OutgoingDocument,
        attachments: Sequence[Attachment],
        replaced: DocumentId,
        reason: str,
    ) -> Sent:
        """Send a document that takes the place of an earlier one."""
        organs = tuple(AgencyCode(code) for code in document.to)
        business = Business(BusinessKind.REPLACE, reason, replacements=(Replacement(replaced, organs),))
        return self.send(replace(document, business=business), attachments)

    def original_of(self, received: Received) -> Original:
        """The document that a received packet is."""
        packet = received.packet
        if isinstance(packet, StatusPacket):
            raise Refused(DELIVERY_NOT_VALID, why="đây là trạng thái, không phải văn bản (a status, not a document)")
        return Original(packet.sender.organ_id, packet.document_id, packet.code.full, packet.promulgation_date)

    def original_in(self, folder: Path) -> Original:
        """The document that lies in a folder of the inbox."""
        packet = compose.read_own_header((folder / "header.edxml").read_bytes())
        return Original(packet.sender.organ_id, packet.document_id, packet.code.full, packet.promulgation_date)

    # --- receiving -----------------------------------------------------------------------------------------------

    def lease(self, maximum: int = 20, wait: int = 0, seconds: int | None = None) -> list[Lease]:
        """Ask for deliveries; waits up to ``wait`` seconds for the first. Senders' signatures are verified here; an
        envelope whose signature does not hold is refused to the axis and left out. ``seconds``: how long the leases
        hold, by default as long as the axis gives."""
        question: dict[str, Any] = {"agencies": [self.agency], "max": maximum, "wait": wait}
        if seconds is not None:
            question["lease_seconds"] = seconds
        answer = self.connection.members("POST", "/v1/inbox/leases", body=bytes_body(json.dumps(question).encode()))
        rows = answer.get("leases")
        if not isinstance(rows, list):
            raise Refused(AXIS_ANSWER_NOT_VALID, why="thiếu danh sách văn bản (no leases)")
        return [lease for lease in map(self.read_lease, rows) if lease is not None]

    def receive(self, maximum: int = 20, wait: int = 0, seconds: int | None = None) -> Iterator[Received]:
        """Deliveries, each whole, verified and stored before it is yielded; the caller takes, refuses or fails it.

        What does not stand the check is refused, what arrives damaged is reported as failed, and what the axis
        withdrew meanwhile is left; none of these holds up the next.
        """
        self.guard.require_ready()
        for lease in self.lease(maximum, wait, seconds):
            received = self.store(lease)
            if received is not None:
                yield received

    def store(self, lease: Lease) -> Received | None:
        """Download, check and store one lease; None when it was refused, failed or withdrawn, and the axis knows."""
        try:
            received = self.inbox.store(self.connection, lease)
            self.guard.incoming(received, self.inbox)
            return received
        except AxisRefused as refused:
            # Withdrawn, or the lease ran out: the axis has moved on. Anything else is not about this delivery alone.
            if refused.http_status not in {404, 409, 410}:
                raise
            self.inbox.discard(lease)
        except Refused as refused:
            if refused.code not in _REFUSED | _FAILED:
                raise
            # What could not be opened stays in the inbox: a key that is put back opens it when it is offered again.
            self.inbox.discard(lease)
            tell = self.fail if refused.code in _FAILED else self.refuse
            self._tell(tell, lease, refused)
        return None

    def _tell(self, tell: Callable[[Lease, str, str], object], lease: Lease, refused: Refused) -> None:
        """Report a delivery that cannot be taken; an axis that has moved on meanwhile needs no report."""
        try:
            tell(lease, refused.code.name, one_line(refused.sentence("vi"), 900))
        except AxisRefused as answer:
            if answer.http_status not in {404, 409, 410}:
                raise

    def take(self, received: Received | Lease) -> dict[str, Any]:
        """Acknowledge: every byte is here, durable and checked. Returns the axis's answer with its evidence."""
        return self._acknowledge(received, Outcome.TAKEN, None)

    def take_all(self, received: Sequence[Received]) -> list[dict[str, Any]]:
        """Acknowledge several deliveries in one request; answers in the same order."""
        return self._post_acknowledgements([self._sign_ack(r.lease, Outcome.TAKEN, None) for r in received])

    def refuse(self, received: Received | Lease, code: str, text: str) -> dict[str, Any]:
        """Tell the axis that this agency will never take the delivery, and why."""
        return self._acknowledge(received, Outcome.REFUSED, Reason(code, text))

    def fail(self, received: Received | Lease, code: str, text: str) -> dict[str, Any]:
        """Tell the axis that the delivery could not be taken now; it is offered again after a pause."""
        return self._acknowledge(received, Outcome.FAILED, Reason(code, text))

    # --- asking --------------------------------------------------------------------------------------------------

    def outbox(self, after: str = "", maximum: int = 50) -> dict[str, Any]:
        """Own envelopes at the axis, newest first, with the state of each delivery."""
        query = {"agency": self.agency, "max": str(maximum)} | ({"after": after} if after else {})
        return self.connection.get_json("/v1/outbox", query)

    def trace(self, sender: str, *, envelope_id: str = "", document_id: str = "") -> dict[str, Any]:
        """Everything the axis may tell this agency about one document."""
        return self.connection.get_json("/v1/trace", _naming(sender, envelope_id, document_id))

    def proof(
        self, sender: str, into: Path, *, envelope_id: str = "", document_id: str = "", content: bool = True
    ) -> Path:
        """Write the proof file of one document. The axis names proofs by envelope, so a document is looked up first."""
        named = envelope_id or str(self.trace(sender, document_id=document_id)["envelope"]["id"])
        query = {"from": sender, "id": named, "content": "1" if content else "0"}
        making = into.with_name(into.name + ".part")
        with self.connection.stream("/v1/proof", query) as response, making.open("wb") as file:
            for piece in response.iter_bytes(1 << 18):
                file.write(piece)
        making.rename(into)
        return into

    # --- inside --------------------------------------------------------------------------------------------------

    def _spool(
        self,
        envelope: Envelope,
        header: bytes,
        attachments: Sequence[Attachment] = (),
        notes: Notes | None = None,
    ) -> Spooled:
        token, payload = compose.seal(envelope, self.connection.signer)
        return self.spool.put(token, payload, envelope, [header, *(a.content for a in attachments)], notes)

    def _send_about(self, original: Original, to: Sequence[str], reason: str, kind: BusinessKind) -> Sent:
        return self._send_business(original, to, Business(kind, reason, document_id=original.document_id))

    def _send_business(self, original: Original, to: Sequence[str], business: Business) -> Sent:
        """A document packet about an earlier document: the same header again, another operation."""
        earlier = self._own_header(original)
        receivers = tuple(o for o in earlier.receivers if o.organ_id in set(to))
        known = {o.organ_id for o in receivers}
        extra = tuple(compose.organization(AgencyCode(c), self.book.name_of) for c in to if c not in known)
        packet = replace(earlier, receivers=receivers + extra, business=business, manifest=(), signature_xml=None)
        header = xml_signature.sign(write_document(packet), self.connection.signer, None)
        envelope = compose.make_envelope(
            kind=Kind.DOCUMENT,
            sender=self.agency,
            recipients=to,
            about=original.document_id,
            header=header,
            urgency=packet.other.priority or 0,
            now=self._clock.now(),
        )
        return self.transmit(self._spool(envelope, header))

    def _own_header(self, original: Original) -> DocumentPacket:
        from_spool = self.find_sent(original.document_id)
        if from_spool is None:
            raise Refused(DELIVERY_NOT_VALID, why=f"chưa từng gửi {original.document_id} (never sent from here)")
        return from_spool[1]

    def find_sent(self, document_id: str) -> tuple[Spooled, DocumentPacket] | None:
        """The newest new or replacing document with this identifier that was sent from this spool."""
        for spooled in self.spool.all():
            if spooled.envelope.document_id != document_id or spooled.envelope.kind is not Kind.DOCUMENT:
                continue
            packet = compose.read_own_header(spooled.part(0).read_bytes())
            if packet.business.kind in {BusinessKind.NEW, BusinessKind.REPLACE}:
                return spooled, packet
        return None

    def _send_status(
        self, report_to: ResponseFor, original: Original, to: Sequence[str], code: int, description: str
    ) -> Sent:
        now = self._clock.now()
        packet = compose.status_header(self.agency, report_to, code, description, now, self.book.name_of)
        header = write_status(packet)
        envelope = compose.make_envelope(
            kind=Kind.STATUS, sender=self.agency, recipients=to, about=original.document_id, header=header, now=now
        )
        return self.transmit(self._spool(envelope, header))

    def _sent(self, spooled: Spooled, receipt: bytes) -> Sent:
        """Believe an acceptance only when the pinned axis key signed it over exactly this envelope."""
        event = self._verify_event(receipt)
        reference = event.envelope
        good = event.name is EventName.SUBMISSION_ACCEPTANCE and reference.digest == digest(spooled.payload)
        if not good or reference.id != spooled.envelope.id or reference.sender != self.agency:
            raise Refused(AXIS_ANSWER_NOT_VALID, why="biên nhận không thuộc gói tin này (receipt of something else)")
        return Sent(spooled.envelope, receipt, event, spooled.folder)

    def _verify_event(self, token: bytes) -> Event:
        try:
            return decode_event(jws.verify(token, self._key_of_axis, EVENT_TYP, DEFAULT_POLICY, self._now()).payload)
        except Refused as refused:
            raise Refused(AXIS_ANSWER_NOT_VALID, why=refused.sentence("vi")) from refused

    def _is_rejection(self, evidence: str | None, spooled: Spooled) -> bool:
        """Whether the axis has signed that it will never take this envelope. Only that ends the attempts: a key, a
        clock or a proxy that is wrong today may be right tomorrow."""
        if evidence is None:
            return False
        try:
            event = self._verify_event(evidence.encode("ascii", "replace"))
        except Refused:
            return False
        same = event.envelope.digest == digest(spooled.payload)
        return event.name is EventName.SUBMISSION_REJECTION and same

    def _key_of_axis(self, kid: str) -> PublicKey | None:
        return self._axis_key if kid == self._axis_key_id else None

    def _now(self) -> datetime:
        return self._clock.now()

    def read_lease(self, row: dict[str, Any]) -> Lease | None:
        """One offer of the axis, verified; None when it did not stand the check and was refused to the axis."""
        shell = read_offer(row)
        if shell.agency != self.agency:
            raise Refused(AXIS_ANSWER_NOT_VALID, why=f"văn bản của {one_line(shell.agency, 40)} (another agency's)")
        accepted = self._verify_event(shell.receipt)
        token = shell.token
        try:
            verified = jws.verify(token, self.book.key_for(accepted.at), ENVELOPE_TYP, DEFAULT_POLICY, accepted.at)
            system = self.book.require_authority(verified.key_id, shell.envelope.sender, accepted.at)
            receipt = accepted.name is EventName.SUBMISSION_ACCEPTANCE
            if not receipt or accepted.envelope.digest != shell.digest:
                raise Refused(DELIVERY_NOT_VALID, why="biên nhận thuộc gói tin khác (receipt of another envelope)")
        except Refused as refused:
            if refused.code in {AXIS_UNREACHABLE, AXIS_ANSWER_NOT_VALID}:
                # Our address book could not be had: that says nothing about the delivery.
                raise
            self._tell(self.refuse, shell, Refused(DELIVERY_NOT_VALID, why=refused.sentence("vi")))
            return None
        return replace(shell, sender_system=system, sender_key=self.book.key_for(accepted.at)(verified.key_id))

    def _acknowledge(self, received: Received | Lease, outcome: Outcome, reason: Reason | None) -> dict[str, Any]:
        """One signed acknowledgement, repeated with the same bytes while its refusal may pass."""
        token = self._sign_ack(received.lease if isinstance(received, Received) else received, outcome, reason)
        for attempt in itertools.count():
            result = self._post_acknowledgements([token])[0]
            problem = result.get("error")
            if not problem:
                return result
            status = problem.get("status")
            refused = AxisRefused.read(problem, status if isinstance(status, int) else 409)
            if refused.retry is Retry.PERMANENT or attempt >= self.connection.patience:
                raise refused
            self.connection.rest(attempt)
        raise AssertionError("the loop ends by itself")

    def _sign_ack(self, lease: Lease, outcome: Outcome, reason: Reason | None) -> str:
        now = self._now()
        ack = Acknowledgement(
            delivery=DeliveryId(lease.delivery),
            fence=lease.fence,
            agency=AgencyCode(lease.agency),
            envelope=lease.envelope.id,
            sender=lease.envelope.sender,
            digest=Sha256(lease.digest),
            outcome=outcome,
            at=now.replace(microsecond=now.microsecond // 1000 * 1000),
            reason=reason,
        )
        return jws.sign(encode_acknowledgement(ack), self.connection.signer, ACK_TYP).decode()

    def _post_acknowledgements(self, tokens: Sequence[str]) -> list[dict[str, Any]]:
        body = bytes_body(json.dumps({"acknowledgements": list(tokens)}).encode())
        results = self.connection.members("POST", "/v1/inbox/acknowledgements", body=body).get("results")
        if not isinstance(results, list) or len(results) != len(tokens):
            raise Refused(AXIS_ANSWER_NOT_VALID, why="thiếu kết quả của xác nhận (results are missing)")
        return results


def _naming(sender: str, envelope_id: str, document_id: str) -> dict[str, str]:
    return {"from": sender} | ({"id": envelope_id} if envelope_id else {"document_id": document_id})
