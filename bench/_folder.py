"""A connector's shared folder with thousands of documents dropped at once: all sent once, in order within a recipient.

``python -m bench._folder --jobs 10000 --json``; :func:`measure` is what ``./dev bench connect`` calls. Connector and
folder run in a process of their own, so that its memory is its own; what they did is counted at the axis.
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
from pathlib import Path
from typing import Any

from bench import _courier, common
from bench._axis import NAME, Axis, world
from bench._bodies import Party
from bench._run import ROOT, Failed, python_path
from bench.floor import make_parties

from lienthong.base.clock import SystemClock
from lienthong.connector.courier.engine import Courier
from lienthong.connector.courier.links import AxisLink, AxisSettings
from lienthong.connector.folder.service import Folder
from lienthong.connector.receiving import Inbox
from lienthong.connector.spool import Spool
from lienthong.directory.synthetic import agencies
from lienthong.trust.keys import load_public_key

URGENT_SHARE = 0.05


def measure(directory: Path, jobs: int, recipients: int, size: int) -> dict[str, Any]:
    """Drop ``jobs`` documents of ``size`` bytes for ``recipients`` agencies at once, and let the folder send them."""
    sender = make_parties(directory, {"gui-1": "Z01"})[0]
    receiver = Party.load(make_parties(directory, {"nhan-1": "Z02"})[0])
    known = [agency for agency in agencies(recipients + 200) if not agency.code.startswith("Z01.")]
    codes = [agency.code for agency in known if agency.code != "Z01"][:recipients]
    with Axis(directory, world([receiver], [Party.load(sender)], known, subtree=True)) as axis:
        task = {
            "url": f"http://{axis.host}", "axis_key": str(axis.key_file), "sender": sender,
            "spool": str(directory / "spool"), "folder": str(directory / "trao-doi"), "to": codes,
            "jobs": jobs, "size": size,
        }  # fmt: skip
        dropped = drop(task)
        done = subprocess.run(
            [sys.executable, "-m", "bench._folder", "--child"],
            input=json.dumps(task), capture_output=True, text=True, env=python_path(), cwd=ROOT, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise Failed(f"the folder failed: {done.stderr[-3000:]}")
        found = json.loads(done.stdout)
        accepted = _courier._accepted(axis, sender)
    return found | _courier._judged(dropped, accepted, found["peak_mb"])


def drop(task: dict[str, Any]) -> list[list[Any]]:
    """Every document with its row, as some software would write them; document, recipient and urgency of each."""
    outbox = Path(task["folder"]) / "outbox"
    outbox.mkdir(parents=True)
    choose = random.Random(7)
    dropped: list[list[Any]] = []
    for n in range(1, task["jobs"] + 1):
        to, urgency = choose.choice(task["to"]), 2 if choose.random() < URGENT_SHARE else 0
        (outbox / f"cv-{n}.pdf").write_bytes(b"%PDF-1.7\n" + os.urandom(task["size"]))
        row = {"number": f"{n}/UB-VP", "subject": f"Văn bản mẫu {n}", "to": to, "issued_on": "2026-11-20"}
        row["urgency"] = urgency
        (outbox / f"cv-{n}.json").write_text(json.dumps(row), "utf-8")
        dropped.append([f"{task['sender']['agency']},2026/11/20,{n}/UB-VP", to, urgency])
    return dropped


def child(task: dict[str, Any]) -> dict[str, Any]:
    """The connector's process: take everything that was dropped and send it."""
    party, root, clock = Party.load(task["sender"]), Path(task["spool"]), SystemClock()
    settings = AxisSettings(NAME, task["url"], load_public_key(Path(task["axis_key"]).read_bytes()))
    link = AxisLink(settings, party.signer, root, Spool(root), Inbox(root), clock)
    stop, shared = threading.Event(), Path(task["folder"])
    with Courier(root, [link], [party.agency], senders=_courier.SENDERS, keep_content=False) as courier:
        folder = Folder(shared, courier, root / "folder")
        start = time.perf_counter()
        threads = [threading.Thread(target=each.run, args=(stop,)) for each in (courier, folder)]
        for thread in threads:
            thread.start()
        while any((shared / "outbox").iterdir()):
            time.sleep(0.2)
        taking = time.perf_counter() - start
        while (health := courier.health()).waiting + health.sending and not health.refused:
            time.sleep(0.1)
        sending = time.perf_counter() - start
        while len(list((shared / "sent").rglob("*.bien-nhan.txt"))) < task["jobs"] and not health.refused:
            time.sleep(1)
        telling = time.perf_counter() - start
        stop.set()
        for thread in threads:
            thread.join()
        return {
            "jobs": task["jobs"], "taken_per_s": round(task["jobs"] / taking, 1),
            "sent_per_s": round(task["jobs"] / sending, 1), "told_per_s": round(task["jobs"] / telling, 1),
            "refused": health.refused + len(list((shared / "refused").iterdir())),
            "peak_mb": common.memory_mb(os.getpid(), "VmHWM"),
        }  # fmt: skip


def main() -> None:
    parser = common.options(__doc__)
    parser.add_argument("--child", action="store_true", help="(inside) read a task and be the connector")
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
        figures["folder"] = measure(directory, given.jobs, given.recipients, given.size)
    common.report("folder", figures, given.json)
    if not figures["folder"]["limits_kept"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
