"""A form that somebody else changed is refused in words of the reader's own language."""

from __future__ import annotations

from lienthong.webkit.site.errors import stale


def test_an_unknown_person_and_time_are_said_in_each_language() -> None:
    assert stale().sentence("vi") == "Nội dung này đã được người khác thay đổi vừa rồi trong khi anh/chị đang sửa."
    assert stale().sentence("en") == "Somebody else changed this just now while you were editing."


def test_a_known_person_and_time_are_named_in_both() -> None:
    told = stale("Lê An", "05/01/2026 08:00")
    assert "được Lê An thay đổi lúc 05/01/2026 08:00 trong khi" in told.sentence("vi")
    assert told.sentence("en") == "Lê An changed this at 05/01/2026 08:00 while you were editing."
