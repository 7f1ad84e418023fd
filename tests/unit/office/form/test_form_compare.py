"""Two versions of a text: every change is told once, and the later version can be built from the earlier one."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from form_pages import decision
from lienthong.office.form.compare import ChangeKind, ParagraphChange, Span, compare
from lienthong.office.form.paragraphs import paragraphs_of_lines

OLD = (
    "Điều 1. Thành lập Tổ công tác gồm 5 người.",
    "Điều 2. Tổ công tác họp hằng tháng.",
    "Điều 3. Hiệu lực từ ngày ký.",
)


def test_equal_texts_have_no_changes_however_they_are_spelt() -> None:
    assert compare(OLD, [unicodedata.normalize("NFD", text).replace(" ", "  ") for text in OLD]) == ()


def test_a_changed_word_is_told_by_its_span() -> None:
    (change,) = compare(OLD, (OLD[0].replace("5 người", "7 người"), *OLD[1:]))
    assert change.kind is ChangeKind.CHANGED and (change.before_at, change.after_at) == (0, 0)
    assert [change.before[span.start : span.end] for span in change.removed] == ["5"]
    assert [change.after[span.start : span.end] for span in change.added] == ["7"]


def test_a_paragraph_that_was_added_or_removed_is_told_whole() -> None:
    (added,) = compare(OLD, (*OLD[:1], "Tổ trưởng do Giám đốc chỉ định.", *OLD[1:]))
    assert (added.kind, added.after_at, added.before) == (ChangeKind.ADDED, 1, "")
    (removed,) = compare(OLD, (OLD[0], OLD[2]))
    assert (removed.kind, removed.before_at, removed.after) == (ChangeKind.REMOVED, 1, "")


def test_paragraphs_that_have_nothing_in_common_are_not_paired() -> None:
    kinds = {
        change.kind for change in compare(("Điều 2. Tổ công tác họp hằng tháng.",), ("Giao Văn phòng bố trí xe.",))
    }
    assert kinds == {ChangeKind.ADDED, ChangeKind.REMOVED}


_TEXTS = st.lists(st.text("ab c", min_size=1, max_size=12).map(lambda text: " ".join(text.split())), max_size=8)


@given(_TEXTS, _TEXTS)
def test_the_changes_turn_the_earlier_version_into_the_later_one(before: list[str], after: list[str]) -> None:
    assert _apply(before, compare(before, after)) == after


@given(_TEXTS, _TEXTS)
def test_outside_of_the_spans_both_versions_of_a_paragraph_agree(before: list[str], after: list[str]) -> None:
    for change in compare(before, after):
        if change.kind is ChangeKind.CHANGED:
            assert _without(change.before, change.removed) == _without(change.after, change.added)


def test_lines_of_a_page_are_joined_to_paragraphs() -> None:
    paragraphs = paragraphs_of_lines(decision())
    first = next(text for text in paragraphs if text.startswith("Điều 1."))
    assert first.endswith("của tỉnh.") and "1. Tham mưu cho Sở Nội vụ;" in paragraphs


def _apply(before: list[str], changes: tuple[ParagraphChange, ...]) -> list[str]:
    result, at = [], 0
    for change in changes:
        result += before[at : change.before_at]
        at = change.before_at + (change.kind is not ChangeKind.ADDED)
        if change.kind is not ChangeKind.REMOVED:
            result.append(change.after)
    return result + before[at:]


def _without(text: str, spans: tuple[Span, ...]) -> str:
    kept, at = "", 0
    for span in spans:
        kept += text[at : span.start]
        at = span.end
    return kept + text[at:]
