"""Figures of the proof file, as JSON: made from a log of many leaves, and verified.

CPU time of this process in milliseconds, medians; sizes in bytes. The story is the one of the unit tests: accepted,
available, handed over, one status, witness and timestamp. Run: ``python bench/proof.py --leaves 1000000``.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from lienthong.ledger import merkle
from lienthong.ledger.checkpoint import Checkpoint, sign_checkpoint
from lienthong.ledger.cosignature import cosign
from lienthong.ledger.tiles import TileReader, extend
from lienthong.packages.evidence import LogProof
from lienthong.verifier.explain import verify_proof
from lienthong.wire.event import entry
from unit.verifier.proof_story import ANCHORS, AXIS, LOG_KEY, START, WITNESS, WITNESS_KEY, Story, stamped


def cpu_ms(run: Callable[[], object], times: int = 31) -> float:
    """Median CPU time of one call."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        run()
        taken.append((time.process_time() - start) * 1000)
    return round(statistics.median(taken), 3)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--leaves", type=int, default=1_000_000)
    size = options.parse_args().leaves
    story = Story().whole()
    leaves = [merkle.leaf_hash(i.to_bytes(32, "big")) for i in range(size)]
    places = {position: size // 2 + 97 * position for position in range(len(story.tokens))}
    for position, index in places.items():
        leaves[index] = merkle.leaf_hash(entry(story.tokens[position]))
    log = extend(0, leaves, {}.get)
    note = sign_checkpoint(Checkpoint(AXIS, size, log.root), LOG_KEY)
    note = note.with_signatures([cosign(note.text, WITNESS.name, WITNESS_KEY, START)])
    base = stamped(replace(story.evidence(), checkpoint=note.to_bytes(), proofs={}))

    def make() -> bytes:
        reader = TileReader(size, log.tiles.get)
        proofs = {p: LogProof(index, size, tuple(reader.inclusion(index))) for p, index in places.items()}
        return story.file(replace(base, proofs=proofs))

    data = make()
    packet = len(story.token) + sum(map(len, story.parts))
    report = verify_proof(io.BytesIO(data), ANCHORS)
    figures = {
        "leaves": size,
        "events": len(places),
        "make_ms": cpu_ms(make),
        "verify_ms": cpu_ms(lambda: verify_proof(io.BytesIO(data), ANCHORS)),
        "file_bytes": len(data),
        "bytes_beyond_packet": len(data) - packet,
        "verdict": report.verdict.name,
        "level": report.level.value if report.level is not None else None,
    }
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
