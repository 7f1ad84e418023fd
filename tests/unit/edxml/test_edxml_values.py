from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.base.clock import VIETNAM
from lienthong.edxml.values import (
    bare_content_id,
    date_text,
    moment_text,
    read_date,
    read_flag,
    read_integer,
    read_moment,
)


@given(st.dates())
def test_a_written_date_is_read_back(day: date) -> None:
    assert read_date(date_text(day)) == day


@given(st.dates(min_value=date(1945, 9, 2)))
def test_a_date_with_the_day_first_means_the_same_day(day: date) -> None:
    assert read_date(f"{day.day:02d}/{day.month:02d}/{day.year:04d}") == day


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)))
def test_a_written_instant_is_read_back_to_the_second(moment: datetime) -> None:
    moment = moment.replace(microsecond=0, tzinfo=VIETNAM)
    assert read_moment(moment_text(moment)) == moment


@given(st.text(max_size=40))
def test_any_text_is_a_value_or_nothing(text: str) -> None:
    for read in (read_date, read_moment, read_integer, read_flag):
        read(text)


@pytest.mark.parametrize(
    "text", ["2026/02/30", "29/02/2027", "10/30/2020", "2026/13/01", "hôm nay", "٢٠٢٦/٠١/٠١", "20261120"]
)
def test_what_is_no_date_is_not_guessed(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("text", "utc_hour"),
    [
        ("2026-11-20T15:42:07", 8),
        ("2026-11-20T15:42:07Z", 15),
        ("2026-11-20T15:42:07+14:00", 1),
        ("20/11/2026 15:42", 8),
    ],
)
def test_an_instant_without_zone_is_vietnamese_and_with_zone_is_converted(text: str, utc_hour: int) -> None:
    moment = read_moment(text)
    assert moment is not None
    assert moment.utcoffset() == timedelta(hours=7)
    assert (moment - timedelta(hours=7)).hour == utc_hour


@pytest.mark.parametrize(
    "text", ["2026/11/20 24:00:00", "2026/11/20 23:59:60", "9999-12-31T23:59:59-14:00", "2026/11/20"]
)
def test_an_impossible_instant_is_none(text: str) -> None:
    assert read_moment(text) is None


def test_numbers_are_ascii_and_short() -> None:
    assert read_integer("007") == 7
    assert [read_integer(text) for text in ("", "1.5", "1e3", "٣", "1_000", "9" * 10)] == [None] * 6


def test_a_content_id_is_the_same_with_and_without_its_scheme() -> None:
    assert bare_content_id("cid:12") == bare_content_id("CID: 12") == bare_content_id("12") == "12"
