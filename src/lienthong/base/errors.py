"""Refusals: a closed list of codes that crosses every boundary, rendered once at the edge.

A *code* says what is wrong in words that a registrar understands (Vietnamese first, English second), what to do
about it, and whether sending the same bytes again can help. Each package defines its own codes in a module named
``errors`` with :func:`define`; names are unique for the whole product and are never reused for another meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Literal

Language = Literal["vi", "en"]


class Retry(Enum):
    """Whether the caller may send the same bytes again.

    PERMANENT: never helps. TRANSIENT: later, after a pause. INDETERMINATE: the outcome is unknown; repeat with the
    same identifiers, the answer will be the first one.
    """

    PERMANENT = "permanent"
    TRANSIENT = "transient"
    INDETERMINATE = "indeterminate"


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One reason for a refusal.

    ``vi``/``en``: one sentence, may hold ``{placeholders}`` filled from the refusal's parameters.
    ``do_vi``/``do_en``: what the reader can do about it. ``http``: status at an HTTP edge.
    """

    name: str
    retry: Retry
    http: int
    vi: str
    en: str
    do_vi: str
    do_en: str


_CODES: dict[str, ErrorCode] = {}


def define(name: str, retry: Retry, http: int, *, vi: str, en: str, do_vi: str, do_en: str) -> ErrorCode:
    """Add a code to the closed list; a name that exists already is a programming error."""
    if name in _CODES:
        raise ValueError(f"error code {name} is defined twice")
    code = ErrorCode(name, retry, http, vi, en, do_vi, do_en)
    _CODES[name] = code
    return code


def all_codes() -> Mapping[str, ErrorCode]:
    """Every code defined by the packages imported so far, by name."""
    return dict(_CODES)


class Severity(Enum):
    """ERROR refuses the document; WARNING is reported and the document goes on."""

    ERROR = "error"
    WARNING = "warning"


class ProblemKind(Enum):
    """The four kinds of problem of a field, after the prefixes N, R, M, T (exchange facts 1.8.6)."""

    REQUIRED = "N"
    RANGE = "R"
    FORMAT = "M"
    TYPE = "T"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about one field of a packet or message.

    ``code``: prefix of the kind plus the element path, e.g. ``N.MessageHeader.From.OrganId``.
    ``path``: the element path alone. ``vi``/``en``: the finding as a sentence.
    """

    kind: ProblemKind
    path: str
    vi: str
    en: str
    severity: Severity = Severity.ERROR

    @property
    def code(self) -> str:
        return f"{self.kind.value}.{self.path}"


class Refused(Exception):
    """The request is understood and refused; nothing was changed.

    ``code``: from the closed list. ``params``: values for the sentence, already safe to show.
    ``problems``: findings field by field, when the refusal is about content.
    """

    def __init__(self, code: ErrorCode, problems: tuple[Problem, ...] = (), **params: object) -> None:
        self.code = code
        self.problems = problems
        self.params = {name: str(value) for name, value in params.items()}
        super().__init__(f"{code.name}: {self.sentence('en')}")

    def sentence(self, language: Language) -> str:
        """The reason in one language, with its parameters filled in."""
        template = self.code.vi if language == "vi" else self.code.en
        return template.format_map(_Lenient(self.params))

    def advice(self, language: Language) -> str:
        """What to do about it, in one language."""
        template = self.code.do_vi if language == "vi" else self.code.do_en
        return template.format_map(_Lenient(self.params))


class _Lenient(dict[str, str]):
    """A missing parameter shows as its name: a poor sentence is better than a second error."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
