"""Checks of what agencies signed: the envelope, its parts, and what recipients answered. Source: PR-NATIVE §1, §5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from lienthong.base.errors import Refused
from lienthong.base.ids import AgencyCode
from lienthong.packages.evidence import SystemKey, unverified_payload
from lienthong.packages.proof import ProofFile, part_name
from lienthong.trust import jws
from lienthong.trust.keys import Policy
from lienthong.verifier.anchors import KeyRing
from lienthong.verifier.errors import KEY_WITHOUT_RIGHT, OTHER_DOCUMENT
from lienthong.verifier.report import Findings, Sentence, shown
from lienthong.wire.acknowledgement import TYP as ACKNOWLEDGEMENT_TYP
from lienthong.wire.acknowledgement import Acknowledgement, decode_acknowledgement
from lienthong.wire.envelope import TYP as ENVELOPE_TYP
from lienthong.wire.envelope import Envelope, Kind, Role, decode_envelope, digest
from lienthong.wire.event import EnvelopeRef


@dataclass(frozen=True, slots=True)
class Signed:
    """An envelope whose signature was verified, and the system that signed it.

    ``by_axis``: the axis signed on that system's behalf.
    """

    envelope: Envelope
    ref: EnvelopeRef
    system: str
    by_axis: bool = False


def verify_envelope(token: bytes, ring: KeyRing, policy: Policy, accepted_at: datetime | None) -> Signed:
    """Verify an envelope with the keys of the directory.

    ``accepted_at``: when the axis took it; the key must have been good then. Without it, the sender's own time is used.
    Refuses: JWS_MALFORMED, SIGNER_NOT_KNOWN, ALGORITHM_NOT_ALLOWED, SIGNATURE_NOT_VALID, ENVELOPE_MALFORMED.
    """
    at = accepted_at or decode_envelope(unverified_payload(token)).created_at
    verified = jws.verify(token, ring.system_key, ENVELOPE_TYP, policy, at)
    envelope = decode_envelope(verified.payload)
    ref = EnvelopeRef(envelope.id, envelope.sender, digest(verified.payload))
    _require_right(ring, verified.key_id, envelope.sender, at)
    key = ring.systems[verified.key_id][0]
    return Signed(envelope, ref, key.system, key.held_by_axis)


def check_envelope(
    proof: ProofFile, ring: KeyRing, policy: Policy, accepted_at: datetime | None, findings: Findings
) -> Signed | None:
    """The sender's envelope, as a check."""
    try:
        signed = verify_envelope(proof.evidence.envelope, ring, policy, accepted_at)
    except Refused as refusal:
        findings.refused("envelope", refusal)
        return None
    envelope = signed.envelope
    if signed.by_axis:
        findings.passed(
            "envelope",
            f"Gói tin {envelope.id} do trục ký thay hệ thống {signed.system} (cơ quan {envelope.sender}), sau khi hệ "
            "thống đó xác thực bằng khóa bí mật dùng chung; chữ ký đúng.",
            f"The envelope {envelope.id} was signed by the axis on behalf of the system {signed.system} (agency "
            f"{envelope.sender}), after that system proved itself with a shared secret; the signature is right.",
        )
        by_axis(signed.system, findings)
    else:
        findings.passed(
            "envelope",
            f"Gói tin {envelope.id} do hệ thống {signed.system} ký thay cơ quan {envelope.sender}; chữ ký đúng.",
            f"The envelope {envelope.id} was signed by the system {signed.system} for the agency {envelope.sender}; "
            "the signature is right.",
        )
    findings.fact(
        f"Cơ quan {envelope.sender} lập gói tin văn bản {envelope.document_id} gửi {len(envelope.recipients)} nơi.",
        f"The agency {envelope.sender} made an envelope with the document {envelope.document_id} for "
        f"{len(envelope.recipients)} recipients.",
        envelope.created_at,
    )
    return signed


def by_axis(system: str, findings: Findings) -> None:
    """Say once what a signature by the axis on behalf of a system does not prove."""
    sentence = Sentence(
        f"Trục giữ khóa ký thay hệ thống {system}, nên chữ ký đó không phải bằng chứng chống lại chính trục.",
        f"The axis holds the key that signs for the system {system}, so that signature is no proof against the axis.",
    )
    if sentence not in findings.limits:
        findings.limits.append(sentence)


def check_parts(proof: ProofFile, digests: Mapping[str, bytes], findings: Findings) -> None:
    """Every part in the file is the one that the sender signed; absent ones are said to be absent."""
    absent: list[str] = []
    for index, part in enumerate(proof.envelope.parts):
        name = part_name(index)
        if index not in proof.parts:
            absent.append(part.name)
            if part.role is Role.HEADER:
                findings.failed(
                    f"content.{name}", "Tệp thiếu phần đầu của văn bản.", "The document's header is missing."
                )
        elif digests[name] != part.sha256 or proof.container.entries[name].size != part.size:
            findings.failed(
                f"content.{name}",
                f"Nội dung «{part.name}» trong tệp không phải nội dung mà cơ quan gửi đã ký.",
                f'The content "{part.name}" in the file is not what the sending agency signed.',
            )
        else:
            findings.passed(
                f"content.{name}",
                f"Nội dung «{part.name}» ({part.size} byte) đúng từng byte như khi được ký.",
                f'The content "{part.name}" ({part.size} bytes) is byte for byte what was signed.',
            )
    if absent:
        names = ", ".join(absent[:5]) + (" …" if len(absent) > 5 else "")
        findings.limit(
            f"Tệp không kèm {len(absent)} phần nội dung ({names}); chỉ chứng minh mã băm của chúng đã được gửi.",
            f"The file comes without {len(absent)} parts ({names}); only that their digests were sent is proven.",
        )


def check_statuses(proof: ProofFile, ring: KeyRing, policy: Policy, findings: Findings) -> dict[bytes, AgencyCode]:
    """The status envelopes and headers; gives the agency that signed each, by digest of its envelope."""
    known: dict[bytes, AgencyCode] = {}
    for position, status in enumerate(proof.evidence.statuses):
        name = f"statuses.{position + 1:03d}"
        try:
            signed = verify_envelope(status.envelope, ring, policy, None)
        except Refused as refusal:
            findings.refused(name, refusal)
            continue
        head = signed.envelope.head
        right_kind = signed.envelope.kind is Kind.STATUS and proof.envelope.sender in signed.envelope.recipients
        if not right_kind or sha256(status.header).digest() != head.sha256 or len(status.header) != head.size:
            findings.failed(
                name,
                "Trạng thái xử lý kèm theo không khớp với gói tin đã ký của nó.",
                "The status in the file does not match its own signed envelope.",
            )
            continue
        known[signed.ref.digest] = signed.envelope.sender
        if signed.by_axis:
            by_axis(signed.system, findings)
        findings.passed(
            name,
            f"Trạng thái xử lý do cơ quan {signed.envelope.sender} ký lúc {shown(signed.envelope.created_at)}.",
            f"A status signed by the agency {signed.envelope.sender} at {shown(signed.envelope.created_at)}.",
        )
    return known


def verify_acknowledgement(
    token: bytes, ring: KeyRing, policy: Policy, at: datetime, ref: EnvelopeRef
) -> tuple[Acknowledgement, SystemKey]:
    """A recipient's acknowledgement of this envelope, and the key that signed it.

    ``at``: when the axis took it. Refuses as :func:`verify_envelope`, and ACKNOWLEDGEMENT_MALFORMED.
    """
    verified = jws.verify(token, ring.system_key, ACKNOWLEDGEMENT_TYP, policy, at)
    ack = decode_acknowledgement(verified.payload)
    _require_right(ring, verified.key_id, ack.agency, at)
    if (ack.envelope, ack.sender, ack.digest) != (ref.id, ref.sender, ref.digest):
        raise Refused(OTHER_DOCUMENT, name="acknowledgement")
    return ack, ring.systems[verified.key_id][0]


def _require_right(ring: KeyRing, kid: str, agency: AgencyCode, at: datetime) -> None:
    if not ring.acts_for(kid, agency, at):
        raise Refused(KEY_WITHOUT_RIGHT, system=ring.systems[kid][0].system, agency=agency, at=shown(at))
