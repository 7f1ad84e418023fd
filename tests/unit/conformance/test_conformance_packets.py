"""The kit's own packets."""

from __future__ import annotations

from lienthong.conformance.packets import Numbers


def test_two_runs_that_begin_together_use_no_number_twice() -> None:
    runs = [Numbers() for _ in range(50)]
    codes = [(run.next(), run.symbol) for run in runs for _ in range(3)]
    assert len(set(codes)) == len(codes)
    assert all(number.isdigit() and len(number) <= 11 and len(symbol) <= 30 for number, symbol in codes)
