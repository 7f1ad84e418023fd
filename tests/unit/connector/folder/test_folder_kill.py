"""kill -9 at every step of the folder: nothing is lost, nothing is handed over twice, nothing is written over."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import child_process
from lienthong.connector.folder.service import Folder
from lienthong.infra.steps import arm
from unit.connector.folder.folder_desk import offline, put
from unit.connector.folder.test_folder_drops import ROW

SOURCE = Path(__file__).resolve().parents[4] / "src" / "lienthong" / "connector"
ELSEWHERE = {"folder.received_made", "folder.received_placed", "folder.told", "folder.status_handed_over"}
"""Steps that only something received or sent passes; the journeys kill them."""
STEPS = sorted(
    {
        name
        for p in (SOURCE / "folder").glob("*.py")
        for name in re.findall(r'reached\("([a-z_.]+)"\)', p.read_text("utf-8"))
    }
    - ELSEWHERE
)
TABLE = (
    "số ký hiệu;trích yếu;nơi nhận;ngày ban hành;tệp\n1/SM;V/v;H26;20/11/2026;1.pdf\n2/SM;V/v;H26;20/11/2026;2.pdf\n"
)


def fill(root: Path) -> list[bytes]:
    (root / "outbox").mkdir(parents=True)
    for name in ("1.pdf", "2.pdf", "cv.pdf", "cv.phu-luc.pdf"):
        put(root / "outbox" / name, f"nội dung {name}")
    put(root / "outbox" / "cv.toml", ROW.format(n=7))
    put(root / "outbox" / "rows.csv", TABLE)
    put(root / "outbox" / "sai.toml", "x = 1")
    return contents(root)


def contents(root: Path) -> list[bytes]:
    return sorted(
        p.read_bytes() for p in root.rglob("*")
        if p.is_file() and p.suffix in {".pdf", ".csv", ".toml"} and not p.read_bytes().startswith(b"# M")
    )  # fmt: skip


def work(base: Path, step: str | None, nth: int) -> None:
    with offline(base / "spool") as courier:
        folder = Folder(base / "trao-doi", courier, base / "spool" / "folder", settle=0)
        if step is not None:
            arm(step, nth)
        folder.step()
        assert folder.health().storage is None


@pytest.mark.parametrize("nth", [1, 2, 4])
@pytest.mark.parametrize("step", ["courier.job_made", "courier.job_stored", *STEPS])
def test_a_kill_at_a_step_loses_and_doubles_nothing(tmp_path: Path, step: str, nth: int) -> None:
    before = fill(tmp_path / "trao-doi")
    process, _ = child_process.start(lambda _: work(tmp_path, step, nth))
    process.join(60)
    reached = process.exitcode == -9
    assert reached or nth > 1, f"nobody was killed at {step}"
    work(tmp_path, None, 1)
    with offline(tmp_path / "spool") as courier:
        assert sorted(job.number for job in courier.jobs()) == ["1/SM", "2/SM", "7/SM-VP"]
    assert os.listdir(tmp_path / "trao-doi" / "outbox") == []
    assert contents(tmp_path / "trao-doi") == before
    assert not any(p.name.endswith(".da-gui.txt") for p in (tmp_path / "trao-doi" / "sent").rglob("*"))
    assert len(list((tmp_path / "trao-doi" / "refused").glob("sai*.ly-do.txt"))) == 1
