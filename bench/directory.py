"""Figures of the directory with every agency of the country in it, as JSON, on a real server over a real socket.

Import: from the operator's JSON lines to every row in the database and in memory. Times are wall-clock medians in
milliseconds unless the name says otherwise. Run: ``./dev bench directory --json``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lienthong.base.clock import SystemClock
from lienthong.directory import delta, snapshot, synthetic
from lienthong.directory.model import Agency, canonical, to_object
from lienthong.directory.state import DirectoryState
from lienthong.exchange.api.directory import ROUTES
from lienthong.exchange.service.directory import HeldDirectory, Publisher, load_state
from lienthong.exchange.service.directory_desk import DirectoryDesk
from lienthong.exchange.service.directory_refresh import KeptConnection
from lienthong.infra.database import connect
from lienthong.infra.keys import generate
from lienthong.infra.postgres import Cluster
from lienthong.roles.migrate import migrate
from lienthong.trust import content_digest, jws
from lienthong.trust.signer import MemorySigner

AXIS = "bench.example"


class AsOperator(BaseHTTPMiddleware):
    """Signatures of requests are measured elsewhere (``bench exchange``); here everybody is the operator."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        request.state.system_id = "bench"
        return await call_next(request)


@contextmanager
def serving(dsn: str) -> Iterator[tuple[str, DirectoryDesk]]:
    """The directory's endpoints on a local socket."""
    with connect(dsn, "bench") as connection:
        held = HeldDirectory(load_state(connection, AXIS))
    kept = [KeptConnection(lambda: connect(dsn, "bench", statement_seconds=120)) for _ in range(2)]
    desk = DirectoryDesk(held, Publisher(MemorySigner(generate("P-256")), SystemClock()), *kept, SystemClock())
    app = Starlette(routes=[Route(path, endpoint, methods=[method]) for method, path, endpoint, _ in ROUTES])
    app.add_middleware(AsOperator)
    app.state.directory_desk = desk
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", desk
        server.should_exit = True
        thread.join()
    desk.close()


def wall_ms(run: Callable[[int], object], times: int) -> float:
    """Median wall-clock time of one call."""
    taken = []
    for turn in range(times):
        start = time.perf_counter()
        run(turn)
        taken.append((time.perf_counter() - start) * 1000)
    return round(statistics.median(taken), 3)


def look_ups(state: DirectoryState) -> dict[str, float]:
    """Microseconds of CPU for one look-up, by kind."""
    codes = [agency.code for agency in state.agencies()][::97]
    others = [agency.code102 for agency in state.agencies() if agency.code102 is not None][::97]
    today = datetime.now(UTC).date()
    system = next(state.systems()).system_id

    def each(run: Callable[[str], object], words: list[str]) -> float:
        start = time.process_time()
        for word in words * 10:
            run(word)
        return round((time.process_time() - start) * 1e6 / (10 * len(words)), 2)

    return {
        "find_us": each(lambda code: state.find(code, today), list(codes)),
        "find_other_code_us": each(lambda code: state.find(code, today), list(others)),
        "resolve_us": each(lambda code: state.resolve(code, today), list(codes)),
        "may_act_us": each(lambda code: state.may_act(system, code), list(codes)),
    }


def post(client: httpx.Client, rows: list[Agency]) -> None:
    """Put rows and insist that they were taken."""
    body = b"".join(canonical(to_object(row)) + b"\n" for row in rows)
    answer = client.post("/v1/directory/rows", content=body, headers={"Content-Digest": content_digest.of(body)})
    answer.raise_for_status()


def measured(url: str, desk: DirectoryDesk, count: int) -> dict[str, object]:
    """All figures, in the order in which an operator would meet them."""
    rows = list(synthetic.agencies(count))
    with httpx.Client(base_url=url, timeout=120) as client:
        start = time.perf_counter()
        post(client, rows)
        figures: dict[str, object] = {"agencies": count, "import_s": round(time.perf_counter() - start, 2)}
        systems = b"".join(canonical(to_object(row)) + b"\n" for row in synthetic.systems(99))
        headers = {"Content-Digest": content_digest.of(systems)}
        client.post("/v1/directory/rows", content=systems, headers=headers).raise_for_status()
        hundred = rows[-100:]
        figures["change_100_ms"] = wall_ms(
            lambda turn: post(client, [replace(row, email=f"{turn}@mau.example") for row in hundred]), 9
        )
        version = desk.directory.state.version
        since = {"since": str(version - 1)}
        desk.publisher.forget()
        figures["delta_100_first_ms"] = wall_ms(lambda _: client.get("/v1/directory/delta", params=since), 1)
        figures["delta_100_ms"] = wall_ms(lambda _: client.get("/v1/directory/delta", params=since), 51)
        part = client.get("/v1/directory/delta", params=since).content
        figures["delta_100_bytes"] = len(part)
        old = desk.directory.state
        header, body = jws.unverified_payload(part.partition(b"\n")[0]), part.partition(b"\n")[2]
        behind = DirectoryState(AXIS, version - 1, old.rows())
        figures["delta_100_apply_ms"] = wall_ms(
            lambda _: delta.apply(behind, delta.decode_delta(header + b"\n" + body)), 11
        )
        figures["snapshot_first_s"] = round(wall_ms(lambda _: client.get("/v1/directory/snapshot"), 1) / 1000, 2)
        figures["snapshot_again_ms"] = wall_ms(lambda _: client.get("/v1/directory/snapshot"), 5)
        whole = client.get("/v1/directory/snapshot", headers={"Accept-Encoding": "identity"}).content
        figures["snapshot_bytes"] = len(whole)
        figures["snapshot_gzip_bytes"] = len(desk.snapshot(True)[1])
        head = snapshot.decode_header(jws.unverified_payload(whole.partition(b"\n")[0]))
        start = time.perf_counter()
        snapshot.decode(head, whole.partition(b"\n")[2])
        figures["snapshot_read_s"] = round(time.perf_counter() - start, 2)
        figures["search_first_ms"] = wall_ms(lambda _: client.get("/v1/directory/agencies", params={"q": "phong"}), 1)
        words = ["phong mau 003", "tinh mau", "Z07.012", "khong co"]
        figures["search_ms"] = wall_ms(
            lambda turn: client.get("/v1/directory/agencies", params={"q": words[turn % 4]}), 12
        )
    return figures | look_ups(desk.directory.state)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--agencies", type=int, default=125_000)
    options.add_argument("--json", action="store_true", help="one JSON object (the default shows the same, indented)")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="lt-bench-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        with Cluster(Path(folder)) as cluster:
            dsn = cluster.create_database("axis")
            migrate(dsn)
            with serving(dsn) as (url, desk):
                figures = measured(url, desk, given.agencies)
            with connect(dsn, "bench") as connection:
                start = time.perf_counter()
                load_state(connection, AXIS)
                figures["load_s"] = round(time.perf_counter() - start, 2)
    figures["machine"] = {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
    json.dump(figures, sys.stdout, indent=None if given.json else 1)
    print()


if __name__ == "__main__":
    main()
