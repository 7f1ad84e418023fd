"""What a check is, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeVar

from lienthong.base.errors import Language

C = TypeVar("C")


class Face(Enum):
    """Through which protocol a check looks."""

    NATIVE = "native"
    VXP = "vxp"
    LGSP = "lgsp"


class Severity(Enum):
    """MUST: no certificate without it. SHOULD: reported, and left to the parties."""

    MUST = "must"
    SHOULD = "should"


class Outcome(Enum):
    """NOT_APPLICABLE: the other side has not what the check is about. NOT_RUN: left out, or the run was broken off."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages."""

    vi: str
    en: str

    def of(self, language: Language) -> str:
        return self.vi if language == "vi" else self.en


@dataclass(frozen=True)
class Check(Generic[C]):
    """One thing that must (or should) hold.

    ``id``: FACE.TOPIC.NAME, never reused. ``source``: clause of the format or law. ``title``: what must hold.
    ``remedy``: what to fix when it does not. ``steps``: finds out; raises :class:`Unmet` or :class:`NotApplicable`.
    """

    id: str
    face: Face
    severity: Severity
    source: str
    title: Text
    remedy: Text
    steps: Callable[[C], None]


class Family(Generic[C]):
    """The checks of one face, in the order in which they run."""

    def __init__(self, face: Face) -> None:
        self.face = face
        self.checks: list[Check[C]] = []

    def check(
        self, name: str, source: str, title: tuple[str, str], remedy: tuple[str, str], *, should: bool = False
    ) -> Callable[[Callable[[C], None]], Callable[[C], None]]:
        """Add a check; ``name`` without the face."""

        def add(steps: Callable[[C], None]) -> Callable[[C], None]:
            severity = Severity.SHOULD if should else Severity.MUST
            found = Check(f"{self.face.value}.{name}", self.face, severity, source, Text(*title), Text(*remedy), steps)
            if any(each.id == found.id for each in self.checks):
                raise ValueError(f"check {found.id} is defined twice")
            self.checks.append(found)
            return steps

        return add


class Unmet(Exception):
    """What was expected did not happen. ``reason``: what happened instead."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.reason = Text(vi, en)


class NotApplicable(Exception):
    """The check has no object here. ``reason``: why."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.reason = Text(vi, en)


def expect(condition: object, vi: str, en: str) -> None:
    """Raises :class:`Unmet` unless the condition holds."""
    if not condition:
        raise Unmet(vi, en)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One request and its answer, as proof of what was seen: digests of all bytes, beginnings without secrets.

    ``at``: RFC 3339. ``milliseconds``: until the answer was complete. ``status``: of HTTP, 0 when none came.
    """

    at: str
    what: str
    request_size: int
    request_sha256: str
    request_excerpt: str
    status: int
    response_size: int
    response_sha256: str
    response_excerpt: str
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one check."""

    check: Check[object] = field(repr=False)
    outcome: Outcome
    reason: Text | None
    evidence: tuple[Evidence, ...]
    at: str
    milliseconds: int


def musts_hold(results: Sequence[Result]) -> bool:
    """Whether a certificate may be given: every MUST has passed, or has no object and says why; at least one passed."""
    musts = [result for result in results if result.check.severity is Severity.MUST]
    good = {Outcome.PASSED, Outcome.NOT_APPLICABLE}
    return all(r.outcome in good for r in musts) and any(r.outcome is Outcome.PASSED for r in musts)
