"""Look-ups, succession and who may act."""

from datetime import UTC, date, datetime, timedelta

import pytest

from lienthong.base.errors import Refused
from lienthong.directory.errors import DIRECTORY_ROW_INVALID
from lienthong.directory.model import Agency, AgencyStatus, RowType, Scope, System, SystemKey, SystemStatus
from lienthong.directory.seed import seed
from lienthong.directory.state import DirectoryState
from lienthong.vocabulary.alias import Alias, Succession, SuccessionKind
from lienthong.vocabulary.errors import ALIAS_CONFLICT

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
TODAY = NOW.date()
PEM = "-----BEGIN PUBLIC KEY-----\nTU8=\n-----END PUBLIC KEY-----\n"


def key(key_id="k1", **more):
    return SystemKey(key_id, PEM, NOW - timedelta(days=1), **more)


TOP = Agency("Z01", "Tỉnh Mẫu", code102="000.00.00.Z01", level=1)
UNIT = Agency("Z01.05", "Sở Mẫu", code102="000.00.05.Z01", old_codes=("00.05.Z01",), parent="Z01", level=2)
ROOM = Agency("Z01.05.02", "Phòng Mẫu", parent="Z01.05", level=3)
SYSTEM = System("he-thong", "Phần mềm mẫu", (Scope("Z01.05", subtree=True),), keys=(key(),))


def state(*rows):
    return DirectoryState("truc-mau", 1, rows or (TOP, UNIT, ROOM, SYSTEM))


@pytest.mark.parametrize("code", ["Z01.05", "000.00.05.Z01", "00.05.Z01", "X.5"])
def test_an_agency_is_found_by_any_of_its_codes(code):
    assert state(TOP, UNIT, Alias("X.5", "Z01.05")).find(code, TODAY) == UNIT


def test_an_unknown_code_finds_nothing():
    assert state().find("Z99", TODAY) is None
    assert state().resolve("Z99", TODAY).agency is None


def test_a_present_code_wins_over_the_same_old_code_of_another():
    other = Agency("Z02", "Khác", old_codes=("Z01.05",))
    assert state(TOP, UNIT, other).find("Z01.05", TODAY) == UNIT


def test_an_old_code_of_two_agencies_is_refused_as_ambiguous_until_one_of_them_bears_it_now():
    first, second = Agency("Z02", "Một", old_codes=("X",)), Agency("Z03", "Hai", old_codes=("X",))
    with pytest.raises(Refused) as refusal:
        state(first, second).find("X", TODAY)
    assert refusal.value.code is ALIAS_CONFLICT
    owner = Agency("Z04", "Ba", code102="X")
    assert state(first, second, owner).find("X", TODAY) == owner


def test_succession_is_followed_from_any_code_of_the_old_agency():
    closed = Agency("Z09", "Cũ", code102="000.00.00.Z09", status=AgencyStatus.CLOSED)
    held = state(TOP, closed, Succession("Z09", "Z01", SuccessionKind.MERGE, date(2025, 7, 1)))
    for code in ("Z09", "000.00.00.Z09"):
        found = held.resolve(code, TODAY)
        assert found.agency == TOP
        assert found.resolution.asked == code
        assert found.resolution.moved
    assert held.resolve("Z09", date(2025, 6, 30)).agency == closed


def test_the_tree_is_walked_both_ways():
    held = state()
    assert held.children(None) == (TOP,)
    assert held.children("Z01") == (UNIT,)
    assert held.ancestors("Z01.05.02") == (UNIT, TOP)
    assert held.children("Z01.05.02") == ()


def test_a_rule_on_a_branch_covers_everything_below_and_nothing_above():
    held = state()
    assert [held.may_act("he-thong", code) for code in ("Z01.05", "Z01.05.02", "Z01", "Z99")] == [
        True,
        True,
        False,
        False,
    ]
    assert held.systems_for("Z01.05.02") == (SYSTEM,)
    assert held.systems_for("Z01") == ()
    assert not held.may_act("khac", "Z01.05")


def test_a_direct_right_does_not_reach_below():
    held = state(TOP, UNIT, System("s", "S", (Scope("Z01"),)))
    assert held.may_act("s", "Z01")
    assert not held.may_act("s", "Z01.05")


def test_a_suspended_system_may_not_act():
    held = state(TOP, System("s", "S", (Scope("Z01"),), SystemStatus.SUSPENDED))
    assert not held.may_act("s", "Z01")
    assert held.systems_for("Z01") == ()


def test_parents_in_a_circle_do_not_hang_a_look_up():
    one, two = Agency("A1", "Một", parent="A2"), Agency("A2", "Hai", parent="A1")
    held = state(one, two, System("s", "S", (Scope("A9", subtree=True),)))
    assert not held.may_act("s", "A1")


def test_a_key_counts_inside_its_time_and_before_its_revocation():
    held = state(System("s", "S", keys=(key(valid_to=NOW + timedelta(days=9), revoked_at=NOW + timedelta(days=3)),)))
    assert held.key("k1", NOW) is not None
    assert held.key("k1", NOW + timedelta(days=2, hours=23)) is not None
    assert held.key("k1", NOW + timedelta(days=3)) is None
    assert held.key("k1", NOW - timedelta(days=2)) is None
    assert held.key("k2", NOW) is None
    assert held.key_owner("k1").system_id == "s"


def test_one_key_under_two_systems_is_refused():
    with pytest.raises(Refused) as refusal:
        state(System("a", "A", keys=(key(),)), System("b", "B", keys=(key(),)))
    assert refusal.value.code is DIRECTORY_ROW_INVALID


def test_a_key_may_move_from_one_system_to_another_in_one_change():
    held = state(System("a", "A", keys=(key(),)), System("b", "B"))
    moved = held.changed(2, [System("b", "B", keys=(key(),)), System("a", "A")], [])
    assert moved.key_owner("k1").system_id == "b"


def test_a_changed_state_leaves_the_first_one_untouched():
    held = state()
    before = list(held.rows())
    moved = Agency("Z01.05.02", "Phòng Mẫu", parent="Z01", level=2)
    new = held.changed(2, [moved], [(RowType.SYSTEM, "he-thong")])
    assert list(held.rows()) == before
    assert (held.children("Z01"), new.children("Z01")) == ((UNIT,), (UNIT, moved))
    assert new.children("Z01.05") == ()
    assert new.key("k1", NOW) is None and held.key("k1", NOW) is not None


def test_an_agency_takes_part_while_active_and_inside_its_dates():
    bounded = Agency("A1", "Một", valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 31))
    assert [bounded.takes_part(date(y, 6, 1)) for y in (2025, 2026, 2027)] == [False, True, False]
    assert not Agency("A1", "Một", status=AgencyStatus.LOCKED).takes_part(TODAY)


def test_the_seed_has_sixty_three_provinces_of_which_thirty_four_go_on():
    rows = seed()
    held = DirectoryState("truc-mau", 1, rows.rows)
    provinces = [row for row in rows.agencies if row.code.startswith("H")]
    assert (len(rows.agencies) - len(provinces), len(provinces), len(rows.successions)) == (25, 63, 29)
    finals = {held.resolve(row.code, date(2025, 7, 1)).agency.code for row in provinces}
    assert len(finals) == 34
    assert finals == {row.code for row in provinces if row.status is AgencyStatus.ACTIVE}
    assert {held.resolve(row.code, date(2025, 6, 30)).resolution.final for row in provinces} == {
        row.code for row in provinces
    }
    assert held.resolve("000.00.00.H33", TODAY).agency.name == "Ủy ban nhân dân tỉnh An Giang"
    assert set(rows.confidence.values()) == {"confirmed", "listed", "presumed"}
    assert rows.confidence["H33>H01"] == "confirmed"
