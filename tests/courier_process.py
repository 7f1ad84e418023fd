"""A connector as a process of its own, for tests that kill it: ``python -m courier_process TASK``.

The task is a file of JSON: ``config`` of the connector, ``jobs`` to submit (each with its key, as a caller does that does
not know whether its last call came through), how many events of which ``wait`` type end it, once the axis's
``database`` counts nothing for ``agency`` as waiting any more. Prints the events it has.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path
from typing import Any

from axis_process import SOURCE, Installation, Party, hurry, rows
from lienthong.connector.compose import Attachment, OutgoingDocument
from lienthong.connector.courier.model import Job
from lienthong.infra import steps
from lienthong.infra.config import load
from lienthong.infra.connector_config import ConnectorConfig
from lienthong.roles.connector import open_courier
from lienthong.trust.keys import public_pem

SECONDS = 60.0
WAITING = "SELECT count(*) FROM delivery WHERE agency = %s AND state <> 'delivered'"


def write_config(folder: Path, party: Party, *axes: Installation, **more: str) -> Path:
    """A configuration of a connector for one party, its key and the keys of its axes beside it."""
    from cryptography.hazmat.primitives import serialization as s

    folder.mkdir(parents=True, exist_ok=True)
    key = folder / "system.key.pem"
    private = party.signer._private_key  # the test's own key
    key.write_bytes(private.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()))
    key.chmod(0o600)
    for number, axis in enumerate(axes):
        (folder / f"axis{number}.pem").write_bytes(public_pem(axis.keys.receipt.public_key))
    first, *others = axes
    entries = ", ".join(
        f'{{name = "{axis.name}", url = "{axis.url}", key_file = "axis{n}.pem"}}' for n, axis in enumerate(others, 1)
    )
    lines = {
        "axis_url": f'"{first.url}"', "axis_name": f'"{first.name}"', "axis_key_file": '"axis0.pem"',
        "system_id": f'"{party.system_id}"', "agencies": f'["{party.agency}"]', "key_file": '"system.key.pem"',
        "further_axes": f"[{entries}]", "wait": '"1 s"', "timeout": '"10 s"', **more,
    }  # fmt: skip
    config = folder / "connector.toml"
    config.write_text("[connector]\n" + "".join(f"{name} = {value}\n" for name, value in lines.items()))
    return config


def run_task(folder: Path, task: dict[str, Any], kill_at: str = "") -> subprocess.CompletedProcess[str]:
    """Run a task in a process of its own, to its end or its death."""
    file = folder / "task.json"
    file.write_text(json.dumps(task | {"kill_at": kill_at}))
    path = os.pathsep.join([str(SOURCE), str(Path(__file__).parent)])
    return subprocess.run(
        [sys.executable, "-m", "courier_process", str(file)],
        capture_output=True, text=True, timeout=SECONDS + 30, check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8", "PYTHONPATH": path},
    )  # fmt: skip


def main() -> None:
    task = json.loads(Path(sys.argv[1]).read_bytes())
    steps.arm_from(task["kill_at"] or None)
    stop = threading.Event()
    with open_courier(load(Path(task["config"]), ConnectorConfig)) as courier:
        for row in task["jobs"]:
            document = OutgoingDocument(
                number=row["number"], subject="Văn bản mẫu", to=row["to"], issued_on=date(2026, 11, 20)
            )
            courier.submit(
                Job(row["agency"], document, [Attachment("a.pdf", b"%PDF-1.7 " + row["key"].encode())], key=row["key"])
            )
        running = threading.Thread(target=courier.run, args=(stop,))
        running.start()
        until = time.monotonic() + SECONDS

        def enough() -> bool:
            types = [event.type for event in courier.events(0, 10_000)]
            return all(types.count(type_) >= count for type_, count in task["wait"].items())

        # What was told before a crash may still have to be acknowledged: the axis offers it again.
        while not (_waiting(task) == 0 and enough()) and time.monotonic() < until:
            time.sleep(0.1)
        stop.set()
        running.join()
        told = [[e.number, e.type, e.job, e.received, dict(e.data)] for e in courier.events(0, 10_000)]
        print(json.dumps({"events": told, "enough": enough()}))


def _waiting(task: dict[str, Any]) -> int:
    """How many deliveries of the task's agency the axis still counts as not handed over."""
    hurry(task["database"])
    [(count,)] = rows(task["database"], WAITING, task["agency"])
    return int(count)


if __name__ == "__main__":
    main()
