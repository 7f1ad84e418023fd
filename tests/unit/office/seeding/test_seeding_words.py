"""Invented words: places, people and sentences, from chance alone."""

import unicodedata
from datetime import date
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

import fixtures_office  # noqa: F401 - configures Django before its models are imported
from lienthong.base.text import nfc
from lienthong.office.seeding import words
from lienthong.office.seeding.agencies import shares
from lienthong.office.seeding.days import Days
from lienthong.office.seeding.phrasing import Phrases
from lienthong.office.seeding.places import places
from lienthong.vocabulary import agency as agency_codes
from lienthong.vocabulary.kinds import DECREE30
from lienthong.vocabulary.working_calendar import vietnam

seeds = st.integers(0, 10**9)
days = st.dates(date(2024, 1, 1), date(2028, 12, 31))


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 3000))
def test_every_invented_agency_has_a_code_of_the_test_group_and_a_marked_name(count: int) -> None:
    made = places(count)
    assert len(made) == count
    codes = {each.code for each in made}
    assert len(codes) == count
    for each in made:
        assert agency_codes.parse(each.code).is_test
        assert each.place.split()[0] in words.MARKS
        assert each.name.startswith("Bộ ") or each.place in each.name or each.level == "commune"
        assert each.parent == "" or each.parent in codes or count < 4


def test_three_thousand_agencies_have_three_thousand_names() -> None:
    made = places(3000)
    assert len({(each.superior, each.name) for each in made}) == 3000
    assert {each.level for each in made} == {"ministry", "province", "department", "commune"}
    for each in made:
        if each.level == "commune":
            assert any(f" {mark} " in each.name for mark in words.MARKS)


def test_a_ministry_is_named_by_what_it_pretends_to_do() -> None:
    real = {"Nội vụ", "Tài chính", "Quốc phòng", "Công an", "Y tế", "Tư pháp", "Xây dựng", "Ngoại giao", "Công Thương"}
    for each in places(3000):
        if each.level == "ministry":
            assert not any(name in each.name for name in real)


@given(seeds)
def test_every_person_carries_a_mark(seed: int) -> None:
    name = Phrases(Random(seed)).person()
    assert any(f" {mark} " in name for mark in words.PERSON_MARKS)


@given(seeds, st.sampled_from(sorted(words.LEADS)), days)
def test_sentences_are_composed_whole_tidy_and_within_their_columns(seed: int, kind: str, day: date) -> None:
    text = Phrases(Random(seed)).text(kind, "Ủy ban nhân dân xã Thử Giang Thượng", "Phòng Kinh tế", day)
    for part in (text.abstract, *text.paragraphs):
        assert part == nfc(part)
        assert part == " ".join(part.split())
        assert "{" not in part
        assert " ." not in part
        assert " ," not in part
        assert part[0].isupper()
        assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cn"} for c in part)
    assert len(text.abstract) <= 500
    assert all(part[-1] in ".;" for part in text.paragraphs)


@given(seeds, days)
def test_the_same_number_gives_the_same_document(seed: int, day: date) -> None:
    first, second = (Phrases(Random(seed)).text("Công văn", "Bộ Ví dụ", "Vụ Thử", day) for _ in range(2))
    assert first == second


def test_there_are_many_thousands_of_abstracts() -> None:
    phrases = Phrases(Random(3))
    made = {phrases.text("Công văn", "Bộ Ví dụ", "Vụ Thử", date(2026, 3, 2)).abstract for _ in range(3000)}
    assert len(made) > 2800


def test_kinds_are_those_of_the_decree() -> None:
    assert set(words.KIND_SHARES) == set(words.LEADS)
    assert set(words.LEADS) <= {kind.name for kind in DECREE30}


@given(st.integers(0, 100_000), st.lists(st.floats(0.5, 9), min_size=1, max_size=60))
def test_shares_together_are_the_whole(whole: int, weights: list[float]) -> None:
    parts = shares(whole, weights)
    assert sum(parts) == whole
    assert min(parts) >= 0
    assert len(parts) == len(weights)


@given(days, st.lists(st.floats(0, 0.999999), min_size=2, max_size=20))
def test_moments_are_working_days_in_order_and_not_after_the_end(until: date, at: list[float]) -> None:
    span, calendar = Days(until), vietnam()
    moments = [span.moment(share) for share in sorted(at)]
    assert moments == sorted(moments)
    for each in moments:
        assert calendar.is_working_day(each.date())
        assert each.date() <= until


@given(days, st.integers(1, 40))
def test_deadlines_are_counted_in_working_days_as_the_calendar_does(until: date, count: int) -> None:
    span = Days(until)
    assert span.after(until, count) == vietnam().add_working_days(until, count)
