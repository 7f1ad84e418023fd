"""The list of problems while a packet is being read or checked, each as a sentence in both languages.

Source: exchange facts §1.8.6 for the four kinds of problem and the element paths.
"""

from __future__ import annotations

from lienthong.base.errors import Problem, ProblemKind, Severity
from lienthong.base.text import one_line
from lienthong.edxml.fields import label
from lienthong.edxml.model import Repair

ERROR, WARNING = Severity.ERROR, Severity.WARNING


class Findings:
    """Collects problems and repairs up to a limit; knows which paths have been complained about."""

    __slots__ = ("_limit", "_refusing", "problems", "repairs", "reported")

    def __init__(self, limit: int = 200) -> None:
        self.problems: list[Problem] = []
        self.repairs: list[Repair] = []
        self.reported: set[str] = set()
        self._limit = limit
        self._refusing = False

    def add(self, kind: ProblemKind, path: str, vi: str, en: str, severity: Severity = ERROR) -> None:
        """Note one problem. In a full list the first error takes a warning's place, or it would hide."""
        self.reported.add(path)
        problem = Problem(kind, path, vi, en, severity)
        if len(self.problems) < self._limit:
            self.problems.append(problem)
        elif severity is ERROR and not self._refusing:
            self.problems[-1] = problem
        self._refusing = self._refusing or severity is ERROR

    def required(self, path: str, severity: Severity = ERROR, nth: int = 0) -> None:
        """A value is missing. Silent when the same element has been found unreadable already."""
        if path in self.reported and not nth:
            return
        field = label(path)
        self.add(
            ProblemKind.REQUIRED,
            path,
            f"Thiếu {field.vi}{_nth_vi(nth)}.",
            f"The {field.en}{_nth_en(nth)} is missing.",
            severity,
        )

    def too_long(self, path: str, length: int, longest: int, severity: Severity, nth: int = 0) -> None:
        field = label(path)
        self.add(
            ProblemKind.RANGE,
            path,
            f"{_cap(field.vi)}{_nth_vi(nth)} dài {length} ký tự, vượt mức {longest} ký tự.",
            f"The {field.en}{_nth_en(nth)} has {length} characters, more than {longest}.",
            severity,
        )

    def repeated(self, path: str) -> None:
        """An element that may stand once stands twice; which one counts would be a guess."""
        field = label(path)
        self.add(
            ProblemKind.RANGE,
            path,
            f"{_cap(field.vi)} xuất hiện nhiều lần trong khi chỉ được có một.",
            f"The {field.en} stands more than once.",
        )

    def bad(
        self,
        path: str,
        written: str,
        expected_vi: str,
        expected_en: str,
        kind: ProblemKind = ProblemKind.FORMAT,
        severity: Severity = ERROR,
        nth: int = 0,
    ) -> None:
        """A value cannot be used as it is written."""
        field, shown = label(path), one_line(written, 60)
        self.add(
            kind,
            path,
            f"{_cap(field.vi)}{_nth_vi(nth)} “{shown}” không đúng: {expected_vi}.",
            f"The {field.en}{_nth_en(nth)} “{shown}” is wrong: {expected_en}.",
            severity,
        )

    def repaired(self, path: str, written: str, read_as: str, kind: ProblemKind = ProblemKind.FORMAT) -> None:
        """A value was odd and has been understood; the odd text is kept."""
        field, shown = label(path), one_line(written, 60)
        self.repairs.append(Repair(path, written, read_as))
        self.add(
            kind,
            path,
            f"{_cap(field.vi)} “{shown}” viết không đúng mẫu, được hiểu là “{read_as}”.",
            f"The {field.en} “{shown}” is not in the prescribed form and was read as “{read_as}”.",
            WARNING,
        )


def _cap(text: str) -> str:
    return text[:1].upper() + text[1:]


def _nth_vi(nth: int) -> str:
    return f" (mục thứ {nth})" if nth else ""


def _nth_en(nth: int) -> str:
    return f" (entry {nth})" if nth else ""
