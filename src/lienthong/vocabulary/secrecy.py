"""Secrecy of a document (độ mật), and the markings that keep a document off the axis.
 Source: Decision 28/2018/QĐ-TTg art. 1 (does not apply to state secrets), Decree 30/2020/NĐ-CP Appendix I
(the marks MẬT, TỐI MẬT, TUYỆT MẬT), Law on Protection of State Secrets 117/2025/QH15. What counts as a
marking in metadata is a project decision: it must catch a mark and let a public text *about* secrecy pass.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from lienthong.base.errors import Language, Refused
from lienthong.base.text import fold, nfc, one_line
from lienthong.vocabulary.errors import SECRECY_UNKNOWN, SECRET_CONTENT


class Secrecy(Enum):
    """Secrecy level (độ mật); everything but NONE is a state secret and never enters the axis.

    The three levels keep the law's own names, because English words for them differ from country to country.
    """

    NONE = "none"
    MAT = "mat"
    TOI_MAT = "toi_mat"
    TUYET_MAT = "tuyet_mat"

    def label(self, language: Language) -> str:
        """Name to show."""
        return (_VI if language == "vi" else _EN)[self]


_VI = {
    Secrecy.NONE: "Thường",
    Secrecy.MAT: "Mật",
    Secrecy.TOI_MAT: "Tối mật",
    Secrecy.TUYET_MAT: "Tuyệt mật",
}
_EN = {
    Secrecy.NONE: "Not secret",
    Secrecy.MAT: "Secret (mật)",
    Secrecy.TOI_MAT: "Top secret (tối mật)",
    Secrecy.TUYET_MAT: "Absolute secret (tuyệt mật)",
}
_BY_NAME = {fold(name): level for level, name in _VI.items()} | {
    "khong mat": Secrecy.NONE,
    "khong": Secrecy.NONE,
}

_LEVEL = r"(tuyệt\s+mật|tối\s+mật|mật)"
_STATED = re.compile(rf"\b(?:độ|mức độ|dấu chỉ độ)\s+mật\s*[:=]\s*{_LEVEL}(?!\w)", re.IGNORECASE)
_BRACKETED = re.compile(rf"[\[(<{{]\s*{_LEVEL}\s*[\])>}}]", re.IGNORECASE)
_STAMPED = re.compile(r"(?<!\w)(TUYỆT\s+MẬT|TỐI\s+MẬT)(?!\w)")
_LEADING = re.compile(r"^\s*(?:(TUYỆT\s+MẬT|TỐI\s+MẬT|MẬT)\s*(?:[-–—:_.|]|$)|((?i:tuyệt\s+mật|tối\s+mật))\s*[-–—:_|])")
"""A mark at the very beginning; the two-word marks also in small letters when a sign sets them off."""

_BARE_BRACKETED = re.compile(r"^\W*[\[({]\s*(tuyet\s+mat|toi\s+mat|mat)\s*[\])}]")


@dataclass(frozen=True, slots=True)
class Marking:
    """One sign of secrecy found in metadata.

    ``certain``: the text is a mark and nothing else (``ĐỘ MẬT: MẬT``, ``(Tối mật)``); otherwise a person
    should look.
    """

    field: str
    level: Secrecy
    excerpt: str
    certain: bool


def from_text(value: str | None) -> Secrecy:
    """Level of a name in any letter case, with or without accents; absent means none. Refuses
    SECRECY_UNKNOWN.
    """
    key = fold(value or "")
    if not key:
        return Secrecy.NONE
    level = _BY_NAME.get(key)
    if level is None:
        raise Refused(SECRECY_UNKNOWN, value=one_line(key, 40))
    return level


def find_markings(fields: Mapping[str, str]) -> tuple[Marking, ...]:
    """Signs of secrecy in named texts (abstract, notation, attachment names, circulation notes …).

    A regulation on ``bảo mật`` or a list of ``bí mật nhà nước`` is public and gives nothing.
    """
    found = (_marking(field, nfc(text)) for field, text in fields.items())
    return tuple(marking for marking in found if marking is not None)


def refuse_if_secret(declared: Secrecy, fields: Mapping[str, str]) -> tuple[Marking, ...]:
    """Refuse SECRET_CONTENT when secrecy is declared or certainly marked; give back the doubtful signs."""
    if declared is not Secrecy.NONE:
        raise Refused(SECRET_CONTENT, level=declared.label("vi"), field="Secrecy")
    markings = find_markings(fields)
    for marking in markings:
        if marking.certain:
            raise Refused(SECRET_CONTENT, level=marking.level.label("vi"), field=marking.field)
    return markings


def _marking(field: str, text: str) -> Marking | None:
    # A name such as ``MẬT_bao-cao.pdf`` is read like any other text; its underscore is no letter here.
    lowered = text.casefold()
    if "mật" not in lowered and "mat" not in lowered:
        return None
    excerpt = one_line(text, 80)
    spaced = " ".join(text.split())
    # The bare syllable without its accent is other words too (mắt, mất): it is a mark only with the accent.
    if fold(spaced) in {"toi mat", "tuyet mat"} or spaced.casefold() == "mật":
        return Marking(field, _BY_NAME[fold(spaced)], excerpt, certain=True)
    for pattern in (_STATED, _BRACKETED):
        hit = pattern.search(text)
        if hit is not None:
            return Marking(field, _BY_NAME[fold(hit[1])], excerpt, certain=True)
    hit = _LEADING.search(text)
    if hit is not None:
        return Marking(field, _BY_NAME[fold(hit[1] or hit[2])], excerpt, certain=True)
    hit = _STAMPED.search(text)
    if hit is not None and not _all_capitals(text):
        return Marking(field, _BY_NAME[fold(hit[1])], excerpt, certain=False)
    hit = _BARE_BRACKETED.search(fold(text))
    if hit is not None:
        return Marking(field, _BY_NAME[fold(hit[1])], excerpt, certain=False)
    return None


def _all_capitals(text: str) -> bool:
    """In a text wholly in capitals a capital word is no stamp."""
    return not any(unicodedata.category(c) == "Ll" for c in text)
