"""What evidence and indexes take for each document of a full axis, and a proof out of a log of a million leaves.

``./dev bench evidence --packets 100000 --json``. Real documents are sent, delivered and logged; the tables are then
filled with copies of their rows, the worker logs the copies' evidence and further entries up to ``--leaves``. Proof
files are of real documents from before and after, each verified offline.
"""

from __future__ import annotations

import io
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import common
from bench._axis import Axis, world
from bench._bodies import Packet, Party, prepare
from bench._multiply import add_leaves, multiply, sizes
from bench._receive import Recipient
from bench._run import Failed
from bench.floor import make_parties
from bench.large import submit

from lienthong.connector.http import AxisConnection
from lienthong.directory.synthetic import agencies
from lienthong.exchange.store import checkpoints, leaves
from lienthong.exchange.store.connection import Connection
from lienthong.infra.database import connect
from lienthong.infra.postgres import Cluster
from lienthong.packages.evidence import Level
from lienthong.packages.proof import open_proof
from lienthong.roles.cli_verify import read_anchors
from lienthong.trust.verdict import Verdict
from lienthong.verifier.anchors import Anchors
from lienthong.verifier.explain import verify_proof

REAL = 50
LIMIT_MS = 20.0
LIMIT_BEYOND = 20_000
BYTES_EACH = 40_000
"""Free disk asked for each packet: rows, the log and PostgreSQL's journal."""
PATIENCE = 900


def exchange(axis: Axis, sender: Party, receiver: Party, count: int, size: int) -> list[Packet]:
    """Real documents, accepted, downloaded and acknowledged."""
    packets, _ = prepare([sender], [receiver.agency], count, size)
    for packet in packets:
        submit(axis, packet)
    taken = 0
    with Recipient(axis, receiver) as recipient:
        while taken < count:
            rows = recipient.lease(25, wait=5)
            if not rows:
                raise Failed(f"{count - taken} documents were not offered")
            for row in rows:
                query = {"fence": str(row["fence"])}
                if (
                    len(recipient.line.request("GET", f"/v1/deliveries/{row['delivery']}/parts/1", query).content)
                    != size
                ):
                    raise Failed("an attachment came incomplete")
            recipient.take(rows)
            taken += len(rows)
    return packets


def wait_logged(conn: Connection, axis: Axis) -> float:
    """Until the worker has given everything its place and the newest checkpoint its timestamp; seconds."""
    start = time.monotonic()
    while time.monotonic() - start < PATIENCE:
        axis.servers()
        newest = checkpoints.newest(conn)
        if not leaves.backlog(conn).count and newest is not None and newest.token is not None:
            return time.monotonic() - start
        time.sleep(0.2)
    raise Failed(f"the log does not come to an end: {axis.log('worker')}")


def log_size(conn: Connection) -> int:
    """Leaves that the newest checkpoint covers."""
    newest = checkpoints.newest(conn)
    return newest.size if newest is not None else 0


def log_bytes(axis: Axis) -> int:
    """Bytes that tiles and bundles of the log take on disk."""
    return sum(path.stat().st_blocks * 512 for path in (axis.data / "log").rglob("*") if path.is_file())


def proofs(axis: Axis, sender: Party, packets: list[Packet], content: bool, anchors: Anchors) -> dict[str, Any]:
    """Fetch and verify the proof file of each document; times include the request's signature and the line."""
    servers = axis.servers()
    times: list[float] = []
    beyond: list[int] = []
    files: list[bytes] = []
    levels: set[str] = set()
    trees: set[int] = set()
    with AxisConnection(f"http://{axis.host}", sender.signer) as line:
        before = servers.cpu()
        for packet in packets:
            query = {"from": sender.agency, "id": str(packet.envelope.id), "content": "1" if content else "0"}
            start = time.perf_counter()
            files.append(line.request("GET", "/v1/proof", query).content)
            times.append((time.perf_counter() - start) * 1000)
        cpu = common.cpu_per_document(before, servers.cpu(), len(packets))
    for packet, data in zip(packets, files, strict=True):
        report = verify_proof(io.BytesIO(data), anchors)
        if report.verdict is not Verdict.PASSED or report.level is None or report.level is Level.SIGNED:
            bad = [f"{check.name}: {check.en}" for check in report.checks if check.verdict is not Verdict.PASSED]
            raise Failed(f"a proof file does not prove: {report.verdict.name}, {report.level}, {bad}")
        levels.add(report.level.value)
        logged = open_proof(io.BytesIO(data)).evidence.proofs or {}
        trees |= {each.size for each in logged.values()}
        # Without attachments the packet is what of it went into the file: the header.
        packet_bytes = len(packet.body) if content else len(packet.body) - packet.envelope.parts[1].size
        beyond.append(len(data) - packet_bytes)
    return {
        **common.latency(times),
        "server_cpu_ms": cpu,
        "verified": len(files),
        "levels": sorted(levels),
        "checkpoint_leaves": [min(trees), max(trees)],
        "bytes_beyond_packet_max": max(beyond),
    }


def run(directory: Path, count: int, size: int, tree: int) -> dict[str, Any]:
    sender = Party.load(make_parties(directory, {"gui-1": "Z01"})[0])
    receiver = Party.load(make_parties(directory, {"nhan-1": "Z02"})[0])
    with Axis(directory, world([receiver], [sender], list(agencies(8)), subtree=False)) as axis:
        dsn = Cluster(axis.data).dsn("axis")
        with connect(dsn, "bench", statement_seconds=3600) as conn:
            common.say(f"Sending and delivering {REAL} documents.")
            early = exchange(axis, sender, receiver, REAL, size)
            wait_logged(conn, axis)
            events = log_size(conn) / REAL
            common.say(f"Filling the tables up to {count} documents.")
            multiply(conn, max(0, count // REAL - 1))
            documents = count // REAL * REAL
            copies_s, copies_logged = wait_logged(conn, axis), log_size(conn)
            stored = {**sizes(conn).per_document(documents), "log_files": round(log_bytes(axis) / documents)}
            missing = tree - log_size(conn)
            common.say(f"Filling the log up to {tree} leaves.")
            if missing > 0:
                add_leaves(conn, missing)
            wait_logged(conn, axis)
            late = exchange(axis, sender, receiver, REAL, size)
            wait_logged(conn, axis)
            anchors = read_anchors([axis.data / "axis-keys.json"])
            common.say("Fetching and verifying proof files.")
            found = {
                f"{name}_{'with' if content else 'without'}_content": proofs(axis, sender, packets, content, anchors)
                for name, packets in (("early", early), ("late", late))
                for content in (True, False)
            }
            tree_size = log_size(conn)
        holds = axis.conservation()["holds"]
    beyond = max(each["bytes_beyond_packet_max"] for each in found.values())
    slowest = max(each["p50_ms"] for each in found.values())
    # A proof may stand on any timestamped checkpoint that has its events; what counts here are proofs of the full log.
    full = all(each["checkpoint_leaves"][0] >= tree for each in found.values())
    return {
        "limits_kept": slowest <= LIMIT_MS and beyond <= LIMIT_BEYOND and holds and full,
        "documents": documents,
        "attachment_bytes": size,
        "events_per_document": round(events, 2),
        "bytes_per_document": stored,
        "logging_copies": {"seconds": round(copies_s, 1), "leaves": copies_logged},
        "leaves": tree_size,
        "proof": found,
        "proof_limit_ms": LIMIT_MS,
        "proof_slowest_p50_ms": slowest,
        "proof_bytes_beyond_packet_max": beyond,
        "proof_limit_bytes_beyond": LIMIT_BEYOND,
        "conservation_holds": holds,
    }


def main() -> None:
    parser = common.options(__doc__)
    parser.add_argument("--packets", type=int, default=100_000, help=f"{REAL} to 1,000,000")
    parser.add_argument("--leaves", type=int, default=1_000_000, help="size of the log when proofs are fetched")
    parser.add_argument("--size", type=common.size, default=200_000)
    given = parser.parse_args()
    if not REAL <= given.packets <= 1_000_000:
        parser.error(f"--packets must be {REAL} to 1000000")
    with tempfile.TemporaryDirectory(prefix="lienthong-bench-", dir=given.dir) as name:
        directory = Path(name)
        wanted, free = given.packets * BYTES_EACH + given.leaves * 500, shutil.disk_usage(directory).free
        if free < wanted:
            raise Failed(f"{wanted / 1e9:.1f} GB of free disk are needed, {free / 1e9:.1f} GB are there")
        figures = {"machine": common.machine(), "ceilings": common.ceilings(directory)}
        figures["evidence"] = run(directory, given.packets, given.size, given.leaves)
    common.report("evidence", figures, given.json)
    if not figures["evidence"]["limits_kept"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
