"""An office as its operator runs it, on the database and the files of this process: what it did is seen here at once."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from axis_process import SOURCE, free_port, wait_for
from fixtures_office import FOLDER, OfficeInstallation
from lienthong.webkit.door.entering import COOKIE
from lienthong.webkit.site.duties import Duty
from office_world import OfficeAgency


@dataclass
class Host:
    """A running office. ``url``: where it answers; ``start``: runs it once more."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    start: Callable[[], subprocess.Popen[bytes]]

    def serving(self) -> list[int]:
        """The processes that serve pages."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(pid) for each in tasks for pid in each.read_text().split()]

    def memory(self) -> int:
        """Bytes that the serving processes hold, together."""
        found = 0
        for pid in self.serving():
            said = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
            found += int(said[1]) * 1000 if said else 0
        return found

    def kill(self) -> None:
        """Everything at once, as when the power goes."""
        pids = [self.process.pid, *self.serving()]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        self.process.wait(10)

    def answers(self) -> bool:
        try:
            return httpx.get(self.url + "/health", trust_env=False, timeout=60).status_code == 200
        except httpx.TransportError:
            return False

    def serves_again(self) -> bool:
        """Whether it answers. A server whose processes die twice within seconds ends itself, and is started anew as by
        ``Restart=always`` of its unit."""
        if self.process.poll() is not None:
            self.process = self.start()
        return self.answers()

    def browser(self, made: OfficeAgency, duty: Duty) -> Browser:
        """A signed-in browser of the person with a duty."""
        return Browser(self.url, made.client(duty).cookies[COOKIE].value)


class Browser:
    """Sends forms over the wire as a page does; goes on at another office on the same database with ``at``."""

    def __init__(self, url: str, session: str) -> None:
        self.session = session
        self.web = httpx.Client(base_url=url, trust_env=False, timeout=120, cookies={COOKIE: session})

    def at(self, host: Host) -> Browser:
        other = Browser(host.url, self.session)
        other.web.cookies.update(self.web.cookies)
        return other

    def word(self, page: str) -> str:
        """The token of the forms of a page."""
        shown = self.web.get(page)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', shown.text)
        assert found is not None, (shown.status_code, shown.text[-2000:])
        return found[1]

    def send(self, where: str, page: str, files: object = None, **values: str) -> httpx.Response:
        """One form of ``page``."""
        data = {"csrfmiddlewaretoken": self.word(page), **values}
        return self.web.post(where, data=data, files=files)  # type: ignore[arg-type]

    def send_and_lose(self, dying: Host, where: str, page: str, **values: str) -> None:
        """Send a form to an office that dies over it; no answer comes."""
        data = {"csrfmiddlewaretoken": self.word(page), **values}
        there = self.at(dying)
        for _ in range(3):
            try:
                answer = there.web.post(where, data=data)
            except httpx.ConnectError:
                wait_for(dying.serves_again, "the office serves again", 60)
            except httpx.TransportError:
                wait_for(dying.serves_again, "the office serves again", 60)
                return
            else:
                raise AssertionError(f"it lived: {answer.status_code} {answer.text[-1500:]}")
        raise AssertionError("it could not be reached")


@contextmanager
def running(installation: OfficeInstallation, folder: Path, **settings: object) -> Iterator[Host]:
    """Serve with these settings until the end of the block. ``kill_at`` and others as in office.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    values: dict[str, object] = {
        "dsn": installation.owner_dsn, "data_dir": str(FOLDER), "signers": str(FOLDER / "signers"), "workers": 1,
        "threads": 4, "listen": f"127.0.0.1:{port}", **settings,
    }  # fmt: skip
    config = folder / "office.toml"
    config.write_text("[office]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()))
    (FOLDER / "secret").write_bytes(b"t" * 32)
    (FOLDER / "secret").chmod(0o600)
    said = folder / "office.log"

    def start() -> subprocess.Popen[bytes]:
        with said.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "lienthong.roles.cli", "office", "run", "--config", str(config)], stdout=log,
                stderr=log, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PYTHONPATH": str(SOURCE)},
            )  # fmt: skip

    host = Host(f"http://127.0.0.1:{port}", start(), said, start)
    try:
        wait_for(lambda: host.process.poll() is not None or host.answers(), "the pages answer", 240)
        assert host.process.poll() is None, said.read_text("utf-8", "replace")[-3000:]
        yield host
    finally:
        if host.process.poll() is None:
            host.process.send_signal(signal.SIGTERM)
            try:
                host.process.wait(30)
            except subprocess.TimeoutExpired:
                host.kill()
