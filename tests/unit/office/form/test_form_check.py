"""Every rule of the form: a right document breaks none; a document wrong in one respect breaks just that rule."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from form_pages import change, decision, expected, letter, line, moved, sizes
from lienthong.office.form.check import check
from lienthong.office.form.check_rules import RULES, Level
from lienthong.office.form.expected import NOTHING_KNOWN
from lienthong.trust.pdf.anchors import Box
from lienthong.trust.pdf.lines import Line, PageSize

Lines = list[Line]
Change = Callable[[Lines], Lines]


def _line(start: str, how: Callable[[Line], Line] | str | None) -> Change:
    return lambda lines: change(lines, start, how)


def _typed(start: str, **attributes: object) -> Change:
    return _line(start, lambda each: replace(each, **attributes))  # type: ignore[arg-type]


def _also(*more: Line) -> Change:
    return lambda lines: [*lines, *more]


DECISIONS: list[tuple[str, str, Change]] = [
    ("margin", "the text begins 20 mm from the left edge", lambda lines: moved(lines, right=-28)),
    ("margin", "the second page begins 12 mm from the top", lambda lines: moved(lines, up=25, page=1)),
    ("font", "one line is in Arial", _typed("của tỉnh.", font="Arial")),
    ("page-number", "page 2 has no number", _line("2", None)),
    ("page-number", "page 2 says 7", _line("2", "7")),
    ("page-number", "the number stands at the right", _line("2", lambda each: replace(each, box=Box(1, 530, 805, 536, 817)))),
    ("page-number", "page 1 shows its number", _also(line("1", 805, 13, middle=316))),
    ("type-size", "the motto is too large", _typed("Độc lập", size=15.0)),
    ("type-size", "the recipients are as large as the content", _typed("- UBND tỉnh", size=14.0)),
    ("type-size", "the content has size 16", lambda lines: [replace(each, size=16.0) if each.box.width > 420 else each for each in lines]),
    ("type-style", "the superior agency is bold italic", _typed("Thử Nghiệm, ngày", italic=False)),
    ("type-style", "the kind's abstract is not bold", _typed("Về việc", bold=False)),
    ("type-style", "the signer's name is in capitals", _line("Trần Thị", lambda each: replace(each, text=each.text.upper()))),
    ("upper-case", "the superior agency is in small letters", _line("UBND TỈNH", "UBND tỉnh Thử Nghiệm")),
    ("national-name", "the national name is cut short", _line("CỘNG HÒA", "CỘNG HÒA XHCN VIỆT NAM")),
    ("national-name", "the national name is missing", _line("CỘNG HÒA", None)),
    ("national-motto", "the motto has long dashes", _line("Độc lập", "Độc lập – Tự do – Hạnh phúc")),
    ("national-motto", "the motto has other capitals", _line("Độc lập", "Độc Lập - Tự Do - Hạnh Phúc")),
    ("issuer", "another agency issues it", _line("SỞ NỘI VỤ", "SỞ TÀI CHÍNH")),
    ("number-form", "a number under ten has no zero", _line("Số:", "Số: 5/QĐ-SNV")),
    ("number-form", "the colon is missing", _line("Số:", "Số 15/QĐ-SNV")),
    ("number-form", "there are blanks about the hyphen", _line("Số:", "Số: 15/QĐ - SNV")),
    ("number-form", "there is no number at all", _line("Số:", None)),
    ("symbol", "the symbol is that of another kind", _line("Số:", "Số: 15/TB-SNV")),
    ("symbol", "the symbol is that of another agency", _line("Số:", "Số: /QĐ-STC")),
    ("date-form", "the day has no zero", _line("Thử Nghiệm, ngày", "Thử Nghiệm, ngày 5 tháng 01 năm 2026")),
    ("date-form", "February has no zero", _line("Thử Nghiệm, ngày", "Thử Nghiệm, ngày 05 tháng 2 năm 2026")),
    ("date-form", "March has a zero", _line("Thử Nghiệm, ngày", "Thử Nghiệm, ngày 05 tháng 03 năm 2026")),
    ("date-form", "there is no such day", _line("Thử Nghiệm, ngày", "Thử Nghiệm, ngày 30 tháng 02 năm 2026")),
    ("date-form", "the comma is missing", _line("Thử Nghiệm, ngày", "Thử Nghiệm ngày 05 tháng 01 năm 2026")),
    ("date-year", "the year is not set", _line("Thử Nghiệm, ngày", "Thử Nghiệm, ngày tháng năm")),
    ("date-year", "the year is last year's", _line("Thử Nghiệm, ngày", "Thử Nghiệm, ngày tháng năm 2025")),
    ("kind", "another kind is printed", _line("QUYẾT ĐỊNH", "THÔNG BÁO")),
    ("abstract", "there is no abstract", _line("Về việc", None)),
    ("abstract", "the abstract ends with a full stop", _line("Về việc", "Về việc thành lập Tổ công tác.")),
    ("legal-bases", "a basis is upright", _typed("Căn cứ", italic=False)),
    ("legal-bases", "a basis ends with a comma", _line("Căn cứ", "Căn cứ Luật Tổ chức chính quyền địa phương,")),
    ("legal-bases", "the last basis ends with a semicolon", _line("Theo đề", "Theo đề nghị của Chánh Văn phòng;")),
    ("legal-bases", "a decision has no basis", lambda lines: change(change(lines, "Căn cứ", None), "Theo đề", None)),
    ("article-numbers", "article 2 is skipped", lambda lines: change(change(lines, "Điều 2", "Điều 3. Nhiệm vụ:"), "Điều 3. Quyết", lambda each: replace(each, text=each.text.replace("Điều 3", "Điều 4")))),
    ("clause-numbers", "clause 2 is numbered 3", _line("2. Theo", "3. Theo dõi việc thực hiện:")),
    ("point-letters", "point b is lettered c", _line("b) báo", "c) báo cáo.")),
    ("ending", "the content ends with a full stop only", _line("Quyết định này", "Quyết định này.")),
    ("agency-capitals", "an agency's name has too many capitals", _line("1. Tham", "1. Tham mưu cho Sở Nội Vụ;")),
    ("agency-capitals", "«và» has a capital", _line("1. Tham", "1. Phối hợp với Sở Giáo dục Và Đào tạo;")),
    ("signer", "another person signs", _line("Trần Thị", "Trần Thị Hoa Mai")),
    ("capacity", "the full stop of the capacity is missing", _line("KT. GIÁM", "KT GIÁM ĐỐC")),
    ("capacity", "the capacity is written with a slash", _line("KT. GIÁM", "K/T GIÁM ĐỐC")),
    ("academic-title", "the name bears a degree", _line("Trần Thị", "TS. Trần Thị Bưởi")),
    ("recipients", "nothing is kept", _line("- Lưu:", "- Các phòng.")),
    ("recipients", "a line has no semicolon", _line("- UBND tỉnh", "- UBND tỉnh (để báo cáo)")),
    ("recipients", "there are no recipients", lambda lines: [each for each in lines if each.box.left > 86.5 or each.size > 12.5]),
]  # fmt: skip
LETTERS: list[tuple[str, str, Change]] = [
    ("abstract", "the abstract lacks «V/v»", _line("V/v", "Về việc báo cáo công tác")),
    ("abstract", "there is no abstract", lambda lines: change(change(lines, "V/v", None), "năm 2026", None)),
    ("addressees", "there is no «Kính gửi»", lambda lines: [each for each in lines if not each.text.startswith(("Kính", "- Các", "- UBND các"))]),
    ("addressees", "the colon is missing", _line("Kính gửi", "Kính gửi")),
    ("addressees", "a line has no semicolon", _line("- Các phòng", "- Các phòng thuộc Sở")),
    ("addressees", "the last line has no full stop", _line("- UBND các", "- UBND các xã, phường")),
    ("symbol", "the drafting unit is another one", _line("Số:", "Số: /SNV-TC")),
    ("type-style", "the abstract is bold", _typed("V/v", bold=True)),
]  # fmt: skip
TEXTS: list[tuple[str, str]] = [
    ("double-space", "Các phòng  thuộc Sở"),
    ("punctuation", "Các phòng , đơn vị"),
    ("unicode", unicodedata.normalize("NFD", "Các phòng") + " đơn vị"),
]


def test_a_right_decision_breaks_no_rule() -> None:
    lines = decision()
    assert check(lines, sizes(lines), expected("Quyết định"), [each.text for each in lines]) == ()
    assert check(lines, sizes(lines), NOTHING_KNOWN) == ()


def test_a_right_letter_breaks_no_rule() -> None:
    lines = letter()
    assert check(lines, sizes(lines), expected("Công văn"), [each.text for each in lines]) == ()
    assert check(lines, sizes(lines), NOTHING_KNOWN) == ()


@pytest.mark.parametrize("number", ["Số: 05/QĐ-SNV", "Số: 15a/QĐ-SNV", "Số: 1234/QĐ-SNV"])
def test_a_number_that_was_given_is_right(number: str) -> None:
    lines = change(decision(), "Số:", number)
    assert check(lines, sizes(lines), expected("Quyết định")) == ()


@pytest.mark.parametrize("when", ["ngày 05 tháng 01", "ngày 12 tháng 3", "ngày 30 tháng 12"])
def test_a_date_that_was_given_is_right(when: str) -> None:
    lines = change(decision(), "Thử Nghiệm, ngày", f"Thử Nghiệm, {when} năm 2026")
    assert check(lines, sizes(lines), expected("Quyết định")) == ()


@pytest.mark.parametrize(("rule", "what", "how"), DECISIONS, ids=[what for _, what, _ in DECISIONS])
def test_a_decision_wrong_in_one_respect_breaks_just_that_rule(rule: str, what: str, how: Change) -> None:
    lines = how(decision())
    findings = check(lines, sizes(lines), expected("Quyết định"))
    assert {finding.rule for finding in findings} == {rule}, what


@pytest.mark.parametrize(("rule", "what", "how"), LETTERS, ids=[what for _, what, _ in LETTERS])
def test_a_letter_wrong_in_one_respect_breaks_just_that_rule(rule: str, what: str, how: Change) -> None:
    lines = how(letter())
    findings = check(lines, sizes(lines), expected("Công văn"))
    assert {finding.rule for finding in findings} == {rule}, what


@pytest.mark.parametrize(("rule", "text"), TEXTS)
def test_a_wrong_text_breaks_just_that_rule(rule: str, text: str) -> None:
    lines = decision()
    assert [each.rule for each in check(lines, sizes(lines), expected("Quyết định"), [text])] == [rule]


def test_the_blanks_for_number_and_date_are_no_double_spaces() -> None:
    lines = decision()
    blanks = ["Số:        /QĐ-SNV", "Thử Nghiệm, ngày      tháng      năm 2026"]
    assert check(lines, sizes(lines), expected("Quyết định"), blanks) == ()


def test_a_page_of_letter_size_is_not_a4() -> None:
    lines = decision()
    pages = [PageSize(0, 612, 792, 500, 0.0), *sizes(lines)[1:]]
    assert [each.rule for each in check(lines, pages, expected("Quyết định"))] == ["page-size"]


def test_every_rule_has_a_document_that_breaks_it() -> None:
    broken = {rule for rule, *_ in (*DECISIONS, *LETTERS, *TEXTS)} | {"page-size"}
    assert broken == set(RULES)


def test_a_finding_says_where_what_why_and_how_to_put_it_right() -> None:
    lines = change(decision(), "Số:", "Số: 5/QĐ-SNV")
    (finding,) = check(lines, sizes(lines), expected("Quyết định"))
    assert (finding.level, finding.page) == (Level.ERROR, 0)
    assert finding.box == next(each.box for each in lines if each.text.startswith("Số:"))
    assert finding.vi.startswith("Số, ký hiệu «Số: 5/QĐ-SNV»") and "05/QĐ-SNV" in finding.fix_vi
    assert "30/2020" in finding.why and "{" not in finding.vi + finding.en + finding.fix_vi + finding.fix_en


_WORDS = st.text("AĐaốộn 0159./:;-,()IVX«»Điều", max_size=30)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_stands_on_the_pages_the_check_answers(data: st.DataObject) -> None:
    lines = []
    for each in data.draw(st.permutations(decision())):
        text = data.draw(st.one_of(st.just(each.text), _WORDS))
        size, page = data.draw(st.sampled_from([each.size, 0.5, 40.0])), data.draw(st.sampled_from([each.page, 0, 3]))
        lines.append(replace(each, text=text, size=size, page=page, bold=data.draw(st.booleans())))
    for finding in check(lines[: data.draw(st.integers(0, 30))], sizes(lines), expected("Quyết định")):
        assert finding.rule in RULES and finding.vi and finding.en and "{" not in finding.vi + finding.en


def test_an_empty_document_is_told_what_is_missing() -> None:
    rules = {finding.rule for finding in check([], [PageSize(0, 595.3, 841.9, 0, 0.0)], expected("Quyết định"))}
    assert {
        "national-name",
        "national-motto",
        "issuer",
        "number-form",
        "date-form",
        "kind",
        "signer",
        "recipients",
    } <= rules


def test_a_word_at_the_start_of_a_wrapped_line_is_no_article() -> None:
    lines = change(decision(), "của tỉnh.", "Điều 9. của quy chế.")
    assert check(lines, sizes(lines), expected("Quyết định")) == ()


def test_both_habits_of_placing_a_tone_are_right() -> None:
    lines = change(decision(), "CỘNG HÒA", "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    assert check(lines, sizes(lines), expected("Quyết định")) == ()


def test_an_appendix_counts_its_pages_anew() -> None:
    lines = [*decision(), line("Phụ lục", 772, 14, "B", middle=316, page=2), line("DANH SÁCH", 755, 14, "B", middle=316, page=2),
             line("2", 805, 13, middle=316, page=3), line("1. Ông Nguyễn Văn An", 770, page=3)]  # fmt: skip
    assert [each.rule for each in check(lines, sizes(lines), expected("Quyết định"))] == []
