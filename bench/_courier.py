"""A connector's courier with thousands of jobs submitted at once: all sent once, in order within a recipient.

``python -m bench._courier --jobs 10000 --json``; :func:`measure` is for ``./dev bench connect``. The courier runs in a
process of its own, so that its memory is its own; what it did is counted at the axis, not at the courier.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench import common
from bench._axis import NAME, Axis, world
from bench._bodies import Party
from bench._run import ROOT, Failed, python_path
from bench.floor import make_parties

from lienthong.base.clock import SystemClock
from lienthong.connector.compose import Attachment, OutgoingDocument
from lienthong.connector.courier.engine import Courier
from lienthong.connector.courier.links import AxisLink, AxisSettings
from lienthong.connector.courier.model import Job
from lienthong.connector.http import AxisConnection
from lienthong.connector.receiving import Inbox
from lienthong.connector.spool import Spool
from lienthong.directory.synthetic import agencies
from lienthong.trust.keys import load_public_key

MEMORY_MB = 200.0
URGENT_SHARE = 0.05
SENDERS = 4


def measure(directory: Path, jobs: int, recipients: int, size: int) -> dict[str, Any]:
    """Submit ``jobs`` documents of ``size`` bytes to ``recipients`` agencies at once and let the courier send them."""
    sender = make_parties(directory, {"gui-1": "Z01"})[0]
    receiver = Party.load(make_parties(directory, {"nhan-1": "Z02"})[0])
    known = [agency for agency in agencies(recipients + 200) if not agency.code.startswith("Z01.")]
    codes = [agency.code for agency in known if agency.code != "Z01"][:recipients]
    with Axis(directory, world([receiver], [Party.load(sender)], known, subtree=True)) as axis:
        task = {
            "url": f"http://{axis.host}", "axis_key": str(axis.key_file), "sender": sender,
            "spool": str(directory / "spool"), "to": codes, "jobs": jobs, "size": size,
        }  # fmt: skip
        child = subprocess.run(
            [sys.executable, "-m", "bench._courier", "--child"],
            input=json.dumps(task), capture_output=True, text=True, env=python_path(), cwd=ROOT, check=False,
        )  # fmt: skip
        if child.returncode != 0:
            raise Failed(f"the courier failed: {child.stderr[-3000:]}")
        done = json.loads(child.stdout)
        accepted = _accepted(axis, sender)
    return done | _judged(done.pop("submitted"), accepted, done["peak_mb"])


def _accepted(axis: Axis, sender: dict[str, str]) -> list[tuple[str, str]]:
    """Document and recipient of every envelope, in the order in which the axis accepted them."""
    rows: list[tuple[str, str]] = []
    with AxisConnection(f"http://{axis.host}", Party.load(sender).signer) as line:
        after: dict[str, str] = {}
        while True:
            page = line.get_json("/v1/outbox", {"agency": sender["agency"], "max": "200", **after})
            rows += [(row["document_id"], d["agency"]) for row in page["envelopes"] for d in row["deliveries"]]
            if not page.get("next"):
                return rows[::-1]
            after = {"after": str(page["next"])}


def _judged(submitted: list[list[Any]], accepted: list[tuple[str, str]], peak: float) -> dict[str, Any]:
    """What the axis says, against what was asked."""
    number = {document: n for n, (document, _, _) in enumerate(submitted)}
    by_recipient: dict[str, list[int]] = {}
    for document, to in accepted:
        by_recipient.setdefault(to, []).append(number[document])
    disorder = sum(a > b for order in by_recipient.values() for a, b in pairwise(order))
    times = Counter(document for document, _ in accepted)
    place = {document: n for n, (document, _) in enumerate(accepted)}
    urgent = [place[document] for document, _, urgency in submitted if urgency and document in place]
    normal = [place[document] for document, _, urgency in submitted if not urgency and document in place]
    once = len(times) == len(submitted) and set(times.values()) == {1}
    return {
        "sent_once": once,
        "out_of_order": disorder,
        "urgent_median_place": common.median(urgent),
        "normal_median_place": common.median(normal),
        "limit_mb": MEMORY_MB,
        "limits_kept": once and disorder == 0 and peak <= MEMORY_MB,
    }


def child(task: dict[str, Any]) -> dict[str, Any]:
    """The courier's process: submit everything, then send it."""
    party, root, clock = Party.load(task["sender"]), Path(task["spool"]), SystemClock()
    settings = AxisSettings(NAME, task["url"], load_public_key(Path(task["axis_key"]).read_bytes()))
    link = AxisLink(settings, party.signer, root, Spool(root), Inbox(root), clock)
    choose, content = random.Random(7), b"%PDF-1.7\n" + os.urandom(task["size"])
    submitted, stop = [], threading.Event()
    with Courier(root, [link], [party.agency], senders=SENDERS, keep_content=False) as courier:
        start = time.perf_counter()
        for n in range(task["jobs"]):
            to, urgency = choose.choice(task["to"]), 2 if choose.random() < URGENT_SHARE else 0
            document = OutgoingDocument(
                number=f"{n + 1}/UB-VP",
                subject=f"Văn bản mẫu {n + 1}",
                to=[to],
                issued_on=date(2026, 11, 20),
                urgency=urgency,
            )
            job = courier.submit(Job(party.agency, document, [Attachment("toan-van.pdf", content)], key=f"do-{n}"))
            view = courier.job(job)
            assert view is not None
            submitted.append((view.document_id, to, urgency))
        submitting = time.perf_counter() - start
        start = time.perf_counter()
        running = threading.Thread(target=courier.run, args=(stop,))
        running.start()
        while (health := courier.health()).waiting + health.sending and not health.refused:
            time.sleep(0.1)
        sending = time.perf_counter() - start
        stop.set()
        running.join()
        return {
            "jobs": task["jobs"],
            "submitted": submitted,
            "submit_per_s": round(task["jobs"] / submitting, 1),
            "send_per_s": round(task["jobs"] / sending, 1),
            "refused": health.refused,
            "peak_mb": common.memory_mb(os.getpid(), "VmHWM"),
            "events": health.events,
        }


def main() -> None:
    parser = common.options(__doc__)
    parser.add_argument("--child", action="store_true", help="(inside) read a task and be the courier")
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--recipients", type=int, default=100)
    parser.add_argument("--size", type=common.size, default=20_000)
    given = parser.parse_args()
    if given.child:
        sys.stdout.write(json.dumps(child(json.load(sys.stdin))))
        return
    with tempfile.TemporaryDirectory(prefix="lienthong-bench-", dir=given.dir) as name:
        directory = Path(name)
        figures = {"machine": common.machine(), "ceilings": common.ceilings(directory)}
        figures["courier"] = measure(directory, given.jobs, given.recipients, given.size)
    common.report("courier", figures, given.json)
    if not figures["courier"]["limits_kept"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
