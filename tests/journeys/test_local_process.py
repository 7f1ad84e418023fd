"""The connector as an operator runs it: a configuration, a token from the command line, the REST, a stop."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx

from axis_process import SOURCE, wait_for
from courier_process import write_config
from fixtures_axis import Town


def lienthong(*words: str) -> list[str]:
    return [sys.executable, "-c", "from lienthong.roles.cli import main; main()", *words]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "LIENTHONG_LANG": "vi"}
    return subprocess.run(lienthong(*words), env=environment, capture_output=True, text=True, timeout=60, check=False)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def answers(url: str) -> bool:
    try:
        return httpx.get(url + "/login").status_code == 200
    except httpx.TransportError:
        return False


def test_a_connector_serves_its_local_face_with_tokens_of_the_command_line(town: Town, tmp_path: Path) -> None:
    first, *_ = town
    port = free_port()
    config = write_config(tmp_path, first, town.axis)
    config.write_text(config.read_text("utf-8") + f'\n[local]\nlisten = "127.0.0.1:{port}"\n', "utf-8")
    url, where = f"http://127.0.0.1:{port}", ("--config", str(config))
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(lienthong("connector", "run", *where), env=environment, stdout=log, stderr=log)
    try:
        wait_for(lambda: answers(url), "the local face did not open", 60)
        made = run("connector", "token", "create", "--name", "dms", "--json", *where)
        token = json.loads(made.stdout)["token"]
        asked = {"Authorization": f"Bearer {token}"}
        assert httpx.get(url + "/v1/health", headers=asked).json()["axes"][0]["name"] == town.axis.name
        again = run("connector", "token", "create", "--name", "dms", *where)
        assert again.returncode != 0
        assert "Đã có mã truy cập" in again.stderr + again.stdout
        listed = json.loads(run("connector", "token", "list", "--json", *where).stdout)["tokens"]
        assert [(row["name"], row["write"]) for row in listed] == [("dms", False)]
        assert run("connector", "token", "revoke", "--name", "dms", *where).returncode == 0
        assert httpx.get(url + "/v1/health", headers=asked).status_code == 401
        second = run("connector", "run", *where)
        assert second.returncode != 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert token not in (tmp_path / "log").read_text("utf-8")
    finally:
        process.kill()
        process.wait(10)


def test_a_wrong_local_setting_names_its_key(town: Town, tmp_path: Path) -> None:
    first, *_ = town
    config = write_config(tmp_path, first, town.axis)
    config.write_text(config.read_text("utf-8") + '\n[local]\nlisten = "8091"\nwebhook_targets = ["x"]\n', "utf-8")
    done = run("connector", "run", "--config", str(config))
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert "listen" in said
    assert "webhook_targets" in said
