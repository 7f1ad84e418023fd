"""Verdicts: what a verification may say, and how its single checks add up.

The three words are those of ETSI EN 319 102-1 clause 5.1.3: PASSED, INDETERMINATE and FAILED.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from lienthong.base.errors import Language, Refused
from lienthong.trust.errors import PROOF_NOT_VALID


class Verdict(Enum):
    """PASSED: proven. INDETERMINATE: cannot be decided with what is at hand. FAILED: proven wrong."""

    PASSED = "passed"
    INDETERMINATE = "indeterminate"
    FAILED = "failed"


_WEIGHT = {Verdict.PASSED: 0, Verdict.INDETERMINATE: 1, Verdict.FAILED: 2}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """One failure fails the whole; of no verdicts at all nothing is proven."""
    return max(verdicts, key=_WEIGHT.__getitem__, default=Verdict.INDETERMINATE)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked.

    ``name``: stable dotted identifier for programs. ``vi``/``en``: the finding as a sentence for people.
    """

    name: str
    verdict: Verdict
    vi: str
    en: str

    def sentence(self, language: Language) -> str:
        return self.vi if language == "vi" else self.en


@dataclass(frozen=True, slots=True)
class Report:
    """The checks of one verification, in the order in which they were made."""

    checks: tuple[Check, ...]

    @property
    def verdict(self) -> Verdict:
        return worst(check.verdict for check in self.checks)

    @property
    def troubles(self) -> tuple[Check, ...]:
        """The checks that did not pass."""
        return tuple(check for check in self.checks if check.verdict is not Verdict.PASSED)

    def require_valid(self) -> None:
        """Refuse with PROOF_NOT_VALID unless every check passed."""
        require_valid(self)


def require_valid(report: Report) -> None:
    """Refuse with PROOF_NOT_VALID unless every check passed; an empty report does not pass."""
    if report.verdict is Verdict.PASSED:
        return
    first = max(report.troubles, key=lambda check: _WEIGHT[check.verdict], default=None)
    raise Refused(
        PROOF_NOT_VALID, reason=first.en if first else "nothing was checked", name=first.name if first else ""
    )


def passed(name: str, vi: str, en: str) -> Check:
    return Check(name, Verdict.PASSED, vi, en)


def indeterminate(name: str, vi: str, en: str) -> Check:
    return Check(name, Verdict.INDETERMINATE, vi, en)


def failed(name: str, vi: str, en: str) -> Check:
    return Check(name, Verdict.FAILED, vi, en)
