"""A report in plain words, for a person who has to decide. Vietnamese first, English when asked."""

from __future__ import annotations

from collections.abc import Iterator

from lienthong.base.errors import Language
from lienthong.packages.evidence import Level
from lienthong.trust.verdict import Verdict
from lienthong.verifier.report import ProofReport, shown

_VERDICT = {
    "vi": {
        Verdict.PASSED: "ĐẠT: mọi điều ghi dưới đây đều được chứng minh.",
        Verdict.INDETERMINATE: "CHƯA KẾT LUẬN ĐƯỢC: không thấy gì sai, nhưng còn thiếu căn cứ.",
        Verdict.FAILED: "KHÔNG ĐẠT: tệp có chỗ sai; không được dùng làm chứng cứ.",
    },
    "en": {
        Verdict.PASSED: "PASSED: everything said below is proven.",
        Verdict.INDETERMINATE: "INDETERMINATE: nothing is wrong, but grounds are missing.",
        Verdict.FAILED: "FAILED: something in the file is wrong; it must not be used as evidence.",
    },
}
_LEVEL = {
    "vi": {
        Level.SIGNED: "các bên đã ký",
        Level.LOGGED: "đã vào nhật ký chỉ ghi thêm",
        Level.TIME_STAMPED: "nhật ký đã có dấu thời gian",
        Level.WITNESSED: "nhật ký đã có bên độc lập làm chứng",
    },
    "en": {
        Level.SIGNED: "signed by the parties",
        Level.LOGGED: "in the append-only log",
        Level.TIME_STAMPED: "in a log that is time-stamped",
        Level.WITNESSED: "in a log that independent parties witness",
    },
}
_HEADS = {
    "vi": ("Mức chứng minh", "Đã chứng minh", "Các bước kiểm tra", "Chưa chứng minh", "Dấu vân tay của khóa"),
    "en": ("Level of proof", "What is proven", "Checks made", "What is not proven", "Fingerprints of keys"),
}
_MARK = {Verdict.PASSED: "✓", Verdict.INDETERMINATE: "?", Verdict.FAILED: "✗"}


def render(report: ProofReport, language: Language = "vi") -> str:
    """The whole report as text; when it failed, the facts are left out, for they would mislead."""
    return "\n".join(_lines(report, language)) + "\n"


def _lines(report: ProofReport, language: Language) -> Iterator[str]:
    level, facts, checks, limits, keys = _HEADS[language]
    yield _VERDICT[language][report.verdict]
    if report.level is not None:
        yield f"{level}: {_LEVEL[language][report.level]}."
    if report.verdict is not Verdict.FAILED and report.facts:
        yield from ("", f"{facts}:")
        for fact in report.facts:
            yield f"  {shown(fact.at) if fact.at is not None else '':<19}  {fact.text(language)}"
    yield from ("", f"{checks}:")
    yield from (f"  {_MARK[check.verdict]} {check.sentence(language)}" for check in report.checks)
    if report.limits:
        yield from ("", f"{limits}:")
        yield from (f"  – {limit.text(language)}" for limit in report.limits)
    if report.fingerprints:
        yield from ("", f"{keys}:")
        yield from (f"  {name}" for name in report.fingerprints)
