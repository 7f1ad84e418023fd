"""The floor alone: documents a second of a bare receiver, with files synced on its loop and in threads.

``./dev bench floor --docs 2000 --size 200k --concurrency 16 --json``
"""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench import common
from bench._run import Load, floor

from lienthong.infra.keys import generate, key_pem, write_durably

WINDOWS = 3


def make_parties(directory: Path, names: dict[str, str]) -> list[dict[str, str]]:
    """A fresh key for each system; ``names``: agency by system."""
    rows = []
    for system, agency in names.items():
        path = directory / f"{system}.key.pem"
        write_durably(path, key_pem(generate("P-256"), None))
        rows.append({"system": system, "agency": agency, "key": str(path)})
    return rows


def windows(docs: int) -> list[tuple[int, int]]:
    """Three windows of about the same size."""
    edges = [docs * n // WINDOWS for n in range(WINDOWS + 1)]
    return list(pairwise(edges))


def measure(load: Load, host: str, docs: int, concurrency: int) -> dict[str, Any]:
    """All documents once, in three windows."""
    rates, latencies = [], []
    for first, last in windows(docs):
        answer = load("submit", host=host, first=first, last=last, concurrency=concurrency)
        rates.append((last - first) / answer["seconds"])
        latencies += answer["latencies"]
    return {
        "docs_per_s": common.median(rates),
        "windows": [round(rate, 1) for rate in rates],
        **common.latency(latencies),
        "generator_cpu_ms_per_document": answer["generator_cpu_ms_per_document"],
    }


def both_floors(
    load: Load, directory: Path, senders: list[dict[str, str]], docs: int, concurrency: int
) -> dict[str, Any]:
    """The floor with each way to sync; ``docs_per_s`` is the faster one's."""
    found: dict[str, Any] = {}
    for sync in ("loop", "pool"):
        with floor(directory, senders, sync) as (host, pid):
            measure(load, host, min(docs, 150), concurrency)
            before = common.cpu_ms(pid)
            found[sync] = measure(load, host, docs, concurrency)
            found[sync]["server_cpu_ms_per_document"] = round((common.cpu_ms(pid) - before) / docs, 3)
    best = max(found, key=lambda sync: found[sync]["docs_per_s"])
    return {"docs_per_s": found[best]["docs_per_s"], "best": best, **found}


def main() -> None:
    parser = common.options(__doc__)
    parser.add_argument("--docs", type=int, default=2000)
    parser.add_argument("--size", type=common.size, default=200_000)
    parser.add_argument("--concurrency", type=int, default=16)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lienthong-bench-", dir=given.dir) as name, Load() as load:
        directory = Path(name)
        senders = make_parties(directory, {"gui-1": "Z01", "gui-2": "Z02"})
        common.say(f"Preparing {given.docs} signed documents.")
        figures: dict[str, Any] = {"machine": common.machine(), "ceilings": common.ceilings(directory)}
        figures["bodies"] = load("prepare", senders=senders, recipients=["Z03"], docs=given.docs, size=given.size)
        figures["floor"] = both_floors(load, directory, senders, given.docs, given.concurrency)
        common.report("floor", figures, given.json)


if __name__ == "__main__":
    main()
