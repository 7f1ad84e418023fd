"""Other systems' doors: the VXP face under load, a country's directory over it, and a connector with its hands full.

``./dev bench connect --json [--docs 600] [--size 200k] [--agencies 125000] [--jobs 10000] [--only vxp,lists,courier]``
"""

from __future__ import annotations

import asyncio
import base64
import os
import statistics
import tempfile
import time
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from bench import _courier, _folder, _vxp, common
from bench._axis import Axis, world
from bench._run import Failed

from lienthong.connector.bodies import bytes_body
from lienthong.directory.model import canonical, to_object
from lienthong.directory.synthetic import agencies

WARM_UP = 50
PARTS = ("vxp", "lists", "courier", "folder")
SEND_PER_S, GET_PER_S, LIST_S, DELTA_MS, GROWTH_MB = 150, 200, 2.0, 100, 64
"""The limits; memory is flat when a list of a whole country costs no more than one request may."""


def vxp(directory: Path, docs: int, size: int, concurrency: int) -> dict[str, Any]:
    """``sendEdoc`` and ``getEdoc`` of whole packets with a file inside as base64."""
    known = list(agencies(8))
    with Axis(directory, world([], [], known, subtree=False)) as axis:
        sender, reader = _vxp.connect(axis, "vxp.mau.01", "Z01"), _vxp.connect(axis, "vxp.mau.02", "Z02")
        common.say(f"Preparing {docs + WARM_UP} packets.")
        requests = _vxp.sends(sender, "Z01", "Z02", 1, docs + WARM_UP, size)
        servers = axis.servers()
        asyncio.run(_vxp.run(axis.host, requests[:WARM_UP], concurrency))
        before = servers.cpu()
        seconds, times, answers = asyncio.run(_vxp.run(axis.host, requests[WARM_UP:], concurrency))
        sent_cpu = common.cpu_per_document(before, servers.cpu(), docs)
        names = {_vxp.members(answer)["DocId"] for answer in answers}
        if len(names) != docs:
            raise Failed(f"{docs} packets were sent, {len(names)} names came back")
        listed = _listed(axis, reader, docs + WARM_UP, concurrency)
        fetches = [_vxp.fresh(reader).get(name) for name in listed]
        asyncio.run(_vxp.run(axis.host, fetches[:WARM_UP], concurrency))
        before = servers.cpu()
        got_seconds, got_times, got = asyncio.run(_vxp.run(axis.host, fetches[WARM_UP:], concurrency))
        got_cpu = common.cpu_per_document(before, servers.cpu(), docs)
        _require_same(requests, got)
        done = [_vxp.fresh(reader).update(name, "done") for name in listed]
        asyncio.run(_vxp.run(axis.host, done, concurrency))
        balance = axis.conservation()
        if not balance["holds"] or balance["delivered"] != docs + WARM_UP:
            raise Failed(f"the books do not balance: {balance}")
        return {
            "limits_kept": docs / seconds >= SEND_PER_S and docs / got_seconds >= GET_PER_S,
            "packet_bytes": len(requests[0].body),
            "send_edoc": {"per_s": round(docs / seconds, 1), **common.latency(times), "server_cpu_ms": sent_cpu},
            "get_edoc": {"per_s": round(docs / got_seconds, 1), **common.latency(got_times), "server_cpu_ms": got_cpu},
            "axis_rss_mb": common.memory_mb(servers.axis),
            "conservation": {name: balance[name] for name in ("holds", "accepted", "delivered", "pending")},
        }


def _listed(axis: Axis, reader: Any, expected: int, concurrency: int) -> list[str]:
    """Everything on the reader's list, oldest first."""
    _, _, [answer] = asyncio.run(_vxp.run(axis.host, [_vxp.fresh(reader).received("edoc")], 1))
    names = [row["docId"] for row in _vxp.members(answer)["data"]]
    if len(names) != expected:
        raise Failed(f"{expected} packets wait, {len(names)} are listed")
    return names


def _require_same(requests: list[Any], got: list[bytes]) -> None:
    """Every file that comes out is one that went in, byte for byte."""
    put = {sha256(request.body[:-2]).digest() for request in requests}
    if not all(sha256(base64.b64decode(_vxp.members(answer)["data"])).digest() in put for answer in got):
        raise Failed("a packet came out with other bytes")


def lists(directory: Path, count: int) -> dict[str, Any]:
    """The whole directory of a country, and what changed of it, as the SDK asks for them."""
    rows = list(agencies(count))
    with Axis(directory, world([], [], rows, subtree=False)) as axis:
        reader = _vxp.connect(axis, "vxp.mau.01", "Z01")
        servers = axis.servers()
        before = common.memory_mb(servers.axis)
        common.reset_peak(servers.axis)
        everybody = count + 1  # with the operator's own agency
        whole, size = _timed(axis, reader, "getAgenciesList", 5, everybody)
        first, _ = _timed(axis, reader, "getSynchronizeUnit", 1, everybody)
        _timed(axis, reader, "getSynchronizeUnit", 1, everybody)
        _timed(axis, reader, "getSynchronizeUnit", 1, 0)
        deltas = []
        for turn in range(7):
            changed = [replace(row, email=f"{turn}@mau.example") for row in rows[-100:]]
            body = b"".join(canonical(to_object(row)) + b"\n" for row in changed)
            with axis.operator() as operator:
                operator.request("POST", "/v1/directory/rows", body=bytes_body(body, "application/x-ndjson"))
            deltas.append(_timed(axis, reader, "getSynchronizeUnit", 1, 100)[0])
            _timed(axis, reader, "getSynchronizeUnit", 1, 100)
            _timed(axis, reader, "getSynchronizeUnit", 1, 0)
        delta, growth = statistics.median(deltas) * 1000, common.memory_mb(servers.axis, "VmHWM") - before
        return {
            "limits_kept": whole <= LIST_S and delta <= DELTA_MS and growth <= GROWTH_MB,
            "agencies": count,
            "get_agencies_list_s": round(whole, 3),
            "get_agencies_list_bytes": size,
            "get_synchronize_unit_first_s": round(first, 3),
            "get_synchronize_unit_delta_100_ms": round(delta, 1),
            "axis_growth_mb": round(growth, 1),
        }


def _timed(axis: Axis, reader: Any, operation: str, turns: int, expected: int) -> tuple[float, int]:
    """Median seconds of a list call, and the bytes of its answer; it must have so many rows."""
    found, size = [], 0
    for _ in range(turns):
        seconds, _, [answer] = asyncio.run(_vxp.run(axis.host, [_vxp.fresh(reader).agencies(operation)], 1))
        rows = len(_vxp.members(answer)["data"])
        if rows != expected:
            raise Failed(f"{operation} has {rows} rows instead of {expected}")
        found.append(seconds)
        size = len(answer)
    return statistics.median(found), size


def base64_ceilings() -> dict[str, float]:
    """What base64 alone costs on this machine."""
    data = os.urandom(1 << 20)
    text = base64.b64encode(data)
    return {
        "base64_encode_mb_per_s": round(common.rate(lambda: base64.b64encode(data), 0.3) * len(data) / 1e6),
        "base64_decode_mb_per_s": round(common.rate(lambda: base64.b64decode(text), 0.3) * len(data) / 1e6),
    }


def main() -> None:
    parser = common.options(__doc__)
    parser.add_argument("--docs", type=int, default=600, help="packets through the VXP face (at most 900)")
    parser.add_argument("--size", type=common.size, default=200_000)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--agencies", type=int, default=125_000)
    parser.add_argument("--jobs", type=int, default=10_000, help="documents given to the connector at once")
    parser.add_argument("--only", default=",".join(PARTS), help="parts to measure: " + ",".join(PARTS))
    given = parser.parse_args()
    wanted = [part for part in given.only.split(",") if part in PARTS]
    figures: dict[str, Any] = {"machine": common.machine()}
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="lienthong-bench-", dir=given.dir) as name:
        root = Path(name)
        root.chmod(0o755)  # the database's own account passes through it
        figures["ceilings"] = common.ceilings(root) | base64_ceilings()
        for part in wanted:
            place = root / part
            place.mkdir(mode=0o755)
            common.say(f"Measuring: {part}.")
            if part == "vxp":
                figures[part] = vxp(place, given.docs, given.size, given.concurrency)
            elif part == "lists":
                figures[part] = lists(place, given.agencies)
            elif part == "courier":
                figures[part] = _courier.measure(place, given.jobs, 200, 2_000)
            else:
                figures[part] = _folder.measure(place, given.jobs, 200, 2_000)
    figures["seconds"] = round(time.perf_counter() - began, 1)
    common.report("connect", figures, given.json)
    if not all(figures[part]["limits_kept"] for part in wanted):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
