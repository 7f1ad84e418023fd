"""Aliases and succession of codes on a day."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.vocabulary.alias import Alias, Succession, SuccessionKind, SuccessionTable
from lienthong.vocabulary.errors import ALIAS_CONFLICT, SUCCESSION_AMBIGUOUS, SUCCESSION_CYCLE

JULY = date(2025, 7, 1)


def follow(old, new, at=JULY, kind=SuccessionKind.MERGE, principal=False):
    return Succession(old, new, kind, at, principal=principal)


def test_a_merged_code_leads_to_its_successor_from_the_first_day_and_not_before():
    table = SuccessionTable([follow("H33", "H01")])
    assert table.resolve("H33", date(2025, 6, 30)).final == "H33"
    found = table.resolve("H33", JULY)
    assert (found.final, found.moved) == ("H01", True)
    assert found.notes_vi == ("Mã H33 được thay bằng mã H01 từ ngày 01/07/2025 (sáp nhập).",)
    assert found.notes_en == ("Code H33 was replaced by H01 from 2025-07-01 (merger).",)


def test_a_chain_is_followed_only_as_far_as_the_day_allows():
    table = SuccessionTable([follow("A1", "B1", date(2024, 1, 1)), follow("B1", "C1", date(2026, 1, 1))])
    assert table.resolve("A1", date(2025, 1, 1)).final == "B1"
    assert [step.new for step in table.resolve("A1", date(2026, 1, 1)).steps] == ["B1", "C1"]


def test_a_circle_is_refused_when_the_table_is_built_or_changed():
    with pytest.raises(Refused) as refusal:
        SuccessionTable([follow("A1", "B1"), follow("B1", "C1"), follow("C1", "A1")])
    assert refusal.value.code is SUCCESSION_CYCLE
    table = SuccessionTable([follow("A1", "B1")])
    with pytest.raises(Refused):
        table.changed([follow("B1", "A1")])
    assert table.resolve("B1", JULY).final == "B1"


def test_a_split_leads_to_its_principal_successor_or_is_refused_as_ambiguous():
    parts = [follow("A1", "B1", kind=SuccessionKind.SPLIT), follow("A1", "C1", kind=SuccessionKind.SPLIT)]
    with pytest.raises(Refused) as refusal:
        SuccessionTable(parts).resolve("A1", JULY)
    assert refusal.value.code is SUCCESSION_AMBIGUOUS
    assert "B1, C1" in refusal.value.sentence("vi")
    declared = [parts[0], follow("A1", "C1", kind=SuccessionKind.SPLIT, principal=True)]
    assert SuccessionTable(declared).resolve("A1", JULY).final == "C1"


def test_an_alias_is_resolved_before_and_after_each_succession():
    table = SuccessionTable(
        [follow("H33", "000.00.00.H01")], [Alias("000.00.00.H33", "H33"), Alias("000.00.00.H01", "H01")]
    )
    found = table.resolve("000.00.00.H33", JULY)
    assert (found.canonical, found.final) == ("H33", "H01")


def test_an_alias_may_pass_to_another_agency_but_not_name_two_at_once():
    first = Alias("X1", "A1", None, date(2024, 12, 31))
    table = SuccessionTable((), [first, Alias("X1", "B1", date(2025, 1, 1))])
    assert table.canonical("X1", date(2024, 12, 31)) == "A1"
    assert table.canonical("X1", date(2025, 1, 1)) == "B1"
    with pytest.raises(Refused) as refusal:
        SuccessionTable((), [first, Alias("X1", "B1", date(2024, 12, 31))])
    assert refusal.value.code is ALIAS_CONFLICT


def test_alias_and_succession_that_interlock_do_not_run_for_ever():
    table = SuccessionTable([follow("A1", "B1")], [Alias("B1", "A1")])
    with pytest.raises(Refused) as refusal:
        table.resolve("A1", JULY)
    assert refusal.value.code is SUCCESSION_CYCLE


def test_a_changed_table_leaves_the_first_one_alone():
    table = SuccessionTable([follow("A1", "B1")])
    other = table.changed([follow("C1", "D1")], [("A1", "B1")])
    assert table.resolve("A1", JULY).final == "B1"
    assert table.resolve("C1", JULY).final == "C1"
    assert other.resolve("A1", JULY).final == "A1"
    assert other.resolve("C1", JULY).final == "D1"


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=20))
def test_a_table_that_can_be_built_always_ends_or_names_the_ambiguity(edges):
    rows = {(f"C{a:02d}", f"C{b:02d}") for a, b in edges}
    try:
        table = SuccessionTable(follow(old, new) for old, new in sorted(rows))
    except Refused as refusal:
        assert refusal.code is SUCCESSION_CYCLE
        return
    assert all(old != new for old, new in rows)
    olds = {old for old, _ in rows}
    for code in sorted(olds):
        try:
            assert table.resolve(code, JULY).final not in olds
        except Refused as refusal:
            assert refusal.code is SUCCESSION_AMBIGUOUS


def test_one_change_may_shorten_an_alias_and_give_it_to_another_agency():
    table = SuccessionTable((), [Alias("X1", "B1")])
    passed = [Alias("X1", "A1", date(2026, 1, 1)), Alias("X1", "B1", None, date(2025, 12, 31))]
    assert table.changed(put_aliases=passed).canonical("X1", date(2026, 1, 1)) == "A1"
    with pytest.raises(Refused):
        table.changed(put_aliases=passed[:1])
