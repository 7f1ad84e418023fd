"""An office as its operator runs it: prepared, served by two processes and a worker, stopped; on its own database."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from axis_process import SOURCE, free_port, wait_for
from fixtures_pg import make_directory
from official_document import decision

ENVIRONMENT = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PYTHONPATH": str(SOURCE)}


@dataclass
class OfficeHost:
    root: Path
    port: int

    @property
    def config(self) -> Path:
        return self.root / "office.toml"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def verb(self, *arguments: str) -> tuple[int, dict[str, object]]:
        done = subprocess.run(
            [sys.executable, "-m", "lienthong.roles.cli", "office", *arguments, "--config", str(self.config), "--json"],
            capture_output=True, text=True, check=False, env=ENVIRONMENT, cwd=self.root, timeout=120,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, json.loads(done.stdout)

    @contextmanager
    def running(self, role: str) -> Iterator[subprocess.Popen[bytes]]:
        log = (self.root / f"{role}.log").open("wb")
        command = [sys.executable, "-m", "lienthong.roles.cli", "office", role, "--config", str(self.config)]
        process = subprocess.Popen(command, stdout=log, stderr=log, env=ENVIRONMENT, cwd=self.root)
        try:
            yield process
        finally:
            # Asked to end: killed, its serving processes would go on answering at the address of the next test.
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(30)

    def said(self, role: str) -> str:
        return (self.root / f"{role}.log").read_text("utf-8", "replace")

    def answers(self) -> bool:
        try:
            return httpx.get(self.url + "/sign-in", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False


@pytest.fixture(scope="module")
def host() -> Iterator[OfficeHost]:
    root = make_directory()
    made = OfficeHost(root, free_port())
    code, told = made.verb("init")
    assert (code, told["made"]) == (0, True)
    text = made.config.read_text("utf-8")
    text = re.sub(r"# listen = .*", f'listen = "127.0.0.1:{made.port}"', text)
    made.config.write_text(re.sub(r"# scans = .*", 'scans = "scans"', text), "utf-8")
    yield made
    shutil.rmtree(root, ignore_errors=True)


def test_the_operator_founds_an_agency_and_gives_a_person_a_password_that_works_once(host: OfficeHost) -> None:
    assert host.verb("init")[1]["made"] is False
    founding = ("add-agency", "T01", "--name", "Sở Thử nghiệm", "--abbreviation", "STN", "--place", "Thử Nghiệm")
    assert host.verb(*founding)[0] == 0
    code, told = host.verb(*founding)
    assert (code, told["error"]["code"]) == (1, "AGENCY_EXISTS")  # type: ignore[index]
    person = ("add-person", "an.van.thu", "--agency", "T01", "--name", "Trần Thị Thử", "--duty", "registrar",
              "--position", "Văn thư")  # fmt: skip
    code, told = host.verb(*person)
    assert code == 0
    assert re.fullmatch(r"(\w{5}-){3}\w{5}", str(told["password"]))
    assert host.verb(*person)[1]["error"]["code"] == "PERSON_NOT_USABLE"  # type: ignore[index]
    assert host.verb(*person[:3], "T99", *person[4:])[1]["error"]["code"] == "AGENCY_UNKNOWN_HERE"  # type: ignore[index]
    assert host.verb("reset-factor", "nobody.here")[1]["error"]["code"] == "LOGIN_UNKNOWN"  # type: ignore[index]
    code, found = host.verb("audit", "verify")
    assert (code, found["intact"]) == (0, True)
    fresh = str(host.verb("reset-factor", "an.van.thu")[1]["password"])
    with host.running("run"):
        wait_for(host.answers, "the pages answer", 60)
        with httpx.Client(base_url=host.url, trust_env=False) as browser:
            assert "không đúng" in _sign_in(browser, "an.van.thu", str(told["password"])).text
            entered = _sign_in(browser, "an.van.thu", fresh)
            assert entered.status_code == 303
            assert browser.get("/").status_code == 303, "first a second factor and a password of one's own"


def _sign_in(browser: httpx.Client, login: str, password: str) -> httpx.Response:
    page = browser.get("/sign-in").text
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found is not None
    return browser.post("/sign-in", data={"csrfmiddlewaretoken": found[1], "login": login, "password": password})


def _serving(pages: int) -> list[int]:
    """The processes below this one that are no database."""
    tasks = Path(f"/proc/{pages}/task").glob("*/children")
    children = [int(pid) for each in tasks for pid in each.read_text().split()]
    return [pid for pid in children if b"postgres" not in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_a_killed_office_leaves_nothing_that_answers_at_its_address(host: OfficeHost) -> None:
    with host.running("run") as pages:
        wait_for(host.answers, "the pages answer", 60)
        assert len(_serving(pages.pid)) >= 2
        pages.kill()
        pages.wait(10)
        wait_for(lambda: not host.answers(), "its serving processes are gone", 15)


def test_two_processes_serve_and_all_end_cleanly_when_asked(host: OfficeHost) -> None:
    with host.running("run") as pages, host.running("worker") as worker:
        wait_for(host.answers, "the pages answer", 60)
        serving = _serving(pages.pid)
        assert len(serving) >= 2
        os.kill(serving[0], signal.SIGKILL)
        wait_for(host.answers, "a process that died is replaced", 20)
        wait_for(lambda: "office.worker_started" in host.said("worker"), "the worker works", 30)
        for process in (worker, pages):
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0, host.said("run") + host.said("worker")
    assert "office.stopped" in host.said("run")
    assert "office.worker_stopped" in host.said("worker")
    assert "Traceback" not in host.said("run") + host.said("worker")


def test_a_complete_scan_comes_into_the_tray_and_a_broken_one_is_set_aside_with_a_note(host: OfficeHost) -> None:
    folder = host.root / "scans" / "T01"
    folder.mkdir(parents=True)
    old = time.time() - 3600
    for name, data in (("quet 1.pdf", decision()), ("dở dang.pdf", decision()[:-600]), ("lần hai.pdf", decision())):
        (folder / name).write_bytes(data)
        os.utime(folder / name, (old, old))
    with host.running("worker") as worker:
        wait_for(lambda: not list(folder.glob("*.pdf")), "everything is taken or set aside", 60)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
    done = {path.name for path in (folder / "done").iterdir()}
    rejected = {path.name for path in (folder / "rejected").iterdir()}
    assert len(done) == 1
    assert done < {"quet 1.pdf", "lần hai.pdf"}
    (double,) = {"quet 1.pdf", "lần hai.pdf"} - done
    assert rejected == {"dở dang.pdf", "dở dang.pdf.txt", double, f"{double}.txt"}
    assert "phần cuối" in (folder / "rejected" / "dở dang.pdf.txt").read_text("utf-8")
    assert "Trùng từng byte" in (folder / "rejected" / f"{double}.txt").read_text("utf-8")
