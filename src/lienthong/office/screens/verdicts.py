"""Verdicts on files and arrivals in words, as the signature strip shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from lienthong.base.clock import VIETNAM, from_text
from lienthong.base.errors import Language
from lienthong.office.models import StoredFile
from lienthong.webkit.look.parts import Signature, Tone

Shown = Literal["valid", "unknown", "broken", "planned"]
_SHOWN: dict[str, Shown] = {"PASSED": "valid", "INDETERMINATE": "unknown", "FAILED": "broken"}
_WORDS: dict[str, tuple[str, str, Tone, str]] = {
    "PASSED": ("Chữ ký hợp lệ", "Signatures valid", "done", "shield_check"),
    "INDETERMINATE": ("Chưa kết luận được", "Not decided", "waiting", "shield_ask"),
    "FAILED": ("Chữ ký không hợp lệ", "Signature not valid", "error", "shield_x"),
    "UNSIGNED": ("Không có chữ ký số", "Not signed", "", "files"),
    "": ("Đang kiểm tra", "Being checked", "waiting", "clock"),
}
_ROLES = {
    "person": ("chữ ký của người có thẩm quyền", "signature of a person"),
    "agency": ("chữ ký của cơ quan", "seal of the agency"),
    "unknown": ("chưa rõ vai trò", "role not known"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict in one chip. ``name``: the icon."""

    word: str
    tone: Tone
    name: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why one signature, or the file as a whole, got its verdict. ``checks``: (verdict, sentence, explanation)."""

    id: str
    who: str
    checks: tuple[tuple[Shown, str, str], ...]


def word_of(verdict: dict[str, Any] | None, language: Language) -> Verdict:
    """The chip of a verdict; none yet: it is being checked."""
    vi, en, tone, name = _WORDS.get(str((verdict or {}).get("verdict", "")), _WORDS[""])
    return Verdict(vi if language == "vi" else en, tone, name)


def strip_of(file: StoredFile, language: Language) -> list[Signature]:
    """One line for each signature of a file, with a link to its reasons in the page."""
    report = file.verdict or {}
    return [
        Signature(
            each.get("who") or each.get("organization") or ("(không rõ người ký)" if language == "vi" else "(unknown)"),
            _SHOWN.get(each.get("verdict", ""), "unknown"), _sentence(each, language), _when(each, language),
            f"#why-{file.pk}-{number}",
        )
        for number, each in enumerate(report.get("signatures", ()), 1)
    ]  # fmt: skip


def reasons_of(file: StoredFile, language: Language) -> list[Reasons]:
    """The reasons behind the strip, and what was found about the file as a whole."""
    report = file.verdict or {}
    found = [
        Reasons(f"why-{file.pk}-{number}", str(each.get("who", "")), _checks(each.get("sentences", ()), language))
        for number, each in enumerate(report.get("signatures", ()), 1)
    ]
    whole = _checks(report.get("sentences", ()), language)
    return [*found, Reasons(f"why-{file.pk}-0", file.name, whole)] if whole else found


def sentences_of(verdict: dict[str, Any] | None, language: Language) -> tuple[tuple[Shown, str, str], ...]:
    """The sentences of an arrival's verdict, the gravest first."""
    return _checks((verdict or {}).get("sentences", ()), language)


def _checks(sentences: Any, language: Language) -> tuple[tuple[Shown, str, str], ...]:
    return tuple(
        (
            _SHOWN.get(each.get("verdict", ""), "planned"),
            str(each.get(language, "")),
            str(each.get(f"why_{language}", "")),
        )
        for each in sentences
    )


def _sentence(signature: dict[str, Any], language: Language) -> str:
    trouble = next((each for each in signature.get("sentences", ()) if each.get("verdict") != "PASSED"), None)
    if trouble is not None:
        return str(trouble.get(language, ""))
    return _ROLES.get(signature.get("role", ""), _ROLES["unknown"])[language == "en"]


def _when(signature: dict[str, Any], language: Language) -> str:
    when = signature.get("when", "")
    if not when:
        return ""
    at = from_text(when).astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")
    proven = bool(signature.get("proven"))
    if language == "vi":
        return f"Ký lúc {at}{', có dấu thời gian' if proven else ' (theo máy người ký)'}."
    return f"Signed at {at}{', by a time stamp' if proven else ' (by the clock of the signer)'}."
