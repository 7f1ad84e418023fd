"""A small axis for tests of delivery: a real database, real keys and real packets, without the HTTP edge.

Agencies ``A.00`` … are clearly invented. The system of an agency is named after it, ``sys-A``.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from lienthong.base.clock import FixedClock
from lienthong.base.ids import AgencyCode, DocumentId, EnvelopeId, Sha256, SystemId, uuid7
from lienthong.directory.model import Agency, Row, Scope, System, SystemKey
from lienthong.directory.state import DirectoryState
from lienthong.edxml.model import (
    Business,
    BusinessKind,
    DocumentCode,
    DocumentPacket,
    DocumentType,
    Organization,
    ReceiverChange,
    Replacement,
    ResponseFor,
    SignerInfo,
    StatusPacket,
)
from lienthong.edxml.writer import write_document, write_status
from lienthong.exchange.model.delivery import State
from lienthong.exchange.model.submission import Recipient
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.effects import Consequences, apply_effects, has_effects
from lienthong.exchange.service.handing_over import Acknowledged, acknowledge_batch, read_acknowledgement
from lienthong.exchange.service.incoming import Incoming
from lienthong.exchange.service.leasing import lease_now
from lienthong.exchange.service.signing import event_time, sign_event
from lienthong.exchange.store.connection import AsyncConnection, Connection
from lienthong.exchange.store.events import EventRow, draw, insert_events
from lienthong.exchange.store.leases import Lease
from lienthong.infra.blobs import BlobStore
from lienthong.trust import jws
from lienthong.trust.keys import public_pem
from lienthong.trust.signer import MemorySigner
from lienthong.wire.acknowledgement import TYP as ACK_TYP
from lienthong.wire.acknowledgement import Acknowledgement, Outcome, Reason, encode_acknowledgement
from lienthong.wire.envelope import TYP as ENVELOPE_TYP
from lienthong.wire.envelope import Envelope, Kind, Part, Role, decode_envelope, digest, encode_envelope
from lienthong.wire.event import EnvelopeRef, Event, EventName, decode_event, entry

T = TypeVar("T")
START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
CODES = ("A.00", "B.00", "C.00", "D.00")


@dataclass
class Holder:
    state: DirectoryState


@dataclass(frozen=True)
class Sent:
    number: int
    ref: EnvelopeRef
    packet: DocumentPacket | StatusPacket
    deliveries: dict[str, int]
    consequences: Consequences


def system_of(agency: str) -> SystemId:
    return SystemId(f"sys-{agency.split('.', maxsplit=1)[0]}")


class World:
    def __init__(self, conn: Connection, blobs: Path, dsn: str, codes: tuple[str, ...] = CODES) -> None:
        self.conn = conn
        self.clock = FixedClock(START)
        self.signers = {system_of(code): MemorySigner(generate_private_key(SECP256R1())) for code in codes}
        receipt = MemorySigner(generate_private_key(SECP256R1()))
        self.holder = Holder(DirectoryState("axis.example", 7, self._rows(codes)))
        self.ctx = AxisContext("axis.example", self.clock, receipt, BlobStore(blobs), self.holder)
        self._loop = asyncio.new_event_loop()
        self.aconn: AsyncConnection = self.run(psycopg.AsyncConnection.connect(dsn, autocommit=True))
        self._serial = 0

    def _rows(self, codes: tuple[str, ...]) -> Iterator[Row]:
        for code in codes:
            yield Agency(AgencyCode(code), f"Cơ quan {code}")
            system = system_of(code)
            signer = self.signers[system]
            key = SystemKey(signer.key_id, public_pem(signer.public_key).decode(), START - timedelta(days=1))
            yield System(system, f"Phần mềm {code}", (Scope(AgencyCode(code)),), keys=(key,))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    def close(self) -> None:
        self.run(self.aconn.close())
        self._loop.close()

    # --- sending -------------------------------------------------------------------------------------------------

    def document(
        self, sender: str, to: list[str], document_id: str | None = None, business: Business | None = None
    ) -> DocumentPacket:
        self._serial += 1
        number = str(self._serial)
        return DocumentPacket(
            sender=Organization(AgencyCode(sender), f"Cơ quan {sender}"),
            receivers=tuple(Organization(AgencyCode(code), f"Cơ quan {code}") for code in to),
            document_id=DocumentId(document_id or f"{sender},2026/11/24,{number}/SM-VP"),
            code=DocumentCode(number, "SM-VP"),
            promulgation_date=date(2026, 11, 24),
            subject="Văn bản mẫu để kiểm thử",
            document_type=DocumentType(2, None, "Công văn"),
            signer=SignerInfo(full_name="Nguyễn Văn Mẫu"),
            business=business or Business(),
        )

    def send(self, sender: str, to: list[str], urgency: int = 0, life: timedelta = timedelta(days=30)) -> Sent:
        return self.accept(self.document(sender, to), urgency=urgency, life=life)

    def recall(self, original: Sent, to: list[str], sender: str | None = None) -> Sent:
        business = Business(BusinessKind.RECALL, "Gửi nhầm", document_id=self._id(original))
        return self.accept(self.document(sender or original.ref.sender, to, business=business))

    def update(self, original: Sent, to: list[str], added: tuple[str, ...] = (), removed: tuple[str, ...] = ()) -> Sent:
        changes = [ReceiverChange(AgencyCode(code), True) for code in added]
        changes += [ReceiverChange(AgencyCode(code), False) for code in removed]
        business = Business(
            BusinessKind.UPDATE, "Sửa nơi nhận", document_id=self._id(original), receivers_change=True,
            receivers=tuple(changes),
        )  # fmt: skip
        return self.accept(self.document(original.ref.sender, to, business=business))

    def replace(self, original: Sent, to: list[str]) -> Sent:
        business = Business(BusinessKind.REPLACE, "Thay thế", replacements=(Replacement(self._id(original), ()),))
        return self.accept(self.document(original.ref.sender, to, business=business))

    def status(self, original: Sent, status: int, reporter: str, to: str, /, **about: Any) -> Sent:
        packet = original.packet
        assert isinstance(packet, DocumentPacket)
        response = ResponseFor(AgencyCode(to), packet.code.full, packet.document_id, packet.promulgation_date)
        return self.accept(
            StatusPacket(
                Organization(AgencyCode(reporter), f"Cơ quan {reporter}"),
                replace(response, **about),
                status,
                self.clock.now(),
                description="Lý do mẫu" if status in {2, 16} else "",
            ),
            to=[to],
        )

    @staticmethod
    def _id(sent: Sent) -> DocumentId:
        assert isinstance(sent.packet, DocumentPacket)
        return sent.packet.document_id

    def accept(
        self,
        packet: DocumentPacket | StatusPacket,
        to: list[str] | None = None,
        urgency: int = 0,
        life: timedelta = timedelta(days=30),
        attachments: tuple[Part, ...] = (),
    ) -> Sent:
        is_status = isinstance(packet, StatusPacket)
        header = write_status(packet) if isinstance(packet, StatusPacket) else write_document(packet)
        about = packet.response_for.document_id if isinstance(packet, StatusPacket) else packet.document_id
        recipients = to if to is not None else [r.organ_id for r in packet.receivers]  # type: ignore[union-attr]
        part = Part(Role.HEADER, "header", "header.edxml", "application/xml", len(header), digest(header))
        at = event_time(self.clock, START)
        envelope = Envelope(
            EnvelopeId(uuid7(int(at.timestamp() * 1000))),
            Kind.STATUS if is_status else Kind.DOCUMENT,
            packet.sender.organ_id, tuple(AgencyCode(c) for c in recipients), DocumentId(about or "?"), at, None,
            urgency, (part, *attachments),
        )  # fmt: skip
        payload = encode_envelope(envelope)
        token = jws.sign(payload, self.signers[system_of(envelope.sender)], ENVELOPE_TYP)
        with self.conn.transaction():
            return self._write(packet, decode_envelope(payload), digest(payload), token, header, at, at + life)

    def _write(
        self, packet: DocumentPacket | StatusPacket, envelope: Envelope, payload_digest: Sha256, token: bytes,
        header: bytes, at: datetime, expires_at: datetime,
    ) -> Sent:  # fmt: skip
        ref = EnvelopeRef(envelope.id, envelope.sender, payload_digest)
        number = draw(self.conn, "envelope_no", 1)[0]
        recipients = tuple(Recipient(code, code) for code in envelope.recipients)
        incoming = Incoming(number, envelope, ref, packet, at, expires_at, recipients)
        consequences = Consequences(None, {}, frozenset())
        if has_effects(packet):
            consequences = apply_effects(self.ctx, self.conn, incoming)
        receipt = sign_event(
            self.ctx, EventName.SUBMISSION_ACCEPTANCE, ref, at, None, {"recipients": len(recipients), "warnings": []}
        )
        code = packet.response_for.code if isinstance(packet, StatusPacket) else packet.code.full
        issued = None if isinstance(packet, StatusPacket) else packet.promulgation_date
        business = -1 if isinstance(packet, StatusPacket) else int(packet.business.kind)
        self.conn.execute(
            """INSERT INTO envelope (envelope_no, sender, envelope_id, digest, kind, business, document_id,
               document_code, issued_date, system_id, urgency, recipients, size, accepted_at, expires_at, origin_no,
               jws, header, receipt) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            (number, envelope.sender, envelope.id, payload_digest, envelope.kind.value, business, envelope.document_id,
             code, issued, system_of(envelope.sender), envelope.urgency, len(recipients), envelope.size, at, expires_at,
             consequences.origin_no, token, header, receipt.jws),
        )  # fmt: skip
        for index, part in enumerate(envelope.parts[1:], 1):
            self.conn.execute("INSERT INTO part VALUES (%s, %s, %s, %s)", (number, index, part.sha256, part.size))
        events = [EventRow(number, None, receipt.name, at, receipt.jws, receipt.digest)]
        deliveries = {}
        for recipient, delivery in zip(recipients, draw(self.conn, "delivery_no", len(recipients)), strict=True):
            deliveries[str(recipient.agency)] = delivery
            blocked_by = consequences.blocked_by.get(recipient.agency)
            last = receipt
            if blocked_by is None:
                to: list[Any] = [
                    {"delivery": delivery, "addressed_to": recipient.addressed_to, "agency": recipient.agency}
                ]
                last = sign_event(
                    self.ctx, EventName.CONTENT_CONSIGNMENT, ref, at, receipt.digest, {"to": to, "directory": 7}
                )
                events.append(EventRow(number, None, last.name, at, last.jws, last.digest))
            self.conn.execute(
                """INSERT INTO delivery (delivery_no, envelope_no, addressed_to, agency, state, urgency, created_at,
                   available_at, expires_at, blocked_by, last_event, last_event_at)
                   VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
                (delivery, number, recipient.addressed_to, recipient.agency,
                 "available" if blocked_by is None else "waiting", envelope.urgency, at, at, expires_at, blocked_by,
                 last.digest, at),
            )  # fmt: skip
        insert_events(self.conn, events)
        return Sent(number, ref, packet, deliveries, consequences)

    # --- receiving -----------------------------------------------------------------------------------------------

    def lease(self, agency: str, most: int = 20, seconds: int = 60) -> list[Lease]:
        return self.run(lease_now(self.ctx, self.aconn, system_of(agency), [agency], most, seconds))

    def statement(
        self, lease: Lease, outcome: Outcome = Outcome.TAKEN, signer: str | None = None, **other: Any
    ) -> bytes:
        """A signed acknowledgement of a lease; ``other`` members replace the true ones."""
        payload = jws_payload(lease.envelope)
        envelope = decode_envelope(payload)
        reason = None if outcome is Outcome.TAKEN else Reason("MAU", "Lý do mẫu")
        ack = Acknowledgement(
            lease.delivery, lease.fence, lease.agency, envelope.id, envelope.sender, digest(payload), outcome,
            self.clock.now().replace(microsecond=0), reason,
        )  # fmt: skip
        by = self.signers[system_of(signer or lease.agency)]
        return jws.sign(encode_acknowledgement(replace(ack, **other)), by, ACK_TYP)

    def acknowledge(self, *tokens: bytes) -> list[Acknowledged]:
        """Carry out acknowledgements in one batch; the first refusal is raised."""
        units = [read_acknowledgement(self.ctx, token, self.clock.now()) for token in tokens]
        with self.conn.transaction():
            results, _ = acknowledge_batch(self.ctx, self.conn, units)
        done = []
        for result in results:
            if not isinstance(result, Acknowledged):
                raise result
            done.append(result)
        return done

    def take(self, agency: str) -> list[Lease]:
        """Lease everything that is available and take it."""
        leases = self.lease(agency, 100)
        if leases:
            self.acknowledge(*(self.statement(lease) for lease in leases))
        return leases

    # --- looking -------------------------------------------------------------------------------------------------

    def state(self, delivery: int) -> State:
        return State(self.column(delivery, "state"))

    def column(self, delivery: int, name: str) -> Any:
        row = self.conn.execute(f"SELECT {name} FROM delivery WHERE delivery_no = %s", (delivery,)).fetchone()
        assert row is not None
        return row[0]

    def events(self, delivery: int) -> list[Event]:
        """The delivery's own events in order, each verified."""
        rows = self.conn.execute(
            "SELECT jws FROM event WHERE delivery_no = %s ORDER BY event_no", (delivery,)
        ).fetchall()
        return [decode_event(self.verified(bytes(row[0]))) for row in rows]

    def names(self, delivery: int) -> list[EventName]:
        return [event.name for event in self.events(delivery)]

    def verified(self, token: bytes) -> bytes:
        from lienthong.trust.keys import DEFAULT_POLICY

        key = self.ctx.receipt_signer.public_key
        return jws.verify(token, lambda _: key, "lt-event", DEFAULT_POLICY, self.clock.now()).payload

    def assert_chains(self) -> None:
        """Every delivery's chain leads from its newest event to a receipt without gap, never back in time."""
        known = {}
        for row in self.conn.execute("SELECT jws FROM event").fetchall():
            known[entry(bytes(row[0]))] = decode_event(self.verified(bytes(row[0])))
        for row in self.conn.execute("SELECT delivery_no, last_event, last_event_at FROM delivery").fetchall():
            event = known[Sha256(row[1])]
            assert event.at == row[2]
            own = 0
            while event.previous is not None:
                own += event.details.get("delivery") == row[0]
                before = known[event.previous]
                assert before.at <= event.at
                event = before
            assert event.name is EventName.SUBMISSION_ACCEPTANCE
            said = sum(e.details.get("delivery") == row[0] for e in known.values())
            assert own == said, "an event of the delivery is not in its chain"


def jws_payload(token: bytes) -> bytes:
    """The payload of a token that the test made itself."""
    import base64

    part = token.split(b".")[1]
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))


def stable_random(seed: int) -> random.Random:
    return random.Random(seed)


@contextmanager
def open_world(dsn: str, blobs: Path) -> Iterator[World]:
    with psycopg.connect(dsn, autocommit=True) as conn:
        world = World(conn, blobs, dsn)
        try:
            yield world
        finally:
            world.close()
