"""Snapshots and deltas as bytes."""

import hashlib
import json
import random
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.directory import delta as deltas
from lienthong.directory import snapshot as snapshots
from lienthong.directory import synthetic
from lienthong.directory.errors import (
    DIRECTORY_DIGEST_MISMATCH,
    DIRECTORY_HEADER_INVALID,
    DIRECTORY_OTHER_AXIS,
    DIRECTORY_ROW_INVALID,
    DIRECTORY_VERSION_GAP,
)
from lienthong.directory.model import (
    Agency,
    AgencyStatus,
    KeyHolder,
    RowType,
    Scope,
    System,
    SystemKey,
    SystemStatus,
    canonical,
    from_object,
    to_object,
)
from lienthong.directory.seed import seed
from lienthong.directory.state import DirectoryState
from lienthong.vocabulary.alias import Alias, Succession, SuccessionKind

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
codes = st.sampled_from([f"Z{n:02d}" for n in range(12)])
days = st.none() | st.dates(date(2000, 1, 1), date(2050, 1, 1))
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
agencies = st.builds(
    Agency,
    code=codes,
    name=words,
    code102=st.none() | st.sampled_from(["000.00.00.Z01", "000.00.00.Z02"]),
    old_codes=st.lists(st.sampled_from(["X1", "X2"]), unique=True).map(tuple),
    parent=st.none() | codes,
    level=st.integers(0, 9),
    address=words,
    email=words,
    status=st.sampled_from(AgencyStatus),
    valid_from=days,
    valid_to=days,
    capabilities=st.lists(words, max_size=2).map(tuple),
    certificates=st.lists(words, max_size=2).map(tuple),
    is_agency=st.booleans(),
)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1)).map(
    lambda t: t.replace(microsecond=t.microsecond // 1000 * 1000, tzinfo=UTC)
)
keys = st.builds(
    SystemKey,
    key_id=st.uuids().map(str),
    public_key_pem=words,
    valid_from=instants,
    valid_to=st.none() | instants,
    revoked_at=st.none() | instants,
    certificate_pem=st.none() | words,
)
systems = st.builds(
    System,
    system_id=st.sampled_from(["s1", "s2", "s3"]),
    name=words,
    agencies=st.lists(st.builds(Scope, codes, st.booleans()), unique=True, max_size=3).map(sorted).map(tuple),
    status=st.sampled_from(SystemStatus),
    keys=st.lists(keys, max_size=2).map(lambda ks: tuple(sorted(ks, key=lambda k: k.key_id))),
)
successions = st.integers(0, 10).flatmap(
    lambda old: st.builds(
        Succession,
        st.just(f"Z{old:02d}"),
        st.integers(old + 1, 11).map(lambda new: f"Z{new:02d}"),
        st.sampled_from(SuccessionKind),
        st.dates(date(2000, 1, 1), date(2050, 1, 1)),
        words,
        st.booleans(),
    )
)
aliases = st.builds(Alias, st.sampled_from(["Y1", "Y2"]), st.just("Z01"), days, days)
rows = agencies | systems | successions | aliases


@given(rows)
def test_every_row_is_read_back_from_its_canonical_bytes(row):
    data = canonical(to_object(row))
    assert from_object(json.loads(data)) == row
    assert b"\n" not in data


@given(st.lists(rows, max_size=12), st.randoms())
def test_a_snapshot_restores_the_same_state_and_does_not_depend_on_history(many, rng):
    unique = list({deltas.put(1, row).row_type.value + deltas.put(1, row).key: row for row in many}.values())
    made = snapshots.encode(DirectoryState("truc", 7, unique), AT)
    rng.shuffle(unique)
    grown = DirectoryState("truc", 7)
    for row in unique:
        grown = grown.changed(7, [row], [])
    assert snapshots.encode(grown, AT) == made
    restored = snapshots.decode(made.header, made.body)
    assert snapshots.encode(restored, AT) == made
    assert list(restored.rows()) == list(grown.rows())


def test_header_bytes_are_canonical_and_read_back():
    made = snapshots.encode(DirectoryState("trục", 3, seed().rows), AT)
    data = snapshots.snapshot_header_bytes(made.header)
    fields = json.loads(data)
    assert fields["sha256"] == hashlib.sha256(made.body).hexdigest()
    assert fields["rows"] == made.body.count(b"\n") == 25 + 63 + 29
    assert data == json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert snapshots.decode_header(data) == made.header


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{}", b"\xff", b'{"format":"other"}', b'{"format":"lienthong-directory-snapshot-1"}'],
)
def test_a_header_that_cannot_be_read_is_refused(data):
    with pytest.raises(Refused) as refusal:
        snapshots.decode_header(data)
    assert refusal.value.code is DIRECTORY_HEADER_INVALID


def header_for(body, count=1):
    return snapshots.SnapshotHeader("truc", 1, AT, count, hashlib.sha256(body).digest())


def test_one_changed_bit_or_a_wrong_count_is_refused():
    made = snapshots.encode(DirectoryState("truc", 1, seed().rows), AT)
    broken = bytes([made.body[0] ^ 1]) + made.body[1:]
    for header, body in (
        (made.header, broken),
        (header_for(made.body, 5), made.body),
        (header_for(b"x"), b"x"),
    ):
        with pytest.raises(Refused) as refusal:
            snapshots.decode(header, body)
        assert refusal.value.code is DIRECTORY_DIGEST_MISMATCH


def test_rows_out_of_order_twice_or_malformed_are_refused_even_under_a_good_digest():
    line = canonical(to_object(Agency("Z01", "Mẫu"))) + b"\n"
    other = canonical(to_object(Agency("Z02", "Mẫu"))) + b"\n"
    bad_type = canonical(to_object(Agency("Z03", "x")) | {"level": "1"}) + b"\n"
    for body in (line + line, other + line, b"{}\n", b"1\n", b"nonsense\n", b'{"type":"agency"}\n', bad_type):
        with pytest.raises(Refused) as refusal:
            snapshots.decode(header_for(body, body.count(b"\n")), body)
        assert refusal.value.code is DIRECTORY_ROW_INVALID


def test_members_unknown_to_this_version_are_ignored():
    data = to_object(Agency("Z01", "Mẫu")) | {"later": {"any": 1}}
    assert from_object(data) == Agency("Z01", "Mẫu")


BASE = DirectoryState("truc", 5, [Agency("Z01", "Một"), Agency("Z02", "Hai")])
LOG = [
    deltas.put(6, Agency("Z03", "Ba")),
    deltas.put(7, Agency("Z03", "Ba mới")),
    deltas.delete(7, RowType.AGENCY, "Z02"),
    deltas.put(8, Agency("Z01", "Một mới")),
]


def test_a_delta_leads_to_the_later_state_and_holds_each_row_once():
    change = deltas.delta_between("truc", LOG, 5, 8, AT)
    assert [(c.key, c.kind.value) for c in change.changes] == [
        ("Z01", "put"),
        ("Z02", "delete"),
        ("Z03", "put"),
    ]
    after = deltas.apply(BASE, change)
    assert [(row.code, row.name) for row in after.rows()] == [("Z01", "Một mới"), ("Z03", "Ba mới")]
    assert after.version == 8
    assert [row.name for row in BASE.rows()] == ["Một", "Hai"]


def test_a_delta_from_an_earlier_version_may_be_applied_and_one_already_contained_changes_nothing():
    middle = deltas.apply(BASE, deltas.delta_between("truc", LOG, 5, 7, AT))
    whole = deltas.delta_between("truc", LOG, 5, 8, AT)
    last = deltas.apply(middle, whole)
    assert list(last.rows()) == list(deltas.apply(BASE, whole).rows())
    assert deltas.apply(last, whole) is last


def test_gaps_in_versions_are_refused_on_both_sides():
    with pytest.raises(Refused) as refusal:
        deltas.delta_between("truc", [c for c in LOG if c.version != 7], 5, 8, AT)
    assert refusal.value.code is DIRECTORY_VERSION_GAP
    with pytest.raises(Refused) as refusal:
        deltas.apply(BASE, deltas.delta_between("truc", LOG, 6, 8, AT))
    assert refusal.value.code is DIRECTORY_VERSION_GAP
    with pytest.raises(Refused):
        deltas.delta_between("truc", LOG, 8, 7, AT)


def test_a_delta_of_another_axis_is_refused():
    with pytest.raises(Refused) as refusal:
        deltas.apply(BASE, deltas.delta_between("khac", LOG, 5, 8, AT))
    assert refusal.value.code is DIRECTORY_OTHER_AXIS


def test_delta_bytes_are_read_back_and_tampering_is_refused():
    change = deltas.delta_between("truc", LOG, 5, 8, AT)
    data = deltas.delta_bytes(change)
    read = deltas.decode_delta(data)
    assert deltas.delta_bytes(read) == data
    assert [(c.version, c.kind, c.key, c.row) for c in read.changes] == [
        (c.version, c.kind, c.key, c.row) for c in change.changes
    ]
    assert json.loads(deltas.signed_part(data))["sha256"] == hashlib.sha256(data.partition(b"\n")[2]).hexdigest()
    for broken in (data[:-1], data + b"\n", data.replace("mới".encode(), "cũ".encode())):
        with pytest.raises(Refused) as refusal:
            deltas.decode_delta(broken)
        assert refusal.value.code is DIRECTORY_DIGEST_MISMATCH


def test_a_change_whose_key_is_not_its_rows_is_refused():
    lying = deltas.Change(6, deltas.ChangeKind.PUT, RowType.AGENCY, "Z09", Agency("Z03", "Ba"))
    empty = deltas.Change(6, deltas.ChangeKind.PUT, RowType.AGENCY, "Z09", None)
    for change in (lying, empty):
        with pytest.raises(Refused) as refusal:
            deltas.decode_delta(deltas.delta_bytes(deltas.Delta("truc", 5, 6, AT, (change,))))
        assert refusal.value.code is DIRECTORY_ROW_INVALID


@given(st.binary(max_size=200))
def test_any_bytes_as_a_delta_are_refused_with_a_code(data):
    with pytest.raises(Refused):
        deltas.decode_delta(data)


@given(st.lists(st.tuples(st.booleans(), agencies | systems), min_size=1, max_size=15))
def test_folding_changes_gives_what_applying_them_one_by_one_gives(steps):
    log = [
        deltas.put(version, row)
        if putting
        else deltas.delete(version, deltas.put(version, row).row_type, deltas.put(version, row).key)
        for version, (putting, row) in enumerate(steps, 1)
    ]
    stepwise = DirectoryState("truc", 0)
    for change in log:
        one = deltas.delta_between("truc", log, change.version - 1, change.version, AT)
        stepwise = deltas.apply(stepwise, deltas.decode_delta(deltas.delta_bytes(one)))
    at_once = deltas.apply(DirectoryState("truc", 0), deltas.delta_between("truc", log, 0, len(log), AT))
    assert snapshots.encode(at_once, AT) == snapshots.encode(stepwise, AT)
    for code in [f"Z{n:02d}" for n in range(12)]:
        assert at_once.children(code) == stepwise.children(code)
        assert at_once.systems_for(code) == stepwise.systems_for(code)


def test_a_hundred_changes_of_a_large_directory_are_applied_quickly_and_looked_up_in_microseconds():
    held = DirectoryState("truc", 1, synthetic.agencies(20_000))
    chosen = random.Random(7).sample(list(held.rows()), 100)
    log = [deltas.put(2, Agency(row.code, "Tên mới", row.code102, parent=row.parent)) for row in chosen]
    change = deltas.delta_between("truc", log, 1, 2, AT)
    started = time.process_time()
    after = deltas.apply(held, change)
    assert time.process_time() - started < 0.05
    started = time.process_time()
    for row in chosen:
        assert after.find(row.code102 or row.code, AT.date()).name == "Tên mới"
    assert (time.process_time() - started) / 100 < timedelta(microseconds=100).total_seconds()


def test_the_synthetic_directory_is_repeatable_and_its_parents_come_first():
    made = list(synthetic.agencies(12_000))
    assert made == list(synthetic.agencies(12_000))
    seen = set()
    for row in made:
        assert row.parent is None or row.parent in seen
        assert row.code not in seen
        seen.add(row.code)
    held = DirectoryState("truc", 1, [*made, *synthetic.systems(3)])
    assert held.may_act("he-thong-mau-02", "Z02.004.001")
    assert not held.may_act("he-thong-mau-02", "Z03.004.001")


def test_the_holder_of_a_key_is_written_only_when_it_is_the_axis():
    key = SystemKey("k", "pem", AT)
    own, held = System("s", "S", keys=(key,)), System("s", "S", keys=(replace(key, held_by=KeyHolder.AXIS),))
    assert "held_by" not in canonical(to_object(own)).decode(), "rows written before keep their bytes"
    for row in (own, held):
        assert from_object(json.loads(canonical(to_object(row)))) == row
