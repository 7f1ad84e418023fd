"""Checks of the log's side: inclusion of each event, the checkpoint and its witnesses. PR-EVIDENCE §2."""

from __future__ import annotations

from lienthong.base.errors import Refused
from lienthong.ledger.checkpoint import Checkpoint, parse_checkpoint
from lienthong.ledger.cosignature import cosigned_at
from lienthong.ledger.errors import CHECKPOINT_OF_OTHER_LOG, NOTE_UNSIGNED
from lienthong.ledger.merkle import leaf_hash, verify_inclusion
from lienthong.ledger.notes import (
    Ed25519NoteKey,
    NoteKey,
    Signature,
    SignedNote,
    parse_note,
    verified_by,
)
from lienthong.packages.evidence import Evidence, event_name
from lienthong.verifier.anchors import Anchors, judge_log_key
from lienthong.verifier.report import Findings, shown
from lienthong.wire.event import entry


def check_log(evidence: Evidence, anchors: Anchors, vouched: bool, findings: Findings) -> Checkpoint | None:
    """The checkpoint when it is the axis's and every event in the file stands in its log; None otherwise."""
    if evidence.checkpoint is None:
        findings.limit(
            "Các sự kiện chưa có trong nhật ký chỉ ghi thêm: chưa chứng minh được là trục không thể bỏ hay đổi chúng.",
            "The events are not in the append-only log yet: that the axis cannot drop or change them is not proven.",
        )
        return None
    try:
        key = Ed25519NoteKey.from_text(evidence.keys.note)
        note = parse_note(evidence.checkpoint)
        checkpoint = parse_checkpoint(note.text)
        verified_by(note, [key])
        if checkpoint.origin != evidence.keys.axis:
            raise Refused(CHECKPOINT_OF_OTHER_LOG, found=checkpoint.origin, expected=evidence.keys.axis)
    except Refused as refusal:
        findings.refused("log.checkpoint", refusal)
        return None
    trusted = judge_log_key(key, anchors, vouched, findings)
    findings.passed(
        "log.checkpoint",
        f"Điểm chốt của nhật ký {checkpoint.origin} gồm {checkpoint.size} mục có chữ ký đúng.",
        f"The checkpoint of the log {checkpoint.origin} at {checkpoint.size} entries is rightly signed.",
    )
    complete = _check_inclusion(evidence, checkpoint, findings)
    return checkpoint if trusted and complete else None


def _check_inclusion(evidence: Evidence, checkpoint: Checkpoint, findings: Findings) -> bool:
    proofs = evidence.proofs or {}
    missing = 0
    for position, token in enumerate(evidence.events):
        proof = proofs.get(position)
        if proof is None:
            missing += 1
        elif proof.size != checkpoint.size or not verify_inclusion(
            leaf_hash(entry(token)), proof.index, proof.size, proof.path, checkpoint.root
        ):
            findings.failed(
                f"log.{event_name(position)}",
                f"Không đúng là sự kiện {event_name(position)} có trong nhật ký ở vị trí {proof.index}.",
                f"It is not true that the event {event_name(position)} stands in the log at {proof.index}.",
            )
            return False
    proven = len(evidence.events) - missing
    if proven:
        findings.passed(
            "log.inclusion",
            f"{proven} sự kiện có trong nhật ký chỉ ghi thêm; bỏ hay đổi chúng sẽ làm sai điểm chốt.",
            f"{proven} events stand in the append-only log; to drop or change them would break the checkpoint.",
        )
    if missing:
        findings.limit(
            f"{missing} sự kiện mới hơn chưa có trong nhật ký.", f"{missing} later events are not in the log yet."
        )
    return missing == 0


def check_witnesses(evidence: Evidence, anchors: Anchors, findings: Findings) -> bool:
    """Whether a witness that the caller knows cosigned the checkpoint."""
    if evidence.checkpoint is None:
        return False
    try:
        found = _cosigned(parse_note(evidence.checkpoint), anchors)
        when = [(key.name, cosigned_at(signature)) for key, signature in found]
    except Refused as refusal:
        findings.refused("log.witnesses", refusal)
        return False
    for name, at in when:
        findings.passed(
            f"log.witness.{name}",
            f"Bên làm chứng {name} xác nhận lúc {shown(at)} rằng nhật ký chỉ ghi thêm.",
            f"The witness {name} states at {shown(at)} that the log only grew.",
        )
        findings.fact(f"Bên làm chứng {name} đồng ký điểm chốt.", f"The witness {name} cosigned the checkpoint.", at)
    if not when:
        findings.limit(
            "Chưa có bên làm chứng độc lập nào mà người kiểm tra biết đồng ký: trục có thể cho mỗi bên xem một "
            "nhật ký khác nhau.",
            "No independent witness known to the verifier has cosigned: the axis might show different logs to "
            "different readers.",
        )
    return bool(when)


def _cosigned(note: SignedNote, anchors: Anchors) -> tuple[tuple[NoteKey, Signature], ...]:
    try:
        # An axis that cosigns its own log is nobody's witness.
        origin = parse_checkpoint(note.text).origin
        return verified_by(note, [key for key in anchors.witness_keys if key.name != origin])
    except Refused as refusal:
        if refusal.code is NOTE_UNSIGNED:
            return ()
        raise
