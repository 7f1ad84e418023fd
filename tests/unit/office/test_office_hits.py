"""Words of a question on a page, and the layer of words that is laid over its picture."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

import fixtures_office  # noqa: F401 - configures Django before its models are imported
from lienthong.office.screens.word_layer import layer
from lienthong.office.services.hits import Hit, Mark, hits_on
from lienthong.office.services.questions import read
from lienthong.trust.pdf.words import Row

SVG = "{http://www.w3.org/2000/svg}"


def rows(*texts: str) -> list[Row]:
    """Lines one under the other, every character ten points wide."""
    made = []
    for number, text in enumerate(texts):
        edges, at = [], 0
        for word in text.split(" "):
            edges.append((at * 10.0, (at + len(word)) * 10.0))
            at += len(word) + 1
        made.append(Row(text, 700 - 20 * number, 712 - 20 * number, 12, edges))
    return made


def found(question: str, *texts: str) -> list[list[str]]:
    """The texts under the marks of each hit."""
    page = rows(*texts)
    return [[page[each.row].text[each.start : each.end] for each in hit.marks] for hit in hits_on(page, read(question))]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("quyet dinh", [["Quyết định"], ["quyết"]]),
        ("QUYẾT", [["Quyết"], ["quyết"]]),
        ('"quyet dinh"', [["Quyết định"]]),
        ("1312", [["1312"]]),
        ("131", [["1312"]]),
        ("1312/VPCP", [["1312/VPCP"]]),
        ("vpcp -kstt", [["VPCP"]]),
        ("05", [["5"]]),
        ("không_có", []),
        ("", []),
        ("-quyết", []),
        ("đ", []),
    ],
)
def test_what_the_search_finds_is_marked(question: str, expected: list[list[str]]) -> None:
    assert found(question, "Quyết định số 1312/VPCP-KSTT", "ngày 5 tháng 1, đã quyết xong") == expected


def test_what_stands_side_by_side_is_one_hit_also_over_the_end_of_a_line() -> None:
    assert found("kế hoạch", "về kế", "hoạch năm, kế hoạch tháng") == [["kế", "hoạch"], ["kế hoạch"]]


def test_a_hit_says_how_many_different_words_stand_in_it() -> None:
    hits = hits_on(rows("kế kế kế", "kế hoạch"), read("kế hoạch"))
    assert [each.words for each in hits] == [2]
    assert [each.words for each in hits_on(rows("kế kế và kế hoạch"), read("kế hoạch"))] == [1, 2]


def test_a_phrase_is_marked_only_where_its_words_stand_together() -> None:
    assert found('"chuyển đổi số"', "số liệu chuyển đổi", "chuyển đổi số") == [["chuyển đổi số"]]


def test_the_layer_holds_every_word_at_its_place_and_marks_below_the_text() -> None:
    page = rows("Quyết định này", "gồm 3 điều")
    tree = ElementTree.fromstring(layer(page, (595.28, 841.89), hits_on(page, read("dinh"))))
    assert tree.get("viewBox") == "0 0 595.3 841.9"
    assert ["".join(each.itertext()) for each in tree.iter(f"{SVG}text")] == ["Quyết định này", "gồm 3 điều"]
    first = next(tree.iter(f"{SVG}tspan"))
    assert (first.text, first.get("x"), first.get("textLength")) == ("Quyết ", "0", "60")
    (mark,) = tree.iter(f"{SVG}rect")
    assert (mark.get("data-hit"), mark.get("x"), mark.get("width")) == ("0", "59", "42")
    assert [each.tag.removeprefix(SVG) for each in tree] == ["rect", "text", "text"]


def test_a_part_of_a_word_is_marked_by_its_share() -> None:
    (hit,) = hits_on(rows("12/VPCP"), read("vpcp"))
    assert hit == Hit((Mark(0, 3, 7),), 1)
    assert 'x="29" y=' in layer(rows("12/VPCP"), (100, 800), [hit])


def test_markup_and_what_no_xml_may_hold_stay_text() -> None:
    page = [Row('<script>"&\x07\x00', 10, 20, 12, [(0, 50)])]
    tree = ElementTree.fromstring(layer(page, (100, 100)))
    assert "".join(tree.itertext()) == '<script>"&\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}'
    assert "style" not in layer(page, (100, 100))


def test_an_empty_page_is_an_empty_layer() -> None:
    assert list(ElementTree.fromstring(layer([], (595, 842)))) == []
