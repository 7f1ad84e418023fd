"""The certificate of conformity: signed by the tester, bound to the report's bytes; none with a must unmet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lienthong import __version__
from lienthong.base.clock import from_text, to_text
from lienthong.base.errors import Refused
from lienthong.conformance.errors import CERTIFICATE_NOT_EARNED, CERTIFICATE_NOT_USABLE
from lienthong.conformance.model import Outcome, Severity
from lienthong.conformance.report import Report, encode_report
from lienthong.trust import jws
from lienthong.trust.keys import DEFAULT_POLICY, PublicKey, key_id, load_public_key, public_pem
from lienthong.trust.signer import Signer
from lienthong.wire.canonical import Json, encode

TYP = "lt-conformance"
FORM = "lienthong-conformance-certificate/1"


@dataclass(frozen=True)
class Certificate:
    """A certificate that stood the check. ``trusted``: signed by a key that the reader named, not only by its own."""

    members: Mapping[str, Any]
    trusted: bool
    report_matches: bool | None


def issue(report: Report, signer: Signer, now: datetime) -> bytes:
    """The JSON file of a certificate. Refuses CERTIFICATE_NOT_EARNED."""
    good = {Outcome.PASSED, Outcome.NOT_APPLICABLE}
    unmet = [r.check.id for r in report.results if r.check.severity is Severity.MUST and r.outcome not in good]
    if unmet or not report.good:
        raise Refused(CERTIFICATE_NOT_EARNED, count=len(unmet), checks=", ".join(unmet[:20]) or "-")
    members: dict[str, Json] = {
        "v": 1,
        "subject": {
            "kind": report.subject.kind, "identity": report.subject.identity, "faces": list(report.subject.faces),
        },
        "tester": report.tester,
        "issued_at": to_text(now.replace(microsecond=now.microsecond // 1000 * 1000)),
        "tested_at": to_text(report.ended),
        "version": __version__,
        "passed": report.count(Outcome.PASSED),
        "not_applicable": [r.check.id for r in report.results if r.outcome is Outcome.NOT_APPLICABLE],
        "report_sha256": hashlib.sha256(encode_report(report)).hexdigest(),
        "key_id": signer.key_id,
    }  # fmt: skip
    token = jws.sign(encode(members), signer, TYP).decode()
    whole = {"form": FORM, "certificate": members, "key": public_pem(signer.public_key).decode(), "jws": token}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def verify(path: Path, trusted: PublicKey | None = None, report: Path | None = None) -> Certificate:
    """Check a certificate offline: signature, form, and the report's bytes when they are given.

    Refuses CERTIFICATE_NOT_USABLE, SIGNATURE_NOT_VALID, SIGNER_NOT_KNOWN (another key than the trusted one).
    """
    try:
        whole = json.loads(path.read_bytes())
        if whole["form"] != FORM:
            raise ValueError("form")
        key = trusted or load_public_key(str(whole["key"]).encode())
        token = str(whole["jws"]).encode("ascii")
    except (ValueError, KeyError, TypeError) as error:
        raise _not_usable(path, "không đúng dạng", f"another form ({type(error).__name__})") from error
    verified = jws.verify(
        token, lambda kid: key if kid == key_id(key) else None, TYP, DEFAULT_POLICY, datetime.now(UTC)
    )
    members = json.loads(verified.payload)
    if members != whole["certificate"]:
        raise _not_usable(path, "phần đọc được khác phần đã ký", "what is shown differs from what was signed")
    from_text(members["issued_at"])
    same = None if report is None else hashlib.sha256(report.read_bytes()).hexdigest() == members["report_sha256"]
    if same is False:
        raise _not_usable(path, "báo cáo kèm theo khác báo cáo đã chứng nhận", "the report is not the certified one")
    return Certificate(members, trusted is not None, same)


def token_of(certificate: bytes) -> str:
    """The signature inside the JSON file."""
    return str(json.loads(certificate)["jws"])


def _not_usable(path: Path, why_vi: str, why_en: str) -> Refused:
    return Refused(CERTIFICATE_NOT_USABLE, file=path.name, why_vi=why_vi, why_en=why_en)
