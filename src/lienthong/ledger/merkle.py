"""The Merkle tree of the log: hashes, paths of inclusion and of consistency, and their verification.

Source: RFC 9162 clauses 2.1.1 (tree), 2.1.3 (inclusion) and 2.1.4 (consistency), with SHA-256; the hashes are the
same as those of RFC 6962. A *node* ``(level, index)`` is the root of the complete subtree over the leaves
``index * 2**level`` to ``(index + 1) * 2**level``; level 0 holds the leaf hashes. Every hash has 32 bytes. Paths are
listed from the leaf towards the root, as the RFC lists them.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Protocol

from lienthong.base.errors import Refused
from lienthong.ledger.errors import LEDGER_POSITION_INVALID

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()
"""Root of the tree without leaves."""


class NodeReader(Protocol):
    """Where the hashes of complete subtrees come from."""

    def node(self, level: int, index: int) -> bytes:
        """The hash of one complete subtree, 32 bytes."""
        ...


class MemoryNodes:
    """All complete subtrees over a list of leaf hashes, held in memory."""

    def __init__(self, leaf_hashes: Sequence[bytes]) -> None:
        self._levels = complete_levels(leaf_hashes)

    def node(self, level: int, index: int) -> bytes:
        return self._levels[level][index]


def leaf_hash(entry: bytes) -> bytes:
    """Hash of one log entry; the prefix 0x00 keeps leaves and inner nodes apart (RFC 9162 2.1.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node over its two children, prefix 0x01 (RFC 9162 2.1.1)."""
    return sha256(b"\x01" + left + right).digest()


def complete_levels(hashes: Sequence[bytes]) -> list[list[bytes]]:
    """Level by level, the hashes of every complete subtree over a row of hashes; the last level has one hash."""
    levels = [list(hashes)]
    while len(levels[-1]) > 1:
        row = levels[-1]
        levels.append([sha256(b"\x01" + row[i] + row[i + 1]).digest() for i in range(0, len(row) - 1, 2)])
    return levels


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """Root over all leaf hashes (RFC 9162 2.1.1, ``MTH``)."""
    if not leaf_hashes:
        return EMPTY_ROOT
    row = list(leaf_hashes)
    while len(row) > 1:
        above = [sha256(b"\x01" + row[i] + row[i + 1]).digest() for i in range(0, len(row) - 1, 2)]
        # A last hash without a partner rises unchanged: its subtree is complete only further up.
        row = above + row[len(row) & ~1 :]
    return row[0]


def range_root(nodes: NodeReader, start: int, end: int) -> bytes:
    """Root over the leaves ``start`` to ``end``; ``start`` is a multiple of the range's size rounded up to 2**n.

    The range is cut into complete subtrees, the largest first, which are then joined from the right.
    """
    parts: list[bytes] = []
    at = start
    while at < end:
        level = (end - at).bit_length() - 1
        parts.append(nodes.node(level, at >> level))
        at += 1 << level
    joined = parts.pop()
    while parts:
        joined = node_hash(parts.pop(), joined)
    return joined


def tree_root(nodes: NodeReader, size: int) -> bytes:
    """Root of the tree of ``size`` leaves."""
    return range_root(nodes, 0, size) if size else EMPTY_ROOT


def inclusion_path(nodes: NodeReader, index: int, size: int) -> list[bytes]:
    """Hashes that lead from leaf ``index`` to the root of the tree of ``size`` leaves (RFC 9162 2.1.3.1).

    Refuses: LEDGER_POSITION_INVALID.
    """
    if not 0 <= index < size:
        raise Refused(LEDGER_POSITION_INVALID, index=index, size=size)
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_root(nodes, middle, end))
            end = middle
        else:
            path.append(range_root(nodes, start, middle))
            start = middle
    path.reverse()
    return path


def consistency_path(nodes: NodeReader, size1: int, size2: int) -> list[bytes]:
    """Hashes that prove the first ``size1`` leaves unchanged in the tree of ``size2`` leaves (RFC 9162 2.1.4.1).

    Empty when the sizes are equal, and when ``size1`` is 0: everything extends the empty log.
    Refuses: LEDGER_POSITION_INVALID when ``size1`` is greater than ``size2``.
    """
    if not 0 <= size1 <= size2:
        raise Refused(LEDGER_POSITION_INVALID, index=size1, size=size2)
    if size1 in (0, size2):
        return []
    path: list[bytes] = []
    start, end, known = 0, size2, True
    while end != size1:
        middle = start + _split(end - start)
        if size1 <= middle:
            path.append(range_root(nodes, middle, end))
            end = middle
        else:
            path.append(range_root(nodes, start, middle))
            start, known = middle, False
    if not known:
        path.append(range_root(nodes, start, end))
    path.reverse()
    return path


def root_from_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a leaf hash and its path lead to, or None when the path cannot belong to the position.

    Source: RFC 9162 2.1.3.2, steps 1 to 4.
    """
    if not 0 <= index < size or len(leaf) != HASH_SIZE:
        return None
    fn, sn, result = index, size - 1, leaf
    for part in path:
        if sn == 0 or len(part) != HASH_SIZE:
            return None
        if fn & 1 or fn == sn:
            result = node_hash(part, result)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            result = node_hash(result, part)
        fn >>= 1
        sn >>= 1
    return result if sn == 0 else None


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], tree: bytes) -> bool:
    """Whether the leaf hash stands at ``index`` in the log of ``size`` leaves with root ``tree`` (2.1.3.2)."""
    return len(tree) == HASH_SIZE and root_from_inclusion(leaf, index, size, path) == tree


def verify_consistency(size1: int, size2: int, path: Sequence[bytes], root1: bytes, root2: bytes) -> bool:
    """Whether the second tree only appends to the first (RFC 9162 2.1.4.2).

    The empty log is checked too: size 0 has exactly one root, and its path is empty.
    """
    if not 0 <= size1 <= size2 or any(len(part) != HASH_SIZE for part in (root1, root2, *path)):
        return False
    if size1 == size2:
        return not path and root1 == root2 and (size1 > 0 or root1 == EMPTY_ROOT)
    if size1 == 0:
        return not path and root1 == EMPTY_ROOT
    return _verify_growth(size1, size2, path, root1, root2)


def _verify_growth(size1: int, size2: int, path: Sequence[bytes], root1: bytes, root2: bytes) -> bool:
    parts = list(path)
    if size1 & (size1 - 1) == 0:
        # A first tree that is one complete subtree is its own first node; the path leaves it out.
        parts.insert(0, root1)
    if not path:
        return False
    fn, sn = size1 - 1, size2 - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    old = new = parts[0]
    for part in parts[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            old, new = node_hash(part, old), node_hash(part, new)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            new = node_hash(new, part)
        fn >>= 1
        sn >>= 1
    return sn == 0 and old == root1 and new == root2


def _split(size: int) -> int:
    """The largest power of two smaller than ``size``; ``size`` is at least 2."""
    return 1 << (size - 1).bit_length() - 1
