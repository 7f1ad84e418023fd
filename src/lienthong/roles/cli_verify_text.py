"""A report on a signed document as lines for people: the conclusion first, then each signature, then what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lienthong.base.clock import VIETNAM, from_text
from lienthong.base.errors import Language

VERDICTS = {
    "PASSED": ("✓ HỢP LỆ", "✓ VALID"),
    "INDETERMINATE": ("? CHƯA KẾT LUẬN ĐƯỢC", "? NOT DECIDED"),
    "FAILED": ("✗ KHÔNG HỢP LỆ", "✗ NOT VALID"),
}
ROLES = {
    "person": ("cá nhân", "person"),
    "agency": ("cơ quan, tổ chức", "agency"),
    "unknown": ("chưa rõ", "unknown"),
}
_MARKS = {"PASSED": "✓", "INDETERMINATE": "?", "FAILED": "✗"}


def render_document(members: Mapping[str, Any], language: Language) -> str:
    """The lines of one report; ``members``: the report for programs."""
    return "\n".join(_lines(members, 0 if language == "vi" else 1))


def _lines(members: Mapping[str, Any], at: int) -> Iterator[str]:
    tongue = ("vi", "en")[at]
    sub = members["subIndication"]
    yield f"  {VERDICTS[members['verdict']][at]}" + (f" ({sub})" if sub else "")
    if members["legalValue"]:
        yield f"  {members['legalValue'][tongue]}"
    for signature in members["signatureValidationReports"]:
        yield from _signature(signature, at)
    yield from _checks(members["checks"], tongue, "  ")


def _signature(signature: Mapping[str, Any], at: int) -> Iterator[str]:
    tongue = ("vi", "en")[at]
    signer = signature["signer"] or {}
    what = ("Dấu thời gian", "Time stamp") if signature["type"] == "timestamp" else ("Chữ ký", "Signature")
    mark = _MARKS[signature["verdict"]]
    kind = f"{signature['format']} {signature['level']}".rstrip()
    yield f"  {mark} {what[at]} «{signature['signatureIdentifier']}» {kind}"
    if signer and signature["type"] == "signature":
        title = f", {signer['title']}" if signer["title"] else ""
        yield f"      {signer['name']}{title} ({ROLES[signer['role']][at]}) · {signature['trustStore'] or '–'}"
    yield f"      {moment(signature, at)}"
    yield from _checks(signature["checks"], tongue, "      ")


def moment(signature: Mapping[str, Any], at: int) -> str:
    """When it was signed, and how that is known."""
    best = signature["bestSignatureTime"]
    if signature["type"] == "timestamp":
        return clock(best["time"])
    if best["proven"]:
        return ("Thời điểm có dấu thời gian: ", "Time-stamped at ")[at] + clock(best["time"])
    if signature["claimedSigningTime"]:
        return ("Thời điểm tự khai: ", "Claimed time: ")[at] + clock(signature["claimedSigningTime"])
    return ("Không có thời điểm ký", "No time of signing")[at]


def clock(instant: str | None) -> str:
    """An instant as a clock in Vietnam shows it."""
    return "–" if instant is None else f"{from_text(instant).astimezone(VIETNAM):%d/%m/%Y %H:%M:%S} (GMT+7)"


def _checks(checks: list[Mapping[str, Any]], tongue: str, indent: str) -> Iterator[str]:
    """Only what did not pass, with the reason for the check."""
    reason = "whyVi" if tongue == "vi" else "whyEn"
    for check in checks:
        if check["verdict"] != "PASSED":
            yield f"{indent}{_MARKS[check['verdict']]} {check[tongue]}"
            yield f"{indent}  {'Vì sao kiểm tra' if tongue == 'vi' else 'Why'}: {check[reason]}"
