"""Runs checks one after the other; what one of them meets never ends the run."""

from __future__ import annotations

import fnmatch
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx

from lienthong.base.clock import to_text
from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.conformance.model import Check, NotApplicable, Outcome, Result, Text, Unmet
from lienthong.conformance.recording import Recorder
from lienthong.connector.errors import AxisRefused

C = TypeVar("C")
Told = Callable[[Result], None]

_BROKEN = (OSError, httpx.HTTPError, ValueError, LookupError, TypeError, AttributeError, AssertionError, StopIteration)
"""What a check meets when the other side answers with something of another shape than it must."""

LEFT_OUT = Text("được bỏ qua theo yêu cầu", "left out as asked")
BROKEN_OFF = Text("lượt kiểm tra bị dừng", "the run was broken off")


def chosen(check: Check[Any], only: Sequence[str], skip: Sequence[str]) -> bool:
    """Whether a check is wanted; patterns as of a shell, ``vxp.send.*``."""
    wanted = not only or any(fnmatch.fnmatchcase(check.id, each) for each in only)
    return wanted and not any(fnmatch.fnmatchcase(check.id, each) for each in skip)


def run_checks(
    checks: Sequence[Check[C]],
    bench: C,
    recorder: Recorder,
    *,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    earlier: Mapping[str, Result] | None = None,
    told: Told = lambda _: None,
    began: Callable[[Check[C]], None] = lambda _: None,
) -> list[Result]:
    """Results of all checks in order. ``earlier``: results of a run that was broken off, taken over as they are.

    ``told``: given each result as soon as it is there; Ctrl-C leaves the rest as not run.
    """
    results: list[Result] = []
    broken_off = False
    for check in checks:
        kept = (earlier or {}).get(check.id)
        if kept is not None and kept.outcome is not Outcome.NOT_RUN:
            result = kept
        elif broken_off or not chosen(check, only, skip):
            reason = BROKEN_OFF if broken_off else LEFT_OUT
            result = Result(check, Outcome.NOT_RUN, reason, (), to_text(datetime.now(UTC)), 0)  # type: ignore[arg-type]
        else:
            began(check)
            try:
                result = run_check(check, bench, recorder)
            except KeyboardInterrupt:
                broken_off = True
                result = Result(check, Outcome.NOT_RUN, BROKEN_OFF, recorder.take(), to_text(datetime.now(UTC)), 0)  # type: ignore[arg-type]
        results.append(result)
        told(result)
    return results


def run_check(check: Check[C], bench: C, recorder: Recorder) -> Result:
    """One check and what came of it."""
    recorder.take()
    at, began = to_text(datetime.now(UTC)), time.monotonic()
    outcome, reason = Outcome.PASSED, None
    try:
        check.steps(bench)
    except NotApplicable as found:
        outcome, reason = Outcome.NOT_APPLICABLE, found.reason
    except Unmet as found:
        outcome, reason = Outcome.FAILED, found.reason
    except AxisRefused as found:
        outcome = Outcome.FAILED
        said = f"{found.code} (HTTP {found.http_status})"
        reason = Text(f"bị từ chối: {said} {found.title_vi}", f"refused: {said} {found.title_en}")
    except Refused as found:
        outcome, reason = Outcome.FAILED, Text(found.sentence("vi"), found.sentence("en"))
    except _BROKEN as found:
        outcome = Outcome.FAILED
        said = f"{type(found).__name__}: {one_line(str(found), 200)}"
        reason = Text(f"trả lời không đúng dạng ({said})", f"an answer of another shape ({said})")
    took = round((time.monotonic() - began) * 1000)
    return Result(check, outcome, reason, recorder.take(), at, took)  # type: ignore[arg-type]
