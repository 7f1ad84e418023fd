"""What a verification says: checks, proven facts, and what remains unproven.

The verdict counts checks only. That a document is not in the log *yet* is no error: ``level`` says it, and the
``limits``; whoever needs more asks for a level with :meth:`ProofReport.require_valid`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from lienthong.base.clock import VIETNAM
from lienthong.base.errors import Language, Refused
from lienthong.packages.evidence import Level
from lienthong.trust.errors import PROOF_NOT_VALID
from lienthong.trust.verdict import Check, Report, Verdict

_ORDER = list(Level)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One fact or one limit, for people. ``at``: when it happened, where that is part of it."""

    vi: str
    en: str
    at: datetime | None = None

    def text(self, language: Language) -> str:
        return self.vi if language == "vi" else self.en


@dataclass(frozen=True, slots=True)
class ProofReport(Report):
    """Report on a proof file.

    ``facts``: what is proven, by whom and when, in order of time; to be believed only as far as the verdict goes.
    ``limits``: what is not proven. ``level``: how far the evidence reaches, None when not even the signatures hold.
    ``fingerprints``: names of the keys on which everything rests.
    """

    facts: tuple[Sentence, ...] = ()
    limits: tuple[Sentence, ...] = ()
    level: Level | None = None
    fingerprints: tuple[str, ...] = ()

    def require_valid(self, level: Level = Level.SIGNED) -> None:
        """Refuse with PROOF_NOT_VALID unless everything passed and the evidence reaches the level."""
        # Named in full: a dataclass with slots is rebuilt, which breaks the short form of super().
        Report.require_valid(self)
        if self.level is None or _ORDER.index(self.level) < _ORDER.index(level):
            reached = self.level.value if self.level is not None else "none"
            raise Refused(PROOF_NOT_VALID, reason=f"{level.value} wanted, {reached} reached", name="level")


@dataclass(slots=True)
class Findings:
    """Collects what the steps of a verification find."""

    checks: list[Check] = field(default_factory=list)
    facts: list[Sentence] = field(default_factory=list)
    limits: list[Sentence] = field(default_factory=list)
    fingerprints: list[str] = field(default_factory=list)

    def passed(self, name: str, vi: str, en: str) -> None:
        self.checks.append(Check(name, Verdict.PASSED, vi, en))

    def unknown(self, name: str, vi: str, en: str) -> None:
        self.checks.append(Check(name, Verdict.INDETERMINATE, vi, en))

    def failed(self, name: str, vi: str, en: str) -> None:
        self.checks.append(Check(name, Verdict.FAILED, vi, en))

    def refused(self, name: str, refusal: Refused) -> None:
        """A step that ended in a refusal has failed; its sentence says why."""
        self.failed(name, refusal.sentence("vi"), refusal.sentence("en"))

    def fact(self, vi: str, en: str, at: datetime | None = None) -> None:
        self.facts.append(Sentence(vi, en, at))

    def limit(self, vi: str, en: str) -> None:
        self.limits.append(Sentence(vi, en))

    @property
    def has_failed(self) -> bool:
        return any(check.verdict is Verdict.FAILED for check in self.checks)

    def report(self, level: Level | None) -> ProofReport:
        return ProofReport(
            tuple(self.checks), tuple(self.facts), tuple(self.limits), level, tuple(dict.fromkeys(self.fingerprints))
        )


def shown(at: datetime) -> str:
    """An instant as Vietnam's clocks show it."""
    return at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S")
