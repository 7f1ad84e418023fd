"""What every measurement shares: ceilings of the machine in the same run, CPU and memory of processes, and output.

Run by itself it prints the machine and its ceilings: ``./dev bench common``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key

RESULTS = Path(__file__).parent / "results"
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def rate(run: Callable[[], object], seconds: float) -> float:
    """Calls in a second, measured for about ``seconds``."""
    run()
    start = time.perf_counter()
    count = 0
    while (passed := time.perf_counter() - start) < seconds:
        run()
        count += 1
    return count / passed


def ceilings(directory: Path) -> dict[str, float]:
    """What this machine can do at most, right now, below ``directory``: single-threaded, in Python as the axis is."""
    block, large = os.urandom(8192), os.urandom(1 << 20)
    with tempfile.TemporaryFile(dir=directory) as file:
        handle = file.fileno()

        def sync() -> None:
            os.pwrite(handle, block, 0)
            os.fdatasync(handle)

        syncs = rate(sync, 1.0)
    key = generate_private_key(SECP256R1())
    scheme = ECDSA(hashes.SHA256())
    signature = key.sign(block, scheme)
    public = key.public_key()
    return {
        "fdatasync_8k_per_s": round(syncs),
        "sha256_mb_per_s": round(rate(lambda: hashlib.sha256(large).digest(), 0.4) * len(large) / 1e6),
        "p256_sign_per_s": round(rate(lambda: key.sign(block[:256], scheme), 0.4)),
        "p256_verify_per_s": round(rate(lambda: public.verify(signature, block, scheme), 0.4)),
    }


def machine() -> dict[str, Any]:
    """The machine, without its name."""
    cpu = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    return {
        "cpu": cpu.group(1) if cpu else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(int(memory.group(1)) / 1e6, 1) if memory else None,
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` (0–1) of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, min(len(ordered) - 1, round(share * len(ordered) + 0.5) - 1))]


def latency(values: Sequence[float]) -> dict[str, float]:
    """Median and tail of times in milliseconds."""
    names = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99, "max_ms": 1.0}
    return {name: round(percentile(values, share), 2) for name, share in names.items()}


def median(values: Sequence[float]) -> float:
    """Median with one decimal."""
    return round(statistics.median(values), 1)


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat after the command name (proc(5)): index 0 is the state."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def children(pid: int) -> list[int]:
    """Living children of a process."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if int(_stat(int(entry.name))[1]) == pid:
                    found.append(int(entry.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def cpu_ms(pid: int) -> float:
    """CPU time (user and system) that a process and its children, living or reaped, have used."""
    fields = _stat(pid)
    own = sum(map(int, fields[11:15])) * TICK_MS
    for child in children(pid):
        try:
            own += cpu_ms(child)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return own


def memory_mb(pid: int, field: str = "VmRSS") -> float:
    """Resident memory of one process now (``VmRSS``) or at most since :func:`reset_peak` (``VmHWM``), in MB (10^6)."""
    found = re.search(rf"^{field}:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return round(int(found.group(1)) * 1024 / 1e6, 1) if found else 0.0


def reset_peak(pid: int) -> None:
    """Let VmHWM start again at the present size (proc(5), clear_refs)."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


@dataclass
class Servers:
    """The processes whose cost counts. ``postgres``: the postmaster."""

    axis: int
    postgres: int
    worker: int

    def cpu(self) -> dict[str, float]:
        """CPU milliseconds so far, by part."""
        return {"axis": cpu_ms(self.axis), "postgres": cpu_ms(self.postgres), "worker": cpu_ms(self.worker)}


def cpu_per_document(before: dict[str, float], after: dict[str, float], documents: int) -> dict[str, float]:
    """Server CPU in milliseconds a document. ``total`` is axis and PostgreSQL; the worker stands beside it."""
    each = {name: round((after[name] - before[name]) / documents, 3) for name in before}
    return each | {"total": round(each.get("axis", 0) + each.get("postgres", 0), 3)}


def options(about: str | None) -> argparse.ArgumentParser:
    """A parser with what every measurement takes."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--dir", type=Path, default=None, help="where temporary data goes (its disk is measured)")
    return parser


def size(text: str) -> int:
    """Bytes written as 200k, 5m or a plain number (decimal units)."""
    factor = {"k": 10**3, "m": 10**6, "g": 10**9}.get(text[-1:].lower(), 1)
    return int(float(text[:-1] if factor > 1 else text) * factor)


def say(text: str) -> None:
    """Progress, beside the result."""
    print(text, file=sys.stderr, flush=True)


def report(name: str, figures: dict[str, Any], as_json: bool) -> None:
    """Print the figures and keep them in ``bench/results/NAME.json``."""
    whole = {"bench": name, "at": datetime.now(UTC).isoformat(timespec="seconds"), **figures}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
    if as_json:
        print(json.dumps(whole, indent=1, ensure_ascii=False))
        return
    for key, value in _flat(whole):
        print(f"{key:<44} {value}")


def _flat(value: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for key, inner in value.items():
        rows += _flat(inner, f"{prefix}{key}.") if isinstance(inner, dict) else [(prefix + key, inner)]
    return rows


def main() -> None:
    given = options(__doc__).parse_args()
    report("common", {"machine": machine(), "ceilings": ceilings(given.dir or Path(tempfile.gettempdir()))}, given.json)


if __name__ == "__main__":
    main()
