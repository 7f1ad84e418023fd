"""The demonstration of the README: the whole main job with real processes, and nothing left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "lienthong.roles.cli", "demo"]


def commands_naming(folder: Path) -> list[str]:
    """Command lines of running processes that work in a folder."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = each.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if str(folder) in line:
            found.append(line)
    return found


def wait_for(condition, seconds, what):
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, f"not within {seconds} s: {what}"
        time.sleep(0.2)
    return found


def whole(path: Path):
    """The JSON in a file, once it is complete."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None


@pytest.mark.slow
def test_the_demonstration_proves_its_documents_stays_up_and_leaves_nothing_when_it_is_ended(tmp_path):
    data, result = tmp_path / "demo", tmp_path / "result.json"
    log = (tmp_path / "demo.log").open("wb")
    demo = subprocess.Popen([*COMMAND, "--data", str(data), "--json", str(result)], stdout=log, stderr=log)
    try:
        told = wait_for(lambda: demo.poll() is not None or whole(result), 240, "the result")
        assert isinstance(told, dict), (tmp_path / "demo.log").read_text("utf-8")[-2000:]
        assert (told["verify"], told["tampered_verify"]) == ("PASSED", "FAILED")
        assert told["conservation"]["holds"] and told["conservation"]["pending"] == 0
        figures = {
            name: told["conservation"][name] for name in ("delivered", "pending", "refused", "expired", "recalled")
        }
        assert told["conservation"]["accepted"] == sum(figures.values())
        assert Path(told["proof_file"]).is_file()
        statuses = {(each["agency"], each["code"]) for each in told["documents"][0]["statuses"]}
        assert {("H26", code) for code in ("01", "03", "04", "05", "06")} <= statuses
        assert demo.poll() is None, "it stays up"
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(60) == 128 + signal.SIGTERM
        wait_for(lambda: not commands_naming(data), 20, "no process of the demonstration is left")
    finally:
        if demo.poll() is None:
            demo.kill()
        log.close()


def test_a_result_that_cannot_be_written_is_told_before_anything_starts(tmp_path):
    nowhere = tmp_path / "none" / "result.json"
    environment = os.environ | {"LIENTHONG_LANG": "en"}
    done = subprocess.run(
        [*COMMAND, "--once", "--data", str(tmp_path / "demo"), "--json", str(nowhere)],
        check=False, capture_output=True, text=True, timeout=60, env=environment,
    )  # fmt: skip
    assert done.returncode == 1
    assert str(nowhere) in done.stderr
    assert not (tmp_path / "demo").exists()
