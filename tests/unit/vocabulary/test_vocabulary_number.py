"""Document numbers and identifiers, the regular and the real ones."""

import unicodedata
import uuid
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.vocabulary.errors import DOCUMENT_ID_MALFORMED, DOCUMENT_NUMBER_MALFORMED
from lienthong.vocabulary.number import (
    IdFlag,
    IdForm,
    document_id,
    merge,
    normalise,
    parse,
    parse_document_id,
    read_date,
    split,
)


@pytest.mark.parametrize(
    ("text", "number", "notation"),
    [
        ("1234/VPCP-KSTT", "1234", "VPCP-KSTT"),
        ("Số: 05 / BNV – VP", "05", "BNV-VP"),
        ("30/2020/NĐ-CP", "30", "2020/NĐ-CP"),
        ("15a/QyĐ-X", "15a", "QyĐ-X"),
        ("77", "77", ""),
        (unicodedata.normalize("NFD", "7816/VPCP-TTĐT"), "7816", "VPCP-TTĐT"),
        ("12⁄UBND‑VX", "12", "UBND-VX"),
    ],
)
def test_numbers_are_read_in_the_spellings_that_occur(text, number, notation):
    read = parse(text)
    assert (read.number, read.notation) == (number, notation)
    assert split(text) == (number, notation)


@pytest.mark.parametrize("text", ["", "VPCP-KSTT", "/VPCP", "12\x07/X", "1" * 200])
def test_a_text_without_a_number_is_refused(text):
    with pytest.raises(Refused) as refusal:
        parse(text)
    assert refusal.value.code is DOCUMENT_NUMBER_MALFORMED


def test_a_symbol_that_repeats_the_number_is_not_doubled():
    assert merge("15", "15/QĐ-BNV") == "15/QĐ-BNV"
    assert merge("15", "QĐ-BNV") == "15/QĐ-BNV"
    assert merge("15", "") == "15"


def test_comparison_ignores_letter_case_spaces_and_leading_zeros():
    assert parse("05/QĐ-BNV").key == parse("Số 5 / qđ - bnv").key
    assert parse("05/QĐ-BNV").key != parse("50/QĐ-BNV").key


def test_the_identifier_of_practice_is_built_and_read_back():
    made = document_id("000.00.00.G22", date(2015, 9, 30), "7816", "VPCP-TTĐT")
    assert made == "000.00.00.G22,2015/09/30,7816/VPCP-TTĐT"
    read = parse_document_id(made)
    assert (read.form, read.flags) == (IdForm.CODE_DATE_NUMBER, ())
    assert (read.code.text, read.issue_date, read.number.text) == (
        "000.00.00.G22",
        date(2015, 9, 30),
        "7816/VPCP-TTĐT",
    )


@pytest.mark.parametrize(
    ("text", "flag", "issue_date"),
    [
        ("000.00.00.G22,2015-09-30,1/A", IdFlag.DASH_DATE, date(2015, 9, 30)),
        ("000.00.00.G22,30/10/2020,1/A", IdFlag.DAY_FIRST_DATE, date(2020, 10, 30)),
        ("000.00.00.G22,2014/02/30,1/A", IdFlag.IMPOSSIBLE_DATE, None),
        ("000.00.00.G22,0036/04/04,1/A", IdFlag.IMPOSSIBLE_DATE, None),
        ("000.00.00.G22,,1/A", IdFlag.NO_DATE, None),
        ("14.00.W00,2020/01/02,1/A", IdFlag.IRREGULAR_CODE, date(2020, 1, 2)),
        ("H01,2020/01/02,khong so", IdFlag.UNREADABLE_NUMBER, date(2020, 1, 2)),
        (" H01,2020/01/02,1/A", IdFlag.NOT_NORMALISED, date(2020, 1, 2)),
        ("H01,2020/01/02,1/" + "A" * 70, IdFlag.LONG, date(2020, 1, 2)),
    ],
)
def test_deviating_identifiers_are_kept_and_flagged(text, flag, issue_date):
    read = parse_document_id(text)
    assert read.text == text
    assert flag in read.flags
    assert read.issue_date == issue_date
    assert read.form is IdForm.CODE_DATE_NUMBER


def test_an_impossible_date_stays_readable_as_written():
    assert parse_document_id("000.00.00.G22,2014/02/30,1/A").date_text == "2014/02/30"


def test_a_bare_uuid_and_the_decisions_own_form_are_recognised():
    assert parse_document_id(str(uuid.UUID(int=77))).form is IdForm.UUID
    read = parse_document_id("000.00.00.G22-2020-1234")
    assert (read.form, read.year, read.number.number) == (IdForm.CODE_YEAR_ORDINAL, 2020, "1234")
    assert parse_document_id("văn bản 12").form is IdForm.OPAQUE


@pytest.mark.parametrize("text", ["", "  ", "A\nB", "x" * 256])
def test_an_identifier_that_cannot_be_one_is_refused(text):
    with pytest.raises(Refused) as refusal:
        parse_document_id(text)
    assert refusal.value.code is DOCUMENT_ID_MALFORMED


@given(
    st.dates(min_value=date(1945, 1, 1)),
    st.integers(1, 99_999),
    st.from_regex(r"[A-ZĐ]{2,6}-[A-ZĐ]{1,6}", fullmatch=True),
)
def test_every_built_identifier_is_read_back_whole(day, number, notation):
    read = parse_document_id(document_id("H01.151", day, str(number), notation))
    assert (read.issue_date, read.number.text, read.flags) == (day, f"{number}/{notation}", ())


@given(st.text(max_size=300))
def test_any_identifier_is_kept_verbatim_or_refused(text):
    try:
        assert parse_document_id(text).text == text
    except Refused as refusal:
        assert refusal.code is DOCUMENT_ID_MALFORMED


@given(st.text(max_size=150))
def test_normalising_twice_changes_nothing_more_and_parsing_is_stable(text):
    try:
        read = parse(text)
    except Refused as refusal:
        assert refusal.code is DOCUMENT_NUMBER_MALFORMED
    else:
        assert parse(read.text) == read
        assert normalise(read.text) == read.text


@given(st.dates(min_value=date(1945, 1, 1)))
def test_a_real_date_is_read_in_all_three_spellings(day):
    for text in (f"{day:%Y/%m/%d}", f"{day:%Y-%m-%d}", f"{day:%d/%m/%Y}"):
        assert read_date(text)[0] == day
