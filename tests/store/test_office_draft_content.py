"""What a drafter types becomes blocks in the prescribed form, and is kept as it was typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fixtures_office  # noqa: F401 - configures Django before its models are imported
from lienthong.base.errors import Refused
from lienthong.office.form.model import Article, Bullet, Chapter, Clause, Heading, Paragraph
from lienthong.office.services.draft_content import ChainSigner, DraftFields, Recipient, blocks, check

LINES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=60)


def test_articles_hold_their_clauses_and_points() -> None:
    text = "Chương I Quy định chung\nĐiều 7. Nhiệm vụ:\n1. Tham mưu;\n2. Theo dõi:\na) đôn đốc;\nđ) báo cáo.\nLời kết."
    assert list(blocks(text)) == [
        Chapter("Quy định chung"),
        Article("Nhiệm vụ:", (Clause("Tham mưu;"), Clause("Theo dõi:", ("đôn đốc;", "báo cáo.")))),
        Paragraph("Lời kết."),
    ]


def test_headings_and_lists_stand_outside_of_articles() -> None:
    assert list(blocks("II. MỤC TIÊU\n- một\n\n1. không phải khoản")) == [
        Heading("MỤC TIÊU"), Bullet("một"), Paragraph("1. không phải khoản"),
    ]  # fmt: skip


@given(st.lists(LINES, max_size=12))
def test_no_word_of_the_body_is_lost(lines: list[str]) -> None:
    text = "\n".join(lines)
    kept = "".join(repr(each) for each in blocks(text))
    for word in "".join(each if each.isalpha() and each.isascii() else " " for each in text).split():
        if len(word) > 3:
            assert word in kept


@given(LINES, LINES, st.lists(LINES, max_size=3), st.integers(0, 4), st.booleans())
def test_what_was_typed_is_read_back_as_it_was(
    abstract: str, body: str, bases: list[str], urgency: int, beside: bool
) -> None:
    made = DraftFields(
        "Công văn", abstract, body, bases=tuple(bases), urgency=urgency,
        signers=(ChainSigner(1, "GIÁM ĐỐC", "Nguyễn Văn An", ("KT. CHỦ TỊCH",), beside),),
        recipients=(Recipient("Sở", "axis", "H99"),),
    )  # fmt: skip
    assert DraftFields.from_json(made.to_json()) == made


@pytest.mark.parametrize("code", ["", "a b", "../x", "x" * 80])
def test_recipients_without_a_right_code_are_told(code: str) -> None:
    with pytest.raises(Refused) as refused:
        check(DraftFields("Công văn", "Về việc", recipients=(Recipient("Sở Thử", "axis", code),)))
    assert "Sở Thử" in refused.value.problems[0].vi
