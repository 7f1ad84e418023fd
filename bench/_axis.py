"""A whole axis of its own for one measurement: configuration, database, axis, worker, and a small directory."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from bench import common
from bench._bodies import Party
from bench._run import Failed, end, python_path

from lienthong.base.clock import to_text
from lienthong.base.ids import AgencyCode, SystemId
from lienthong.connector.bodies import bytes_body
from lienthong.connector.http import AxisConnection
from lienthong.directory.model import Agency, Row, Scope, System, SystemKey, canonical, to_object
from lienthong.infra.keys import FileSigner
from lienthong.trust.keys import public_pem

NAME = "truc-do.example"
COMMAND = [sys.executable, "-c", "from lienthong.roles.cli import main; main()"]
START_SECONDS = 90


class Axis:
    """A running axis below ``directory``; stopped and its database with it at the end of the block.

    ``profile``: file for a profile of the axis process, when one is wanted.
    """

    def __init__(self, directory: Path, rows: Sequence[Row], profile: Path | None = None) -> None:
        directory.chmod(0o755)  # the database's own account passes through it
        self.data = directory / "axis"
        self.config = directory / "axis.toml"
        self.host = f"127.0.0.1:{_free_port()}"
        self.key_file = self.data / "axis.pub.pem"
        self._directory, self._rows, self._profile = directory, rows, profile
        self._processes: list[subprocess.Popen[bytes]] = []
        self._logs = {name: directory / f"{name}.log" for name in ("axis", "worker")}

    def __enter__(self) -> Axis:
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def operator(self) -> AxisConnection:
        """A connection of the operator's system."""
        return AxisConnection(f"http://{self.host}", FileSigner(self._directory / "operator" / "operator.key.pem"))

    def servers(self) -> common.Servers:
        """The processes to measure."""
        axis, worker = self._processes
        if worker.poll() is not None:
            raise Failed(f"the worker ended: {self.log('worker')}")
        return common.Servers(axis.pid, self._postmaster(), worker.pid)

    def conservation(self) -> dict[str, Any]:
        """The axis's own count, made after now, of what it accepted and what became of it."""
        asked = to_text(datetime.now(UTC))
        until = time.monotonic() + START_SECONDS
        with self.operator() as operator:
            while True:
                found = operator.get_json("/v1/operator/conservation")
                if str(found["checked_at"]) > asked or time.monotonic() > until:
                    return found
                time.sleep(0.2)

    def blob_bytes(self) -> int:
        """Bytes that the blobs really take on disk."""
        files = [path for path in (self.data / "blobs").rglob("*") if path.is_file()]
        return sum(path.stat().st_blocks * 512 for path in files)

    def _start(self) -> None:
        self.config.write_text(
            f'[axis]\nname = "{NAME}"\ndata_dir = "{self.data}"\nlisten = "{self.host}"\n'
            'quota_per_second = 1000000.0\nquota_burst = 1000000\n\n[worker]\nconservation_every = "5 s"\n'
        )
        made = subprocess.run(
            [*COMMAND, "axis", "init", "--config", self.config, "--json"],
            env=python_path(), capture_output=True, timeout=START_SECONDS, check=False,
        )  # fmt: skip
        if made.returncode != 0:
            raise Failed(f"axis init failed: {made.stderr.decode()[-2000:]} {made.stdout.decode()[-2000:]}")
        self._spawn("axis", self._axis_command())
        self._wait_healthy()
        self._spawn("worker", [*COMMAND, "worker", "--config", str(self.config)])
        data = b"\n".join(canonical(to_object(row)) for row in self._rows) + b"\n"
        with self.operator() as operator:
            operator.request("POST", "/v1/directory/rows", body=bytes_body(data, "application/x-ndjson"))

    def _axis_command(self) -> list[str]:
        arguments = ["axis", "run", "--config", str(self.config)]
        if self._profile is None:
            return [*COMMAND, *arguments]
        return [sys.executable, "-m", "bench._profiled", str(self._profile), *arguments]

    def _spawn(self, name: str, command: list[str]) -> None:
        with self._logs[name].open("wb") as log:
            process = subprocess.Popen(
                command, env=python_path(), cwd=Path(__file__).parents[1], stdout=log, stderr=log
            )
        self._processes.append(process)

    def _wait_healthy(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self._processes[0].poll() is None:
            with suppress(httpx.HTTPError):
                if httpx.get(f"http://{self.host}/health", timeout=2, trust_env=False).status_code == 200:
                    return
            time.sleep(0.1)
        raise Failed(f"the axis did not start: {self.log('axis')}")

    def log(self, name: str) -> str:
        """The end of a process's log."""
        return self._logs[name].read_text(errors="replace")[-3000:] if self._logs[name].exists() else ""

    def _postmaster(self) -> int:
        return int((self.data / "pg" / "data" / "postmaster.pid").read_text().split("\n")[0])

    def _stop(self) -> None:
        for process in reversed(self._processes):
            end(process)
        # Whoever uses the cluster last stops it; after a failed start nobody may have.
        with suppress(FileNotFoundError, ValueError, ProcessLookupError):
            os.kill(self._postmaster(), signal.SIGINT)


def world(receivers: Sequence[Party], senders: Sequence[Party], agencies: Sequence[Agency], subtree: bool) -> list[Row]:
    """Directory rows: the agencies, and each party's system for its agency (``subtree``: and all below the first)."""
    since = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    rows: list[Row] = list(agencies)
    for party in (*senders, *receivers):
        key = SystemKey(party.signer.key_id, public_pem(party.signer.public_key).decode(), since)
        scopes: tuple[Scope, ...] = (Scope(AgencyCode(party.agency)),)
        if subtree and party in receivers:
            scopes = tuple(
                Scope(a.code, subtree=True) for a in agencies if a.level == 1 and a.code != senders[0].agency
            )
        rows.append(System(SystemId(party.system), f"Phần mềm mẫu {party.system}", scopes, keys=(key,)))
    return rows


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
