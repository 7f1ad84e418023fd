"""Documents a second through a real axis: signed accept, durable; with ``--cycle`` the whole way to the evidence.

``./dev bench exchange --docs 2000 --size 200k --concurrency 16 --json [--cycle]``

Windows on the floor and on the axis alternate, so that both see the same machine.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench import common
from bench._axis import Axis, world
from bench._bodies import Party
from bench._profiled import top
from bench._run import Failed, Load, floor
from bench.floor import make_parties, windows

from lienthong.directory.synthetic import agencies

WARM_UP = 200
SENDERS = {"gui-1": "Z01", "gui-2": "Z02", "gui-3": "Z03", "gui-4": "Z04"}
RECEIVERS = {"nhan-1": "Z05", "nhan-2": "Z06", "nhan-3": "Z07"}


class Exchange:
    """One measurement: the processes and what was found."""

    def __init__(self, load: Load, axis: Axis, receivers: list[dict[str, str]], docs: int, concurrency: int) -> None:
        self.load, self.axis, self.receivers = load, axis, receivers
        self.docs, self.concurrency = docs, concurrency
        self.windows = [(first + WARM_UP, last + WARM_UP) for first, last in windows(docs)]

    def submit(self, host: str, first: int, last: int) -> dict[str, Any]:
        return self.load("submit", host=host, first=first, last=last, concurrency=self.concurrency)

    def drain(self, expected: int) -> dict[str, Any]:
        """Everything that waits is delivered and acknowledged; each document exactly once."""
        found = self.load(
            "drain", host=self.axis.host, receivers=self.receivers, expected=expected, axis_key=str(self.axis.key_file)
        )
        _require_once(found)
        return found

    def accept(self, floors: dict[str, tuple[str, int]]) -> dict[str, Any]:
        """Windows of the floors (address and process of each) and of the axis in turn."""
        servers = self.axis.servers()
        for host in (*(host for host, _ in floors.values()), self.axis.host):
            self.submit(host, 0, WARM_UP)
        rates: dict[str, list[float]] = {name: [] for name in (*floors, "axis")}
        latencies: list[float] = []
        cpu = {"axis": 0.0, "postgres": 0.0, "worker": 0.0}
        floor_cpu = dict.fromkeys(floors, 0.0)
        for first, last in self.windows:
            for name, (host, pid) in floors.items():
                floor_cpu[name] -= common.cpu_ms(pid)
                rates[name].append((last - first) / self.submit(host, first, last)["seconds"])
                floor_cpu[name] += common.cpu_ms(pid)
            before = servers.cpu()
            answer = self.submit(self.axis.host, first, last)
            after = servers.cpu()
            cpu = {part: cpu[part] + after[part] - before[part] for part in cpu}
            rates["axis"].append((last - first) / answer["seconds"])
            latencies += answer["latencies"]
        by_floor = {name: common.median(rates[name]) for name in floors}
        fastest = max(by_floor.values(), default=None)
        here = common.median(rates["axis"])
        return {
            "accept": {
                "docs_per_s": here,
                "windows": [round(rate, 1) for rate in rates["axis"]],
                "ratio_to_floor": round(here / fastest, 3) if fastest else None,
                **{f"ratio_to_floor_{name}": round(here / found, 3) for name, found in by_floor.items()},
                **common.latency(latencies),
                "server_cpu_ms_per_document": common.cpu_per_document(dict.fromkeys(cpu, 0.0), cpu, self.docs),
                "generator_cpu_ms_per_document": answer["generator_cpu_ms_per_document"],
                "axis_rss_mb": common.memory_mb(servers.axis),
                "axis_peak_rss_mb": common.memory_mb(servers.axis, "VmHWM"),
            },
            "floor": {
                "docs_per_s": fastest,
                **by_floor,
                "cpu_ms_per_document": {name: round(spent / self.docs, 3) for name, spent in floor_cpu.items()},
            },
        }

    def cycle(self) -> dict[str, Any]:
        """The whole way, senders and recipients at once."""
        servers = self.axis.servers()
        before, rates, latencies = servers.cpu(), [], []
        common_arguments = {"host": self.axis.host, "concurrency": self.concurrency, "receivers": self.receivers}
        for first, last in self.windows:
            found = self.load("cycle", first=first, last=last, axis_key=str(self.axis.key_file), **common_arguments)
            _require_once(found)
            rates.append((last - first) / found["seconds"])
            latencies += found["latencies"]
        return {
            "cycle": {
                "docs_per_s": common.median(rates),
                "windows": [round(rate, 1) for rate in rates],
                "from_submission_to_evidence": common.latency(latencies),
                "server_cpu_ms_per_document": common.cpu_per_document(before, servers.cpu(), self.docs),
                "axis_rss_mb": common.memory_mb(servers.axis),
            }
        }

    def check(self, accepted: int, drained: int) -> dict[str, Any]:
        """Receipts, deliveries and the axis's own balance; any difference ends the measurement."""
        receipts = self.load("verify", axis_key=str(self.axis.key_file))["receipts_verified"]
        delivered = self.drain(drained) if drained else {"delivered": 0, "seconds": 0.0}
        balance = self.axis.conservation()
        wrong = not balance["holds"] or balance["accepted"] != accepted or balance["delivered"] != accepted
        if receipts != accepted or wrong:
            raise Failed(f"the books do not balance: {receipts} receipts, {accepted} accepted, {balance}")
        found: dict[str, Any] = {"receipts_verified": receipts, "delivered_once": accepted, "conservation": balance}
        if drained:
            found["drain_docs_per_s"] = round(drained / delivered["seconds"], 1)
        return found


def _require_once(found: dict[str, Any]) -> None:
    if found["missing"] or found["delivered_twice"]:
        raise Failed(f"not every document was delivered exactly once: {found['missing']} missing, "
                     f"{found['delivered_twice']} twice")  # fmt: skip


def run(given: Any, directory: Path) -> dict[str, Any]:
    """Everything that the options ask for."""
    senders, receivers = make_parties(directory, SENDERS), make_parties(directory, RECEIVERS)
    rows = world([Party.load(r) for r in receivers], [Party.load(r) for r in senders], list(agencies(8)), subtree=False)
    profile = directory / "axis.prof" if given.profile else None
    figures: dict[str, Any] = {"machine": common.machine(), "ceilings": common.ceilings(directory)}
    figures["conditions"] = {
        "docs": given.docs, "size": given.size, "concurrency": given.concurrency, "profiled": given.profile,
        "bodies": "composed and signed beforehand; requests signed just before each window; neither is timed",
    }  # fmt: skip
    with Load() as load, ExitStack() as stack:
        common.say("Starting the axis.")
        axis = stack.enter_context(Axis(directory, rows, profile))
        common.say(f"Preparing {given.docs + WARM_UP} signed documents.")
        figures["bodies"] = load(
            "prepare", senders=senders, recipients=list(RECEIVERS.values()), docs=given.docs + WARM_UP, size=given.size
        )
        exchange = Exchange(load, axis, receivers, given.docs, given.concurrency)
        if given.cycle:
            exchange.submit(axis.host, 0, WARM_UP)
            exchange.drain(WARM_UP)
            figures |= exchange.cycle()
        else:
            floors = {} if given.profile else {
                sync: stack.enter_context(floor(directory, senders, sync)) for sync in ("loop", "pool")
            }  # fmt: skip
            figures |= exchange.accept(floors)
        waiting = 0 if given.cycle else given.docs + WARM_UP
        figures["checks"] = exchange.check(given.docs + WARM_UP, waiting)
    if profile is not None:
        figures["profile"] = top(str(profile))
    return figures


def main() -> None:
    parser = common.options(__doc__)
    parser.add_argument("--docs", type=int, default=2000)
    parser.add_argument("--size", type=common.size, default=200_000)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--cycle", action="store_true", help="accept, lease, download, acknowledge, evidence")
    parser.add_argument("--profile", action="store_true", help="profile the axis; rates are then not comparable")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lienthong-bench-", dir=given.dir) as name:
        figures = run(given, Path(name))
    label = "exchange" + ("-cycle" if given.cycle else "") + ("-profile" if given.profile else "")
    common.report(label, figures, given.json)


if __name__ == "__main__":
    main()
