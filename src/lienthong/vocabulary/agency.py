"""Agency codes (mã định danh cơ quan) of both systems, and the irregular ones that real directories hold.

Source: QCVN 102:2016/BTTTT and Decision 28/2018/QĐ-TTg art. 10(2)(a) (thirteen characters, level 1 last);
Decision 20/2020/QĐ-TTg (at most 35 characters, level 1 first; the exact grammar of lower levels is inferred).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.vocabulary.errors import AGENCY_CODE_MALFORMED

MAX_LENGTH = 35
"""Longest code of any system (Decision 20/2020/QĐ-TTg)."""

_QCVN102 = re.compile(r"([0-9]{3})\.([0-9]{2})\.([0-9]{2})\.([A-Z][0-9]{2})")
_QD20 = re.compile(r"[A-Z][0-9]{2}(?:\.[0-9A-Z]{1,12})*")
_LEVEL1 = re.compile(r"[A-Z][0-9A-Z][0-9]")
_SAFE = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z_-]|\.(?=[0-9A-Za-z_-]))*")
_PADDING = " \t\r\n"


class CodeSystem(Enum):
    """The grammar that a code follows; IRREGULAR codes are kept as written and never corrected."""

    QCVN102 = "QCVN102"
    QD20 = "QD20"
    IRREGULAR = "IRREGULAR"


@dataclass(frozen=True, slots=True)
class Code:
    """One agency code (mã định danh cơ quan), taken apart.

    ``text``: as written. ``level1``: ministry, province or other top group (``H53``), absent when the text
    shows no hierarchy (``vxp.saas.03``). ``levels``: level 1 first, unused lower levels left out; one
    element, the text itself, when there is no hierarchy. A code says nothing about whether the agency
    exists: that is the directory's word.
    """

    text: str
    system: CodeSystem
    level1: str | None
    levels: tuple[str, ...]

    @property
    def level(self) -> int:
        """Depth of the agency, 1 at the top; 0 when the code shows no hierarchy."""
        return len(self.levels) if self.level1 is not None else 0

    @property
    def family(self) -> str | None:
        """Letter of the top group: G central, H provinces, A Party, K elected bodies, W test.

        What I and J stand for is not established.
        """
        return self.level1[0] if self.level1 is not None else None

    @property
    def is_test(self) -> bool:
        """Whether the code belongs to the test group ``W00``, which may never meet real documents."""
        return self.level1 == "W00"

    @property
    def order(self) -> tuple[bool, tuple[str, ...], str]:
        """Sort key: level 1 first, so that a province stands before its units; codes without levels last."""
        return (self.level1 is None, self.levels, self.text)

    def parent(self) -> Code | None:
        """The code one level up by the rule of its system; absent at the top and where no rule applies."""
        if self.level < 2:
            return None
        groups = self.text.split(".")
        if groups[0] == self.level1:
            return parse(".".join(groups[:-1]))
        # Level 1 stands last: the lowest non-zero group is the first one that is not zero.
        for position, group in enumerate(groups[:-1]):
            if group.strip("0"):
                groups[position] = "0" * len(group)
                return parse(".".join(groups)) if group.isdigit() else None
        return None

    def is_ancestor(self, other: Code) -> bool:
        """Whether ``other`` is somewhere below this code.

        Across the two systems only level 1 can be compared, since the numbering below it was made anew.
        """
        if self.level1 is None or other.level <= self.level:
            return False
        if self.system is other.system:
            return other.levels[: self.level] == self.levels
        return self.level == 1 and self.level1 == other.level1


def parse(text: str) -> Code:
    """Read a code of any system; white space around it is dropped, nothing else is changed.

    Refuses AGENCY_CODE_MALFORMED: empty, longer than 35, or with characters that no code has (spaces
    inside, control characters, path separators, accents, empty groups).
    """
    code = text.strip(_PADDING)
    whole = _QCVN102.fullmatch(code)
    if whole is not None:
        return Code(code, CodeSystem.QCVN102, whole[4], _without_filling([whole[4], whole[3], whole[2], whole[1]]))
    _require_safe(text, code)
    groups = code.split(".")
    if _QD20.fullmatch(code) is not None:
        return Code(code, CodeSystem.QD20, groups[0], tuple(groups))
    if _LEVEL1.fullmatch(groups[0]) is not None:
        return Code(code, CodeSystem.IRREGULAR, groups[0], tuple(groups))
    if _LEVEL1.fullmatch(groups[-1]) is not None:
        return Code(code, CodeSystem.IRREGULAR, groups[-1], _without_filling(groups[::-1]))
    return Code(code, CodeSystem.IRREGULAR, None, (code,))


def _without_filling(levels: list[str]) -> tuple[str, ...]:
    """Level 1 first, without the zeros that fill unused levels at the end."""
    used = len(levels)
    while used > 1 and not levels[used - 1].strip("0"):
        used -= 1
    return tuple(levels[:used])


def _require_safe(text: str, code: str) -> None:
    if not code:
        why = ("mã để trống", "it is empty")
    elif len(code) > MAX_LENGTH:
        why = ("mã dài quá 35 ký tự", "it is longer than 35 characters")
    elif _SAFE.fullmatch(code) is None:
        why = (
            "mã có ký tự không được phép hoặc nhóm để trống",
            "it has characters no code has, or an empty group",
        )
    else:
        return
    raise Refused(AGENCY_CODE_MALFORMED, agency=one_line(text, 60), why_vi=why[0], why_en=why[1])
