"""Figures of the evidence log, as JSON: appending to and proving from a log of many leaves.

CPU time of this process in milliseconds, medians. Run: ``python bench/ledger.py --leaves 1000000``.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from hashlib import sha256

from lienthong.ledger import merkle
from lienthong.ledger.tiles import Extension, TileReader, extend


def cpu_ms(run: Callable[[int], object], times: int) -> float:
    """Median CPU time of one call."""
    taken = []
    for turn in range(times):
        start = time.process_time()
        run(turn)
        taken.append((time.process_time() - start) * 1000)
    return round(statistics.median(taken), 4)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--leaves", type=int, default=1_000_000)
    leaves = options.parse_args().leaves
    files: dict[str, bytes] = {}
    state = Extension(0, merkle.EMPTY_ROOT, {})
    start = time.process_time()
    while state.size < leaves:
        batch = range(state.size, min(state.size + 10_000, leaves))
        state = extend(state.size, [merkle.leaf_hash(i.to_bytes(32, "big")) for i in batch], files.get)
        files.update(state.tiles)
    building = time.process_time() - start
    new = [merkle.leaf_hash(sha256(bytes([i])).digest()) for i in range(100)]
    third = leaves // 3
    path = TileReader(leaves, files.get).inclusion(third)
    leaf = merkle.leaf_hash(third.to_bytes(32, "big"))
    stored = sum(len(data) for name, data in files.items() if ".p/" not in name)
    figures = {
        "leaves": leaves,
        "build_us_per_leaf": round(building * 1e6 / leaves, 2),
        "append_1_ms": cpu_ms(lambda _: extend(leaves, new[:1], files.get), 51),
        "append_100_ms": cpu_ms(lambda _: extend(leaves, new, files.get), 51),
        "inclusion_ms": cpu_ms(lambda n: TileReader(leaves, files.get).inclusion(n * 7919 % leaves), 101),
        "consistency_ms": cpu_ms(lambda n: TileReader(leaves, files.get).consistency(n * 7919 % leaves), 101),
        "verify_inclusion_ms": cpu_ms(lambda _: merkle.verify_inclusion(leaf, third, leaves, path, state.root), 101),
        "path_hashes": len(path),
        "full_tile_bytes_per_leaf": round(stored / leaves, 2),
    }
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
