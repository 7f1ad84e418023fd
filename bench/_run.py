"""Child processes of a measurement: the load generator and the floor, started, spoken to and ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench._bodies import Party

from lienthong.trust.keys import public_pem

ROOT = Path(__file__).parents[1]


class Failed(SystemExit):
    """The measurement cannot go on; the text says why."""


def python_path() -> dict[str, str]:
    """The environment for children: the same modules as here."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}


def end(process: subprocess.Popen[Any], seconds: float = 30) -> None:
    """Ask a child to stop, then make it."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Load:
    """The generator's process."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench._load"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=python_path(), cwd=ROOT,
        )  # fmt: skip

    def __enter__(self) -> Load:
        return self

    def __exit__(self, *_: object) -> None:
        end(self.process, 5)

    def __call__(self, do: str, **arguments: Any) -> dict[str, Any]:
        """One command and its answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise Failed("the load generator ended; its message is above")
        answer: dict[str, Any] = json.loads(line)
        if answer.get("refused"):
            raise Failed(f"requests were refused: {json.dumps(answer['refused'], ensure_ascii=False)}")
        return answer


def wait_for(path: Path, process: subprocess.Popen[Any], seconds: float = 20) -> dict[str, Any]:
    """What a child writes when it is ready."""
    until = time.monotonic() + seconds
    while not path.exists():
        if process.poll() is not None or time.monotonic() > until:
            raise Failed(f"{process.args!r} did not become ready")
        time.sleep(0.02)
    ready: dict[str, Any] = json.loads(path.read_text())
    return ready


@contextmanager
def floor(directory: Path, senders: list[dict[str, str]], sync: str) -> Iterator[tuple[str, int]]:
    """A bare receiver below ``directory``; gives its address and process."""
    keys, ready = directory / "floor-keys.json", directory / f"floor-{sync}.json"
    signers = [Party.load(row).signer for row in senders]
    keys.write_text(json.dumps({s.key_id: public_pem(s.public_key).decode() for s in signers}))
    ready.unlink(missing_ok=True)
    into = directory / f"floor-{sync}"
    process = subprocess.Popen(
        [sys.executable, "-m", "bench._receiver", "--into", into, "--keys", keys, "--ready", ready, "--sync", sync],
        env=python_path(), cwd=ROOT,
    )  # fmt: skip
    try:
        yield str(wait_for(ready, process)["host"]), process.pid
    finally:
        end(process, 5)
