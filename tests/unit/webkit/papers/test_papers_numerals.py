"""Numbers in words, in Roman letters and with points; the words are read back by a reader that shares nothing with them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.webkit.papers.numerals import LARGEST, counted, fraction, grouped, in_words, roman, two_digits

UNITS = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5, "sáu": 6, "bảy": 7, "tám": 8,
    "chín": 9,
}  # fmt: skip


def read_back(words: str) -> int:
    total = group = digit = 0
    for word in words.split():
        if word in UNITS:
            digit = UNITS[word]
        elif word == "mười":
            group, digit = group + 10, 0
        elif word == "mươi":
            group, digit = group + digit * 10, 0
        elif word == "trăm":
            group, digit = group + digit * 100, 0
        elif word in {"nghìn", "triệu"}:
            total, group, digit = total + (group + digit) * (1000 if word == "nghìn" else 10**6), 0, 0
        else:
            assert word == "linh"
    return total + group + digit


@given(st.integers(0, LARGEST))
def test_the_words_of_a_number_say_that_number(number):
    assert read_back(in_words(number)) == number


@given(st.integers(0, LARGEST))
def test_the_small_words_follow_the_rules(number):
    words = in_words(number).split()
    assert "  " not in in_words(number)
    for before, word in zip(["", *words], words, strict=False):
        if word in {"mốt", "tư"}:
            assert before == "mươi"
        if word == "lăm":
            assert before in {"mươi", "mười"}
        if word == "năm":
            assert before not in {"mươi", "mười"}
        if word in {"một", "bốn"}:
            assert before != "mươi"
        if word == "linh":
            assert before == "trăm"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "không"), (1, "một"), (4, "bốn"), (5, "năm"), (10, "mười"), (11, "mười một"), (14, "mười bốn"),
        (15, "mười lăm"), (20, "hai mươi"), (21, "hai mươi mốt"), (24, "hai mươi tư"), (25, "hai mươi lăm"),
        (55, "năm mươi lăm"), (100, "một trăm"), (101, "một trăm linh một"), (104, "một trăm linh bốn"),
        (105, "một trăm linh năm"), (115, "một trăm mười lăm"), (1000, "một nghìn"),
        (1005, "một nghìn không trăm linh năm"), (1025, "một nghìn không trăm hai mươi lăm"),
        (21_000_021, "hai mươi mốt triệu không trăm hai mươi mốt"), (1_000_000, "một triệu"),
    ],
)  # fmt: skip
def test_known_numbers_have_their_known_words(number, words):
    assert in_words(number) == words


@pytest.mark.parametrize("number", [-1, LARGEST + 1])
def test_a_number_out_of_range_has_no_words(number):
    with pytest.raises(ValueError, match="between"):
        in_words(number)


@given(st.integers(1, 3999))
def test_a_roman_number_adds_up(number):
    values = [{"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}[letter] for letter in roman(number)]
    signed = [-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True)]
    assert sum(signed) == number
    assert not any(letter * 4 in roman(number) for letter in "IXCM")


def test_there_is_no_roman_zero():
    with pytest.raises(ValueError, match="Roman"):
        roman(0)


@given(st.integers(-(10**12), 10**12))
def test_points_stand_between_thousands_and_change_no_digit(number):
    shown = grouped(number)
    assert int(shown.replace(".", "")) == number
    assert all(len(part) == 3 for part in shown.lstrip("-").split(".")[1:])


@pytest.mark.parametrize(
    ("number", "shown"),
    [(1234567.891, "1.234.567,89"), (2.675, "2,68"), (-0.001, "0,00"), (Decimal("0.125"), "0,13"), (1e6, "1.000.000,00"),
     (float("nan"), "")],
)  # fmt: skip
def test_decimals_follow_a_comma_and_round_half_away_from_zero(number, shown):
    assert fraction(number, 2) == shown


def test_a_count_is_said_in_figures_and_words():
    assert [counted(n) for n in (0, 5, 1215)] == ["00 (không)", "05 (năm)", "1.215 (một nghìn hai trăm mười lăm)"]
    assert [two_digits(n) for n in (7, 12, 123)] == ["07", "12", "123"]
