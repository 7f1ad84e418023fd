"""The report for programs, shaped like ETSI TS 119 102-2: the same file, stores and time give the same report.

Source: ETSI TS 119 102-2 V1.4.1 clauses 4.2 to 4.4, in JSON. Nothing of the machine or of the moment enters it: the
time of verification and the version of the software are passed in, and every piece of evidence is named by its digest.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from lienthong.base.clock import to_text
from lienthong.trust.validation.explanations import why
from lienthong.trust.validation.judge import Context, fingerprint
from lienthong.trust.validation.model import DocumentReport, Finding, SignatureKind, SignatureReport
from lienthong.trust.verdict import Check, Verdict

_MAIN = {
    Verdict.PASSED: "urn:etsi:019102:mainindication:total-passed",
    Verdict.INDETERMINATE: "urn:etsi:019102:mainindication:indeterminate",
    Verdict.FAILED: "urn:etsi:019102:mainindication:total-failed",
}


def machine_report(report: DocumentReport, context: Context, software: str) -> dict[str, Any]:
    """The members of the report. ``software``: name and version of the program that verified."""
    sub = report.sub_indication
    return {
        "verdict": report.verdict.name,
        "subIndication": sub.value if sub else None,
        "kind": report.kind,
        "document": {"digestAlgorithm": "sha256", "digest": report.sha256, "size": report.size},
        "validationTime": to_text(context.at),
        "software": software,
        "policy": context.policy.name,
        "trustAnchors": [
            {
                "sha256": fingerprint(anchor.certificate),
                "store": anchor.store,
                "notBefore": _instant(anchor.not_before),
                "notAfter": _instant(anchor.not_after),
            }
            for anchor in context.stores.anchors
        ],
        "legalValue": None
        if report.legal is None
        else {"value": report.legal.value.value, "vi": report.legal.vi, "en": report.legal.en},
        "checks": _checks(report.checks),
        "signatureValidationReports": [_signature(item) for item in report.signatures],
        "signatureValidationObjects": [
            {"type": used.kind, "digestAlgorithm": "sha256", "digest": used.sha256, "name": used.name}
            for used in report.evidence
        ],
    }


def _signature(report: SignatureReport) -> dict[str, Any]:
    sub = report.sub_indication
    signer = report.signer
    return {
        "signatureIdentifier": report.label,
        "type": report.kind.value,
        "format": report.form,
        "level": report.level,
        "position": report.position,
        "signatureValidationStatus": {
            "mainIndication": _MAIN[report.verdict],
            "subIndication": [sub.uri] if sub else [],
        },
        "verdict": report.verdict.name,
        "signer": None
        if signer is None
        else {
            "role": signer.role.value,
            "name": signer.name,
            "organization": signer.organization,
            "title": signer.title,
            "serial": signer.serial,
            "issuer": signer.issuer,
            "certificateSha256": fingerprint(report.certificate) if report.certificate else None,
        },
        "certificateChain": [fingerprint(item) for item in report.path],
        "trustStore": report.store,
        "algorithm": report.algorithm,
        "digestAlgorithm": report.digest_name,
        "claimedSigningTime": _instant(report.claimed_at),
        "bestSignatureTime": {
            "time": _instant(report.proven_at or report.judged_at),
            "proven": report.proven_at is not None and report.kind is SignatureKind.SIGNATURE,
        },
        "coversWholeFile": report.covers_all,
        "reason": report.reason,
        "laterChanges": [
            {"revision": change.revision + 1, "allowed": change.allowed, "vi": change.vi, "en": change.en}
            for change in report.changes
        ],
        "checks": _checks(report.checks),
        "timestamps": [_signature(stamp) for stamp in report.stamps],
    }


def _checks(checks: Iterable[Check]) -> list[dict[str, Any]]:
    return [
        {
            "name": check.name,
            "verdict": check.verdict.name,
            "subIndication": check.sub.value if isinstance(check, Finding) and check.sub else None,
            "vi": check.vi,
            "en": check.en,
            "whyVi": why(check.name, "vi"),
            "whyEn": why(check.name, "en"),
        }
        for check in checks
    ]


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else to_text(instant)
