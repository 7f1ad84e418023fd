"""One invented document's life, as evidence: made with real keys, for tests of proof files and of their verification."""

import io
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from lienthong.base.clock import to_text
from lienthong.base.ids import AgencyCode, DeliveryId, DocumentId, EnvelopeId, Sha256, SystemId
from lienthong.ledger import merkle
from lienthong.ledger.checkpoint import Checkpoint, sign_checkpoint
from lienthong.ledger.cosignature import CosignatureKey, cosign
from lienthong.ledger.notes import Ed25519NoteKey, parse_note
from lienthong.packages.evidence import Evidence, Keys, LogProof, StatusEvidence, SystemKey, make_statement
from lienthong.packages.proof import open_proof, proof_bytes
from lienthong.trust import jws, local_pki
from lienthong.trust.keys import public_pem
from lienthong.trust.local_pki import Period, distinguished_name
from lienthong.trust.signer import MemorySigner
from lienthong.trust.timestamp import Responder, make_request, read_response
from lienthong.verifier.anchors import Anchors
from lienthong.wire.acknowledgement import TYP as ACK_TYP
from lienthong.wire.acknowledgement import Acknowledgement, Outcome, encode_acknowledgement
from lienthong.wire.envelope import TYP as ENVELOPE_TYP
from lienthong.wire.envelope import Envelope, Kind, Part, Role, digest, encode_envelope
from lienthong.wire.event import TYP as EVENT_TYP
from lienthong.wire.event import EnvelopeRef, Event, EventName, encode_event, entry

AXIS = "axis.example"
SENDER, RECIPIENT = AgencyCode("G01.02"), AgencyCode("H01.03.05")
START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def p256(number):
    return MemorySigner(derive_private_key(number, SECP256R1()))


AXIS_SIGNER, SENDER_SIGNER, RECIPIENT_SIGNER, STRANGER = p256(1001), p256(1002), p256(1003), p256(1004)
LOG_KEY = Ed25519PrivateKey.from_private_bytes(b"l" * 32)
WITNESS_KEY = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
LOG = Ed25519NoteKey(AXIS, LOG_KEY.public_key())
WITNESS = CosignatureKey("axis.province.example", WITNESS_KEY.public_key())
TSA_PERIOD = Period(START - timedelta(days=10), START + timedelta(days=3650))
TSA_ROOT = local_pki.make_root(
    derive_private_key(2001, SECP256R1()), distinguished_name("Gốc dấu thời gian mẫu"), TSA_PERIOD, 1
)
TSA_KEY = derive_private_key(2002, SECP256R1())
TSA_CERTIFICATE = local_pki.make_timestamper(
    TSA_ROOT, TSA_KEY.public_key(), distinguished_name("Dấu thời gian mẫu"), TSA_PERIOD, 2
)
TSA_CHAIN = "".join(c.public_bytes(Encoding.PEM).decode() for c in (TSA_CERTIFICATE, TSA_ROOT.certificate))
ANCHORS = Anchors((AXIS_SIGNER.public_key,), (LOG,), (WITNESS,), (TSA_ROOT.certificate,))
ATTACHMENT = b"%PDF-1.7 " + "Công văn mẫu ".encode() * 200


def system_key(signer, system, agency):
    pem = public_pem(signer.public_key).decode()
    return SystemKey(signer.key_id, SystemId(system), (agency,), pem, START - timedelta(days=30))


def keys(axis_signer=AXIS_SIGNER):
    return Keys(
        axis=AXIS,
        receipt=public_pem(axis_signer.public_key).decode(),
        note=LOG.to_text(),
        tsa=TSA_CHAIN,
        systems=(
            system_key(SENDER_SIGNER, "qlvb.so-mau.example", SENDER),
            system_key(RECIPIENT_SIGNER, "qlvb.xa-mau.example", RECIPIENT),
        ),
    )


def part(role, name, data):
    return Part(role, name, name, "application/octet-stream", len(data), Sha256(sha256(data).digest()))


@dataclass
class Story:
    """Builds evidence step by step; ``parts`` are the bytes by index."""

    number: int = 1
    axis: MemorySigner = AXIS_SIGNER
    attachments: tuple[bytes, ...] = (ATTACHMENT,)
    created: datetime = START
    packet: bool = False
    tokens: list[bytes] = field(default_factory=list)
    statuses: list[StatusEvidence] = field(default_factory=list)

    def __post_init__(self):
        header = f"<edXML>văn bản số {self.number}</edXML>".encode()
        self.parts = [header] if self.packet else [header, *self.attachments]
        self.envelope = self.make_envelope(Kind.DOCUMENT, SENDER, RECIPIENT, self.parts, self.number)
        payload = encode_envelope(self.envelope)
        self.token = jws.sign(payload, SENDER_SIGNER, ENVELOPE_TYP)
        self.ref = EnvelopeRef(self.envelope.id, SENDER, digest(payload))

    def make_envelope(self, kind, sender, recipient, parts, number):
        whole = self.packet and kind is Kind.DOCUMENT
        rows = [part(Role.PACKET if whole else Role.HEADER, "header.edxml", parts[0])]
        rows += [part(Role.ATTACHMENT, f"tep-{i}.pdf", data) for i, data in enumerate(parts[1:], 1)]
        return Envelope(
            EnvelopeId(UUID(int=number)),
            kind,
            sender,
            (recipient,),
            DocumentId(f"{number:03d}/QĐ-MAU"),
            self.created,
            None,
            0,
            tuple(rows),
        )

    def event(self, name, minutes, previous=None, ref=None, **details):
        event = Event(
            UUID(int=self.number * 100 + len(self.tokens)),
            name,
            START + timedelta(minutes=minutes),
            AXIS,
            ref or self.ref,
            None if previous is None else entry(self.tokens[previous]),
            details,
        )
        self.tokens.append(jws.sign(encode_event(event), self.axis, EVENT_TYP))
        return self

    def accepted(self, minutes=1):
        return self.event(
            EventName.SUBMISSION_ACCEPTANCE,
            minutes,
            document_id=self.envelope.document_id,
            kind="document",
            system="qlvb.so-mau.example",
            recipients=1,
            expires_at=to_text(START + timedelta(days=30)),
            size=self.envelope.size,
            warnings=[],
        )

    def consigned(self):
        to = [{"delivery": 7, "addressed_to": RECIPIENT, "agency": RECIPIENT}]
        return self.event(EventName.CONTENT_CONSIGNMENT, 2, 0, to=to, directory=3)

    def acknowledgement(self, signer=RECIPIENT_SIGNER, outcome=Outcome.TAKEN, **changes):
        ack = Acknowledgement(
            DeliveryId(7), 1, RECIPIENT, self.ref.id, SENDER, self.ref.digest, outcome, START + timedelta(minutes=3)
        )
        return jws.sign(encode_acknowledgement(replace(ack, **changes)), signer, ACK_TYP).decode()

    def handed_over(self, acknowledgement=None):
        return self.event(
            EventName.CONTENT_HANDOVER,
            4,
            1,
            delivery=7,
            agency=RECIPIENT,
            system="qlvb.xa-mau.example",
            acknowledgement=acknowledgement or self.acknowledgement(),
        )

    def reported(self, status="03"):
        header = f"<edXML>trạng thái {status}</edXML>".encode()
        envelope = self.make_envelope(Kind.STATUS, RECIPIENT, SENDER, [header], self.number + 5000)
        payload = encode_envelope(envelope)
        self.statuses.append(StatusEvidence(jws.sign(payload, RECIPIENT_SIGNER, ENVELOPE_TYP), header))
        by = EnvelopeRef(envelope.id, RECIPIENT, digest(payload)).members()
        return self.event(
            EventName.BUSINESS_STATUS, 5, 2, delivery=7, agency=RECIPIENT, status=status, outcome="processing", by=by
        )

    def whole(self):
        return self.accepted().consigned().handed_over().reported()

    def evidence(self, **changes):
        made = Evidence(self.token, tuple(self.tokens), keys(self.axis), tuple(self.statuses))
        made = replace(made, **changes)
        return stated(made, self.ref, self.axis)

    def read_part(self, index):
        data = self.parts[index]
        return (data[at : at + 1000] for at in range(0, len(data), 1000))

    def file(self, evidence, parts=None):
        return proof_bytes(evidence, range(len(self.parts)) if parts is None else parts, self.read_part)


def stated(evidence, ref, signer=AXIS_SIGNER):
    return replace(evidence, statement=make_statement(evidence, ref, START + timedelta(hours=1), signer))


def logged(evidence, witnessed=False, key=LOG_KEY, others=1000):
    """The events among the leaves of a log of ``others`` more."""
    leaves = [merkle.leaf_hash(i.to_bytes(32, "big")) for i in range(others)]
    places = {position: 37 + 211 * position for position in range(len(evidence.events))}
    for position, index in places.items():
        leaves.insert(index, merkle.leaf_hash(entry(evidence.events[position])))
    nodes = merkle.MemoryNodes(leaves)
    proofs = {
        position: LogProof(index, len(leaves), tuple(merkle.inclusion_path(nodes, index, len(leaves))))
        for position, index in places.items()
    }
    note = sign_checkpoint(Checkpoint(AXIS, len(leaves), merkle.root(leaves)), key)
    if witnessed:
        note = note.with_signatures([cosign(note.text, WITNESS.name, WITNESS_KEY, START + timedelta(minutes=10))])
    return replace(evidence, checkpoint=note.to_bytes(), proofs=proofs)


def stamped(evidence, minutes=20, text=None):
    """The evidence with a timestamp over its checkpoint."""
    text = text or parse_note(evidence.checkpoint).text
    responder = Responder(MemorySigner(TSA_KEY), TSA_CERTIFICATE, [], "1.3.6.1.4.1.99999.1")
    request = make_request(sha256(text.encode()).digest(), 7)
    return replace(evidence, timestamp=read_response(responder.respond(request, 1, START + timedelta(minutes=minutes))))


def opened(data):
    return open_proof(io.BytesIO(data))
