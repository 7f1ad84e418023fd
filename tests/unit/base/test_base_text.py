"""Text that is safe to show on one line."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from lienthong.base.text import one_line


@given(st.text(max_size=60) | st.text(st.sampled_from("ab \t\n\x00\u200b\u202e\u00a0\ud800Đ"), max_size=20))
def test_one_line_holds_no_control_or_direction_character_and_every_other_one(text):
    shown = one_line(text, 200)
    assert not any(unicodedata.category(c)[0] == "C" for c in shown)
    kept = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in text)
    assert shown.split() == kept.split()


def test_a_long_text_is_cut_with_an_ellipsis():
    assert one_line("số 12/QĐ-UBND", 5) == "số 1…"
