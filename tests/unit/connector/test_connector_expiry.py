"""The end of keys and certificates is told in time: at 60, 30 and 7 days, and when it is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from lienthong.base.ids import SystemId
from lienthong.connector.expiry import Level, certificate_expiry, key_expiry
from lienthong.directory.model import System, SystemKey
from lienthong.trust.local_pki import Period, distinguished_name, make_root

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
KEY = generate_private_key(SECP256R1())


def ends(left: timedelta) -> list[tuple[int, Level]]:
    made = make_root(KEY, distinguished_name("Sở thử nghiệm"), Period(NOW - timedelta(days=900), NOW + left), 1)
    return [(each.days, each.level) for each in certificate_expiry([made.certificate], NOW)]


@pytest.mark.parametrize(
    ("left", "days", "level"),
    [
        (timedelta(days=61), 61, Level.GOOD), (timedelta(days=60, seconds=1), 60, Level.GOOD),
        (timedelta(days=60), 60, Level.NOTICE), (timedelta(days=30), 30, Level.WARNING), (timedelta(days=7), 7, Level.URGENT),
        (timedelta(hours=1), 0, Level.URGENT), (timedelta(0), 0, Level.ENDED), (timedelta(seconds=-1), -1, Level.ENDED),
    ],
)  # fmt: skip
def test_the_level_follows_the_days_left(left: timedelta, days: int, level: Level) -> None:
    assert ends(left) == [(days, level)]


def test_the_soonest_end_comes_first_and_revoked_keys_are_left_out() -> None:
    def key(name: str, days: int, revoked: bool = False) -> SystemKey:
        end = NOW + timedelta(days=days)
        return SystemKey(name, "", NOW, valid_to=end, revoked_at=NOW if revoked else None)

    system = System(
        SystemId("so-tc"), "x", keys=(key("b", 90), key("a", 3), key("c", 1, True), SystemKey("d", "", NOW))
    )
    found = key_expiry(system, NOW)
    assert [each.name for each in found] == ["a", "b"]
    for each in found:
        vi, en = each.sentence()
        assert str(each.days) in vi and str(each.days) in en and vi != en
