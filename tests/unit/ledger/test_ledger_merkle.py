"""Hashes and proofs against published vectors, an independent library, and the RFC's own recursive definition."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from lienthong.base.errors import Refused
from lienthong.ledger import merkle

VECTORS = json.loads((Path(__file__).parents[3] / "vectors/ledger/rfc6962.json").read_text("utf-8"))
LEAVES = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in VECTORS["leaves"]]
ROOTS = [bytes.fromhex(root) for root in VECTORS["roots"]]
MANY = [merkle.leaf_hash(i.to_bytes(2, "big")) for i in range(300)]
NODES = merkle.MemoryNodes(MANY)


def hashes(path):
    return [bytes.fromhex(part) for part in path]


def rfc_root(leaves):
    """MTH, word for word after RFC 9162 2.1.1."""
    if len(leaves) == 1:
        return leaves[0]
    k = rfc_split(len(leaves))
    return hashlib.sha256(b"\x01" + rfc_root(leaves[:k]) + rfc_root(leaves[k:])).digest()


def rfc_split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def rfc_path(m, leaves):
    """PATH, word for word after RFC 9162 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = rfc_split(len(leaves))
    if m < k:
        return [*rfc_path(m, leaves[:k]), rfc_root(leaves[k:])]
    return [*rfc_path(m - k, leaves[k:]), rfc_root(leaves[:k])]


def rfc_subproof(m, leaves, known):
    """SUBPROOF, word for word after RFC 9162 2.1.4.1."""
    if m == len(leaves):
        return [] if known else [rfc_root(leaves)]
    k = rfc_split(len(leaves))
    if m <= k:
        return [*rfc_subproof(m, leaves[:k], known), rfc_root(leaves[k:])]
    return [*rfc_subproof(m - k, leaves[k:], False), rfc_root(leaves[:k])]


def test_the_empty_tree_and_the_reference_tree_have_the_published_roots():
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert [merkle.root(LEAVES[: n + 1]) for n in range(8)] == ROOTS
    nodes = merkle.MemoryNodes(LEAVES)
    assert [merkle.tree_root(nodes, n + 1) for n in range(8)] == ROOTS


@pytest.mark.parametrize("vector", VECTORS["inclusion"], ids=lambda v: f"{v['index']}-of-{v['size']}")
def test_published_inclusion_paths_are_made_and_verified(vector):
    index, size, path = vector["index"], vector["size"], hashes(vector["path"])
    assert merkle.inclusion_path(merkle.MemoryNodes(LEAVES[:size]), index, size) == path
    assert merkle.verify_inclusion(LEAVES[index], index, size, path, ROOTS[size - 1])


@pytest.mark.parametrize("vector", VECTORS["consistency"], ids=lambda v: f"{v['size1']}-to-{v['size2']}")
def test_published_consistency_paths_are_made_and_verified(vector):
    size1, size2, path = vector["size1"], vector["size2"], hashes(vector["path"])
    assert merkle.consistency_path(merkle.MemoryNodes(LEAVES[:size2]), size1, size2) == path
    assert merkle.verify_consistency(size1, size2, path, ROOTS[size1 - 1], ROOTS[size2 - 1])


def test_accumulated_published_vectors_of_all_aligned_subtrees_up_to_130_leaves():
    leaves = [merkle.leaf_hash(bytes([i])) for i in range(130)]
    roots, paths = hashlib.sha256(), hashlib.sha256()
    for end in range(1, 131):
        for start in range(end):
            size = end - start
            if start % (1 << (size - 1).bit_length()):
                continue
            nodes = merkle.MemoryNodes(leaves[start:end])
            roots.update(f"[{start}, {end}) {merkle.tree_root(nodes, size).hex()}\n".encode())
            for index in range(size):
                shown = "".join(" " + part.hex() for part in merkle.inclusion_path(nodes, index, size))
                paths.update(f"{start + index} [{start}, {end}){shown}\n".encode())
    assert roots.hexdigest() == VECTORS["accumulated"]["subtree_hashes"]
    assert paths.hexdigest() == VECTORS["accumulated"]["subtree_inclusion"]


def test_roots_and_inclusion_paths_agree_with_an_independent_library_at_every_size_to_300():
    tree = InmemoryTree(algorithm="sha256")
    for size, index in ((n, (n * 7) % n if n else 0) for n in range(1, 301)):
        tree.append_entry((size - 1).to_bytes(2, "big"))
        assert tree.get_root() == merkle.tree_root(NODES, size)
        proof = tree.prove_inclusion(index + 1, size)
        assert [bytes(part) for part in proof.path[1:]] == merkle.inclusion_path(NODES, index, size)


def test_consistency_paths_agree_with_the_definition_of_the_rfc():
    for size2 in (*range(1, 34), 64, 65, 127, 200):
        for size1 in range(1, size2 + 1):
            path = merkle.consistency_path(NODES, size1, size2)
            assert path == rfc_subproof(size1, MANY[:size2], True)
            assert merkle.verify_consistency(
                size1, size2, path, merkle.tree_root(NODES, size1), merkle.tree_root(NODES, size2)
            )


def test_every_log_extends_the_empty_one_and_the_empty_one_has_one_root():
    root = merkle.tree_root(NODES, 5)
    assert merkle.consistency_path(NODES, 0, 5) == []
    assert merkle.verify_consistency(0, 5, [], merkle.EMPTY_ROOT, root)
    assert merkle.verify_consistency(0, 0, [], merkle.EMPTY_ROOT, merkle.EMPTY_ROOT)
    assert not merkle.verify_consistency(0, 5, [], root, root)
    assert not merkle.verify_consistency(0, 5, [root], merkle.EMPTY_ROOT, root)
    assert not merkle.verify_consistency(0, 0, [], root, root)
    assert not merkle.verify_consistency(2, 1, [], root, root)


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0)])
def test_a_position_outside_the_log_is_refused(index, size):
    with pytest.raises(Refused, match="LEDGER_POSITION_INVALID"):
        merkle.inclusion_path(NODES, index, size)
    assert not merkle.verify_inclusion(MANY[0], index, size, [], MANY[0])
    with pytest.raises(Refused, match="LEDGER_POSITION_INVALID"):
        merkle.consistency_path(NODES, 3, 2)


def variants(path, other):
    """Every way in which a path may differ a little."""
    yield [*path, other]
    yield [other, *path]
    yield [*path, b""]
    if path:
        yield path[:-1]
        yield path[1:]
        yield [*path[:-1], path[-1][:31]]
        for at, part in enumerate(path):
            yield [*path[:at], bytes([part[0] ^ 8]) + part[1:], *path[at + 1 :]]
    if len(path) > 1:
        yield path[::-1]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 300), st.data())
def test_an_inclusion_proof_verifies_and_no_changed_one_does(size, data):
    index = data.draw(st.integers(0, size - 1))
    root, path = merkle.tree_root(NODES, size), merkle.inclusion_path(NODES, index, size)
    assert path == rfc_path(index, MANY[:size])
    assert merkle.verify_inclusion(MANY[index], index, size, path, root)
    for other in {0, 1, index - 1, index + 1, index ^ 2, size - 1} - {index}:
        assert not merkle.verify_inclusion(MANY[index], other, size, path, root)
    other_leaf = bytes([MANY[index][0] ^ 1]) + MANY[index][1:]
    assert not merkle.verify_inclusion(other_leaf, index, size, path, root)
    assert not merkle.verify_inclusion(MANY[index], index, size, path, merkle.EMPTY_ROOT)
    assert not merkle.verify_inclusion(MANY[index], index, size * 2 + 1, path, root)
    for changed in variants(path, root):
        assert not merkle.verify_inclusion(MANY[index], index, size, changed, root)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 300), st.data())
def test_a_consistency_proof_verifies_and_no_changed_one_does(size2, data):
    size1 = data.draw(st.integers(1, size2 - 1))
    root1, root2 = merkle.tree_root(NODES, size1), merkle.tree_root(NODES, size2)
    path = merkle.consistency_path(NODES, size1, size2)
    assert merkle.verify_consistency(size1, size2, path, root1, root2)
    assert not merkle.verify_consistency(size1, size2, path, root2, root1)
    assert not merkle.verify_consistency(size1, size2, path, merkle.EMPTY_ROOT, root2)
    assert not merkle.verify_consistency(size1, size2, path, root1, merkle.EMPTY_ROOT)
    assert not merkle.verify_consistency(size1, size2 * 2 + 1, path, root1, root2)
    for changed in variants(path, MANY[0]):
        assert not merkle.verify_consistency(size1, size2, changed, root1, root2)
