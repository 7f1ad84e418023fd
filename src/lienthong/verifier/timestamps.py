"""Check of the RFC 3161 timestamp over the checkpoint. Source: PR-EVIDENCE §2.

An authority that only the axis names proves nothing against the axis: its token is checked and reported, but does not
raise the level.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from lienthong.base.errors import Refused
from lienthong.ledger.notes import parse_note
from lienthong.packages.evidence import Evidence
from lienthong.trust.certificates import TrustStore, load_certificate
from lienthong.trust.timestamp import TimestampInfo, verify_token
from lienthong.trust.verdict import Verdict
from lienthong.verifier.anchors import Anchors, pem_blocks
from lienthong.verifier.report import Findings, shown

_CLOCKS_DIFFER = timedelta(minutes=5)


def check_timestamp(
    evidence: Evidence, anchors: Anchors, axis_trusted: bool, latest: datetime | None, findings: Findings
) -> bool:
    """Whether an authority that the caller trusts stamped the checkpoint; a token that is wrong fails the file.

    ``latest``: time of the latest event; when all events are in the log, none can be later than the stamp.
    """
    if evidence.checkpoint is None:
        if evidence.timestamp is not None:
            findings.failed("log.timestamp", "Dấu thời gian không có điểm chốt.", "The timestamp has no checkpoint.")
        return False
    if evidence.timestamp is None:
        findings.limit(
            "Điểm chốt chưa có dấu thời gian: thời điểm chỉ theo lời của trục.",
            "The checkpoint has no timestamp yet: the time rests on the word of the axis.",
        )
        return False
    try:
        digest = sha256(parse_note(evidence.checkpoint).text.encode("utf-8")).digest()
        roots = TrustStore(anchors.tsa_roots) if anchors.tsa_roots else _claimed(evidence.keys.tsa)
        report = verify_token(evidence.timestamp, digest, roots)
    except Refused as refusal:
        findings.refused("log.timestamp", refusal)
        return False
    if report.info is None or report.verdict is not Verdict.PASSED:
        # All that is wrong is shown, for an unknown root and a wrong signature are very different troubles.
        findings.checks += report.troubles
        return False
    logged = len(evidence.proofs or {}) == len(evidence.events)
    if logged and latest is not None and latest > report.info.time + _CLOCKS_DIFFER:
        findings.failed(
            "log.timestamp.order",
            f"Có sự kiện ghi lúc {shown(latest)}, sau khi nhật ký chứa nó được đóng dấu {shown(report.info.time)}.",
            f"An event says {shown(latest)}, later than the stamp {shown(report.info.time)} over its log.",
        )
        return False
    _tell(report.info, findings)
    if anchors.tsa_roots or (anchors.trust_on_first_use and axis_trusted):
        return True
    findings.limit(
        "Dịch vụ cấp dấu thời gian chỉ do chính trục giới thiệu: không chống được việc trục tự lùi ngày.",
        "The time-stamping authority is named by the axis alone: it does not protect from an axis that backdates.",
    )
    return False


def _tell(info: TimestampInfo, findings: Findings) -> None:
    findings.passed(
        "log.timestamp",
        f"Điểm chốt có dấu thời gian {shown(info.time)}: mọi sự kiện trong đó đã tồn tại trước lúc ấy.",
        f"The checkpoint is time-stamped {shown(info.time)}: every event in it existed before.",
    )
    findings.fact(
        f"Dịch vụ cấp dấu thời gian {info.tsa_name or '(không nêu tên)'} đóng dấu điểm chốt.",
        f"The time-stamping authority {info.tsa_name or '(without a name)'} stamped the checkpoint.",
        info.time,
    )


def _claimed(chain: str | None) -> TrustStore:
    """The authority's chain in the file, leaf first: the last certificate is what the axis calls its root."""
    certificates = tuple(load_certificate(block) for block in pem_blocks(chain or ""))
    return TrustStore(certificates[-1:], certificates[:-1])
