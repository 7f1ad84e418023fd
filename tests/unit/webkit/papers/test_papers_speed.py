"""A year of a large agency's register is printed in seconds and in little memory. In processes of their own: memory is theirs."""

from __future__ import annotations

import subprocess
import sys

import pytest

ROWS = 20_000
SCRIPT = """
import resource, sys, time
from lienthong.webkit.papers.pdf import write_pdf
from lienthong.webkit.papers.xlsx import write_xlsx
from papers_samples import outgoing
write, rows, path = {"pdf": write_pdf, "xlsx": write_xlsx}[sys.argv[1]], int(sys.argv[2]), sys.argv[3]
with open(path, "wb") as out:
    begun = time.process_time()
    write(outgoing(rows), out)
print(time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def measured(kind: str, rows: int, path) -> tuple[float, float]:
    """Seconds of the processor, which other work on the machine does not lengthen, and the most memory in MB."""
    run = [sys.executable, "-c", SCRIPT, kind, str(rows), str(path)]
    done = subprocess.run(run, env={"PYTHONPATH": ":".join(sys.path)}, capture_output=True, text=True, check=True)
    seconds, memory = map(float, done.stdout.split())
    return seconds, memory


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "most_seconds"), [("pdf", 20), ("xlsx", 10)])
def test_twenty_thousand_rows_take_seconds_and_little_more_memory_than_few(tmp_path, kind, most_seconds):
    _, few = measured(kind, 200, tmp_path / "few")
    seconds, many = measured(kind, ROWS, tmp_path / "many")
    assert seconds <= most_seconds
    assert many - few < 60
