"""Verdicts: how single checks add up."""

from __future__ import annotations

import pytest

from lienthong.base.errors import Refused
from lienthong.trust.errors import PROOF_NOT_VALID
from lienthong.trust.verdict import Report, Verdict, failed, indeterminate, passed, require_valid

GOOD = passed("a", "Đúng.", "Right.")
OPEN = indeterminate("b", "Chưa rõ.", "Not known.")
BAD = failed("c", "Sai.", "Wrong.")


@pytest.mark.parametrize(
    ("checks", "verdict"),
    [
        ((GOOD,), Verdict.PASSED),
        ((GOOD, OPEN), Verdict.INDETERMINATE),
        ((OPEN, BAD, GOOD), Verdict.FAILED),
        ((), Verdict.INDETERMINATE),
    ],
)
def test_the_worst_check_decides_and_nothing_proves_nothing(checks, verdict):
    assert Report(checks).verdict is verdict


def test_only_a_report_that_passed_goes_through_and_the_worst_reason_is_told():
    require_valid(Report((GOOD,)))
    for checks, reason in (((GOOD, OPEN, BAD), "Wrong."), ((OPEN,), "Not known."), ((), "nothing was checked")):
        with pytest.raises(Refused) as refusal:
            Report(checks).require_valid()
        assert refusal.value.code is PROOF_NOT_VALID
        assert reason in refusal.value.sentence("en")
    assert BAD.sentence("vi") == "Sai."
