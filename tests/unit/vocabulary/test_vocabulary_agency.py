"""Agency codes of both systems and the irregular ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.vocabulary.agency import CodeSystem, parse
from lienthong.vocabulary.errors import AGENCY_CODE_MALFORMED


def test_a_thirteen_character_code_is_read_from_right_to_left():
    code = parse("000.12.31.H53")
    assert (code.system, code.level1, code.levels, code.level) == (
        CodeSystem.QCVN102,
        "H53",
        ("H53", "31", "12"),
        3,
    )
    assert code.family == "H"


def test_the_parent_of_a_thirteen_character_code_has_its_lowest_level_set_to_zero():
    chain, code = [], parse("001.12.31.H53")
    while code is not None:
        chain.append(code.text)
        code = code.parent()
    assert chain == ["001.12.31.H53", "000.12.31.H53", "000.00.31.H53", "000.00.00.H53"]


def test_a_code_of_the_later_system_is_read_from_left_to_right():
    code = parse("H37.DN.001")
    assert (code.system, code.levels, code.family) == (CodeSystem.QD20, ("H37", "DN", "001"), "H")
    assert code.parent() == parse("H37.DN")
    assert parse("H37").parent() is None


@pytest.mark.parametrize(
    ("text", "level1", "level", "parent"),
    [
        ("14.00.W00", "W00", 3, "00.00.W00"),
        ("01.02.G22", "G22", 3, "00.02.G22"),
        ("00.00.H57", "H57", 1, None),
        ("001.00.20.JB2", "JB2", 4, "000.00.20.JB2"),
        ("0001231.H53", "H53", 2, "0000000.H53"),
        ("vxp.saas.03", None, 0, None),
        ("0101234567-001", None, 0, None),
    ],
)
def test_irregular_codes_are_kept_as_written(text, level1, level, parent):
    code = parse(text)
    assert (code.text, code.system) == (text, CodeSystem.IRREGULAR)
    assert (code.level1, code.level) == (level1, level)
    above = code.parent()
    assert (above.text if above else None) == parent


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "H53 .01",
        "H53/01",
        "H53\\01",
        "..",
        "H53..01",
        ".H53",
        "H53.",
        "H\x0053",
        "Đ53",
        "H53\u202e",
        "A" * 36,
    ],
)
def test_nonsense_is_refused_with_a_sentence_in_both_languages(text):
    with pytest.raises(Refused) as refusal:
        parse(text)
    assert refusal.value.code is AGENCY_CODE_MALFORMED
    assert "{" not in refusal.value.sentence("vi") + refusal.value.sentence("en")


def test_white_space_around_a_code_is_dropped():
    assert parse("\n 000.00.00.H26\t").text == "000.00.00.H26"


def test_codes_sort_by_level_one_first_across_systems():
    texts = ["vxp.saas.03", "000.00.31.H53", "H01.151", "000.00.00.H53", "H01", "000.01.31.H53", "G09.01"]
    assert sorted(texts, key=lambda text: parse(text).order) == [
        "G09.01",
        "H01",
        "H01.151",
        "000.00.00.H53",
        "000.00.31.H53",
        "000.01.31.H53",
        "vxp.saas.03",
    ]


def test_ancestry_holds_inside_a_system_and_across_systems_only_from_level_one():
    assert parse("000.00.31.H53").is_ancestor(parse("000.12.31.H53"))
    assert not parse("000.00.31.H53").is_ancestor(parse("000.12.32.H53"))
    assert parse("H53").is_ancestor(parse("000.12.31.H53"))
    assert not parse("H53.31").is_ancestor(parse("000.12.31.H53"))
    assert not parse("H53").is_ancestor(parse("H53"))


def test_the_test_group_is_known():
    assert parse("000.00.01.W00").is_test
    assert not parse("H01").is_test


two, three = st.from_regex(r"[0-9]{2}", fullmatch=True), st.from_regex(r"[0-9]{3}", fullmatch=True)
level_one = st.from_regex(r"[A-Z][0-9]{2}", fullmatch=True)


@given(three, two, two, level_one)
def test_every_parent_is_a_strict_ancestor(level4, level3, level2, level1):
    code = parse(f"{level4}.{level3}.{level2}.{level1}")
    parent = code.parent()
    if parent is None:
        assert code.level == 1
    else:
        assert parent.level < code.level
        assert parent.is_ancestor(code)
        assert not code.is_ancestor(parent)


@given(st.text(max_size=40))
def test_any_text_is_read_verbatim_or_refused(text):
    try:
        code = parse(text)
    except Refused as refusal:
        assert refusal.code is AGENCY_CODE_MALFORMED
    else:
        assert code.text == text.strip(" \t\r\n")
        assert code.text.isascii()
        assert not set(code.text) & set("/\\ \0")
        assert code.parent() is None or code.parent().level < code.level


@given(level_one, st.lists(st.from_regex(r"[0-9A-Z]{1,5}", fullmatch=True), max_size=5))
def test_every_code_of_the_later_system_is_recognised(level1, lower):
    code = parse(".".join([level1, *lower]))
    assert code.system is CodeSystem.QD20
    assert code.level == len(lower) + 1
