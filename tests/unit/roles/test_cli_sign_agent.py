"""``lienthong sign-agent`` and ``lienthong signing`` as an official and an administrator run them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from signers_world import Agent, Official, People, letter, prepare

LIENTHONG = [sys.executable, "-m", "lienthong.roles.cli"]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*LIENTHONG, *arguments], check=False, capture_output=True, text=True, timeout=60, env=os.environ | environment
    )


def free_port() -> int:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People(tmp_path / "home")


def test_the_agent_runs_shows_its_code_signs_and_its_log_is_read(people: People, tmp_path: Path) -> None:
    holder = people.add("Nguyễn Văn An", "an")
    people.bundle("an", holder, b"mat-khau")
    home, port = str(people.folder), free_port()
    child = subprocess.Popen(
        [*LIENTHONG, "sign-agent", "--home", home, "--port", str(port), "--origin", "https://a.gov.vn"],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stderr is not None
    try:
        said = ""
        while "Trang được phép" not in said:
            line = child.stderr.readline()
            assert line, said
            said += line
        code = re.search(r"Mã ghép: (\w{4}-\w{4})", said)
        assert code is not None
        made = Agent(None, f"http://127.0.0.1:{port}")  # type: ignore[arg-type]  # it runs in another process
        made.token = made.ask("POST", "/v1/pair", origin=None, json={"code": code[1]}).json()["token"]
        official = Official.__new__(Official)
        official.http = httpx.Client(base_url=made.url, trust_env=False)
        assert official.http.post("/login", data={"code": code[1]}).status_code == 303
        ask = made.ask
        made.ask = lambda *a, **k: ask(*a, **({"origin": None} | k))  # type: ignore[method-assign]  # as a program
        batch = made.batch("an", [prepare(letter(tmp_path, "1/VP", "Thử"), holder.certificate)])
        official.see_all(batch, 1)
        form = {"word": official.word(), "pin": "mat-khau"}
        assert official.http.post(f"/batches/{batch}/sign", data=form).status_code == 303
        taken = run("sign-agent", "--home", home, "--port", str(port))
        assert taken.returncode == 1
        assert "AGENT_ADDRESS_TAKEN" in taken.stderr
    finally:
        child.send_signal(signal.SIGTERM)
        assert child.wait(30) == 0
        child.stderr.close()
    log = run("sign-agent", "log", "--home", home, "--json")
    assert [row["event"] for row in json.loads(log.stdout)["uses"]] == ["sign"]
    file = people.folder / "uses.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"role":"person"', b'"role":"agency"').replace(b'"seq":1', b'"seq":2'))
    broken = run("sign-agent", "log", "--home", home, LIENTHONG_LANG="en")
    assert broken.returncode == 1
    assert "USE_LOG_BROKEN" in broken.stderr


def test_the_self_test_ends_well_only_when_nothing_is_wrong(people: People) -> None:
    home = str(people.folder)
    people.pem("an", people.add("An", "an"))
    good = run("sign-agent", "check", "--home", home, "--json")
    assert good.returncode == 0, good.stdout
    assert {row["signer"] for row in json.loads(good.stdout)["checks"]} == {None, "an"}
    people.profile("sai", kind="usb", role="person", name="x")
    bad = run("sign-agent", "check", "--home", home)
    assert bad.returncode == 1
    assert "✗" in bad.stdout


@pytest.mark.parametrize("origin", ["*", "https://a.gov.vn/", "http://a.gov.vn"])
def test_an_origin_that_is_none_is_wrong_use(tmp_path: Path, origin: str) -> None:
    done = run("sign-agent", "--home", str(tmp_path), "--origin", origin)
    assert done.returncode == 2
    assert "không phải địa chỉ gốc" in done.stderr


def test_an_account_of_the_remote_service_is_made_and_the_service_answers(tmp_path: Path) -> None:
    password = tmp_path / "an.pass"
    password.write_bytes(b"mat-khau\n")
    password.chmod(0o600)
    home, port = str(tmp_path / "ky"), free_port()
    made = run("signing", "user", "an", "--home", home, "--password-file", str(password), "--otp", "--json")
    assert made.returncode == 0, made.stdout
    assert len(json.loads(made.stdout)["otp"]) == 32
    assert run("signing", "user", "An Nguyen", "--home", home, "--password-file", str(password)).returncode == 2
    child = subprocess.Popen(
        [*LIENTHONG, "signing", "serve", "--home", home, "--port", str(port)], stderr=subprocess.PIPE, text=True
    )
    assert child.stderr is not None
    try:
        assert "Dịch vụ chạy tại" in child.stderr.readline()
        url = f"http://127.0.0.1:{port}/csc/v2/auth/login"
        assert httpx.post(url, auth=("an", "mat-khau"), json={}, trust_env=False).status_code == 200
    finally:
        child.send_signal(signal.SIGTERM)
        assert child.wait(30) == 0
        child.stderr.close()
    assert json.loads(run("signing", "log", "--home", home, "--json").stdout)["count"] == 0
