"""A process apart: what died while nothing was to do blames no file; nothing outlives the one that began it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from axis_process import SOURCE, wait_for
from lienthong.base.errors import Refused
from lienthong.infra.apart import Apart


@pytest.fixture
def apart() -> Iterator[Apart]:
    made = Apart(30)
    yield made
    made.close()


def gone(pid: int) -> bool:
    """Ended: not there, or only its name is left until somebody asks for its end."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_process_that_died_idle_is_replaced_and_the_next_file_is_read(apart: Apart) -> None:
    first = apart.run(os.getpid)
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: gone(first), "it is dead")
    time.sleep(0.5)
    assert apart.run(os.getpid) != first


def test_a_work_that_kills_its_process_is_refused(apart: Apart) -> None:
    with pytest.raises(Refused) as caught:
        apart.run(os._exit, 3)
    assert caught.value.code.name == "FILE_NOT_DIGESTED"
    assert apart.run(abs, -4) == 4


def test_the_process_ends_when_the_one_that_began_it_is_killed() -> None:
    code = "import os,time\nfrom lienthong.infra.apart import Apart\n"
    code += "if __name__ == '__main__': print(Apart().run(os.getpid), flush=True); time.sleep(60)"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE)}
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait(10)
    wait_for(lambda: gone(child), "the child is gone", 10)
