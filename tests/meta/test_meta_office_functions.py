"""The table of the decree's functions names every one of them, and tests that exist."""

from __future__ import annotations

import re

from meta.code_base import ROOT

IDS = [
    *(f"F1{each}" for each in ["a", "b", "c", "d", "đ", "e", "g", "h", "i", "k", "l", "m", "n", "o"]), *(f"F2{each}" for each in "abc"),
    *(f"F3{each}" for each in "abc"), *(f"F4{each}" for each in ["a", "b", "c", "d", "đ", "e", "g"]),
    *(f"F5{each}" for each in ["a", "b", "c", "d", "đ", "e", "g"]), *(f"F6{each}" for each in ["a", "b", "c", "d", "đ", "e", "g", "h", "i", "k", "l"]),
    *(f"F7{each}" for each in ["a", "b", "c", "d", "đ"]), *(f"F8{each}" for each in "abc"),
]  # fmt: skip
ROWS = [
    line.strip("|").split("|")
    for line in (ROOT / "docs" / "office-functions.md").read_text("utf-8").splitlines()
    if line.startswith("| F")
]


def test_every_function_of_the_appendix_is_named_once_and_in_order():
    assert [row[0].strip() for row in ROWS] == IDS


def test_every_test_that_is_named_exists_and_every_finished_function_has_one():
    for row in ROWS:
        named = re.findall(r"`(tests/[^`]+)`", row[3])
        assert all((ROOT / each).exists() for each in named), row
        assert named or row[4].strip().startswith("not yet"), row
