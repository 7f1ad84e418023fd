"""The world of the demonstration: one axis, one worker and three agencies' connectors, as real processes."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from lienthong.base.errors import Refused
from lienthong.infra.config import child_environment
from lienthong.infra.keys import create_key
from lienthong.infra.postgres import Cluster, reachable_home
from lienthong.roles.demo_errors import DEMO_CHILD_DIED, DEMO_FOLDER_TAKEN, DEMO_RUNNING
from lienthong.trust.keys import public_pem

AXIS_NAME = "truc.demo.example"
START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class DemoAgency:
    """An agency that takes part: its code in the directory, and a short name for folders."""

    code: str
    short: str
    name: str


VPCP = DemoAgency("G22", "vpcp", "Văn phòng Chính phủ")
HANOI = DemoAgency("H26", "hanoi", "UBND thành phố Hà Nội")
HCM = DemoAgency("H29", "tphcm", "UBND Thành phố Hồ Chí Minh")
AGENCIES = (VPCP, HANOI, HCM)


@dataclass
class World:
    """Where everything of a running demonstration is."""

    root: Path
    port: int
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def config(self) -> Path:
        return self.root / "axis.toml"

    @property
    def data(self) -> Path:
        return self.root / "axis"

    @property
    def operator(self) -> Path:
        return self.root / "operator" / "operator.toml"

    @property
    def axis_keys(self) -> Path:
        return self.data / "axis-keys.json"

    def profile(self, agency: DemoAgency) -> Path:
        """The connection profile of an agency; also what ``--profile`` takes."""
        return self.root / agency.short / "client.toml"

    def log(self, name: str) -> Path:
        return self.root / "log" / f"{name}.log"

    def start(self, name: str, *arguments: str) -> None:
        """Start a child process that logs into its own file; :meth:`stop` ends it."""
        log = self.log(name)
        log.parent.mkdir(exist_ok=True)
        with log.open("ab") as sink:
            self.children[name] = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                env=child_environment(),
                start_new_session=True,
            )

    def check(self) -> None:
        """Refuse DEMO_CHILD_DIED when a child has stopped by itself."""
        for name, child in list(self.children.items()):
            if child.poll() is not None:
                lines = self.log(name).read_text("utf-8", "replace").splitlines()[-5:]
                raise Refused(DEMO_CHILD_DIED, name=name, log=self.log(name), lines=" | ".join(lines))

    def stop(self) -> None:
        """Stop children in the order in which they need each other."""
        for name in ("office-worker", "office-run", *(a.short for a in AGENCIES), "worker", "axis"):
            child = self.children.pop(name, None)
            if child is None or child.poll() is not None:
                continue
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait(5)


@contextlib.contextmanager
def open_world(where: Path) -> Iterator[World]:
    """A fresh world in ``where``, with axis and worker running; everything is stopped at the end."""
    root = _fresh(where)
    world = World(root, free_port(8080))
    _write_config(world)
    lienthong_verb(world, "axis", "init", "--config", str(world.config), "--seed")
    try:
        world.start("axis", "lienthong.roles.cli", "axis", "run", "--config", str(world.config))
        _wait_healthy(world)
        world.start("worker", "lienthong.roles.cli", "worker", "--config", str(world.config))
        for agency in AGENCIES:
            _register(world, agency)
        yield world
    finally:
        world.stop()


def start_agency(world: World, agency: DemoAgency) -> None:
    """Bring an agency's connector on line."""
    world.start(agency.short, "lienthong.roles.demo_agency", str(world.profile(agency)))


def _fresh(where: Path) -> Path:
    """An empty folder that the database may use; what an earlier demonstration left there is removed."""
    root = reachable_home(where)
    marker = root / "demo.json"
    if root.exists() and any(root.iterdir()):
        if not marker.exists():
            raise Refused(DEMO_FOLDER_TAKEN, folder=root)
        _end_earlier(root, marker)
        shutil.rmtree(root)
    root.mkdir(parents=True, exist_ok=True, mode=0o711)
    marker.write_text(json.dumps({"pid": os.getpid()}), "utf-8")
    return root


def _end_earlier(root: Path, marker: Path) -> None:
    """Nothing may work in the folder any more: refuse a running demonstration, stop a database left over."""
    pid = json.loads(marker.read_text("utf-8")).get("pid")
    if isinstance(pid, int) and pid != os.getpid() and Path(f"/proc/{pid}").exists():
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        if b"demo" in command:
            raise Refused(DEMO_RUNNING, pid=pid, folder=root)
    for cluster in (Cluster(root / "axis"), Cluster(root / "office" / "data")):
        if cluster.server_pid() is not None:
            # A demonstration that was killed leaves its databases; whoever joins and leaves last stops them.
            with cluster:
                pass


def free_port(first: int) -> int:
    """The first port from ``first`` on that nobody listens on."""
    for port in range(first, first + 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no free port")


def _write_config(world: World) -> None:
    world.config.write_text(
        f'[axis]\nname = "{AXIS_NAME}"\ndata_dir = "axis"\nlisten = "127.0.0.1:{world.port}"\n'
        f'public_url = "{world.url}"\n\n[worker]\ncheckpoint_every = "500 ms"\nconservation_every = "2 s"\n',
        "utf-8",
    )
    world.data.mkdir(mode=0o711)


def lienthong_verb(world: World, *arguments: str) -> str:
    """One verb of the command line; refuses DEMO_CHILD_DIED with what it said when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "lienthong.roles.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env=child_environment(),
    )
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip())[-600:]
        raise Refused(DEMO_CHILD_DIED, name="lienthong " + arguments[0], log="-", lines=said)
    return done.stdout


def _wait_healthy(world: World) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        world.check()
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(world.url + "/health", trust_env=False).status_code == 200:
                return
        if time.monotonic() > until:
            raise TimeoutError("the axis does not answer")
        time.sleep(0.1)


def _register(world: World, agency: DemoAgency) -> None:
    """Keys, profile and registration of one agency's system, as its administrator and the operator would do it."""
    folder = world.root / agency.short
    folder.mkdir()
    signer = create_key(folder / "system.key.pem")
    (folder / "system.pub.pem").write_bytes(public_pem(signer.public_key))
    shutil.copy(world.data / "axis.pub.pem", folder / "axis.pub.pem")
    system = f"demo-{agency.short}"
    world.profile(agency).write_text(
        f'[connector]\naxis_url = "{world.url}"\naxis_name = "{AXIS_NAME}"\naxis_key_file = "axis.pub.pem"\n'
        f'system_id = "{system}"\nagencies = ["{agency.code}"]\nkey_file = "system.key.pem"\nspool_dir = "spool"\n',
        "utf-8",
    )
    lienthong_verb(
        world, "directory", "register", "--profile", str(world.operator), "--system", system, "--name",
        f"Phần mềm trình diễn – {agency.name}", "--agency", agency.code, "--key", str(folder / "system.pub.pem"),
    )  # fmt: skip


def remember(world: World) -> None:
    """Leave word in the folder where the demonstration is, for other commands."""
    facts = {"url": world.url, "pid": os.getpid(), "profiles": {a.code: str(world.profile(a)) for a in AGENCIES}}
    (world.root / "demo.json").write_text(json.dumps(facts, indent=1), "utf-8")
