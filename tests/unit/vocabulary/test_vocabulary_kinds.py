"""Kinds of documents and the packet's lists."""

import pytest

from lienthong.base.text import fold
from lienthong.vocabulary.kinds import (
    ADMINISTRATIVE,
    DECREE30,
    EDXML_ADMINISTRATIVE,
    EDXML_NORMATIVE,
    Family,
    FoundBy,
    look_up,
)


def test_the_decree_has_twenty_nine_kinds_and_twenty_seven_abbreviations():
    assert [kind.decree30 for kind in DECREE30] == list(range(1, 30))
    abbreviations = [kind.abbreviation for kind in DECREE30 if kind.abbreviation]
    assert len(set(abbreviations)) == 27
    assert {kind.name for kind in DECREE30 if not kind.abbreviation} == {"Công văn", "Thư công"}


def test_the_packets_lists_are_complete():
    assert sorted(EDXML_NORMATIVE) == list(range(1, 14))
    assert sorted(EDXML_ADMINISTRATIVE) == list(range(1, 33))
    assert (EDXML_ADMINISTRATIVE[18].name, EDXML_ADMINISTRATIVE[26].name) == ("Công văn", "Giấy giới thiệu")
    assert [n for n, kind in EDXML_ADMINISTRATIVE.items() if kind.edxml_inferred] == [
        *range(10, 18),
        27,
        30,
        31,
        32,
        28,
        29,
    ]


def test_no_two_administrative_kinds_look_alike_without_accents():
    assert len({fold(kind.name) for kind in ADMINISTRATIVE}) == len(ADMINISTRATIVE)


@pytest.mark.parametrize("number", [1, 2, 18, None, 99])
def test_the_name_decides_whatever_the_number(number):
    found = look_up("Công văn", number)
    assert (found.kind.name, found.by, found.certain) == ("Công văn", FoundBy.NAME, True)


@pytest.mark.parametrize("name", ["công văn", "CONG VAN", "  Công   văn ", "Cong van"])
def test_names_are_found_without_accents_and_in_any_case(name):
    assert look_up(name).kind.name == "Công văn"


@pytest.mark.parametrize(
    ("number", "family", "certain"),
    [
        (1, Family.NORMATIVE, True),
        (2, Family.ADMINISTRATIVE, True),
        (8, Family.NORMATIVE, True),
        (None, Family.ADMINISTRATIVE, False),
    ],
)
def test_a_name_in_both_lists_is_told_apart_by_the_number(number, family, certain):
    found = look_up("Quyết định", number)
    assert (found.family, found.certain) == (family, certain)


def test_type_one_with_nghi_quyet_is_both_a_family_and_a_list_number_and_so_uncertain():
    found = look_up("Nghị quyết", 1)
    assert (found.family, found.certain) == (Family.NORMATIVE, False)


def test_a_number_alone_gives_a_family_or_an_uncertain_kind():
    assert (look_up("", 2).family, look_up("", 2).kind) == (Family.ADMINISTRATIVE, None)
    assert look_up(None, 18).kind.name == "Công văn"
    assert look_up(None, 18).certain
    assert not look_up(None, 8).certain
    assert look_up(None, 2, 18).kind.name == "Công văn"
    assert look_up("Bức thư lạ", 77).by is FoundBy.NOTHING


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Chỉ thị, Chỉ thị (cá biệt)", "Chỉ thị"),
        ("Chỉ thị (cá biệt)", "Chỉ thị"),
        ("Qui chế", "Quy chế"),
        ("QUI ĐỊNH", "Quy định"),
    ],
)
def test_the_packet_formats_own_spelling_and_i_for_y_name_the_same_kind(written: str, name: str) -> None:
    found = look_up(written)
    assert found.kind is not None
    assert (found.kind.name, found.family, found.certain) == (name, Family.ADMINISTRATIVE, True)
