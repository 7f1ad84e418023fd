"""The tree in files: tiles of 256 hashes, how a log grows by them, and proofs read from them.

Source: C2SP tlog-tiles. Level *l* tile *n* holds the hashes of the subtrees over ``256**l`` leaves each, from number
``n * 256`` on; 32 bytes a hash, up to 256 of them. A tile that is not full yet is *partial*: its path names its width,
so that a file, once written, never changes. For a log of *s* leaves the partial tile of level *l* has
``(s // 256**l) % 256`` hashes, and no file at all when that is 0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lienthong.base.errors import Refused
from lienthong.ledger import merkle
from lienthong.ledger.errors import (
    LEDGER_PATH_MALFORMED,
    LEDGER_POSITION_INVALID,
    LEDGER_TILE_DAMAGED,
    LEDGER_TILE_MISSING,
)

WIDTH = 256
HEIGHT = 8
"""Levels of the tree in one tile: 2**8 = 256."""

ReadTile = Callable[[str], bytes | None]
"""Bytes stored at a path of the log, or None when nothing is stored there."""

_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)
_CACHED_TILES = 64


@dataclass(frozen=True, slots=True)
class TileName:
    """Which tile: ``level`` 0–63, or None for a bundle of entries; ``index`` in its level; ``width`` 1–256."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The path below the log's address, e.g. ``tile/0/x001/067.p/12``."""
        groups = [f"{self.index % 1000:03d}"]
        rest = self.index // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03d}")
            rest //= 1000
        level = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(groups)}{partial}"

    @staticmethod
    def parse(path: str) -> TileName:
        """Read a path; only the one canonical spelling of each tile is accepted. Refuses: LEDGER_PATH_MALFORMED."""
        found = _PATH.fullmatch(path) if len(path) <= 100 else None
        if found is not None:
            kind, groups, width = found.groups()
            name = TileName(
                None if kind == "entries" else int(kind),
                int(groups.replace("x", "").replace("/", "")),
                int(width) if width else WIDTH,
            )
            if (name.level is None or name.level <= 63) and name.path == path:
                return name
        raise Refused(LEDGER_PATH_MALFORMED, path=path[:100])


def tile_name(level: int, index: int, size: int) -> TileName:
    """The tile as it is in a log of ``size`` leaves: full, or partial with its width."""
    return TileName(level, index, min(WIDTH, (size >> HEIGHT * level) - index * WIDTH))


@dataclass(frozen=True, slots=True)
class Extension:
    """What appending did: the log's new ``size`` and ``root``, and the files to write, by path.

    Write the files before the checkpoint that needs them. Older partial tiles may be deleted later.
    """

    size: int
    root: bytes
    tiles: dict[str, bytes]


def extend(size: int, leaf_hashes: Sequence[bytes], read_tile: ReadTile) -> Extension:
    """Append leaf hashes to a log of ``size`` leaves.

    Reads at most one partial tile per level, and returns only the tiles that changed. The work grows with the number
    of new leaves and with the logarithm of the log. The same call with the same stored tiles gives the same result, so
    an interrupted append is simply repeated.
    Refuses: LEDGER_TILE_MISSING, LEDGER_TILE_DAMAGED.
    """
    new_size = size + len(leaf_hashes)
    tiles: dict[str, bytes] = {}
    edge: list[list[bytes]] = []
    arriving = list(leaf_hashes)
    level = 0
    while new_size >> HEIGHT * level:
        row, rising = _grow_level(level, size, arriving, read_tile, tiles)
        edge.append(row)
        arriving = rising
        level += 1
    return Extension(new_size, _edge_root(edge), tiles)


def _grow_level(
    level: int, size: int, arriving: list[bytes], read_tile: ReadTile, tiles: dict[str, bytes]
) -> tuple[list[bytes], list[bytes]]:
    """Add hashes to one level; gives the last, not yet full row, and the roots of the tiles that became full."""
    index, width = divmod(size >> HEIGHT * level, WIDTH)
    row = split_hashes(read_stored(TileName(level, index, width), read_tile)) if width else []
    rising: list[bytes] = []
    at = 0
    while at < len(arriving):
        taken = arriving[at : at + WIDTH - len(row)]
        at += len(taken)
        row += taken
        tiles[TileName(level, index, len(row)).path] = b"".join(row)
        if len(row) == WIDTH:
            rising.append(merkle.root(row))
            row = []
            index += 1
    return row, rising


def _edge_root(edge: Sequence[list[bytes]]) -> bytes:
    """Root of the log from the partial rows of all levels, lowest first: each row stands left of the ones below it."""
    joined: bytes | None = None
    for row in edge:
        end = len(row)
        while end:
            # The lowest set bit of the rest is its rightmost complete subtree.
            start = end & (end - 1)
            part = merkle.root(row[start:end])
            joined = part if joined is None else merkle.node_hash(part, joined)
            end = start
    return merkle.EMPTY_ROOT if joined is None else joined


def split_hashes(tile: bytes) -> list[bytes]:
    """The hashes of a tile."""
    return [tile[at : at + merkle.HASH_SIZE] for at in range(0, len(tile), merkle.HASH_SIZE)]


def read_stored(name: TileName, read_tile: ReadTile) -> bytes:
    """The hashes of a tile; when a partial tile is gone, the first part of the full one that replaced it.

    Refuses: LEDGER_TILE_MISSING, LEDGER_TILE_DAMAGED (a length that is not the width's).
    """
    stored, width = read_tile(name.path), name.width
    if stored is None and name.width < WIDTH:
        stored, width = read_tile(TileName(name.level, name.index).path), WIDTH
    if stored is None:
        raise Refused(LEDGER_TILE_MISSING, path=name.path)
    if len(stored) != width * merkle.HASH_SIZE:
        raise Refused(LEDGER_TILE_DAMAGED, path=name.path)
    return stored[: name.width * merkle.HASH_SIZE]


class TileReader:
    """Proofs of a log of one ``size``, made from its tiles.

    One reader serves one checkpoint and keeps the tiles it used last. A tile whose bytes were damaged gives a proof
    that does not verify; compare :meth:`root` with the checkpoint once before trusting the tiles.
    """

    def __init__(self, size: int, read_tile: ReadTile) -> None:
        self.size = size
        self._read_tile = read_tile
        self._tiles: dict[tuple[int, int], list[list[bytes]]] = {}

    def node(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree (:class:`lienthong.ledger.merkle.NodeReader`)."""
        tile_level, inner = divmod(level, HEIGHT)
        tile_index, place = divmod(index, 1 << HEIGHT - inner)
        return self._levels(tile_level, tile_index)[inner][place]

    def root(self) -> bytes:
        """Root of the log."""
        return merkle.tree_root(self, self.size)

    def leaf(self, index: int) -> bytes:
        """Leaf hash at a position. Refuses: LEDGER_POSITION_INVALID."""
        if not 0 <= index < self.size:
            raise Refused(LEDGER_POSITION_INVALID, index=index, size=self.size)
        return self.node(0, index)

    def inclusion(self, index: int) -> list[bytes]:
        """Path from a leaf to the root. Refuses: LEDGER_POSITION_INVALID, LEDGER_TILE_MISSING, LEDGER_TILE_DAMAGED."""
        return merkle.inclusion_path(self, index, self.size)

    def consistency(self, size1: int) -> list[bytes]:
        """Path from an earlier size to this one. Refuses as :meth:`inclusion`."""
        return merkle.consistency_path(self, size1, self.size)

    def _levels(self, level: int, index: int) -> list[list[bytes]]:
        levels = self._tiles.get((level, index))
        if levels is None:
            name = tile_name(level, index, self.size)
            levels = merkle.complete_levels(split_hashes(read_stored(name, self._read_tile)))
            if len(self._tiles) >= _CACHED_TILES:
                del self._tiles[next(iter(self._tiles))]
            self._tiles[level, index] = levels
        return levels
