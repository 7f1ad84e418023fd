"""Slow bodies and eager peers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.infra.http_limits import BodyWatch, HttpLimits, RateLimiter

LIMITS = HttpLimits(body_rate=1000, body_grace=20, body_pause=30)


def test_a_steady_body_at_the_least_rate_passes():
    watch = BodyWatch(LIMITS, 0.0)
    for second in range(1, 200):
        watch.took(1000, float(second))
    assert watch.size == 199_000


def test_a_body_of_one_byte_a_second_is_cut_off_after_the_grace():
    watch, second = BodyWatch(LIMITS, 100.0), 100
    with pytest.raises(Refused, match="BODY_TOO_SLOW"):
        for second in range(101, 200):
            watch.took(1, float(second))
    assert second == 121


def test_a_long_silence_is_cut_off_however_fast_the_rest_was():
    watch = BodyWatch(LIMITS, 0.0)
    watch.took(10**9, 1.0)
    assert watch.patience(1.0) == 30
    assert watch.patience(31.5) == 0
    with pytest.raises(Refused, match="BODY_TOO_SLOW"):
        watch.took(1, 31.5)


def test_a_body_over_its_limit_is_cut_off_at_once():
    watch = BodyWatch(LIMITS, 0.0, at_most=10)
    watch.took(10, 0.1)
    with pytest.raises(Refused, match="BLOB_TOO_LARGE"):
        watch.took(1, 0.2)


def test_the_server_gets_whole_numbers():
    assert HttpLimits().uvicorn_options() == {
        "h11_max_incomplete_event_size": 65536,
        "timeout_keep_alive": 75,
        "limit_concurrency": 4096,
        "timeout_graceful_shutdown": 30,
    }


def test_a_burst_then_the_rate_then_a_refusal_with_the_waiting_time():
    limiter = RateLimiter(per_second=2, burst=3)
    for _ in range(3):
        limiter.take("a", 10.0)
    with pytest.raises(Refused) as caught:
        limiter.take("a", 10.0)
    assert caught.value.code.http == 429
    assert caught.value.params == {"seconds": "1"}
    limiter.take("b", 10.0)
    limiter.take("a", 10.5)
    with pytest.raises(Refused):
        limiter.take("a", 10.5)


def test_waiting_as_long_as_told_is_enough():
    limiter = RateLimiter(per_second=0.3, burst=1)
    limiter.take("a", 0.0)
    with pytest.raises(Refused) as caught:
        limiter.take("a", 1.0)
    limiter.take("a", 1.0 + int(caught.value.params["seconds"]))


def test_a_clock_that_goes_back_gives_nothing():
    limiter = RateLimiter(per_second=1, burst=1)
    limiter.take("a", 1000.0)
    for now in (10.0, 10.5):
        with pytest.raises(Refused):
            limiter.take("a", now)


def test_memory_is_bounded_and_the_idlest_key_is_forgotten():
    limiter = RateLimiter(per_second=0.001, burst=1, at_most=10)
    for n in range(30):
        limiter.take(str(n), 0.0)
    assert len(limiter) == 10
    with pytest.raises(Refused):
        limiter.take("29", 0.0)


def test_senseless_rates_are_errors():
    with pytest.raises(ValueError, match="positive"):
        RateLimiter(0, 1)


@given(st.floats(0.1, 100), st.integers(1, 20), st.lists(st.floats(0, 5), max_size=60))
def test_no_key_ever_gets_more_than_burst_plus_rate(rate, burst, gaps):
    limiter, now, granted = RateLimiter(rate, burst), 0.0, 0
    for gap in gaps:
        now += gap
        try:
            limiter.take("a", now)
        except Refused:
            continue
        granted += 1
    assert granted <= burst + rate * now + 1e-6


def test_a_large_head_is_allowed_where_it_is_usual_only():
    limits = HttpLimits(large_heads_below=(b"/vxp/",))
    assert limits.head_limit(b"/vxp/getEdoc") == 256 * 1024
    assert limits.head_limit(b"/v1/envelopes") == limits.head_limit(b"") == 64 * 1024
    assert HttpLimits().head_limit(b"/vxp/getEdoc") == 64 * 1024
