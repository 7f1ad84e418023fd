"""A real axis for tests, run as an operator runs it: ``lienthong axis`` and ``lienthong worker`` as processes of their own.

An :class:`Installation` is one data directory with its configuration file; a :class:`Party` is one agency with its
system, its key and its connector. Processes may be killed and are started again by :meth:`Installation.keep_running`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg

from fixtures_pg import make_directory
from lienthong.connector.client import Client
from lienthong.connector.compose import Attachment, OutgoingDocument
from lienthong.connector.http import AxisConnection
from lienthong.directory.state import DirectoryState
from lienthong.exchange.service.directory import change_lines
from lienthong.infra.database import connect
from lienthong.infra.node_keys import NodeKeys
from lienthong.infra.outgoing_tls import public_authorities
from lienthong.infra.postgres import Cluster
from lienthong.roles.migrate import migrate
from lienthong.trust.keys import key_id, public_pem
from lienthong.trust.signer import MemorySigner

SOURCE = Path(__file__).resolve().parent.parent / "src"
START_SECONDS = 60.0
RETRIES = (0.1, 0.2, 0.3, 0.5, *(0.5,) * 60)
"""Pauses of the parties' connectors: long enough to outlive a crash and the start after it."""

_REVOKED: dict[str, str] = {}

KEYS_SINCE = datetime.now(UTC) - timedelta(days=2)
AGENCIES = ("000.00.00.H29", "000.00.00.H15", "000.00.00.H26", "000.00.00.H41")


@dataclass
class Process:
    """One running role. ``log`` collects what it says."""

    role: str
    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def running(self) -> bool:
        return self.popen.poll() is None

    def kill(self) -> None:
        """SIGKILL, as a power cut for this process."""
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait(10)

    def stop(self, seconds: float = 30) -> None:
        """Ask it to end; one that does not is killed and reported."""
        if self.running:
            self.popen.send_signal(signal.SIGTERM)
        try:
            self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.role} did not stop:\n{self.said()}") from None

    def said(self, last: int = 4000) -> str:
        return self.log.read_text("utf-8", "replace")[-last:]

    def resident(self) -> int:
        """Bytes of memory in use now."""
        return _status(self.pid, "VmRSS")

    def peak(self) -> int:
        """Most bytes of memory ever in use."""
        return _status(self.pid, "VmHWM")


@dataclass
class Party:
    """An agency, its system and its connector."""

    system_id: str
    agency: str
    signer: MemorySigner
    client: Client
    store: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def new_signer() -> MemorySigner:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

    return MemorySigner(generate_private_key(SECP256R1()))


@dataclass
class Installation:
    """One axis: its data directory, its database, its processes.

    ``dsn``: a database that the tests made (already with its schema), or None for the embedded one in the data
    directory. ``settings`` and ``worker_settings``: further keys of the configuration. ``bootstrapped``: the parties of
    the first directory. ``held``: a test has found that the invariants hold.
    """

    root: Path
    dsn: str | None = None
    name: str = "axis.test.example"
    settings: dict[str, Any] = field(default_factory=dict)
    worker_settings: dict[str, Any] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    processes: dict[str, Process] = field(default_factory=dict)
    bootstrapped: dict[str, Party] = field(default_factory=dict)
    held: bool = False

    def __post_init__(self) -> None:
        self.data = self.root / "data"
        self.data.mkdir(mode=0o711, parents=True, exist_ok=True)
        self.keys = NodeKeys.load_or_create(self.data / "keys", self.name, datetime.now(UTC))
        self._operator = new_signer()
        self._starts = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> str:
        """DSN of the axis's database, whichever it is."""
        return self.dsn or Cluster(self.data).dsn("axis")

    @property
    def blobs(self) -> Path:
        return self.data / "blobs"

    # --- processes -----------------------------------------------------------------------------------------------

    def start(self, role: str, kill_at: str | None = None, **settings: Any) -> Process:
        """Start a role and, for the axis, wait until it answers; with ``kill_at`` it may die instead."""
        self._starts += 1
        config = self._write_config(
            kill_at if role == "axis" else None, kill_at if role == "worker" else None, settings
        )
        log = self.root / f"{role}-{self._starts}.log"
        command = [sys.executable, "-m", "lienthong.roles.cli", role, *(["run"] if role == "axis" else [])]
        with log.open("wb") as out:
            popen = subprocess.Popen(
                [*command, "--config", str(config)],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self.root,
                env={"PATH": os.environ["PATH"], "HOME": str(self.root), "LC_ALL": "C.UTF-8", "PYTHONPATH": str(SOURCE)},
            )  # fmt: skip
        process = self.processes[role] = Process(role, popen, log)
        if role == "axis":
            self.wait_healthy(process)
        return process

    def wait_healthy(self, process: Process) -> None:
        """Until the axis answers on its port, or has ended."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if not process.running:
                if process.popen.returncode == -signal.SIGKILL:
                    return
                raise AssertionError(f"the axis ended with {process.popen.returncode}:\n{process.said()}")
            try:
                httpx.get(self.url + "/health", timeout=5, trust_env=False, verify=public_authorities())
                return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(f"the axis did not start:\n{process.said()}")

    def stop(self) -> None:
        """Stop everything, the worker first."""
        for role in ("worker", "axis"):
            process = self.processes.pop(role, None)
            if process is not None:
                process.stop()

    @contextmanager
    def keep_running(self, role: str) -> Iterator[list[int]]:
        """Start a role again, without its ``kill_at``, whenever it dies by SIGKILL; yields the exit codes so far."""
        ended: list[int] = []
        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.02):
                process = self.processes.get(role)
                if process is not None and not process.running:
                    ended.append(process.popen.returncode)
                    if process.popen.returncode != -signal.SIGKILL:
                        return
                    self.start(role)

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield ended
        finally:
            done.set()
            thread.join(START_SECONDS)

    # --- directory -----------------------------------------------------------------------------------------------

    def bootstrap(self, agencies: Sequence[str] = AGENCIES) -> dict[str, Party]:
        """Write the first directory: every agency with a system of its own, and the operator; the parties by agency."""
        signers = {code: new_signer() for code in agencies}
        rows = [agency_row(code, f"Cơ quan thử nghiệm {n}") for n, code in enumerate(agencies, 1)]
        rows += [system_row(f"sys-{code}", [code], signer) for code, signer in signers.items()]
        rows.append(system_row("operator", [], self._operator, operator=True))
        with connect(self.database, "test") as connection:
            self.change_directory(rows, connection)
        self.bootstrapped = {code: self.party(code, signer) for code, signer in signers.items()}
        return self.bootstrapped

    def change_directory(self, rows: Sequence[dict[str, Any]], connection: Any = None) -> None:
        """Put rows as the operator's machine does; a running axis follows within a second or two."""
        if connection is None:
            with connect(self.database, "test") as fresh:
                return self.change_directory(rows, fresh)
        data = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
        change_lines(connection, DirectoryState(self.name, 0), data, datetime.now(UTC), "local")
        return None

    def party(self, agency: str, signer: MemorySigner, store: Path | None = None) -> Party:
        """A connector for one agency; its spool and inbox are below the installation."""
        place = store or self.root / "parties" / agency
        place.mkdir(parents=True, exist_ok=True)
        connection = AxisConnection(self.url, signer, timeout=10, pauses=RETRIES)
        return Party(
            f"sys-{agency}", agency, signer, Client(connection, agency, self.keys.receipt.public_key, place), place
        )

    @property
    def operator(self) -> AxisConnection:
        """A connection with the operator's key."""
        return AxisConnection(self.url, self._operator, timeout=30, pauses=())

    # --- inside --------------------------------------------------------------------------------------------------

    def _write_config(self, axis_kill: str | None, worker_kill: str | None, more: dict[str, Any]) -> Path:
        axis = {
            "name": self.name,
            "data_dir": str(self.data),
            "listen": f"127.0.0.1:{self.port}",
            "spare_disk": "0 B",
            **({"dsn": self.dsn} if self.dsn else {}),
            **({"kill_at": axis_kill} if axis_kill else {}),
            **self.settings,
            **more,
        }
        worker = {
            "poll": "50ms",
            "checkpoint_every": "200ms",
            "conservation_every": "1s",
            **({"kill_at": worker_kill} if worker_kill else {}),
            **self.worker_settings,
        }
        path = self.root / f"axis-{self._starts}.toml"
        path.write_text(_table("axis", axis) + _table("worker", worker), "utf-8")
        return path


def agency_row(code: str, name: str, **more: Any) -> dict[str, Any]:
    return {"type": "agency", "code": code, "name": name, "level": 1, "status": "active", **more}


def system_row(
    system_id: str,
    agencies: Sequence[str],
    *signers: MemorySigner,
    operator: bool = False,
    status: str = "active",
    revoked: Sequence[MemorySigner] = (),
) -> dict[str, Any]:
    """A system with a key of each signer, valid since two days ago; those in ``revoked`` count until now."""
    now = datetime.now(UTC)

    def key(signer: MemorySigner) -> dict[str, Any]:
        # A key stays revoked since the instant at which it was first revoked.
        since = _REVOKED.setdefault(key_id(signer.public_key), text_of(now)) if signer in revoked else None
        return {
            "purpose": "sign", "valid_from": text_of(KEYS_SINCE), "revoked_at": since,
            "key_id": key_id(signer.public_key), "public_key_pem": public_pem(signer.public_key).decode(),
        }  # fmt: skip

    return {
        "type": "system", "system_id": system_id, "name": f"Phần mềm {system_id}", "status": status, "operator": operator,
        "agencies": [{"code": code, "subtree": False} for code in agencies],
        "keys": [key(signer) for signer in (*signers, *revoked)],
    }  # fmt: skip


def text_of(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_numbers = iter(range(1, 10**9))


def document(to: Sequence[str], subject: str = "V/v kiểm thử trục liên thông", **more: Any) -> OutgoingDocument:
    """A document with a number of its own."""
    return OutgoingDocument(
        number=f"{next(_numbers)}/TN-VP", subject=subject, to=tuple(to), issued_on=date(2026, 11, 20), **more
    )


def attachment(name: str = "toàn văn.pdf", size: int = 40_000) -> Attachment:
    """A file whose bytes nobody else sends."""
    return Attachment(name, b"%PDF-1.7\n" + os.urandom(size))


def wait_for(condition: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    """The first true answer of ``condition``; fails with ``what`` after ``seconds``.

    Asking takes at most a third of the time, so that what is waited for has the processors.
    """
    until = time.monotonic() + seconds
    while True:
        asked = time.monotonic()
        found = condition()
        if found:
            return found
        now = time.monotonic()
        if now > until:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(min(max(0.05, 2 * (now - asked)), 0.5))


@contextmanager
def installation(dsn: str | None = None, **more: Any) -> Iterator[Installation]:
    """An installation in a directory of its own; everything is stopped and removed afterwards."""
    root = make_directory()
    made = Installation(root, dsn, **more)
    cluster = None
    try:
        if dsn is None:
            cluster = Cluster(made.data)
            cluster.ensure_running()
            migrate(cluster.create_database("axis"))
        yield made
    finally:
        for process in made.processes.values():
            if process.running:
                process.kill()
        if cluster is not None:
            cluster.ensure_running()
            cluster.stop()
        shutil.rmtree(root, ignore_errors=True)


def hurry(dsn: str) -> None:
    """What waits for its next attempt is offered at once: the pauses between attempts are not what a fault test is about."""
    # The database itself may be what is killed just now.
    with suppress(psycopg.OperationalError), psycopg.connect(dsn) as connection:
        connection.execute(
            "UPDATE delivery SET available_at = now() WHERE state = 'available' AND available_at > now()"
        )


def rows(dsn: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """What the database holds."""
    with psycopg.connect(dsn) as connection:
        return connection.execute(query, values).fetchall()


def _table(name: str, values: dict[str, Any]) -> str:
    return f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items()) + "\n"


def _status(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"no {name}")
