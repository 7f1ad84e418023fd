"""Tiles: names, growth step by step, and proofs read back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.ledger import merkle
from lienthong.ledger.entries import decode_bundle, encode_bundle, extend_entries, log_entry, read_bundle
from lienthong.ledger.tiles import Extension, TileName, TileReader, extend

LEAVES = [merkle.leaf_hash(i.to_bytes(4, "big")) for i in range(70_000)]


def grow(sizes):
    """A log that grew through the given sizes, and its files."""
    files: dict[str, bytes] = {}
    state = Extension(0, merkle.EMPTY_ROOT, {})
    for size in sizes:
        state = extend(state.size, LEAVES[state.size : size], files.get)
        files.update(state.tiles)
    return state, files


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (TileName(0, 1234067), "tile/0/x001/x234/067"),
        (TileName(0, 1067, 12), "tile/0/x001/067.p/12"),
        (TileName(None, 0), "tile/entries/000"),
        (TileName(None, 999, 255), "tile/entries/999.p/255"),
        (TileName(63, 0, 1), "tile/63/000.p/1"),
    ],
)
def test_tile_paths_are_those_of_the_specification(name, path):
    assert name.path == path
    assert TileName.parse(path) == name


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/1",
        "tile/00/001",
        "tile/64/001",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/012",
        "tile/0/001.p/",
        "tile/0/../../etc/passwd",
        "tile/0/001\n",
        "tile/0/٠٠١",
        "tile/-1/001",
        "/tile/0/001",
        "tile/0/" + "x001/" * 30 + "001",
    ],
)
def test_no_other_spelling_of_a_path_is_accepted(path):
    with pytest.raises(Refused, match="LEDGER_PATH_MALFORMED"):
        TileName.parse(path)


@given(st.none() | st.integers(0, 63), st.integers(0, 10**15), st.integers(1, 256))
def test_every_tile_name_survives_its_path(level, index, width):
    name = TileName(level, index, width)
    assert TileName.parse(name.path) == name


@given(st.text(alphabet="tile/entrs0123456789x.p", max_size=30))
def test_a_path_is_either_canonical_or_refused(path):
    try:
        assert TileName.parse(path).path == path
    except Refused as refusal:
        assert refusal.code.name == "LEDGER_PATH_MALFORMED"


def test_a_log_of_70000_leaves_has_the_files_that_the_specification_counts():
    state, files = grow([70_000])
    full = [TileName.parse(path) for path in files if ".p/" not in path]
    assert sum(name.level == 0 for name in full) == 273
    assert sum(name.level == 1 for name in full) == 1
    partial = {path: len(data) // 32 for path, data in files.items() if ".p/" in path}
    assert partial == {"tile/0/273.p/112": 112, "tile/1/001.p/17": 17, "tile/2/000.p/1": 1}
    assert state.root == merkle.root(LEAVES)


def test_a_log_of_256_leaves_has_one_full_tile_and_a_partial_one_above():
    _, files = grow([256])
    assert set(files) == {"tile/0/000", "tile/1/000.p/1"}


def test_growing_one_by_one_gives_at_each_size_the_root_of_the_whole():
    nodes = merkle.MemoryNodes(LEAVES[:600])
    files: dict[str, bytes] = {}
    for size in range(600):
        state = extend(size, LEAVES[size : size + 1], files.get)
        files.update(state.tiles)
        assert state.size == size + 1
        assert state.root == merkle.tree_root(nodes, size + 1)
        assert len(state.tiles) <= 2


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 700), min_size=1, max_size=8))
def test_growing_in_batches_gives_the_same_files_as_growing_at_once(batches):
    sizes = [sum(batches[: n + 1]) for n in range(len(batches))]
    state, files = grow(sizes)
    whole, needed = grow([sizes[-1]])
    assert (state.size, state.root) == (whole.size, whole.root)
    assert {path: files.get(path) for path in needed} == needed


def test_appending_nothing_changes_nothing():
    state, files = grow([1000])
    again = extend(1000, [], files.get)
    assert again == Extension(1000, state.root, {})
    assert extend(0, [], files.get) == Extension(0, merkle.EMPTY_ROOT, {})


def test_an_interrupted_append_is_repeated_with_the_same_result():
    _, files = grow([1000])
    first = extend(1000, LEAVES[1000:1500], files.get)
    files.update(list(first.tiles.items())[:2])
    assert extend(1000, LEAVES[1000:1500], files.get) == first


def test_one_leaf_more_in_a_large_log_writes_and_reads_a_few_files():
    _, files = grow([70_000])
    asked: list[str] = []

    def read(path: str) -> bytes | None:
        asked.append(path)
        return files.get(path)

    state = extend(70_000, [merkle.leaf_hash(b"one more")], read)
    assert list(state.tiles) == ["tile/0/273.p/113"]
    assert asked == ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 600, 65_535, 65_536, 65_537, 70_000])
def test_proofs_from_tiles_verify_at_every_kind_of_size(size):
    state, files = grow([size])
    reader = TileReader(size, files.get)
    assert reader.root() == state.root
    for index in {0, 1, 254, 255, 256, 511, size // 2, size - 2, size - 1}:
        if 0 <= index < size:
            assert reader.leaf(index) == LEAVES[index]
            path = reader.inclusion(index)
            assert merkle.verify_inclusion(LEAVES[index], index, size, path, state.root)
    for earlier in {0, 1, 2, 255, 256, 257, size // 3, size - 1, size}:
        if earlier <= size:
            path = reader.consistency(earlier)
            assert merkle.verify_consistency(earlier, size, path, merkle.root(LEAVES[:earlier]), state.root)


def test_an_older_checkpoint_is_still_proven_after_its_partial_tiles_were_deleted():
    old, files = grow([600])
    _, later = grow([600, 70_000])
    kept = {path: data for path, data in later.items() if path not in files or ".p/" not in path}
    reader = TileReader(600, kept.get)
    assert reader.root() == old.root


def test_a_missing_or_damaged_tile_is_named():
    _, files = grow([600])
    with pytest.raises(Refused, match=r"LEDGER_TILE_MISSING.*tile/0/001"):
        TileReader(600, {k: v for k, v in files.items() if k != "tile/0/001"}.get).inclusion(300)
    with pytest.raises(Refused, match=r"LEDGER_TILE_DAMAGED.*tile/0/001"):
        TileReader(600, {**files, "tile/0/001": files["tile/0/001"][:-1]}.get).inclusion(300)
    with pytest.raises(Refused, match=r"LEDGER_TILE_MISSING"):
        extend(600, LEAVES[:1], {}.get)
    with pytest.raises(Refused, match="LEDGER_POSITION_INVALID"):
        TileReader(600, files.get).leaf(600)


def test_a_reader_that_walks_the_whole_log_keeps_few_tiles():
    state, files = grow([40_000])
    reader = TileReader(40_000, files.get)
    for index in range(0, 40_000, 199):
        assert merkle.verify_inclusion(LEAVES[index], index, 40_000, reader.inclusion(index), state.root)
    assert len(reader._tiles) <= 64


def test_bundles_hold_the_entries_whose_hashes_are_the_leaves():
    entries = [log_entry(b"event %d" % i) for i in range(300)]
    files: dict[str, bytes] = {}
    for start, end in ((0, 100), (100, 256), (256, 256), (256, 300)):
        files.update(extend_entries(start, entries[start:end], files.get))
    assert set(files) == {"tile/entries/000.p/100", "tile/entries/000", "tile/entries/001.p/44"}
    assert len(files["tile/entries/000"]) == 256 * 34
    assert read_bundle(TileName(None, 0), files.get) + read_bundle(TileName(None, 1, 44), files.get) == entries
    assert read_bundle(TileName(None, 0, 7), files.get) == entries[:7]
    with pytest.raises(Refused, match="LEDGER_TILE_MISSING"):
        read_bundle(TileName(None, 2), files.get)


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_bundles_round_trip(entries):
    assert decode_bundle(encode_bundle(entries), len(entries)) == entries


@given(st.binary(max_size=200), st.integers(0, 10))
def test_a_bundle_is_read_exactly_or_refused(data, width):
    try:
        assert encode_bundle(decode_bundle(data, width)) == data
    except Refused as refusal:
        assert refusal.code.name == "LEDGER_TILE_DAMAGED"
