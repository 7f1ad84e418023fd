"""One document to thousands of recipients: accepted quickly, stored once, delivered to every one.

``./dev bench fanout --recipients 3400 --json``. One system receives for all of them.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench import common
from bench._axis import Axis, world
from bench._bodies import Party, compose_packet
from bench._receive import Recipient
from bench._run import Failed
from bench.floor import make_parties
from bench.large import submit

from lienthong.connector.compose import Attachment
from lienthong.directory.synthetic import agencies

LIMIT_S = 1.0
BATCH = 100


def deliver(axis: Axis, party: Party, expected: int, content: bytes) -> Counter[str]:
    """Lease, download and acknowledge until every recipient has it; how often each got it."""
    got: Counter[str] = Counter()
    with Recipient(axis, party) as recipient:
        while len(got) < expected:
            rows = recipient.lease(BATCH, wait=5)
            if not rows:
                break
            for row in rows:
                target, query = f"/v1/deliveries/{row['delivery']}/parts/1", {"fence": str(row["fence"])}
                if recipient.line.request("GET", target, query).content != content:
                    raise Failed("other bytes came than were sent")
            recipient.take(rows)
            got.update(row["agency"] for row in rows)
    return got


def run(directory: Path, count: int, size: int, times: int) -> dict[str, Any]:
    sender = Party.load(make_parties(directory, {"gui-1": "Z01"})[0])
    receiver = Party.load(make_parties(directory, {"nhan-1": "Z02"})[0])
    known = [agency for agency in agencies(count + 200) if not agency.code.startswith("Z01.")]
    recipients = [agency.code for agency in known if agency.code != "Z01"][:count]
    content = b"%PDF-1.7\n" + bytes(range(256)) * (size // 256)
    with Axis(directory, world([receiver], [sender], known, subtree=True)) as axis:
        servers = axis.servers()
        seconds, cpu = [], servers.cpu()
        for turn in range(times):
            one = Attachment("toan-quoc.pdf", content, media_type="application/pdf")
            seconds.append(submit(axis, compose_packet(turn, sender, recipients, [one])[0]))
        used = common.cpu_per_document(cpu, servers.cpu(), times)
        stored, start = axis.blob_bytes(), time.perf_counter()
        got = deliver(axis, receiver, count, content) if times == 1 else Counter[str]()
        delivering = time.perf_counter() - start
        balance = axis.conservation()
    once = len(got) == count and set(got.values()) == {1}
    kept = max(seconds) <= LIMIT_S and stored <= len(content) + 8192 and balance["holds"] and (once or times > 1)
    return {
        "limits_kept": kept,
        "recipients": count,
        "size": len(content),
        "accept_s": [round(each, 3) for each in seconds],
        "limit_s": LIMIT_S,
        "server_cpu_ms": used,
        "stored_bytes": stored,
        "stored_once": stored <= len(content) + 8192,
        "delivered_exactly_once": once if times == 1 else None,
        "deliveries_per_s": round(len(got) / delivering, 1) if got else None,
        "conservation": balance,
    }


def main() -> None:
    parser = common.options(__doc__)
    parser.add_argument("--recipients", type=int, default=3400)
    parser.add_argument("--size", type=common.size, default=200_000)
    parser.add_argument("--times", type=int, default=1, help="accept as often; delivered only when once")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lienthong-bench-", dir=given.dir) as name:
        directory = Path(name)
        figures = {"machine": common.machine(), "ceilings": common.ceilings(directory)}
        figures["fanout"] = run(directory, given.recipients, given.size, given.times)
    common.report("fanout", figures, given.json)
    if not figures["fanout"]["limits_kept"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
