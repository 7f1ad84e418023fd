"""The report as data: what was tested, by which version, with which outcome and evidence."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from lienthong import __version__
from lienthong.base.clock import to_text
from lienthong.base.errors import Refused
from lienthong.conformance.errors import CONFORM_RESUME_DIFFERS
from lienthong.conformance.model import Check, Evidence, Outcome, Result, Text, musts_hold

FORM = "lienthong-conformance-report/1"


@dataclass(frozen=True)
class Subject:
    """What is tested. ``kind``: ``axis`` or ``system``. ``identity``: URL or agency and system. ``faces`` looked at."""

    kind: str
    identity: str
    faces: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """One run. ``tester``: who is responsible for it, as given."""

    subject: Subject
    tester: str
    began: datetime
    ended: datetime
    results: tuple[Result, ...]

    @property
    def good(self) -> bool:
        """Whether a certificate may be given."""
        return musts_hold(self.results)

    def count(self, outcome: Outcome) -> int:
        return sum(result.outcome is outcome for result in self.results)


def encode_report(report: Report) -> bytes:
    """The report as JSON: what a certificate's digest is over."""
    members = {
        "form": FORM,
        "version": __version__,
        "subject": {**asdict(report.subject), "faces": list(report.subject.faces)},
        "tester": report.tester,
        "began": to_text(report.began),
        "ended": to_text(report.ended),
        "conforms": report.good,
        "counts": {outcome.value: report.count(outcome) for outcome in Outcome},
        "checks": [_row(result) for result in report.results],
    }
    return json.dumps(members, ensure_ascii=False, indent=1).encode()


def _row(result: Result) -> dict[str, Any]:
    check = result.check
    return {
        "id": check.id,
        "face": check.face.value,
        "severity": check.severity.value,
        "source": check.source,
        "title": asdict(check.title),
        "remedy": asdict(check.remedy),
        "outcome": result.outcome.value,
        "reason": None if result.reason is None else asdict(result.reason),
        "at": result.at,
        "milliseconds": result.milliseconds,
        "evidence": [asdict(each) for each in result.evidence],
    }


def earlier_results(path: Path, subject: Subject, checks: Sequence[Check[Any]]) -> Mapping[str, Result]:
    """Results of a report that was broken off. Refuses CONFORM_RESUME_DIFFERS."""
    try:
        members = json.loads(path.read_bytes())
        found = members["subject"]
        same = (found["kind"], found["identity"]) == (subject.kind, subject.identity)
        if members["form"] != FORM or members["version"] != __version__ or not same:
            raise Refused(CONFORM_RESUME_DIFFERS, file=path.name)
        rows = {row["id"]: row for row in members["checks"]}
        return {check.id: _result(check, rows[check.id]) for check in checks if check.id in rows}
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(CONFORM_RESUME_DIFFERS, file=path.name) from error


def _result(check: Check[Any], row: Mapping[str, Any]) -> Result:
    reason = None if row["reason"] is None else Text(**row["reason"])
    evidence = tuple(Evidence(**each) for each in row["evidence"])
    return Result(check, Outcome(row["outcome"]), reason, evidence, row["at"], row["milliseconds"])
