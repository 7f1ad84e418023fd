"""Lines of a width: nothing is lost, nothing is wider."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lienthong.trust.pdf.drawing import REGULAR
from lienthong.webkit.papers.lines import broken, width_of

LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyẮẰẲẴẶỲỶỸ 0123456789/-.,\n"


def bare(text: str) -> str:
    return "".join(text.split())


@given(st.text(LETTERS, max_size=200), st.floats(20, 300))
def test_no_line_is_wider_and_no_letter_is_lost(text, width):
    lines = broken(text, width, REGULAR, 11)
    assert bare("".join(lines)) == bare(text)
    assert all(width_of(line, REGULAR, 11) <= width + 0.01 for line in lines)


def test_a_long_symbol_breaks_after_its_strokes_first():
    assert broken("1234/QĐ-UBND-VX", 52, REGULAR, 11) == ("1234/QĐ-", "UBND-VX")


def test_a_word_of_one_piece_is_cut_between_letters():
    lines = broken("x" * 100, 50, REGULAR, 11)
    assert len(lines) > 5
    assert "".join(lines) == "x" * 100


def test_control_characters_become_spaces_and_line_ends_stay():
    assert broken("một\x07hai\nba", 500, REGULAR, 11) == ("một hai", "ba")


def test_an_empty_text_is_one_empty_line():
    assert broken("", 50, REGULAR, 11) == ("",)
