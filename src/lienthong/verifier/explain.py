"""Verify a proof file and say what it proves. Source: PR-EVIDENCE §3.

Order: form of the container and manifest; keys; the sender's envelope and the content; the axis's events and statement;
what others signed; the log. A failed form ends the verification, for nothing inside can then be relied on. Memory is
bounded by the evidence: attachments are read once, in pieces.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import BinaryIO

from lienthong.base.errors import Refused
from lienthong.packages.evidence import Level
from lienthong.packages.manifest import NAME, differing, make_manifest
from lienthong.packages.proof import MAX_EVIDENCE, ProofFile, digest_entries, open_proof
from lienthong.packages.readme import README
from lienthong.trust.keys import DEFAULT_POLICY, Policy
from lienthong.verifier.anchors import Anchors, judge_axis_keys, key_ring
from lienthong.verifier.events import acceptance, check_events, check_statement, read_events
from lienthong.verifier.log import check_log, check_witnesses
from lienthong.verifier.messages import check_envelope, check_parts, check_statuses
from lienthong.verifier.report import Findings, ProofReport
from lienthong.verifier.timestamps import check_timestamp

_LAST = datetime.max.replace(tzinfo=UTC)


def verify_proof(file: BinaryIO, anchors: Anchors, policy: Policy = DEFAULT_POLICY) -> ProofReport:
    """Check everything in a proof file; never raises for what the file holds.

    ``file``: seekable, opened for reading bytes. ``anchors``: what the caller trusts beforehand.
    """
    findings = Findings()
    try:
        proof = open_proof(file)
        digests = _check_integrity(proof, findings)
    except Refused as refusal:
        findings.refused("container", refusal)
        return findings.report(None)
    level = _check_evidence(proof, digests, anchors, policy, findings)
    findings.facts.sort(key=lambda fact: fact.at or _LAST)
    findings.limit(
        "Tệp này không chứng minh nội dung văn bản đúng luật hay đúng sự thật, không thay chữ ký số trong văn bản.",
        "This file does not prove that the document is lawful or true, nor does it replace the signatures inside it.",
    )
    return findings.report(None if findings.has_failed else level)


def _check_integrity(proof: ProofFile, findings: Findings) -> dict[str, bytes]:
    digests = digest_entries(proof)
    manifest = proof.container.read(NAME, MAX_EVIDENCE)
    if manifest == make_manifest(digests) and proof.container.read("README.txt", len(README)) == README:
        findings.passed(
            "container",
            f"Tệp nguyên vẹn: {len(digests)} mục đều khớp mã băm.",
            f"The file is whole: all {len(digests)} entries match their digests.",
        )
    else:
        wrong = ", ".join(differing(manifest, digests)[:5]) or NAME
        findings.failed(
            "container",
            f"Tệp đã bị thay đổi: mã băm không khớp ở {wrong}.",
            f"The file was changed: digests do not match at {wrong}.",
        )
    return digests


def _check_evidence(
    proof: ProofFile, digests: dict[str, bytes], anchors: Anchors, policy: Policy, findings: Findings
) -> Level | None:
    evidence = proof.evidence
    ring = key_ring(evidence.keys, anchors, findings)
    events = read_events(evidence, ring, policy, findings)
    receipt = acceptance(events)
    signed = check_envelope(proof, ring, policy, None if receipt is None else receipt.at, findings)
    check_parts(proof, digests, findings)
    statuses = check_statuses(proof, ring, policy, findings)
    if signed is not None:
        check_events(proof, events, signed, statuses, ring, policy, findings)
    stated = check_statement(proof, signed, ring, policy, findings)
    trusted = judge_axis_keys(ring, anchors, stated, findings)
    logged = check_log(evidence, anchors, vouched=stated is not None and trusted, findings=findings) is not None
    latest = max((event.at for event in events if event is not None), default=None)
    stamped = check_timestamp(evidence, anchors, trusted, latest, findings)
    witnessed = check_witnesses(evidence, anchors, findings)
    if not (trusted and logged):
        return Level.SIGNED if trusted else None
    if witnessed:
        return Level.WITNESSED
    return Level.TIME_STAMPED if stamped else Level.LOGGED
