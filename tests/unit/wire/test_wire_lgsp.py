"""Tokens and answers of the REST façade."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lienthong.exchange.errors as exchange_errors
from lienthong.base.errors import Refused, all_codes
from lienthong.infra.errors import TOO_MANY_REQUESTS
from lienthong.wire.lgsp import answers
from lienthong.wire.lgsp.errors import LGSP_TOKEN_EXPIRED, LGSP_TOKEN_WRONG
from lienthong.wire.lgsp.tokens import LIFE, issue, read_token

NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
SECRET = b"demo-secret"


def test_a_token_is_believed_under_its_own_secret_until_its_end() -> None:
    token = read_token("Bearer " + issue("000.00.00.H26", SECRET, NOW))
    assert (token.system, token.until) == ("000.00.00.H26", NOW + LIFE)
    assert token.is_by(SECRET)
    assert not token.is_by(SECRET + b"x")
    token.require_current(NOW + LIFE - timedelta(seconds=1))
    with pytest.raises(Refused) as refusal:
        token.require_current(NOW + LIFE)
    assert refusal.value.code is LGSP_TOKEN_EXPIRED
    with pytest.raises(Refused) as refusal:
        token.require_current(NOW - timedelta(minutes=2))
    assert refusal.value.code is LGSP_TOKEN_WRONG


@given(st.text(min_size=1, max_size=60), st.binary(min_size=1, max_size=64), st.integers(0, 200))
def test_a_token_with_any_changed_character_is_not_believed(system: str, secret: bytes, place: int) -> None:
    made = issue(system, secret, NOW)
    place %= len(made)
    assert read_token("bearer  " + made).is_by(secret)
    assert read_token("Bearer " + made).system == system
    # The last character of a Base64 group carries bits that count for nothing; the text still differs.
    changed = made[:place] + ("A" if made[place] != "A" else "B") + made[place + 1 :]
    try:
        token = read_token("Bearer " + changed)
    except Refused as refusal:
        assert refusal.code is LGSP_TOKEN_WRONG
    else:
        assert not token.is_by(secret)


@given(
    st.text(max_size=200)
    | st.from_regex(r"Bearer l1\.[0-9A-Za-z_-]{0,9}\.[0-9]{0,14}\.[0-9A-Za-z_-]{42,44}", fullmatch=True)
)
def test_any_authorization_is_read_or_refused(text: str) -> None:
    try:
        assert not read_token(text).is_by(SECRET)
    except Refused as refusal:
        assert refusal.code is LGSP_TOKEN_WRONG


def test_every_code_of_the_product_has_a_number_of_the_list_and_only_20_may_be_sent_again() -> None:
    for code in all_codes().values():
        number = answers.number_of(Refused(code))
        assert number in {10, 15, 18, 19, 20, 21, 22, 23, 100}, code.name
        found = json.loads(answers.refused(Refused(code), ""))
        assert found["retry"] is False or number == 20, code.name


def test_an_answer_is_ascii_json_with_its_members() -> None:
    found = json.loads(answers.refused(Refused(TOO_MANY_REQUESTS, seconds=3), []).decode("ascii"))
    assert (found["success"], found["errorCode"], found["error"], found["data"]) == (False, 20, "TOO_MANY_REQUESTS", [])
    whole = b"".join(answers.listing([{"code": f"{n}", "name": "Sở"} for n in range(1200)]))
    found = json.loads(whole.decode("ascii"))
    assert (found["success"], found["errorCode"], len(found["data"])) == (True, 0, 1200)
    assert json.loads(b"".join(answers.listing([])))["data"] == []
    held = json.loads(answers.DATA_HEAD + base64.b64encode(b"abc") + answers.DATA_TAIL)
    done = json.loads(answers.success(data="YWJj"))
    assert held == done


def test_a_form_without_its_file_is_an_invalid_file_and_a_wrong_date_is_not() -> None:
    malformed = exchange_errors.REQUEST_MALFORMED
    assert answers.number_of(Refused(malformed, member="multipart", why="-")) == 10
    assert answers.number_of(Refused(malformed, member="fromDate", why="-")) == 100


@pytest.mark.parametrize(
    ("text", "day"),
    [("2026/11/20", date(2026, 11, 20)), ("2026/02/30", None), ("2026/1/1", None), ("20/11/2026", None), ("", None)],
)
def test_a_day_is_read_in_its_one_form(text: str, day: date | None) -> None:
    assert answers.read_date(text) == day


def test_an_instant_is_written_in_vietnamese_time() -> None:
    assert answers.time_text(NOW) == "2026/11/20 15:30:00"
