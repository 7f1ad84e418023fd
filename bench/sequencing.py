"""Figures of the sequencer on a real PostgreSQL: catching up with many waiting entries, and paths out of that log.

Wall and CPU time of this process. Run: ``./dev bench sequencing --leaves 1000000``.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lienthong.base.clock import SystemClock
from lienthong.exchange.service import sequencing
from lienthong.exchange.service.log_context import LogContext
from lienthong.exchange.service.log_files import LogFiles
from lienthong.exchange.store import checkpoints
from lienthong.infra.database import connect
from lienthong.infra.node_keys import NodeKeys
from lienthong.infra.postgres import Cluster, find_binaries
from lienthong.infra.timestamp_authority import LocalAuthority
from lienthong.ledger.tiles import TileReader
from lienthong.roles.migrate import migrate


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--leaves", type=int, default=1_000_000)
    options.add_argument("--json", action="store_true")
    leaves = options.parse_args().leaves
    directory = Path(tempfile.mkdtemp(prefix="lt-bench-", dir="/tmp"))
    directory.chmod(0o711)
    cluster = Cluster(directory, find_binaries(directory / "pg"))
    try:
        cluster.ensure_running()
        dsn = cluster.create_database("bench")
        migrate(dsn)
        print(json.dumps(measure(dsn, directory, leaves), indent=1))
    finally:
        cluster.stop()
        shutil.rmtree(directory)


def measure(dsn: str, directory: Path, leaves: int) -> dict[str, float]:
    clock = SystemClock()
    keys = NodeKeys.load_or_create(directory / "keys", "bench.example", clock.now())
    local = LocalAuthority(keys.tsa, keys.tsa_chain, clock)
    axis = SimpleNamespace(name="bench.example", clock=clock, receipt_signer=keys.receipt)
    own, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    log = LogContext(axis, own, other, LogFiles(directory / "log"), local, local, lambda: connect(dsn, "bench"))
    with connect(dsn, "bench", statement_seconds=600) as conn:
        with conn.cursor() as cursor, cursor.copy("COPY leaf_pending (event_no, entry) FROM STDIN") as copy:
            for number in range(leaves):
                copy.write_row((number, sha256(number.to_bytes(8, "big")).digest()))
        conn.execute("ANALYZE leaf_pending")
        wall, cpu = time.perf_counter(), time.process_time()
        sequencing.sequence_all(conn, log)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        size = checkpoints.newest(conn).size
        paths = []
        for turn in range(101):
            start = time.perf_counter()
            TileReader(size, log.files.read).inclusion(turn * 7919 % size)
            paths.append((time.perf_counter() - start) * 1000)
        stored = conn.execute("SELECT pg_total_relation_size('leaf')").fetchone()[0]
    return {
        "leaves": size,
        "catch_up_s": round(wall, 1),
        "catch_up_cpu_us_per_leaf": round(cpu * 1e6 / size, 1),
        "inclusion_from_files_ms": round(statistics.median(paths), 2),
        "leaf_table_bytes_per_leaf": round(stored / size, 1),
    }


if __name__ == "__main__":
    main()
